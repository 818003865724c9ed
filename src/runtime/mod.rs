//! Small machinery that every layer above the domain may use.

pub mod clock;
pub mod ids;
