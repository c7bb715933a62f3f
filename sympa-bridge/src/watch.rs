//! The watch: every two seconds the people who hold live tokens, and their Sympa sessions, are read again, and what changed
//! is told. It costs what the people online cost, not what the server's lists cost; and most of that only when something of
//! theirs has changed: what is read in the same words as by the look before is neither taken apart nor judged again.
//!
//! Invariants:
//! * when Sympa or our own database cannot be read, nothing is told, ended or extended;
//! * what a look read is remembered only once it is told.

mod due;
mod recent;
mod seen;
mod sessions;
mod told;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Result;
use membership::{Change, Mode, Removal, RoomId, SessionId};
use service::health::Colour;
use service::{Context, Problem};
use tokio::sync::Notify;

use crate::app::App;
use crate::buckets::Buckets;
use crate::census::{Census, reading};
use crate::closed;
use crate::feed::Feed;
use crate::store::Store;
use crate::store::live::LiveRow;
use crate::sympa;
use due::due;
use recent::Overtaken;
use seen::Seen;
use sessions::OfSessions;
use told::Told;

/// How often what is over is forgotten.
const SWEEP_MS: u64 = 30_000;

/// What the last look read that came to its end.
#[derive(Debug, Default)]
struct Memory {
    census: Census,
    read: reading::Memory,
    sessions: Buckets<OfSessions>,
}

/// What was told, to whom, and what is to be looked at now.
#[derive(Debug)]
pub(crate) struct Watch {
    told: Mutex<Told>,
    pub(crate) feed: Feed,
    poked: Notify,
}

impl Watch {
    /// Goes on from what was told before the restart.
    pub(crate) async fn load(store: &Store, context: &Context) -> Result<Self> {
        let told = Told::load(store.live().await?);
        let epoch = membership::SessionId::new(context.clock.now_ms(), context.dice.bits()).to_string();
        Ok(Self { told: Mutex::new(told), feed: Feed::new(epoch), poked: Notify::new() })
    }

    /// Looks again at once, because something of our own has changed.
    pub(crate) fn poke(&self) {
        self.poked.notify_one();
    }

    /// The turn of telling, to be asked before it is read how people stand.
    pub(crate) fn turn(&self) -> u64 {
        self.told().turn()
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl App {
    /// Keeps tokens that are about to be given out, and tells what their standings say that was not told yet. False when
    /// they must not be given out, because something newer was told since the turn in which their standings were read.
    ///
    /// # Errors
    /// `signed_out` when a session has ended meanwhile.
    pub(crate) async fn issue(
        &self,
        rows: &[LiveRow],
        modes: &HashMap<RoomId, Mode>,
        began: u64,
    ) -> Result<bool, Problem> {
        self.store.add_live(rows).await?;
        let kept = {
            let mut told = self.watch.told();
            match told.issue(rows, modes, began) {
                Ok((changes, kept)) => {
                    self.announce(&changes);
                    kept
                }
                Err(Overtaken::ByNews) => return Ok(false),
                Err(Overtaken::BySignOut) => return Err(Problem::unauthorized("signed_out")),
            }
        };
        if !kept.is_empty() {
            self.store.told(&kept, &[]).await?;
        }
        Ok(true)
    }

    fn announce(&self, changes: &[Change]) {
        if !changes.is_empty() {
            self.rosters.forget();
            self.watch.feed.tell(changes);
        }
    }

    /// Ends a session of the bridge at once, with all that belongs to it.
    pub(crate) async fn end_session(&self, sid: SessionId) -> Result<(), Problem> {
        self.store.end_session(sid).await?;
        if self.watch.told().end(sid) {
            self.watch.feed.tell(&[Change::SignedOut { sid }]);
        }
        self.store.told(&BTreeMap::new(), &[sid]).await?;
        Ok(())
    }

    async fn look(&self, memory: &mut Memory) -> Result<(), Problem> {
        let held = self.watch.told().begin(self.context.clock.now_ms());
        if held.people.is_empty() {
            *memory = Memory::default();
            return Ok(self.sympa.is_there().await?);
        }
        let people = held.people.keys().copied().collect();
        let (census, read) = self.census_again(&memory.read, &people, &held.rooms).await?;
        let (ended, sessions) = self.ended_sessions_again(&memory.sessions, &held.sids, &census).await?;
        let seen = Seen::of(due(&held, &memory.census, &census), &held, &census, ended);
        let news = {
            let mut told = self.watch.told();
            let news = told.take(&seen);
            self.announce(&news.changes);
            news
        };
        // Not before it is told: what a look read that failed on its way must be news to the next one.
        *memory = Memory { census, read, sessions };
        // A session that is told to have ended opens nothing, should it not be deleted now: Sympa is asked at each use.
        if !news.kept.is_empty() || !news.ended.is_empty() {
            self.store.told(&news.kept, &news.ended).await?;
        }
        Ok(())
    }
}

/// Watches until the stop signal.
pub(crate) async fn run(app: Arc<App>) {
    let (stop, clock) = (app.context.stop.clone(), app.context.clock.clone());
    let pause = Duration::from_millis(app.config.watch_ms);
    let (mut sweep_ms, mut closed_ms) = (0, 0);
    let mut memory = Memory::default();
    while !stop.is_given() {
        let began = Instant::now();
        let looked = sympa::watching(app.look(&mut memory)).await;
        metrics::histogram!("bridge_look_seconds").record(began.elapsed().as_secs_f64());
        app.colour(&looked);
        let now = clock.now_ms();
        if now >= sweep_ms {
            sweep_ms = now + SWEEP_MS;
            warn_of(app.store.sweep().await.map_err(Problem::from));
        }
        if looked.is_ok() && now >= closed_ms {
            closed_ms = now + closed::EVERY_MS;
            warn_of(app.look_at_closed().await);
        }
        tokio::select! {
            () = stop.given() => {}
            () = app.watch.poked.notified() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}

impl App {
    /// Shows in the health what a look has met. Of Sympa the reader itself tells.
    fn colour(&self, looked: &Result<(), Problem>) {
        let (colour, words) = match looked {
            Ok(()) => (Colour::Green, "The bridge's own database can be read."),
            Err(problem) if problem.code() == "sympa_unavailable" => return,
            Err(_) => (Colour::Red, "The bridge's own database cannot be used."),
        };
        self.context.health.set("bridge database", colour, words);
    }
}

/// What fails here is done again later.
fn warn_of(done: Result<(), Problem>) {
    if let Err(problem) = done {
        tracing::warn!(code = problem.code(), "Cannot tidy up now: {problem}");
    }
}

/// Why somebody is out, when nothing else is known.
const UNKNOWN: Removal = Removal::NotAMember;
