//! The simulated world: stands in for Mixin and MixPay, for the demo and for tests.
