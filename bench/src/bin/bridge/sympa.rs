//! The database of a big Sympa: every fourth row of `subscriber_table` is another person, five hundred are on a list, and a
//! few people are on a hundred lists.

use std::fmt::Write as _;
use std::str::FromStr;

use anyhow::{Result, bail};
use sqlx::mysql::{MySqlPool, MySqlPoolOptions};
use sqlx::postgres::{PgPool, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions};
use sqlx::{MySql, Postgres, QueryBuilder, Sqlite};

/// On how many lists everybody is.
pub(crate) const EACH: u64 = 4;
/// Members of a list.
const MEMBERS: u64 = 500;
/// On how many lists the busy people are.
pub(crate) const MANY: u64 = 100;
/// How many of them there are.
pub(crate) const BUSY: u64 = 16;
/// Rows of one insert.
const BATCH: usize = 5000;

const TABLES: &str = include_str!("../../../../sympa-bridge/tests/support/schema/0001_sympa.sql");
const MARIADB: &str = include_str!("../../../../sympa-bridge/tests/support/mariadb.sql");

enum Pool {
    MySql(MySqlPool),
    Postgres(PgPool),
    Sqlite(SqlitePool),
}

/// What was written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sympa {
    people: u64,
}

/// A person's address; the busy ones come after everybody else.
pub(crate) fn email(person: u64) -> String {
    format!("person{person}@people.example.org")
}

/// The id of a person's Sympa session.
pub(crate) fn session(person: u64) -> String {
    format!("{:015}", 100_000_000_000_u64 + person * 7919)
}

pub(crate) const fn lists(rows: u64) -> u64 {
    let lists = rows / MEMBERS;
    if lists < 1000 { 1000 } else { lists }
}

/// The lists of a person.
pub(crate) const fn list(person: u64, nth: u64, lists: u64) -> u64 {
    (person * 7 + nth * 251) % lists
}

impl Sympa {
    /// The people who are on many lists.
    pub(crate) fn busy(&self) -> impl Iterator<Item = u64> {
        self.people..self.people + BUSY
    }

    /// Writes the database.
    pub(crate) async fn write(url: &str, rows: u64, online: u64) -> Result<Self> {
        let pool = Pool::open(url).await?;
        pool.tables().await?;
        let (people, lists) = (rows / EACH, lists(rows));
        let robot = "lists.example.org";
        let row = |n| format!("('list-{n}', '{robot}', 'open', 'about the list number {n}')");
        pool.insert("list_table (name_list, robot_list, status_list, searchkey_list)", (0..lists).map(row)).await?;
        let row = |n| format!("('owner{}@people.example.org', 'list-{n}', '{robot}', 'owner', 'privileged')", n % 100);
        let columns = "admin_table (user_admin, list_admin, robot_admin, role_admin, profile_admin)";
        pool.insert(columns, (0..lists).map(row)).await?;
        let row = |n| format!("('{}', 'Person Number {n}', 'en')", email(n));
        pool.insert("user_table (email_user, gecos_user, lang_user)", (0..people + BUSY).map(row)).await?;
        let of = |person, many| (0..many).map(move |nth| (person, list(person, nth, lists)));
        let row = |(person, list)| format!("('{}', 'list-{list}', '{robot}', 'noconceal', 'Somebody')", email(person));
        let all = (0..people).flat_map(|person| of(person, EACH));
        let all = all.chain((people..people + BUSY).flat_map(|person| of(person, MANY)));
        let columns = "subscriber_table (user_subscriber, list_subscriber, robot_subscriber, visibility_subscriber, \
                       comment_subscriber)";
        pool.insert(columns, all.map(row)).await?;
        let data = ";auth=\"classic\";lang=\"en\";page=\"home\";list=\"\";shared_mode=\"expert\"";
        let row = |n| format!("('{0}', '{0}', 2000000000, '{1}', '{data}')", session(n), email(n));
        let columns = "session_table (id_session, prev_id_session, date_session, email_session, data_session)";
        pool.insert(columns, (0..online * 3).filter(|n| *n < people).chain(people..people + BUSY).map(row)).await?;
        pool.close().await?;
        Ok(Self { people })
    }
}

macro_rules! execute {
    ($engine:ty, $pool:expr, $sql:expr) => {
        QueryBuilder::<$engine>::new($sql).build().persistent(false).execute($pool).await.map(drop)?
    };
}

impl Pool {
    async fn open(url: &str) -> Result<Self> {
        Ok(match url.split(':').next() {
            Some("mysql") => Self::MySql(MySqlPoolOptions::new().max_connections(1).connect(url).await?),
            Some("postgres") => Self::Postgres(PgPoolOptions::new().max_connections(1).connect(url).await?),
            Some("sqlite") => {
                let options = SqliteConnectOptions::from_str(url)?.create_if_missing(true);
                Self::Sqlite(SqlitePoolOptions::new().max_connections(1).connect_with(options).await?)
            }
            _ => bail!("{url} is no database"),
        })
    }

    async fn tables(&self) -> Result<()> {
        match self {
            Self::MySql(pool) => {
                let tables = MARIADB.split("\nINSERT").next().unwrap_or_default();
                sqlx::raw_sql(tables).execute(pool).await.map(drop)?;
            }
            Self::Postgres(pool) => sqlx::raw_sql(TABLES).execute(pool).await.map(drop)?,
            Self::Sqlite(pool) => sqlx::raw_sql(TABLES).execute(pool).await.map(drop)?,
        }
        Ok(())
    }

    async fn run(&self, sql: &str) -> Result<()> {
        match self {
            Self::MySql(pool) => execute!(MySql, pool, sql),
            Self::Postgres(pool) => execute!(Postgres, pool, sql),
            Self::Sqlite(pool) => execute!(Sqlite, pool, sql),
        }
        Ok(())
    }

    async fn insert(&self, into: &str, rows: impl Iterator<Item = String>) -> Result<()> {
        let mut rows = rows.peekable();
        while rows.peek().is_some() {
            let mut sql = format!("INSERT INTO {into} VALUES ");
            for (n, row) in rows.by_ref().take(BATCH).enumerate() {
                write!(sql, "{}{row}", if n == 0 { "" } else { ", " })?;
            }
            self.run(&sql).await?;
        }
        Ok(())
    }

    /// The server's own statistics are made, so that it plans as it would after a night.
    async fn close(self) -> Result<()> {
        match &self {
            Self::MySql(_) => {
                self.run("ANALYZE TABLE subscriber_table, user_table, session_table, admin_table").await?;
            }
            Self::Postgres(_) => self.run("ANALYZE").await?,
            // Sympa itself never makes them on SQLite.
            Self::Sqlite(_) => {}
        }
        match self {
            Self::MySql(pool) => pool.close().await,
            Self::Postgres(pool) => pool.close().await,
            Self::Sqlite(pool) => pool.close().await,
        }
        Ok(())
    }
}
