//! CPU per delivered message when as much is said as can be: a fixed number of messages is always outstanding.

use std::cell::Cell;
use std::time::Duration;

use anyhow::Result;
use tokio::time::sleep;

use super::{Bench, Row, Which, note, number};
use crate::crowd::{Crowd, Plan};
use crate::table::{Sample, Target};

/// A scene: rooms, people in each, the target.
struct Scene {
    rooms: usize,
    seats: usize,
    most: f64,
}

const SCENES: [Scene; 3] = [
    Scene { rooms: 1, seats: 200, most: 2.0 },
    Scene { rooms: 1, seats: 1000, most: 1.6 },
    Scene { rooms: 500, seats: 10, most: 2.0 },
];
/// Until who is here has been told to everybody.
const SETTLED: Duration = Duration::from_secs(1);

/// What a delivery costs, and how many there were.
struct Cost {
    us: f64,
    per_s: f64,
}

pub(super) async fn measure(bench: &Bench) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for scene in SCENES {
        let (mut least, mut product, mut rates) =
            (Sample::default(), Sample::default(), [Sample::default(), Sample::default()]);
        for _ in 0..bench.rounds() {
            let (floor, chat) = (round(bench, Which::Floor, &scene).await?, round(bench, Which::Chat, &scene).await?);
            least.add(floor.us);
            product.add(chat.us);
            rates[0].add(floor.per_s);
            rates[1].add(chat.per_s);
        }
        let name = format!("{} x {}, saturated", scene.rooms, scene.seats);
        let figure = format!("{name}: CPU per delivery, us");
        rows.push(Row { figure, least, product, target: Target::Times(scene.most) });
        let [least, product] = rates;
        rows.push(Row { figure: format!("{name}: deliveries/s"), least, product, target: Target::None });
    }
    Ok(rows)
}

async fn round(bench: &Bench, which: Which, scene: &Scene) -> Result<Cost> {
    let running = bench.start(which)?;
    let plan = Plan { rooms: scene.rooms, seats: scene.seats, lines: 20, at_once: 64, first: 0 };
    let (mut crowd, _) = Crowd::gather(running.server.address, which.wire()?, plan, false).await?;
    sleep(SETTLED).await;
    // Of many rooms, each has one.
    let outstanding = bench.flags.outstanding.max(scene.rooms);
    let (tally, begun) = (crowd.tally.clone(), Cell::new(None));
    let look = || running.server.cpu_s().map(|cpu| (std::time::Instant::now(), cpu, tally.heard()));
    let said = crowd.saturate(outstanding, bench.seconds(6), || begun.set(look().ok())).await?;
    let (end, begun) = (look()?, begun.get().ok_or_else(|| anyhow::anyhow!("nothing was heard in time"))?);
    crowd.hear_out(said).await?;
    let (deliveries, cpu) = (number(end.2 - begun.2), end.1 - begun.1);
    let cost = Cost { us: cpu * 1e6 / deliveries, per_s: deliveries / end.0.duration_since(begun.0).as_secs_f64() };
    note(&format!("{which:?} {} x {}: {:.2} us, {:.0}/s", scene.rooms, scene.seats, cost.us, cost.per_s));
    Ok(cost)
}
