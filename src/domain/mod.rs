//! The domain: what an invoice is and how its state follows from facts. Pure: no async, no clock,
//! no randomness, no I/O, no wire formats.
#![warn(clippy::arithmetic_side_effects)]

pub mod amount;
pub mod asset;
pub mod catalogue;
pub mod cause;
pub mod code;
pub mod derive;
pub mod ids;
pub mod invoice;
pub mod link;
pub mod locale;
pub mod memo;
pub mod mixpay_code;
pub mod pay_link;
pub mod reported;
pub mod settings;
pub mod shares;
