//! Stories of the watch: what changes in Sympa is told to the services, once, and after a restart too.

mod support;

use membership::{Change, Grant, Hold, Mode, Removal, RoomId, RoomIds};
use serde_json::json;
use service::bridge_link::Heard;
use service::health::Colour;
use support::Town;
use support::browser::Browser;

const OPEN: &str = "open-talk@lists.example.org";
const CLUB: &str = "club@lists.example.org";
const ALICE: &str = "alice@example.org";
const BOB: &str = "bob@example.org";
const OLIVE: &str = "olive@example.org";
const ID: &str = "01234567890123";
const OTHER: &str = "11234567890123";

/// Alice is in the room of an open list, and watched.
async fn alice_is_in(town: &Town) -> (Browser, Hold) {
    town.list(OPEN, "Open Talk", "send private\n\nreview private").await;
    town.list(CLUB, "Club", "send private\n\nreview private").await;
    town.account(ALICE, "Alice Liddell", None).await;
    town.subscribe(ALICE, OPEN).await;
    town.appoint(OLIVE, OPEN, "owner").await;
    let mut alice = town.signed_in(ALICE, ID).await;
    let hold = alice.enters(OPEN).await;
    town.watch();
    (alice, hold)
}

fn removed(hold: Hold, code: Removal) -> Change {
    Change::Removed { room: hold.room, person: hold.person, code }
}

/// Waits until the watch has looked at everybody once.
async fn looked(town: &Town) {
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    assert_eq!(town.context.health.colour(), Colour::Green);
}

stories! {
    async fn who_leaves_the_list_is_out_of_the_room(town: Town) {
        let (mut alice, hold) = alice_is_in(&town).await;
        let mut ears = town.listen().await;
        town.unsubscribe(ALICE, OPEN).await;
        assert_eq!(ears.change().await, removed(hold, Removal::NotAMember));
        ears.silence().await;
        assert_eq!(alice.token(hold.room).await, Err("not_a_member".to_owned()));
        assert_eq!(town.verdict(hold).await.code, Some(Removal::NotAMember));
    }

    async fn a_new_role_a_new_name_and_hiding_are_told(town: Town) {
        let (mut alice, hold) = alice_is_in(&town).await;
        let mut ears = town.listen().await;
        town.appoint(ALICE, OPEN, "owner").await;
        let Change::GrantsChanged { person, grants, .. } = ears.change().await else { panic!("grants changed") };
        assert_eq!((person, grants.may(Grant::Manage)), (hold.person, true));
        alice.put("profile", json!({"name": "Ally"})).await;
        let Change::PersonRenamed { name, .. } = ears.change().await else { panic!("renamed") };
        assert_eq!(name, "Ally");
    }

    async fn a_list_that_closes_closes_its_room_and_opens_it_again(town: Town) {
        let (mut alice, hold) = alice_is_in(&town).await;
        town.subscribe(ALICE, CLUB).await;
        alice.enters(CLUB).await;
        let mut ears = town.listen().await;
        town.set_status(OPEN, "closed").await;
        assert_eq!(ears.change().await, Change::RoomClosed { room: hold.room });
        ears.silence().await;
        assert_eq!(town.verdict(hold).await.code, Some(Removal::RoomClosed));
        town.set_status(OPEN, "open").await;
        town.subscribe(ALICE, OPEN).await;
        let told = [ears.change().await, ears.change().await];
        assert!(matches!(&told[0], Change::RoomOpened { room, mode: Mode::Open } if *room == hold.room), "{told:?}");
        assert!(matches!(&told[1], Change::Joined { room, .. } if *room == hold.room), "{told:?}");
    }

    async fn who_is_here_and_joins_another_list_is_told_to_have_joined(town: Town) {
        let (mut alice, hold) = alice_is_in(&town).await;
        looked(&town).await;
        let mut ears = town.listen().await;
        town.subscribe(ALICE, CLUB).await;
        let change = ears.change().await;
        let Change::Joined { room, person, .. } = &change else { panic!("{change:?}") };
        assert_eq!((*person, *room), (hold.person, alice.room(CLUB).await));
    }

    async fn sanctions_are_told_when_they_begin_and_when_they_end(town: Town) {
        let (_alice, hold) = alice_is_in(&town).await;
        let (mut olive, until) = (town.signed_in(OLIVE, OTHER).await, town.context.clock.now_ms() + 60_000);
        let mut ears = town.listen().await;
        let path = format!("rooms/{}/sanctions", hold.room);
        let mute = json!({"person": hold.person, "kind": "mute", "until": until});
        assert_eq!(olive.put(&path, mute).await.code(), "204");
        let muted = ears.change().await;
        assert!(matches!(&muted, Change::GrantsChanged { grants, .. } if !grants.may(Grant::Post)), "{muted:?}");
        town.context.clock.advance(60_000);
        let free = ears.change().await;
        assert!(matches!(&free, Change::GrantsChanged { grants, .. } if grants.may(Grant::Post)), "{free:?}");
        let ban = json!({"person": hold.person, "kind": "ban", "until": until + 60_000});
        assert_eq!(olive.put(&path, ban).await.code(), "204");
        assert_eq!(ears.change().await, removed(hold, Removal::Banned));
    }

    async fn settings_are_told(town: Town) {
        let (_alice, hold) = alice_is_in(&town).await;
        let mut olive = town.signed_in(OLIVE, OTHER).await;
        let mut ears = town.listen().await;
        let path = format!("rooms/{}/settings", hold.room);
        olive.put(&path, json!({"mode": "announce", "roster": "owners"})).await;
        assert_eq!(ears.change().await, Change::RoomChanged { room: hold.room, mode: Mode::Announce });
        assert!(matches!(ears.change().await, Change::GrantsChanged { .. }));
        assert!(matches!(ears.change().await, Change::VisibilityChanged { concealed: true, .. }));
        olive.put(&path, json!({"mode": "announce", "roster": "owners", "relay_only": true})).await;
        let (room, person) = (hold.room, hold.person);
        assert_eq!(ears.change().await, Change::RelayOnlyChanged { room, person, relay_only: true });
        assert_eq!(town.verdict(hold).await.standing.map(|standing| standing.relay_only), Some(true));
        olive.put(&path, json!({"mode": "off", "roster": "owners"})).await;
        assert_eq!(ears.change().await, Change::RoomClosed { room: hold.room });
    }

    async fn logging_out_of_sympa_ends_the_session_at_once(town: Town) {
        let (_alice, hold) = alice_is_in(&town).await;
        let mut ears = town.listen().await;
        town.log_out(ID).await;
        assert_eq!(ears.change().await, Change::SignedOut { sid: hold.sid });
        ears.silence().await;
        assert_eq!(town.verdict(hold).await.code, Some(Removal::SignedOut));
    }

    async fn an_id_that_rotates_away_ends_nothing_by_itself(town: Town) {
        let (mut alice, hold) = alice_is_in(&town).await;
        let mut ears = town.listen().await;
        town.session(OTHER, Some(ID), ALICE, 0, "").await;
        ears.silence().await;
        town.forget_session(ID).await;
        ears.silence().await;
        assert!(alice.token(hold.room).await.is_ok(), "the watch followed the newer id");
    }

    async fn signing_out_is_told(town: Town) {
        let (mut alice, hold) = alice_is_in(&town).await;
        let mut ears = town.listen().await;
        alice.delete("session").await;
        assert_eq!(ears.change().await, Change::SignedOut { sid: hold.sid });
        ears.silence().await;
    }

    async fn while_sympa_is_away_nothing_changes_and_it_recovers_by_itself(town: Town) {
        let (mut alice, hold) = alice_is_in(&town).await;
        let mut ears = town.listen().await;
        town.hide_sympa(true).await;
        ears.silence().await;
        assert_eq!(town.context.health.colour(), Colour::Amber);
        assert_eq!(alice.token(hold.room).await, Err("sympa_unavailable".to_owned()));
        town.hide_sympa(false).await;
        town.unsubscribe(ALICE, OPEN).await;
        assert_eq!(ears.change().await, removed(hold, Removal::NotAMember));
        looked(&town).await;
    }

    async fn what_changed_while_the_bridge_was_down_is_told_after_its_restart(town: Town) {
        let mut town = town;
        let (_alice, hold) = alice_is_in(&town).await;
        let before = town.listen().await.at;
        town.stop().await;
        town.unsubscribe(ALICE, OPEN).await;
        town.restart().await;
        let mut stream = town.link().changes(Some(&before)).await.expect("a stream");
        let mut heard = Vec::new();
        while !matches!(heard.last(), Some(Heard::Change(..))) {
            let next = futures_util::StreamExt::next(&mut stream);
            heard.push(tokio::time::timeout(std::time::Duration::from_secs(5), next).await.expect("soon").expect("more"));
        }
        assert!(heard.contains(&Heard::Reset), "an id of before is not known: {heard:?}");
        assert!(matches!(heard.last(), Some(Heard::Change(_, change)) if *change == removed(hold, Removal::NotAMember)));
    }

    async fn a_restart_without_changes_tells_nothing(town: Town) {
        let mut town = town;
        let (_alice, hold) = alice_is_in(&town).await;
        town.restart().await;
        town.listen().await.silence().await;
        assert_eq!(town.verdict(hold).await.standing.map(|standing| standing.name).as_deref(), Some("Alice Liddell"));
    }

    async fn a_newer_token_does_not_hide_a_change_from_an_older_one(town: Town) {
        town.list(OPEN, "Open Talk", "send private").await;
        town.subscribe(ALICE, OPEN).await;
        let mut alice = town.signed_in(ALICE, ID).await;
        let hold = alice.enters(OPEN).await;
        let mut ears = town.listen().await;
        town.appoint(ALICE, OPEN, "editor").await;
        alice.token(hold.room).await.expect("a token");
        assert!(matches!(ears.change().await, Change::GrantsChanged { .. }), "told with the token, before any look");
    }

    async fn a_direct_room_is_read_only_once_no_list_is_shared(town: Town) {
        let (mut alice, _) = alice_is_in(&town).await;
        town.subscribe(BOB, OPEN).await;
        let mut bob = town.signed_in(BOB, OTHER).await;
        let bobs = bob.get("session").await.json()["person"].clone();
        let room = alice.post("direct", json!({"person": bobs})).await.json()["id"].as_str().expect("an id").to_owned();
        alice.token(room.parse().expect("an id")).await.expect("a token");
        let mut ears = town.listen().await;
        town.unsubscribe(BOB, OPEN).await;
        let change = ears.change().await;
        assert!(matches!(&change, Change::GrantsChanged { grants, .. } if !grants.may(Grant::Post)), "{change:?}");
    }

    async fn whoever_gets_a_direct_room_is_told_once(town: Town) {
        let (mut alice, _) = alice_is_in(&town).await;
        town.subscribe(BOB, OPEN).await;
        let bobs = town.signed_in(BOB, OTHER).await.get("session").await.json()["person"].clone();
        let mut ears = town.listen().await;
        let room = alice.post("direct", json!({"person": bobs})).await.json()["id"].clone();
        let change = ears.change().await;
        let Change::Joined { room: told, person, standing } = &change else { panic!("{change:?}") };
        assert_eq!((json!(told), json!(person), standing.grants.may(Grant::Post)), (room, bobs.clone(), true));
        alice.post("direct", json!({"person": bobs})).await;
        ears.silence().await;
    }

    async fn a_listener_goes_on_where_it_was(town: Town) {
        let (_alice, hold) = alice_is_in(&town).await;
        let at = town.listen().await.at;
        let mut first = town.listen().await;
        town.unsubscribe(ALICE, OPEN).await;
        assert_eq!(first.change().await, removed(hold, Removal::NotAMember));
        assert_eq!(town.listen_after(Some(&at)).await.change().await, removed(hold, Removal::NotAMember));
    }

    async fn a_list_that_was_closed_for_a_year_gets_a_new_room(town: Town) {
        let mut town = town;
        let (_alice, hold) = alice_is_in(&town).await;
        town.set_status(OPEN, "closed").await;
        let asked = RoomIds { rooms: vec![hold.room, RoomId::new(1, 1)] };
        for (days, parted) in [(0, vec![]), (364, vec![]), (1, vec![]), (7, vec![hold.room])] {
            town.context.clock.advance(days * 24 * 3600 * 1000);
            town.restart().await;
            looked(&town).await;
            assert_eq!(town.link().parted(&asked).await.expect("an answer").rooms, parted, "after {days} more days");
        }
        town.set_status(OPEN, "open").await;
        let mut olive = town.signed_in_later(OLIVE, OTHER, 372).await;
        assert_ne!(olive.room(OPEN).await, hold.room);
        assert_eq!(olive.token(hold.room).await, Err("no_such_room".to_owned()));
    }

    async fn a_listmaster_who_acts_as_somebody_else_is_signed_out(town: Town) {
        let (_alice, hold) = alice_is_in(&town).await;
        let mut ears = town.listen().await;
        town.forget_session(ID).await;
        town.session(ID, Some(ID), BOB, 0, ";restore_email=\"alice@example.org\"").await;
        assert_eq!(ears.change().await, Change::SignedOut { sid: hold.sid });
    }
}
