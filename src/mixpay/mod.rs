//! Adapter: MixPay (mixpay.md). [`MixPay`] makes payments and asks about them.

mod answers;
mod client;
mod error;
mod report;
mod requests;
pub mod told;
mod wire;

pub use client::{ANSWER_BYTES_MAX, DEADLINE, Endpoints, MixPay};
