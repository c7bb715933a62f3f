//! Sympa, as the bridge sees it: read-only questions to its database, and what only its files know.
//!
//! Invariant: nothing here writes. Every failure is [`Away`]: the caller tells `sympa_unavailable` and changes nothing.

pub(crate) mod accounts;
pub(crate) mod list_files;
pub(crate) mod listmasters;
pub(crate) mod lists;
pub(crate) mod members;
pub(crate) mod password;
pub(crate) mod people;
pub(crate) mod places;
pub(crate) mod pool;
pub(crate) mod question;
pub(crate) mod sessions;
pub(crate) mod survey;

use std::time::Duration;

use anyhow::Result;
use membership::Email;
use service::Problem;
use service::health::{Colour, Health};
use service::secret::Secret;
use tokio::sync::Semaphore;

use crate::sql::packed::{Packed, Row};
use pool::{CROWD, Pool, WATCH};
use question::Question;

/// How long a question waits for its turn.
const TURN: Duration = Duration::from_secs(5);

tokio::task_local! {
    /// Set while the watch asks.
    static WATCHING: ();
}

/// Lets what is asked meanwhile take the turns of the watch, which waits behind no crowd: it has to tell who is out.
pub(crate) async fn watching<F: Future>(asking: F) -> F::Output {
    WATCHING.scope((), asking).await
}

/// Sympa cannot be read now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Sympa's database cannot be read")]
pub(crate) struct Away;

impl From<Away> for Problem {
    fn from(_: Away) -> Self {
        Self::unavailable("sympa_unavailable")
    }
}

/// The reader of Sympa.
#[derive(Debug)]
pub(crate) struct Sympa {
    pool: Pool,
    /// Questions beyond the pool's connections wait here: a crowd is no failure of Sympa.
    turns: Semaphore,
    /// The turns of the watch alone.
    turns_of_watch: Semaphore,
    health: Health,
}

impl Sympa {
    /// A reader; Sympa may be away now and come back.
    pub(crate) fn new(url: &str, password: Option<&Secret>, health: Health) -> Result<Self> {
        let (turns, turns_of_watch) = (Semaphore::new(CROWD), Semaphore::new(WATCH));
        Ok(Self { pool: Pool::prepare(url, password)?, turns, turns_of_watch, health })
    }

    /// Why Sympa's database cannot be reached, when that is so.
    pub(crate) async fn why_away(&self) -> Option<String> {
        self.pool.why_away().await.map(|error| error.to_string())
    }

    async fn rows(&self, question: &Question) -> Result<Vec<Row>, Away> {
        self.in_turn(self.pool.rows(question)).await
    }

    async fn packed(&self, question: &Question) -> Result<Packed, Away> {
        self.in_turn(self.pool.packed(question)).await
    }

    async fn in_turn<T>(&self, answer: impl Future<Output = sqlx::Result<T>>) -> Result<T, Away> {
        let is_watch = WATCHING.try_with(|()| ()).is_ok();
        let turns = if is_watch { &self.turns_of_watch } else { &self.turns };
        let turn = tokio::time::timeout(TURN, turns.acquire()).await;
        let _turn = turn.ok().and_then(Result::ok).ok_or(Away)?;
        match answer.await {
            Ok(answer) => {
                self.health.set("sympa", Colour::Green, "Sympa's database can be read.");
                Ok(answer)
            }
            Err(error) => {
                metrics::counter!("bridge_sympa_failures_total").increment(1);
                let words = format!("Sympa's database cannot be read: {error}. Nobody can sign in or renew.");
                self.health.set("sympa", Colour::Amber, words);
                Err(Away)
            }
        }
    }

    /// Whether Sympa can be read now.
    pub(crate) async fn is_there(&self) -> Result<(), Away> {
        let question = Question::new("SELECT name_list FROM list_table WHERE name_list = ").text("-");
        self.rows(&question).await.map(drop)
    }
}

/// Whether a returned address is the one asked for. MySQL compares without accents and ignores trailing blanks, so what it
/// returns may be somebody else's row.
fn is_same(returned: &str, asked: &Email) -> bool {
    returned.eq_ignore_ascii_case(asked.as_str())
}

/// One cell of a row as an owned text; absent and empty are the same.
fn cell(row: &mut Row, at: usize) -> Option<String> {
    row.get_mut(at)?.take().filter(|text| !text.is_empty())
}

/// One cell of a row as a number.
fn number(row: &Row, at: usize) -> Option<i64> {
    row.get(at)?.as_deref()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};

    use super::*;

    #[tokio::test]
    async fn the_watch_does_not_wait_behind_the_crowd() {
        let name = format!("symposium-turns-{:032x}.sqlite", service::dice::Dice::System.bits());
        let file = std::env::temp_dir().join(name);
        let options = SqliteConnectOptions::new().filename(&file).create_if_missing(true);
        let made = SqlitePoolOptions::new().max_connections(1).connect_with(options).await.expect("a database");
        sqlx::query("CREATE TABLE list_table (name_list TEXT)").execute(&made).await.expect("a table");
        let sympa = Sympa::new(&format!("sqlite:{}", file.display()), None, Health::default()).expect("a reader");
        let _crowd = sympa.turns.acquire_many(8).await.expect("all turns of the crowd");
        let soon = |asking| tokio::time::timeout(Duration::from_secs(1), asking);
        assert!(tokio::time::timeout(Duration::from_millis(50), sympa.is_there()).await.is_err(), "the crowd waits");
        assert_eq!(soon(watching(sympa.is_there())).await, Ok(Ok(())));
        let _ = std::fs::remove_file(file);
    }
}
