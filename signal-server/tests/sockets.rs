//! Stories told over real sockets: who gets in, what passes, and who is cut off.

mod support;

use axum::http::StatusCode;
use membership::{Change, Grant, Grants, Removal, Role, Roles, RoomId};
use serde_json::json;
use service::health::Colour;
use service::limit::Rate;
use service::notes::{Closed, Outcome, What};
use signal_server::protocol::{End, Frame, Signal};
use support::bridge::sid;
use support::{Actor, MEMBER, READER, ROOM, TestSignal, person};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

const OTHER_ROOM: RoomId = RoomId::new(1, 2);

fn sdp() -> serde_json::Value {
    json!({"kind": "offer", "sdp": "v=0\r\n"})
}

/// Waits until it is known that notes cannot be kept now.
async fn notes_wait(signal: &TestSignal) {
    let colour = || signal.context.health.parts().get("notes for chat-server").map(|part| part.colour);
    while colour() != Some(Colour::Amber) {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn two_members_are_connected_and_the_room_remembers_it() {
    let signal = TestSignal::start().await;
    let (mut ann, mut bob, link) = signal.talking().await;
    ann.sends(&json!({"type": "signal", "link": link, "signal": sdp()})).await;
    let heard = bob.hears(|frame| matches!(frame, Frame::Signal { .. })).await;
    assert_eq!(heard, Frame::Signal { link, signal: Signal::Offer { sdp: "v=0\r\n".into() } });
    signal.context.clock.advance(60_000);
    ann.does("hang_up", link).await.expect("done");
    let ended = Frame::Ended { link, why: End::HungUp };
    assert_eq!(bob.hears(|frame| matches!(frame, Frame::Ended { .. })).await, ended);
    let notes = signal.keeper.keeps(1).await;
    let What::Called { to, outcome, lasted_ms, .. } = &notes[0].what else { panic!("a call: {notes:?}") };
    assert_eq!((notes[0].by, *to, *outcome, *lasted_ms), (ann.person(), bob.person(), Outcome::Ended, 60_000));
}

#[tokio::test]
async fn only_a_token_for_this_service_and_this_room_opens_a_room() {
    let signal = TestSignal::start().await;
    let mut ann = Actor::connect(&signal, "Ann").await;
    let claims = signal.bridge.claims("Ann", ROOM, MEMBER);
    let of_the_chat = signal.bridge.sign(&claims);
    for (token, code) in [
        ("x".to_owned(), "bad_token"),
        (of_the_chat, "bad_token"),
        (signal.token("Ann", OTHER_ROOM, MEMBER), "bad_token"),
    ] {
        assert_eq!(ann.asks(json!({"type": "enter", "room": ROOM, "token": token})).await, Err(code.to_owned()));
    }
    assert_eq!(
        ann.asks(json!({"type": "ring", "room": ROOM, "person": person("Bob"), "media": "audio"})).await,
        Err("not_a_member".into())
    );
    ann.enters(ROOM, MEMBER).await.expect("her own token");
    let of_bob = signal.token("Bob", ROOM, MEMBER);
    assert_eq!(ann.asks(json!({"type": "enter", "room": ROOM, "token": of_bob})).await, Err("bad_token".into()));
    signal.context.clock.advance(301_000);
    assert!(matches!(
        ann.hears(|frame| matches!(frame, Frame::Waiting { .. })).await,
        Frame::Waiting { room: ROOM, .. }
    ));
}

#[tokio::test]
async fn another_site_cannot_open_a_socket() {
    let signal = TestSignal::start().await;
    let mut request = format!("ws://{}/socket", signal.address).into_client_request().expect("a request");
    request.headers_mut().insert("origin", "http://elsewhere.test".parse().expect("a header"));
    assert!(connect_async(request).await.is_err());
}

#[tokio::test]
async fn who_may_only_read_calls_nobody_offers_nothing_fetches_nothing_and_gets_no_servers() {
    let signal = TestSignal::start().await;
    let (mut ann, mut eve) = (signal.member("Ann").await, signal.somebody("Eve", READER).await);
    let offer = ann.offers("minutes.txt", 3).await.expect("offered");
    assert_eq!(eve.rings("Ann").await, Err("not_allowed".into()));
    assert_eq!(ann.rings("Eve").await, Err("absent".into()), "it does not ring at hers");
    assert_eq!(eve.offers("a", 1).await, Err("not_allowed".into()));
    assert_eq!(eve.asks(json!({"type": "pull", "offer": offer})).await.map(|_| ()), Err("no_such_offer".into()));
    assert_eq!(eve.asks(json!({"type": "servers"})).await.map(|_| ()), Err("not_allowed".into()));
    let heard = eve.heard_so_far().await;
    assert!(!heard.iter().any(|frame| matches!(frame, Frame::Offered { .. })), "{heard:?}");
}

#[tokio::test]
async fn who_is_not_in_the_room_can_neither_ring_there_nor_speak_on_a_link_of_others() {
    let signal = TestSignal::start().await;
    let (_ann, mut bob, link) = signal.talking().await;
    let mut eve = Actor::connect(&signal, "Eve").await;
    eve.enters(OTHER_ROOM, MEMBER).await.expect("her own room");
    assert_eq!(eve.rings("Ann").await, Err("not_allowed".into()));
    for what in ["accept", "decline", "hang_up"] {
        assert_eq!(eve.does(what, link).await.map(|_| ()), Err("no_such_link".into()), "{what}");
    }
    eve.sends(&json!({"type": "signal", "link": link, "signal": sdp()})).await;
    let refused = eve.hears(|frame| matches!(frame, Frame::Refused { .. })).await;
    assert!(matches!(refused, Frame::Refused { code, .. } if code == "no_such_link"));
    assert!(bob.heard_so_far().await.iter().all(|frame| matches!(frame, Frame::Stands { .. } | Frame::Welcome { .. })));
}

#[tokio::test]
async fn whoever_the_bridge_puts_out_is_out_of_the_call_at_once() {
    for code in [Removal::NotAMember, Removal::Banned] {
        let signal = TestSignal::start().await;
        let (mut ann, mut bob, link) = signal.talking().await;
        signal.bridge.tells(Change::Removed { room: ROOM, person: person("Bob"), code }).await;
        let over = Frame::Ended { link, why: End::NotAllowed };
        assert_eq!(ann.hears(|frame| matches!(frame, Frame::Ended { .. })).await, over);
        assert_eq!(bob.hears(|frame| matches!(frame, Frame::Ended { .. })).await, over);
        let removed = bob.hears(|frame| matches!(frame, Frame::Removed { .. })).await;
        assert_eq!(removed, Frame::Removed { room: ROOM, code: code.code().to_owned() });
        assert_eq!(bob.rings("Ann").await, Err("not_allowed".into()));
        let kept = bob.asks(json!({"type": "enter", "room": ROOM, "token": signal.token("Bob", ROOM, MEMBER)})).await;
        assert_eq!(kept, Err(code.code().to_owned()), "a token from before opens nothing");
    }
}

#[tokio::test]
async fn a_mute_a_closed_room_and_an_ended_session_end_calls_too() {
    let mute = Change::GrantsChanged {
        room: ROOM,
        person: person("Bob"),
        roles: Roles::NONE.with(Role::Subscriber),
        grants: Grants::NONE.with(Grant::Read),
    };
    let out = Change::SignedOut { sid: sid("Bob") };
    for change in [mute, Change::RoomClosed { room: ROOM }, out] {
        let signal = TestSignal::start().await;
        let (mut ann, _bob, link) = signal.talking().await;
        signal.bridge.tells(change.clone()).await;
        let ended = ann.hears(|frame| matches!(frame, Frame::Ended { .. })).await;
        assert_eq!(ended, Frame::Ended { link, why: End::NotAllowed }, "{change:?}");
    }
}

#[tokio::test]
async fn files_are_offered_fetched_refused_and_the_offer_ends() {
    let signal = TestSignal::start().await;
    let (mut ann, mut bob) = (signal.member("Ann").await, signal.member("Bob").await);
    let offer = ann.offers("minutes.txt", 3).await.expect("offered");
    let offered = bob.hears(|frame| matches!(frame, Frame::Offered { .. })).await;
    assert!(matches!(offered, Frame::Offered { offer: of, size: 3, name, .. } if of == offer && name == "Ann"));
    let mut late = signal.member("Eve").await;
    late.hears(|frame| matches!(frame, Frame::Offered { .. })).await;
    late.asks(json!({"type": "refuse", "offer": offer})).await.expect("refused");
    ann.hears(|frame| matches!(frame, Frame::RefusedOffer { name, .. } if name == "Eve")).await;

    let link = bob.asks(json!({"type": "pull", "offer": offer})).await.expect("pulled").link.expect("a link");
    ann.hears(|frame| matches!(frame, Frame::Pulled { link: of, name, .. } if *of == link && name == "Bob")).await;
    ann.hears(|frame| matches!(frame, Frame::Connected { polite: false, .. })).await;
    bob.hears(|frame| matches!(frame, Frame::Connected { polite: true, .. })).await;
    ann.sends(&json!({"type": "signal", "link": link, "signal": sdp()})).await;
    bob.hears(|frame| matches!(frame, Frame::Signal { .. })).await;
    ann.asks(json!({"type": "close", "offer": offer, "why": "withdrawn"})).await.expect("closed");
    bob.hears(|frame| *frame == Frame::Ended { link, why: End::Closed }).await;
    late.hears(|frame| *frame == Frame::Closed { room: ROOM, offer, why: Closed::Withdrawn }).await;
    let kinds: Vec<What> = signal.keeper.keeps(2).await.into_iter().map(|note| note.what).collect();
    assert!(matches!(kinds[..], [What::Offered { size: 3, .. }, What::Closed { why: Closed::Withdrawn, .. }]));
    assert_eq!(bob.asks(json!({"type": "pull", "offer": offer})).await.map(|_| ()), Err("no_such_offer".into()));
}

#[tokio::test]
async fn a_call_that_ends_because_the_bridge_is_away_is_not_said_to_be_forbidden() {
    let signal = TestSignal::start().await;
    let (mut ann, mut bob, link) = signal.talking().await;
    signal.context.clock.advance(301_000);
    for actor in [&mut ann, &mut bob] {
        actor.hears(|frame| *frame == Frame::Ended { link, why: End::Unconfirmed }).await;
        actor.hears(|frame| matches!(frame, Frame::Waiting { room: ROOM, .. })).await;
    }
}

#[tokio::test]
async fn how_good_a_line_is_says_only_who_is_on_it() {
    let signal = TestSignal::start().await;
    let (mut ann, _bob, call) = signal.talking().await;
    let (mut eve, mut dora) = (signal.member("Eve").await, signal.member("Dora").await);
    let offer = eve.offers("minutes.txt", 3).await.expect("offered");
    let pull = dora.asks(json!({"type": "pull", "offer": offer})).await.expect("pulled").link.expect("a link");
    let report = |link| json!({"type": "quality", "link": link, "rtt_ms": 20, "lost_permille": 1, "path": "direct"});
    for (actor, on, off) in [(&mut ann, call, pull), (&mut eve, pull, call), (&mut dora, pull, call)] {
        actor.sends(&report(on)).await;
        actor.sends(&report(off)).await;
        let heard = actor.heard_so_far().await;
        let refused = |frame: &&Frame| matches!(frame, Frame::Refused { code, .. } if code == "no_such_link");
        assert_eq!(heard.iter().filter(refused).count(), 1, "{}: {heard:?}", actor.name);
    }
}

#[tokio::test]
async fn where_relays_alone_are_wanted_no_other_address_passes() {
    let signal = TestSignal::start().await;
    let (mut ann, mut bob) = (signal.member("Ann").await, signal.member("Bob").await);
    let link = ann.rings("Bob").await.expect("it rings");
    bob.asks(json!({"type": "accept", "link": link, "relay_only": true})).await.expect("accepted");
    ann.hears(|frame| matches!(frame, Frame::Connected { relay_only: true, .. })).await;
    for candidate in [
        "candidate:1 1 udp 9 192.0.2.1 9 typ host",
        "candidate:2 1 udp 9 198.51.100.1 9 typ relay raddr 192.0.2.1 rport 7",
    ] {
        let signal = json!({"kind": "candidate", "candidate": candidate, "mid": "0"});
        ann.sends(&json!({"type": "signal", "link": link, "signal": signal})).await;
    }
    let heard = bob.hears(|frame| matches!(frame, Frame::Signal { .. })).await;
    assert!(!serde_json::to_string(&heard).expect("JSON").contains("192.0.2.1"), "{heard:?}");
    let site = TestSignal::start_with(|config| config.relay_only = true).await;
    let (mut ann, mut bob) = (site.member("Ann").await, site.member("Bob").await);
    let link = ann.rings("Bob").await.expect("it rings");
    bob.does("accept", link).await.expect("accepted");
    ann.hears(|frame| matches!(frame, Frame::Connected { relay_only: true, .. })).await;
}

#[tokio::test]
async fn a_flood_of_ringing_is_refused() {
    let signal = TestSignal::start_with(|config| config.acts = Rate::new(3, 60)).await;
    let (mut ann, mut bob) = (signal.member("Ann").await, signal.member("Bob").await);
    for _ in 0..3 {
        let link = ann.rings("Bob").await.expect("it rings");
        bob.does("decline", link).await.expect("declined");
    }
    assert_eq!(ann.rings("Bob").await, Err("too_many".into()));
}

#[tokio::test]
async fn notes_wait_for_a_chat_server_that_is_away_and_one_it_refuses_holds_up_no_other() {
    let signal = TestSignal::start().await;
    let (mut ann, mut bob) = (signal.member("Ann").await, signal.member("Bob").await);
    signal.keeper.answers(StatusCode::SERVICE_UNAVAILABLE);
    let link = ann.rings("Bob").await.expect("it rings");
    bob.does("decline", link).await.expect("declined");
    notes_wait(&signal).await;
    signal.keeper.answers(StatusCode::NO_CONTENT);
    let notes = signal.keeper.keeps(1).await;
    assert!(matches!(notes[0].what, What::Called { outcome: Outcome::Declined, .. }));
    // One that cannot be kept is left behind.
    signal.keeper.answers(StatusCode::BAD_REQUEST);
    let link = ann.rings("Bob").await.expect("it rings");
    bob.does("decline", link).await.expect("declined");
    while !signal.keeper.refused() {
        tokio::task::yield_now().await;
    }
    signal.keeper.answers(StatusCode::NO_CONTENT);
    let link = ann.rings("Bob").await.expect("it rings");
    ann.does("hang_up", link).await.expect("done");
    assert!(matches!(signal.keeper.keeps(2).await[1].what, What::Called { outcome: Outcome::Missed, .. }));
}

#[tokio::test]
async fn what_is_no_command_is_refused_and_too_much_of_it_closes_the_socket() {
    let signal = TestSignal::start().await;
    let mut ann = signal.member("Ann").await;
    let name = "x".repeat(4096);
    let long = json!([{"name": name, "size": 1, "kind": ""}]);
    let offer = |files: &serde_json::Value, count: u64, size: u64| json!({"type": "offer", "room": ROOM, "files": files, "count": count, "size": size});
    let one = json!([{"name": "a", "size": 1, "kind": ""}]);
    for (offer, why) in [
        (offer(&long, 1, 1), "a name of 4 kB"),
        (offer(&json!([]), 0, 0), "no file"),
        (offer(&one, 2, 1), "a count that is not true"),
        (offer(&one, 1, 7), "a size that is not true"),
        (
            offer(&json!([{"name": "a", "size": 1_u64 << 60, "kind": ""}]), 1, 1 << 60),
            "a size that no browser can count",
        ),
    ] {
        assert_eq!(ann.asks(offer).await.map(|_| ()), Err("bad_frame".into()), "{why}");
    }
    let mut bob = signal.member("Bob").await;
    let link = ann.rings("Bob").await.expect("it rings");
    bob.does("accept", link).await.expect("accepted");
    let huge = "x".repeat(33 * 1024);
    for wrong in [
        json!({"kind": "offer", "sdp": format!("v=0{huge}")}),
        json!({"kind": "candidate", "candidate": "<b>", "mid": "0"}),
    ] {
        ann.sends(&json!({"type": "signal", "link": link, "signal": wrong})).await;
        let refused = ann.hears(|frame| matches!(frame, Frame::Refused { .. })).await;
        assert!(matches!(refused, Frame::Refused { code, .. } if code == "bad_frame"));
    }
    let heard = bob.heard_so_far().await;
    assert!(!heard.iter().any(|frame| matches!(frame, Frame::Signal { .. })), "nothing of it passed: {heard:?}");
    for _ in 0..10 {
        ann.sends_text("no").await;
    }
    while ann.next().await.is_some() {}
    let mut eve = signal.member("Eve").await;
    eve.sends_text(&"x".repeat(129 * 1024)).await;
    while eve.next().await.is_some() {}
}

#[tokio::test]
async fn two_who_ring_each_other_at_once_are_told_of_one_link() {
    let signal = TestSignal::start().await;
    let (mut ann, mut bob) = (signal.member("Ann").await, signal.member("Bob").await);
    let link = ann.rings("Bob").await.expect("it rings");
    assert_eq!(bob.rings("Ann").await, Ok(link));
    bob.hears(|frame| matches!(frame, Frame::Connected { link: of, .. } if *of == link)).await;
}

#[tokio::test]
async fn a_wrong_secret_costs_no_note() {
    let signal = TestSignal::start().await;
    let (mut ann, mut bob) = (signal.member("Ann").await, signal.member("Bob").await);
    signal.keeper.answers(StatusCode::UNAUTHORIZED);
    let link = ann.rings("Bob").await.expect("it rings");
    bob.does("decline", link).await.expect("declined");
    notes_wait(&signal).await;
    signal.keeper.answers(StatusCode::NO_CONTENT);
    assert_eq!(signal.keeper.keeps(1).await.len(), 1);
}

#[tokio::test]
async fn a_room_full_of_offers_can_still_be_entered() {
    let signal = TestSignal::start_with(|config| config.sockets_per_address = 1000).await;
    let long = format!("\u{1}{}", "x".repeat(250));
    let files: Vec<_> =
        (0..100).map(|n| json!({"name": format!("{n}{}", &long[..240]), "size": 1, "kind": ""})).collect();
    let offer = json!({"type": "offer", "room": ROOM, "files": files, "count": 100, "size": 100});
    let mut senders = Vec::new();
    for n in 0..6 {
        let mut sender = signal.member(&format!("Sender {n}")).await;
        let most = if n < 5 { 20 } else { 0 };
        for _ in 0..most {
            sender.asks(offer.clone()).await.expect("offered");
        }
        assert_eq!(sender.asks(offer.clone()).await, Err("too_many".into()), "{n}");
        senders.push(sender);
    }
    let mut late = signal.member("Late").await;
    let heard = late.heard_so_far().await;
    assert_eq!(heard.iter().filter(|frame| matches!(frame, Frame::Offered { .. })).count(), 100);
}
