//! Which rooms something is kept of, and the end of a room.

use membership::RoomId;
use service::{on, write_on};
use sqlx::{query, query_scalar};

use super::{Store, db_int};

/// Events that are deleted at once.
const STEP: u64 = 2000;

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

    /// Deletes everything of a room, in steps, between which others can write; its events last, because by them it is found.
    ///
    /// # Errors
    /// When the database is away; the rest is deleted the next time.
    pub async fn forget(&self, room: RoomId) -> sqlx::Result<()> {
        const MARKS: &str = "DELETE FROM read_mark WHERE room = $1";
        const STEPS: [&str; 4] = [
            "DELETE FROM reaction WHERE room = $1 AND target <= $2",
            "DELETE FROM mention WHERE room = $1 AND seq <= $2",
            "DELETE FROM audit WHERE room = $1 AND seq <= $2",
            "DELETE FROM event WHERE room = $1 AND seq <= $2",
        ];
        let (id, head) = (room.to_string(), self.head(room).await?);
        write_on!(&self.db, c => query(MARKS).bind(&id).execute(c).await.map(drop))?;
        let mut to = 0;
        while to < head {
            to += STEP;
            for sql in STEPS {
                write_on!(&self.db, c => query(sql).bind(&id).bind(db_int(to)).execute(c).await.map(drop))?;
            }
        }
        Ok(())
    }
}
