//! The story of another signing key: the old one counts as long as its tokens live, and nobody has to sign in again.

mod support;

use axum::http::StatusCode;
use membership::RoomId;
use membership::token::{Audience, KeySet, Refused, Verifier};
use service::secret::Secret;
use support::{START_MS, Town};

const ALICE: &str = "alice@example.org";
const LIST: &str = "open-talk@lists.example.org";
const OLD: &str = "0101010101010101010101010101010101010101010101010101010101010101";
const NEW: &str = "0202020202020202020202020202020202020202020202020202020202020202";

stories! {
    async fn a_token_of_the_old_key_counts_until_that_key_is_taken_away(town: Town) {
        let mut town = town;
        town.list(LIST, "Open talk", "send private").await;
        town.subscribe(ALICE, LIST).await;
        town.restart_with(|secrets| secrets.with("BRIDGE_KEY_SEED", Secret::new(OLD))).await;
        let mut alice = town.signed_in(ALICE, "01234567890123").await;
        let room = alice.room(LIST).await;
        let (before, of_old) = (keys(&town).await, alice.token(room).await.expect("a token"));
        assert_eq!((before.keys.len(), judge(&before, &of_old, room)), (1, Ok(())));

        town.restart_with(|secrets| {
            secrets.with("BRIDGE_KEY_SEED", Secret::new(NEW)).with("BRIDGE_KEY_SEED_OLD", Secret::new(OLD))
        })
        .await;
        alice = alice.at(town.public());
        let (both, of_new) = (keys(&town).await, alice.token(room).await.expect("the session goes on"));
        assert_eq!((both.keys.len(), both.keys.last()), (2, before.keys.first()), "the old key stands beside the new");
        assert_eq!(judge(&both, &of_old, room), Ok(()), "what was signed before still counts");
        assert_eq!(judge(&both, &of_new, room), Ok(()));
        assert_eq!(judge(&before, &of_new, room), Err(Refused::Bad), "it is the new key that signs");

        town.restart_with(|secrets| secrets.with("BRIDGE_KEY_SEED", Secret::new(NEW))).await;
        let after = keys(&town).await;
        assert_eq!(after.keys, both.keys[..1]);
        assert_eq!(judge(&after, &of_old, room), Err(Refused::Bad), "a key that is gone opens nothing");
        assert_eq!(judge(&after, &of_new, room), Ok(()));
    }

    async fn a_key_that_was_made_here_is_the_same_after_a_restart(town: Town) {
        let mut town = town;
        let before = keys(&town).await;
        town.restart().await;
        assert_eq!((keys(&town).await.keys, before.keys.len()), (before.keys.clone(), 1));
    }
}

/// The public keys: browsers and services are told the same.
async fn keys(town: &Town) -> KeySet {
    let told = town.browser().get("jwks.json").await;
    assert_eq!(told.status, StatusCode::OK);
    let keys: KeySet = serde_json::from_str(&told.text).expect("keys");
    assert_eq!(town.link().keys().await.expect("an answer"), keys);
    keys
}

/// What a service says of a token that has these keys.
fn judge(keys: &KeySet, token: &str, room: RoomId) -> Result<(), Refused> {
    Verifier::new(Audience::Chat, keys).verify(token, room, START_MS / 1000).map(drop)
}
