//! Room tokens: what a stolen, altered or untimely one is answered.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use membership::token::{Audience, Claims, KeySet, Refused, Signer, Verifier};
use membership::{Grant, Grants, PersonId, Role, Roles, RoomId, RoomKind, SessionId};

const NOW: u64 = 1_800_000_000;
const ROOM: RoomId = RoomId::new(1, 1);

fn claims() -> Claims {
    Claims {
        iss: "https://lists.example.org/chat/".into(),
        aud: Audience::Chat,
        sub: PersonId::new(1, 2),
        name: "Alice Liddell".into(),
        room: ROOM,
        list: Some("open-talk@lists.example.org".parse().expect("a list")),
        kind: RoomKind::List,
        roles: Roles::NONE.with(Role::Subscriber),
        grants: Grants::NONE.with(Grant::Read).with(Grant::Post),
        concealed: false,
        relay_only: true,
        sid: SessionId::new(1, 3),
        iat: NOW,
        nbf: NOW,
        exp: NOW + 300,
        jti: "one".into(),
    }
}

fn signer(seed: u8) -> Signer {
    Signer::from_seed(&[seed; 32]).expect("a key")
}

fn verifier(signers: &[&Signer]) -> Verifier {
    let keys = signers.iter().map(|signer| signer.public().clone()).collect();
    Verifier::new(Audience::Chat, &KeySet { keys })
}

#[test]
fn a_genuine_token_says_what_the_bridge_said() {
    let signer = signer(1);
    let token = signer.sign(&claims()).expect("signed");
    assert_eq!(verifier(&[&signer]).verify(&token, ROOM, NOW), Ok(claims()));
}

#[test]
fn a_token_from_before_rooms_could_demand_relays_demands_nothing() {
    let mut old = serde_json::to_value(claims()).expect("json");
    assert_eq!(old.as_object_mut().expect("claims").remove("relay_only"), Some(true.into()));
    let read: Claims = serde_json::from_value(old).expect("it is read");
    assert_eq!(read, Claims { relay_only: false, ..claims() });
}

#[test]
fn both_keys_count_while_they_are_rotated() {
    let (old, new) = (signer(1), signer(2));
    let both = verifier(&[&new, &old]);
    for signer in [&old, &new] {
        assert!(both.verify(&signer.sign(&claims()).expect("signed"), ROOM, NOW).is_ok());
    }
}

#[test]
fn a_token_of_another_room_service_or_key_is_bad() {
    let signer = signer(1);
    let check = verifier(&[&signer]);
    let good = signer.sign(&claims()).expect("signed");
    assert_eq!(check.verify(&good, RoomId::new(1, 9), NOW), Err(Refused::Bad));
    let other_service = signer.sign(&Claims { aud: Audience::Signal, ..claims() }).expect("signed");
    assert_eq!(check.verify(&other_service, ROOM, NOW), Err(Refused::Bad));
    let other_key = self::signer(2).sign(&claims()).expect("signed");
    assert_eq!(check.verify(&other_key, ROOM, NOW), Err(Refused::Bad));
    assert!(!check.knows_key_of(&other_key));
}

#[test]
fn an_altered_or_unsigned_token_is_bad() {
    let signer = signer(1);
    let check = verifier(&[&signer]);
    let good = signer.sign(&claims()).expect("signed");
    let mut parts: Vec<&str> = good.split('.').collect();
    let more = serde_json::to_vec(&Claims { grants: Grants::NONE.with(Grant::Manage), ..claims() }).expect("json");
    let body = URL_SAFE_NO_PAD.encode(more);
    parts[1] = &body;
    assert_eq!(check.verify(&parts.join("."), ROOM, NOW), Err(Refused::Bad));
    for alg in ["none", "None", "HS256", "EdDSA"] {
        let header = URL_SAFE_NO_PAD.encode(format!(r#"{{"alg":"{alg}","kid":"{}"}}"#, signer.public().kid));
        for signature in ["", "AAAA"] {
            assert_eq!(check.verify(&format!("{header}.{body}.{signature}"), ROOM, NOW), Err(Refused::Bad), "{alg}");
        }
    }
    for garbage in ["", ".", "..", "a.b.c", "\u{0}", &"x".repeat(100_000)] {
        assert_eq!(check.verify(garbage, ROOM, NOW), Err(Refused::Bad));
    }
}

#[test]
fn an_untimely_token_is_told_apart() {
    let signer = signer(1);
    let check = verifier(&[&signer]);
    let token = signer.sign(&claims()).expect("signed");
    assert!(check.verify(&token, ROOM, NOW + 299).is_ok());
    assert_eq!(check.verify(&token, ROOM, NOW + 300), Err(Refused::Expired));
    assert!(check.verify(&token, ROOM, NOW - 5).is_ok(), "a small difference of clocks is borne");
    assert_eq!(check.verify(&token, ROOM, NOW - 6), Err(Refused::NotYetValid));
}
