//! Stories of lines that are cut and of servers that are started anew: what is whose, and what goes on.

mod support;

use serde_json::json;
use service::notes::{Closed, What};
use signal_server::protocol::{End, Frame, OfferId};
use support::{ROOM, TestSignal, person};

/// The offer of one file, announced anew.
fn anew(offer: OfferId, relay_only: bool) -> serde_json::Value {
    let files = json!([{"name": "minutes.txt", "size": 3, "kind": "text/plain"}]);
    json!({"type": "offer", "room": ROOM, "offer": offer, "files": files, "count": 1, "size": 3, "relay_only": relay_only})
}

#[tokio::test]
async fn a_sender_who_comes_back_in_time_offers_still_the_same() {
    let signal = TestSignal::start().await;
    let (mut ann, mut bob) = (signal.member("Ann").await, signal.member("Bob").await);
    let offer = ann.offers("minutes.txt", 3).await.expect("offered");
    let link = bob.asks(json!({"type": "pull", "offer": offer})).await.expect("pulled").link.expect("a link");
    ann.drops().await;
    bob.hears(|frame| *frame == Frame::Away { link }).await;
    assert_eq!(bob.asks(json!({"type": "pull", "offer": offer})).await.map(|_| ()), Err("absent".into()));
    let mut ann = signal.member("Ann").await;
    let files = json!([{"name": "minutes.txt", "size": 3, "kind": "text/plain"}]);
    ann.asks(json!({"type": "offer", "room": ROOM, "offer": offer, "files": files, "count": 1, "size": 3}))
        .await
        .expect("anew");
    bob.hears(|frame| *frame == Frame::Ended { link, why: End::Lost }).await;
    let link = bob.asks(json!({"type": "pull", "offer": offer})).await.expect("pulled again").link.expect("a link");
    ann.drops().await;
    bob.hears(|frame| *frame == Frame::Away { link }).await;
    signal.context.clock.advance(16_000);
    let gone = Frame::Closed { room: ROOM, offer, why: Closed::Gone };
    assert_eq!(bob.hears(|frame| matches!(frame, Frame::Closed { .. })).await, gone);
}

#[tokio::test]
async fn an_offer_whose_sender_comes_back_late_is_not_over_for_the_room() {
    let signal = TestSignal::start().await;
    let (mut ann, mut bob) = (signal.member("Ann").await, signal.member("Bob").await);
    let offer = ann.offers("minutes.txt", 3).await.expect("offered");
    let link = bob.asks(json!({"type": "pull", "offer": offer})).await.expect("pulled").link.expect("a link");
    ann.drops().await;
    bob.hears(|frame| *frame == Frame::Away { link }).await;
    signal.context.clock.advance(16_000);
    bob.hears(|frame| *frame == Frame::Closed { room: ROOM, offer, why: Closed::Gone }).await;
    let mut ann = signal.member("Ann").await;
    ann.asks(anew(offer, false)).await.expect("anew");
    bob.hears(|frame| matches!(frame, Frame::Offered { offer: of, .. } if *of == offer)).await;
    ann.asks(json!({"type": "close", "offer": offer, "why": "done"})).await.expect("closed");
    let kinds: Vec<What> = signal.keeper.keeps(3).await.into_iter().map(|note| note.what).collect();
    let end = matches!(kinds[2], What::Closed { why: Closed::Done, .. });
    assert!(end && matches!(kinds[..2], [What::Offered { .. }, What::Offered { .. }]), "{kinds:?}");
}

#[tokio::test]
async fn who_announces_an_offer_anew_may_hide_their_address_now() {
    let signal = TestSignal::start().await;
    let (mut ann, mut bob) = (signal.member("Ann").await, signal.member("Bob").await);
    let offer = ann.offers("minutes.txt", 3).await.expect("offered");
    ann.asks(anew(offer, true)).await.expect("anew");
    bob.asks(json!({"type": "pull", "offer": offer})).await.expect("pulled");
    bob.hears(|frame| matches!(frame, Frame::Connected { relay_only: true, .. })).await;
}

#[tokio::test]
async fn nobody_announces_the_offer_of_somebody_else_when_the_server_was_started_anew() {
    let signal = TestSignal::start().await;
    let mut ann = signal.member("Ann").await;
    let offer = ann.offers("minutes.txt", 3).await.expect("offered");
    let other = TestSignal::start().await;
    let (mut ann, mut eve) = (other.member("Ann").await, other.member("Eve").await);
    assert_eq!(eve.asks(anew(offer, false)).await, Err("no_such_offer".into()));
    ann.asks(anew(offer, false)).await.expect("her own");
}

#[tokio::test]
async fn a_call_goes_on_when_the_server_was_started_anew() {
    let signal = TestSignal::start().await;
    let (ann, bob, link) = signal.talking().await;
    drop((ann, bob));
    let anew = TestSignal::start().await;
    let (mut ann, mut bob) = (anew.member("Ann").await, anew.member("Bob").await);
    let back = |with: &str, called: bool| json!({"type": "return", "room": ROOM, "link": link, "with": person(with), "called": called, "media": "video"});
    ann.asks(back("Bob", true)).await.expect("she waits for Bob");
    bob.asks(back("Ann", false)).await.expect("he is there");
    ann.hears(|frame| matches!(frame, Frame::Connected { link: of, .. } if *of == link)).await;
    bob.hears(|frame| matches!(frame, Frame::Connected { link: of, .. } if *of == link)).await;
    let mut eve = anew.member("Eve").await;
    assert_eq!(eve.asks(back("Ann", false)).await.map(|_| ()), Err("no_such_link".into()));
}

#[tokio::test]
async fn nobody_comes_back_to_a_call_that_the_other_has_ended() {
    let signal = TestSignal::start().await;
    let (mut ann, bob, link) = signal.talking().await;
    bob.drops().await;
    ann.hears(|frame| *frame == Frame::Away { link }).await;
    ann.does("hang_up", link).await.expect("done");
    let mut bob = signal.member("Bob").await;
    let back =
        json!({"type": "return", "room": ROOM, "link": link, "with": person("Ann"), "called": false, "media": "video"});
    assert_eq!(bob.asks(back).await, Err("no_such_link".into()));
}
