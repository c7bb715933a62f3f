//! Stories of a watch that has looked before: what it does not judge again, because it reads the same, must hide nothing.

mod support;

use membership::{Change, Grant, Hold, Mode, Removal};
use serde_json::json;
use support::browser::Browser;
use support::{Ears, Town};

const OPEN: &str = "open-talk@lists.example.org";
const CLUB: &str = "club@lists.example.org";
const ALICE: &str = "alice@example.org";
const BOB: &str = "bob@example.org";
const OLIVE: &str = "olive@example.org";
const ID: &str = "01234567890123";
const OTHER: &str = "11234567890123";
const NEWER: &str = "21234567890123";

/// Alice is in the room of an open list, and was looked at several times: nothing of hers has changed since.
async fn all_is_known(town: &Town) -> (Browser, Hold, Ears) {
    town.list(OPEN, "Open Talk", "send private\n\nreview private").await;
    town.list(CLUB, "Club", "send private\n\nreview private").await;
    town.account(ALICE, "Alice Liddell", None).await;
    town.subscribe(ALICE, OPEN).await;
    town.subscribe(BOB, OPEN).await;
    town.appoint(OLIVE, OPEN, "owner").await;
    let mut alice = town.signed_in(ALICE, ID).await;
    let hold = alice.enters(OPEN).await;
    town.watch();
    let mut ears = town.listen().await;
    ears.silence().await;
    (alice, hold, ears)
}

/// Alice has a direct room with Bob, who is not online.
async fn with_bob(town: &Town, alice: &mut Browser, ears: &mut Ears) -> (Browser, String) {
    let mut bob = town.signed_in(BOB, OTHER).await;
    let bobs = bob.get("session").await.json()["person"].clone();
    let room = alice.post("direct", json!({"person": bobs})).await.json()["id"].as_str().expect("an id").to_owned();
    alice.token(room.parse().expect("an id")).await.expect("a token");
    assert!(matches!(ears.change().await, Change::Joined { .. }), "bob is told of the room");
    ears.silence().await;
    (bob, room)
}

fn removed(hold: Hold) -> Change {
    Change::Removed { room: hold.room, person: hold.person, code: Removal::NotAMember }
}

stories! {
    async fn what_a_look_read_that_failed_afterwards_is_told_by_the_next(town: Town) {
        let (_alice, hold, mut ears) = all_is_known(&town).await;
        town.hide_sessions(true).await;
        town.unsubscribe(ALICE, OPEN).await;
        ears.silence().await;
        town.hide_sessions(false).await;
        assert_eq!(ears.change().await, removed(hold));
        ears.silence().await;
    }

    async fn who_leaves_comes_back_and_leaves_is_told_each_time(town: Town) {
        let (_alice, hold, mut ears) = all_is_known(&town).await;
        town.subscribe(ALICE, CLUB).await;
        assert!(matches!(ears.change().await, Change::Joined { .. }));
        for _ in 0..2 {
            town.unsubscribe(ALICE, CLUB).await;
            assert!(matches!(ears.change().await, Change::Removed { person, .. } if person == hold.person));
            town.subscribe(ALICE, CLUB).await;
            assert!(matches!(ears.change().await, Change::Joined { person, .. } if person == hold.person));
        }
        town.unsubscribe(ALICE, OPEN).await;
        assert_eq!(ears.change().await, removed(hold));
    }

    async fn a_sanction_ends_at_its_time_though_sympa_is_as_it_was(town: Town) {
        let (_alice, hold, mut ears) = all_is_known(&town).await;
        let (mut olive, until) = (town.signed_in(OLIVE, OTHER).await, town.context.clock.now_ms() + 60_000);
        let mute = json!({"person": hold.person, "kind": "mute", "until": until});
        assert_eq!(olive.put(&format!("rooms/{}/sanctions", hold.room), mute).await.code(), "204");
        assert!(matches!(ears.change().await, Change::GrantsChanged { grants, .. } if !grants.may(Grant::Post)));
        town.context.clock.advance(59_999);
        ears.silence().await;
        town.context.clock.advance(1);
        assert!(matches!(ears.change().await, Change::GrantsChanged { grants, .. } if grants.may(Grant::Post)));
        ears.silence().await;
    }

    async fn a_new_mode_of_a_list_reaches_those_whose_own_rows_are_as_they_were(town: Town) {
        let (_alice, hold, mut ears) = all_is_known(&town).await;
        let config = town.directory.join("list_data/lists.example.org/open-talk/config");
        std::fs::write(config, "subject Open Talk\n\nsend editorkey\n\nreview private\n").expect("a file");
        assert_eq!(ears.change().await, Change::RoomChanged { room: hold.room, mode: Mode::Announce });
        let change = ears.change().await;
        assert!(matches!(&change, Change::GrantsChanged { grants, .. } if !grants.may(Grant::Post)), "{change:?}");
        ears.silence().await;
    }

    async fn a_direct_room_is_read_only_once_the_one_who_is_away_shares_no_list(town: Town) {
        let (mut alice, _, mut ears) = all_is_known(&town).await;
        with_bob(&town, &mut alice, &mut ears).await;
        for is_on_list in [false, true] {
            if is_on_list {
                town.subscribe(BOB, OPEN).await;
            } else {
                town.unsubscribe(BOB, OPEN).await;
            }
            let change = ears.change().await;
            assert!(matches!(&change, Change::GrantsChanged { grants, .. } if grants.may(Grant::Post) == is_on_list), "{change:?}");
            ears.silence().await;
        }
    }

    async fn a_block_by_the_one_who_is_away_is_told(town: Town) {
        let (mut alice, _, mut ears) = all_is_known(&town).await;
        let (mut bob, room) = with_bob(&town, &mut alice, &mut ears).await;
        bob.put(&format!("direct/{room}/block"), json!({})).await;
        let change = ears.change().await;
        assert!(matches!(&change, Change::GrantsChanged { grants, .. } if !grants.may(Grant::Post)), "{change:?}");
        bob.delete(&format!("direct/{room}/block")).await;
        let change = ears.change().await;
        assert!(matches!(&change, Change::GrantsChanged { grants, .. } if grants.may(Grant::Post)), "{change:?}");
    }

    async fn who_logs_out_of_sympa_after_the_id_changed_is_signed_out(town: Town) {
        let (_alice, hold, mut ears) = all_is_known(&town).await;
        town.session(NEWER, Some(ID), ALICE, 0, "").await;
        town.forget_session(ID).await;
        ears.silence().await;
        town.log_out(NEWER).await;
        assert_eq!(ears.change().await, Change::SignedOut { sid: hold.sid });
        ears.silence().await;
    }

    async fn a_name_of_signs_that_end_cells_makes_no_row(town: Town) {
        let (mut alice, _, mut ears) = all_is_known(&town).await;
        let row = "A\u{1f}alice@example.org\u{1f}club\u{1f}lists.example.org\u{1f}noconceal\u{1f}B";
        town.call_on(ALICE, OPEN, row).await;
        ears.silence().await;
        assert_eq!(alice.get("rooms").await.json()["rooms"].as_array().map(Vec::len), Some(1));
    }
}
