//! The laws of the membership model, as properties over random states.

use std::collections::BTreeMap;

use membership::change::{Snapshot, apply, diff};
use membership::permission::{RoomState, grants};
use membership::{Grants, Mode, PersonId, Role, Roles, RoomId, Sanction, SanctionKind, SessionId, Standing, name};
use proptest::prelude::*;

fn roles() -> impl Strategy<Value = Roles> {
    proptest::collection::vec(proptest::sample::select(&Role::ALL[..]), 0..5).prop_map(|v| v.into_iter().collect())
}

fn mode() -> impl Strategy<Value = Mode> {
    prop_oneof![Just(Mode::Open), Just(Mode::Announce), Just(Mode::Off)]
}

fn sanctions() -> impl Strategy<Value = Vec<Sanction>> {
    let kind = prop_oneof![Just(SanctionKind::Mute), Just(SanctionKind::Ban)];
    proptest::collection::vec((kind, 0u64..100).prop_map(|(kind, until)| Sanction { kind, until }), 0..3)
}

fn standing() -> impl Strategy<Value = Standing> {
    ("[A-D]", roles(), any::<bool>(), any::<bool>()).prop_map(|(name, roles, concealed, relay_only)| {
        let grants = grants(roles, RoomState { mode: Mode::Open, has_editor: true }, &[], 0);
        Standing { name, roles, grants, concealed, relay_only }
    })
}

fn snapshot() -> impl Strategy<Value = Snapshot> {
    let rooms = proptest::collection::btree_map(0u128..4, mode(), 0..4);
    let standings = proptest::collection::btree_map((0u128..4, 0u128..5), standing(), 0..12);
    let sessions = proptest::collection::btree_set(0u128..4, 0..4);
    (rooms, standings, sessions).prop_map(|(rooms, standings, sessions)| Snapshot {
        standings: standings
            .into_iter()
            .filter(|((room, _), _)| rooms.contains_key(room))
            .map(|((room, person), s)| ((RoomId::new(0, room), PersonId::new(0, person)), s))
            .collect(),
        rooms: rooms.into_iter().map(|(room, mode)| (RoomId::new(0, room), mode)).collect::<BTreeMap<_, _>>(),
        sessions: sessions.into_iter().map(|sid| SessionId::new(0, sid)).collect(),
    })
}

proptest! {
    #[test]
    fn applying_the_difference_leads_to_the_new_state(old in snapshot(), mut new in snapshot()) {
        // Sessions begin by signing in, not by a change: a new state never has more of them.
        new.sessions = new.sessions.intersection(&old.sessions).copied().collect();
        let mut state = old.clone();
        for change in diff(&old, &new) {
            apply(&mut state, &change);
        }
        prop_assert_eq!(state, new);
    }

    #[test]
    fn more_roles_never_mean_fewer_grants(
        fewer in roles(), more in roles(), mode in mode(), has_editor: bool, sanctions in sanctions(), now in 0u64..100,
    ) {
        let union: Roles = fewer.iter().chain(more.iter()).collect();
        let room = RoomState { mode, has_editor };
        prop_assert!(grants(union, room, &sanctions, now).contains(grants(fewer, room, &sanctions, now)));
    }

    #[test]
    fn who_has_no_role_has_no_grant(mode in mode(), has_editor: bool, sanctions in sanctions(), now in 0u64..100) {
        prop_assert_eq!(grants(Roles::NONE, RoomState { mode, has_editor }, &sanctions, now), Grants::NONE);
    }

    #[test]
    fn no_display_name_gives_an_address_away(names in proptest::collection::vec("\\PC{0,30}|alice|ALICE|a@b", 0..4)) {
        let email = "alice@example.org".parse().expect("an address");
        let shown = name::display_name(names.iter().map(String::as_str), &email, PersonId::new(1, 2));
        prop_assert!(!shown.contains('@') && shown.to_lowercase() != "alice" && !shown.trim().is_empty());
    }
}
