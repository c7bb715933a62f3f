//! Telling: what was settled reaches those who listen, and those who asked get their answers.
//!
//! Invariant: a room's events are told in their order. What is told is durable; that is the writer's part.

use std::collections::HashMap;
use std::sync::Arc;

use membership::RoomId;
use service::db::Db;

use crate::hub::Hub;
use crate::protocol::Event;
use crate::store::Store;
use crate::writer::{Answer, Outcome};

/// Most events that are told late.
const MISSED: usize = 1000;

/// What became of a batch, before anybody knows.
#[derive(Default)]
pub(crate) struct Settled {
    /// What happened, and in which room.
    pub(crate) events: Vec<(RoomId, Event)>,
    /// What to answer, and to whom.
    pub(crate) answers: Vec<(Answer, Outcome)>,
}

/// Tells.
#[derive(Debug)]
pub(crate) struct Teller {
    db: Db,
    hub: Arc<Hub>,
}

impl Teller {
    /// One for the rooms of a hub.
    pub(crate) const fn new(db: Db, hub: Arc<Hub>) -> Self {
        Self { db, hub }
    }

    /// Tells those who listen, then those who asked.
    pub(crate) async fn tell(&self, settled: Settled) {
        for (room, events) in by_room(settled.events) {
            self.tell_in(room, &events).await;
        }
        for (answer, outcome) in settled.answers {
            answer(outcome);
        }
    }

    /// Tells what was stored, and before it what was stored and never told, because the database's answer to a commit was lost.
    async fn tell_in(&self, id: RoomId, events: &[Event]) {
        let (Some(room), Some(next)) = (self.hub.open_room(id), events.first().map(Event::seq)) else { return };
        if room.lacks_before(next) {
            let missed = Store::new(self.db.clone()).events_after(id, room.seq(), MISSED).await.unwrap_or_default();
            let missed: Vec<Event> = missed.into_iter().take_while(|event| event.seq() < next).collect();
            room.tell(&missed);
        }
        room.tell(events);
    }
}

/// The events of each room, in their order.
fn by_room(events: Vec<(RoomId, Event)>) -> HashMap<RoomId, Vec<Event>> {
    let mut rooms: HashMap<RoomId, Vec<Event>> = HashMap::new();
    for (room, event) in events {
        rooms.entry(room).or_default().push(event);
    }
    rooms
}
