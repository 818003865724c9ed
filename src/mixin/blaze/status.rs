//! Status: whether Blaze is connected, and what it has counted, for whoever wants to know.

use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::watch;

/// Whether Blaze is connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Link {
    /// It is not: nothing comes in.
    #[default]
    Down,
    /// It is, and pending messages were asked for.
    Up,
}

/// What Blaze has counted since the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BlazeCounts {
    /// Connections that came about.
    pub connections: u64,
    /// Frames that came in, text frames aside.
    pub frames: u64,
    /// Frames that could not be read.
    pub refused_frames: u64,
    /// Messages of a category that this program does not know.
    pub unknown_categories: u64,
}

/// How Blaze is doing.
#[derive(Debug, Default)]
pub struct BlazeStatus {
    link: watch::Sender<Link>,
    connections: AtomicU64,
    frames: AtomicU64,
    refused_frames: AtomicU64,
    unknown_categories: AtomicU64,
}

impl BlazeStatus {
    /// Whether it is connected now.
    pub fn link(&self) -> Link {
        *self.link.borrow()
    }

    /// Follows whether it is connected.
    pub fn watch(&self) -> watch::Receiver<Link> {
        self.link.subscribe()
    }

    /// What it has counted.
    pub fn counts(&self) -> BlazeCounts {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        BlazeCounts {
            connections: read(&self.connections),
            frames: read(&self.frames),
            refused_frames: read(&self.refused_frames),
            unknown_categories: read(&self.unknown_categories),
        }
    }

    pub(crate) fn connected(&self) {
        self.connections.fetch_add(1, Ordering::Relaxed);
        self.link.send_replace(Link::Up);
    }

    pub(crate) fn disconnected(&self) {
        self.link.send_replace(Link::Down);
    }

    pub(crate) fn frame(&self) {
        self.frames.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn refused_frame(&self) {
        self.refused_frames.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn unknown_category(&self) {
        self.unknown_categories.fetch_add(1, Ordering::Relaxed);
    }
}
