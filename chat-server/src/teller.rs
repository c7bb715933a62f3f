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
            // Where a number is missing, its event was stored and the database's answer lost.
            for run in events.chunk_by(|one, next| one.seq() + 1 == next.seq()) {
                self.tell_in(room, run).await;
            }
        }
        for (answer, outcome) in settled.answers {
            answer(outcome);
        }
    }

    /// Tells what was stored, and before it what was stored and never told.
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

#[cfg(test)]
mod tests {
    use membership::token::{Audience, Claims};
    use membership::{Grant, Grants, PersonId, Role, Roles, RoomKind, SessionId};
    use service::dice::Dice;

    use super::*;
    use crate::marks::Marks;
    use crate::protocol::Frame;
    use crate::seat::{Seat, Socket};
    use crate::store::{MIGRATIONS, NewSaid, says};
    use service::socket::outbox::{Outbox, Outgoing};

    const ROOM: RoomId = RoomId::new(1, 1);
    const ANN: PersonId = PersonId::new(1, 2);
    const SESSION: SessionId = SessionId::new(1, 3);

    fn said(seq: u64) -> NewSaid {
        let (name, body, nonce) = ("Ann".to_owned(), "x".to_owned(), format!("nonce-{seq}"));
        NewSaid {
            room: ROOM,
            seq,
            at: 1,
            by: ANN,
            name,
            nonce,
            body,
            reply_to: None,
            mentions: vec![],
            mention_all: false,
        }
    }

    fn event(seq: u64) -> (RoomId, Event) {
        let NewSaid { room, at, by, name, nonce, body, reply_to, mentions, mention_all, .. } = said(seq);
        (room, Event::Said { seq, at, by, name, nonce, body, reply_to, mentions, mention_all })
    }

    fn claims() -> Claims {
        let (roles, grants) = (Roles::NONE.with(Role::Subscriber), Grants::NONE.with(Grant::Read));
        let (iss, name, list, kind) = (String::new(), "Ann".to_owned(), None, RoomKind::List);
        let (aud, sub, room, concealed, sid) = (Audience::Chat, ANN, ROOM, false, SESSION);
        Claims {
            iss,
            aud,
            sub,
            name,
            room,
            list,
            kind,
            roles,
            grants,
            concealed,
            relay_only: false,
            sid,
            iat: 1,
            nbf: 1,
            exp: 1,
            jti: String::new(),
        }
    }

    #[tokio::test]
    async fn an_event_within_a_batch_whose_storing_was_never_answered_is_told_in_its_place() {
        let file = std::env::temp_dir().join(format!("symposium-teller-{:032x}.sqlite", Dice::System.bits()));
        let db = Db::open(&format!("sqlite:{}", file.display()), None, &MIGRATIONS).await.expect("a database");
        let (hub, outbox) = (Arc::new(Hub::default()), Arc::new(Outbox::default()));
        let room = hub.room(ROOM);
        room.load(&Store::new(db.clone()), &Marks::default()).await.expect("an empty room");
        let socket = Socket::new(1, ANN, SESSION, outbox.clone());
        room.enter(&Arc::new(Seat::new(&socket, room.clone(), &claims())), 10, |_, _| {});
        for seq in 1..=4 {
            assert!(says::insert_plain(&db, &[said(seq)]).await.expect("stored"));
        }
        // 1 and 3 were stored before others of the batch; so were 2 and 4, but nobody knows.
        Teller::new(db, hub.clone()).tell(Settled { events: vec![event(1), event(3)], answers: vec![] }).await;
        let Some(Outgoing::Frames(frames)) = outbox.try_take() else { panic!("something is told") };
        let seqs = frames.iter().map(|text| match serde_json::from_str(text) {
            Ok(Frame::Event { event, .. }) => event.seq(),
            other => panic!("{other:?}"),
        });
        assert_eq!(seqs.collect::<Vec<_>>(), [1, 2, 3]);
        let _ = std::fs::remove_file(file);
    }
}
