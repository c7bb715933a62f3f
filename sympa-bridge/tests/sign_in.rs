//! Stories of signing in: by Sympa's cookie, by a ticket, by a mail, by a password - and of what is refused.

mod support;

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use support::browser::Answer;
use support::postman::Postman;
use support::{ACTION_SECRET, START_MS, Town};

const ALICE: &str = "alice@example.org";
const ID: &str = "01234567890123";
const NEWER: &str = "11234567890123";
const NEWEST: &str = "21234567890123";

async fn exchange(town: &Town, cookie: &str) -> Answer {
    town.browser().with_sympa(cookie).post("session/sympa", json!({})).await
}

stories! {
    async fn a_sympa_cookie_is_exchanged_for_a_session_of_our_own(town: Town) {
        town.account(ALICE, "Alice Liddell", None).await;
        town.session(ID, Some(ID), ALICE, 0, ";auth=\"classic\"").await;
        let mut browser = town.browser().with_sympa(ID);
        assert_eq!(browser.get("session").await.json(), json!({"signed_in": false, "sympa_cookie": true}));
        let answer = browser.post("session/sympa", json!({})).await;
        let cookie = answer.headers["set-cookie"].to_str().expect("a cookie");
        assert!(cookie.contains("; Path=/chat/; ") && cookie.contains("HttpOnly; SameSite=Lax"), "{cookie}");
        let session = browser.get("session").await.json();
        assert_eq!((&session["signed_in"], &session["name"]), (&json!(true), &json!("Alice Liddell")));
        assert!(!session.to_string().contains('@'), "no address leaves the bridge");
    }

    async fn the_current_and_the_previous_id_count_and_a_superseded_one_does_not(town: Town) {
        town.session(ID, None, ALICE, 0, "").await;
        town.session(NEWEST, Some(NEWER), ALICE, 0, "").await;
        assert_eq!(exchange(&town, ID).await.code(), "no_sympa_session");
        assert_eq!(exchange(&town, NEWER).await.code(), "200");
        assert_eq!(exchange(&town, NEWEST).await.code(), "200");
        assert_eq!(exchange(&town, &format!("5e55{NEWEST}")).await.code(), "200");
    }

    async fn what_is_no_login_is_refused_with_its_own_code(town: Town) {
        town.session(ID, Some(ID), "nobody", 0, "").await;
        town.session(NEWER, Some(NEWER), ALICE, 172_801, "").await;
        town.session(NEWEST, Some(NEWEST), ALICE, 0, ";restore_email=\"listmaster@example.org\"").await;
        assert_eq!(exchange(&town, ID).await.code(), "no_sympa_session");
        assert_eq!(exchange(&town, NEWER).await.code(), "sympa_session_expired");
        assert_eq!(exchange(&town, NEWEST).await.code(), "impersonated");
        for garbage in ["", "nobody", "1", "99999999999999", "0123456789012%27", "%00"] {
            assert_eq!(exchange(&town, garbage).await.code(), "no_sympa_session", "{garbage}");
        }
        assert_eq!(town.browser().post("session/sympa", json!({})).await.code(), "no_sympa_session");
    }

    async fn two_cookies_of_the_same_name_are_refused(town: Town) {
        town.session(ID, Some(ID), ALICE, 0, "").await;
        assert_eq!(exchange(&town, &format!("{ID}; sympa_session={NEWER}")).await.code(), "no_sympa_session");
    }

    async fn failed_exchanges_are_limited_by_address_and_successes_are_not_counted(town: Town) {
        town.session(ID, Some(ID), ALICE, 0, "").await;
        for _ in 0..30 {
            assert_eq!(exchange(&town, ID).await.code(), "200");
        }
        for guess in 0..20 {
            assert_eq!(exchange(&town, &format!("{}", 30_000_000_000_000_u64 + guess)).await.code(), "no_sympa_session");
        }
        assert_eq!(exchange(&town, ID).await.code(), "too_many");
        let mut elsewhere = town.browser().with_sympa(ID).from(9);
        assert_eq!(elsewhere.post("session/sympa", json!({})).await.code(), "200");
        town.context.clock.advance(600_000);
        assert_eq!(exchange(&town, ID).await.code(), "200");
    }

    async fn visitors_of_sympa_who_are_not_logged_in_are_no_failures(town: Town) {
        town.session(ID, Some(ID), "nobody", 0, "").await;
        town.session(NEWER, Some(NEWER), ALICE, 172_801, "").await;
        town.session(NEWEST, Some(NEWEST), ALICE, 0, ";restore_email=\"listmaster@example.org\"").await;
        for _ in 0..10 {
            assert_eq!(exchange(&town, ID).await.code(), "no_sympa_session");
            assert_eq!(exchange(&town, NEWER).await.code(), "sympa_session_expired");
            assert_eq!(exchange(&town, NEWEST).await.code(), "impersonated");
        }
    }

    async fn bad_tickets_count_for_their_address_only(town: Town) {
        town.session(ID, Some(ID), ALICE, 0, "").await;
        for address in 1..=16 {
            let mut browser = town.browser().from(address);
            for _ in 0..20 {
                assert_eq!(browser.post("session/ticket", json!({"ticket": "x.y"})).await.code(), "bad_ticket");
            }
            assert_eq!(browser.post("session/ticket", json!({"ticket": "x.y"})).await.code(), "too_many");
        }
        let mut elsewhere = town.browser().with_sympa(ID).from(99);
        assert_eq!(elsewhere.post("session/sympa", json!({})).await.code(), "200");
    }

    async fn the_language_of_sympa_counts_at_once(town: Town) {
        town.account(ALICE, "Alice Liddell", None).await;
        for language in ["fr", "fr_FR", "fr-CA"] {
            town.speaks(ALICE, language).await;
            town.forget_session(ID).await;
            let mut alice = town.signed_in(ALICE, ID).await;
            assert_eq!(alice.get("session").await.json()["language"], "fr", "{language}");
        }
    }

    async fn a_page_of_another_site_cannot_sign_anybody_in(town: Town) {
        town.session(ID, Some(ID), ALICE, 0, "").await;
        for origin in [Some("http://evil.example"), None, Some("null")] {
            let mut browser = town.browser().with_sympa(ID);
            browser.origin = origin.map(str::to_owned);
            assert_eq!(browser.post("session/sympa", json!({})).await.code(), "wrong_origin");
        }
        assert_eq!(town.browser().post("session/sympa", json!({"x": 1})).await.code(), "bad_request");
    }

    async fn logging_out_of_sympa_ends_our_session(town: Town) {
        let mut alice = town.signed_in(ALICE, ID).await;
        town.log_out(ID).await;
        assert_eq!(alice.get("rooms").await.code(), "signed_out");
        assert_eq!(alice.get("session").await.json()["signed_in"], false);
    }

    async fn a_row_that_is_gone_ends_our_session_only_when_the_browsers_cookie_does_not_help(town: Town) {
        let mut alice = town.signed_in(ALICE, ID).await;
        town.forget_session(ID).await;
        town.session(NEWEST, Some(NEWER), ALICE, 0, "").await;
        alice = alice.with_sympa(NEWEST);
        assert_eq!(alice.get("rooms").await.code(), "200");
        town.forget_session(NEWEST).await;
        assert_eq!(alice.get("rooms").await.code(), "signed_out");
    }

    async fn signing_in_again_as_the_same_person_cuts_no_other_tab(town: Town) {
        let alice = town.signed_in(ALICE, ID).await;
        let before = alice.cookie("symposium_session").map(str::to_owned);
        town.forget_session(ID).await;
        town.session(NEWER, Some(NEWER), ALICE, 0, "").await;
        let mut alice = alice.with_sympa(NEWER);
        assert_eq!(alice.post("session/sympa", json!({})).await.code(), "200");
        assert_eq!(alice.cookie("symposium_session").map(str::to_owned), before);
        town.session(NEWEST, Some(NEWEST), "bob@example.org", 0, "").await;
        let mut bob = alice.with_sympa(NEWEST);
        assert_eq!(bob.post("session/sympa", json!({})).await.code(), "200");
        assert_ne!(bob.cookie("symposium_session").map(str::to_owned), before);
    }

    async fn somebody_else_at_the_same_browser_does_not_inherit_the_session(town: Town) {
        let alice = town.signed_in(ALICE, ID).await;
        town.forget_session(ID).await;
        town.session(NEWER, Some(NEWER), "bob@example.org", 0, "").await;
        assert_eq!(alice.with_sympa(NEWER).get("rooms").await.code(), "signed_out");
    }

    async fn a_session_ends_after_thirty_days_without_use(town: Town) {
        let mut alice = town.signed_in(ALICE, ID).await;
        let day = 24 * 3600 * 1000;
        town.context.clock.advance(29 * day);
        assert_eq!(alice.get("session").await.json()["signed_in"], true);
        town.context.clock.advance(29 * day);
        assert_eq!(alice.get("session").await.json()["signed_in"], true, "use moves the end");
        town.context.clock.advance(30 * day);
        assert_eq!(alice.get("session").await.json()["signed_in"], false);
    }

    async fn signing_out_ends_the_session(town: Town) {
        let mut alice = town.signed_in(ALICE, ID).await;
        let secret = alice.cookie("symposium_session").expect("a cookie").to_owned();
        assert_eq!(alice.delete("session").await.code(), "204");
        assert_eq!(alice.cookie("symposium_session"), None);
        let mut thief = town.browser().with_sympa(&format!("0; symposium_session={secret}"));
        assert_eq!(thief.get("rooms").await.code(), "signed_out");
    }

    async fn who_cannot_be_signed_out_now_is_told_so(town: Town) {
        let mut alice = town.signed_in(ALICE, ID).await;
        town.hide_sessions(true).await;
        assert_eq!(alice.delete("session").await.code(), "unavailable");
        town.hide_sessions(false).await;
        assert_eq!(alice.get("session").await.json()["signed_in"], true, "the cookie is still there to try again");
        assert_eq!(alice.delete("session").await.code(), "204");
    }

    async fn without_sympa_nobody_signs_in_and_nobody_is_signed_out(town: Town) {
        town.account(ALICE, "Alice Liddell", None).await;
        let mut alice = town.signed_in(ALICE, ID).await;
        town.hide_sympa(true).await;
        assert_eq!(alice.get("session").await.json()["name"], "Alice Liddell");
        let mut bob = town.browser().with_sympa(NEWER);
        assert_eq!(bob.post("session/sympa", json!({})).await.code(), "no_sympa_session", "its sessions can be read");
        assert_eq!(alice.get("rooms").await.code(), "sympa_unavailable");
        town.hide_sympa(false).await;
        assert_eq!(alice.get("rooms").await.code(), "200");
    }

    async fn a_ticket_of_the_custom_action_works_once(town: Town) {
        town.account(ALICE, "Alice Liddell", None).await;
        let ticket = action_ticket("0123456789abcdef0123456789abcdef", START_MS / 1000 + 60);
        let mut browser = town.browser();
        let looked = browser.post("session/ticket/look", json!({"ticket": ticket})).await.json();
        assert_eq!(looked, json!({"name": "Alice Liddell", "room": "open-talk@lists.example.org"}));
        assert_eq!(browser.post("session/ticket", json!({"ticket": ticket})).await.json()["name"], "Alice Liddell");
        assert_eq!(town.browser().post("session/ticket", json!({"ticket": ticket})).await.code(), "bad_ticket");
        assert_eq!(town.browser().post("session/ticket/look", json!({"ticket": ticket})).await.code(), "bad_ticket");
        let late = action_ticket("fedcba9876543210fedcba9876543210", START_MS / 1000 - 6);
        assert_eq!(town.browser().post("session/ticket", json!({"ticket": late})).await.code(), "bad_ticket");
    }

    async fn a_password_opens_and_all_refusals_look_alike(town: Town) {
        town.account(ALICE, "Alice", Some(&bcrypt_of("pw-alice"))).await;
        town.account("bob@example.org", "Bob", Some("b8f3bd8b4e0eb0a2bd5b1a1f4d5b6b4d")).await;
        town.account("locked@example.org", "Locked", Some(&bcrypt_of("pw-locked"))).await;
        town.account("sso@example.org", "Sso", None).await;
        town.account("init@example.org", "Init", Some("INIT")).await;
        town.lock("locked@example.org").await;
        for (email, password) in [
            (ALICE, "wrong"),
            ("nobody@example.org", "x"),
            ("no address", "x"),
            ("bob@example.org", "x"),
            ("locked@example.org", "pw-locked"),
            ("sso@example.org", ""),
            ("init@example.org", "INIT"),
            ("álice@example.org", "pw-alice"),
        ] {
            let answer = town.browser().post("session/password", json!({"email": email, "password": password})).await;
            assert_eq!(answer.code(), "wrong_password", "{email}");
        }
        let right = json!({"email": " Alice@Example.org", "password": "PW-alice"});
        assert_eq!(town.browser().post("session/password", right).await.json()["signed_in"], true);
    }

    async fn an_account_is_throttled_after_five_wrong_passwords(town: Town) {
        town.account(ALICE, "Alice", Some(&bcrypt_of("pw-alice"))).await;
        for n in 0..5 {
            let mut browser = town.browser().from(10 + n);
            let wrong = json!({"email": ALICE, "password": "wrong"});
            assert_eq!(browser.post("session/password", wrong).await.code(), "wrong_password");
        }
        let right = json!({"email": ALICE, "password": "pw-alice"});
        assert_eq!(town.browser().post("session/password", right.clone()).await.code(), "too_many");
        town.context.clock.advance(600_000);
        assert_eq!(town.browser().post("session/password", right).await.code(), "200");
    }

    async fn a_way_that_is_off_is_off(town: Town) {
        let answer = town.browser().post("session/mail-link", json!({"email": ALICE})).await;
        assert_eq!(answer.code(), "method_off");
        assert_eq!(town.browser().post("session/ticket", json!({"ticket": "x"})).await.code(), "method_off");
    }
}

#[tokio::test]
async fn asking_who_one_is_is_limited_by_session_and_without_one_by_address() {
    let town = Town::on_sqlite("[bridge.limits]\nrequests = { times = 5, per_s = 600 }").await;
    let mut alice = town.signed_in(ALICE, ID).await;
    let mut visitor = town.browser();
    for _ in 0..5 {
        assert_eq!(visitor.get("session").await.json()["signed_in"], false);
        assert_eq!(alice.get("session").await.json()["signed_in"], true, "a session counts for itself");
    }
    assert_eq!(visitor.get("session").await.code(), "too_many");
    assert_eq!(alice.get("session").await.code(), "too_many");
    assert_eq!(town.browser().from(9).get("session").await.json()["signed_in"], false);
}

#[tokio::test]
async fn a_link_by_mail_signs_in_once_and_strangers_get_none() {
    let mut postman = Postman::begin().await;
    let port = postman.port;
    let mail = format!("[bridge.mail]\nsmtp = \"smtp://127.0.0.1:{port}\"\nfrom = \"Chat <chat@lists.example.org>\"");
    let town = Town::with_mail(&mail).await;
    town.list("open-talk@lists.example.org", "Open talk", "send private").await;
    town.subscribe(ALICE, "open-talk@lists.example.org").await;
    let stranger = json!({"email": "stranger@example.org"});
    assert_eq!(town.browser().post("session/mail-link", stranger).await.code(), "202");
    let wanted = json!({"email": ALICE, "room": "open-talk@lists.example.org"});
    assert_eq!(town.browser().post("session/mail-link", wanted).await.code(), "202");
    let mail = postman.mail().await.replace("=\n", "").replace("=3D", "=");
    let (_, rest) = mail.split_once("http://lists.example.org/chat/sign-in/link#t=").expect("a link");
    let ticket = rest.split('&').next().expect("a ticket").to_owned();
    let mut alice = town.browser();
    let looked = alice.post("session/ticket/look", json!({"ticket": ticket})).await.json();
    assert_eq!(looked["room"], "open-talk@lists.example.org");
    assert_eq!(alice.post("session/ticket", json!({"ticket": ticket})).await.json()["signed_in"], true);
    assert_eq!(town.browser().post("session/ticket", json!({"ticket": ticket})).await.code(), "bad_ticket");
    assert!(postman.is_idle(), "a stranger gets no mail");
}

fn bcrypt_of(password: &str) -> String {
    bcrypt::hash_with_salt(password, 4, [7; 16]).expect("hashed").format_for_version(bcrypt::Version::TwoA)
}

fn action_ticket(nonce: &str, exp: u64) -> String {
    let claims = json!({"v": 1, "exp": exp, "nonce": nonce, "email": ALICE, "list": "open-talk@lists.example.org"});
    let body = URL_SAFE_NO_PAD.encode(claims.to_string());
    let mac = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, ACTION_SECRET.as_bytes()), body.as_bytes());
    let hex: Vec<String> = mac.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{body}.{}", hex.join(""))
}
