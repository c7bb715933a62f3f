//! A chat-server that keeps notes, or is away.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use service::notes::{Note, Notes, NotesLink};
use tokio::sync::watch;

/// What was noted.
#[derive(Debug, Clone)]
pub(crate) struct Keeper {
    kept: watch::Sender<Vec<Note>>,
    answer: Arc<Mutex<StatusCode>>,
    refused: Arc<AtomicBool>,
}

impl Default for Keeper {
    fn default() -> Self {
        Self {
            kept: watch::Sender::default(),
            answer: Arc::new(Mutex::new(StatusCode::NO_CONTENT)),
            refused: Arc::default(),
        }
    }
}

impl Keeper {
    pub(crate) fn link(&self) -> NotesLink {
        NotesLink::local(Router::new().route("/internal/notes", post(keep)).with_state(self.clone()))
    }

    /// How requests are answered from now on.
    pub(crate) fn answers(&self, status: StatusCode) {
        *self.answer.lock().expect("not poisoned") = status;
    }

    /// Whether a request was found wrong.
    pub(crate) fn refused(&self) -> bool {
        self.refused.load(Ordering::SeqCst)
    }

    /// Waits until so many notes are kept.
    pub(crate) async fn keeps(&self, count: usize) -> Vec<Note> {
        let mut kept = self.kept.subscribe();
        kept.wait_for(|notes| notes.len() >= count).await.expect("the keeper lives").clone()
    }
}

async fn keep(State(keeper): State<Keeper>, Json(notes): Json<Notes>) -> StatusCode {
    let answer = *keeper.answer.lock().expect("not poisoned");
    if answer.is_success() {
        keeper.kept.send_modify(|kept| kept.extend(notes.notes));
    }
    if answer == StatusCode::BAD_REQUEST {
        keeper.refused.store(true, Ordering::SeqCst);
    }
    answer
}
