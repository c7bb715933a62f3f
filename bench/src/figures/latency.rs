//! One room of 200 in which ten messages per second are said: how long a delivery takes, and its CPU. Beside it the floor,
//! and bare commits of one row at the same pace.

use std::time::Duration;

use anyhow::Result;
use tokio::time::sleep;

use super::{Bench, Row, Which, note, number};
use crate::crowd::{Crowd, Plan};
use crate::process;
use crate::table::{Sample, Target};

const PER_S: u32 = 10;
const PLAN: Plan = Plan { rooms: 1, seats: 200, lines: 20, at_once: 64, first: 0 };

/// What a phase gave.
struct Phase {
    cpu_us: f64,
    p50_ms: f64,
    p99_ms: f64,
}

pub(super) async fn measure(bench: &Bench) -> Result<Vec<Row>> {
    let [mut least, mut product] = [(); 2].map(|()| [(); 3].map(|()| Sample::default()));
    let mut commits = [(); 2].map(|()| Sample::default());
    let seconds = bench.seconds(20).as_secs();
    for _ in 0..bench.rounds() {
        let floor = phase(bench, Which::Floor, seconds).await?;
        let chat = phase(bench, Which::Chat, seconds).await?;
        let folder = tempfile::tempdir()?;
        let database = format!("sqlite:{}", folder.path().join("bare.sqlite").display());
        let bare = process::bare(&bench.flags, &database, 1, u64::from(PER_S), seconds).await?;
        note(&format!("a bare commit: p50 {:.2} ms, p99 {:.2} ms", bare.p50_ms, bare.p99_ms));
        let sums = [floor.cpu_us, floor.p50_ms + bare.p50_ms, floor.p99_ms + bare.p99_ms];
        least.iter_mut().zip(sums).for_each(|(sample, value)| sample.add(value));
        product.iter_mut().zip([chat.cpu_us, chat.p50_ms, chat.p99_ms]).for_each(|(sample, value)| sample.add(value));
        commits.iter_mut().zip([bare.p50_ms, bare.p99_ms]).for_each(|(sample, value)| sample.add(value));
    }
    let ([least_cpu, least_p50, least_p99], [cpu, p50, p99]) = (least, product);
    let row = |figure: &str, least, product, times| Row {
        figure: format!("1 x 200 at 2,000 deliveries/s: {figure}"),
        least,
        product,
        target: Target::Times(times),
    };
    Ok(vec![
        row("CPU per delivery, us", least_cpu, cpu, 1.4),
        row("latency p50, ms (least: floor + bare commit)", least_p50, p50, 2.0),
        row("latency p99, ms (least: floor + bare commit)", least_p99, p99, 2.0),
    ])
}

async fn phase(bench: &Bench, which: Which, seconds: u64) -> Result<Phase> {
    let running = bench.start(which)?;
    let (crowd, _) = Crowd::gather(running.server.address, which.wire()?, PLAN, false).await?;
    let warm = usize::try_from(PER_S)? * 2;
    crowd.pace(PER_S, 0, warm).await?;
    sleep(Duration::from_millis(500)).await;
    crowd.tally.take_us();
    let (cpu, heard) = (running.server.cpu_s()?, crowd.tally.heard());
    crowd.pace(PER_S, warm, usize::try_from(seconds)? * usize::try_from(PER_S)?).await?;
    let (cpu, heard) = (running.server.cpu_s()? - cpu, crowd.tally.heard() - heard);
    let took = crowd.tally.take_us();
    let at = |percent: usize| took.get(took.len() * percent / 100).map_or(0.0, |us| number(*us) / 1e3);
    let phase = Phase { cpu_us: cpu * 1e6 / number(heard), p50_ms: at(50), p99_ms: at(99) };
    note(&format!("{which:?}: {:.1} us, p50 {:.2} ms, p99 {:.2} ms", phase.cpu_us, phase.p50_ms, phase.p99_ms));
    Ok(phase)
}
