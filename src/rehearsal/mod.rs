//! Rehearsal: the bot in virtual time and without sockets, while everything fails, held to what
//! was promised.
//!
//! [`machine`] is the bot on a machine whose power can fail at any commit and any outside call.

pub mod machine;
