//! Sympa's database, whichever engine it is on, read and never written. Only here and in `sql` are the three engines known.
//!
//! An answer is rows of texts: column types differ from engine to engine and from version to version, and only keys are
//! really NOT NULL, so every cell is read as a text that may be absent. Answers about many people come packed into one text.

use std::str::FromStr;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use service::secret::Secret;
use sqlx::mysql::{MySqlConnectOptions, MySqlPoolOptions};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{
    Column as _, ConnectOptions as _, MySql, MySqlPool, PgPool, Postgres, QueryBuilder, Row as _, Sqlite, SqlitePool,
    TypeInfo as _,
};

use super::question::{Piece, Question};
use crate::sql::among;
use crate::sql::packed::{self, Joining, Packed, Row};

/// How many values one question binds in a list.
pub(crate) const CHUNK: usize = 500;
/// Lists of values are as long as one of these says, or a multiple of the last, so that MariaDB has few statements to prepare.
const LENGTHS: [usize; 7] = [1, 2, 4, 8, 16, 32, 64];
/// How many connections to Sympa's database all who ask share, and how many the watch has for itself beside them.
pub(crate) const CROWD: usize = 8;
pub(crate) const WATCH: usize = 2;
const MOST: u32 = 10;
/// How long to wait for a connection: a stopped database is noticed this fast.
const ACQUIRE: Duration = Duration::from_secs(2);
/// How long one question may take.
const ANSWER: Duration = Duration::from_secs(10);
/// How MariaDB and MySQL join texts. Converted, so that all parts of a UNION have one collation, whatever the columns have.
const MYSQL: Joining = ("GROUP_CONCAT(CONVERT(", " USING utf8mb4) SEPARATOR '')");

/// Sympa's database.
#[derive(Debug, Clone)]
pub(crate) enum Pool {
    MySql(MySqlPool),
    Postgres(PgPool),
    Sqlite(SqlitePool),
}

/// The length of a list with room for so many.
fn length(texts: usize) -> usize {
    let [.., longest] = LENGTHS;
    LENGTHS.into_iter().find(|length| *length >= texts).unwrap_or_else(|| texts.next_multiple_of(longest))
}

macro_rules! ask {
    ($engine:ty, $joining:expr, $among:ident, $pool:expr, $question:expr) => {{
        let mut query = QueryBuilder::<$engine>::new("");
        for piece in &$question.pieces {
            match piece {
                Piece::Sql(sql) => query.push(*sql),
                Piece::Text(text) => query.push_bind(text.as_str()),
                Piece::Among(texts) => $among!(query, texts),
                Piece::Packed(columns) => query.push(packed::select(columns, $joining)),
            };
        }
        query.build().fetch_all($pool).await?
    }};
}

macro_rules! among_sqlite {
    ($query:ident, $texts:expr) => {
        $query.push(among::SQLITE.0).push_bind(among::text($texts)).push(among::SQLITE.1)
    };
}

macro_rules! among_postgres {
    ($query:ident, $texts:expr) => {
        $query.push(among::POSTGRES.0).push_bind(among::text($texts)).push(among::POSTGRES.1)
    };
}

/// `IN (?, ?, ?)`; the last text fills the list.
macro_rules! among_mysql {
    ($query:ident, $texts:expr) => {{
        $query.push(" IN (");
        let mut list = $query.separated(", ");
        for text in $texts.iter().chain($texts.last().into_iter().cycle()).take(length($texts.len())) {
            list.push_bind(text.as_str());
        }
        $query.push(")")
    }};
}

macro_rules! rows {
    ($rows:expr) => {
        $rows.iter().map(|row| (0..row.len()).map(|at| cell!(row, at)).collect()).collect()
    };
}

/// Each part of a question has one row: how many rows it found, and their text. A database's types of texts are many: its
/// bytes are taken as they are.
macro_rules! packed {
    ($rows:expr) => {{
        let (mut count, mut bytes) = (0, Vec::new());
        for row in &$rows {
            count += row.try_get::<i64, _>(0)?;
            bytes.extend_from_slice(row.try_get_unchecked::<Option<&[u8]>, _>(1)?.unwrap_or_default());
        }
        (count, bytes)
    }};
}

/// A refused type costs more than a cell: what the column says it holds is tried first.
macro_rules! cell {
    ($row:expr, $at:expr) => {{
        if $row.column($at).type_info().name().contains("INT") {
            number!($row, $at).or_else(|| $row.try_get::<Option<String>, _>($at).ok().flatten())
        } else {
            $row.try_get::<Option<String>, _>($at).unwrap_or_else(|_| number!($row, $at))
        }
    }};
}

macro_rules! number {
    ($row:expr, $at:expr) => {
        if $row.column($at).type_info().name() == "INT4" {
            $row.try_get::<Option<i32>, _>($at).map(|n| n.map(i64::from))
        } else {
            $row.try_get::<Option<i64>, _>($at)
        }
        .or_else(|_| $row.try_get::<Option<i32>, _>($at).map(|n| n.map(i64::from)))
        .or_else(|_| $row.try_get::<Option<i16>, _>($at).map(|n| n.map(i64::from)))
        .ok()
        .flatten()
        .map(|n| n.to_string())
    };
}

impl Pool {
    /// Prepares connections; none is opened yet, because Sympa may be away now and come back.
    pub(crate) fn prepare(url: &str, password: Option<&Secret>) -> Result<Self> {
        let wrong = "the address of Sympa's database is not understood";
        match url.split_once(':').map(|(scheme, _)| scheme) {
            Some("sqlite") => Ok(Self::Sqlite(sqlite(SqliteConnectOptions::from_str(url).context(wrong)?))),
            Some("postgres" | "postgresql") => {
                let options = PgConnectOptions::from_str(url).context(wrong)?;
                Ok(Self::Postgres(postgres(with(options, password, PgConnectOptions::password))))
            }
            Some("mysql" | "mariadb") => {
                let options = MySqlConnectOptions::from_str(url).context(wrong)?;
                Ok(Self::MySql(mysql(with(options, password, MySqlConnectOptions::password))))
            }
            _ => bail!("the address of Sympa's database starts with mysql:, postgres: or sqlite:"),
        }
    }

    /// Why no connection can be opened, when that is so.
    pub(crate) async fn why_away(&self) -> Option<sqlx::Error> {
        let tried = in_time(async {
            match self {
                Self::MySql(pool) => pool.connect_options().connect().await.map(drop),
                Self::Postgres(pool) => pool.connect_options().connect().await.map(drop),
                Self::Sqlite(pool) => pool.connect_options().connect().await.map(drop),
            }
        });
        tried.await.err()
    }

    /// Asks.
    pub(crate) async fn rows(&self, question: &Question) -> sqlx::Result<Vec<Row>> {
        in_time(async {
            Ok(match self {
                Self::MySql(pool) => rows!(ask!(MySql, MYSQL, among_mysql, pool, question)),
                Self::Postgres(pool) => rows!(ask!(Postgres, packed::STANDARD, among_postgres, pool, question)),
                Self::Sqlite(pool) => rows!(ask!(Sqlite, packed::STANDARD, among_sqlite, pool, question)),
            })
        })
        .await
    }

    /// Asks what is answered packed.
    pub(crate) async fn packed(&self, question: &Question) -> sqlx::Result<Packed> {
        let (count, bytes) = in_time(async {
            Ok(match self {
                Self::MySql(pool) => packed!(ask!(MySql, MYSQL, among_mysql, pool, question)),
                Self::Postgres(pool) => packed!(ask!(Postgres, packed::STANDARD, among_postgres, pool, question)),
                Self::Sqlite(pool) => packed!(ask!(Sqlite, packed::STANDARD, among_sqlite, pool, question)),
            })
        })
        .await?;
        let cut = "an answer was cut; max_allowed_packet is too small";
        Packed::new(question.columns, count, bytes).ok_or_else(|| sqlx::Error::Decode(cut.into()))
    }
}

async fn in_time<T>(answer: impl Future<Output = sqlx::Result<T>>) -> sqlx::Result<T> {
    tokio::time::timeout(ANSWER, answer).await.unwrap_or(Err(sqlx::Error::PoolTimedOut))
}

fn with<O>(options: O, password: Option<&Secret>, set: impl FnOnce(O, &str) -> O) -> O {
    match password {
        Some(password) => set(options, password.expose()),
        None => options,
    }
}

/// Sympa keeps the journal mode `delete` and itself waits 5 s: we read shortly and wait as long.
fn sqlite(options: SqliteConnectOptions) -> SqlitePool {
    let options = options.read_only(true).create_if_missing(false).busy_timeout(Duration::from_secs(5));
    let options = options.thread_name(|n| format!("sympa-sqlite-{n}"));
    SqlitePoolOptions::new().max_connections(MOST).acquire_timeout(ACQUIRE).connect_lazy_with(options)
}

fn postgres(options: PgConnectOptions) -> PgPool {
    let limits = [("default_transaction_read_only", "on"), ("statement_timeout", "10000"), ("lock_timeout", "2000")];
    let options = options.options(limits).application_name("symposium");
    PgPoolOptions::new().max_connections(MOST).acquire_timeout(ACQUIRE).connect_lazy_with(options)
}

fn mysql(options: MySqlConnectOptions) -> MySqlPool {
    let options = options.charset("utf8mb4");
    let pool = MySqlPoolOptions::new().max_connections(MOST).acquire_timeout(ACQUIRE);
    pool.after_connect(|connection, _| {
        Box::pin(async move {
            sqlx::query("SET SESSION TRANSACTION READ ONLY").execute(&mut *connection).await?;
            // What is longer would be cut.
            sqlx::query("SET SESSION group_concat_max_len = 1073741824").execute(&mut *connection).await?;
            // MariaDB and MySQL have different words for a limit of time; the other one's is refused and does no harm.
            for words in ["SET SESSION max_statement_time = 10", "SET SESSION max_execution_time = 10000"] {
                let _ = sqlx::query(words).execute(&mut *connection).await;
            }
            Ok(())
        })
    })
    .connect_lazy_with(options)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use service::dice::Dice;

    use super::*;

    /// A file of Sympa that is gone afterwards.
    struct File(PathBuf);

    impl File {
        fn new() -> Self {
            Self(std::env::temp_dir().join(format!("symposium-sympa-{:032x}.sqlite", Dice::System.bits())))
        }

        fn url(&self) -> String {
            format!("sqlite:{}", self.0.display())
        }
    }

    impl Drop for File {
        fn drop(&mut self) {
            let _ = std::fs::remove_file(&self.0);
        }
    }

    #[tokio::test]
    async fn sqlite_is_read_and_no_word_of_ours_changes_it() {
        let file = File::new();
        let options = SqliteConnectOptions::from_str(&file.url()).expect("an address").create_if_missing(true);
        let sympa = SqlitePoolOptions::new().max_connections(1).connect_with(options).await.expect("a database");
        let tables = "CREATE TABLE user_table (email_user TEXT); INSERT INTO user_table VALUES ('ann@example.org')";
        sqlx::raw_sql(tables).execute(&sympa).await.expect("Sympa writes");
        // This process may write the file: only how the bridge opens it can refuse.
        let pool = Pool::prepare(&file.url(), None).expect("an address");
        let Pool::Sqlite(connections) = &pool else { panic!("{pool:?} is not SQLite") };
        for words in [
            "UPDATE user_table SET email_user = 'eve@example.org'",
            "INSERT INTO user_table VALUES ('eve@example.org')",
            "DELETE FROM user_table",
            "CREATE TABLE eve (x)",
            "DROP TABLE user_table",
        ] {
            let refused = sqlx::raw_sql(words).execute(connections).await.expect_err(words).to_string();
            assert!(refused.contains("readonly"), "{words}: {refused}");
        }
        let rows = pool.rows(&Question::new("SELECT email_user FROM user_table")).await.expect("an answer");
        assert_eq!(rows, [[Some("ann@example.org".to_owned())]]);
    }

    #[tokio::test]
    async fn a_sqlite_file_that_is_not_there_is_not_made() {
        let file = File::new();
        let pool = Pool::prepare(&file.url(), None).expect("an address");
        pool.rows(&Question::new("SELECT 1")).await.expect_err("there is nothing to read");
        assert!(!file.0.exists(), "Sympa makes its database itself");
    }
}
