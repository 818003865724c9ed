//! Adapter: MixPay (mixpay.md).
