//! Import: a room's history from elsewhere, with its own times. Only into a room where nothing was said yet.

use std::collections::HashMap;

use membership::{PersonId, RoomId};

use crate::protocol::Event;
use crate::store::{NewSaid, Store, events, says};

/// A message from elsewhere.
#[derive(Debug, Clone)]
pub struct Imported {
    /// When it was said, in milliseconds since 1970.
    pub at: u64,
    /// By whom.
    pub by: PersonId,
    /// Under which name.
    pub name: String,
    /// The text as it was first said.
    pub body: String,
    /// The message it answers: its place among those imported, from 0.
    pub reply_to: Option<usize>,
    /// The people addressed.
    pub mentions: Vec<PersonId>,
    /// The text as it reads after an edit.
    pub edited: Option<String>,
    /// Reactions: who, under which name, with what.
    pub reactions: Vec<(PersonId, String, String)>,
}

/// Stores the messages in their order; does nothing in a room that has events.
///
/// # Errors
/// When the database fails; then nothing is stored.
pub async fn import(store: &Store, room: RoomId, lines: &[Imported]) -> sqlx::Result<bool> {
    let mut tx = store.db().begin().await?;
    if events::head(&mut tx, room).await? > 0 {
        return Ok(false);
    }
    let mut places = HashMap::new();
    let mut seq = 0;
    for (number, line) in lines.iter().enumerate() {
        seq += 1;
        places.insert(number, seq);
        let said = NewSaid {
            room,
            seq,
            at: line.at,
            by: line.by,
            name: line.name.clone(),
            nonce: format!("import-{room}-{number}").chars().take(40).collect(),
            body: line.body.clone(),
            reply_to: line.reply_to.and_then(|number| places.get(&number).copied()),
            mentions: line.mentions.clone(),
            mention_all: false,
        };
        if !says::insert_said(&mut tx, &[said]).await? {
            return Ok(false);
        }
        for event in afterwards(line, places[&number], seq) {
            seq = event.seq();
            events::insert_change(&mut tx, room, &event).await?;
        }
    }
    tx.save().await?;
    Ok(true)
}

/// What happened to a message after it was said.
fn afterwards(line: &Imported, target: u64, last: u64) -> Vec<Event> {
    let mut seq = last;
    let mut next = || {
        seq += 1;
        seq
    };
    let mut events = Vec::new();
    if let Some(body) = &line.edited {
        let (body, mentions) = (body.clone(), line.mentions.clone());
        events.push(Event::Edited { seq: next(), at: line.at + 60_000, by: line.by, target, body, mentions });
    }
    for (by, name, emoji) in &line.reactions {
        let (name, emoji) = (name.clone(), emoji.clone());
        events.push(Event::Reacted { seq: next(), at: line.at + 60_000, by: *by, name, target, emoji, on: true });
    }
    events
}
