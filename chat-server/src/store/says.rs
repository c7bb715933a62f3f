//! Storing what is said: many messages of one batch in few statements.

use std::collections::HashMap;

use membership::{PersonId, RoomId};
use service::db::{Db, Tx};
use service::{within, write_on};
use sqlx::QueryBuilder;

use super::rows::people_column;
use super::{db_int, from_db};

/// The person who stands for everybody in `mention`.
pub(crate) const EVERYBODY: &str = "*";
/// How many rows a statement may have. A database keeps a statement it has seen, and to read a new one takes it longer than
/// to carry it out; so there are only few.
const LENGTHS: [usize; 15] = [1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 24, 32, 48, 64, 96];

/// As many of these rows as one statement can have.
pub(crate) fn together(rows: usize) -> usize {
    LENGTHS.into_iter().rev().find(|length| *length <= rows).unwrap_or(rows)
}

/// A message to be stored, with its place.
#[derive(Debug, Clone)]
pub struct NewSaid {
    /// In which room.
    pub room: RoomId,
    /// Its place.
    pub seq: u64,
    /// When.
    pub at: u64,
    /// By whom.
    pub by: PersonId,
    /// Under which name.
    pub name: String,
    /// The client's mark.
    pub nonce: String,
    /// The text.
    pub body: String,
    /// The message it answers.
    pub reply_to: Option<u64>,
    /// The people addressed.
    pub mentions: Vec<PersonId>,
    /// Everybody is addressed.
    pub mention_all: bool,
}

/// Whose nonce it is: a nonce counts per room and person.
pub(crate) type NonceOf = (String, String, String);

/// The places of messages that were stored before under one of these nonces.
pub(crate) async fn known_nonces(tx: &mut Tx, nonces: &[&str]) -> sqlx::Result<HashMap<NonceOf, u64>> {
    let mut known = HashMap::new();
    for chunk in portions(nonces) {
        let rows: Vec<(String, String, String, i64)> = within!(tx, c => {
            let mut query = QueryBuilder::new("SELECT room, person, nonce, seq FROM event WHERE nonce IN (");
            let mut marks = query.separated(", ");
            for nonce in chunk {
                marks.push_bind((*nonce).to_owned());
            }
            query.push(")");
            query.build_query_as().fetch_all(c).await?
        });
        known.extend(rows.into_iter().map(|(room, person, nonce, seq)| ((room, person, nonce), from_db(seq))));
    }
    Ok(known)
}

/// Stores messages through a connection, in one statement: all of them, or none when one has a nonce that was stored before.
macro_rules! insert {
    ($connection:expr, $said:expr) => {{
        let mut query = QueryBuilder::new(
            "INSERT INTO event (room, seq, kind, at, person, name, nonce, body, reply_to, is_on, mentions, mention_all, \
             moderated) ",
        );
        query.push_values($said, |mut row, said: &NewSaid| {
            row.push_bind(said.room.to_string()).push_bind(db_int(said.seq)).push_bind("said");
            row.push_bind(db_int(said.at)).push_bind(said.by.to_string()).push_bind(said.name.clone());
            row.push_bind(said.nonce.clone()).push_bind(said.body.clone());
            row.push_bind(said.reply_to.map(db_int)).push_bind(false).push_bind(people_column(&said.mentions));
            row.push_bind(said.mention_all).push_bind(false);
        });
        match query.build().execute($connection).await {
            Ok(_) => true,
            Err(sqlx::Error::Database(error)) if error.is_unique_violation() => false,
            Err(error) => return Err(error),
        }
    }};
}

/// Stores messages that address nobody, durably, as many as go [`together`]; nothing and false when a nonce was stored before.
pub(crate) async fn insert_plain(db: &Db, said: &[NewSaid]) -> sqlx::Result<bool> {
    Ok(write_on!(db, c => insert!(c, said)))
}

/// Stores messages; false when one has a nonce that was stored before: then the transaction must not be saved.
pub(crate) async fn insert_said(tx: &mut Tx, said: &[NewSaid]) -> sqlx::Result<bool> {
    for chunk in portions(said) {
        if !within!(tx, c => insert!(c, chunk)) {
            return Ok(false);
        }
    }
    let mentions: Vec<(String, String, i64)> = said.iter().flat_map(mention_rows).collect();
    insert_mentions(tx, &mentions).await?;
    Ok(true)
}

/// Stores whom messages address: room, person, place.
pub(crate) async fn insert_mentions(tx: &mut Tx, mentions: &[(String, String, i64)]) -> sqlx::Result<()> {
    for chunk in portions(mentions) {
        within!(tx, c => {
            let mut query = QueryBuilder::new("INSERT INTO mention (room, person, seq) ");
            query.push_values(chunk, |mut row, (room, person, seq)| {
                row.push_bind(room.clone()).push_bind(person.clone()).push_bind(*seq);
            });
            query.push(" ON CONFLICT DO NOTHING");
            query.build().execute(c).await?;
        });
    }
    Ok(())
}

fn mention_rows(said: &NewSaid) -> Vec<(String, String, i64)> {
    let people = said.mentions.iter().map(ToString::to_string);
    let everybody = said.mention_all.then(|| EVERYBODY.to_owned());
    people.chain(everybody).map(|person| (said.room.to_string(), person, db_int(said.seq))).collect()
}

/// The rows in portions, one for each statement.
fn portions<T>(mut rows: &[T]) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let (portion, rest) = rows.split_at(together(rows.len()));
        rows = rest;
        (!portion.is_empty()).then_some(portion)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_stored_in_portions_of_few_lengths_and_none_is_left() {
        for (rows, lengths) in
            [(0, vec![]), (1, vec![1]), (100, vec![96, 4]), (96, vec![96]), (300, vec![96, 96, 96, 12])]
        {
            let all: Vec<usize> = (0..rows).collect();
            assert_eq!(portions(&all).map(<[usize]>::len).collect::<Vec<_>>(), lengths);
            assert_eq!(portions(&all).flatten().copied().collect::<Vec<_>>(), all);
        }
    }
}
