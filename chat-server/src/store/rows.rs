//! Rows of the tables and how they become events and items.

use membership::PersonId;
use service::notes::{Closed, What};
use sqlx::FromRow;

use super::from_db;
use super::notes::files;
use crate::protocol::{Call, Closing, Conference, Deleted, Event, Item, Message, Offer};

/// A row of `event`.
#[derive(Debug, FromRow)]
pub(crate) struct EventRow {
    pub(crate) seq: i64,
    pub(crate) kind: String,
    pub(crate) at: i64,
    pub(crate) person: String,
    pub(crate) name: String,
    pub(crate) nonce: Option<String>,
    pub(crate) body: String,
    pub(crate) target: Option<i64>,
    pub(crate) reply_to: Option<i64>,
    pub(crate) emoji: Option<String>,
    pub(crate) is_on: bool,
    pub(crate) mentions: String,
    pub(crate) mention_all: bool,
    pub(crate) moderated: bool,
    pub(crate) edited_at: Option<i64>,
    pub(crate) deleted_at: Option<i64>,
    pub(crate) note: Option<String>,
    pub(crate) closed_at: Option<i64>,
    pub(crate) closed_why: Option<String>,
}

/// The columns of [`EventRow`], for a `SELECT`.
macro_rules! event_columns {
    () => {
        "seq, kind, at, person, name, nonce, body, target, reply_to, emoji, is_on, mentions, mention_all, moderated, \
         edited_at, deleted_at, note, closed_at, closed_why"
    };
}
pub(crate) use event_columns;

impl EventRow {
    /// The event, as it is replayed: without what was deleted since.
    pub(crate) fn event(self) -> Option<Event> {
        let (seq, at, by) = (from_db(self.seq), from_db(self.at), self.person.parse::<PersonId>().ok()?);
        let target = self.target.map(from_db);
        Some(match self.kind.as_str() {
            "said" => Event::Said {
                seq,
                at,
                by,
                name: self.name,
                nonce: self.nonce.unwrap_or_default(),
                body: self.body,
                reply_to: self.reply_to.map(from_db),
                mentions: people(&self.mentions),
                mention_all: self.mention_all,
            },
            "edited" => {
                Event::Edited { seq, at, by, target: target?, body: self.body, mentions: people(&self.mentions) }
            }
            "deleted" => Event::Deleted { seq, at, by, target: target?, moderated: self.moderated },
            "reacted" => {
                Event::Reacted { seq, at, by, name: self.name, target: target?, emoji: self.emoji?, on: self.is_on }
            }
            "called" | "conferred" | "offered" | "closed" => self.noted(seq, at, by)?,
            _ => return None,
        })
    }

    /// The event that a note made.
    fn noted(self, seq: u64, at: u64, by: PersonId) -> Option<Event> {
        Some(match self.what()? {
            What::Called { call, to, media, outcome, lasted_ms } => {
                Event::Called { seq, at, by, name: self.name, call, to, media, outcome, lasted_ms }
            }
            What::Conferred { call, people, lasted_ms } => {
                Event::Conferred { seq, at, by, name: self.name, call, people, lasted_ms }
            }
            What::Offered { offer, count, size, .. } => {
                Event::Offered { seq, at, by, name: self.name, offer, files: files(&self.body), count, size }
            }
            What::Closed { why, .. } => Event::Closed { seq, at, by, target: self.target.map(from_db)?, why },
        })
    }

    fn what(&self) -> Option<What> {
        serde_json::from_str(self.note.as_deref()?).ok()
    }

    /// What the row is now in the room's history, still without reactions; none when it only changed something.
    pub(crate) fn item(self) -> Option<Item> {
        let (seq, at, by) = (from_db(self.seq), from_db(self.at), self.person.parse().ok()?);
        let deleted = self.deleted_at.map(|at| Deleted { at: from_db(at), moderated: self.moderated });
        if self.kind == "said" {
            return Some(Item::Message(Message {
                seq,
                at,
                by,
                name: self.name,
                nonce: self.nonce.unwrap_or_default(),
                body: self.body,
                reply_to: self.reply_to.map(from_db),
                mentions: people(&self.mentions),
                mention_all: self.mention_all,
                edited_at: self.edited_at.map(from_db),
                deleted,
                reactions: Vec::new(),
            }));
        }
        match self.what()? {
            What::Called { call, to, media, outcome, lasted_ms } => {
                Some(Item::Call(Call { seq, at, by, name: self.name, call, to, media, outcome, lasted_ms }))
            }
            What::Conferred { call, people, lasted_ms } => {
                Some(Item::Conference(Conference { seq, at, by, name: self.name, call, people, lasted_ms }))
            }
            What::Offered { offer, count, size, .. } => {
                let closed = self.closing();
                let files = files(&self.body);
                Some(Item::Offer(Offer { seq, at, by, name: self.name, offer, files, count, size, closed, deleted }))
            }
            What::Closed { .. } => None,
        }
    }

    fn closing(&self) -> Option<Closing> {
        let why: Closed = serde_json::from_str(self.closed_why.as_deref()?).ok()?;
        Some(Closing { at: from_db(self.closed_at?), why })
    }
}

/// People as they stand in a column: ids with spaces between.
pub(crate) fn people(column: &str) -> Vec<PersonId> {
    column.split_whitespace().filter_map(|id| id.parse().ok()).collect()
}

/// The column for these people.
pub(crate) fn people_column(people: &[PersonId]) -> String {
    people.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}
