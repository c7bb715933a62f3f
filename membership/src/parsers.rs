//! The parsers of foreign input as plain functions with their laws, for fuzzing and for replaying what it found.

use crate::token::{Audience, Claims, KeySet, Signer, Verifier};
use crate::{Change, Email, Grant, Grants, ListAddress, PersonId, Role, Roles, RoomId, RoomKind, SessionId, name};

/// E-mail addresses: the canonical form is its own canonical form, and stays within Sympa's column.
pub fn email(text: &str) -> Option<String> {
    let email: Email = text.parse().ok()?;
    let canonical = email.as_str();
    assert_eq!(canonical.parse().as_ref(), Ok(&email), "the canonical form is canonical");
    assert!(canonical.len() <= crate::address::EMAIL_BYTES && !email.local_part().is_empty());
    assert!(!format!("{email:?}").contains(email.local_part()) || "Email(..)".contains(email.local_part()));
    Some(canonical.to_owned())
}

/// Addresses of lists: what is shown is read as the same list, and names no other place of a file system.
pub fn list_address(text: &str) -> Option<String> {
    let list: ListAddress = text.parse().ok()?;
    let shown = list.to_string();
    assert_eq!(shown.parse().as_ref(), Ok(&list), "what is shown is the same list");
    for part in [list.name(), list.robot()] {
        assert!(!part.contains(['/', '\\', '\0']) && !part.starts_with('.'), "{part:?} leads elsewhere");
    }
    Some(shown)
}

/// Display names, after a line with an address: what is shown gives no address away and is shown alike again.
pub fn display_name(text: &str) -> Option<String> {
    let (address, name) = text.split_once('\n')?;
    let email: Email = address.parse().ok()?;
    let shown = name::display_name([name], &email, PersonId::new(1, 2));
    assert!(!shown.trim().is_empty() && !shown.contains('@') && shown.chars().count() <= name::NAME_CHARS);
    assert_ne!(shown.to_lowercase(), email.local_part().to_lowercase(), "the name gives the address away");
    if let Some(usable) = name::usable(name, &email) {
        assert_eq!(name::usable(&usable, &email).as_ref(), Some(&usable), "what is shown is shown alike again");
    }
    Some(shown)
}

/// Room tokens: what is signed here is taken, and nothing else.
pub fn room_token(text: &str) -> Option<String> {
    const NOW: u64 = 1_800_000_000;
    let signer = Signer::from_seed(&[7; 32]).ok()?;
    let verifier = Verifier::new(Audience::Chat, &KeySet { keys: vec![signer.public().clone()] });
    let said = claims(text, NOW);
    let genuine = signer.sign(&said).ok()?;
    if genuine.len() <= crate::token::TOKEN_BYTES {
        assert_eq!(verifier.verify(&genuine, said.room, NOW), Ok(said.clone()), "what was signed is taken");
    }
    // Nobody who writes this text holds the key: only the token of the corpus may be taken.
    let genuine = signer.sign(&claims("", NOW)).ok()?;
    let taken = verifier.verify(text, said.room, NOW).ok()?;
    assert_eq!(text, genuine, "a token is taken that was never signed");
    Some(taken.jti)
}

/// A change as a service hears it: written again, it is read as the same change.
pub fn change(text: &str) -> Option<Change> {
    let change: Change = serde_json::from_str(text).ok()?;
    let again = serde_json::to_string(&change).ok()?;
    assert_eq!(serde_json::from_str::<Change>(&again).ok().as_ref(), Some(&change), "{again}");
    Some(change)
}

fn claims(name: &str, now_s: u64) -> Claims {
    Claims {
        iss: "https://lists.example.org/chat/".to_owned(),
        aud: Audience::Chat,
        sub: PersonId::new(1, 2),
        name: name.to_owned(),
        room: RoomId::new(1, 1),
        list: None,
        kind: RoomKind::List,
        roles: Roles::NONE.with(Role::Subscriber),
        grants: Grants::NONE.with(Grant::Read),
        concealed: false,
        relay_only: false,
        sid: SessionId::new(1, 3),
        iat: now_s,
        nbf: now_s,
        exp: now_s + 300,
        jti: "j".to_owned(),
    }
}
