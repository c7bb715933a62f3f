//! Joining: CPU of a connection that is opened and enters a room with 20 lines of history, and how long it takes until a
//! thousand who come at once are all in.

use std::time::Duration;

use anyhow::Result;
use tokio::time::sleep;

use super::{Bench, Row, Running, Which, note};
use crate::crowd::{Crowd, Plan};
use crate::table::{Sample, Target};

const LINES: u16 = 20;
const SEATS: usize = 50;
/// Messages in each room before anybody joins.
const HISTORY: usize = 25;
const STORM: usize = 1000;
/// People who have not been there before have numbers from here.
const OTHERS: usize = 100_000;
/// Until everybody is out, and rooms that nobody is in are forgotten.
const EMPTY: Duration = Duration::from_secs(2);
/// Until who is here has been told to everybody.
const SETTLED: Duration = Duration::from_secs(1);

pub(super) async fn measure(bench: &Bench) -> Result<Vec<Row>> {
    let [mut least, mut product] = [(); 2].map(|()| [(); 3].map(|()| Sample::default()));
    for _ in 0..bench.rounds() {
        for (which, samples) in [(Which::Floor, &mut least), (Which::Chat, &mut product)] {
            let values = round(bench, which).await?;
            samples.iter_mut().zip(values).for_each(|(sample, value)| sample.add(value));
        }
    }
    let figures = [
        ("join with 20 lines, 50 in a room: CPU of each, ms", Target::Most(0.25)),
        ("1,000 at once into one room: until the last is in, s", Target::Most(1.0)),
        ("1,000 at once into one room: CPU of each, ms", Target::None),
    ];
    let mut rows = Vec::new();
    for ((figure, target), (least, product)) in figures.into_iter().zip(least.into_iter().zip(product)) {
        rows.push(Row { figure: figure.to_owned(), least, product, target });
    }
    Ok(rows)
}

/// Milliseconds of CPU of a join, seconds until the last of a storm is in, milliseconds of CPU of each of them.
async fn round(bench: &Bench, which: Which) -> Result<[f64; 3]> {
    let running = bench.start(which)?;
    let rooms = if bench.flags.quick { 20 } else { 60 };
    fill(&running, which, rooms).await?;
    let plan = Plan { rooms, seats: SEATS, lines: LINES, at_once: 16, first: OTHERS };
    let (_, join_ms) = join(&running, which, plan).await?;
    sleep(EMPTY).await;
    let plan = Plan { rooms: 1, seats: STORM, lines: LINES, at_once: STORM, first: 2 * OTHERS };
    let (last_in_s, storm_ms) = join(&running, which, plan).await?;
    note(&format!("{which:?}: {join_ms:.3} ms; storm {last_in_s:.2} s, {storm_ms:.3} ms each"));
    Ok([join_ms, last_in_s, storm_ms])
}

/// Says what stands in the rooms, and leaves.
async fn fill(running: &Running, which: Which, rooms: usize) -> Result<()> {
    let plan = Plan { rooms, seats: 1, lines: LINES, at_once: 16, first: 0 };
    let (crowd, _) = Crowd::gather(running.server.address, which.wire()?, plan, false).await?;
    crowd.pace(1000, 0, rooms * HISTORY).await?;
    drop(crowd);
    sleep(EMPTY).await;
    Ok(())
}

/// Lets a crowd join: seconds until the last is in, and CPU of each in ms.
async fn join(running: &Running, which: Which, plan: Plan) -> Result<(f64, f64)> {
    let cpu = running.server.cpu_s()?;
    let (crowd, took) = Crowd::gather(running.server.address, which.wire()?, plan, false).await?;
    sleep(SETTLED).await;
    let each = (running.server.cpu_s()? - cpu) * 1e3 / f64::from(u32::try_from(plan.rooms * plan.seats)?);
    drop(crowd);
    Ok((took.as_secs_f64(), each))
}
