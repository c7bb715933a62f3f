//! The audit: who used which power over whom, in which room.

use membership::{PersonId, RoomId};
use service::db::Tx;
use service::within;

use super::{Store, int};

/// An act of a moderator or owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Act<'a> {
    pub(crate) by: PersonId,
    pub(crate) what: &'static str,
    pub(crate) room: RoomId,
    pub(crate) person: Option<PersonId>,
    pub(crate) detail: &'a str,
}

impl Store {
    /// Writes an act down, in the transaction that does it: what was done is on record, or was not done.
    pub(super) async fn audit(&self, tx: &mut Tx, act: Act<'_>) -> sqlx::Result<()> {
        const SQL: &str = "INSERT INTO audit (id, at, by_person, act, room, person, detail) \
                           VALUES ($1, $2, $3, $4, $5, $6, $7)";
        let now = self.clock.now_ms();
        // Any id that sorts by time will do.
        let id = self.dice.room_id(now).to_string();
        within!(tx, c => {
            let query = sqlx::query(SQL).bind(&id).bind(int(now)).bind(act.by.to_string()).bind(act.what);
            let query = query.bind(act.room.to_string()).bind(act.person.map(|person| person.to_string()));
            query.bind(act.detail).execute(c).await.map(drop)
        })
    }
}
