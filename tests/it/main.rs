//! The one integration binary: a module for each part of the product.
#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod check;
mod cli;
mod export;
mod money;
mod readme;
mod store;
mod tidy;
mod wire_mixin;
mod wire_mixpay;
