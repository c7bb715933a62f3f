//! Stories of what a room demands of calls and files, relays alone, and of what it keeps to itself: who is here.

mod support;

use membership::token::Audience;
use membership::{Change, Grants, PersonId, Role, Roles, RoomId};
use serde_json::json;
use signal_server::exchange::{Back, Exchange, Holder, Input, Output, Ring, Sheet, SocketId, Trait};
use signal_server::protocol::{File, Frame, LinkId, Media, OfferId, Signal};
use support::bridge::Kind;
use support::{Actor, MEMBER, ROOM, TestSignal, person};
use ulid::Ulid;

const ANN: PersonId = PersonId::new(1, 1);
const BOB: PersonId = PersonId::new(1, 2);
const ANNS: SocketId = SocketId(10);
const BOBS: SocketId = SocketId(20);
const NOW: u64 = 1_800_000_000_000;

const fn link(number: u128) -> LinkId {
    LinkId(Ulid::from_parts(1, number))
}
const CALL: LinkId = link(1);

fn grants(text: &str) -> Grants {
    serde_json::from_value(text.split_whitespace().collect()).expect("grants")
}

fn member(person: PersonId) -> Holder {
    let (name, grants) = (format!("Person {person}"), grants("read call send_files"));
    Holder { person, name, grants, relay_only: false, concealed: false, sees_concealed: false }
}

/// Ann and Bob are in the room, each by one window.
fn exchange(ann: Holder, bob: Holder) -> Exchange {
    let mut exchange = Exchange::default();
    done(&mut exchange, Input::Enter(ANNS, ROOM, ann));
    done(&mut exchange, Input::Enter(BOBS, ROOM, bob));
    exchange
}

fn done(exchange: &mut Exchange, input: Input) -> Vec<Output> {
    exchange.handle(input, NOW).expect("it is done")
}

fn ring(socket: SocketId, room: RoomId, to: PersonId) -> Input {
    Input::Ring(socket, Ring { room, to, media: Media::Audio, relay_only: false, id: CALL })
}

/// How the two are connected: by relays alone, each of them, or not; none when they are not.
fn relayed(told: &[Output]) -> Option<bool> {
    let of = |output: &Output| match output {
        Output::Tell(_, Frame::Connected { relay_only, .. }) => Some(*relay_only),
        _ => None,
    };
    let said: Vec<bool> = told.iter().filter_map(of).collect();
    assert!(said.is_empty() || (said.len() == 2 && said[0] == said[1]), "both are told the same: {told:?}");
    said.first().copied()
}

/// Ann calls Bob, and he answers.
fn call(exchange: &mut Exchange) -> Option<bool> {
    done(exchange, ring(ANNS, ROOM, BOB));
    relayed(&done(exchange, Input::Accept(BOBS, CALL, false)))
}

/// Ann offers a file, and Bob fetches it.
fn fetch(exchange: &mut Exchange) -> Option<bool> {
    let files = vec![File { name: "minutes.txt".into(), size: 3, kind: "text/plain".into() }];
    let sheet = Sheet { files, count: 1, size: 3, relay_only: false };
    let offer = OfferId::of(ANN, ROOM, Ulid::from_parts(1, 7));
    done(exchange, Input::Offer(ANNS, ROOM, offer, sheet));
    relayed(&done(exchange, Input::Pull(BOBS, offer, link(2), false)))
}

#[test]
fn where_the_room_demands_relays_alone_calls_and_files_use_no_other_way() {
    for (by_ann, by_bob) in [(true, true), (true, false), (false, true)] {
        let with = |person, relay_only| Holder { relay_only, ..member(person) };
        let mut exchange = exchange(with(ANN, by_ann), with(BOB, by_bob));
        let story = format!("Ann's token says {by_ann}, Bob's {by_bob}");
        assert_eq!(call(&mut exchange), Some(true), "{story}");
        let mdns = Signal::Candidate { candidate: "candidate:1 1 udp 9 192.0.2.1 9 typ host".into(), mid: "0".into() };
        assert_eq!(done(&mut exchange, Input::Signal(ANNS, CALL, mdns)), [], "{story}");
        done(&mut exchange, Input::HangUp(ANNS, CALL));
        assert_eq!(fetch(&mut exchange), Some(true), "{story}");
    }
    let mut exchange = exchange(member(ANN), member(BOB));
    assert_eq!((call(&mut exchange), fetch(&mut exchange)), (Some(false), Some(false)), "nobody demands it");
}

#[test]
fn what_the_room_demands_reaches_the_next_call_the_one_that_rings_and_who_comes_back() {
    let demand = |person, on| Input::Know(ROOM, person, Trait::RelayOnly(on));
    let mut exchange = exchange(member(ANN), member(BOB));
    done(&mut exchange, ring(ANNS, ROOM, BOB));
    let stands = Frame::Stands { room: ROOM, grants: member(BOB).grants, relay_only: true };
    assert_eq!(done(&mut exchange, demand(BOB, true)), [Output::Tell(BOBS, stands)]);
    assert_eq!(done(&mut exchange, demand(BOB, true)), [], "it is told once");
    assert_eq!(relayed(&done(&mut exchange, Input::Accept(BOBS, CALL, false))), Some(true));
    done(&mut exchange, Input::HangUp(BOBS, CALL));
    done(&mut exchange, demand(BOB, false));
    assert_eq!(call(&mut exchange), Some(false));
    done(&mut exchange, demand(ANN, true));
    done(&mut exchange, Input::Gone(BOBS));
    done(&mut exchange, Input::Enter(BOBS, ROOM, member(BOB)));
    let back = Back { room: ROOM, call: CALL, with: ANN, called: false, media: Media::Audio, relay_only: false };
    assert_eq!(relayed(&done(&mut exchange, Input::Return(BOBS, back))), Some(true));
}

#[test]
fn a_ring_does_not_tell_who_is_here_but_hidden() {
    let hidden = Holder { concealed: true, ..member(BOB) };
    let mut exchange = exchange(member(ANN), hidden.clone());
    let nobody = PersonId::new(1, 9);
    assert_eq!(exchange.handle(ring(ANNS, ROOM, nobody), NOW), Err("absent"));
    assert_eq!(exchange.handle(ring(ANNS, ROOM, BOB), NOW), Err("absent"), "as if he were not here");
    // Nor that he talks with somebody: he calls Eve, who then sees him, and answers.
    let (eves, eve) = (SocketId(30), PersonId::new(1, 3));
    done(&mut exchange, Input::Enter(eves, ROOM, member(eve)));
    done(&mut exchange, ring(BOBS, ROOM, eve));
    done(&mut exchange, Input::Accept(eves, CALL, false));
    assert_eq!(exchange.handle(ring(ANNS, ROOM, BOB), NOW), Err("absent"));
    done(&mut exchange, Input::HangUp(eves, CALL));
    // Who leads the list is shown who is hidden; and whom he calls himself may call back at the same moment.
    done(&mut exchange, Input::Know(ROOM, ANN, Trait::SeesConcealed(true)));
    assert_eq!(call(&mut exchange), Some(false));
    done(&mut exchange, Input::HangUp(ANNS, CALL));
    done(&mut exchange, Input::Know(ROOM, ANN, Trait::SeesConcealed(false)));
    done(&mut exchange, ring(BOBS, ROOM, ANN));
    assert_eq!(relayed(&done(&mut exchange, ring(ANNS, ROOM, BOB))), Some(false));
    done(&mut exchange, Input::HangUp(ANNS, CALL));
    // Shown from now on, he can be called.
    done(&mut exchange, Input::Know(ROOM, BOB, Trait::Concealed(false)));
    assert_eq!(call(&mut exchange), Some(false));
}

/// Ann calls Bob over sockets, and he answers: whether they are connected by relays alone.
async fn calls(ann: &mut Actor, bob: &mut Actor) -> bool {
    let link = ann.rings("Bob").await.expect("it rings");
    bob.does("accept", link).await.expect("accepted");
    let connected = |frame: &Frame| matches!(frame, Frame::Connected { link: of, .. } if *of == link);
    let Frame::Connected { relay_only, .. } = ann.hears(connected).await else { panic!("connected") };
    ann.does("hang_up", link).await.expect("done");
    relay_only
}

#[tokio::test]
async fn a_token_says_what_the_room_demands_and_a_change_reaches_the_next_call() {
    let signal = TestSignal::start().await;
    let (mut ann, mut bob) = (signal.member("Ann").await, signal.member("Bob").await);
    let told = |on: bool| move |frame: &Frame| matches!(frame, Frame::Stands { relay_only, .. } if *relay_only == on);
    let change = |name, relay_only| Change::RelayOnlyChanged { room: ROOM, person: person(name), relay_only };
    ann.heard_so_far().await;
    for on in [true, false] {
        signal.bridge.tells(change("Ann", on)).await;
        ann.hears(told(on)).await;
        assert_eq!(calls(&mut ann, &mut bob).await, on);
    }
    // Bob comes again by a token that is newer than anything that was told.
    signal.context.clock.advance(10_000);
    bob.drops().await;
    let mut bob = Actor::connect(&signal, "Bob").await;
    let mut claims = signal.bridge.claims("Bob", ROOM, MEMBER);
    (claims.aud, claims.relay_only) = (Audience::Signal, true);
    bob.asks(json!({"type": "enter", "room": ROOM, "token": signal.bridge.sign(&claims)})).await.expect("entered");
    bob.hears(told(true)).await;
    assert!(calls(&mut ann, &mut bob).await, "though Ann's token says nothing of it");
}

#[tokio::test]
async fn nobody_learns_by_ringing_that_a_concealed_member_is_here() {
    let signal = TestSignal::start().await;
    let concealed = Kind { concealed: true, ..MEMBER };
    let (mut ann, mut bob) = (signal.member("Ann").await, signal.somebody("Bob", concealed).await);
    for name in ["Bob", "Nobody"] {
        assert_eq!(ann.rings(name).await, Err("absent".into()), "{name}");
    }
    let (room, owner) = (ROOM, Roles::NONE.with(Role::Owner));
    let mut olive = signal.somebody("Olive", Kind { roles: owner, ..MEMBER }).await;
    let link = olive.rings("Bob").await.expect("who leads the list sees him");
    bob.does("decline", link).await.expect("declined");
    signal.bridge.tells(Change::VisibilityChanged { room, person: person("Ann"), concealed: true }).await;
    signal.bridge.tells(Change::VisibilityChanged { room, person: person("Bob"), concealed: false }).await;
    // Of neither change anybody is told; what comes after them is.
    signal.bridge.tells(Change::RelayOnlyChanged { room, person: person("Ann"), relay_only: true }).await;
    ann.hears(|frame| matches!(frame, Frame::Stands { relay_only: true, .. })).await;
    let link = ann.rings("Bob").await.expect("he is shown now");
    ann.does("hang_up", link).await.expect("done");
    assert_eq!(bob.rings("Ann").await, Err("absent".into()), "and she is hidden");
}
