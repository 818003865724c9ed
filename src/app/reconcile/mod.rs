//! Reconcile: compares our view with MixPay's and with the wallet's, on a timer and when woken,
//! with no input. After a crash this same path finds what was missed.

pub mod checkouts;
pub mod choice;
pub mod lists;
mod pages;
pub mod snapshots;
mod strangers;
pub mod sweep;
