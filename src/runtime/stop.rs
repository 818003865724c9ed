//! Stop: two tokens, *intake* and *work*, and the signals that pull them.

use std::{convert::Infallible, io};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// How the program is told to stop. Clones are the same.
#[derive(Debug, Clone, Default)]
pub struct Stop {
    /// Nothing new is taken in: sockets stop reading, the server stops accepting, timers stop.
    pub intake: CancellationToken,
    /// What is under way is dropped too. Safe at any point, because every step is a commit.
    pub work: CancellationToken,
}

impl Stop {
    /// Asks to stop; asked again, hurries.
    pub fn ask(&self) {
        if self.intake.is_cancelled() {
            self.work.cancel();
        }
        self.intake.cancel();
    }

    /// The same for a part of the program: asked to stop whenever this is, and not the other way
    /// round. A part that has ended drops nothing of the others.
    #[must_use]
    pub fn child(&self) -> Self {
        Self { intake: self.intake.child_token(), work: self.work.child_token() }
    }

    /// Does `work` to its end, and meanwhile takes SIGTERM and SIGINT as [`Stop::ask`].
    pub async fn on_signals<T>(&self, work: impl Future<Output = T>) -> io::Result<T> {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let signals = async {
            loop {
                let name = tokio::select! {
                    _ = terminate.recv() => "SIGTERM",
                    _ = interrupt.recv() => "SIGINT",
                };
                tracing::info!(signal = name, "{name}: stopping");
                self.ask();
            }
        };
        let never: Infallible = tokio::select! {
            done = work => return Ok(done),
            never = signals => never,
        };
        match never {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_request_stops_the_intake_and_the_second_the_work() {
        let stop = Stop::default();
        stop.ask();
        assert!(stop.intake.is_cancelled() && !stop.work.is_cancelled());
        stop.ask();
        assert!(stop.work.is_cancelled());
    }

    #[test]
    fn a_part_is_stopped_with_the_whole_and_does_not_stop_it() {
        let stop = Stop::default();
        let (part, other) = (stop.child(), stop.child());
        part.ask();
        part.ask();
        assert!(part.work.is_cancelled());
        assert!(!stop.intake.is_cancelled() && !other.intake.is_cancelled());
        stop.ask();
        assert!(other.intake.is_cancelled() && !other.work.is_cancelled());
        stop.ask();
        assert!(other.work.is_cancelled());
    }

    /// Sends a signal to this process, which must be listening for it.
    fn send(signal: &str) {
        // The shell's own `kill`, as a bare system has no program of that name.
        let command = format!("kill {signal} {}", std::process::id());
        let sent = std::process::Command::new("sh").args(["-c", &command]).status();
        assert!(sent.unwrap().success());
    }

    #[tokio::test]
    async fn the_first_signal_stops_the_intake_and_the_second_the_work() {
        let stop = Stop::default();
        let work = async {
            send("-TERM");
            stop.intake.cancelled().await;
            assert!(!stop.work.is_cancelled());
            send("-INT");
            stop.work.cancelled().await;
            "done"
        };
        assert_eq!(stop.on_signals(work).await.unwrap(), "done");
    }
}
