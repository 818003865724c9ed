//! The use cases: dispatch what comes in, reconcile with MixPay and Mixin, perform what goes out.

pub mod commands;
