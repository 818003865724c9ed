//! The one integration binary: a module for each part of the product.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail by panicking")]

mod chat;
mod check;
mod cli;
mod clocks;
mod corpus;
mod crashes;
mod credentials;
mod everybody;
mod export;
mod harness;
mod money;
mod readme;
mod simulate;
mod states;
mod store;
mod tidy;
mod two_processes;
mod wire_mixin;
mod wire_mixpay;
