//! Adapter: the HTTP server for callbacks, health and metrics.
