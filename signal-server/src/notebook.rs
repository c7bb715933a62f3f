//! The notebook: what chat-server has still to be told. It is told again until it is known to have kept it.

use std::sync::Arc;
use std::time::Duration;

use service::health::{Colour, Health};
use service::neighbour::Refusal;
use service::notes::{NOTES, Note, Notes, NotesLink};
use service::stop::Stop;
use tokio::sync::mpsc;

/// Notes that may wait. Beyond it the newest are lost; the health says so.
const WAITING: usize = 10_000;
/// Pause before chat-server is tried again.
const PAUSE: Duration = Duration::from_secs(1);
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

    /// Whose notes are kept by chat-server; they are told by what is returned, until all are told after the last handle is
    /// gone, or the stop signal came and chat-server is away.
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
            () = stop.given() => return,
        };
        if some == 0 {
            return;
        }
        let together = Notes { notes: std::mem::take(&mut notes) };
        while let Err(error) = link.keep(&together).await {
            if error.downcast_ref::<Refusal>().is_some_and(Refusal::is_final) {
                // To tell it again would not help, and the others wait behind it.
                tracing::error!(%error, "chat-server refuses notes: {error}");
                metrics::counter!("signal_notes_lost_total").increment(together.notes.len() as u64);
                break;
            }
            health.set(HEALTH, Colour::Amber, "chat-server is away; rooms will be told of calls later.");
            if !stop.sleep(PAUSE).await {
                return;
            }
        }
        health.set(HEALTH, Colour::Green, "Rooms are told of calls.");
    }
}
