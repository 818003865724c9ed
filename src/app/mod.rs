//! The use cases: dispatch what comes in, reconcile with MixPay and Mixin, perform what goes out.
//!
//! All three end in one transaction of the store, and everything learned about an invoice goes
//! through [`learn`].

pub mod acknowledge;
pub mod commands;
pub mod deps;
pub mod dispatch;
pub mod estimates;
pub mod export_rows;
pub mod gate;
pub mod hints;
pub mod learn;
pub mod lease;
pub mod outbox;
pub mod quarantine;
pub mod reconcile;
pub mod reply;
pub mod sampler;
pub mod timekeeper;
