//! A room in memory while somebody is in it: its newest items and events, ready to be sent, and who listens.
//!
//! Invariant: what a listener is given on entering and the events it is told afterwards are one sequence without gap or
//! double, because both happen under the room's lock.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use membership::{PersonId, RoomId};
use serde_json::value::{RawValue, to_raw_value};
use tokio::sync::OnceCell;

use crate::marks::{Marks, RoomMarks};
use crate::protocol::{Event, Frame, Item, Named, Presence};
use crate::seat::{Seat, text};
use crate::store::{Store, Window};
use crate::timeline::Timeline;

/// Items kept ready.
pub const ITEMS: usize = 100;
/// Events kept ready for those who resume.
const EVENTS: usize = 512;
/// More people than this are counted, not listed.
const LISTED: usize = 50;

/// A room that somebody is in.
#[derive(Debug)]
pub struct Room {
    /// Its id.
    pub id: RoomId,
    loaded: OnceCell<RoomMarks>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    timeline: Timeline,
    /// There are no items before those of the timeline.
    first: bool,
    /// The newest events, without gaps up to `timeline.seq`.
    events: VecDeque<Event>,
    /// Events told before the room was loaded.
    early: Option<Vec<Event>>,
    listeners: Vec<Arc<Seat>>,
    /// The items as JSON for the number of lines last asked for, until the next event.
    rendered: Option<(usize, Arc<RawValue>)>,
    presence_told: (Option<Presence>, Option<Presence>),
    roster_changed: bool,
}

/// What a listener is given on entering.
#[derive(Debug)]
pub struct Tail {
    /// The last event.
    pub seq: u64,
    /// The items as a JSON array.
    pub items: Arc<RawValue>,
    /// There are no older ones.
    pub first: bool,
}

impl Room {
    /// A room that is not loaded yet; what is told to it meanwhile is kept.
    pub fn new(id: RoomId) -> Self {
        let state = State { early: Some(Vec::new()), ..State::default() };
        Self { id, loaded: OnceCell::new(), state: Mutex::new(state) }
    }

    /// Loads the newest items and the read marks, once.
    pub async fn load(&self, store: &Store, marks: &Marks) -> sqlx::Result<()> {
        self.loaded
            .get_or_try_init(|| async {
                let marks = marks.load(store, self.id).await?;
                // The number is read before the items: an event that comes between is applied twice, which does nothing.
                let seq = store.head(self.id).await?;
                let page = store.page(self.id, Window::Newest, ITEMS).await?;
                let mut state = self.state();
                state.timeline = Timeline { seq, items: page.items.into() };
                state.first = page.first;
                for event in state.early.take().unwrap_or_default() {
                    state.take_in(event);
                }
                Ok(marks)
            })
            .await
            .map(drop)
    }

    /// The read marks, once they are loaded.
    pub fn marks(&self) -> Option<&RoomMarks> {
        self.loaded.get()
    }

    /// Takes in events, in their order, and tells all listeners: each is woken once for all of them.
    pub fn tell(&self, events: &[Event]) {
        let mut state = self.state();
        if let Some(early) = &mut state.early {
            early.extend_from_slice(events);
            return;
        }
        // The store is ahead of the telling: an event may have been read from there by those who entered meanwhile.
        let frame = |event: &Event| text(&Frame::Event { room: self.id, event: event.clone() });
        let frames: Vec<_> = events.iter().filter(|event| state.take_in((*event).clone())).map(frame).collect();
        for seat in &state.listeners {
            seat.outbox.put_all(&frames);
        }
    }

    /// Adds a listener and gives it the newest lines by calling `give` under the room's lock.
    pub fn enter(&self, seat: &Arc<Seat>, lines: usize, give: impl FnOnce(Tail, Presence)) {
        let mut state = self.state();
        state.listen(seat);
        let tail = Tail {
            seq: state.timeline.seq,
            items: state.render(lines),
            first: state.first && lines >= state.timeline.items.len(),
        };
        give(tail, state.presence_at_hand(seat.held().sees_concealed()));
    }

    /// Adds a listener that knows everything up to `from`, if the events since are here. `older` are events from the store
    /// up to where the ready ones begin.
    pub fn resume(
        &self,
        seat: &Arc<Seat>,
        from: u64,
        older: &[Event],
        give: impl FnOnce(u64, Vec<Event>, Presence),
    ) -> bool {
        let mut state = self.state();
        let seq = state.timeline.seq;
        // The store is ahead of the telling: what is not told yet will be.
        let told = older.iter().take_while(|event| event.seq() <= seq).count();
        let older = &older[..told];
        let have = older.last().map_or(from, Event::seq);
        let ready_from = state.events.front().map_or(seq, |event| event.seq() - 1);
        if from > seq || have < ready_from {
            return false;
        }
        let newer = state.events.iter().filter(|event| event.seq() > have);
        let events = older.iter().chain(newer).cloned().collect();
        state.listen(seat);
        give(seq, events, state.presence_at_hand(seat.held().sees_concealed()));
        true
    }

    /// Tells that somebody has another name, to those who may know that they are here.
    pub fn tell_renamed(&self, person: PersonId, name: &str) {
        let (state, frame) = (self.state(), text(&Frame::Renamed { person, name: name.to_owned() }));
        let mut seats = state.listeners.iter().filter(|seat| seat.person == person).peekable();
        let in_the_open = seats.peek().is_some() && seats.all(|seat| !seat.held().concealed);
        for seat in &state.listeners {
            if in_the_open || seat.person == person || seat.held().sees_concealed() {
                seat.outbox.put(frame.clone());
            }
        }
    }

    /// Whether an event is not the next one: something that was stored was not told.
    pub fn lacks_before(&self, seq: u64) -> bool {
        let state = self.state();
        state.early.is_none() && seq > state.timeline.seq + 1
    }

    /// The last event.
    pub fn seq(&self) -> u64 {
        self.state().timeline.seq
    }

    /// Where the events that are kept ready begin: those after this are here.
    pub fn ready_after(&self) -> u64 {
        let state = self.state();
        state.events.front().map_or(state.timeline.seq, |event| event.seq() - 1)
    }

    /// Removes a listener: nothing more is told to it.
    pub fn leave(&self, seat: &Seat) {
        self.state().listeners.retain(|other| other.socket != seat.socket);
    }

    /// Whether nobody listens.
    pub fn is_empty(&self) -> bool {
        self.state().listeners.is_empty()
    }

    /// The listeners of one person.
    pub fn seats_of(&self, person: PersonId) -> Vec<Arc<Seat>> {
        self.state().listeners.iter().filter(|seat| seat.person == person).cloned().collect()
    }

    /// All listeners.
    pub fn seats(&self) -> Vec<Arc<Seat>> {
        self.state().listeners.clone()
    }

    /// Tells that somebody types, to those who may know: a concealed member's typing is shown to nobody they are hidden from.
    pub fn typing(&self, from: &Seat, on: bool) {
        let (state, held) = (self.state(), from.held());
        if state.listeners.len() > LISTED * 4 {
            return;
        }
        let frame = text(&Frame::Typing { room: self.id, person: from.person, name: held.name, on });
        for seat in state.listeners.iter().filter(|seat| seat.person != from.person) {
            if !held.concealed || seat.held().sees_concealed() {
                seat.outbox.put(frame.clone());
            }
        }
    }

    /// Remembers that the list of members is another now.
    pub fn roster_changed(&self) {
        self.state().roster_changed = true;
    }

    /// Tells who is here, if that changed since it was last told. Called a few times per second at most.
    pub fn tell_presence(&self) {
        let mut state = self.state();
        let (plain, full) = (state.presence(false), state.presence(true));
        if std::mem::take(&mut state.roster_changed) {
            let frame = text(&Frame::Roster { room: self.id });
            state.listeners.iter().for_each(|seat| seat.outbox.put(frame.clone()));
        }
        let (plain_new, full_new) =
            (state.presence_told.0.as_ref() != Some(&plain), state.presence_told.1.as_ref() != Some(&full));
        if !plain_new && !full_new {
            return;
        }
        let frame = |presence: &Presence| text(&Frame::Presence { room: self.id, presence: presence.clone() });
        let (plain_frame, full_frame) = (frame(&plain), frame(&full));
        for seat in &state.listeners {
            let sees_all = seat.held().sees_concealed();
            if sees_all && full_new {
                seat.outbox.put(full_frame.clone());
            } else if !sees_all && plain_new {
                seat.outbox.put(plain_frame.clone());
            }
        }
        state.presence_told = (Some(plain), Some(full));
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn listen(&mut self, seat: &Arc<Seat>) {
        self.listeners.retain(|other| other.socket != seat.socket);
        self.listeners.push(seat.clone());
    }

    /// False when it was in already.
    fn take_in(&mut self, event: Event) -> bool {
        if event.seq() <= self.timeline.seq {
            return false;
        }
        self.timeline.apply(&event);
        if self.timeline.items.len() > ITEMS {
            self.timeline.keep(ITEMS);
            self.first = false;
        }
        forget_what_is_gone(&mut self.events, &event);
        self.events.push_back(event);
        if self.events.len() > EVENTS {
            self.events.pop_front();
        }
        self.rendered = None;
        true
    }

    fn render(&mut self, lines: usize) -> Arc<RawValue> {
        let lines = lines.min(self.timeline.items.len());
        if let Some((ready, items)) = &self.rendered
            && *ready == lines
        {
            return items.clone();
        }
        let newest: Vec<&Item> = self.timeline.items.iter().skip(self.timeline.items.len() - lines).collect();
        let items: Arc<RawValue> = to_raw_value(&newest).expect("items are plain data").into();
        self.rendered = Some((lines, items.clone()));
        items
    }

    /// For somebody who enters: in a big room what was told last will do, the next telling is not far.
    fn presence_at_hand(&self, with_concealed: bool) -> Presence {
        let told = if with_concealed { &self.presence_told.1 } else { &self.presence_told.0 };
        match told {
            Some(told) if self.listeners.len() > LISTED * 4 => told.clone(),
            _ => self.presence(with_concealed),
        }
    }

    fn presence(&self, with_concealed: bool) -> Presence {
        let mut here = BTreeMap::new();
        for seat in &self.listeners {
            let held = seat.held();
            if with_concealed || !held.concealed {
                here.insert(seat.person, held.name);
            }
        }
        let listed = here.len() <= LISTED;
        let count = here.len();
        let here = listed.then(|| here.into_iter().map(|(person, name)| Named { person, name }).collect());
        Presence { count, here }
    }
}

/// Those who resume later are not told the text of a message that was taken away, nor an older text of one that was edited.
fn forget_what_is_gone(events: &mut VecDeque<Event>, new: &Event) {
    let (gone, text, addressed) = match new {
        Event::Deleted { target, .. } => (*target, "", &[][..]),
        Event::Edited { target, body, mentions, .. } => (*target, body.as_str(), mentions.as_slice()),
        _ => return,
    };
    for event in events {
        match event {
            Event::Said { seq, body, mentions, mention_all, .. } if *seq == gone => {
                text.clone_into(body);
                *mentions = addressed.to_vec();
                *mention_all = *mention_all && matches!(new, Event::Edited { .. });
            }
            Event::Edited { target, body, mentions, .. } if *target == gone && matches!(new, Event::Deleted { .. }) => {
                body.clear();
                mentions.clear();
            }
            Event::Offered { seq, files, .. } if *seq == gone => files.clear(),
            _ => {}
        }
    }
}
