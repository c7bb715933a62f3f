//! Which rooms something is kept of, and the end of a room.

use membership::RoomId;
use service::{on, within};
use sqlx::{query, query_scalar};

use super::Store;

impl Store {
    /// The first rooms after one, in the order of their ids.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn rooms_after(&self, after: Option<RoomId>, most: usize) -> sqlx::Result<Vec<RoomId>> {
        // One step in the index for each room: DISTINCT would walk over every event.
        const NEXT: &str = "SELECT MIN(room) FROM event WHERE room > $1";
        let (mut rooms, mut last) = (Vec::new(), after.map_or_else(String::new, |room| room.to_string()));
        while rooms.len() < most {
            let next: Option<String> = on!(&self.db, c => query_scalar(NEXT).bind(&last).fetch_one(c).await)?;
            let Some(next) = next else { break };
            rooms.push(next.parse().map_err(|_| sqlx::Error::Decode("a room's id".into()))?);
            last = next;
        }
        Ok(rooms)
    }

    /// Deletes everything of a room.
    ///
    /// # Errors
    /// When the database is away; then nothing of it is deleted.
    pub async fn forget(&self, room: RoomId) -> sqlx::Result<()> {
        let mut tx = self.db.begin().await?;
        for sql in [
            "DELETE FROM event WHERE room = $1",
            "DELETE FROM reaction WHERE room = $1",
            "DELETE FROM mention WHERE room = $1",
            "DELETE FROM read_mark WHERE room = $1",
            "DELETE FROM audit WHERE room = $1",
        ] {
            within!(&mut tx, c => query(sql).bind(room.to_string()).execute(c).await.map(drop))?;
        }
        tx.save().await
    }
}
