//! Storing what signal-server tells: calls, offers of files and their end.

use membership::{PersonId, RoomId};
use service::db::Tx;
use service::notes::{File, What};
use service::within;
use sqlx::{query, query_scalar};

use super::says::insert_mentions;
use super::{db_int, from_db};
use crate::protocol::Event;

/// A note as it is stored: with its own mark in its room, the files beside it.
#[derive(Debug)]
pub(crate) struct NoteRow<'a> {
    pub(crate) event: &'a Event,
    pub(crate) what: &'a What,
    /// The same mark twice is one event.
    pub(crate) nonce: &'a str,
    /// Whom it addresses.
    pub(crate) addressed: Option<PersonId>,
}

/// The place of the note with this mark.
pub(crate) async fn noted(tx: &mut Tx, room: RoomId, by: PersonId, nonce: &str) -> sqlx::Result<Option<u64>> {
    const SQL: &str = "SELECT seq FROM event WHERE nonce = $1 AND room = $2 AND person = $3";
    let seq: Option<i64> = within!(tx, c => {
        query_scalar(SQL).bind(nonce).bind(room.to_string()).bind(by.to_string()).fetch_optional(c).await?
    });
    Ok(seq.map(from_db))
}

/// The place of the offer with this mark, while it is neither closed nor deleted.
pub(crate) async fn standing_offer(tx: &mut Tx, room: RoomId, by: PersonId, nonce: &str) -> sqlx::Result<Option<u64>> {
    const SQL: &str = "SELECT seq FROM event WHERE nonce = $1 AND room = $2 AND person = $3 AND kind = 'offered' \
                       AND closed_at IS NULL AND deleted_at IS NULL";
    let seq: Option<i64> = within!(tx, c => {
        query_scalar(SQL).bind(nonce).bind(room.to_string()).bind(by.to_string()).fetch_optional(c).await?
    });
    Ok(seq.map(from_db))
}

/// Stores a note, and what it changes.
pub(crate) async fn insert_note(tx: &mut Tx, room: RoomId, row: &NoteRow<'_>) -> sqlx::Result<()> {
    const SQL: &str = "INSERT INTO event (room, seq, kind, at, person, name, nonce, body, target, is_on, mentions, \
                       mention_all, moderated, note) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
    const CLOSE: &str = "UPDATE event SET closed_at = $3, closed_why = $4 WHERE room = $1 AND seq = $2";
    let (kind, at, by, name, body, target) = match row.event {
        Event::Called { at, by, name, .. } => ("called", at, by, name.as_str(), String::new(), None),
        Event::Conferred { at, by, name, .. } => ("conferred", at, by, name.as_str(), String::new(), None),
        Event::Offered { at, by, name, files, .. } => ("offered", at, by, name.as_str(), column(files)?, None),
        Event::Closed { at, by, target, .. } => ("closed", at, by, "", String::new(), Some(db_int(*target))),
        _ => return Ok(()),
    };
    let (id, seq, at) = (room.to_string(), db_int(row.event.seq()), db_int(*at));
    let mentions = row.addressed.map(|person| person.to_string()).unwrap_or_default();
    let note = column(&without_files(row.what))?;
    within!(tx, c => {
        query(SQL).bind(&id).bind(seq).bind(kind).bind(at).bind(by.to_string()).bind(name).bind(row.nonce).bind(body)
            .bind(target).bind(false).bind(&mentions).bind(false).bind(false).bind(note).execute(&mut *c).await?;
        if let Event::Closed { why, .. } = row.event {
            query(CLOSE).bind(&id).bind(target).bind(at).bind(column(why)?).execute(c).await?;
        }
    });
    let mentions: Vec<_> = row.addressed.map(|person| (id, person.to_string(), seq)).into_iter().collect();
    insert_mentions(tx, &mentions).await
}

/// Deleting a message empties its body; so the names of files are there and nowhere else.
fn without_files(what: &What) -> What {
    match what {
        What::Offered { offer, count, size, .. } => {
            What::Offered { offer: *offer, files: Vec::new(), count: *count, size: *size }
        }
        other => other.clone(),
    }
}

/// A value as it stands in a column.
fn column(value: &impl serde::Serialize) -> sqlx::Result<String> {
    serde_json::to_string(value).map_err(|error| sqlx::Error::Encode(error.into()))
}

/// The files of a column; none in one that was emptied.
pub(crate) fn files(column: &str) -> Vec<File> {
    serde_json::from_str(column).unwrap_or_default()
}
