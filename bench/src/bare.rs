//! Bare commits: the rows that a message makes, in the tables and with the settings of chat-server, and nothing around them.

use std::time::{Duration, Instant};

use anyhow::Result;
use chat_server::store::MIGRATIONS;
use serde::{Deserialize, Serialize};
use service::db::{Db, Tx};
use service::within;
use sqlx::QueryBuilder;
use tokio::time::MissedTickBehavior;

use crate::wire;

/// Rooms that the rows are spread over.
const ROOMS: u64 = 100;

#[derive(Debug, clap::Args)]
pub(crate) struct Flags {
    /// The database.
    #[arg(long)]
    database: String,
    /// Rows in a commit.
    #[arg(long, default_value_t = 1)]
    batch: u64,
    /// Commits per second; as many as possible when 0.
    #[arg(long, default_value_t = 0)]
    rate: u64,
    /// For how long.
    #[arg(long)]
    seconds: u64,
}

/// What bare commits cost.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Commits {
    /// Rows made durable per second.
    pub(crate) rows_per_s: f64,
    /// Median time of a commit, in ms.
    pub(crate) p50_ms: f64,
    /// 99th percentile of it.
    pub(crate) p99_ms: f64,
}

/// Commits, and prints what it measured as JSON.
#[expect(clippy::print_stdout, reason = "its result")]
pub(crate) async fn run(flags: Flags) -> Result<()> {
    println!("{}", serde_json::to_string(&measure(&flags).await?)?);
    Ok(())
}

async fn measure(flags: &Flags) -> Result<Commits> {
    let db = Db::open(&flags.database, None, &MIGRATIONS).await?;
    let mut turns = tokio::time::interval(Duration::from_micros(1_000_000 / flags.rate.max(1)));
    turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (started, length, mut seq, mut took) = (Instant::now(), Duration::from_secs(flags.seconds), 0, Vec::new());
    while started.elapsed() < length {
        if flags.rate > 0 {
            turns.tick().await;
        }
        let begun = Instant::now();
        let mut tx = db.begin().await?;
        insert(&mut tx, seq, flags.batch).await?;
        tx.save().await?;
        took.push(begun.elapsed().as_secs_f64() * 1e3);
        seq += flags.batch;
    }
    let whole = started.elapsed().as_secs_f64();
    took.sort_unstable_by(f64::total_cmp);
    let at = |share: usize| took.get((took.len() * share / 100).min(took.len().saturating_sub(1))).copied();
    let rows = f64::from(u32::try_from(seq)?);
    Ok(Commits { rows_per_s: rows / whole, p50_ms: at(50).unwrap_or_default(), p99_ms: at(99).unwrap_or_default() })
}

async fn insert(tx: &mut Tx, first: u64, rows: u64) -> sqlx::Result<()> {
    within!(tx, c => {
        let mut query = QueryBuilder::new(
            "INSERT INTO event (room, seq, kind, at, person, name, nonce, body, reply_to, is_on, mentions, mention_all, \
             moderated) ",
        );
        query.push_values(first..first + rows, |mut row, n| {
            let (room, turn) = (n % ROOMS, i64::try_from(n / ROOMS).unwrap_or(i64::MAX));
            row.push_bind(wire::room(room).to_string()).push_bind(turn + 1).push_bind("said");
            row.push_bind(1_800_000_000_000 + turn).push_bind(wire::person(room).to_string());
            row.push_bind(wire::name(room)).push_bind(wire::nonce(n)).push_bind(wire::body(n, 0));
            row.push_bind(None::<i64>).push_bind(false).push_bind("").push_bind(false).push_bind(false);
        });
        query.build().execute(c).await?;
    });
    Ok(())
}
