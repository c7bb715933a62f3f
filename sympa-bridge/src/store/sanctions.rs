//! Sanctions: what moderators took from members, until when, and why.

use std::collections::HashMap;

use membership::{PersonId, RoomId, Sanction, SanctionKind};
use service::{on, within};

use super::audit::Act;
use super::packed::About;
use super::{Store, from_word, int, parsed, there, uint, word};
use crate::sql::packed::Packed;

/// The sanctions against one person, by room.
pub(crate) type Sanctions = HashMap<RoomId, Vec<Sanction>>;

/// A sanction as moderators see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sentence {
    pub(crate) person: PersonId,
    pub(crate) sanction: Sanction,
    pub(crate) reason: String,
    pub(crate) by: PersonId,
}

const IN_FORCE: About = About {
    columns: &["room", "person", "kind", "CAST(until AS TEXT)"],
    table: "sanction",
    key: "person",
    until: Some("until"),
};

/// The sanctions of these rows, by person and room.
pub(crate) fn sanctions(rows: &Packed) -> sqlx::Result<HashMap<PersonId, Sanctions>> {
    let mut sanctions: HashMap<PersonId, Sanctions> = HashMap::new();
    for row in rows.rows() {
        let [room, person, kind, until] = <[_; 4]>::try_from(row).unwrap_or_default();
        let sanction = Sanction { kind: from_word(&there(kind)?)?, until: parsed(&there(until)?)? };
        let of_person = sanctions.entry(parsed(&there(person)?)?).or_default();
        of_person.entry(parsed(&there(room)?)?).or_default().push(sanction);
    }
    Ok(sanctions)
}

impl Store {
    /// The rows of the sanctions in force against these people.
    pub(crate) async fn sanction_rows(&self, people: &[PersonId]) -> sqlx::Result<Packed> {
        self.packed(IN_FORCE, people).await
    }

    /// The sanctions in force in a room.
    pub(crate) async fn sanctions_in(&self, room: RoomId) -> sqlx::Result<Vec<Sentence>> {
        const SQL: &str = "SELECT person, kind, until, reason, by_person FROM sanction \
                           WHERE room = $1 AND until > $2 ORDER BY until DESC, person";
        let rows: Vec<(String, String, i64, String, String)> = on!(&self.db, c => {
            sqlx::query_as(SQL).bind(room.to_string()).bind(int(self.clock.now_ms())).fetch_all(c).await
        })?;
        let sentence = |(person, kind, until, reason, by): (String, String, i64, String, String)| {
            let sanction = Sanction { kind: from_word(&kind)?, until: uint(until) };
            Ok(Sentence { person: parsed(&person)?, sanction, reason, by: parsed(&by)? })
        };
        rows.into_iter().map(sentence).collect()
    }

    /// Sets a sanction, in place of an earlier one of the same kind, and writes the act down.
    pub(crate) async fn set_sanction(&self, room: RoomId, sentence: &Sentence, act: Act<'_>) -> sqlx::Result<()> {
        const SQL: &str = "INSERT INTO sanction (room, person, kind, until, reason, by_person) \
                           VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (room, person, kind) DO UPDATE \
                           SET until = excluded.until, reason = excluded.reason, by_person = excluded.by_person";
        let mut tx = self.db.begin().await?;
        within!(&mut tx, c => {
            let query = sqlx::query(SQL).bind(room.to_string()).bind(sentence.person.to_string());
            let query = query.bind(word(&sentence.sanction.kind)).bind(int(sentence.sanction.until));
            query.bind(&sentence.reason).bind(sentence.by.to_string()).execute(c).await.map(drop)
        })?;
        self.audit(&mut tx, act).await?;
        tx.save().await
    }

    /// Lifts a sanction and writes the act down; tells whether there was one.
    pub(crate) async fn lift_sanction(
        &self,
        room: RoomId,
        person: PersonId,
        kind: SanctionKind,
        act: Act<'_>,
    ) -> sqlx::Result<bool> {
        const SQL: &str = "DELETE FROM sanction WHERE room = $1 AND person = $2 AND kind = $3";
        let mut tx = self.db.begin().await?;
        let lifted = within!(&mut tx, c => {
            let query = sqlx::query(SQL).bind(room.to_string()).bind(person.to_string()).bind(word(&kind));
            query.execute(c).await.map(|done| done.rows_affected() > 0)
        })?;
        if lifted {
            self.audit(&mut tx, act).await?;
            tx.save().await?;
        }
        Ok(lifted)
    }
}
