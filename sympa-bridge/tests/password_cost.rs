//! The story of what a password costs: whoever guesses learns nothing from the answer, and nothing from its time. What was
//! computed is read in the metrics; they belong to the whole process, so this file tells one story and no other.

mod support;

use std::collections::BTreeMap;

use axum::http::{HeaderMap, StatusCode};
use serde_json::json;
use service::monitor;
use support::{COST, Town};

/// A cost from cheaper days.
const CHEAP: u32 = COST - 1;
/// Md5 of "secret".
const MD5: &str = "5ebe2294ecd0e0f08eab7690d2a6ee69";
/// Md5 of nothing.
const MD5_OF_NOTHING: &str = "d41d8cd98f00b204e9800998ecf8427e";

#[tokio::test]
async fn every_attempt_costs_one_bcrypt_of_the_site_and_all_refusals_are_one_answer() {
    monitor::start_metrics();
    story(Town::on_sqlite("").await).await;
    if let Some(town) = Town::on_postgres("").await {
        story(town).await;
    }
}

async fn story(town: Town) {
    let broken = format!("$2y${COST:02}${}", "!".repeat(53));
    for (name, stored) in [
        ("ann", Some(bcrypt_of("secret", COST))),
        ("locked", Some(bcrypt_of("secret", COST))),
        ("early", Some(bcrypt_of("secret", CHEAP))),
        ("old", Some(MD5.to_owned())),
        ("blank", Some(MD5_OF_NOTHING.to_owned())),
        ("broken", Some(broken)),
        ("init", Some("init".to_owned())),
        ("sso", None),
    ] {
        town.account(&format!("{name}@example.org"), name, stored.as_deref()).await;
    }
    town.lock("locked@example.org").await;
    let once = 1 << COST;
    for name in ["ann", "old", "early"] {
        let (answer, rounds) = tries(&town, name, "secret").await;
        assert_eq!((answer.0, rounds), (StatusCode::OK, once), "{name}");
    }
    let (refusal, _) = tries(&town, "ann", "wrong").await;
    assert_eq!(refusal.0, StatusCode::UNAUTHORIZED);
    for (name, password) in [
        ("ann", "wrong"),
        ("ann", ""),
        ("nobody", "secret"),
        ("nobody", ""),
        ("no address", "secret"),
        ("sso", "secret"),
        ("old", "wrong"),
        ("blank", ""),
        ("locked", "secret"),
        ("locked", "wrong"),
        ("broken", "secret"),
        ("init", "init"),
        ("early", "wrong"),
    ] {
        let (answer, rounds) = tries(&town, name, password).await;
        assert_eq!((answer, rounds), (refusal.clone(), once), "{name} {password:?}");
    }
}

/// Tries a password: what is answered, and how many rounds of bcrypt were computed for it. A cost is a power of two of them.
async fn tries(town: &Town, name: &str, password: &str) -> ((StatusCode, HeaderMap, String), u64) {
    let before = computed(town).await;
    let credentials = json!({"email": format!("{name}@example.org"), "password": password});
    let answer = town.browser().post("session/password", credentials).await;
    let of = |cost: &u32| before.get(cost).copied().unwrap_or_default();
    let rounds = computed(town).await.iter().map(|(cost, count)| (count - of(cost)) << cost).sum();
    ((answer.status, answer.headers, answer.text), rounds)
}

/// How many bcrypts of each cost this process has computed.
async fn computed(town: &Town) -> BTreeMap<u32, u64> {
    let mut monitor = town.browser().at(monitor::router(town.context.health.clone()));
    let metrics = monitor.ask("GET", "/metrics", None).await.text;
    let counted = |line: &str| {
        let (cost, count) = line.strip_prefix("bridge_password_hashes_total{cost=\"")?.split_once("\"} ")?;
        Some((cost.parse().expect("a cost"), count.parse().expect("a count")))
    };
    metrics.lines().filter_map(counted).collect()
}

fn bcrypt_of(password: &str, cost: u32) -> String {
    bcrypt::hash_with_salt(password, cost, [7; 16]).expect("hashed").format_for_version(bcrypt::Version::TwoA)
}
