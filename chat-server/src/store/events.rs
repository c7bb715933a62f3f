//! Storing events that change a message: edited, deleted, reacted.

use membership::{PersonId, RoomId};
use service::db::Tx;
use service::within;
use sqlx::{query, query_as, query_scalar};

use super::rows::people_column;
use super::says::{EVERYBODY, NewSaid, insert_mentions};
use super::{db_int, from_db};
use crate::protocol::Event;

/// A message or an offer that something is done to.
#[derive(Debug, Clone)]
pub struct Target {
    /// Whether it is a message.
    pub is_message: bool,
    /// Whose it is.
    pub by: String,
    /// Under which name.
    pub name: String,
    /// Whether it is gone.
    pub deleted: bool,
}

/// An act of moderation, as moderators read it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct Audited {
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// The moderator.
    pub by: String,
    /// The moderator's name.
    pub name: String,
    /// What was done.
    pub act: String,
    /// To which message.
    pub target: i64,
    /// Whose message it was.
    pub detail: String,
}

/// The last event of a room; 0 when there is none.
pub(crate) async fn head(tx: &mut Tx, room: RoomId) -> sqlx::Result<u64> {
    const SQL: &str = "SELECT COALESCE(MAX(seq), 0) FROM event WHERE room = $1";
    let head: i64 = within!(tx, c => query_scalar(SQL).bind(room.to_string()).fetch_one(c).await?);
    Ok(from_db(head))
}

/// The message or the offer of this place.
pub(crate) async fn target(tx: &mut Tx, room: RoomId, seq: u64) -> sqlx::Result<Option<Target>> {
    const SQL: &str = "SELECT kind, person, name, deleted_at FROM event \
                       WHERE room = $1 AND seq = $2 AND kind IN ('said', 'offered')";
    let row: Option<(String, String, String, Option<i64>)> =
        within!(tx, c => query_as(SQL).bind(room.to_string()).bind(db_int(seq)).fetch_optional(c).await?);
    Ok(row.map(|(kind, by, name, deleted_at)| {
        let (is_message, deleted) = (kind == "said", deleted_at.is_some());
        Target { is_message, by, name, deleted }
    }))
}

/// Whether a message stands at this place, or will once these are stored.
pub(crate) async fn is_message(tx: &mut Tx, room: RoomId, seq: u64, said: &[NewSaid]) -> sqlx::Result<bool> {
    if said.iter().any(|said| said.room == room && said.seq == seq) {
        return Ok(true);
    }
    Ok(target(tx, room, seq).await?.is_some_and(|target| target.is_message))
}

/// The emoji that stand on a message, and whether this person set each.
pub(crate) async fn emoji_on(tx: &mut Tx, room: RoomId, seq: u64, by: PersonId) -> sqlx::Result<Vec<(String, bool)>> {
    const SQL: &str = "SELECT emoji, CAST(SUM(CASE WHEN person = $3 THEN 1 ELSE 0 END) AS BIGINT) FROM reaction \
                       WHERE room = $1 AND target = $2 GROUP BY emoji";
    let rows: Vec<(String, i64)> = within!(tx, c => {
        query_as(SQL).bind(room.to_string()).bind(db_int(seq)).bind(by.to_string()).fetch_all(c).await?
    });
    Ok(rows.into_iter().map(|(emoji, mine)| (emoji, mine > 0)).collect())
}

/// Stores an event that changes a message, and the change.
pub(crate) async fn insert_change(tx: &mut Tx, room: RoomId, event: &Event) -> sqlx::Result<()> {
    match event {
        Event::Said { .. }
        | Event::Called { .. }
        | Event::Conferred { .. }
        | Event::Offered { .. }
        | Event::Closed { .. } => Ok(()),
        Event::Edited { seq, at, by, target, body, mentions } => {
            let column = people_column(mentions);
            let row = Row {
                seq: *seq,
                kind: "edited",
                at: *at,
                by: *by,
                name: "",
                body,
                target: *target,
                mentions: &column,
                ..Row::EMPTY
            };
            row.insert(tx, room).await?;
            set_body(tx, room, *target, body, &column, *at).await?;
            forget_mentions(tx, room, *target, EVERYBODY).await?;
            let rows: Vec<_> = mentions.iter().map(|p| (room.to_string(), p.to_string(), db_int(*target))).collect();
            insert_mentions(tx, &rows).await
        }
        Event::Deleted { seq, at, by, target, moderated } => {
            let row = Row {
                seq: *seq,
                kind: "deleted",
                at: *at,
                by: *by,
                target: *target,
                moderated: *moderated,
                ..Row::EMPTY
            };
            row.insert(tx, room).await?;
            erase(tx, room, *target, *at, *moderated).await
        }
        Event::Reacted { seq, at, by, name, target, emoji, on } => {
            let row = Row {
                seq: *seq,
                kind: "reacted",
                at: *at,
                by: *by,
                name,
                target: *target,
                emoji: Some(emoji),
                on: *on,
                ..Row::EMPTY
            };
            row.insert(tx, room).await?;
            set_reaction(tx, room, event).await
        }
    }
}

/// Writes down an act of moderation; it has the place of its event.
pub(crate) async fn insert_audit(
    tx: &mut Tx,
    room: RoomId,
    event: &Event,
    name: &str,
    whose: &str,
) -> sqlx::Result<()> {
    const SQL: &str = "INSERT INTO audit (room, seq, at, person, name, act, target, detail) \
                       VALUES ($1, $2, $3, $4, $5, 'deleted', $6, $7)";
    let Event::Deleted { seq, at, by, target, .. } = event else { return Ok(()) };
    within!(tx, c => {
        query(SQL).bind(room.to_string()).bind(db_int(*seq)).bind(db_int(*at)).bind(by.to_string()).bind(name)
            .bind(db_int(*target)).bind(whose).execute(c).await?;
    });
    Ok(())
}

/// A row of `event` that is not a message.
struct Row<'a> {
    seq: u64,
    kind: &'static str,
    at: u64,
    by: PersonId,
    name: &'a str,
    body: &'a str,
    target: u64,
    emoji: Option<&'a str>,
    on: bool,
    mentions: &'a str,
    moderated: bool,
}

impl Row<'static> {
    const EMPTY: Self = Row {
        seq: 0,
        kind: "",
        at: 0,
        by: PersonId::new(0, 0),
        name: "",
        body: "",
        target: 0,
        emoji: None,
        on: false,
        mentions: "",
        moderated: false,
    };
}

impl Row<'_> {
    async fn insert(&self, tx: &mut Tx, room: RoomId) -> sqlx::Result<()> {
        const SQL: &str = "INSERT INTO event (room, seq, kind, at, person, name, body, target, emoji, is_on, mentions, \
                           mention_all, moderated) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
        within!(tx, c => {
            query(SQL).bind(room.to_string()).bind(db_int(self.seq)).bind(self.kind).bind(db_int(self.at))
                .bind(self.by.to_string()).bind(self.name).bind(self.body).bind(db_int(self.target)).bind(self.emoji)
                .bind(self.on).bind(self.mentions).bind(false).bind(self.moderated).execute(c).await?;
        });
        Ok(())
    }
}

async fn set_body(tx: &mut Tx, room: RoomId, target: u64, body: &str, mentions: &str, at: u64) -> sqlx::Result<()> {
    const SQL: &str = "UPDATE event SET body = $3, mentions = $4, edited_at = $5 WHERE room = $1 AND seq = $2";
    within!(tx, c => {
        query(SQL).bind(room.to_string()).bind(db_int(target)).bind(body).bind(mentions).bind(db_int(at)).execute(c).await?;
    });
    Ok(())
}

/// Takes the text out of the message and out of every edit of it, and what hung on it.
async fn erase(tx: &mut Tx, room: RoomId, target: u64, at: u64, moderated: bool) -> sqlx::Result<()> {
    const SAID: &str = "UPDATE event SET body = '', mentions = '', mention_all = $5, deleted_at = $3, moderated = $4 \
                        WHERE room = $1 AND seq = $2";
    const EDITS: &str = "UPDATE event SET body = '', mentions = '' WHERE room = $1 AND target = $2 AND kind = 'edited'";
    const REACTIONS: &str = "DELETE FROM reaction WHERE room = $1 AND target = $2";
    let (id, seq) = (room.to_string(), db_int(target));
    within!(tx, c => {
        query(SAID).bind(&id).bind(seq).bind(db_int(at)).bind(moderated).bind(false).execute(&mut *c).await?;
        query(EDITS).bind(&id).bind(seq).execute(&mut *c).await?;
        query(REACTIONS).bind(&id).bind(seq).execute(c).await?;
    });
    forget_mentions(tx, room, target, "").await
}

/// An edit does not take back that everybody was addressed.
async fn forget_mentions(tx: &mut Tx, room: RoomId, target: u64, but: &str) -> sqlx::Result<()> {
    const SQL: &str = "DELETE FROM mention WHERE room = $1 AND seq = $2 AND person <> $3";
    within!(tx, c => { query(SQL).bind(room.to_string()).bind(db_int(target)).bind(but).execute(c).await?; });
    Ok(())
}

async fn set_reaction(tx: &mut Tx, room: RoomId, event: &Event) -> sqlx::Result<()> {
    const SET: &str = "INSERT INTO reaction (room, target, emoji, person, name, seq) VALUES ($1, $2, $3, $4, $5, $6)";
    const TAKE_BACK: &str = "DELETE FROM reaction WHERE room = $1 AND target = $2 AND emoji = $3 AND person = $4";
    let Event::Reacted { seq, by, name, target, emoji, on, .. } = event else { return Ok(()) };
    within!(tx, c => {
        let (room, by) = (room.to_string(), by.to_string());
        let statement = if *on { query(SET) } else { query(TAKE_BACK) };
        let statement = statement.bind(room).bind(db_int(*target)).bind(emoji).bind(by);
        let statement = if *on { statement.bind(name).bind(db_int(*seq)) } else { statement };
        statement.execute(c).await?;
    });
    Ok(())
}
