//! Live tokens: who holds one for which room by which session, until when, and what the services last heard of them.
//! After a restart this is the old state from which the watch goes on.

use std::collections::BTreeMap;

use membership::{Hold, PersonId, RoomId, SessionId, Standing};
use service::{on, within, write_on};
use sqlx::QueryBuilder;

use super::{CHUNK, Store, int, parsed, uint};

/// A hold from the store: until when, and how the person stood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LiveRow {
    pub(crate) hold: Hold,
    pub(crate) exp: u64,
    pub(crate) standing: Standing,
}

impl Store {
    /// Everything that still counts.
    pub(crate) async fn live(&self) -> sqlx::Result<Vec<LiveRow>> {
        const SQL: &str = "SELECT person, room, sid, standing, exp FROM live WHERE exp > $1";
        let rows: Vec<(String, String, String, String, i64)> =
            on!(&self.db, c => sqlx::query_as(SQL).bind(int(self.clock.now_ms())).fetch_all(c).await)?;
        let live = |(person, room, sid, standing, exp): (String, String, String, String, i64)| {
            let hold = Hold { person: parsed(&person)?, room: parsed(&room)?, sid: parsed(&sid)? };
            let standing = serde_json::from_str(&standing).map_err(|error| sqlx::Error::Decode(error.into()))?;
            Ok(LiveRow { hold, exp: uint(exp), standing })
        };
        rows.into_iter().map(live).collect()
    }

    /// Keeps what was issued; a newer token of the same hold takes the place of the older.
    pub(crate) async fn add_live(&self, rows: &[LiveRow]) -> sqlx::Result<()> {
        let mut tx = self.db.begin().await?;
        for chunk in rows.chunks(CHUNK) {
            within!(&mut tx, c => {
                let mut query = QueryBuilder::new("INSERT INTO live (person, room, sid, standing, exp) ");
                query.push_values(chunk, |mut values, row| {
                    let standing = serde_json::to_string(&row.standing).unwrap_or_default();
                    values.push_bind(row.hold.person.to_string()).push_bind(row.hold.room.to_string());
                    values.push_bind(row.hold.sid.to_string()).push_bind(standing).push_bind(int(row.exp));
                });
                query.push(
                    " ON CONFLICT (person, room, sid) DO UPDATE SET standing = excluded.standing, exp = excluded.exp",
                );
                query.build().execute(c).await.map(drop)
            })?;
        }
        tx.save().await
    }

    /// Keeps what was told: new standings, people who are out of rooms, and sessions that ended, which are gone then.
    pub(crate) async fn told(
        &self,
        standings: &BTreeMap<(RoomId, PersonId), Option<Standing>>,
        ended: &[SessionId],
    ) -> sqlx::Result<()> {
        const SET: &str = "UPDATE live SET standing = $1 WHERE person = $2 AND room = $3";
        const OUT: &str = "DELETE FROM live WHERE person = $1 AND room = $2";
        const END: [&str; 2] = ["DELETE FROM live WHERE sid = $1", "DELETE FROM session WHERE sid = $1"];
        let mut tx = self.db.begin().await?;
        for ((room, person), standing) in standings {
            let (room, person) = (room.to_string(), person.to_string());
            within!(&mut tx, c => match standing {
                Some(standing) => {
                    let standing = serde_json::to_string(standing).unwrap_or_default();
                    sqlx::query(SET).bind(standing).bind(&person).bind(&room).execute(c).await.map(drop)
                }
                None => sqlx::query(OUT).bind(&person).bind(&room).execute(c).await.map(drop),
            })?;
        }
        for (sid, sql) in ended.iter().flat_map(|sid| END.map(|sql| (sid, sql))) {
            within!(&mut tx, c => sqlx::query(sql).bind(sid.to_string()).execute(c).await.map(drop))?;
        }
        tx.save().await
    }

    /// Forgets what is over: tokens, sessions, tickets, nonces, sanctions.
    pub(crate) async fn sweep(&self) -> sqlx::Result<()> {
        let now = int(self.clock.now_ms());
        for sql in [
            "DELETE FROM live WHERE exp <= $1",
            "DELETE FROM session WHERE exp <= $1",
            "DELETE FROM ticket WHERE exp <= $1",
            "DELETE FROM nonce WHERE exp <= $1",
            "DELETE FROM sanction WHERE until <= $1",
        ] {
            write_on!(&self.db, c => sqlx::query(sql).bind(now).execute(c).await.map(drop))?;
        }
        Ok(())
    }
}
