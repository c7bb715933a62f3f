//! Sessions of the bridge. The cookie's secret is never kept, only its SHA-256.

use membership::{PersonId, SessionId};
use serde::{Deserialize, Serialize};
use service::{on, write_on};

use super::packed::About;
use super::{Store, from_word, hashed, int, parsed, there, uint, word};
use crate::sql::packed::{Packed, Row};

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

/// Whose session it is, and the newest id of the Sympa session it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Linked {
    pub(crate) sid: SessionId,
    pub(crate) person: PersonId,
    pub(crate) sympa_sid: Option<String>,
}

const LINKED: About =
    About { columns: &["sid", "person", "sympa_sid"], table: "session", key: "sid", until: Some("exp") };

/// The sessions of these rows.
pub(crate) fn linked(rows: &Packed) -> sqlx::Result<Vec<Linked>> {
    let linked = |row: Row| match <[_; 3]>::try_from(row).unwrap_or_default() {
        [sid, person, sympa_sid] => {
            Ok(Linked { sid: parsed(&there(sid)?)?, person: parsed(&there(person)?)?, sympa_sid })
        }
    };
    rows.rows().map(linked).collect()
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
        write_on!(&self.db, c => {
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

    /// The rows of these sessions; one that has ended is absent.
    pub(crate) async fn linked_rows(&self, sids: &[SessionId]) -> sqlx::Result<Packed> {
        self.packed(LINKED, sids).await
    }

    /// Moves a session's end, because it is used.
    pub(crate) async fn see_session(&self, sid: SessionId, life_ms: u64) -> sqlx::Result<()> {
        const SQL: &str = "UPDATE session SET seen_at = $1, exp = $2 WHERE sid = $3";
        let now = self.clock.now_ms();
        write_on!(&self.db, c => {
            let query = sqlx::query(SQL).bind(int(now)).bind(int(now + life_ms)).bind(sid.to_string());
            query.execute(c).await.map(drop)
        })
    }

    /// Keeps the newest id of the Sympa session: ids rotate.
    pub(crate) async fn relink_session(&self, sid: SessionId, sympa_sid: &str) -> sqlx::Result<()> {
        const SQL: &str = "UPDATE session SET sympa_sid = $1 WHERE sid = $2";
        write_on!(&self.db, c => sqlx::query(SQL).bind(sympa_sid).bind(sid.to_string()).execute(c).await.map(drop))
    }

    /// Ends a session.
    pub(crate) async fn end_session(&self, sid: SessionId) -> sqlx::Result<()> {
        const SQL: &str = "DELETE FROM session WHERE sid = $1";
        write_on!(&self.db, c => sqlx::query(SQL).bind(sid.to_string()).execute(c).await.map(drop))
    }
}
