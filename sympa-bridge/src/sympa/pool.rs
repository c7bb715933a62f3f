//! Sympa's database, whichever engine it is on, read and never written: the only file that knows the three engines.
//!
//! A question is SQL with texts bound into it, an answer is rows of texts: column types differ from engine to engine and
//! from version to version, and only keys are really NOT NULL, so every cell is read as a text that may be absent.

use std::str::FromStr;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use service::secret::Secret;
use sqlx::mysql::{MySqlConnectOptions, MySqlPoolOptions};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{
    Column as _, MySql, MySqlPool, PgPool, Postgres, QueryBuilder, Row as _, Sqlite, SqlitePool, TypeInfo as _,
};

/// How many values one question binds in a list.
pub(crate) const CHUNK: usize = 500;
/// How many connections to Sympa's database all who ask share, and how many the watch has for itself beside them.
pub(crate) const CROWD: usize = 8;
pub(crate) const WATCH: usize = 2;
const MOST: u32 = 10;
/// How long to wait for a connection: a stopped database is noticed this fast.
const ACQUIRE: Duration = Duration::from_secs(2);
/// How long one question may take.
const ANSWER: Duration = Duration::from_secs(10);

/// A row of an answer.
pub(crate) type Row = Vec<Option<String>>;

/// Sympa's database.
#[derive(Debug, Clone)]
pub(crate) enum Pool {
    MySql(MySqlPool),
    Postgres(PgPool),
    Sqlite(SqlitePool),
}

/// A question: literal SQL and bound texts.
#[derive(Debug, Clone, Default)]
pub(crate) struct Question(Vec<Piece>);

#[derive(Debug, Clone)]
enum Piece {
    Sql(&'static str),
    Text(String),
}

impl Question {
    pub(crate) fn new(sql: &'static str) -> Self {
        Self(vec![Piece::Sql(sql)])
    }

    #[must_use]
    pub(crate) fn sql(mut self, sql: &'static str) -> Self {
        self.0.push(Piece::Sql(sql));
        self
    }

    #[must_use]
    pub(crate) fn text(mut self, text: impl Into<String>) -> Self {
        self.0.push(Piece::Text(text.into()));
        self
    }

    /// `(?, ?, ?)`. Invariant: there is at least one text, because `()` is no SQL.
    #[must_use]
    pub(crate) fn list<'a>(mut self, texts: impl IntoIterator<Item = &'a str>) -> Self {
        for (n, text) in texts.into_iter().enumerate() {
            self.0.push(Piece::Sql(if n == 0 { "(" } else { ", " }));
            self.0.push(Piece::Text(text.to_owned()));
        }
        self.0.push(Piece::Sql(")"));
        self
    }
}

macro_rules! answer {
    ($engine:ty, $pool:expr, $question:expr) => {{
        let mut query = QueryBuilder::<$engine>::new("");
        for piece in &$question.0 {
            match piece {
                Piece::Sql(sql) => query.push(*sql),
                Piece::Text(text) => query.push_bind(text.as_str()),
            };
        }
        let rows = query.build().fetch_all($pool).await?;
        rows.iter().map(|row| (0..row.len()).map(|at| cell!(row, at)).collect()).collect()
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

    /// Asks.
    pub(crate) async fn rows(&self, question: &Question) -> sqlx::Result<Vec<Row>> {
        let answer = async {
            sqlx::Result::Ok(match self {
                Self::MySql(pool) => answer!(MySql, pool, question),
                Self::Postgres(pool) => answer!(Postgres, pool, question),
                Self::Sqlite(pool) => answer!(Sqlite, pool, question),
            })
        };
        tokio::time::timeout(ANSWER, answer).await.unwrap_or(Err(sqlx::Error::PoolTimedOut))
    }
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
            // MariaDB and MySQL have different words for a limit of time; the other one's is refused and does no harm.
            for words in ["SET SESSION max_statement_time = 10", "SET SESSION max_execution_time = 10000"] {
                let _ = sqlx::query(words).execute(&mut *connection).await;
            }
            Ok(())
        })
    })
    .connect_lazy_with(options)
}
