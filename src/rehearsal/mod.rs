//! Rehearsal: the bot in virtual time and without sockets, while everything fails, held to what
//! was promised.
//!
//! [`machine`] is the bot on a machine whose power can fail at any commit and any outside call;
//! [`history`] is what people and the world do to it, chosen by a seed ([`dice`]), alone or as a [`crowd`],
//! and what goes wrong meanwhile ([`troubles`]); [`oracle`] says what must be true in the end, and
//! [`seeds`] plays a million of them.

pub mod crowd;
pub mod dice;
pub mod history;
pub mod machine;
pub mod oracle;
pub mod seeds;
pub mod troubles;
