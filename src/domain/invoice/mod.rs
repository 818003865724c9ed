//! An invoice: its terms, the facts known about it, and the state that follows from them.

pub mod report;
