//! One-use tickets: of sign-in links, kept hashed until used; of the custom action, kept hashed once used.

use membership::{Email, ListAddress};
use service::{on, write_on};

use super::{Store, hashed, int, parsed};

/// Whom a sign-in link lets in, and where it leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ticket {
    pub(crate) email: Email,
    pub(crate) room: Option<ListAddress>,
}

type TicketRow = (String, Option<String>);

fn ticket((email, room): TicketRow) -> sqlx::Result<Ticket> {
    Ok(Ticket { email: parsed(&email)?, room: room.as_deref().map(parsed).transpose()? })
}

impl Store {
    /// Makes a ticket; answers its secret.
    pub(crate) async fn add_ticket(&self, ticket: &Ticket, life_ms: u64) -> sqlx::Result<String> {
        const SQL: &str = "INSERT INTO ticket (hash, email, room, exp) VALUES ($1, $2, $3, $4)";
        let (secret, exp) = (self.dice.secret(), int(self.clock.now_ms() + life_ms));
        let room = ticket.room.as_ref().map(ListAddress::to_string);
        write_on!(&self.db, c => {
            let query = sqlx::query(SQL).bind(hashed(&secret)).bind(ticket.email.as_str()).bind(&room).bind(exp);
            query.execute(c).await.map(drop)
        })?;
        Ok(secret)
    }

    /// What a ticket is good for, without using it.
    pub(crate) async fn ticket(&self, secret: &str) -> sqlx::Result<Option<Ticket>> {
        const SQL: &str = "SELECT email, room FROM ticket WHERE hash = $1 AND exp > $2";
        let row = on!(&self.db, c => {
            let query = sqlx::query_as::<_, TicketRow>(SQL).bind(hashed(secret)).bind(int(self.clock.now_ms()));
            query.fetch_optional(c).await
        })?;
        row.map(ticket).transpose()
    }

    /// Uses a ticket: of two who use it at once one gets it.
    pub(crate) async fn use_ticket(&self, secret: &str) -> sqlx::Result<Option<Ticket>> {
        const SQL: &str = "DELETE FROM ticket WHERE hash = $1 AND exp > $2 RETURNING email, room";
        let row = write_on!(&self.db, c => {
            let query = sqlx::query_as::<_, TicketRow>(SQL).bind(hashed(secret)).bind(int(self.clock.now_ms()));
            query.fetch_optional(c).await
        })?;
        row.map(ticket).transpose()
    }

    /// Whether a nonce was used.
    pub(crate) async fn nonce_is_used(&self, nonce: &str) -> sqlx::Result<bool> {
        const SQL: &str = "SELECT hash FROM nonce WHERE hash = $1";
        let row: Option<String> =
            on!(&self.db, c => sqlx::query_scalar(SQL).bind(hashed(nonce)).fetch_optional(c).await)?;
        Ok(row.is_some())
    }

    /// Uses a nonce; false when it was used before.
    pub(crate) async fn use_nonce(&self, nonce: &str, exp_ms: u64) -> sqlx::Result<bool> {
        const SQL: &str = "INSERT INTO nonce (hash, exp) VALUES ($1, $2) ON CONFLICT (hash) DO NOTHING";
        write_on!(&self.db, c => {
            let done = sqlx::query(SQL).bind(hashed(nonce)).bind(int(exp_ms)).execute(c).await?;
            Ok(done.rows_affected() > 0)
        })
    }
}
