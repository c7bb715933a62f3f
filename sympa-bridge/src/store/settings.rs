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
}

impl Store {
    /// The choices for these rooms; a room nobody chose for is absent.
    pub(crate) async fn settings(&self, rooms: &[RoomId]) -> sqlx::Result<HashMap<RoomId, Chosen>> {
        let mut settings = HashMap::new();
        for chunk in rooms.chunks(CHUNK) {
            let rows: Vec<(String, String, String)> = on!(&self.db, c => {
                let mut query = QueryBuilder::new("SELECT room, mode, roster FROM setting WHERE room IN (");
                let mut list = query.separated(", ");
                for room in chunk {
                    list.push_bind(room.to_string());
                }
                query.push(")");
                query.build_query_as().fetch_all(c).await
            })?;
            for (room, mode, roster) in rows {
                settings.insert(parsed(&room)?, Chosen { mode: from_word(&mode)?, roster: from_word(&roster)? });
            }
        }
        Ok(settings)
    }

    /// Keeps an owner's choice and writes the act down.
    pub(crate) async fn set_setting(&self, room: RoomId, chosen: Chosen, act: Act<'_>) -> sqlx::Result<()> {
        const SQL: &str = "INSERT INTO setting (room, mode, roster) VALUES ($1, $2, $3) \
                           ON CONFLICT (room) DO UPDATE SET mode = excluded.mode, roster = excluded.roster";
        let (mode, roster) = (word(&chosen.mode), word(&chosen.roster));
        let mut tx = self.db.begin().await?;
        within!(&mut tx, c => {
            sqlx::query(SQL).bind(room.to_string()).bind(&mode).bind(&roster).execute(c).await.map(drop)
        })?;
        self.audit(&mut tx, act).await?;
        tx.save().await
    }
}
