//! mixpay-bot: a cashier that lives in Mixin Messenger.
//!
//! The modules in reading order; `ARCHITECTURE.md` tells how they work together.

pub mod domain;
pub mod ports;

pub mod app;
pub mod speech;

pub mod http;
pub mod keystore;
pub mod mixin;
pub mod mixpay;
pub mod store;

pub mod runtime;
pub mod sim;

pub mod check;
pub mod demo;
pub mod export;
pub mod inspect;
pub mod quarantine;
pub mod rehearsal;
pub mod run;
pub mod simulate;

pub mod cli;
pub mod config;
