//! Stories of coming and going: entering, resuming, tokens that end, people who are removed.

mod support;

use chat_server::forget::forget;
use chat_server::protocol::{Command, Frame};
use membership::{Change, Grant, Grants, Removal, Role, Roles, RoomId};
use service::on;
use support::{Actor, ROOM, TestChat, person};

both_databases! {
    async fn a_reader_who_reconnects_misses_nothing(t: TestChat) {
        let (mut ann, mut bob) = (t.member("ann").await, t.member("bob").await);
        bob.drops().await;
        ann.says("tulips").await;
        ann.says("roses").await;
        assert!(matches!(bob.reconnects(&t).await, Frame::Resumed(_)));
        assert_eq!(bob.reads(), ["tulips", "roses"]);
        t.verify(&mut bob).await;
    }

    async fn a_reader_who_was_away_for_long_starts_afresh(t: TestChat) {
        let (mut ann, mut bob) = (t.member("ann").await, t.member("bob").await);
        bob.drops().await;
        for n in 0..620 {
            ann.says_with(&format!("many-nonces-{n}"), "word").await.expect("said");
        }
        let Frame::Entered(entered) = bob.reconnects(&t).await else { panic!("bob starts afresh") };
        assert_eq!((entered.seq, entered.items.len(), entered.first), (620, 100, false));
        t.verify(&mut bob).await;
    }

    async fn who_comes_back_finds_the_mark_where_it_was_left(t: TestChat) {
        let (mut ann, mut bob) = (t.member("ann").await, t.member("bob").await);
        for words in ["tulips", "roses", "lilies"] {
            ann.says(words).await;
        }
        bob.until(|bob| bob.timeline.seq == 3).await;
        bob.sends(&Command::Read { room: ROOM, seq: 2 }).await;
        bob.hears(|frame| matches!(frame, Frame::Read { seq: 2, .. })).await;
        // At once, in a room that others are in; and in one that was forgotten meanwhile.
        for alone in [false, true] {
            bob.drops().await;
            if alone {
                ann.drops().await;
                while t.chat.app().hub.open_room(ROOM).is_some() {
                    tokio::time::sleep(std::time::Duration::from_millis(5)).await;
                }
            }
            let Frame::Resumed(resumed) = bob.reconnects(&t).await else { panic!("bob resumes") };
            assert_eq!((resumed.place.read, resumed.place.unread), (2, 1), "alone: {alone}");
        }
    }

    async fn what_was_said_on_a_list_that_closed_long_ago_is_deleted_and_nothing_else(t: TestChat) {
        let mut ann = t.moderator("ann").await;
        let other = RoomId::new(1, 2);
        ann.enters(other).await;
        let seq = ann.says("tulips").await;
        ann.reacts(seq, "👍", true).await.expect("reacted");
        let mut bob = t.member("bob").await;
        let (r#ref, nonce, body) = (bob.next_ref(), "nonce-of-thorns".to_owned(), "thorns".to_owned());
        let mentions = vec![person("ann")];
        let thorns = Command::Say { r#ref, room: ROOM, nonce, body, reply_to: None, mentions, mention_all: false };
        let unkind = bob.asks(thorns).await.expect("said").expect("a place");
        ann.sends(&Command::Read { room: ROOM, seq: unkind }).await;
        ann.hears(|frame| matches!(frame, Frame::Read { .. })).await;
        let weeds = bob.says("weeds").await;
        ann.deletes(weeds).await.expect("deleted");
        let (r#ref, nonce, body) = (ann.next_ref(), "nonce-of-roses".to_owned(), "roses".to_owned());
        let roses = Command::Say { r#ref, room: other, nonce, body, reply_to: None, mentions: vec![], mention_all: false };
        ann.asks(roses).await.expect("said");
        let (store, link) = (&t.chat.app().store, t.bridge.link());
        let kept = async || {
            let mut kept = Vec::new();
            for sql in [
                "SELECT COUNT(*) FROM event WHERE room = $1",
                "SELECT COUNT(*) FROM reaction WHERE room = $1",
                "SELECT COUNT(*) FROM mention WHERE room = $1",
                "SELECT COUNT(*) FROM read_mark WHERE room = $1",
                "SELECT COUNT(*) FROM audit WHERE room = $1",
            ] {
                let room = ROOM.to_string();
                let rows = on!(store.db(), c => sqlx::query_scalar::<_, i64>(sql).bind(room).fetch_one(c).await);
                kept.push(rows.expect("an answer"));
            }
            kept
        };
        // A mark is kept a moment after it is told.
        while !kept().await.iter().all(|rows| *rows > 0) {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        assert_eq!(forget(store, &link).await.expect("an answer"), 0);
        t.bridge.parts_with(ROOM);
        assert_eq!(forget(store, &link).await.expect("an answer"), 1);
        assert_eq!(store.rooms_after(None, 10).await.expect("an answer"), [other]);
        assert_eq!(kept().await, [0; 5]);
        assert_eq!((store.head(ROOM).await.expect("an answer"), t.fetch().await.items.len()), (0, 0));
    }
}

#[tokio::test]
async fn who_is_removed_is_told_why_and_hears_nothing_more() {
    let t = TestChat::start(None, |_| {}).await;
    let (mut ann, mut bob) = (t.member("ann").await, t.member("bob").await);
    t.bridge.tells(Change::Removed { room: ROOM, person: person("bob"), code: Removal::Banned }).await;
    let removed = bob.hears(|frame| matches!(frame, Frame::Removed { .. })).await;
    assert!(matches!(removed, Frame::Removed { code, .. } if code == "banned"));
    ann.says("Bob must not read this").await;
    assert_eq!(bob.says_with("bob-says-still", "x").await, Err("not_a_member".into()));
    assert!(bob.events.is_empty());
}

#[tokio::test]
async fn a_session_that_ends_takes_its_own_sockets_and_no_others() {
    let t = TestChat::start(None, |_| {}).await;
    let (mut ann, mut bob) = (t.member("ann").await, t.member("bob").await);
    let sid = person("bob").to_string().parse().expect("an id");
    t.bridge.tells(Change::SignedOut { sid }).await;
    bob.hears(|frame| matches!(frame, Frame::Removed { code, .. } if code == "signed_out")).await;
    bob.hears_the_end().await;
    ann.says("still here").await;
}

#[tokio::test]
async fn a_closed_list_ends_its_room_for_everybody() {
    let t = TestChat::start(None, |_| {}).await;
    let (mut ann, mut bob) = (t.member("ann").await, t.member("bob").await);
    t.bridge.tells(Change::RoomClosed { room: ROOM }).await;
    for actor in [&mut ann, &mut bob] {
        actor.hears(|frame| matches!(frame, Frame::Removed { code, .. } if code == "room_closed")).await;
    }
}

#[tokio::test]
async fn who_is_muted_reads_on_but_says_nothing() {
    let t = TestChat::start(None, |_| {}).await;
    let (mut ann, mut bob) = (t.member("ann").await, t.member("bob").await);
    let (roles, grants) = (Roles::NONE.with(Role::Subscriber), Grants::NONE.with(Grant::Read));
    t.bridge.tells(Change::GrantsChanged { room: ROOM, person: person("bob"), roles, grants }).await;
    bob.hears(|frame| matches!(frame, Frame::Grants { .. })).await;
    assert_eq!(bob.says_with("muted-but-talks", "x").await, Err("not_allowed".into()));
    ann.says("Bob reads this").await;
    t.verify(&mut bob).await;
}

#[tokio::test]
async fn a_token_that_ends_means_waiting_and_a_new_one_means_nothing_was_missed() {
    let t = TestChat::start(None, |_| {}).await;
    let (mut ann, mut bob) = (t.member("ann").await, t.member("bob").await);
    t.context.clock.advance(200_000);
    let (r#ref, token) = (ann.next_ref(), ann.token(ROOM));
    ann.asks(Command::Renew { r#ref, room: ROOM, token }).await.expect("ann renews");
    t.context.clock.advance(100_000);
    bob.hears(|frame| matches!(frame, Frame::Waiting { .. })).await;
    ann.says("while bob waits").await;
    let (r#ref, token, from) = (bob.next_ref(), bob.token(ROOM), Some(bob.timeline.seq));
    bob.sends(&Command::Enter { r#ref, room: ROOM, token, lines: 50, from }).await;
    bob.hears(|frame| matches!(frame, Frame::Resumed(_))).await;
    assert_eq!(bob.reads(), ["while bob waits"]);
}

#[tokio::test]
async fn a_token_of_another_room_person_or_time_is_refused_with_its_code() {
    let t = TestChat::start(None, |_| {}).await;
    let mut ann = Actor::connect(&t, "ann").await;
    let other_room = ann.token(RoomId::new(1, 2));
    let late = t.bridge.claims("ann", ROOM, ann.standing);
    let expired = t.bridge.sign(&membership::token::Claims { exp: late.nbf - 1, ..late.clone() });
    let early = t.bridge.sign(&membership::token::Claims { nbf: late.nbf + 60, ..late.clone() });
    let signal = t.bridge.sign(&membership::token::Claims { aud: membership::token::Audience::Signal, ..late });
    let cases = [
        (other_room, "bad_token"),
        (expired, "token_expired"),
        (early, "token_not_yet_valid"),
        (signal, "bad_token"),
        ("garbage".to_owned(), "bad_token"),
        ("eyJhbGciOiJub25lIn0.e30.".to_owned(), "bad_token"),
    ];
    for (token, expected) in cases {
        let r#ref = ann.next_ref();
        let answer = ann.asks(Command::Enter { r#ref, room: ROOM, token, lines: 10, from: None }).await;
        assert_eq!(answer, Err(expected.to_owned()));
    }
    ann.enters(ROOM).await;
    let stolen = t.bridge.sign(&t.bridge.claims("bob", RoomId::new(1, 3), ann.standing));
    let r#ref = ann.next_ref();
    let answer = ann.asks(Command::Enter { r#ref, room: RoomId::new(1, 3), token: stolen, lines: 1, from: None }).await;
    assert_eq!(answer, Err("bad_token".into()), "one socket is one person's");
}

#[tokio::test]
async fn who_is_here_is_told_and_a_concealed_member_is_not() {
    let t = TestChat::start(None, |_| {}).await;
    let mut ann = t.member("ann").await;
    let mut eve = t.moderator("eve").await;
    let mut carol = Actor::connect(&t, "carol").await;
    carol.standing.concealed = true;
    carol.enters(ROOM).await;
    let names = |frame: &Frame| match frame {
        Frame::Presence { presence, .. } => presence.here.iter().flatten().map(|p| p.name.clone()).collect::<Vec<_>>(),
        _ => Vec::new(),
    };
    eve.hears(|frame| names(frame).contains(&"carol".to_owned())).await;
    ann.hears(|frame| names(frame).contains(&"eve".to_owned())).await;
    carol.sends(&Command::Typing { room: ROOM, on: true }).await;
    eve.hears(|frame| matches!(frame, Frame::Typing { name, .. } if name == "carol")).await;
    carol.says("I am here, in the open").await;
    t.verify(&mut ann).await;
    ann.frames.retain(|frame| !matches!(frame, Frame::Event { .. }));
    let told = format!("{:?}", ann.frames);
    assert!(!told.contains("carol"), "nothing but what she said shows her: {told}");
}

#[tokio::test]
async fn garbage_is_refused_and_then_the_socket_is_closed() {
    let t = TestChat::start(None, |_| {}).await;
    let mut ann = t.member("ann").await;
    for garbage in ["", "{", "[]", "null", "{\"type\":\"fly\"}", "{\"type\":\"ping\",\"extra\":1}"] {
        ann.sends_text(garbage).await;
        ann.hears(|frame| matches!(frame, Frame::Refused { code, .. } if code == "bad_frame")).await;
    }
    ann.sends(&Command::Ping {}).await;
    ann.hears(|frame| matches!(frame, Frame::Pong)).await;
    for _ in 0..4 {
        ann.sends_text("still garbage").await;
    }
    ann.hears_the_end().await;
}

#[tokio::test]
async fn a_frame_over_the_limit_closes_the_socket() {
    let t = TestChat::start(None, |_| {}).await;
    let mut ann = t.member("ann").await;
    ann.sends_text(&"x".repeat(64 * 1024 + 1)).await;
    ann.hears_the_end().await;
}

#[tokio::test]
async fn who_talks_too_fast_is_told_how_long_to_wait() {
    let t = TestChat::start(None, |config| config.acts = service::limit::Rate::new(3, 60)).await;
    let mut ann = t.member("ann").await;
    for n in 0..3 {
        ann.says_with(&format!("quick-nonce-{n}"), "quick").await.expect("said");
    }
    let r#ref = ann.next_ref();
    let (nonce, body) = ("quick-nonce-4".to_owned(), "too quick".to_owned());
    ann.sends(&Command::Say { r#ref, room: ROOM, nonce, body, reply_to: None, mentions: vec![], mention_all: false })
        .await;
    let refused = ann.hears(|frame| matches!(frame, Frame::Refused { .. })).await;
    assert!(matches!(refused, Frame::Refused { code, retry_after_ms: Some(1..=20_000), .. } if code == "too_many"));
}

#[tokio::test]
async fn an_old_token_opens_nothing_after_a_removal() {
    let t = TestChat::start(None, |_| {}).await;
    let mut bob = t.member("bob").await;
    t.context.clock.advance(10_000);
    let old = bob.token(ROOM);
    t.context.clock.advance(5000);
    t.bridge.tells(Change::Removed { room: ROOM, person: person("bob"), code: Removal::Banned }).await;
    bob.hears(|frame| matches!(frame, Frame::Removed { .. })).await;
    let r#ref = bob.next_ref();
    let again = bob.asks(Command::Enter { r#ref, room: ROOM, token: old.clone(), lines: 10, from: None }).await;
    assert_eq!(again, Err("banned".into()));
    let address = format!("http://{}/rooms/{ROOM}/history", t.address);
    let page = reqwest::Client::new().get(address).bearer_auth(old).send().await.expect("an answer");
    assert_eq!(page.status(), 403);
    t.context.clock.advance(6000);
    let (r#ref, token) = (bob.next_ref(), bob.token(ROOM));
    bob.sends(&Command::Enter { r#ref, room: ROOM, token, lines: 10, from: None }).await;
    bob.hears(|frame| matches!(frame, Frame::Entered(_))).await;
}

#[tokio::test]
async fn after_a_restart_the_bridge_is_asked_about_tokens_from_before() {
    let t = TestChat::start(None, |_| {}).await;
    let mut bob = Actor::connect(&t, "bob").await;
    let old = bob.token(ROOM);
    t.bridge.forgets("bob", Removal::NotAMember);
    let r#ref = bob.next_ref();
    let answer = bob.asks(Command::Enter { r#ref, room: ROOM, token: old, lines: 10, from: None }).await;
    assert_eq!(answer, Err("not_a_member".into()));
}

#[tokio::test]
async fn a_read_mark_never_moves_back() {
    let t = TestChat::start(None, |_| {}).await;
    let (mut ann, mut bob) = (t.member("ann").await, t.member("bob").await);
    for n in 0..3 {
        ann.says_with(&format!("three-nonces-{n}"), "word").await.expect("said");
    }
    t.verify(&mut bob).await;
    bob.sends(&Command::Read { room: ROOM, seq: 2 }).await;
    let read = bob.hears(|frame| matches!(frame, Frame::Read { .. })).await;
    assert!(matches!(read, Frame::Read { seq: 2, unread: 1, .. }));
    bob.sends(&Command::Read { room: ROOM, seq: 1 }).await;
    bob.sends(&Command::Read { room: ROOM, seq: 99 }).await;
    let read = bob.hears(|frame| matches!(frame, Frame::Read { .. })).await;
    assert!(matches!(read, Frame::Read { seq: 3, unread: 0, .. }), "1 is behind, 99 is not there yet");
    bob.drops().await;
    let Frame::Resumed(back) = bob.reconnects(&t).await else { panic!("bob resumes") };
    assert_eq!(back.place.read, 3);
}
