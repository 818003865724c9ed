//! Adapter: persistence.
