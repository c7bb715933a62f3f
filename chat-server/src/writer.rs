//! The writer: the only one that stores what is said. It takes what arrived meanwhile into one durable transaction, and tells
//! of it only afterwards.
//!
//! Invariant: an answer is given, and an event told, only after the transaction that holds it is durable. A room's events
//! are numbered here and nowhere else, without gaps.

mod note;
mod said;

use std::collections::HashMap;
use std::sync::Arc;

use membership::{PersonId, RoomId};
use service::clock::Clock;
use service::db::{Db, Tx};
use service::notes::What;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

use crate::hub::Hub;
use crate::protocol::Event;
use crate::store::{NewSaid, Target, events, says};
use crate::teller::{Settled, Teller};
use said::{event, message};

/// Most requests in one transaction.
const BATCH: usize = 96;
/// How often in a row others may run and bring nothing, until a batch no longer waits for more.
const QUIET: u32 = 8;
/// Requests that may wait; beyond it senders are asked to try again.
const WAITING: usize = 4096;
/// Most different emoji on a message.
const EMOJI: usize = 20;
/// Rooms whose last number is remembered.
const HEADS: usize = 20_000;

/// What somebody wants to happen in a room.
pub struct Request {
    /// In which room.
    pub room: RoomId,
    /// Who.
    pub by: PersonId,
    /// Under which name.
    pub name: String,
    /// What.
    pub act: Act,
    /// What to do with the outcome, once it is durable.
    pub answer: Answer,
}

/// Takes the outcome of a request.
pub type Answer = Box<dyn FnOnce(Outcome) + Send + Sync>;

/// What can happen in a room.
#[derive(Debug)]
pub enum Act {
    /// A message.
    Say {
        /// The client's mark.
        nonce: String,
        /// The text.
        body: String,
        /// The message it answers.
        reply_to: Option<u64>,
        /// The people addressed.
        mentions: Vec<PersonId>,
        /// Everybody is addressed.
        mention_all: bool,
    },
    /// Another text for an own message.
    Edit {
        /// Which message.
        target: u64,
        /// The new text.
        body: String,
        /// The people addressed now.
        mentions: Vec<PersonId>,
    },
    /// Away with a message, or an offer of files.
    Delete {
        /// Which one.
        target: u64,
        /// May take away others' messages.
        moderates: bool,
    },
    /// A reaction, or no longer.
    React {
        /// To which message.
        target: u64,
        /// With what.
        emoji: String,
        /// Set, or taken back.
        on: bool,
    },
    /// What signal-server told.
    Note(What),
}

/// The place of the event that was made (none when nothing had to change), or a stable code.
pub type Outcome = Result<Option<u64>, &'static str>;

/// Hands requests to the writer.
#[derive(Debug, Clone)]
pub struct Writer(mpsc::Sender<Request>);

impl Writer {
    /// Starts the writer; it ends when all handles are gone.
    pub fn start(db: Db, clock: Clock, hub: Arc<Hub>) -> (Self, impl Future<Output = ()> + Send) {
        let (sender, receiver) = mpsc::channel(WAITING);
        let desk = Desk { db: db.for_a_busy_writer(), clock, heads: HashMap::new() };
        let writing = write(desk, Teller::new(db, hub), receiver);
        (Self(sender), Box::pin(writing))
    }

    /// Asks for something to happen. Requests of one caller happen in the order in which they are asked; the answer comes
    /// when it is durable, or at once when too many wait.
    pub fn ask(&self, request: Request) {
        if let Err(TrySendError::Full(request) | TrySendError::Closed(request)) = self.0.try_send(request) {
            (request.answer)(Err("unavailable"));
        }
    }
}

struct Desk {
    db: Db,
    clock: Clock,
    /// The last number of each room. Forgotten after a failure, because what was numbered may not have been kept.
    heads: HashMap<RoomId, u64>,
}

async fn write(mut desk: Desk, teller: Teller, mut requests: mpsc::Receiver<Request>) {
    let (mut waiting, mut busy, mut settled) = (Vec::with_capacity(BATCH), false, Settled::default());
    loop {
        // While a database server works this process can tell what is settled already, so that two groups of senders take
        // turns. Where both share a processor it is better to tell first, and to write more at once.
        let more = !waiting.is_empty() || !requests.is_empty();
        if !more || !desk.db.is_server() {
            teller.tell(std::mem::take(&mut settled)).await;
        }
        if waiting.is_empty() && requests.recv_many(&mut waiting, BATCH).await == 0 {
            return;
        }
        take_in(&mut waiting, &mut requests);
        if settled.answers.is_empty() {
            gather(&mut waiting, &mut requests, busy).await;
        }
        let together = says::together(waiting.len());
        busy = together > 1;
        metrics::histogram!("chat_commit_requests").record(f64::from(u32::try_from(together).unwrap_or(u32::MAX)));
        let batch: Vec<Request> = waiting.drain(..together).collect();
        let earlier = teller.tell(std::mem::take(&mut settled));
        let ((events, outcomes), ()) = tokio::join!(biased; desk.settle(&batch), earlier);
        let answers = batch.into_iter().map(|request| request.answer).zip(outcomes).collect();
        settled = Settled { events, answers };
    }
}

/// Those who speak in the same moment share a commit, and their listeners a write. A lone message never waits for others:
/// only while several came together is it worth to let those go first who may bring more.
async fn gather(waiting: &mut Vec<Request>, requests: &mut mpsc::Receiver<Request>, busy: bool) {
    let mut turns = if busy { QUIET } else { 1 };
    while turns > 0 && waiting.len() < BATCH {
        tokio::task::yield_now().await;
        turns -= 1;
        if take_in(waiting, requests) {
            turns = if busy { QUIET } else { 0 };
        }
    }
}

/// Takes in what is there, as far as one batch goes; tells whether there was anything.
fn take_in(waiting: &mut Vec<Request>, requests: &mut mpsc::Receiver<Request>) -> bool {
    let before = waiting.len();
    while waiting.len() < BATCH
        && let Ok(request) = requests.try_recv()
    {
        waiting.push(request);
    }
    waiting.len() > before
}

type Told = Vec<(RoomId, Event)>;
/// What is to be told, and the outcome of each request.
type Kept = (Told, Vec<Outcome>);

impl Desk {
    /// Stores a batch. If it cannot be stored together, each request is tried alone: one that the database does not take must
    /// not take others along.
    async fn settle(&mut self, batch: &[Request]) -> Kept {
        match self.commit(batch).await {
            Ok(kept) => return kept,
            Err(error) => {
                tracing::error!(%error, requests = batch.len(), "A batch could not be stored: {error}");
                self.heads.clear();
            }
        }
        if let [_] = batch {
            return (Vec::new(), vec![Err("unavailable")]);
        }
        let (mut told, mut outcomes) = (Vec::new(), Vec::with_capacity(batch.len()));
        for request in batch {
            let (events, outcome) = Box::pin(self.settle(std::slice::from_ref(request))).await;
            told.extend(events);
            outcomes.extend(outcome);
        }
        (told, outcomes)
    }

    async fn commit(&mut self, batch: &[Request]) -> sqlx::Result<Kept> {
        if self.heads.len() > HEADS {
            self.heads.clear();
        }
        if let Some(kept) = self.plainly(batch).await? {
            return Ok(kept);
        }
        if let Some(kept) = self.attempt(batch, false).await? {
            return Ok(kept);
        }
        self.attempt(batch, true).await?.ok_or(sqlx::Error::RowNotFound)
    }

    /// Stores messages that address nobody, as most do, in one statement, which is a transaction of its own. `None`: there
    /// are others among them.
    async fn plainly(&mut self, batch: &[Request]) -> sqlx::Result<Option<Kept>> {
        let is_plain = |request: &Request| match &request.act {
            Act::Say { reply_to: None, mentions, mention_all: false, .. } => mentions.is_empty(),
            _ => false,
        };
        if !batch.iter().all(|request| is_plain(request) && self.heads.contains_key(&request.room)) {
            return Ok(None);
        }
        let now_ms = self.clock.now_ms();
        let mut said = Vec::with_capacity(batch.len());
        for request in batch {
            let seq = self.next(request.room);
            said.extend(message(request, seq, now_ms));
        }
        if !says::insert_plain(&self.db, &said).await? {
            self.heads.clear();
            return self.attempt(batch, true).await;
        }
        let outcomes = said.iter().map(|said| Ok(Some(said.seq))).collect();
        Ok(Some((said.into_iter().map(event).collect(), outcomes)))
    }

    /// Tries to store a batch. Nearly always every nonce is new: those that were stored before are looked for only when
    /// one was met, which is `None`.
    async fn attempt(&mut self, batch: &[Request], again: bool) -> sqlx::Result<Option<Kept>> {
        let mut tx = self.db.begin().await?;
        let mut known = if again { known(&mut tx, batch).await? } else { HashMap::new() };
        let (mut told, mut outcomes, mut said) = (Vec::new(), Vec::with_capacity(batch.len()), Vec::new());
        let mut stored = true;
        for request in batch {
            let outcome = if let Act::Say { .. } = request.act {
                self.say(&mut tx, request, &mut known, &mut said).await?
            } else {
                // What follows may be about what was just said.
                stored = flush(&mut tx, &mut said, &mut told).await?;
                if !stored {
                    break;
                }
                let (outcome, event) = self.change(&mut tx, request).await?;
                told.extend(event.map(|event| (request.room, event)));
                outcome
            };
            outcomes.push(outcome);
        }
        if !stored || !flush(&mut tx, &mut said, &mut told).await? {
            // What was numbered was not kept.
            self.heads.clear();
            return Ok(None);
        }
        tx.save().await?;
        Ok(Some((told, outcomes)))
    }

    async fn say(
        &mut self,
        tx: &mut Tx,
        request: &Request,
        known: &mut HashMap<says::NonceOf, u64>,
        said: &mut Vec<NewSaid>,
    ) -> sqlx::Result<Outcome> {
        let head = self.head(tx, request.room).await?;
        let Some(message) = message(request, head + 1, self.clock.now_ms()) else { return Ok(Err("bad_frame")) };
        let nonce_of = (request.room.to_string(), request.by.to_string(), message.nonce.clone());
        if let Some(seq) = known.get(&nonce_of) {
            return Ok(Ok(Some(*seq)));
        }
        if let Some(target) = message.reply_to
            && !events::is_message(tx, request.room, target, said).await?
        {
            return Ok(Err("no_such_message"));
        }
        let seq = self.next(request.room);
        known.insert(nonce_of, seq);
        said.push(message);
        Ok(Ok(Some(seq)))
    }

    async fn change(&mut self, tx: &mut Tx, request: &Request) -> sqlx::Result<(Outcome, Option<Event>)> {
        let (room, by, at) = (request.room, request.by, self.clock.now_ms());
        let target = match &request.act {
            Act::Edit { target, .. } | Act::Delete { target, .. } | Act::React { target, .. } => *target,
            Act::Note(what) => return self.note(tx, request, what).await,
            Act::Say { .. } => return Ok((Err("bad_frame"), None)),
        };
        // Of what is no message only an offer can be deleted.
        let is_fit = |found: &Target| !found.deleted && (found.is_message || matches!(request.act, Act::Delete { .. }));
        let Some(message) = events::target(tx, room, target).await?.filter(is_fit) else {
            return Ok((Err("no_such_message"), None));
        };
        let own = message.by == by.to_string();
        // From here on it is known.
        self.head(tx, room).await?;
        let event = match &request.act {
            Act::Edit { .. } if !own => return Ok((Err("not_allowed"), None)),
            Act::Edit { body, mentions, .. } => {
                let (body, mentions) = (body.clone(), mentions.clone());
                Event::Edited { seq: self.next(room), at, by, target, body, mentions }
            }
            Act::Delete { moderates, .. } if !own && !moderates => return Ok((Err("not_allowed"), None)),
            Act::Delete { .. } => Event::Deleted { seq: self.next(room), at, by, target, moderated: !own },
            Act::React { emoji, on, .. } => {
                let emoji_there = events::emoji_on(tx, room, target, by).await?;
                let mine = emoji_there.iter().any(|(there, mine)| there == emoji && *mine);
                if mine == *on {
                    return Ok((Ok(None), None));
                }
                if *on && emoji_there.len() >= EMOJI && emoji_there.iter().all(|(there, _)| there != emoji) {
                    return Ok((Err("too_many"), None));
                }
                let (name, emoji) = (request.name.clone(), emoji.clone());
                Event::Reacted { seq: self.next(room), at, by, name, target, emoji, on: *on }
            }
            Act::Say { .. } | Act::Note(_) => return Ok((Err("bad_frame"), None)),
        };
        events::insert_change(tx, room, &event).await?;
        if matches!(event, Event::Deleted { moderated: true, .. }) {
            events::insert_audit(tx, room, &event, &request.name, &message.name).await?;
        }
        Ok((Ok(Some(event.seq())), Some(event)))
    }

    async fn head(&mut self, tx: &mut Tx, room: RoomId) -> sqlx::Result<u64> {
        if let Some(head) = self.heads.get(&room) {
            return Ok(*head);
        }
        let head = events::head(tx, room).await?;
        self.heads.insert(room, head);
        Ok(head)
    }

    /// The next number of a room whose last one is known.
    fn next(&mut self, room: RoomId) -> u64 {
        let head = self.heads.entry(room).or_default();
        *head += 1;
        *head
    }
}

/// The nonces of this batch that were stored before.
async fn known(tx: &mut Tx, batch: &[Request]) -> sqlx::Result<HashMap<says::NonceOf, u64>> {
    let nonces: Vec<&str> = batch
        .iter()
        .filter_map(|request| match &request.act {
            Act::Say { nonce, .. } => Some(nonce.as_str()),
            _ => None,
        })
        .collect();
    says::known_nonces(tx, &nonces).await
}

/// Stores what was said so far; false when something of it was stored before.
async fn flush(tx: &mut Tx, said: &mut Vec<NewSaid>, told: &mut Told) -> sqlx::Result<bool> {
    if !says::insert_said(tx, said).await? {
        return Ok(false);
    }
    told.extend(said.drain(..).map(event));
    Ok(true)
}
