//! Stop: from SIGTERM or Ctrl+C to the end. Tasks are tracked, so that what was begun is finished.

use std::future::Future;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;

/// The one stop signal of a process, and the tasks that must hear it.
#[derive(Debug, Clone, Default)]
pub struct Stop {
    token: CancellationToken,
    tasks: TaskTracker,
}

impl Stop {
    /// A signal that has not been given.
    pub fn new() -> Self {
        Self::default()
    }

    /// Gives the signal on SIGTERM or SIGINT.
    ///
    /// # Errors
    /// When the signals cannot be listened to.
    pub fn on_signals(&self) -> std::io::Result<()> {
        use tokio::signal::unix::{SignalKind, signal};
        let (mut term, mut int) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        let token = self.token.clone();
        tokio::spawn(async move {
            tokio::select! { _ = term.recv() => {}, _ = int.recv() => {} }
            token.cancel();
        });
        Ok(())
    }

    /// Gives the signal.
    pub fn give(&self) {
        self.token.cancel();
    }

    /// Whether the signal was given.
    pub fn is_given(&self) -> bool {
        self.token.is_cancelled()
    }

    /// Waits for the signal.
    pub async fn given(&self) {
        self.token.cancelled().await;
    }

    /// Starts a task that is waited for at the end. It must end by itself once the signal is given.
    pub fn spawn<F: Future<Output = ()> + Send + 'static>(&self, task: F) {
        self.tasks.spawn(task);
    }

    /// Makes the end wait for the caller, who runs in a task of somebody else, as long as this is held.
    pub fn waits(&self) -> TaskTrackerToken {
        self.tasks.token()
    }

    /// Waits until all tasks have ended, but no longer than so; tells whether they have.
    pub async fn finished(&self, within: Duration) -> bool {
        self.tasks.close();
        tokio::time::timeout(within, self.tasks.wait()).await.is_ok()
    }

    /// Waits for a time, or for the signal if it comes first; tells whether to go on.
    pub async fn sleep(&self, time: Duration) -> bool {
        tokio::select! { () = self.token.cancelled() => false, () = tokio::time::sleep(time) => true }
    }
}
