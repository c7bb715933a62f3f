//! The watch: every two seconds the people who hold live tokens, and their Sympa sessions, are read again, and what changed
//! is told. It costs what the people online cost, not what the server's lists cost.
//!
//! Invariant: when Sympa or our own database cannot be read, nothing is told, ended or extended.

pub(crate) mod recent;
pub(crate) mod told;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Result;
use membership::{Change, Mode, PersonId, Removal, RoomId, SessionId};
use service::health::Colour;
use service::{Context, Problem};
use tokio::sync::Notify;

use crate::app::App;
use crate::census::Census;
use crate::closed;
use crate::feed::Feed;
use crate::store::Store;
use crate::store::live::LiveRow;
use crate::store::rooms::Room;
use crate::store::sessions::Session;
use crate::sympa;
use crate::sympa::sessions::Resolved;
use recent::Overtaken;
use told::{Held, Seen, Told};

/// How often what is over is forgotten.
const SWEEP_MS: u64 = 30_000;

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
        self.watch.told().end(sid);
        self.watch.feed.tell(&[Change::SignedOut { sid }]);
        self.store.told(&BTreeMap::new(), &[sid]).await?;
        Ok(())
    }

    /// Which of these sessions have ended: ours are gone, or Sympa says they are logged out or somebody else's. A row of
    /// Sympa that is gone ends nothing here, because ids rotate: the browser is asked for its cookie first.
    pub(crate) async fn ended_sessions(
        &self,
        sids: &BTreeSet<SessionId>,
        census: &Census,
    ) -> Result<BTreeMap<SessionId, Option<Session>>, Problem> {
        let ours = self.store.sessions(sids).await?;
        let linked: Vec<String> = ours.values().filter_map(|session| session.sympa_sid.clone()).collect();
        let resolved = self.sympa.sessions(&linked).await?;
        let mut ended = BTreeMap::new();
        for sid in sids {
            let Some(session) = ours.get(sid) else {
                ended.insert(*sid, None);
                continue;
            };
            let Some(of) = session.sympa_sid.as_ref() else { continue };
            match resolved.get(of) {
                Some(Resolved::Person { email, id }) if is_of(census, session.person, email) => {
                    if id != of {
                        self.store.relink_session(*sid, id).await?;
                    }
                }
                Some(Resolved::Person { .. } | Resolved::Nobody | Resolved::Impersonated) => {
                    ended.insert(*sid, Some(session.clone()));
                }
                Some(Resolved::Unknown | Resolved::Expired) | None => {}
            }
        }
        Ok(ended)
    }

    async fn look(&self) -> Result<(), Problem> {
        let held = self.watch.told().begin(self.context.clock.now_ms());
        if held.people.is_empty() {
            return Ok(self.sympa.is_there().await?);
        }
        let census = self.census(&held.people, &held.rooms).await?;
        let ended = self.ended_sessions(&held.sids, &census).await?;
        for session in ended.values().flatten() {
            self.store.end_session(session.sid).await?;
        }
        let seen = seen(&held, &census, ended.into_keys().collect());
        let news = {
            let mut told = self.watch.told();
            let news = told.take(seen);
            self.announce(&news.changes);
            news
        };
        if !news.kept.is_empty() || !news.ended.is_empty() {
            self.store.told(&news.kept, &news.ended).await?;
        }
        Ok(())
    }
}

fn is_of(census: &Census, person: PersonId, email: &membership::Email) -> bool {
    census.people.get(&person).is_some_and(|person| person.email == *email)
}

/// What a census says of everybody who is watched, in all their rooms.
fn seen(held: &Held, census: &Census, ended: BTreeSet<SessionId>) -> Seen {
    let of = |person: &PersonId| {
        let person = *person;
        census.rooms_of(person).map(move |(_, list)| (list.room, person))
    };
    let mut pairs: Vec<(RoomId, PersonId)> =
        held.pairs.iter().copied().chain(held.people.iter().flat_map(of)).collect();
    // A map is made of what is in order and without doubles much faster than of what is not.
    pairs.sort_unstable();
    pairs.dedup();
    let outcomes: BTreeMap<_, _> =
        pairs.into_iter().map(|(room, person)| ((room, person), census.outcome(person, room))).collect();
    let mode = |room: &RoomId| match census.rooms.get(room)? {
        Room::List(list) => census.lists.get(list).filter(|list| list.has_room()).map(|list| list.mode),
        Room::Direct(..) => Some(Mode::Open),
    };
    let rooms = outcomes.keys().map(|(room, _)| (*room, mode(room))).collect();
    Seen { people: held.people.clone(), rooms, outcomes, ended }
}

/// Watches until the stop signal.
pub(crate) async fn run(app: Arc<App>) {
    let (stop, clock) = (app.context.stop.clone(), app.context.clock.clone());
    let pause = Duration::from_millis(app.config.watch_ms);
    let (mut sweep_ms, mut closed_ms) = (0, 0);
    while !stop.is_given() {
        let began = Instant::now();
        let looked = sympa::watching(app.look()).await;
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
pub(crate) const UNKNOWN: Removal = Removal::NotAMember;
