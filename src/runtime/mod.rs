//! Small machinery that every layer above the domain may use.

pub mod backoff;
pub mod base64;
pub mod client;
pub mod clock;
pub mod ids;
pub mod metrics;
pub mod pace;
pub mod readiness;
pub mod stop;
pub mod supervisor;
pub mod telemetry;
pub mod wake;
