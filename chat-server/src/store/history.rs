//! Reading a room back: pages of items in both directions, around one, and the events after one.

use std::collections::HashMap;

use membership::RoomId;
use service::on;
use sqlx::{query_as, query_scalar};

use super::events::Audited;
use super::rows::{EventRow, event_columns};
use super::{Store, db_int, from_db};
use crate::protocol::{Event, Item, Reaction, Reactor};
use crate::timeline::order;

/// Which items are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    /// The newest.
    Newest,
    /// Those before this place.
    Before(u64),
    /// Those after this place.
    After(u64),
    /// Those on both sides of this place, and it.
    Around(u64),
}

/// A page of history, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
pub struct Page {
    /// The items.
    pub items: Vec<Item>,
    /// There is nothing before them.
    pub first: bool,
    /// There is nothing after them.
    pub last: bool,
}

impl Store {
    /// The last event of a room; 0 when there is none.
    pub async fn head(&self, room: RoomId) -> sqlx::Result<u64> {
        const SQL: &str = "SELECT COALESCE(MAX(seq), 0) FROM event WHERE room = $1";
        let head: i64 = on!(&self.db, c => query_scalar(SQL).bind(room.to_string()).fetch_one(c).await?);
        Ok(from_db(head))
    }

    /// A page of items; at most `limit` of them.
    pub async fn page(&self, room: RoomId, window: Window, limit: usize) -> sqlx::Result<Page> {
        let (mut items, first, last) = match window {
            Window::Newest => {
                let (items, more) = self.older(room, u64::MAX >> 11, limit).await?;
                (items, !more, true)
            }
            Window::Before(seq) => {
                let (items, more) = self.older(room, seq, limit).await?;
                (items, !more, false)
            }
            Window::After(seq) => {
                let (items, more) = self.newer(room, seq, limit).await?;
                (items, false, !more)
            }
            Window::Around(seq) => {
                let (mut items, older) = self.older(room, seq, limit / 2).await?;
                let (newer_ones, newer) = self.newer(room, seq.saturating_sub(1), limit - limit / 2).await?;
                items.extend(newer_ones);
                (items, !older, !newer)
            }
        };
        self.add_reactions(room, &mut items).await?;
        Ok(Page { items, first, last })
    }

    /// The events after a place, oldest first, at most so many.
    pub async fn events_after(&self, room: RoomId, seq: u64, limit: usize) -> sqlx::Result<Vec<Event>> {
        const SQL: &str =
            concat!("SELECT ", event_columns!(), " FROM event WHERE room = $1 AND seq > $2 ORDER BY seq LIMIT $3");
        let rows = self.rows(SQL, room, seq, limit).await?;
        Ok(rows.into_iter().filter_map(EventRow::event).collect())
    }

    /// The newest acts of moderation in a room.
    pub async fn audit(&self, room: RoomId, limit: usize) -> sqlx::Result<Vec<Audited>> {
        const SQL: &str = "SELECT at, person AS by, name, act, target, detail FROM audit WHERE room = $1 \
                           ORDER BY seq DESC LIMIT $2";
        on!(&self.db, c => query_as(SQL).bind(room.to_string()).bind(db_int(limit as u64)).fetch_all(c).await)
    }

    async fn older(&self, room: RoomId, before: u64, limit: usize) -> sqlx::Result<(Vec<Item>, bool)> {
        const SQL: &str = concat!(
            "SELECT ",
            event_columns!(),
            " FROM event WHERE room = $1 AND kind IN ('said', 'called', 'conferred', 'offered') AND seq < $2 ORDER BY seq DESC LIMIT $3"
        );
        let (mut items, more) = self.items(SQL, room, before, limit).await?;
        items.reverse();
        Ok((items, more))
    }

    async fn newer(&self, room: RoomId, after: u64, limit: usize) -> sqlx::Result<(Vec<Item>, bool)> {
        const SQL: &str = concat!(
            "SELECT ",
            event_columns!(),
            " FROM event WHERE room = $1 AND kind IN ('said', 'called', 'conferred', 'offered') AND seq > $2 ORDER BY seq LIMIT $3"
        );
        self.items(SQL, room, after, limit).await
    }

    /// Asks for one more than wanted, to know whether there are more.
    async fn items(&self, sql: &'static str, room: RoomId, seq: u64, limit: usize) -> sqlx::Result<(Vec<Item>, bool)> {
        let mut rows = self.rows(sql, room, seq, limit + 1).await?;
        let more = rows.len() > limit;
        rows.truncate(limit);
        Ok((rows.into_iter().filter_map(EventRow::item).collect(), more))
    }

    async fn rows(&self, sql: &'static str, room: RoomId, seq: u64, limit: usize) -> sqlx::Result<Vec<EventRow>> {
        on!(&self.db, c => {
            query_as(sql).bind(room.to_string()).bind(db_int(seq)).bind(db_int(limit as u64)).fetch_all(c).await
        })
    }

    async fn add_reactions(&self, room: RoomId, items: &mut [Item]) -> sqlx::Result<()> {
        const SQL: &str = "SELECT target, emoji, person, name, seq FROM reaction \
                           WHERE room = $1 AND target BETWEEN $2 AND $3 ORDER BY seq";
        let (Some(oldest), Some(newest)) = (items.first(), items.last()) else { return Ok(()) };
        let (from, to) = (db_int(oldest.seq()), db_int(newest.seq()));
        let rows: Vec<(i64, String, String, String, i64)> =
            on!(&self.db, c => query_as(SQL).bind(room.to_string()).bind(from).bind(to).fetch_all(c).await?);
        let mut of: HashMap<u64, Vec<Reaction>> = HashMap::new();
        for (target, emoji, person, name, seq) in rows {
            let Ok(person) = person.parse() else { continue };
            let (reactions, reactor) =
                (of.entry(from_db(target)).or_default(), Reactor { person, name, seq: from_db(seq) });
            match reactions.iter_mut().find(|reaction| reaction.emoji == emoji) {
                Some(reaction) => reaction.by.push(reactor),
                None => reactions.push(Reaction { emoji, by: vec![reactor] }),
            }
        }
        for item in items {
            let Item::Message(message) = item else { continue };
            message.reactions = of.remove(&message.seq).unwrap_or_default();
            order(&mut message.reactions);
        }
        Ok(())
    }
}
