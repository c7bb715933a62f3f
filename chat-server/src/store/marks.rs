//! Read marks: one per person and room, moving forward only; and what is unread after them.

use membership::{PersonId, RoomId};
use service::db::Tx;
use service::{on, within};
use sqlx::{QueryBuilder, query_as, query_scalar};

use super::says::EVERYBODY;
use super::{Store, db_int, from_db};

/// More unread messages than this are not counted.
const COUNTED: i64 = 1000;

impl Store {
    /// The read mark of a person in a room, if they have one.
    pub async fn mark(&self, room: RoomId, person: PersonId) -> sqlx::Result<Option<u64>> {
        const SQL: &str = "SELECT seq FROM read_mark WHERE room = $1 AND person = $2";
        let seq: Option<i64> = on!(&self.db, c => {
            query_scalar(SQL).bind(room.to_string()).bind(person.to_string()).fetch_optional(c).await?
        });
        Ok(seq.map(from_db))
    }

    /// Marks of a room, so many at most.
    pub async fn marks(&self, room: RoomId, most: usize) -> sqlx::Result<Vec<(PersonId, u64)>> {
        const SQL: &str = "SELECT person, seq FROM read_mark WHERE room = $1 LIMIT $2";
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let rows: Vec<(String, i64)> =
            on!(&self.db, c => query_as(SQL).bind(room.to_string()).bind(most).fetch_all(c).await?);
        // The key is ours: what does not read as an id is nobody's.
        Ok(rows.into_iter().filter_map(|(person, seq)| Some((person.parse().ok()?, from_db(seq)))).collect())
    }

    /// How many messages and offers of others are after a mark, and missed calls of this person; and how many of all these
    /// address this person, as a missed call does.
    pub async fn unread(&self, room: RoomId, person: PersonId, mark: u64) -> sqlx::Result<(u64, u64)> {
        const UNREAD: &str = "SELECT COUNT(*) FROM (SELECT 1 FROM event WHERE room = $1 AND seq > $2 AND person <> $3 \
                              AND (kind IN ('said', 'offered') OR (kind = 'called' AND mentions = $3)) \
                              AND deleted_at IS NULL LIMIT $4) AS unread";
        const MENTIONS: &str = "SELECT COUNT(DISTINCT m.seq) FROM mention m JOIN event e ON e.room = m.room AND e.seq = m.seq \
                                WHERE m.room = $1 AND m.person IN ($2, $3) AND m.seq > $4 AND e.person <> $2 \
                                AND e.deleted_at IS NULL";
        let (room, person, mark) = (room.to_string(), person.to_string(), db_int(mark));
        let unread: i64 = on!(&self.db, c => {
            query_scalar(UNREAD).bind(&room).bind(mark).bind(&person).bind(COUNTED).fetch_one(c).await?
        });
        if unread == 0 {
            return Ok((0, 0));
        }
        let (mentions,): (i64,) = on!(&self.db, c => {
            query_as(MENTIONS).bind(&room).bind(&person).bind(EVERYBODY).bind(mark).fetch_one(c).await?
        });
        Ok((from_db(unread), from_db(mentions)))
    }
}

/// Moves marks forward; one that is already further stays.
pub(crate) async fn move_marks(tx: &mut Tx, marks: &[(RoomId, PersonId, u64)]) -> sqlx::Result<()> {
    for chunk in marks.chunks(1000) {
        within!(tx, c => {
            let mut query = QueryBuilder::new("INSERT INTO read_mark (room, person, seq) ");
            query.push_values(chunk, |mut row, (room, person, seq)| {
                row.push_bind(room.to_string()).push_bind(person.to_string()).push_bind(db_int(*seq));
            });
            query.push(
                " ON CONFLICT (room, person) DO UPDATE SET seq = excluded.seq WHERE excluded.seq > read_mark.seq",
            );
            query.build().execute(c).await?;
        });
    }
    Ok(())
}
