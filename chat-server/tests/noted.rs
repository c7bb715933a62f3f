//! Stories of calls and transfers: what signal-server tells becomes events of the room, once, in order, and only from those
//! who know the secret.

mod support;

use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use chat_server::config::callers;
use chat_server::protocol::{Closing, Command, Frame, Item};
use reqwest::Client;
use service::bearer::known_service;
use service::http;
use service::notes::{Closed, FILES, File, LARGEST, Media, NAME_BYTES, NOTES, Note, Notes, NotesLink, Outcome, What};
use service::secret::{Secret, Secrets};
use support::notes::{called, closed, conferred, offered};
use support::{Actor, ROOM, TestChat, person};

/// Has these notes kept, as signal-server does in the same process.
async fn keep(t: &TestChat, notes: &[Note]) {
    let link = NotesLink::local(t.chat.internal_router());
    link.keep(&Notes { notes: notes.to_vec() }).await.expect("kept");
}

fn kinds(actor: &Actor) -> Vec<&'static str> {
    let kind = |item: &Item| match item {
        Item::Message(_) => "message",
        Item::Call(_) => "call",
        Item::Conference(_) => "conference",
        Item::Offer(_) => "offer",
    };
    actor.timeline.items.iter().map(kind).collect()
}

fn last_offer(actor: &Actor) -> &chat_server::protocol::Offer {
    match actor.timeline.items.back() {
        Some(Item::Offer(offer)) => offer,
        other => panic!("not an offer: {other:?}"),
    }
}

async fn unread(actor: &mut Actor, t: &TestChat) -> (u64, u64) {
    let Frame::Resumed(back) = actor.reconnects(t).await else { panic!("{} resumes", actor.name) };
    (back.place.unread, back.place.mentions)
}

both_databases! {
    async fn what_is_told_twice_happens_once_and_in_its_order(t: TestChat) {
        let mut ann = t.member("ann").await;
        ann.says("Before").await;
        let told = [offered("ann", 1), called("ann", "bob", 2, Outcome::Ended), closed("ann", 1, Closed::Done)];
        keep(&t, &told[..2]).await;
        keep(&t, &told).await;
        keep(&t, &told).await;
        ann.says("After").await;
        t.verify(&mut ann).await;
        assert_eq!((ann.timeline.seq, kinds(&ann)), (5, vec!["message", "offer", "call", "message"]));
        let Some(Item::Offer(offer)) = ann.timeline.items.get(1) else { panic!("an offer") };
        assert_eq!(offer.closed, Some(Closing { at: support::START_MS, why: Closed::Done }));
        assert_eq!((offer.files.len(), offer.count, offer.size), (2, 2, 3_000_000));
    }

    async fn twice_in_one_request_is_once_too(t: TestChat) {
        let mut ann = t.member("ann").await;
        let (offer, end) = (offered("ann", 1), closed("ann", 1, Closed::Withdrawn));
        keep(&t, &[offer.clone(), end.clone(), offer, end.clone(), end]).await;
        t.verify(&mut ann).await;
        assert_eq!((ann.timeline.seq, kinds(&ann)), (2, vec!["offer"]));
    }

    async fn a_conference_stands_in_the_history_and_nobody_has_it_unread(t: TestChat) {
        let mut ann = t.member("ann").await;
        let mut bob = t.member("bob").await;
        ann.says("Before").await;
        keep(&t, &[conferred("ann", 7, 12), conferred("ann", 7, 12)]).await;
        t.verify(&mut bob).await;
        let Some(Item::Conference(conference)) = bob.timeline.items.back() else { panic!("a conference") };
        assert_eq!((conference.seq, conference.people, conference.lasted_ms), (2, 12, 2_580_000));
        assert_eq!(unread(&mut bob, &t).await, (1, 0), "only the message");
        assert_eq!(kinds(&bob), ["message", "conference"]);
    }

    async fn the_end_of_an_offer_that_is_not_there_is_nothing(t: TestChat) {
        let (mut ann, mut bob) = (t.member("ann").await, t.member("bob").await);
        keep(&t, &[closed("ann", 1, Closed::Gone)]).await;
        keep(&t, &[offered("ann", 1), closed("bob", 1, Closed::Gone)]).await;
        t.verify(&mut bob).await;
        assert_eq!((bob.timeline.seq, last_offer(&bob).closed), (1, None), "nor that of somebody else's");
        keep(&t, &[closed("ann", 1, Closed::Done), closed("ann", 1, Closed::Gone)]).await;
        t.verify(&mut ann).await;
        assert_eq!(last_offer(&ann).closed.map(|closing| closing.why), Some(Closed::Done));
    }

    async fn nobody_can_say_something_in_the_place_of_a_note(t: TestChat) {
        let mut ann = t.member("ann").await;
        let id = ulid::Ulid::from(1_u128);
        for nonce in [format!("offered:{id}"), format!("closed:{id}")] {
            ann.says_with(&nonce, "x").await.expect("said");
        }
        assert_eq!(ann.says_with(&format!("offer {id}"), "x").await, Err("bad_frame".into()));
        keep(&t, &[offered("ann", 1), closed("ann", 1, Closed::Done)]).await;
        t.verify(&mut ann).await;
        assert_eq!(last_offer(&ann).closed.map(|closing| closing.why), Some(Closed::Done));
    }

    async fn a_missed_call_and_an_offer_are_unread_and_no_other_line_is(t: TestChat) {
        let (mut ann, mut bob, mut carl) = (t.member("ann").await, t.member("bob").await, t.member("carl").await);
        for actor in [&mut ann, &mut bob, &mut carl] {
            actor.drops().await;
        }
        keep(&t, &[called("ann", "bob", 1, Outcome::Declined), called("ann", "bob", 2, Outcome::Ended)]).await;
        for actor in [&mut ann, &mut bob, &mut carl] {
            assert_eq!(unread(actor, &t).await, (0, 0), "{}", actor.name);
            actor.drops().await;
        }
        keep(&t, &[called("ann", "bob", 3, Outcome::Missed)]).await;
        for (actor, counted) in [(&mut ann, (0, 0)), (&mut bob, (1, 1)), (&mut carl, (0, 0))] {
            assert_eq!(unread(actor, &t).await, counted, "{}", actor.name);
            actor.drops().await;
        }
        keep(&t, &[offered("ann", 4)]).await;
        for (actor, counted) in [(&mut ann, (0, 0)), (&mut bob, (2, 1)), (&mut carl, (1, 0))] {
            assert_eq!(unread(actor, &t).await, counted, "{}", actor.name);
        }
        bob.sends(&Command::Read { room: ROOM, seq: 4 }).await;
        let read = bob.hears(|frame| matches!(frame, Frame::Read { .. })).await;
        assert!(matches!(read, Frame::Read { seq: 4, unread: 0, mentions: 0, .. }));
    }

    async fn an_offer_is_deleted_like_a_message_and_its_names_are_gone(t: TestChat) {
        let (mut ann, mut bob, mut eve) = (t.member("ann").await, t.member("bob").await, t.moderator("eve").await);
        keep(&t, &[offered("ann", 1), offered("ann", 2), called("ann", "bob", 3, Outcome::Missed)]).await;
        assert_eq!(bob.deletes(1).await, Err("not_allowed".into()));
        assert_eq!(eve.deletes(3).await, Err("no_such_message".into()), "a call is no message");
        eve.deletes(1).await.expect("a moderator may");
        ann.deletes(2).await.expect("one's own");
        keep(&t, &[closed("ann", 1, Closed::Done)]).await;
        t.verify(&mut bob).await;
        let offers = bob.timeline.items.iter().filter_map(|item| match item {
            Item::Offer(offer) => Some((offer.files.len(), offer.deleted.map(|d| d.moderated), offer.closed.is_some())),
            _ => None,
        });
        assert_eq!(offers.collect::<Vec<_>>(), [(0, Some(true), false), (0, Some(false), false)]);
        let acts = t.chat.app().store.audit(ROOM, 10).await.expect("an audit");
        assert_eq!((acts.len(), acts[0].detail.as_str()), (1, "ann"));
        let events = t.chat.app().store.events_after(ROOM, 0, 100).await.expect("events");
        assert!(!serde_json::to_string(&events).expect("json").contains("tulips"), "the names are gone from the store");
        // Who resumes from before hears the same.
        bob.drops().await;
        bob.timeline = chat_server::timeline::Timeline::default();
        bob.reconnects(&t).await;
        t.verify(&mut bob).await;
    }

    async fn only_messages_are_answered_edited_and_reacted_to(t: TestChat) {
        let mut ann = t.member("ann").await;
        keep(&t, &[offered("ann", 1), called("ann", "bob", 2, Outcome::Missed)]).await;
        for target in [1, 2] {
            assert_eq!(ann.edits(target, "Other words").await, Err("no_such_message".into()));
            assert_eq!(ann.reacts(target, "👍", true).await, Err("no_such_message".into()));
            let (r#ref, nonce, body) = (ann.next_ref(), format!("an-answer-to-{target}"), "x".to_owned());
            let reply_to = Some(target);
            let reply = Command::Say { r#ref, room: ROOM, nonce, body, reply_to, mentions: vec![], mention_all: false };
            assert_eq!(ann.asks(reply).await, Err("no_such_message".into()));
        }
    }

    async fn history_has_calls_and_offers_among_its_pages(t: TestChat) {
        use chat_server::store::Window;
        let mut ann = t.member("ann").await;
        for n in 0..5 {
            ann.says(&format!("line {n}")).await;
            keep(&t, &[offered("ann", 10 + n), called("ann", "bob", 20 + n, Outcome::Ended)]).await;
            keep(&t, &[closed("ann", 10 + n, Closed::Gone)]).await;
        }
        let store = &t.chat.app().store;
        let seqs = |page: &chat_server::store::Page| page.items.iter().map(Item::seq).collect::<Vec<_>>();
        let around = store.page(ROOM, Window::Around(10), 4).await.expect("a page");
        assert_eq!((seqs(&around), around.first, around.last), (vec![7, 9, 10, 11], false, false));
        let newest = store.page(ROOM, Window::Newest, 3).await.expect("a page");
        assert_eq!(seqs(&newest), [17, 18, 19]);
        let after = store.page(ROOM, Window::After(15), 5).await.expect("a page");
        assert_eq!((seqs(&after), after.last), (vec![17, 18, 19], true));
    }

    async fn a_room_that_is_forgotten_keeps_no_note(t: TestChat) {
        keep(&t, &[offered("ann", 1), closed("ann", 1, Closed::Done), called("ann", "bob", 2, Outcome::Missed)]).await;
        t.bridge.parts_with(ROOM);
        assert_eq!(chat_server::forget::forget(&t.chat.app().store, &t.bridge.link()).await.expect("done"), 1);
        assert_eq!(t.fetch().await, chat_server::timeline::Timeline::default());
        assert_eq!(t.chat.app().store.unread(ROOM, person("bob"), 0).await.expect("counts"), (0, 0));
    }
}

/// The internal routes on a port of their own, as chat-server serves them to a signal-server in another process.
async fn internal(t: &TestChat) -> String {
    let secrets = Secrets::default().with("NOTES_SECRET", Secret::new(SECRET));
    let callers = callers(&secrets).expect("a good secret").expect("there is one");
    let routes = t.chat.internal_router().layer(from_fn_with_state(callers, known_service));
    let listener = http::listen(([127, 0, 0, 1], 0).into()).await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(http::serve(listener, routes, t.context.stop.clone()));
    format!("http://{address}/")
}

const SECRET: &str = "a secret of the story that is long enough";

#[tokio::test]
async fn who_does_not_know_the_secret_tells_nothing() {
    let t = TestChat::start(None, |_| {}).await;
    let url = internal(&t).await;
    let notes = Notes { notes: vec![offered("ann", 1)] };
    let tell = async |secret: Option<&str>| {
        let request = Client::new().post(format!("{url}internal/notes")).json(&notes);
        let request = if let Some(secret) = secret { request.bearer_auth(secret) } else { request };
        request.send().await.expect("an answer").status()
    };
    assert_eq!(tell(None).await, StatusCode::UNAUTHORIZED);
    assert_eq!(tell(Some("another")).await, StatusCode::UNAUTHORIZED);
    assert_eq!(t.fetch().await.seq, 0);
    let link = NotesLink::remote(url.parse().expect("an address"), Secret::new(SECRET)).expect("a link");
    link.keep(&notes).await.expect("kept");
    assert_eq!(tell(Some(SECRET)).await, StatusCode::NO_CONTENT);
    assert_eq!(t.fetch().await.seq, 1);
    // The public routes know nothing of it.
    let public = format!("http://{}/internal/notes", t.address);
    let request = Client::new().post(public).header("origin", support::ORIGIN).bearer_auth(SECRET).json(&notes);
    let answer = request.send().await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_is_over_a_limit_is_refused_and_nothing_of_it_is_kept() {
    let t = TestChat::start(None, |_| {}).await;
    let url = internal(&t).await;
    let tell = async |notes: Vec<Note>| {
        let request = Client::new().post(format!("{url}internal/notes")).bearer_auth(SECRET).json(&Notes { notes });
        request.send().await.expect("an answer").status()
    };
    let offer = |files: Vec<File>, count, size| {
        let What::Offered { offer, .. } = offered("ann", 1).what else { panic!("an offer") };
        vec![
            called("ann", "bob", 2, Outcome::Ended),
            Note { what: What::Offered { offer, files, count, size }, ..offered("ann", 1) },
        ]
    };
    let file = |name: &str, size| File { name: name.into(), size, kind: String::new() };
    let one = |name: &str, size| vec![file(name, size)];
    for bad in [
        offer(vec![], 0, 0),
        offer(vec![file("a", 1); FILES + 1], 1000, 1),
        offer(vec![file("a", 1); 2], 1, 2),
        offer(one("", 1), 1, 1),
        offer(one(&"n".repeat(NAME_BYTES + 1), 1), 1, 1),
        offer(one("a\0b", 1), 1, 1),
        offer(one("a", LARGEST), 1, 1),
        offer(one("a", 1), LARGEST, 1),
        offer(one("a", 1), 1, LARGEST),
        vec![Note { name: "x".repeat(NAME_BYTES + 1), ..offered("ann", 1) }],
        vec![Note { name: "a\0b".into(), ..offered("ann", 1) }],
        vec![Note {
            what: What::Called {
                call: ulid::Ulid::from(3_u128),
                to: person("bob"),
                media: Media::Audio,
                outcome: Outcome::Ended,
                lasted_ms: LARGEST,
            },
            ..offered("ann", 1)
        }],
    ] {
        assert_eq!(tell(bad.clone()).await, StatusCode::BAD_REQUEST, "{bad:?}");
    }
    assert_eq!(tell(vec![offered("ann", 1); NOTES + 1]).await, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(t.fetch().await.seq, 0);
    // As much as may be.
    let long = File { name: "\u{1}".repeat(NAME_BYTES), size: LARGEST - 1, kind: "k".repeat(100) };
    let most = |n: u64| {
        let what = What::Offered {
            offer: ulid::Ulid::from(u128::from(n) + 100),
            files: vec![long.clone(); FILES],
            count: LARGEST - 1,
            size: LARGEST - 1,
        };
        Note { what, ..offered("ann", 1) }
    };
    assert_eq!(tell((0..20).map(most).collect()).await, StatusCode::NO_CONTENT);
    assert_eq!(t.fetch().await.seq, 20);
}

#[test]
fn a_short_secret_is_refused_and_without_one_nobody_tells() {
    let with = |text: &str| callers(&Secrets::default().with("NOTES_SECRET", Secret::new(text)));
    assert!(with(&"x".repeat(32)).is_ok_and(|callers| callers.is_some()));
    let error = with(&"x".repeat(31)).expect_err("too short").to_string();
    assert!(error.starts_with("NOTES_SECRET must have at least 32 characters"), "{error}");
    assert!(callers(&Secrets::default()).is_ok_and(|callers| callers.is_none()));
}
