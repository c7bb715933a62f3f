//! Stories of rooms: who is in them, what they may do, whom they see.

mod support;

use serde_json::{Value, json};
use support::Town;
use support::browser::{Browser, claims};

const OPEN: &str = "open-talk@lists.example.org";
const TWIN: &str = "open-talk@lists.example.net";
const NEWS: &str = "news@lists.example.org";
const ALICE: &str = "alice@example.org";
const BOB: &str = "bob@example.org";
const CAROL: &str = "carol@example.org";
const OLIVE: &str = "olive@example.org";
const EDITH: &str = "edith@example.org";

/// Two lists of the same name, one for news; an owner, an editor, a hidden member.
async fn lists(town: &Town) {
    town.list(OPEN, "Open Talk", "send private\n\nreview private").await;
    town.list(TWIN, "Another Talk", "send editorkey\n\nreview owner").await;
    town.list(NEWS, "News", "send newsletter\n\nreview owner").await;
    for (email, name) in
        [(ALICE, "Alice Liddell"), (BOB, "Bob B."), (CAROL, "Carol C."), (OLIVE, "Olive O."), (EDITH, "Edith E.")]
    {
        town.account(email, name, None).await;
    }
    town.subscribe(ALICE, OPEN).await;
    town.subscribe(BOB, OPEN).await;
    town.subscribe_concealed(CAROL, OPEN).await;
    town.subscribe(ALICE, NEWS).await;
    town.appoint(OLIVE, OPEN, "privileged").await;
    town.appoint(EDITH, OPEN, "editor").await;
    town.appoint(EDITH, NEWS, "editor").await;
}

async fn enter(town: &Town, email: &str, digit: u8) -> Browser {
    town.signed_in(email, &format!("{digit}1234567890123")).await
}

fn names(answer: &Value) -> Vec<&str> {
    answer["members"].as_array().expect("members").iter().map(|m| m["name"].as_str().expect("a name")).collect()
}

async fn id_of(browser: &mut Browser) -> String {
    browser.get("session").await.json()["person"].as_str().expect("an id").to_owned()
}

stories! {
    async fn a_person_has_the_rooms_of_their_lists_by_subject(town: Town) {
        lists(&town).await;
        let rooms = enter(&town, ALICE, 1).await.get("rooms").await.json();
        let rooms = rooms["rooms"].as_array().expect("rooms").clone();
        let pairs: Vec<_> = rooms.iter().map(|r| (r["address"].as_str(), r["subject"].as_str(), r["mode"].as_str())).collect();
        let expected = [(Some(NEWS), Some("News"), Some("announce")), (Some(OPEN), Some("Open Talk"), Some("open"))];
        assert_eq!(pairs, expected);
        assert_eq!(rooms[1]["roles"], json!(["subscriber"]));
        assert_eq!(rooms[1]["sympa_url"], "http://lists.example.org/sympa/info/open-talk");
    }

    async fn a_list_that_is_not_open_has_no_room(town: Town) {
        lists(&town).await;
        let mut alice = enter(&town, ALICE, 1).await;
        for status in ["pending", "error_config", "family_closed"] {
            town.set_status(NEWS, status).await;
            assert_eq!(alice.get(&format!("rooms/at/{NEWS}")).await.code(), "room_closed", "{status}");
        }
        assert_eq!(alice.get("rooms/at/nothing@lists.example.org").await.code(), "no_such_room");
        assert_eq!(alice.get("rooms/at/nothing").await.code(), "no_such_room");
    }

    async fn a_list_one_is_not_on_looks_as_if_it_did_not_exist(town: Town) {
        lists(&town).await;
        let mut alice = enter(&town, ALICE, 1).await;
        for status in ["open", "pending", "closed"] {
            town.set_status(TWIN, status).await;
            let (hidden, none) = (alice.get(&format!("rooms/at/{TWIN}")).await, alice.get("rooms/at/nothing@lists.example.org").await);
            assert_eq!((hidden.code(), hidden.text), ("no_such_room".to_owned(), none.text), "{status}");
        }
        town.set_status(NEWS, "closed").await;
        assert_eq!(alice.get(&format!("rooms/at/{NEWS}")).await.code(), "no_such_room", "who was on it is on it no longer");
    }

    async fn listmasters_enter_by_address_and_only_in_their_robot(town: Town) {
        lists(&town).await;
        let mut master = enter(&town, "robotmaster@example.net", 1).await;
        assert_eq!(master.get("session").await.json()["listmaster"], true);
        assert_eq!(master.get("rooms").await.json(), json!({"rooms": []}));
        let room = master.get(&format!("rooms/at/{TWIN}")).await.json();
        assert_eq!((&room["roles"], &room["concealed"]), (&json!(["listmaster"]), &json!(false)));
        assert_eq!(master.get(&format!("rooms/at/{OPEN}")).await.code(), "no_such_room");
    }

    async fn a_token_says_how_one_stands(town: Town) {
        lists(&town).await;
        let mut carol = enter(&town, CAROL, 1).await;
        let room = carol.room(OPEN).await;
        let said = claims(&carol.token(room).await.expect("a token"));
        assert_eq!((&said["list"], &said["kind"], &said["name"]), (&json!(OPEN), &json!("list"), &json!("Carol C.")));
        assert_eq!((&said["aud"], &said["concealed"]), (&json!("chat"), &json!(true)));
        assert_eq!(said["exp"].as_u64().zip(said["iat"].as_u64()).map(|(exp, iat)| exp - iat), Some(300));
        assert!(!said.to_string().contains("carol@"), "no address is in a token");
    }

    async fn no_token_for_a_room_one_is_not_in(town: Town) {
        lists(&town).await;
        let (mut alice, mut stranger) = (enter(&town, ALICE, 1).await, enter(&town, "x@example.org", 2).await);
        let room = alice.room(OPEN).await;
        assert_eq!(stranger.token(room).await, Err("not_a_member".to_owned()));
        assert_eq!(alice.token("01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().expect("an id")).await, Err("no_such_room".into()));
        let many = vec![room; 201];
        assert_eq!(alice.post("tokens", json!({"audience": "chat", "rooms": many})).await.code(), "too_large");
        assert_eq!(alice.post("tokens", json!({"audience": "mail", "rooms": []})).await.code(), "bad_request");
    }

    async fn a_hidden_member_is_seen_by_owners_and_editors_only(town: Town) {
        lists(&town).await;
        let (mut alice, mut edith) = (enter(&town, ALICE, 1).await, enter(&town, EDITH, 2).await);
        let mut carol = enter(&town, CAROL, 3).await;
        let members = format!("rooms/{}/members", alice.room(OPEN).await);
        let seen = alice.get(&members).await.json();
        assert_eq!((names(&seen), &seen["complete"]), (vec!["Alice Liddell", "Bob B.", "Edith E.", "Olive O."], &json!(true)));
        assert_eq!(names(&edith.get(&members).await.json()).len(), 5);
        assert_eq!(names(&carol.get(&members).await.json()).len(), 5, "one sees oneself");
        assert!(!edith.get(&members).await.text.contains('@'), "no address is in a roster");
    }

    async fn a_roster_kept_for_owners_shows_members_only_who_leads(town: Town) {
        lists(&town).await;
        let mut alice = enter(&town, ALICE, 1).await;
        let members = format!("rooms/{}/members", alice.room(NEWS).await);
        let seen = alice.get(&members).await.json();
        assert_eq!((names(&seen), &seen["complete"]), (vec!["Alice Liddell", "Edith E."], &json!(false)));
        assert_eq!(seen["members"][0]["roles"], json!(["subscriber"]));
    }

    async fn where_the_roster_is_kept_for_owners_subscribers_are_concealed(town: Town) {
        lists(&town).await;
        let (mut alice, mut edith) = (enter(&town, ALICE, 1).await, enter(&town, EDITH, 2).await);
        let concealed = async |browser: &mut Browser, list: &str| {
            let room = browser.get(&format!("rooms/at/{list}")).await.json();
            let said = claims(&browser.token(room["id"].as_str().expect("an id").parse().expect("an id")).await.expect("a token"));
            assert_eq!(said["concealed"], room["concealed"], "told as it is");
            room["concealed"].as_bool().expect("a bool")
        };
        assert!(concealed(&mut alice, NEWS).await, "presence and typing do not give the roster away");
        assert!(!concealed(&mut edith, NEWS).await, "who leads is shown by Sympa");
        assert!(!concealed(&mut alice, OPEN).await, "members see each other there");
        town.subscribe(EDITH, NEWS).await;
        assert!(!concealed(&mut edith, NEWS).await, "still an editor");
    }

    async fn the_name_on_a_list_goes_before_the_name_of_the_account(town: Town) {
        lists(&town).await;
        town.call_on(ALICE, OPEN, "Ally of Open Talk").await;
        let mut alice = enter(&town, ALICE, 1).await;
        let (open, news) = (alice.room(OPEN).await, alice.room(NEWS).await);
        for (room, name) in [(open, "Ally of Open Talk"), (news, "Alice Liddell")] {
            assert_eq!(claims(&alice.token(room).await.expect("a token"))["name"], name);
            assert_eq!(names(&alice.get(&format!("rooms/{room}/members")).await.json())[0], name);
        }
        alice.put("profile", json!({"name": "Al"})).await;
        assert_eq!(claims(&alice.token(open).await.expect("a token"))["name"], "Al");
    }

    async fn owners_choose_settings_and_others_do_not(town: Town) {
        lists(&town).await;
        let (mut olive, mut alice) = (enter(&town, OLIVE, 1).await, enter(&town, ALICE, 2).await);
        let path = format!("rooms/{}/settings", olive.room(OPEN).await);
        let derived = json!({"mode": "open", "roster": "members", "relay_only": false, "derived": true});
        assert_eq!(olive.get(&path).await.json(), derived);
        let choice = json!({"mode": "announce", "roster": "owners"});
        let chosen = json!({"mode": "announce", "roster": "owners", "relay_only": false, "derived": false});
        assert_eq!(alice.put(&path, choice.clone()).await.code(), "not_allowed");
        assert_eq!(olive.put(&path, choice).await.code(), "204");
        assert_eq!(olive.get(&path).await.json(), chosen);
        assert_eq!(olive.put(&path, json!({"mode": "off", "roster": "owners"})).await.code(), "204");
        assert_eq!(alice.get(&format!("rooms/at/{OPEN}")).await.code(), "room_closed");
        assert_eq!(olive.get(&format!("rooms/at/{OPEN}")).await.json()["grants"], json!(["manage"]));
        assert_eq!(olive.put(&path, json!({"mode": "open", "roster": "members"})).await.code(), "204");
        assert_eq!(alice.get(&format!("rooms/at/{OPEN}")).await.code(), "200");
    }

    async fn an_owner_demands_relays_alone_for_the_room_of_a_list_and_nobody_for_a_direct_one(town: Town) {
        lists(&town).await;
        let (mut olive, mut alice) = (enter(&town, OLIVE, 1).await, enter(&town, ALICE, 2).await);
        let (open, alices) = (olive.room(OPEN).await, id_of(&mut alice).await);
        let direct = olive.post("direct", json!({"person": alices})).await.json()["id"].as_str().map(str::parse);
        let direct = direct.expect("a direct room").expect("an id");
        let path = format!("rooms/{open}/settings");
        let demanded = json!({"mode": "open", "roster": "members", "relay_only": true});
        assert_eq!(alice.put(&path, demanded.clone()).await.code(), "not_allowed");
        assert!(claims(&alice.token(open).await.expect("a token"))["relay_only"].is_null(), "not demanded, not said");
        assert_eq!(olive.put(&path, demanded).await.code(), "204");
        assert_eq!(claims(&alice.token(open).await.expect("a token"))["relay_only"], true);
        assert!(claims(&alice.token(direct).await.expect("a token"))["relay_only"].is_null());
        let of_direct = format!("rooms/{direct}/settings");
        assert_eq!(olive.put(&of_direct, json!({"mode": "open", "roster": "members"})).await.code(), "no_such_room");
        // Whoever does not speak of it leaves it as it is.
        assert_eq!(olive.put(&path, json!({"mode": "announce", "roster": "members"})).await.code(), "204");
        assert_eq!(olive.get(&path).await.json()["relay_only"], true);
        let free = json!({"mode": "announce", "roster": "members", "relay_only": false});
        assert_eq!(olive.put(&path, free).await.code(), "204");
        assert!(claims(&alice.token(open).await.expect("a token"))["relay_only"].is_null());
    }

    async fn a_moderator_mutes_and_bans_members_and_nobody_who_manages(town: Town) {
        lists(&town).await;
        let (mut edith, mut bob) = (enter(&town, EDITH, 1).await, enter(&town, BOB, 2).await);
        let (mut olive, until) = (enter(&town, OLIVE, 3).await, town.context.clock.now_ms() + 60_000);
        let room = edith.room(OPEN).await;
        let path = format!("rooms/{room}/sanctions");
        let (bobs, olives) = (id_of(&mut bob).await, id_of(&mut olive).await);
        let mute = json!({"person": bobs, "kind": "mute", "until": until, "reason": "shouting"});
        assert_eq!(bob.put(&path, mute.clone()).await.code(), "not_allowed");
        for reason in ["a\0b", "a\nb", "\u{1b}[2J"] {
            let mute = json!({"person": bobs, "kind": "mute", "until": until, "reason": reason});
            assert_eq!(edith.put(&path, mute).await.code(), "bad_request", "{reason:?} is no text of one line");
        }
        assert_eq!(edith.put(&path, mute).await.code(), "204");
        let shown = bob.get(&format!("rooms/at/{OPEN}")).await.json();
        assert_eq!((&shown["grants"], &shown["muted_until"]), (&json!(["read"]), &json!(until)));
        let expected = json!([{"person": bobs, "name": "Bob B.", "kind": "mute", "until": until, "reason": "shouting", "by": "Edith E."}]);
        assert_eq!(edith.get(&path).await.json()["sanctions"], expected);
        let ban = |person: &str| json!({"person": person, "kind": "ban", "until": until});
        assert_eq!(edith.put(&path, ban(&olives)).await.code(), "not_allowed");
        assert_eq!(edith.put(&path, ban("01ARZ3NDEKTSV4RRFFQ69G5FAV")).await.code(), "no_such_person");
        assert_eq!(edith.put(&path, ban(&bobs)).await.code(), "204");
        assert_eq!(bob.token(room).await, Err("banned".to_owned()));
        let refused = bob.get(&format!("rooms/at/{OPEN}")).await.json();
        assert_eq!((&refused["code"], &refused["until"]), (&json!("banned"), &json!(until)));
        assert_eq!(edith.delete(&format!("{path}/{bobs}/ban")).await.code(), "204");
        town.context.clock.advance(60_000);
        assert_eq!(bob.get(&format!("rooms/at/{OPEN}")).await.json()["muted_until"], Value::Null);
    }

    async fn two_who_share_an_open_list_have_a_room_of_their_own(town: Town) {
        lists(&town).await;
        let (mut alice, mut bob) = (enter(&town, ALICE, 1).await, enter(&town, BOB, 2).await);
        let (alices, bobs) = (id_of(&mut alice).await, id_of(&mut bob).await);
        let room = alice.post("direct", json!({"person": bobs})).await.json();
        assert_eq!((&room["kind"], &room["with"]), (&json!("direct"), &json!({"person": bobs, "name": "Bob B."})));
        let other = bob.post("direct", json!({"person": alices})).await.json();
        assert_eq!(other["id"], room["id"], "both have the same room");
        let id = room["id"].as_str().expect("an id");
        assert_eq!(enter(&town, EDITH, 3).await.token(id.parse().expect("an id")).await, Err("not_a_member".into()));
        assert_eq!(bob.put(&format!("direct/{id}/block"), json!({})).await.code(), "204");
        let rooms = alice.get("rooms").await.json();
        let direct = rooms["rooms"].as_array().expect("rooms").last().expect("a room").clone();
        assert_eq!((&direct["grants"], &direct["blocked"]), (&json!(["read"]), &json!(false)));
        assert_eq!(bob.delete(&format!("direct/{id}/block")).await.code(), "204");
        town.unsubscribe(BOB, OPEN).await;
        assert_eq!(alice.post("direct", json!({"person": bobs})).await.code(), "no_such_person");
        assert_eq!(bob.get("rooms").await.json()["rooms"][0]["grants"], json!(["read"]), "what was said can be read");
    }

    async fn a_chosen_name_wins_and_cannot_be_an_address(town: Town) {
        lists(&town).await;
        let mut alice = enter(&town, ALICE, 1).await;
        let session = alice.put("profile", json!({"name": " Ally  L. ", "language": "fr"})).await.json();
        assert_eq!((&session["name"], &session["language"]), (&json!("Ally L."), &json!("fr")));
        for name in ["alice", "a@b", "", "\u{202e}", "Al\0ly", "Al\nly"] {
            assert_eq!(alice.put("profile", json!({"name": name})).await.code(), "bad_request", "{name}");
        }
        let session = alice.put("profile", json!({"name": null})).await.json();
        assert_eq!((&session["name"], &session["chosen_name"]), (&json!("Alice Liddell"), &Value::Null));
        assert_eq!(alice.put("profile", json!({"language": "de"})).await.code(), "bad_request");
    }

    async fn who_is_not_signed_in_learns_nothing(town: Town) {
        lists(&town).await;
        let room = enter(&town, ALICE, 1).await.room(OPEN).await;
        for path in ["rooms", &format!("rooms/at/{OPEN}"), &format!("rooms/{room}/members"), &format!("rooms/{room}/settings")] {
            assert_eq!(town.browser().get(path).await.code(), "signed_out", "{path}");
        }
        assert_eq!(town.browser().get("nothing").await.code(), "bad_request");
        let page = town.browser().ask("GET", "/config.json", None).await.json();
        assert_eq!(page["sign_in"], json!({"cookie": true, "action": true, "mail": false, "password": true}));
    }
}
