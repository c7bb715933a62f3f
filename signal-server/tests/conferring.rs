//! Stories of conferences told over real sockets, with a media plane on loopback.

mod support;

use membership::{Change, Removal};
use serde_json::{Value, json};
use signal_server::protocol::Frame;
use signal_server::protocol::conference::{News, Out};
use support::{Actor, ROOM, TestSignal, person};

async fn confers() -> TestSignal {
    TestSignal::start_with(|config| {
        config.media.conferences = true;
        config.media.listen = vec![([127, 0, 0, 1], 0).into()];
    })
    .await
}

fn act(act: &Value) -> Value {
    json!({"type": "conference", "room": ROOM, "act": act})
}

fn join() -> Value {
    act(&json!({"kind": "join", "shows": {"microphone": true, "camera": false, "screen": false}}))
}

/// The next news of this kind.
async fn learns(actor: &mut Actor, wanted: impl Fn(&News) -> bool) -> News {
    match actor.hears(|frame| matches!(frame, Frame::Conference { news, .. } if wanted(news))).await {
        Frame::Conference { news, .. } => news,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn who_is_put_out_of_the_room_is_out_of_its_conference_at_once() {
    let signal = confers().await;
    let (mut ann, mut bob) = (signal.member("Ann").await, signal.member("Bob").await);
    ann.asks(join()).await.expect("joined");
    learns(&mut bob, |news| matches!(news, News::Live { count: 1, .. })).await;
    bob.asks(join()).await.expect("joined");
    learns(&mut ann, |news| matches!(news, News::Person(other) if other.person == person("Bob"))).await;
    signal.bridge.tells(Change::Removed { room: ROOM, person: person("Bob"), code: Removal::NotAMember }).await;
    assert_eq!(learns(&mut bob, |news| matches!(news, News::Out { .. })).await, News::Out { why: Out::NotAllowed });
    learns(&mut ann, |news| matches!(news, News::Left { why: Out::NotAllowed, .. })).await;
    assert_eq!(bob.asks(join()).await.map(|_| ()), Err("not_allowed".into()));
}

#[tokio::test]
async fn what_the_server_can_do_nothing_with_is_said_and_changes_nothing() {
    let signal = confers().await;
    let mut ann = signal.member("Ann").await;
    assert_eq!(ann.asks(act(&json!({"kind": "leave"}))).await.map(|_| ()), Err("no_such_call".into()));
    ann.asks(join()).await.expect("joined");
    ann.asks(act(&json!({"kind": "publish", "sdp": "v=0\r\n", "sources": {"0": "microphone"}}))).await.expect("taken");
    let failed = learns(&mut ann, |news| matches!(news, News::Failed { .. })).await;
    assert_eq!(failed, News::Failed { code: "bad_lines".into() });
    for wrong in [json!({"kind": "unmute"}), json!({"kind": "hand"}), json!({"kind": "react", "emoji": "<b>"})] {
        ann.sends(&act(&wrong)).await;
        let refused = ann.hears(|frame| matches!(frame, Frame::Refused { .. })).await;
        assert!(matches!(refused, Frame::Refused { code, .. } if code == "bad_frame"));
    }
    assert_eq!(ann.asks(act(&json!({"kind": "end"}))).await.map(|_| ()), Err("not_allowed".into()));
    ann.asks(act(&json!({"kind": "leave"}))).await.expect("left");
    learns(&mut ann, |news| matches!(news, News::Over { .. })).await;
}

#[tokio::test]
async fn where_there_is_no_media_plane_nobody_can_begin_one() {
    let signal = TestSignal::start().await;
    let mut ann = signal.member("Ann").await;
    assert_eq!(ann.asks(join()).await.map(|_| ()), Err("no_conferences".into()));
}
