//! Commits: who is told of each commit. Rehearsals of crashes stop the process at one of them.

use async_trait::async_trait;
use std::fmt;

/// Is told of each commit of the store. A future that never ends is a process that died there.
#[async_trait]
pub trait Commits: Send + Sync + fmt::Debug {
    /// A unit of work is about to be made durable.
    async fn before(&self);

    /// It is durable, and nobody knows yet.
    async fn after(&self);
}
