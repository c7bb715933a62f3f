//! Notes: what a room must know of its calls and transfers. signal-server writes them, chat-server keeps them as events of
//! the room. The same note twice is one event, so that a note whose answer was lost is told again.

use anyhow::Result;
use axum::Router;
use membership::{PersonId, RoomId};
use serde::{Deserialize, Serialize};
use ulid::Ulid;
use url::Url;
use utoipa::ToSchema;

use crate::neighbour::Neighbour;
use crate::secret::Secret;

/// Most notes in one request.
pub const NOTES: usize = 100;
/// Longest name of a file with its folders, in bytes.
pub const NAME_BYTES: usize = 255;
/// Longest media type, in bytes.
pub const KIND_BYTES: usize = 100;
/// Most files that are named in an offer.
pub const FILES: usize = 100;
/// Numbers stay below this, so that a browser can count them: 2^53.
pub const LARGEST: u64 = 1 << 53;

/// With what a call begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Media {
    /// Voice.
    Audio,
    /// Voice and camera.
    Video,
}

/// A file that is offered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// Its name, with folders separated by `/`.
    pub name: String,
    /// In bytes.
    pub size: u64,
    /// Its media type, as the sender's browser says; may be empty.
    pub kind: String,
}

impl File {
    /// Whether it keeps its limits.
    pub fn is_sound(&self) -> bool {
        let named = !self.name.is_empty() && self.name.len() <= NAME_BYTES && !self.name.contains('\0');
        named && self.size < LARGEST && self.kind.len() <= KIND_BYTES && !self.kind.contains('\0')
    }
}

/// How a call went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Nobody answered.
    Missed,
    /// The other one did not want to.
    Declined,
    /// They talked.
    Ended,
}

/// Why an offer of files is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Closed {
    /// Everybody for whom they were has them.
    Done,
    /// The one for whom they were did not want them.
    Declined,
    /// The sender took it back.
    Withdrawn,
    /// The sender is away, or may not send any more.
    Gone,
}

/// What is noted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum What {
    /// A call between two is over.
    Called {
        /// The call.
        call: Ulid,
        /// Who was called.
        to: PersonId,
        /// With what it began.
        media: Media,
        /// How it went.
        outcome: Outcome,
        /// For how long they talked, in milliseconds.
        lasted_ms: u64,
    },
    /// A conference is over.
    Conferred {
        /// The conference.
        call: Ulid,
        /// How many people were in it.
        people: u32,
        /// For how long it went on, in milliseconds.
        lasted_ms: u64,
    },
    /// Files are offered.
    Offered {
        /// The offer.
        offer: Ulid,
        /// The first of them.
        files: Vec<File>,
        /// How many there are.
        count: u64,
        /// How large they are together, in bytes.
        size: u64,
    },
    /// An offer is over.
    Closed {
        /// The offer.
        offer: Ulid,
        /// Why.
        why: Closed,
    },
}

/// A note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// Of which room.
    pub room: RoomId,
    /// Who called, or began the conference, or offers.
    pub by: PersonId,
    /// Under which name.
    pub name: String,
    /// What.
    pub what: What,
}

impl Note {
    /// Its own id in its room: the same note twice is one event. At most 40 characters.
    pub fn id(&self) -> String {
        match &self.what {
            What::Called { call, .. } => format!("called:{call}"),
            What::Conferred { call, .. } => format!("conferred:{call}"),
            What::Offered { offer, .. } => format!("offered:{offer}"),
            What::Closed { offer, .. } => format!("closed:{offer}"),
        }
    }
}

/// Several notes, in the order in which they happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notes {
    /// At most [`NOTES`].
    pub notes: Vec<Note>,
}

/// Where notes are kept.
#[derive(Debug, Clone)]
pub struct NotesLink(Neighbour);

impl NotesLink {
    /// By a chat-server in another process.
    ///
    /// # Errors
    /// When the HTTP client cannot be made.
    pub fn remote(url: Url, secret: Secret) -> Result<Self> {
        Ok(Self(Neighbour::remote("chat-server", url, secret)?))
    }

    /// By a chat-server in this process.
    pub fn local(internal: Router) -> Self {
        Self(Neighbour::local("chat-server", internal))
    }

    /// Has them kept: they are when this returns.
    ///
    /// # Errors
    /// When it is not known whether they are; the same notes may be told again.
    pub async fn keep(&self, notes: &Notes) -> Result<()> {
        self.0.answer("internal/notes", Some(serde_json::to_vec(notes)?)).await.map(|_| ())
    }
}
