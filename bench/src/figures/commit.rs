//! Durable messages per second: a hundred people in a hundred rooms, each saying the next message when the last one is
//! acknowledged. Beside it bare commits of the same rows, a hundred in each.

use std::time::Duration;

use anyhow::Result;
use chat_server::store::MIGRATIONS;
use service::db::Db;

use super::{Bench, Row, Which, note, number};
use crate::crowd::{Crowd, Plan};
use crate::process::{self, Server};
use crate::table::{Sample, Target};

const PLAN: Plan = Plan { rooms: 100, seats: 1, lines: 20, at_once: 16, first: 0 };
/// Rows in a bare commit.
const BATCH: u64 = 100;

pub(super) async fn measure(bench: &Bench) -> Result<Vec<Row>> {
    let mut rows = database(bench, "SQLite", None).await?;
    match &bench.flags.postgres {
        Some(url) => rows.extend(database(bench, "PostgreSQL", Some(url)).await?),
        None => note("PostgreSQL is not measured: no database is named"),
    }
    Ok(rows)
}

async fn database(bench: &Bench, name: &str, url: Option<&str>) -> Result<Vec<Row>> {
    let [mut bare, mut product, mut cpu] = [(); 3].map(|()| Sample::default());
    let seconds = bench.seconds(6);
    for _ in 0..bench.rounds() {
        let folder = tempfile::tempdir()?;
        let file = |name: &str| format!("sqlite:{}", folder.path().join(name).display());
        let fresh = empty(url.map_or_else(|| file("bare.sqlite"), str::to_owned)).await?;
        let commits = process::bare(&bench.flags, &fresh, BATCH, 0, seconds.as_secs()).await?;
        let fresh = empty(url.map_or_else(|| file("chat.sqlite"), str::to_owned)).await?;
        let server = Server::chat(&bench.flags, bench.bridge, folder.path(), &fresh)?;
        let (rate, us) = converse(&server, seconds).await?;
        note(&format!("{name}: bare {:.0} rows/s, product {rate:.0}/s, {us:.1} us each", commits.rows_per_s));
        bare.add(commits.rows_per_s);
        product.add(rate);
        cpu.add(us);
    }
    let figure = |what: &str| format!("100 senders in 100 rooms, {name}: {what}");
    let rate = figure("durable messages/s (least: bare commits of 100 rows)");
    Ok(vec![
        Row { figure: rate, least: bare, product, target: Target::Share(0.5) },
        Row { figure: figure("CPU per message, us"), least: Sample::default(), product: cpu, target: Target::None },
    ])
}

async fn converse(server: &Server, length: Duration) -> Result<(f64, f64)> {
    let (mut crowd, _) = Crowd::gather(server.address, Which::Chat.wire()?, PLAN, true).await?;
    let (_, next) = crowd.converse(0, length / 6).await?;
    let cpu = server.cpu_s()?;
    let (acknowledged, _) = crowd.converse(next, length).await?;
    let cpu = server.cpu_s()? - cpu;
    Ok((number(acknowledged) / length.as_secs_f64(), cpu * 1e6 / number(acknowledged)))
}

/// The database, without what a round before left in it.
async fn empty(url: String) -> Result<String> {
    let db = Db::open(&url, None, &MIGRATIONS).await?;
    if let Db::Postgres(pool) = &db {
        sqlx::query("TRUNCATE event, mention, reaction, read_mark, audit").execute(pool).await?;
    }
    db.close().await;
    Ok(url)
}
