//! What is kept: events, the items they make, reactions, mentions, read marks, the audit. One SQL text for both databases.

pub(crate) mod events;
mod forget;
mod history;
pub(crate) mod marks;
pub(crate) mod notes;
mod rows;
pub(crate) mod says;

pub use events::{Audited, Target};
pub use history::{Page, Window};
pub use says::NewSaid;

use service::db::Db;
use sqlx::migrate::Migrator;

/// The tables of chat-server.
pub static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

/// Reads what is kept. Writing goes through the [writer](crate::writer) alone.
#[derive(Debug, Clone)]
pub struct Store {
    db: Db,
}

impl Store {
    /// Over an open database.
    pub const fn new(db: Db) -> Self {
        Self { db }
    }

    /// The database itself.
    pub const fn db(&self) -> &Db {
        &self.db
    }
}

/// Sequence numbers stay below 2^53 and fit.
#[expect(clippy::cast_possible_wrap, reason = "numbers stay below 2^53")]
pub(crate) const fn db_int(n: u64) -> i64 {
    n as i64
}

/// Nothing negative is ever stored.
#[expect(clippy::cast_sign_loss, reason = "nothing negative is stored")]
pub(crate) const fn from_db(n: i64) -> u64 {
    n as u64
}
