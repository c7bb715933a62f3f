//! The laws of calls, whatever happens: what windows know, learnt from nothing but what they did and were told.

use std::collections::{BTreeMap, BTreeSet};

use membership::{Grant, Grants, PersonId, RoomId};
use proptest::prelude::*;
use signal_server::exchange::{AWAY_MS, Back, Exchange, Holder, Input, Output, RING_MS, Ring, SocketId};
use signal_server::protocol::{Frame, LinkId, Media, Signal};
use ulid::Ulid;

const ROOM: RoomId = RoomId::new(1, 1);
const OTHER_ROOM: RoomId = RoomId::new(1, 2);

const fn call(number: u128) -> LinkId {
    LinkId(Ulid::from_parts(1, number))
}

fn grants(text: &str) -> Grants {
    serde_json::from_value(text.split_whitespace().collect()).expect("grants")
}

fn offer() -> Signal {
    Signal::Offer { sdp: "v=0\r\n".to_owned() }
}

fn ring(socket: SocketId, room: RoomId, to: PersonId, id: LinkId) -> Input {
    Input::Ring(socket, Ring { room, to, media: Media::Audio, relay_only: false, id })
}

/// What can happen, over few people, windows, rooms and calls, so that things meet.
fn input() -> impl Strategy<Value = Input> {
    let window = || (1_u64..=3, 0_u64..=1).prop_map(|(person, window)| SocketId(person * 10 + window));
    let room = || prop_oneof![3 => Just(ROOM), 1 => Just(OTHER_ROOM)];
    let person = || (1_u128..=3).prop_map(|n| PersonId::new(1, n));
    let call = || (1_u128..=3).prop_map(call);
    let may = || prop_oneof![4 => Just("read call"), 1 => Just("read")].prop_map(grants);
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
        6 => (window(), room(), person(), call()).prop_map(|(s, room, to, id)| ring(s, room, to, id)),
        6 => (window(), call()).prop_map(|(socket, id)| Input::Accept(socket, id, false)),
        1 => (window(), call()).prop_map(|(socket, id)| Input::Decline(socket, id)),
        1 => (window(), call()).prop_map(|(socket, id)| Input::HangUp(socket, id)),
        6 => (window(), call()).prop_map(|(socket, id)| Input::Signal(socket, id, offer())),
        3 => (window(), room(), call(), person()).prop_map(|(s, room, id, with)| Input::Return(s, Back { room, call: id, with, called: s.0 < 20, media: Media::Audio, relay_only: false })),
        2 => Just(Input::Time),
    ]
}

/// What the windows know, learnt from nothing but what they did and were told.
#[derive(Default)]
struct World {
    /// Who has a seat where, by which window, and may call there.
    seats: BTreeMap<(SocketId, RoomId), bool>,
    /// Who called, or came back, and hears nothing of the other yet.
    waits: BTreeSet<(SocketId, LinkId)>,
    rings: BTreeSet<(SocketId, LinkId)>,
    /// In which call a window is, and with whom.
    talks: BTreeMap<SocketId, (LinkId, PersonId)>,
    rooms: BTreeMap<LinkId, RoomId>,
}

fn person_of(socket: SocketId) -> PersonId {
    PersonId::new(1, u128::from(socket.0 / 10))
}

impl World {
    fn may_call(&self, socket: SocketId, call: LinkId) -> bool {
        self.seats.get(&(socket, self.rooms[&call])) == Some(&true)
    }

    /// What a window knows by itself, before it is told anything.
    fn does(&mut self, input: &Input) {
        match input {
            Input::Enter(socket, room, holder) => {
                self.seats.insert((*socket, *room), holder.grants.may(Grant::Call));
            }
            Input::Regrant(room, person, grants) => {
                let theirs = self.seats.iter_mut().filter(|((s, r), _)| r == room && person_of(*s) == *person);
                theirs.for_each(|(_, may)| *may = grants.may(Grant::Call));
            }
            Input::Out(room, person) => self.seats.retain(|(s, r), _| r != room || person_of(*s) != *person),
            Input::Leave(socket, room) | Input::Lapse(socket, room) => drop(self.seats.remove(&(*socket, *room))),
            Input::Gone(socket) => {
                self.seats.retain(|(s, _), _| s != socket);
                self.waits.retain(|(s, _)| s != socket);
                self.rings.retain(|(s, _)| s != socket);
                self.talks.remove(socket);
            }
            Input::Ring(socket, Ring { room, id, .. }) | Input::Return(socket, Back { room, call: id, .. }) => {
                self.waits.insert((*socket, *id));
                self.rooms.insert(*id, *room);
            }
            _ => {}
        }
    }

    fn told(&mut self, input: &Input, output: &Output) {
        let Output::Tell(socket, frame) = output else { return };
        let socket = *socket;
        match frame {
            Frame::Ringing { link: call, .. } => {
                assert!(self.may_call(socket, *call), "it rings where one may call");
                assert!(self.rings.insert((socket, *call)), "it rings once");
            }
            Frame::Connected { link: call, person, polite, .. } => {
                assert!(self.may_call(socket, *call), "one talks where one may call");
                assert_eq!(*polite, person_of(socket) > *person, "one of the two gives way");
                self.rings.remove(&(socket, *call));
                // Who called is not waiting any more, even if the other one's call is the one that counts.
                self.waits.retain(|(s, _)| *s != socket);
                self.talks.insert(socket, (*call, *person));
                let theirs = self.talks.iter().filter(|(s, _)| person_of(**s) == person_of(socket));
                assert!(theirs.into_iter().all(|(_, (id, _))| id == call), "nobody takes part in two calls");
            }
            Frame::Away { link: call } => assert_eq!(self.talks.get(&socket).map(|(id, _)| id), Some(call)),
            Frame::Signal { link: call, .. } => {
                let Input::Signal(sender, ..) = input else { panic!("nobody sent it") };
                assert!(self.may_call(socket, *call) && self.may_call(*sender, *call), "both may call");
                assert_eq!(self.talks.get(&socket), Some(&(*call, person_of(*sender))), "from whom one talks with");
                assert_eq!(self.talks.get(sender), Some(&(*call, person_of(socket))), "to whom one talks with");
            }
            Frame::Ended { link: call, .. } => {
                // Another call may end where one talks: it rang there.
                let talked = self.talks.get(&socket).is_some_and(|(id, _)| id == call);
                if talked {
                    self.talks.remove(&socket);
                }
                let known = self.rings.remove(&(socket, *call)) | self.waits.remove(&(socket, *call)) | talked;
                assert!(known, "the end of a call that one knows of, once");
            }
            _ => {}
        }
    }
}

/// The same input about a call that may exist: a new one is rung, the others are among the newest.
fn about(input: Input, newest: &mut u128) -> Input {
    let recent = |LinkId(id): LinkId, newest: u128| call(newest.saturating_sub(id.random() - 1).max(1));
    match input {
        Input::Ring(socket, ring) => {
            *newest += 1;
            Input::Ring(socket, Ring { id: call(*newest), ..ring })
        }
        Input::Accept(socket, id, relay_only) => Input::Accept(socket, recent(id, *newest), relay_only),
        Input::Decline(socket, id) => Input::Decline(socket, recent(id, *newest)),
        Input::HangUp(socket, id) => Input::HangUp(socket, recent(id, *newest)),
        Input::Signal(socket, id, signal) => Input::Signal(socket, recent(id, *newest), signal),
        Input::Return(socket, back) => Input::Return(socket, Back { call: recent(back.call, *newest), ..back }),
        other => other,
    }
}

proptest! {
    #[test]
    fn the_laws_hold_whatever_happens(inputs in prop::collection::vec((input(), 0..20_000_u64), 1..120)) {
        let (mut exchange, mut world, mut now, mut newest) = (Exchange::default(), World::default(), 1_000_000, 1);
        for (input, ms) in inputs {
            now += ms;
            let input = about(input, &mut newest);
            let Ok(outputs) = exchange.handle(input.clone(), now) else { continue };
            world.does(&input);
            for output in &outputs {
                world.told(&input, output);
            }
            let known = world.rings.iter().chain(&world.waits).copied();
            for (socket, id) in known.chain(world.talks.iter().map(|(socket, (id, _))| (*socket, *id))) {
                prop_assert!(world.may_call(socket, id), "whoever may not call is in no call");
            }
        }
        // Nothing rings or waits for ever.
        now += RING_MS + AWAY_MS;
        for output in exchange.handle(Input::Time, now).expect("time passes") {
            world.told(&Input::Time, &output);
        }
        prop_assert!(world.rings.is_empty() && world.waits.is_empty(), "{:?} {:?}", world.rings, world.waits);
    }
}
