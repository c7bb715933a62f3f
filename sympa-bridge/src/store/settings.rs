//! Settings that owners chose for rooms; they win over what Sympa's files say.

use std::collections::HashMap;

use membership::{Mode, RoomId, Roster};
use service::{on, within};
use sqlx::QueryBuilder;

use super::audit::Act;
use super::{CHUNK, Store, from_word, parsed, word};

/// What an owner chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Chosen {
    pub(crate) mode: Mode,
    pub(crate) roster: Roster,
    pub(crate) relay_only: bool,
}

impl Store {
    /// The choices for these rooms; a room nobody chose for is absent.
    pub(crate) async fn settings(&self, rooms: &[RoomId]) -> sqlx::Result<HashMap<RoomId, Chosen>> {
        let mut settings = HashMap::new();
        for chunk in rooms.chunks(CHUNK) {
            let rows: Vec<(String, String, String, i64)> = on!(&self.db, c => {
                let mut query = QueryBuilder::new("SELECT room, mode, roster, relay_only FROM setting WHERE room IN (");
                let mut list = query.separated(", ");
                for room in chunk {
                    list.push_bind(room.to_string());
                }
                query.push(")");
                query.build_query_as().fetch_all(c).await
            })?;
            for (room, mode, roster, relay_only) in rows {
                let (mode, roster, relay_only) = (from_word(&mode)?, from_word(&roster)?, relay_only != 0);
                settings.insert(parsed(&room)?, Chosen { mode, roster, relay_only });
            }
        }
        Ok(settings)
    }

    /// Keeps an owner's choice and writes the act down.
    pub(crate) async fn set_setting(&self, room: RoomId, chosen: Chosen, act: Act<'_>) -> sqlx::Result<()> {
        const SQL: &str = "INSERT INTO setting (room, mode, roster, relay_only) VALUES ($1, $2, $3, $4) \
                           ON CONFLICT (room) DO UPDATE SET mode = excluded.mode, roster = excluded.roster, \
                           relay_only = excluded.relay_only";
        let (mode, roster, relay_only) = (word(&chosen.mode), word(&chosen.roster), i64::from(chosen.relay_only));
        let mut tx = self.db.begin().await?;
        within!(&mut tx, c => {
            sqlx::query(SQL).bind(room.to_string()).bind(&mode).bind(&roster).bind(relay_only).execute(c).await.map(drop)
        })?;
        self.audit(&mut tx, act).await?;
        tx.save().await
    }
}
