//! Memory of a connection that has joined a room and only listens: growth of the server's share of memory.

use std::time::Duration;

use anyhow::Result;
use tokio::time::sleep;

use super::{Bench, Row, Which, note};
use crate::crowd::{Crowd, Plan};
use crate::table::{Sample, Target};

const SEATS: usize = 50;
/// Until who is here has been told to everybody.
const SETTLED: Duration = Duration::from_secs(3);

pub(super) async fn measure(bench: &Bench) -> Result<Vec<Row>> {
    let (mut least, mut product) = (Sample::default(), Sample::default());
    let connections = if bench.flags.quick { 2_000 } else { 10_000 };
    for _ in 0..bench.rounds() {
        least.add(round(bench, Which::Floor, connections).await?);
        product.add(round(bench, Which::Chat, connections).await?);
    }
    let figure = format!("{connections} joined connections: PSS of each, KiB");
    Ok(vec![Row { figure, least, product, target: Target::Most(12.0) }])
}

async fn round(bench: &Bench, which: Which, connections: usize) -> Result<f64> {
    let running = bench.start(which)?;
    let before = running.server.pss_kib()?;
    let plan = Plan { rooms: connections / SEATS, seats: SEATS, lines: 20, at_once: 64, first: 0 };
    let (crowd, took) = Crowd::gather(running.server.address, which.wire()?, plan, false).await?;
    sleep(SETTLED).await;
    let each = (running.server.pss_kib()? - before) / f64::from(u32::try_from(connections)?);
    crowd.hear_out(0).await?;
    note(&format!("{which:?}: {each:.2} KiB each; all in after {:.1} s", took.as_secs_f64()));
    Ok(each)
}
