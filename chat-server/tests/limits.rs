//! Every limit of the configuration and what happens at it; and how a server stops that has people in it.

mod support;

use std::time::Duration;

use axum::http::StatusCode;
use chat_server::protocol::Frame;
use membership::RoomId;
use reqwest::Client;
use service::limit::Rate;
use support::{Actor, ORIGIN, ROOM, TestChat};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

fn code(frame: &Frame) -> Option<&str> {
    match frame {
        Frame::Refused { code, .. } => Some(code),
        _ => None,
    }
}

/// The status with which a socket is refused before it opens; none when it opens.
async fn refused(chat: &TestChat) -> Option<StatusCode> {
    let mut request = format!("ws://{}/socket", chat.address).into_client_request().expect("a request");
    request.headers_mut().insert("origin", ORIGIN.parse().expect("a header"));
    match connect_async(request).await {
        Ok(_) => None,
        Err(Error::Http(answer)) => Some(answer.status()),
        Err(other) => panic!("{other}"),
    }
}

#[tokio::test]
async fn one_room_more_than_a_socket_may_hold_is_refused_and_the_others_stay() {
    let t = TestChat::start(None, |config| config.rooms_per_socket = 3).await;
    let mut ann = t.member("ann").await;
    for n in 2..=3 {
        assert!(matches!(ann.enters(RoomId::new(1, n)).await, Frame::Entered(_)));
    }
    assert_eq!(code(&ann.enters(RoomId::new(1, 4)).await), Some("too_large"));
    assert!(matches!(ann.enters(ROOM).await, Frame::Entered(_)), "entering anew takes no more place");
    ann.says("still here").await;
}

#[tokio::test]
async fn one_socket_more_than_a_person_may_have_is_refused_until_another_is_closed() {
    let t = TestChat::start(None, |config| config.sockets_per_person = 2).await;
    let (mut first, _second) = (t.member("ann").await, t.member("ann").await);
    let mut third = Actor::connect(&t, "ann").await;
    assert_eq!(code(&third.enters(ROOM).await), Some("too_many"));
    let mut bob = t.member("bob").await;
    bob.says("others are not touched").await;
    first.drops().await;
    // The server hears of it a moment later.
    while code(&third.enters(ROOM).await) == Some("too_many") {}
    third.says("a place was free").await;
}

#[tokio::test]
async fn one_socket_more_than_an_address_may_have_is_refused_until_another_is_closed() {
    let t = TestChat::start(None, |config| config.sockets_per_address = 2).await;
    let (mut ann, mut bob) = (t.member("ann").await, t.member("bob").await);
    assert_eq!(refused(&t).await, Some(StatusCode::TOO_MANY_REQUESTS));
    bob.drops().await;
    while refused(&t).await.is_some() {}
    ann.says("nothing happened to me").await;
}

#[tokio::test]
async fn who_reads_pages_too_fast_is_told_how_long_to_wait() {
    let t = TestChat::start(None, |config| config.pages = Rate::new(3, 60)).await;
    let (ann, bob) = (t.member("ann").await, t.member("bob").await);
    let page = async |actor: &Actor| {
        let url = format!("http://{}/rooms/{ROOM}/history", t.address);
        Client::new().get(url).bearer_auth(actor.token(ROOM)).send().await.expect("an answer")
    };
    for _ in 0..3 {
        assert_eq!(page(&ann).await.status(), StatusCode::OK);
    }
    let answer = page(&ann).await;
    let wait: u64 = answer.headers()["retry-after"].to_str().ok().and_then(|s| s.parse().ok()).expect("seconds");
    assert!((1..=60).contains(&wait), "{wait}");
    assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(answer.text().await.expect("words").contains("\"too_many\""));
    assert_eq!(page(&bob).await.status(), StatusCode::OK, "others are not touched");
}

#[tokio::test]
async fn a_server_that_stops_tells_everybody_when_to_come_back_and_keeps_what_it_acknowledged() {
    let t = TestChat::start(None, |_| {}).await;
    let (mut ann, mut bob) = (t.member("ann").await, t.member("bob").await);
    let said = ann.says("my last words").await;
    bob.until(|bob| bob.timeline.seq == said).await;
    t.context.stop.give();
    for actor in [&mut ann, &mut bob] {
        let last = actor.hears(|frame| matches!(frame, Frame::Resume { .. })).await;
        assert!(matches!(last, Frame::Resume { after_ms } if (200..=2240).contains(&after_ms)), "not all at once");
        actor.hears_the_end().await;
    }
    assert_eq!(t.fetch().await.seq, said, "what was acknowledged is there");
    let TestChat { chat, context, .. } = t;
    drop(chat);
    assert!(context.stop.finished(Duration::from_secs(10)).await, "nothing holds the stop up");
}
