//! Supervisor: names, starts, watches and stops the long tasks. Nobody else spawns.

use crate::runtime::stop::Stop;
use anyhow::Context;
use std::{collections::HashMap, time::Duration};
use tokio::task::{self, JoinError, JoinSet};

/// How long tasks may take to finish what they began, once they were asked to stop.
pub const GRACE: Duration = Duration::from_secs(4);

/// The long tasks of the program. Each is to run until [`Stop::intake`] is cancelled.
#[derive(Debug)]
pub struct Supervisor {
    stop: Stop,
    tasks: JoinSet<anyhow::Result<()>>,
    names: HashMap<task::Id, &'static str>,
}

impl Supervisor {
    /// No task yet.
    pub fn new(stop: Stop) -> Self {
        Self { stop, tasks: JoinSet::new(), names: HashMap::new() }
    }

    /// Starts a task.
    pub fn spawn(
        &mut self,
        name: &'static str,
        task: impl Future<Output = anyhow::Result<()>> + Send + 'static,
    ) {
        let id = self.tasks.spawn(task).id();
        self.names.insert(id, name);
    }

    /// Runs until somebody asks to stop or the first task ends, then stops the rest: they get
    /// [`GRACE`], or less if somebody hurries; what is left then is dropped.
    ///
    /// A task that ended unasked, failed or panicked is the error.
    pub async fn run(mut self) -> anyhow::Result<()> {
        let stop = self.stop.clone();
        let mut outcome = Ok(());
        let asked = tokio::select! {
            biased;
            () = stop.intake.cancelled() => true,
            outcome_of_first = self.next() => {
                outcome = outcome_of_first.unwrap_or_else(|| Err(anyhow::anyhow!("no task runs")));
                false
            }
        };
        if !asked {
            if let Err(error) = &outcome {
                tracing::error!("{error:#}; everything stops");
            }
            stop.intake.cancel();
        }
        tokio::select! {
            () = self.drain(&mut outcome) => {}
            () = stop.work.cancelled() => tracing::warn!("tasks are dropped at once"),
            () = tokio::time::sleep(GRACE) => {
                tracing::warn!(grace_s = GRACE.as_secs(), "tasks that did not end in time are dropped");
            }
        }
        stop.work.cancel();
        self.tasks.shutdown().await;
        outcome
    }

    /// Waits for all tasks; the first failure becomes the outcome, unless there is one already.
    async fn drain(&mut self, outcome: &mut anyhow::Result<()>) {
        while let Some(ended) = self.next().await {
            match ended {
                Err(error) if outcome.is_ok() => *outcome = Err(error),
                Err(error) => tracing::warn!("{error:#}"),
                Ok(()) => {}
            }
        }
    }

    /// Waits for the next task that ends. To end well is an error as long as nobody asked for it.
    async fn next(&mut self) -> Option<anyhow::Result<()>> {
        let ended = self.tasks.join_next_with_id().await?;
        let asked = self.stop.intake.is_cancelled();
        Some(match ended {
            Ok((_, Ok(()))) if asked => Ok(()),
            Ok((id, Ok(()))) => Err(anyhow::anyhow!("task {} ended unasked", self.name(id))),
            Ok((id, Err(error))) => {
                Err(error).with_context(|| format!("task {} failed", self.name(id)))
            }
            Err(error) => {
                let name = self.name(error.id());
                Err(told(error)).with_context(|| format!("task {name} panicked"))
            }
        })
    }

    fn name(&self, id: task::Id) -> &'static str {
        self.names.get(&id).copied().unwrap_or("without a name")
    }
}

/// A panic as an error with the words of the panic.
fn told(error: JoinError) -> anyhow::Error {
    let text = error.to_string();
    anyhow::Error::from(error).context(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A supervisor with a task that runs until it is asked to stop.
    fn with_patient_task() -> (Stop, Supervisor) {
        let stop = Stop::default();
        let mut supervisor = Supervisor::new(stop.clone());
        let intake = stop.intake.clone();
        supervisor.spawn("patient", async move {
            intake.cancelled().await;
            Ok(())
        });
        (stop, supervisor)
    }

    #[tokio::test]
    async fn tasks_that_stop_when_asked_went_well() {
        let (stop, supervisor) = with_patient_task();
        stop.ask();
        assert!(supervisor.run().await.is_ok());
        assert!(stop.work.is_cancelled());
    }

    #[tokio::test]
    async fn a_task_that_ends_unasked_stops_the_rest() {
        let (stop, mut supervisor) = with_patient_task();
        supervisor.spawn("hasty", async { Ok(()) });
        let error = supervisor.run().await.unwrap_err();
        assert_eq!(format!("{error:#}"), "task hasty ended unasked");
        assert!(stop.intake.is_cancelled());
    }

    #[tokio::test]
    async fn a_task_that_fails_stops_the_rest_and_its_error_is_the_outcome() {
        let (stop, mut supervisor) = with_patient_task();
        supervisor.spawn("unlucky", async { anyhow::bail!("the disk is full") });
        let error = supervisor.run().await.unwrap_err();
        assert_eq!(format!("{error:#}"), "task unlucky failed: the disk is full");
        assert!(stop.intake.is_cancelled());
    }

    #[tokio::test]
    async fn a_task_that_panics_stops_the_rest_and_is_named() {
        let (_stop, mut supervisor) = with_patient_task();
        supervisor.spawn("clumsy", async { panic!("oh no") });
        let error = format!("{:#}", supervisor.run().await.unwrap_err());
        assert!(error.starts_with("task clumsy panicked: "), "{error}");
        assert!(error.contains("oh no"), "{error}");
    }

    #[tokio::test]
    async fn a_failure_while_stopping_is_not_hidden() {
        let (stop, mut supervisor) = with_patient_task();
        let intake = stop.intake.clone();
        supervisor.spawn("late", async move {
            intake.cancelled().await;
            anyhow::bail!("could not commit")
        });
        stop.ask();
        let error = supervisor.run().await.unwrap_err();
        assert_eq!(format!("{error:#}"), "task late failed: could not commit");
    }

    #[tokio::test(start_paused = true)]
    async fn a_task_that_does_not_stop_is_dropped_after_the_grace() {
        let (stop, mut supervisor) = with_patient_task();
        supervisor.spawn("deaf", std::future::pending());
        let start = tokio::time::Instant::now();
        stop.ask();
        assert!(supervisor.run().await.is_ok());
        assert_eq!(start.elapsed(), GRACE);
    }

    #[tokio::test(start_paused = true)]
    async fn the_second_request_drops_what_is_left_at_once() {
        let (stop, mut supervisor) = with_patient_task();
        supervisor.spawn("deaf", std::future::pending());
        let start = tokio::time::Instant::now();
        stop.ask();
        stop.ask();
        assert!(supervisor.run().await.is_ok());
        assert!(start.elapsed().is_zero());
    }
}
