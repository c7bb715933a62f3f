//! The bridge's own database: who is who, rooms, sessions, sanctions, what was issued. One SQL text for both engines.

pub(crate) mod audit;
pub(crate) mod closed;
pub(crate) mod keys;
pub(crate) mod live;
mod packed;
pub(crate) mod people;
pub(crate) mod rooms;
pub(crate) mod sanctions;
pub(crate) mod sessions;
pub(crate) mod settings;
pub(crate) mod tickets;

use std::str::FromStr;

use anyhow::Result;
use aws_lc_rs::digest::{SHA256, digest};
use service::clock::Clock;
use service::db::Db;
use service::dice::Dice;
use service::secret::Secret;
use sqlx::migrate::Migrator;

use crate::sympa::password::hex;

static MIGRATIONS: Migrator = sqlx::migrate!();

/// How many values one statement binds in a list.
const CHUNK: usize = 500;

/// The bridge's own database.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    db: Db,
    clock: Clock,
    dice: Dice,
}

impl Store {
    pub(crate) async fn open(url: &str, password: Option<&Secret>, clock: Clock, dice: Dice) -> Result<Self> {
        Ok(Self { db: Db::open(url, password, &MIGRATIONS).await?, clock, dice })
    }
}

/// What is kept of a secret text.
pub(crate) fn hashed(secret: &str) -> String {
    hex(digest(&SHA256, secret.as_bytes()).as_ref())
}

/// A time or count as the database holds it.
fn int(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A time or count from the database.
fn uint(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

/// A cell of a packed row that is never absent.
fn there(cell: Option<String>) -> sqlx::Result<String> {
    cell.ok_or_else(|| sqlx::Error::Decode("our own database lacks what we wrote".into()))
}

/// A text of ours from the database: an id, an address, a word.
fn parsed<T: FromStr>(text: &str) -> sqlx::Result<T> {
    text.parse().map_err(|_| sqlx::Error::Decode("our own database holds what we never wrote".into()))
}

/// A word of one of our closed enums, as it stands on the wire.
fn word<T: serde::Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

/// The enum of a word.
fn from_word<T: serde::de::DeserializeOwned>(word: &str) -> sqlx::Result<T> {
    serde_json::from_value(serde_json::Value::String(word.to_owned()))
        .map_err(|error| sqlx::Error::Decode(error.into()))
}
