//! The database handle: SQLite or PostgreSQL with one SQL text.
//!
//! Rules that make one text enough: columns are `TEXT`, `BIGINT`, `BOOLEAN` or `DOUBLE PRECISION`; placeholders are `$1`,
//! `$2`, ...; ids are ULIDs as text, times are milliseconds as `BIGINT`, JSON is text; `CAST(SUM(x) AS BIGINT)`; no
//! `CURRENT_TIMESTAMP`. [`on!`](crate::on), [`write_on!`](crate::write_on) and [`within!`](crate::within) write the Rust once
//! and check it against both drivers.

use std::str::FromStr;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection as _, PgPool, Postgres, Sqlite, SqlitePool, Transaction};

use crate::secret::Secret;

/// How long after its last use a connection to a server is trusted to stand.
const TRUSTED: Duration = Duration::from_secs(1);

/// An open database.
#[derive(Debug, Clone)]
pub enum Db {
    /// A file of our own.
    Sqlite(DbFile),
    /// A server.
    Postgres(PgPool),
}

/// A SQLite file. It has one writer at a time, and SQLite lets those who wait try again by chance: who is unlucky runs out of
/// time. Here all writers take turns on one connection, in the order in which they come, and it always has the newest pages.
#[derive(Debug, Clone)]
pub struct DbFile {
    /// Its connections for reading.
    pub pool: SqlitePool,
    /// The connection for transactions and for single statements that write.
    pub writer: SqlitePool,
}

impl From<SqlitePool> for DbFile {
    fn from(pool: SqlitePool) -> Self {
        Self { writer: pool.clone(), pool }
    }
}

/// A transaction; it is rolled back unless saved.
#[derive(Debug)]
pub enum Tx {
    /// On SQLite.
    Sqlite(Transaction<'static, Sqlite>),
    /// On PostgreSQL.
    Postgres(Transaction<'static, Postgres>),
}

/// Runs a body that reads on whichever database it is: `on!(db, c => query(SQL).fetch_all(c).await)`.
#[macro_export]
macro_rules! on {
    ($db:expr, $c:ident => $body:expr) => {
        match $db {
            $crate::db::Db::Sqlite(file) => {
                let $c = &file.pool;
                $body
            }
            $crate::db::Db::Postgres($c) => $body,
        }
    };
}

/// Like [`on!`](crate::on), for a statement that writes: it waits for its turn among the writers.
#[macro_export]
macro_rules! write_on {
    ($db:expr, $c:ident => $body:expr) => {
        match $db {
            $crate::db::Db::Sqlite(file) => {
                let $c = &file.writer;
                $body
            }
            $crate::db::Db::Postgres($c) => $body,
        }
    };
}

/// Like [`on!`](crate::on), for a transaction; the executor is a connection.
#[macro_export]
macro_rules! within {
    ($tx:expr, $c:ident => $body:expr) => {
        match $tx {
            $crate::db::Tx::Sqlite(tx) => {
                let $c = &mut **tx;
                $body
            }
            $crate::db::Tx::Postgres(tx) => {
                let $c = &mut **tx;
                $body
            }
        }
    };
}

impl Db {
    /// Opens `sqlite:/path/file` or `postgres://user@host/name` and brings its tables up to date.
    ///
    /// # Errors
    /// With a sentence for the administrator.
    pub async fn open(url: &str, password: Option<&Secret>, migrations: &Migrator) -> Result<Self> {
        let db = match url.split_once(':') {
            Some(("sqlite", _)) => Self::Sqlite(file(url).await?),
            Some(("postgres" | "postgresql", _)) => {
                let mut options = PgConnectOptions::from_str(url).context("the database address is not understood")?;
                if let Some(password) = password {
                    options = options.password(password.expose());
                }
                Self::Postgres(server(10).connect_with(options).await.context("cannot reach PostgreSQL")?)
            }
            _ => bail!("a database address starts with sqlite: or postgres:"),
        };
        match &db {
            Self::Sqlite(file) => migrations.run(&file.writer).await,
            Self::Postgres(pool) => migrations.run(pool).await,
        }
        .context("cannot bring the tables up to date")?;
        Ok(db)
    }

    /// Whether another process works on it, so that this one can do something else meanwhile.
    pub const fn is_server(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }

    /// The same database for somebody who writes without pause: by connections of their own, which a server then has at hand.
    /// One that was used a moment ago is trusted; of another one it is asked first whether it still stands.
    #[must_use]
    pub fn for_a_busy_writer(&self) -> Self {
        match self {
            Self::Sqlite(file) => Self::Sqlite(file.clone()),
            Self::Postgres(pool) => {
                let options = pool.connect_options().as_ref().clone();
                let pool = server(2).test_before_acquire(false).before_acquire(|connection, used| {
                    Box::pin(async move { Ok(used.idle_for < TRUSTED || connection.ping().await.is_ok()) })
                });
                Self::Postgres(pool.connect_lazy_with(options))
            }
        }
    }

    /// Begins a transaction that will write.
    ///
    /// # Errors
    /// When the database is away, or locked for longer than its time limit.
    pub async fn begin(&self) -> sqlx::Result<Tx> {
        Ok(match self {
            // A transaction that begins by reading could find the file locked when it comes to write.
            Self::Sqlite(file) => Tx::Sqlite(file.writer.begin_with("BEGIN IMMEDIATE").await?),
            Self::Postgres(pool) => Tx::Postgres(pool.begin().await?),
        })
    }

    /// Closes all connections.
    pub async fn close(&self) {
        if let Self::Sqlite(file) = self {
            file.writer.close().await;
        }
        on!(self, pool => pool.close().await);
    }
}

impl Tx {
    /// Makes what was written durable.
    ///
    /// # Errors
    /// When it could not be made durable; then nothing of it is kept.
    pub async fn save(self) -> sqlx::Result<()> {
        match self {
            Self::Sqlite(tx) => tx.commit().await,
            Self::Postgres(tx) => tx.commit().await,
        }
    }
}

fn server(connections: u32) -> PgPoolOptions {
    PgPoolOptions::new().max_connections(connections).acquire_timeout(Duration::from_secs(5))
}

/// WAL lets readers read while one writes; FULL makes a commit survive a power cut.
async fn file(url: &str) -> Result<DbFile> {
    let options = SqliteConnectOptions::from_str(url)
        .context("the database address is not understood")?
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(5));
    let open = async |connections, options| {
        // A file does not hang up: nothing is gained by asking before each use.
        let pool = SqlitePoolOptions::new().acquire_timeout(Duration::from_secs(5)).test_before_acquire(false);
        let pool = pool.max_connections(connections).connect_with(options);
        pool.await.context("cannot open the SQLite database")
    };
    // Who forgets to wait for a turn is refused by SQLite itself.
    let reading = options.clone().pragma("query_only", "ON");
    Ok(DbFile { writer: open(1, options).await?, pool: open(8, reading).await? })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use sqlx::query_scalar;

    use super::*;
    use crate::dice::Dice;

    #[tokio::test]
    async fn every_writer_of_a_file_survives_a_power_cut() {
        let path = std::env::temp_dir().join(format!("symposium-full-{:032x}.sqlite", Dice::System.bits()));
        let file = super::file(&format!("sqlite:{}", path.display())).await.expect("a file");
        for pool in [&file.pool, &file.writer] {
            let synchronous: i64 = query_scalar("PRAGMA synchronous").fetch_one(pool).await.expect("an answer");
            let journal: String = query_scalar("PRAGMA journal_mode").fetch_one(pool).await.expect("an answer");
            assert_eq!((synchronous, journal.as_str()), (2, "wal"), "FULL is 2");
        }
        let _ = std::fs::remove_file(path);
    }

    #[tokio::test]
    async fn who_forgets_to_wait_for_a_turn_is_refused() {
        const MAKE: &str = "CREATE TABLE t (a TEXT)";
        let path = std::env::temp_dir().join(format!("symposium-turn-{:032x}.sqlite", Dice::System.bits()));
        let db = Db::Sqlite(super::file(&format!("sqlite:{}", path.display())).await.expect("a file"));
        assert!(on!(&db, c => sqlx::query(MAKE).execute(c).await.map(drop)).is_err());
        write_on!(&db, c => sqlx::query(MAKE).execute(c).await.map(drop)).expect("in its turn");
        let _ = std::fs::remove_file(path);
    }

    #[tokio::test]
    async fn writers_of_a_file_take_turns_and_readers_wait_for_none_of_them() {
        let file = std::env::temp_dir().join(format!("symposium-turns-{:032x}.sqlite", Dice::System.bits()));
        let db = Db::Sqlite(super::file(&format!("sqlite:{}", file.display())).await.expect("a file"));
        let first = db.begin().await.expect("the first turn");
        let ended = Arc::new(std::sync::Mutex::new(Vec::new()));
        let mut writers = Vec::new();
        for n in 0..20 {
            let (db, ended) = (db.clone(), ended.clone());
            writers.push(tokio::spawn(async move {
                let tx = db.begin().await.expect("a turn");
                ended.lock().expect("no panic").push(n);
                tx.save().await.expect("saved");
            }));
            // It stands in the queue before the next one comes.
            tokio::task::yield_now().await;
        }
        let one: i64 = on!(&db, c => query_scalar("SELECT 1").fetch_one(c).await).expect("a reader needs no turn");
        assert_eq!((one, ended.lock().expect("no panic").len()), (1, 0));
        first.save().await.expect("saved");
        for writer in writers {
            writer.await.expect("no panic");
        }
        assert_eq!(*ended.lock().expect("no panic"), (0..20).collect::<Vec<_>>());
        let _ = std::fs::remove_file(file);
    }
}
