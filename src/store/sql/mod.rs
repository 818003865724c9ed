//! The statements, each beside the function that uses it. Parameters stand in the order of their
//! first use (SQLite numbers `$n` that way).

pub(super) mod budget;
pub(super) mod effects;
pub(super) mod inbox;
pub(super) mod invoices;
pub(super) mod people;
pub(super) mod retention;
pub(super) mod transfers;
pub(super) mod unreadable;
