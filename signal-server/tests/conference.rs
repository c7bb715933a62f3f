//! Stories of conferences, and the laws that hold whatever happens.

use std::collections::{BTreeMap, BTreeSet};

use membership::{Grants, PersonId, RoomId};
use proptest::prelude::*;
use service::notes::What;
use signal_server::exchange::{AWAY_MS, Doing, Exchange, Holder, Input, Output, Ring, SocketId};
use signal_server::media::{Order, PlaceId, Report};
use signal_server::protocol::conference::{
    Act, Back, ConferenceId, Emoji, News, Out, Receive, Shows, Source, Tile, Want,
};
use signal_server::protocol::{Frame, LinkId, Media};
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
const OWNER: &str = "read post call present send_files moderate manage";
const MEMBER: &str = "read post call present send_files";
/// Nobody would come back to this.
const CAPACITY: usize = 3;

fn id(number: u128) -> ConferenceId {
    ConferenceId(Ulid::from_parts(1, number))
}

fn grants(text: &str) -> Grants {
    serde_json::from_value(text.split_whitespace().collect()).expect("grants")
}

fn holder(person: PersonId, may: &str) -> Holder {
    Holder {
        person,
        name: format!("Person {person}"),
        grants: grants(may),
        relay_only: false,
        concealed: false,
        sees_concealed: false,
    }
}

fn shows(microphone: bool, camera: bool) -> Shows {
    Shows { microphone, camera, screen: false }
}

fn join() -> Act {
    Act::Join { shows: shows(true, true), back: None, here: false }
}

fn back(number: u128, since: u64) -> Act {
    Act::Join { shows: shows(true, true), back: Some(Back { call: id(number), since }), here: false }
}

/// An exchange, and a clock that a story moves.
struct Story {
    exchange: Exchange,
    now: u64,
    begun: u128,
}

impl Story {
    /// Ann owns the list; Bob and Eve are subscribed; each has one window.
    fn new() -> Self {
        let mut story = Self { exchange: Exchange::new(CAPACITY), now: 1_800_000_000_000, begun: 0 };
        for (socket, person, may) in [(ANNS, ANN, OWNER), (BOBS, BOB, MEMBER), (EVES, EVE, MEMBER)] {
            story.done(Input::Enter(socket, ROOM, holder(person, may)));
        }
        story
    }

    /// All three are in a conference.
    fn together() -> Self {
        let mut story = Self::new();
        for socket in [ANNS, BOBS, EVES] {
            story.does(socket, join());
        }
        story.after(1_000);
        story
    }

    fn hears(&mut self, input: Input) -> Result<Vec<Output>, &'static str> {
        self.exchange.handle(input, self.now)
    }

    fn done(&mut self, input: Input) -> Vec<Output> {
        self.hears(input).expect("it is done")
    }

    fn tries(&mut self, socket: SocketId, act: Act) -> Result<Vec<Output>, &'static str> {
        self.begun += 1;
        let id = id(self.begun);
        self.hears(Input::Conference(Doing { socket, room: ROOM, act, id }))
    }

    fn does(&mut self, socket: SocketId, act: Act) -> Vec<Output> {
        self.tries(socket, act).expect("it is done")
    }

    fn after(&mut self, ms: u64) -> Vec<Output> {
        self.now += ms;
        self.done(Input::Time)
    }
}

/// What one socket is told of conferences.
fn told(outputs: &[Output], socket: SocketId) -> Vec<News> {
    let news = |output: &Output| match output {
        Output::Tell(to, Frame::Conference { news, .. }) if *to == socket => Some(news.clone()),
        Output::TellAll(to, Frame::Conference { news, .. }) if to.contains(&socket) => Some(news.clone()),
        _ => None,
    };
    outputs.iter().filter_map(news).collect()
}

fn orders(outputs: &[Output]) -> Vec<Order> {
    let order = |output: &Output| match output {
        Output::Media(order) => Some(order.clone()),
        _ => None,
    };
    outputs.iter().filter_map(order).collect()
}

fn notes(outputs: &[Output]) -> Vec<What> {
    let note = |output: &Output| match output {
        Output::Note(note) => Some(note.what.clone()),
        _ => None,
    };
    outputs.iter().filter_map(note).collect()
}

/// Where somebody's media are, by what the media plane was told.
fn place(outputs: &[Output]) -> PlaceId {
    let opened = orders(outputs).into_iter().find_map(|order| match order {
        Order::Open { place, .. } => Some(place),
        _ => None,
    });
    opened.expect("a place is opened")
}

#[test]
fn the_first_begins_it_and_the_whole_room_sees_it() {
    let mut story = Story::new();
    let outputs = story.does(ANNS, join());
    assert!(
        matches!(told(&outputs, ANNS).as_slice(), [News::Joined { people, .. }, News::Live { .. }] if people.len() == 1)
    );
    let bob_hears = told(&outputs, BOBS);
    let [News::Live { count: 1, people, locked: false, .. }] = bob_hears.as_slice() else {
        panic!("Bob sees that it goes on")
    };
    assert_eq!(people.iter().map(|named| named.person).collect::<Vec<_>>(), [ANN]);
    story.now += 5_000;
    let outputs = story.does(BOBS, join());
    assert!(matches!(told(&outputs, ANNS).first(), Some(News::Person(bob)) if bob.person == BOB && !bob.leads));
    let Some(News::Joined { people, .. }) = told(&outputs, BOBS).first().cloned() else { panic!("Bob is in it") };
    assert_eq!(people.iter().map(|one| one.person).collect::<Vec<_>>(), [ANN, BOB], "in the order of coming");
}

#[test]
fn the_room_is_told_at_most_once_a_second_but_always_of_the_last_state() {
    let mut story = Story::new();
    assert_eq!(told(&story.does(ANNS, join()), EVES).len(), 1);
    assert_eq!(told(&story.does(BOBS, join()), EVES), []);
    assert_eq!(told(&story.after(500), EVES), []);
    assert!(matches!(told(&story.after(500), EVES).as_slice(), [News::Live { count: 2, .. }]));
    assert_eq!(told(&story.after(5_000), EVES), [], "nothing has changed");
}

#[test]
fn who_comes_into_the_room_sees_what_goes_on() {
    let mut story = Story::together();
    let late = SocketId(31);
    let outputs = story.done(Input::Enter(late, ROOM, holder(EVE, MEMBER)));
    assert!(matches!(told(&outputs, late).as_slice(), [News::Live { count: 3, .. }]));
}

#[test]
fn it_ends_with_the_last_and_the_history_keeps_how_many_and_how_long() {
    let mut story = Story::together();
    for socket in [ANNS, BOBS] {
        assert_eq!(notes(&story.does(socket, Act::Leave {})), []);
    }
    story.does(BOBS, join());
    story.does(BOBS, Act::Leave {});
    story.now += 60_000;
    let outputs = story.does(EVES, Act::Leave {});
    assert_eq!(notes(&outputs), [What::Conferred { call: id(1).0, people: 3, lasted_ms: 61_000 }]);
    for socket in [ANNS, BOBS, EVES] {
        assert_eq!(told(&outputs, socket), [News::Over { call: id(1) }]);
    }
}

#[test]
fn a_person_has_one_place_and_takes_it_to_another_window() {
    let mut story = Story::together();
    let second = SocketId(21);
    story.done(Input::Enter(second, ROOM, holder(BOB, MEMBER)));
    assert_eq!(story.tries(second, join()), Err("in_a_call"));
    let outputs = story.does(second, Act::Join { shows: shows(true, false), back: None, here: true });
    assert_eq!(told(&outputs, BOBS), [News::Out { why: Out::Elsewhere }]);
    let orders = orders(&outputs);
    assert!(matches!(orders.first(), Some(Order::Close { .. })) && orders.len() == 3, "{orders:?}");
    assert!(matches!(told(&outputs, ANNS).as_slice(), [News::Person(bob)] if !bob.shows.camera), "nobody left");
    assert_eq!(story.tries(BOBS, Act::Leave {}), Err("no_such_call"), "it is not there any more");
}

#[test]
fn a_place_elsewhere_is_given_up_when_it_is_taken_here() {
    let mut story = Story::together();
    story.done(Input::Enter(BOBS, OTHER_ROOM, holder(BOB, MEMBER)));
    let there = Doing { socket: BOBS, room: OTHER_ROOM, act: join(), id: id(99) };
    assert_eq!(story.hears(Input::Conference(there.clone())).map(drop), Err("in_a_call"));
    let act = Act::Join { shows: Shows::default(), back: None, here: true };
    let outputs = story.done(Input::Conference(Doing { act, ..there }));
    assert!(told(&outputs, ANNS).contains(&News::Left { person: BOB, why: Out::Elsewhere }));
}

#[test]
fn in_a_call_between_two_nobody_joins_and_nobody_rings_who_is_in_a_conference() {
    let mut story = Story::new();
    story.does(BOBS, join());
    let ring = Ring { room: ROOM, to: BOB, media: Media::Audio, relay_only: false, id: LinkId(Ulid::from_parts(1, 7)) };
    assert_eq!(story.hears(Input::Ring(ANNS, ring)), Err("busy"));
    assert_eq!(story.hears(Input::Ring(BOBS, Ring { to: ANN, ..ring })), Err("in_a_call"));
    story.done(Input::Ring(ANNS, Ring { to: EVE, ..ring }));
    story.done(Input::Accept(EVES, ring.id, false));
    assert_eq!(story.tries(EVES, join()), Err("in_a_call"));
}

#[test]
fn a_cut_line_is_waited_for_and_the_others_see_one_person_all_the_time() {
    let mut story = Story::together();
    let begun = story.now;
    assert!(matches!(told(&story.done(Input::Gone(BOBS)), ANNS).as_slice(), [News::Person(bob)] if bob.away));
    assert_eq!(story.after(AWAY_MS - 1), []);
    let again = SocketId(22);
    story.done(Input::Enter(again, ROOM, holder(BOB, MEMBER)));
    let outputs = story.does(again, back(1, begun));
    assert!(matches!(told(&outputs, ANNS).as_slice(), [News::Person(bob)] if !bob.away));
    assert!(matches!(told(&outputs, again).first(), Some(News::Joined { people, .. }) if people.len() == 3));
}

#[test]
fn who_does_not_come_back_is_gone() {
    let mut story = Story::together();
    story.done(Input::Gone(BOBS));
    let outputs = story.after(AWAY_MS);
    assert!(told(&outputs, ANNS).contains(&News::Left { person: BOB, why: Out::Lost }));
    assert!(matches!(orders(&outputs).as_slice(), [Order::Close { .. }]));
}

#[test]
fn after_a_restart_it_is_the_same_conference() {
    let mut story = Story::new();
    let began = story.now - 600_000;
    story.does(BOBS, back(77, began));
    let outputs = story.does(ANNS, back(77, began));
    let Some(News::Joined { call, since, .. }) = told(&outputs, ANNS).first().cloned() else { panic!("Ann is in it") };
    assert_eq!((call, since), (id(77), began));
    for (claimed, taken) in [(u64::MAX, story.now), (0, story.now - 24 * 3_600_000)] {
        let mut story = Story::new();
        let outputs = story.does(ANNS, back(78, claimed));
        assert!(matches!(told(&outputs, ANNS).first(), Some(News::Joined { since, .. }) if *since == taken));
    }
}

#[test]
fn a_full_or_locked_conference_lets_nobody_in_but_who_leads() {
    let mut story = Story::together();
    let extra = PersonId::new(1, 4);
    story.done(Input::Enter(SocketId(40), ROOM, holder(extra, MEMBER)));
    assert_eq!(story.tries(SocketId(40), join()), Err("full"));
    story.does(BOBS, Act::Leave {});
    assert_eq!(story.tries(EVES, Act::Lock { locked: true }), Err("not_allowed"));
    let outputs = story.does(ANNS, Act::Lock { locked: true });
    assert!(told(&outputs, EVES).contains(&News::Locked { locked: true }));
    assert_eq!(story.tries(BOBS, join()), Err("locked"));
    story.does(ANNS, Act::Leave {});
    story.does(ANNS, join());
    story.does(ANNS, Act::Lock { locked: false });
    story.does(BOBS, join());
}

#[test]
fn who_is_locked_in_comes_back_after_a_cut() {
    let mut story = Story::together();
    story.does(ANNS, Act::Lock { locked: true });
    story.done(Input::Gone(BOBS));
    story.done(Input::Enter(BOBS, ROOM, holder(BOB, MEMBER)));
    let since = story.now;
    story.does(BOBS, back(1, since));
}

#[test]
fn who_leads_mutes_one_or_all_but_nobody_is_ever_unmuted() {
    let mut story = Story::together();
    assert_eq!(story.tries(BOBS, Act::Mute { person: None }), Err("not_allowed"));
    let outputs = story.does(ANNS, Act::Mute { person: None });
    for socket in [BOBS, EVES] {
        assert!(told(&outputs, socket).iter().any(|news| matches!(news, News::Muted { by } if by.contains("Person"))));
    }
    assert!(!told(&outputs, ANNS).iter().any(|news| matches!(news, News::Muted { .. })), "not who leads");
    let shown: Vec<_> = orders(&outputs);
    assert!(
        shown.iter().all(|order| matches!(order, Order::Show { shows, .. } if !shows.microphone)) && shown.len() == 2
    );
    assert_eq!(story.does(ANNS, Act::Mute { person: Some(BOB) }), [], "he is already");
    assert!(
        told(&story.does(ANNS, Act::Ask { person: BOB }), BOBS).iter().any(|news| matches!(news, News::Asked { .. }))
    );
    let outputs = story.does(BOBS, Act::Shows { shows: shows(true, false) });
    assert!(matches!(told(&outputs, ANNS).as_slice(), [News::Person(bob)] if bob.shows.microphone));
    assert_eq!(story.tries(ANNS, Act::Mute { person: Some(PersonId::new(9, 9)) }), Err("absent"));
}

#[test]
fn who_is_sent_out_stays_out_for_ten_minutes() {
    let mut story = Story::together();
    assert_eq!(story.tries(EVES, Act::Remove { person: BOB }), Err("not_allowed"));
    let outputs = story.does(ANNS, Act::Remove { person: BOB });
    assert_eq!(told(&outputs, BOBS).first(), Some(&News::Out { why: Out::Removed }));
    assert_eq!(story.tries(BOBS, join()), Err("removed"));
    story.after(599_999);
    assert_eq!(story.tries(BOBS, join()), Err("removed"));
    story.after(1);
    story.does(BOBS, join());
}

#[test]
fn ended_for_all_nobody_comes_back_by_themselves() {
    let mut story = Story::together();
    let since = story.now;
    assert_eq!(story.tries(BOBS, Act::End {}), Err("not_allowed"));
    let outputs = story.does(ANNS, Act::End {});
    assert_eq!(told(&outputs, EVES).first(), Some(&News::Left { person: ANN, why: Out::Ended }));
    assert!(told(&outputs, EVES).contains(&News::Out { why: Out::Ended }));
    assert!(told(&outputs, EVES).contains(&News::Over { call: id(1) }));
    assert_eq!(notes(&outputs).len(), 1);
    assert_eq!(story.tries(BOBS, back(1, since)), Err("no_such_call"));
    story.does(BOBS, join());
}

#[test]
fn hands_are_up_in_order_and_who_leads_puts_them_down() {
    let mut story = Story::together();
    let first = story.now;
    story.does(BOBS, Act::Hand { up: true });
    story.now += 10;
    assert_eq!(story.does(BOBS, Act::Hand { up: true }), [], "it stays up since then");
    let outputs = story.does(EVES, Act::Hand { up: true });
    assert!(matches!(told(&outputs, BOBS).as_slice(), [News::Person(eve)] if eve.hand == Some(first + 10)));
    assert_eq!(story.tries(EVES, Act::Lower { person: BOB }), Err("not_allowed"));
    let outputs = story.does(ANNS, Act::Lower { person: BOB });
    assert!(matches!(told(&outputs, EVES).as_slice(), [News::Person(bob)] if bob.hand.is_none()));
    let outputs = story.does(EVES, Act::React { emoji: Emoji::Applause });
    assert_eq!(told(&outputs, ANNS), [News::Reaction { person: EVE, emoji: Emoji::Applause }]);
}

#[test]
fn a_screen_is_shown_by_who_may_and_no_longer() {
    let mut story = Story::new();
    story.done(Input::Enter(BOBS, ROOM, holder(BOB, "read call")));
    story.does(BOBS, join());
    let screen = Shows { screen: true, ..shows(true, true) };
    assert_eq!(story.does(BOBS, Act::Shows { shows: screen }), [], "it is not shown");
    let sources = BTreeMap::from([("2".to_owned(), Source::Screen)]);
    assert_eq!(story.tries(BOBS, Act::Publish { sdp: "v=0".into(), sources }), Err("not_allowed"));
    story.does(EVES, join());
    story.does(EVES, Act::Shows { shows: screen });
    let outputs = story.done(Input::Regrant(ROOM, EVE, grants("read call")));
    assert!(orders(&outputs).iter().any(|order| matches!(order, Order::Show { shows, .. } if !shows.screen)));
}

#[test]
fn who_may_not_call_any_more_is_out_at_once() {
    for input in [Input::Regrant(ROOM, BOB, grants("read")), Input::Out(ROOM, BOB)] {
        let mut story = Story::together();
        let outputs = story.done(input);
        assert!(told(&outputs, BOBS).contains(&News::Out { why: Out::NotAllowed }));
        assert!(told(&outputs, ANNS).contains(&News::Left { person: BOB, why: Out::NotAllowed }));
        assert!(matches!(orders(&outputs).as_slice(), [Order::Close { .. }]));
    }
}

#[test]
fn who_speaks_is_told_to_all_and_media_go_to_their_owner() {
    let mut story = Story::new();
    let ann = place(&story.does(ANNS, join()));
    let bob = place(&story.does(BOBS, join()));
    let outputs = story.done(Input::Media(Report::Levels { room: ROOM, levels: vec![(ann, 80), (bob, 20)] }));
    for socket in [ANNS, BOBS] {
        assert_eq!(told(&outputs, socket), [News::Speaking { person: Some(BOB) }]);
    }
    let outputs = story.done(Input::Media(Report::Answer { place: bob, sdp: "v=0".into() }));
    assert_eq!(told(&outputs, BOBS), [News::Answer { sdp: "v=0".into() }]);
    assert_eq!(outputs.len(), 1);
    let outputs = story.done(Input::Media(Report::Lost { place: bob }));
    assert!(told(&outputs, BOBS).contains(&News::Out { why: Out::Lost }));
    assert_eq!(story.done(Input::Media(Report::Answer { place: bob, sdp: "v=0".into() })), []);
}

#[test]
fn who_looks_at_somebody_looks_at_them_when_they_are_back_at_another_place() {
    let mut story = Story::together();
    let tile = Tile { person: BOB, source: Source::Camera, height: 360, pinned: true };
    let want = Want { receive: Receive::All, tiles: vec![tile] };
    let before = orders(&story.does(ANNS, Act::Want { want }));
    let [Order::Want { place: anns, want }] = before.as_slice() else { panic!("{before:?}") };
    let since = story.now;
    let outputs = story.does(BOBS, back(1, since));
    let again = place(&outputs);
    assert_ne!(want.tiles[0].of, again);
    let looks = orders(&outputs).into_iter().filter_map(|order| match order {
        Order::Want { place, want } => Some((place, want.tiles[0].of, want.tiles[0].pinned)),
        _ => None,
    });
    assert_eq!(looks.collect::<Vec<_>>(), [(*anns, again, true)]);
}

#[test]
fn what_is_too_long_is_refused() {
    let mut story = Story::together();
    let sdp = "x".repeat(96 * 1024 + 1);
    assert_eq!(story.tries(BOBS, Act::Publish { sdp: sdp.clone(), sources: BTreeMap::new() }), Err("too_large"));
    assert_eq!(story.tries(BOBS, Act::Take { number: 1, sdp }), Err("too_large"));
}

/// What may happen, by whom.
#[derive(Debug, Clone)]
enum Step {
    Enter(u8, u8, usize),
    Regrant(u8, usize),
    Out(u8),
    Leave(u8, u8),
    Gone(u8, u8),
    Act(u8, u8, Box<Act>),
    Levels(Vec<u8>),
    Lost(u64),
    Wait(u64),
}

const KINDS: [&str; 4] = ["read", "read call", MEMBER, OWNER];

fn act() -> impl Strategy<Value = Act> {
    let person = (1..6_u128).prop_map(|person| PersonId::new(1, person));
    prop_oneof![
        4 => (any::<bool>(), any::<bool>(), proptest::option::of((1..4_u128, any::<u64>()))).prop_map(|(here, camera, from)| {
            let back = from.map(|(call, since)| Back { call: id(call), since });
            Act::Join { shows: shows(true, camera), back, here }
        }),
        1 => Just(Act::Leave {}),
        1 => any::<[bool; 3]>().prop_map(|[microphone, camera, screen]| Act::Shows {
            shows: Shows { microphone, camera, screen }
        }),
        1 => any::<bool>().prop_map(|up| Act::Hand { up }),
        1 => Just(Act::React { emoji: Emoji::Heart }),
        1 => proptest::option::of(person.clone()).prop_map(|person| Act::Mute { person }),
        1 => person.clone().prop_map(|person| Act::Remove { person }),
        1 => person.clone().prop_map(|person| Act::Ask { person }),
        1 => person.prop_map(|person| Act::Lower { person }),
        1 => any::<bool>().prop_map(|locked| Act::Lock { locked }),
        1 => Just(Act::End {}),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let (person, window) = (1..6_u8, 0..2_u8);
    prop_oneof![
        2 => (person.clone(), window.clone(), 0..KINDS.len()).prop_map(|(p, w, k)| Step::Enter(p, w, k)),
        1 => (person.clone(), 0..KINDS.len()).prop_map(|(p, k)| Step::Regrant(p, k)),
        1 => person.clone().prop_map(Step::Out),
        1 => (person.clone(), window.clone()).prop_map(|(p, w)| Step::Leave(p, w)),
        1 => (person.clone(), window.clone()).prop_map(|(p, w)| Step::Gone(p, w)),
        8 => (person, window, act()).prop_map(|(p, w, act)| Step::Act(p, w, Box::new(act))),
        1 => proptest::collection::vec(0..127_u8, 6).prop_map(Step::Levels),
        1 => (0..20_u64).prop_map(Step::Lost),
        1 => (0..20_000_u64).prop_map(Step::Wait),
    ]
}

/// What the world knows by what it was told: who is in the conference by each window, what each sees of it from the room,
/// and which places the media plane has.
#[derive(Default)]
struct World {
    people: BTreeMap<SocketId, BTreeSet<PersonId>>,
    open: BTreeSet<PlaceId>,
    closed: BTreeSet<PlaceId>,
    live: BTreeMap<SocketId, ConferenceId>,
}

impl World {
    fn learn(&mut self, outputs: &[Output]) {
        for output in outputs {
            match output {
                Output::Tell(socket, Frame::Conference { news, .. }) => self.hear(*socket, news),
                Output::TellAll(sockets, Frame::Conference { news, .. }) => {
                    for socket in sockets {
                        self.hear(*socket, news);
                    }
                }
                Output::Media(Order::Open { place, .. }) => {
                    assert!(self.open.insert(*place) && !self.closed.contains(place), "a place is opened once");
                }
                Output::Media(Order::Close { place }) => {
                    assert!(self.open.remove(place) && self.closed.insert(*place), "a place is closed once");
                }
                Output::Media(Order::Show { place, .. }) => assert!(self.open.contains(place)),
                Output::Media(other) => panic!("{other:?} was not asked for"),
                Output::Note(_) | Output::Tell(..) | Output::TellAll(..) => {}
            }
        }
    }

    fn hear(&mut self, socket: SocketId, news: &News) {
        let inside = self.people.get_mut(&socket);
        match news {
            News::Joined { people, .. } => {
                self.people.insert(socket, people.iter().map(|one| one.person).collect());
            }
            News::Out { .. } => assert!(self.people.remove(&socket).is_some(), "out of what one was in"),
            News::Person(one) => drop(inside.expect("only who is in it is told").insert(one.person)),
            News::Left { person, .. } => {
                assert!(inside.expect("only who is in it is told").remove(person), "who left was there");
            }
            News::Speaking { person } => {
                let inside = inside.expect("only who is in it is told");
                assert!(person.is_none_or(|person| inside.contains(&person)), "who speaks is there");
            }
            News::Live { call, .. } => {
                let before = self.live.insert(socket, *call);
                assert!(before.is_none_or(|before| before == *call), "the end of the one before was told");
            }
            News::Over { call } => assert_eq!(self.live.remove(&socket), Some(*call), "the end of what was told"),
            _ => assert!(inside.is_some(), "only who is in it is told"),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn whatever_happens_everybody_knows_the_same_people_and_no_place_is_left_over(
        steps in proptest::collection::vec(step(), 1..60)
    ) {
        let mut story = Story { exchange: Exchange::new(CAPACITY), now: 1_800_000_000_000, begun: 100 };
        let mut world = World::default();
        let socket = |person: u8, window: u8| SocketId(u64::from(person) * 10 + u64::from(window));
        let who = |person: u8| PersonId::new(1, u128::from(person));
        let mut seats: BTreeSet<SocketId> = BTreeSet::new();
        for step in steps {
            story.now += 7;
            let input = match step {
                Step::Enter(p, w, kind) => {
                    seats.insert(socket(p, w));
                    Input::Enter(socket(p, w), ROOM, holder(who(p), KINDS[kind]))
                }
                Step::Regrant(p, kind) => Input::Regrant(ROOM, who(p), grants(KINDS[kind])),
                Step::Out(p) => {
                    seats.retain(|at| at.0 / 10 != u64::from(p));
                    Input::Out(ROOM, who(p))
                }
                Step::Leave(p, w) => {
                    seats.remove(&socket(p, w));
                    world.people.remove(&socket(p, w));
                    Input::Leave(socket(p, w), ROOM)
                }
                Step::Gone(p, w) => {
                    seats.remove(&socket(p, w));
                    world.people.remove(&socket(p, w));
                    Input::Gone(socket(p, w))
                }
                Step::Act(p, w, act) => {
                    story.begun += 1;
                    if matches!(*act, Act::Leave {}) && seats.contains(&socket(p, w)) {
                        world.people.remove(&socket(p, w));
                    }
                    Input::Conference(Doing { socket: socket(p, w), room: ROOM, act: *act, id: id(story.begun) })
                }
                Step::Levels(levels) => {
                    let levels = levels.into_iter().enumerate().map(|(n, level)| (PlaceId(n as u64), level)).collect();
                    Input::Media(Report::Levels { room: ROOM, levels })
                }
                Step::Lost(place) => Input::Media(Report::Lost { place: PlaceId(place) }),
                Step::Wait(ms) => {
                    story.now += ms;
                    Input::Time
                }
            };
            world.learn(&story.hears(input).unwrap_or_default());
            let all: BTreeSet<_> = world.people.values().cloned().collect();
            prop_assert!(all.len() <= 1, "everybody in it knows the same people: {:?}", world.people);
            for (socket, people) in &world.people {
                prop_assert!(people.contains(&who(u8::try_from(socket.0 / 10).expect("small"))), "oneself is in it");
                prop_assert!(people.len() <= CAPACITY + 1);
            }
            prop_assert!(all.first().is_none_or(|people| people.len() == world.open.len()), "a place for each");
            world.live.retain(|socket, _| seats.contains(socket));
            let live: BTreeSet<_> = world.live.values().collect();
            prop_assert!(live.len() <= 1, "one conference in a room");
        }
        story.now += AWAY_MS;
        for person in 1..6 {
            world.learn(&story.done(Input::Out(ROOM, who(person))));
        }
        world.learn(&story.done(Input::Time));
        prop_assert!(world.open.is_empty(), "no place is left over");
        prop_assert!(story.done(Input::Time).is_empty());
    }
}
