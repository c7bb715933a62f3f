//! Rooms of lists that closed: since when, and which were taken from their lists because of that.

use std::collections::BTreeSet;

use membership::{ListAddress, RoomId};
use service::{on, write_on};
use sqlx::QueryBuilder;

use super::{CHUNK, Store, int, parsed};

impl Store {
    /// All lists that have a room.
    pub(crate) async fn all_lists(&self) -> sqlx::Result<BTreeSet<ListAddress>> {
        const SQL: &str = "SELECT list, robot FROM room WHERE list IS NOT NULL";
        let rows: Vec<(String, String)> = on!(&self.db, c => sqlx::query_as(SQL).fetch_all(c).await)?;
        rows.into_iter().map(|(list, robot)| parsed(&format!("{list}@{robot}"))).collect()
    }

    /// Keeps which rooms are open and which are closed, and since when.
    pub(crate) async fn mark_closed(&self, open: &[RoomId], closed: &[RoomId]) -> sqlx::Result<()> {
        const OPEN: &str = " WHERE closed_at IS NOT NULL AND id IN (";
        const CLOSED: &str = " WHERE closed_at IS NULL AND id IN (";
        let now = int(self.clock.now_ms());
        self.mark(open, None, OPEN).await?;
        self.mark(closed, Some(now), CLOSED).await
    }

    async fn mark(&self, rooms: &[RoomId], closed_at: Option<i64>, which: &'static str) -> sqlx::Result<()> {
        for chunk in rooms.chunks(CHUNK) {
            write_on!(&self.db, c => {
                let mut query = QueryBuilder::new("UPDATE room SET closed_at = ");
                query.push_bind(closed_at).push(which);
                let mut list = query.separated(", ");
                for room in chunk {
                    list.push_bind(room.to_string());
                }
                query.push(")");
                query.build().execute(c).await.map(drop)
            })?;
        }
        Ok(())
    }

    /// Which of these rooms were taken from their lists before then.
    pub(crate) async fn parted(&self, rooms: &[RoomId], before_ms: u64) -> sqlx::Result<Vec<RoomId>> {
        let mut parted = Vec::new();
        for chunk in rooms.chunks(CHUNK) {
            let found: Vec<String> = on!(&self.db, c => {
                let mut query = QueryBuilder::new("SELECT id FROM room WHERE parted_at <= ");
                query.push_bind(int(before_ms)).push(" AND id IN (");
                let mut list = query.separated(", ");
                for room in chunk {
                    list.push_bind(room.to_string());
                }
                query.push(")");
                query.build_query_scalar().fetch_all(c).await
            })?;
            parted.extend(found.iter().map(|id| parsed::<RoomId>(id)).collect::<sqlx::Result<Vec<_>>>()?);
        }
        Ok(parted)
    }

    /// Takes rooms from lists that have been closed since then; tells which, and whose they were.
    pub(crate) async fn part_closed(&self, before_ms: u64) -> sqlx::Result<Vec<(RoomId, ListAddress)>> {
        const FIND: &str =
            "SELECT id, list, robot FROM room WHERE kind = 'list' AND closed_at <= $1 AND list IS NOT NULL";
        // The list may have opened since it was found.
        const PART: &str = "UPDATE room SET list = NULL, robot = NULL, parted_at = $1 \
                            WHERE id = $2 AND closed_at <= $3 AND list IS NOT NULL";
        let rows: Vec<(String, String, String)> =
            on!(&self.db, c => sqlx::query_as(FIND).bind(int(before_ms)).fetch_all(c).await)?;
        let (now, before) = (int(self.clock.now_ms()), int(before_ms));
        let mut parted = Vec::new();
        for (room, list, robot) in rows {
            let done = write_on!(&self.db, c => {
                sqlx::query(PART).bind(now).bind(&room).bind(before).execute(c).await.map(|done| done.rows_affected())
            })?;
            if done > 0 {
                parted.push((parsed(&room)?, parsed(&format!("{list}@{robot}"))?));
            }
        }
        Ok(parted)
    }
}
