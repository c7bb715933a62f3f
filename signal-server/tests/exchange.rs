//! Stories of calls between two. Their laws are in `calls.rs`.

use membership::{Grants, PersonId, RoomId};
use service::notes::{Note, Outcome, What};
use signal_server::exchange::{AWAY_MS, Back, Exchange, Holder, Input, Output, RING_MS, Ring, SocketId};
use signal_server::protocol::{End, Frame, LinkId, Media, Signal};
use ulid::Ulid;

const ROOM: RoomId = RoomId::new(1, 1);
const OTHER_ROOM: RoomId = RoomId::new(1, 2);
const ANN: PersonId = PersonId::new(1, 1);
const BOB: PersonId = PersonId::new(1, 2);
const EVE: PersonId = PersonId::new(1, 3);
/// The first window of each; another one has the next number.
const ANNS: SocketId = SocketId(10);
const BOBS: SocketId = SocketId(20);
const EVES: SocketId = SocketId(30);

const fn call(number: u128) -> LinkId {
    LinkId(Ulid::from_parts(1, number))
}
const CALL: LinkId = call(1);

fn grants(text: &str) -> Grants {
    serde_json::from_value(text.split_whitespace().collect()).expect("grants")
}

fn holder(person: PersonId, may: &str) -> Holder {
    let (name, grants) = (format!("Person {person}"), grants(may));
    Holder { person, name, grants, relay_only: false, concealed: false, sees_concealed: false }
}

fn offer() -> Signal {
    Signal::Offer { sdp: "v=0\r\n".to_owned() }
}

/// An exchange, and a clock that a story moves.
struct Story {
    exchange: Exchange,
    now: u64,
}

impl Story {
    /// Ann, Bob and Eve are in the room, each by one window.
    fn new() -> Self {
        let mut story = Self { exchange: Exchange::default(), now: 1_800_000_000_000 };
        for (socket, person) in [(ANNS, ANN), (BOBS, BOB), (EVES, EVE)] {
            story.done(Input::Enter(socket, ROOM, holder(person, "read call")));
        }
        story
    }

    fn hears(&mut self, input: Input) -> Result<Vec<Output>, &'static str> {
        self.exchange.handle(input, self.now)
    }

    fn done(&mut self, input: Input) -> Vec<Output> {
        self.hears(input).expect("it is done")
    }

    fn after(&mut self, ms: u64) -> Vec<Output> {
        self.now += ms;
        self.done(Input::Time)
    }

    /// Ann calls Bob, and he answers.
    fn talking(mut self) -> Self {
        self.done(ring(ANNS, ROOM, BOB, Media::Audio, CALL));
        self.done(Input::Accept(BOBS, CALL, false));
        self
    }
}

fn ended(socket: SocketId, why: End) -> Output {
    Output::Tell(socket, Frame::Ended { link: CALL, why })
}

fn ring(socket: SocketId, room: RoomId, to: PersonId, media: Media, id: LinkId) -> Input {
    Input::Ring(socket, Ring { room, to, media, relay_only: false, id })
}

/// What the room remembers of Ann's call of Bob.
fn noted(outcome: Outcome, media: Media, lasted_ms: u64) -> Output {
    let what = What::Called { call: CALL.0, to: BOB, media, outcome, lasted_ms };
    Output::Note(Note { room: ROOM, by: ANN, name: format!("Person {ANN}"), what })
}

fn connected(socket: SocketId, person: PersonId, polite: bool) -> Output {
    Output::Tell(socket, Frame::Connected { link: CALL, person, polite, relay_only: false })
}

/// Somebody comes back to Ann's call of Bob.
fn back(socket: SocketId, with: PersonId) -> Input {
    Input::Return(
        socket,
        Back { room: ROOM, call: CALL, with, called: with != ANN, media: Media::Audio, relay_only: false },
    )
}

#[test]
fn somebody_calls_the_other_answers_they_talk_and_hang_up() {
    let mut story = Story::new();
    let told = story.done(ring(ANNS, ROOM, BOB, Media::Video, CALL));
    let Output::Tell(BOBS, Frame::Ringing { link: CALL, room: ROOM, person: ANN, name, media: Media::Video, until }) =
        &told[0]
    else {
        panic!("it rings at Bob's: {told:?}")
    };
    assert_eq!((name, *until, told.len()), (&format!("Person {ANN}"), story.now + RING_MS, 1));
    assert_eq!(story.done(Input::Accept(BOBS, CALL, false)), [connected(ANNS, BOB, false), connected(BOBS, ANN, true)]);
    let to_bob = Output::Tell(BOBS, Frame::Signal { link: CALL, signal: offer() });
    assert_eq!(story.done(Input::Signal(ANNS, CALL, offer())), [to_bob]);
    story.after(60_000);
    let told = story.done(Input::HangUp(BOBS, CALL));
    assert_eq!(told, [ended(ANNS, End::HungUp), ended(BOBS, End::HungUp), noted(Outcome::Ended, Media::Video, 60_000)]);
    assert_eq!(story.hears(Input::Signal(ANNS, CALL, offer())), Err("no_such_link"));
}

#[test]
fn it_rings_at_every_window_and_one_answers() {
    let mut story = Story::new();
    story.done(ring(ANNS, ROOM, BOB, Media::Audio, CALL));
    let second = SocketId(BOBS.0 + 1);
    let told = story.done(Input::Enter(second, ROOM, holder(BOB, "read call")));
    assert!(matches!(told[1], Output::Tell(socket, Frame::Ringing { link: CALL, .. }) if socket == second), "{told:?}");
    let told = story.done(Input::Accept(second, CALL, false));
    assert_eq!(told, [ended(BOBS, End::Elsewhere), connected(ANNS, BOB, false), connected(second, ANN, true)]);
    assert_eq!(story.hears(Input::Accept(BOBS, CALL, false)), Err("no_such_link"));
    assert_eq!(story.hears(Input::Signal(BOBS, CALL, offer())), Err("no_such_link"), "the other window hears nothing");
    story.done(Input::HangUp(ANNS, CALL));
    story.done(ring(ANNS, ROOM, BOB, Media::Audio, CALL));
    let told = story.done(Input::Decline(second, CALL));
    assert_eq!(told[..3], [ended(BOBS, End::Elsewhere), ended(ANNS, End::Declined), ended(second, End::Declined)]);
}

#[test]
fn a_call_that_is_declined_or_given_up_or_not_answered_ends_for_both() {
    let media = Media::Audio;
    let missed = noted(Outcome::Missed, media, 0);
    let mut story = Story::new();
    story.done(ring(ANNS, ROOM, BOB, media, CALL));
    let declined = noted(Outcome::Declined, media, 0);
    let told = story.done(Input::Decline(BOBS, CALL));
    assert_eq!(told, [ended(ANNS, End::Declined), ended(BOBS, End::Declined), declined]);
    story.done(ring(ANNS, ROOM, BOB, media, CALL));
    let told = story.done(Input::HangUp(ANNS, CALL));
    assert_eq!(told, [ended(ANNS, End::HungUp), ended(BOBS, End::Missed), missed.clone()]);
    story.done(ring(ANNS, ROOM, BOB, media, CALL));
    assert_eq!(story.after(RING_MS - 1), []);
    assert_eq!(story.after(1), [ended(ANNS, End::Missed), ended(BOBS, End::Missed), missed.clone()]);
    story.done(ring(ANNS, ROOM, BOB, media, CALL));
    assert_eq!(story.done(Input::Gone(ANNS)), [ended(BOBS, End::Missed), missed]);
}

#[test]
fn who_is_in_a_call_is_busy_and_who_is_not_here_is_absent() {
    let mut story = Story::new().talking();
    assert_eq!(story.hears(ring(EVES, ROOM, BOB, Media::Audio, call(2))), Err("busy"));
    assert_eq!(story.hears(ring(BOBS, ROOM, EVE, Media::Audio, call(2))), Err("in_a_call"));
    // Whoever does not meet him does not learn that he talks with somebody.
    story.done(Input::Enter(EVES, OTHER_ROOM, holder(EVE, "read call")));
    assert_eq!(story.hears(ring(EVES, OTHER_ROOM, BOB, Media::Audio, call(2))), Err("absent"));
    let mut story = Story::new();
    story.done(Input::Leave(BOBS, ROOM));
    assert_eq!(story.hears(ring(ANNS, ROOM, BOB, Media::Audio, CALL)), Err("absent"));
    assert_eq!(story.hears(ring(BOBS, ROOM, ANN, Media::Audio, CALL)), Err("not_allowed"));
    assert_eq!(story.hears(ring(ANNS, ROOM, ANN, Media::Audio, CALL)), Err("bad_frame"));
}

#[test]
fn who_is_rung_may_call_somebody_else_meanwhile_and_it_rings_on() {
    let mut story = Story::new();
    story.done(ring(ANNS, ROOM, BOB, Media::Audio, CALL));
    assert_eq!(story.hears(ring(EVES, ROOM, BOB, Media::Audio, call(3))), Err("busy"), "it rings for one at a time");
    let told = story.done(ring(BOBS, ROOM, EVE, Media::Audio, call(2)));
    assert!(matches!(told[..], [Output::Tell(EVES, Frame::Ringing { .. })]), "Ann hears nothing of it: {told:?}");
    assert_eq!(story.hears(Input::Accept(BOBS, CALL, false)), Err("in_a_call"), "one call at a time");
    assert_eq!(story.hears(ring(BOBS, ROOM, ANN, Media::Audio, call(3))), Err("in_a_call"));
    story.done(Input::Accept(EVES, call(2), false));
    story.done(Input::HangUp(BOBS, call(2)));
    assert_eq!(story.done(Input::Accept(BOBS, CALL, false)), [connected(ANNS, BOB, false), connected(BOBS, ANN, true)]);
}

#[test]
fn a_call_that_rings_keeps_nobody_from_coming_back_to_the_one_they_were_in() {
    let mut story = Story::new();
    story.done(back(ANNS, BOB));
    story.done(ring(EVES, ROOM, BOB, Media::Audio, call(2)));
    assert_eq!(story.done(back(BOBS, ANN)), [connected(ANNS, BOB, false), connected(BOBS, ANN, true)]);
    assert_eq!(story.hears(Input::Accept(BOBS, call(2), false)), Err("in_a_call"));
}

#[test]
fn a_token_that_ended_takes_nothing_away_that_was_allowed_but_is_no_longer_confirmed() {
    let mut story = Story::new().talking();
    let told = story.done(Input::Lapse(BOBS, ROOM));
    assert_eq!(told[..2], [ended(ANNS, End::Unconfirmed), ended(BOBS, End::Unconfirmed)]);
    assert_eq!(story.hears(ring(BOBS, ROOM, ANN, Media::Audio, call(2))), Err("not_allowed"));
    let mut story = Story::new();
    story.done(ring(ANNS, ROOM, BOB, Media::Audio, CALL));
    assert_eq!(story.done(Input::Lapse(BOBS, ROOM)), [ended(BOBS, End::Unconfirmed)]);
}

#[test]
fn two_who_call_each_other_at_once_are_connected() {
    let mut story = Story::new();
    story.done(ring(ANNS, ROOM, BOB, Media::Audio, CALL));
    let told = story.done(ring(BOBS, ROOM, ANN, Media::Audio, call(2)));
    assert_eq!(told, [connected(ANNS, BOB, false), connected(BOBS, ANN, true)]);
}

#[test]
fn who_is_cut_off_comes_back_by_another_socket_or_is_lost() {
    let mut story = Story::new().talking();
    assert_eq!(story.done(Input::Gone(BOBS)), [Output::Tell(ANNS, Frame::Away { link: CALL })]);
    assert_eq!(story.done(Input::Signal(ANNS, CALL, offer())), [], "nobody is there to be told");
    story.now += AWAY_MS - 1;
    let anew = SocketId(BOBS.0 + 1);
    story.done(Input::Enter(anew, ROOM, holder(BOB, "read call")));
    let told = story.done(back(anew, ANN));
    assert_eq!(told, [connected(ANNS, BOB, false), connected(anew, ANN, true)]);
    assert_eq!(story.after(AWAY_MS), []);
    // The way changes again, and the end of the old one has not been noticed.
    story.done(Input::Enter(BOBS, ROOM, holder(BOB, "read call")));
    let told = story.done(back(BOBS, ANN));
    assert_eq!(told, [ended(anew, End::Elsewhere), connected(ANNS, BOB, false), connected(BOBS, ANN, true)]);
    story.done(Input::Gone(BOBS));
    let note = noted(Outcome::Ended, Media::Audio, 3 * AWAY_MS - 1);
    assert_eq!(story.after(AWAY_MS), [ended(ANNS, End::Lost), note]);
}

#[test]
fn a_call_survives_a_server_that_is_started_anew() {
    let mut story = Story::new();
    assert_eq!(story.done(back(ANNS, BOB)), []);
    assert_eq!(
        story.hears(ring(EVES, ROOM, BOB, Media::Audio, call(2))).map(|told| told.len()),
        Ok(1),
        "Ann's word makes Bob not busy"
    );
    story.done(Input::HangUp(EVES, call(2)));
    let told = story.done(back(BOBS, ANN));
    assert_eq!(told, [connected(ANNS, BOB, false), connected(BOBS, ANN, true)]);
    // A third cannot come in by the same way, and who is waited for in vain is lost, of which nothing is remembered.
    assert_eq!(story.hears(back(EVES, ANN)), Err("no_such_link"));
    story.now += 1000;
    let note = noted(Outcome::Ended, Media::Audio, 1000);
    assert_eq!(story.done(Input::HangUp(BOBS, CALL))[2], note);
    assert_eq!(story.hears(back(ANNS, BOB)), Err("no_such_link"), "it is over");
    story.after(AWAY_MS);
    story.done(back(ANNS, BOB));
    assert_eq!(story.after(AWAY_MS), [ended(ANNS, End::Lost)]);
}

#[test]
fn who_talks_with_one_does_not_come_back_to_another() {
    let mut story = Story::new();
    story.done(back(ANNS, BOB));
    story.done(ring(EVES, ROOM, BOB, Media::Audio, call(2)));
    story.done(Input::Accept(BOBS, call(2), false));
    assert_eq!(story.hears(back(BOBS, ANN)), Err("in_a_call"));
    assert_eq!(story.hears(back(ANNS, BOB)), Err("in_a_call"), "she is back already");
}

#[test]
fn whoever_may_not_call_any_more_is_out_of_the_call_and_so_is_the_other() {
    let over = [ended(ANNS, End::NotAllowed), ended(BOBS, End::NotAllowed)];
    let mut story = Story::new().talking();
    assert_eq!(story.done(Input::Out(ROOM, BOB))[..2], over);
    assert_eq!(story.hears(ring(BOBS, ROOM, ANN, Media::Audio, CALL)), Err("not_allowed"));
    let mut story = Story::new().talking();
    let told = story.done(Input::Regrant(ROOM, BOB, grants("read")));
    assert_eq!(told[1..3], over, "after what he may do now: {told:?}");
    // Also while he is cut off: he does not come back.
    let mut story = Story::new().talking();
    story.done(Input::Gone(BOBS));
    assert_eq!(story.done(Input::Out(ROOM, BOB))[..1], over[..1]);
    // What happens in another room is of no concern.
    let mut story = Story::new().talking();
    assert_eq!(story.done(Input::Out(OTHER_ROOM, BOB)), []);
}
