//! Stories of limits: each is set low, is reached, says its code, and leaves everybody else alone.

mod support;

use serde_json::json;
use support::Town;
use support::browser::Answer;
use support::postman::Postman;

const ALICE: &str = "alice@example.org";
const BOB: &str = "bob@example.org";
const ID: &str = "01234567890123";
/// Md5 of "pw-alice".
const PASSWORD: &str = "df33881b4a7bedbf35be78e1418a3186";

#[tokio::test]
async fn wrong_passwords_are_limited_by_address_whosever_they_are() {
    let town = Town::on_sqlite("[bridge.limits]\npassword_address = { times = 3, per_s = 600 }").await;
    town.account(ALICE, "Alice", Some(PASSWORD)).await;
    for _ in 0..5 {
        assert_eq!(password(&town, 1, ALICE, "pw-alice").await.code(), "200", "what is right is not counted");
    }
    for guess in 0..3 {
        let somebody = format!("somebody{guess}@example.org");
        assert_eq!(password(&town, 1, &somebody, "guess").await.code(), "wrong_password");
    }
    let refused = password(&town, 1, ALICE, "pw-alice").await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (429, "too_many"));
    assert_eq!(refused.json()["retry_after_ms"], 600_000);
    assert_eq!(password(&town, 9, ALICE, "pw-alice").await.code(), "200", "another address is not touched");
    town.context.clock.advance(600_000);
    assert_eq!(password(&town, 1, ALICE, "pw-alice").await.code(), "200");
}

#[tokio::test]
async fn guessed_cookies_are_limited_all_together() {
    let town = Town::on_sqlite("[bridge.limits]\nexchange_total = { times = 3, per_s = 600 }").await;
    town.session(ID, Some(ID), ALICE, 0, "").await;
    for address in 1..=3 {
        assert_eq!(cookie(&town, address, "31234567890123").await.code(), "no_sympa_session");
    }
    assert_eq!(cookie(&town, 4, ID).await.code(), "too_many");
    town.context.clock.advance(600_000);
    assert_eq!(cookie(&town, 4, ID).await.code(), "200");
}

#[tokio::test]
async fn links_by_mail_are_limited_by_the_address_that_asks() {
    let postman = Postman::begin().await;
    let town = town_with_mail(&postman, "mail_address = { times = 2, per_s = 600 }").await;
    for stranger in ["one@example.org", "two@example.org"] {
        assert_eq!(link(&town, 1, stranger).await.code(), "202");
    }
    let refused = link(&town, 1, "three@example.org").await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (429, "too_many"));
    let wait = refused.json()["retry_after_ms"].as_u64().expect("how long to wait");
    assert!((1..=300_000).contains(&wait), "{wait}");
    assert_eq!(link(&town, 9, "three@example.org").await.code(), "202", "another address is not touched");
}

/// Who asks is answered as always: a refusal would tell that the person is known here.
#[tokio::test]
async fn links_by_mail_are_limited_by_the_person_who_gets_them_and_nobody_is_told() {
    let mut postman = Postman::begin().await;
    let mut town = town_with_mail(&postman, "mail_person = { times = 2, per_s = 600 }").await;
    for person in [ALICE, BOB] {
        town.account(person, person, None).await;
    }
    for address in 1..=4 {
        assert_eq!(link(&town, address, ALICE).await.code(), "202");
    }
    assert_eq!(link(&town, 5, BOB).await.code(), "202");
    // What was begun is finished before the bridge stops.
    town.stop().await;
    let mut got = [postman.mail().await, postman.mail().await, postman.mail().await].map(|mail| {
        let to = mail.lines().find_map(|line| line.strip_prefix("To: ")).expect("somebody gets it");
        to.trim().trim_matches(['<', '>']).to_owned()
    });
    got.sort();
    assert_eq!(got, [ALICE, ALICE, BOB]);
    assert!(postman.is_idle(), "no more than that");
}

async fn town_with_mail(postman: &Postman, limit: &str) -> Town {
    let port = postman.port;
    Town::with_mail(&format!(
        "[bridge.limits]\n{limit}\n[bridge.mail]\nsmtp = \"smtp://127.0.0.1:{port}\"\n\
         from = \"Chat <chat@lists.example.org>\""
    ))
    .await
}

async fn password(town: &Town, address: u8, email: &str, password: &str) -> Answer {
    let credentials = json!({"email": email, "password": password});
    town.browser().from(address).post("session/password", credentials).await
}

async fn cookie(town: &Town, address: u8, id: &str) -> Answer {
    town.browser().from(address).with_sympa(id).post("session/sympa", json!({})).await
}

async fn link(town: &Town, address: u8, email: &str) -> Answer {
    town.browser().from(address).post("session/mail-link", json!({"email": email})).await
}
