//! Doubts: tokens that are older than what was heard of the bridge. The bridge is asked about them, many at once: after a
//! restart everybody comes back with such a token.

use std::time::Duration;

use membership::{Hold, Holds, Verdict};
use tokio::sync::{mpsc, oneshot};

use crate::bridge_link::BridgeLink;

/// Doubts that are collected into one question.
const TOGETHER: usize = 500;
/// How long others are waited for.
const PAUSE: Duration = Duration::from_millis(3);
/// Doubts that may wait.
const WAITING: usize = 20_000;

type Doubt = (Hold, oneshot::Sender<Option<Verdict>>);

/// Asks the bridge about holds.
#[derive(Debug, Clone)]
pub struct Doubts(mpsc::Sender<Doubt>);

impl Doubts {
    /// Starts asking; it ends when all handles are gone.
    pub fn start(link: BridgeLink) -> (Self, impl Future<Output = ()> + Send) {
        let (sender, receiver) = mpsc::channel(WAITING);
        (Self(sender), ask(link, receiver))
    }

    /// The bridge's word; none when it is away.
    pub async fn ask(&self, hold: Hold) -> Option<Verdict> {
        let (answer, verdict) = oneshot::channel();
        self.0.try_send((hold, answer)).ok()?;
        verdict.await.ok().flatten()
    }
}

async fn ask(link: BridgeLink, mut doubts: mpsc::Receiver<Doubt>) {
    let mut together = Vec::with_capacity(TOGETHER);
    while doubts.recv_many(&mut together, TOGETHER).await > 0 {
        tokio::time::sleep(PAUSE).await;
        while together.len() < TOGETHER
            && let Ok(doubt) = doubts.try_recv()
        {
            together.push(doubt);
        }
        let holds = Holds { holds: together.iter().map(|(hold, _)| *hold).collect() };
        let mut verdicts = link.check(&holds).await.map(|answer| answer.verdicts).unwrap_or_default().into_iter();
        for (hold, answer) in together.drain(..) {
            let _ = answer.send(verdicts.next().filter(|verdict| verdict.hold == hold));
        }
    }
}
