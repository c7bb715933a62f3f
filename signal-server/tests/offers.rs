//! The laws of offers and pulls, whatever happens: what windows know, learnt from nothing but what they did and were told.

use std::collections::{BTreeMap, BTreeSet};

use membership::{Grant, Grants, PersonId, RoomId};
use proptest::prelude::*;
use service::notes::{Closed, File, What};
use signal_server::exchange::{AWAY_MS, Exchange, Holder, Input, Output, Sheet, SocketId};
use signal_server::protocol::{Frame, LinkId, OfferId, Signal};
use ulid::Ulid;

const ROOM: RoomId = RoomId::new(1, 1);
const OTHER_ROOM: RoomId = RoomId::new(1, 2);

fn sheet() -> Sheet {
    let files = vec![File { name: "minutes.txt".into(), size: 3, kind: String::new() }];
    Sheet { files, count: 1, size: 3, relay_only: false }
}

fn offer(number: u128, room: RoomId) -> OfferId {
    OfferId::of(PersonId::new(1, number), room, Ulid::from_parts(1, 0))
}

const fn link(number: u128) -> LinkId {
    LinkId(Ulid::from_parts(2, number))
}

fn person_of(socket: SocketId) -> PersonId {
    PersonId::new(1, u128::from(socket.0 / 10))
}

/// What can happen, over few people, windows, rooms, offers and links, so that things meet.
fn input() -> impl Strategy<Value = Input> {
    let window = || (1_u64..=3, 0_u64..=1).prop_map(|(person, window)| SocketId(person * 10 + window));
    let room = || prop_oneof![3 => Just(ROOM), 1 => Just(OTHER_ROOM)];
    let person = || (1_u128..=3).prop_map(|n| PersonId::new(1, n));
    let an_offer = || (1_u128..=3, room()).prop_map(|(number, room)| offer(number, room));
    let a_link = || (1_u128..=3).prop_map(link);
    let may = || {
        let grants =
            |names: &'static str| -> Grants { serde_json::from_value(names.split(' ').collect()).expect("grants") };
        prop_oneof![4 => Just("read send_files"), 1 => Just("read call"), 1 => Just("read")].prop_map(grants)
    };
    let signal = || Signal::Offer { sdp: "v=0\r\n".to_owned() };
    prop_oneof![
        6 => (window(), room(), may()).prop_map(|(socket, room, grants)| {
            let (person, name) = (person_of(socket), String::new());
            Input::Enter(socket, room, Holder { person, name, grants, relay_only: false, concealed: false, sees_concealed: false })
        }),
        1 => (room(), person(), may()).prop_map(|(room, person, grants)| Input::Regrant(room, person, grants)),
        1 => (room(), person()).prop_map(|(room, person)| Input::Out(room, person)),
        1 => (window(), room()).prop_map(|(socket, room)| Input::Leave(socket, room)),
        1 => (window(), room()).prop_map(|(socket, room)| Input::Lapse(socket, room)),
        1 => window().prop_map(Input::Gone),
        6 => (window(), room()).prop_map(|(socket, room)| {
            Input::Offer(socket, room, offer(u128::from(socket.0 / 10), room), sheet())
        }),
        1 => (window(), room(), an_offer()).prop_map(|(socket, room, id)| Input::Offer(socket, room, id, sheet())),
        1 => (window(), an_offer()).prop_map(|(socket, id)| Input::Close(socket, id, Closed::Withdrawn)),
        8 => (window(), an_offer(), a_link(), any::<bool>()).prop_map(|(s, o, l, relay)| Input::Pull(s, o, l, relay)),
        2 => (window(), an_offer()).prop_map(|(socket, id)| Input::Refuse(socket, id)),
        1 => (window(), a_link()).prop_map(|(socket, id)| Input::HangUp(socket, id)),
        6 => (window(), a_link()).prop_map(move |(socket, id)| Input::Signal(socket, id, signal())),
        2 => Just(Input::Time),
    ]
}

#[derive(Default)]
struct World {
    /// What the holder of a seat may do there.
    seats: BTreeMap<(SocketId, RoomId), Grants>,
    /// The offers a window knows to be live.
    live: BTreeSet<(SocketId, OfferId)>,
    /// The links a window knows to be open, with whom.
    open: BTreeMap<(SocketId, LinkId), PersonId>,
    rooms: BTreeMap<OfferId, RoomId>,
    /// The links of a room.
    of: BTreeMap<LinkId, RoomId>,
    /// What stands in the room's history and is not over there.
    noted: BTreeSet<OfferId>,
}

fn may_fetch(grants: Grants) -> bool {
    grants.may(Grant::Call) || grants.may(Grant::SendFiles)
}

impl World {
    fn may(&self, socket: SocketId, room: RoomId) -> bool {
        self.seats.get(&(socket, room)).copied().is_some_and(may_fetch)
    }

    /// What a window knows by itself: where it may fetch no more it hears nothing more of offers.
    fn does(&mut self, input: &Input) {
        match input {
            Input::Enter(socket, room, holder) => drop(self.seats.insert((*socket, *room), holder.grants)),
            Input::Regrant(room, person, grants) => {
                let theirs = self.seats.iter_mut().filter(|((s, r), _)| r == room && person_of(*s) == *person);
                theirs.for_each(|(_, held)| *held = *grants);
            }
            Input::Out(room, person) => self.seats.retain(|(s, r), _| r != room || person_of(*s) != *person),
            Input::Leave(socket, room) | Input::Lapse(socket, room) => drop(self.seats.remove(&(*socket, *room))),
            Input::Gone(socket) => {
                self.seats.retain(|(s, _), _| s != socket);
                self.open.retain(|(s, _), _| s != socket);
            }
            Input::Offer(_, room, id, _) => drop(self.rooms.insert(*id, *room)),
            Input::Pull(_, id, link, _) => drop(self.of.insert(*link, self.rooms[id])),
            _ => {}
        }
    }

    fn told(&mut self, input: &Input, output: &Output) {
        let (socket, frame) = match output {
            Output::Tell(socket, frame) => (*socket, frame),
            Output::Media(_) | Output::TellAll(..) => panic!("{output:?} of a conference that nobody began"),
            Output::Note(note) => {
                match &note.what {
                    // Again by a sender who comes back: it is the same event.
                    What::Offered { offer, .. } => drop(self.noted.insert(OfferId(*offer))),
                    What::Closed { offer, why } => {
                        assert_ne!(*why, Closed::Gone, "who is gone may come back");
                        assert!(self.noted.remove(&OfferId(*offer)), "the end of an offer is noted once");
                    }
                    What::Called { .. } | What::Conferred { .. } => panic!("nobody calls"),
                }
                return;
            }
        };
        match frame {
            Frame::Offered { offer, room, .. } => {
                assert!(self.may(socket, *room), "of offers hears who may fetch");
                self.live.insert((socket, *offer));
            }
            // Whoever may not fetch any more may be told of the end of an own offer.
            Frame::Closed { offer, .. } => {
                let was_live = self.live.remove(&(socket, *offer));
                assert!(was_live, "the end of an offer that one knows of, once");
            }
            Frame::Pulled { link, person, .. } => {
                assert_ne!(person_of(socket), PersonId::new(0, 0));
                assert!(self.may(socket, self.of[link]), "the sender may send");
                assert!(self.open.insert((socket, *link), *person).is_none(), "a link opens once");
            }
            Frame::Connected { link, person, polite, .. } => {
                assert!(self.may(socket, self.of[link]), "a link is made for who may have one");
                if *polite {
                    assert!(self.open.insert((socket, *link), *person).is_none(), "a link opens once");
                }
                assert_eq!(self.open.get(&(socket, *link)), Some(person));
            }
            Frame::Signal { link, .. } => {
                let Input::Signal(sender, ..) = input else { panic!("nobody sent it") };
                assert_eq!(self.open.get(&(socket, *link)), Some(&person_of(*sender)), "from who is at the other end");
                assert_eq!(self.open.get(&(*sender, *link)), Some(&person_of(socket)), "to who is at the other end");
            }
            Frame::Away { link } => assert!(self.open.contains_key(&(socket, *link))),
            Frame::Ended { link, .. } => {
                assert!(self.open.remove(&(socket, *link)).is_some(), "once, of what one knows");
            }
            Frame::RefusedOffer { offer, .. } => assert!(self.live.contains(&(socket, *offer))),
            _ => {}
        }
    }

    /// Of rooms where a window may not fetch any more it forgets what it knew.
    fn forgets(&mut self) {
        let (seats, rooms) = (&self.seats, &self.rooms);
        self.live.retain(|(s, o)| seats.get(&(*s, rooms[o])).copied().is_some_and(may_fetch));
    }
}

proptest! {
    #[test]
    fn the_laws_hold_whatever_happens(inputs in prop::collection::vec((input(), 0..9_000_u64), 1..120)) {
        let (mut exchange, mut world, mut now, mut newest) = (Exchange::default(), World::default(), 1_000_000, 0);
        for (input, ms) in inputs {
            now += ms;
            // A new pull has a new id, and the others are about the newest ones; an offer that is live stays where it is.
            let input = match input {
                Input::Pull(socket, id, _, relay) => {
                    newest += 1;
                    Input::Pull(socket, id, link(newest), relay)
                }
                Input::HangUp(socket, LinkId(id)) => Input::HangUp(socket, link((newest + 1).saturating_sub(id.random()))),
                Input::Signal(socket, LinkId(id), signal) => {
                    Input::Signal(socket, link((newest + 1).saturating_sub(id.random())), signal)
                }
                other => other,
            };
            let Ok(outputs) = exchange.handle(input.clone(), now) else { continue };
            world.does(&input);
            for output in &outputs {
                world.told(&input, output);
            }
            world.forgets();
            for (socket, id) in world.open.keys() {
                prop_assert!(world.may(*socket, world.of[id]), "whoever may not is on no link");
            }
        }
        now += AWAY_MS;
        for output in exchange.handle(Input::Time, now).expect("time passes") {
            world.told(&Input::Time, &output);
        }
        for (socket, id) in &world.live {
            let sends = |(s, room): &(SocketId, RoomId), grants: &Grants| {
                *room == world.rooms[id] && grants.may(Grant::SendFiles) && s.0 > 0
            };
            prop_assert!(world.seats.iter().any(|(seat, grants)| sends(seat, grants)), "{socket:?} knows of an offer of nobody");
        }
    }
}
