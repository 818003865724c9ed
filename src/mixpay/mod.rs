//! Adapter: MixPay (mixpay.md). [`MixPay`] makes payments and asks about them; [`callback`] reads what MixPay sends.

mod answers;
pub mod callback;
mod client;
mod error;
mod report;
mod requests;
mod wire;

pub use client::{ANSWER_BYTES_MAX, DEADLINE, Endpoints, MixPay};
