//! Sessions of the bridge. The cookie's secret is never kept, only its SHA-256.

use std::collections::{BTreeSet, HashMap};

use membership::{PersonId, SessionId};
use serde::{Deserialize, Serialize};
use service::on;
use sqlx::QueryBuilder;

use super::{CHUNK, Store, from_word, hashed, int, parsed, uint, word};

/// How a session began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    Cookie,
    Action,
    Mail,
    Password,
}

/// A session that has not expired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Session {
    pub(crate) sid: SessionId,
    pub(crate) person: PersonId,
    pub(crate) kind: Kind,
    /// The newest id of the Sympa session it came from.
    pub(crate) sympa_sid: Option<String>,
    pub(crate) seen_at: u64,
}

type SessionRow = (String, String, String, Option<String>, i64);

fn session((sid, person, kind, sympa_sid, seen_at): SessionRow) -> sqlx::Result<Session> {
    let (sid, person, kind) = (parsed(&sid)?, parsed(&person)?, from_word(&kind)?);
    Ok(Session { sid, person, kind, sympa_sid, seen_at: uint(seen_at) })
}

impl Store {
    /// Begins a session; answers the secret for the cookie.
    pub(crate) async fn begin_session(
        &self,
        person: PersonId,
        kind: Kind,
        sympa_sid: Option<&str>,
        life_ms: u64,
    ) -> sqlx::Result<String> {
        const SQL: &str = "INSERT INTO session (hash, sid, person, kind, sympa_sid, seen_at, exp) \
                           VALUES ($1, $2, $3, $4, $5, $6, $7)";
        let (secret, now) = (self.dice.secret(), self.clock.now_ms());
        let sid = self.dice.session_id(now);
        on!(&self.db, c => {
            let query = sqlx::query(SQL).bind(hashed(&secret)).bind(sid.to_string()).bind(person.to_string());
            let query = query.bind(word(&kind)).bind(sympa_sid).bind(int(now)).bind(int(now + life_ms));
            query.execute(c).await.map(drop)
        })?;
        Ok(secret)
    }

    /// The session of a cookie's secret.
    pub(crate) async fn session_of(&self, secret: &str) -> sqlx::Result<Option<Session>> {
        const SQL: &str = "SELECT sid, person, kind, sympa_sid, seen_at FROM session WHERE hash = $1 AND exp > $2";
        let row = on!(&self.db, c => {
            let query = sqlx::query_as::<_, SessionRow>(SQL).bind(hashed(secret)).bind(int(self.clock.now_ms()));
            query.fetch_optional(c).await
        })?;
        row.map(session).transpose()
    }

    /// Sessions by id; one that has ended is absent.
    pub(crate) async fn sessions(&self, sids: &BTreeSet<SessionId>) -> sqlx::Result<HashMap<SessionId, Session>> {
        let (sids, now) = (sids.iter().collect::<Vec<_>>(), int(self.clock.now_ms()));
        let mut sessions = HashMap::new();
        for chunk in sids.chunks(CHUNK) {
            let rows: Vec<SessionRow> = on!(&self.db, c => {
                let mut query =
                    QueryBuilder::new("SELECT sid, person, kind, sympa_sid, seen_at FROM session WHERE exp > ");
                query.push_bind(now).push(" AND sid IN (");
                let mut list = query.separated(", ");
                for sid in chunk {
                    list.push_bind(sid.to_string());
                }
                query.push(")");
                query.build_query_as().fetch_all(c).await
            })?;
            for row in rows {
                let session = session(row)?;
                sessions.insert(session.sid, session);
            }
        }
        Ok(sessions)
    }

    /// Moves a session's end, because it is used.
    pub(crate) async fn see_session(&self, sid: SessionId, life_ms: u64) -> sqlx::Result<()> {
        const SQL: &str = "UPDATE session SET seen_at = $1, exp = $2 WHERE sid = $3";
        let now = self.clock.now_ms();
        on!(&self.db, c => {
            let query = sqlx::query(SQL).bind(int(now)).bind(int(now + life_ms)).bind(sid.to_string());
            query.execute(c).await.map(drop)
        })
    }

    /// Keeps the newest id of the Sympa session: ids rotate.
    pub(crate) async fn relink_session(&self, sid: SessionId, sympa_sid: &str) -> sqlx::Result<()> {
        const SQL: &str = "UPDATE session SET sympa_sid = $1 WHERE sid = $2";
        on!(&self.db, c => sqlx::query(SQL).bind(sympa_sid).bind(sid.to_string()).execute(c).await.map(drop))
    }

    /// Ends a session.
    pub(crate) async fn end_session(&self, sid: SessionId) -> sqlx::Result<()> {
        const SQL: &str = "DELETE FROM session WHERE sid = $1";
        on!(&self.db, c => sqlx::query(SQL).bind(sid.to_string()).execute(c).await.map(drop))
    }
}
