//! Memory of a signalling socket that only waits, and what it costs to set up a call among ten thousand of them.

use anyhow::Result;

use super::{Bench, Row, note, number};
use crate::bridge;
use crate::callers::Callers;
use crate::process::{Server, free_port};
use crate::table::{Sample, Target};

/// Calls that are set up in a second.
const PER_SECOND: u32 = 500;

pub(super) async fn measure(bench: &Bench) -> Result<Vec<Row>> {
    let (mut memory, mut cost) = (Sample::default(), Sample::default());
    let pairs = if bench.flags.quick { 1_000 } else { 5_000 };
    for _ in 0..bench.rounds() {
        let folder = tempfile::tempdir()?;
        let server = Server::signal(&bench.flags, bench.bridge, folder.path(), free_port()?)?;
        let before = server.pss_kib()?;
        let mut callers = Callers::gather(server.address, &bridge::signer()?, pairs).await?;
        let each = (server.pss_kib()? - before) / number(pairs as u64 * 2);
        let calls = usize::try_from(bench.seconds(30).as_secs())? * usize::try_from(PER_SECOND)?;
        let used = server.cpu_s()?;
        let (set_up, took) = callers.call(calls, PER_SECOND).await?;
        let ms = (server.cpu_s()? - used) * 1000.0 / number(set_up as u64);
        let rate = number(set_up as u64) / took.as_secs_f64();
        note(&format!("Signal: {each:.2} KiB each; {ms:.3} ms of CPU for a call, {rate:.0} calls in a second"));
        memory.add(each);
        cost.add(ms);
    }
    let least = Sample::default;
    let waiting = format!("{} signalling sockets: PSS of each, KiB", pairs * 2);
    let setting_up = format!("a call set up and ended, {PER_SECOND} in a second: ms of CPU (2 is one core)");
    Ok(vec![
        Row { figure: waiting, least: least(), product: memory, target: Target::None },
        Row { figure: setting_up, least: least(), product: cost, target: Target::Most(2.0) },
    ])
}
