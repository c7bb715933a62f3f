//! Following the bridge: a service that holds something of people hears each change at once, and is judged anew when it was
//! deaf for a while.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use membership::{Change, Hold, Holds, Verdict};

use crate::bridge_link::{BridgeLink, Heard};
use crate::clock::Clock;
use crate::gate::Gate;
use crate::health::{Colour, Health};
use crate::stop::Stop;

/// Pause before the bridge is tried again.
const PAUSE: Duration = Duration::from_millis(500);
/// Holds asked about in one request.
const HOLDS: usize = 1000;

/// What a service holds by the bridge's word.
pub trait Held: Send + Sync {
    /// All of it.
    fn holds(&self) -> Vec<Hold>;
    /// The bridge's word on one of them now.
    fn judge(&self, verdict: &Verdict);
    /// A change.
    fn take(&self, change: &Change);
}

/// Who follows the bridge.
#[derive(Debug, Clone)]
pub struct Follower<H> {
    /// The bridge.
    pub link: BridgeLink,
    /// Who may enter.
    pub gate: Arc<Gate>,
    /// The time.
    pub clock: Clock,
    /// What works.
    pub health: Health,
    /// Under which name the health tells of it.
    pub name: &'static str,
    /// What is held.
    pub held: Arc<H>,
}

impl<H: Held> Follower<H> {
    /// Follows until the stop signal.
    pub async fn follow(self, stop: Stop) {
        let mut after = None;
        while !stop.is_given() {
            tokio::select! {
                () = stop.given() => return,
                () = self.listen(&mut after) => {}
            }
            let words = "The bridge is away; nobody new can enter, and those who are in wait when their tokens end.";
            self.health.set(self.name, Colour::Amber, words);
            if !stop.sleep(PAUSE).await {
                return;
            }
        }
    }

    /// Listens as long as the bridge is there. `after` is the last change heard; none when everything must be asked anew.
    async fn listen(&self, after: &mut Option<String>) {
        let Ok(mut changes) = self.link.changes(after.as_deref()).await else { return };
        if after.is_none() && self.begin().await.is_err() {
            return;
        }
        self.health.set(self.name, Colour::Green, "The bridge is heard.");
        while let Some(heard) = changes.next().await {
            match heard {
                Heard::At(id) => *after = Some(id),
                Heard::Alive => {}
                Heard::Change(id, change) => {
                    self.take(&change);
                    *after = Some(id);
                }
                Heard::Reset => {
                    *after = None;
                    if self.begin().await.is_err() {
                        return;
                    }
                }
            }
        }
    }

    /// A stream from now on does not tell what happened before it: everything that is held is asked about, and so will be
    /// every token from before.
    async fn begin(&self) -> anyhow::Result<()> {
        self.gate.ledger().begin(self.clock.now_s());
        for chunk in self.held.holds().chunks(HOLDS) {
            let verdicts = self.link.check(&Holds { holds: chunk.to_vec() }).await?;
            for verdict in verdicts.verdicts {
                self.held.judge(&verdict);
            }
        }
        Ok(())
    }

    /// Takes a change. It is written down first: whoever enters meanwhile is judged by it.
    fn take(&self, change: &Change) {
        self.gate.ledger().note(change, self.clock.now_s());
        self.held.take(change);
    }
}
