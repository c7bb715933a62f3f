//! The notebook: what chat-server has still to be told. It is told again until it is known to have kept it.

use std::sync::Arc;
use std::time::Duration;

use service::health::{Colour, Health};
use service::neighbour::Refusal;
use service::notes::{NOTES, Note, Notes, NotesLink};
use service::stop::Stop;
use tokio::sync::mpsc;

/// Notes that may wait. Beyond it the newest are lost, and counted.
const WAITING: usize = 10_000;
/// Pause before chat-server is tried again.
const PAUSE: Duration = Duration::from_secs(1);
/// After a stop notes may come for so long.
const LAST: Duration = Duration::from_secs(1);
/// The name of it in the health.
const HEALTH: &str = "notes for chat-server";

/// Takes notes; cheap to copy.
#[derive(Debug, Clone)]
pub struct Notebook(Option<Arc<mpsc::Sender<Note>>>);

impl Notebook {
    /// Where nobody keeps notes.
    pub const fn none() -> Self {
        Self(None)
    }

    /// Whose notes are kept by chat-server; they are told by what is returned, until the last handle is gone, or
    /// the stop signal came a moment ago or chat-server is away then.
    pub fn start(link: NotesLink, health: Health, stop: Stop) -> (Self, impl Future<Output = ()> + Send) {
        let (sender, receiver) = mpsc::channel(WAITING);
        (Self(Some(Arc::new(sender))), tell(link, health, stop, receiver))
    }

    /// Writes a note down.
    pub fn write(&self, note: Note) {
        let Some(sender) = &self.0 else { return };
        if sender.try_send(note).is_err() {
            metrics::counter!("signal_notes_lost_total").increment(1);
        }
    }
}

async fn tell(link: NotesLink, health: Health, stop: Stop, mut waiting: mpsc::Receiver<Note>) {
    let mut notes = Vec::with_capacity(NOTES);
    loop {
        let some = tokio::select! {
            biased;
            some = waiting.recv_many(&mut notes, NOTES) => some,
            // Sockets that close at a stop end what rang: their notes still come.
            () = last_words(&stop) => return,
        };
        if some == 0 {
            return;
        }
        let together = std::mem::take(&mut notes);
        if !keep(&link, &health, &stop, together.clone()).await {
            // One of them is at fault: the others are not to suffer.
            for note in together {
                keep(&link, &health, &stop, vec![note]).await;
            }
        }
    }
}

async fn last_words(stop: &Stop) {
    stop.given().await;
    tokio::time::sleep(LAST).await;
}

/// Has notes kept, however long it takes; false when they never will be.
async fn keep(link: &NotesLink, health: &Health, stop: &Stop, notes: Vec<Note>) -> bool {
    let notes = Notes { notes };
    loop {
        match link.keep(&notes).await {
            Ok(()) => {
                health.set(HEALTH, Colour::Green, "Rooms are told of calls.");
                return true;
            }
            Err(error) if error.downcast_ref::<Refusal>().is_some_and(Refusal::is_final) => {
                if notes.notes.len() == 1 {
                    tracing::error!(%error, "chat-server refuses a note: {error}");
                    metrics::counter!("signal_notes_lost_total").increment(1);
                }
                return false;
            }
            Err(_) => health.set(HEALTH, Colour::Amber, "chat-server is away; rooms will be told of calls later."),
        }
        if !stop.sleep(PAUSE).await {
            return true;
        }
    }
}
