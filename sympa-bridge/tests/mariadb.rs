//! A story on MariaDB, when `TEST_MYSQL_URL` names a server: its types are read, and its collation deceives nobody.

mod support;

use serde_json::json;
use service::dice::Dice;
use service::secret;
use sqlx::mysql::MySqlPoolOptions;
use sqlx::{MySql, QueryBuilder};
use support::Town;
use url::Url;

/// Md5 of "pw-alice".
const PASSWORD: &str = "df33881b4a7bedbf35be78e1418a3186";

/// A town over a new MariaDB database, altered; nothing when there is no server.
async fn town(alter: &'static str) -> Option<Town> {
    let mut url: Url = secret::find("TEST_MYSQL_URL").expect("an address")?.expose().parse().expect("an address");
    let admin = MySqlPoolOptions::new().max_connections(1).connect(url.as_str()).await.expect("MariaDB is there");
    let name = format!("bridge_{:032x}", Dice::System.bits());
    QueryBuilder::<MySql>::new("CREATE DATABASE ").push(&name).build().execute(&admin).await.expect("a database");
    url.set_path(&name);
    let sympa = MySqlPoolOptions::new().max_connections(1).connect(url.as_str()).await.expect("the database");
    sqlx::raw_sql(include_str!("support/mariadb.sql")).execute(&sympa).await.expect("Sympa's tables");
    sqlx::raw_sql(alter).execute(&sympa).await.expect("other character sets");
    let set = "UPDATE user_table SET password_user = ? WHERE email_user = 'alice@example.org'";
    sqlx::query(set).bind(PASSWORD).execute(&sympa).await.expect("a password");
    Some(Town::over(url.as_str()).await)
}

#[tokio::test]
async fn mariadb_is_read_and_its_collation_deceives_nobody() {
    let Some(town) = town("SELECT 1").await else { return };
    story(town).await;
}

/// As a Sympa has them that was upgraded for many years.
#[tokio::test]
async fn tables_of_several_character_sets_are_read_together() {
    let alter = "ALTER TABLE subscriber_table CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci; \
                 ALTER TABLE admin_table CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci; \
                 ALTER TABLE list_table CONVERT TO CHARACTER SET latin1; \
                 ALTER TABLE user_table CONVERT TO CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci";
    let Some(town) = town(alter).await else { return };
    story(town).await;
}

async fn story(town: Town) {
    let mut alice = town.browser().with_sympa("01234567890123");
    let session = alice.post("session/sympa", json!({})).await.json();
    assert_eq!((&session["name"], &session["language"]), (&json!("Alice Liddell"), &json!("fr")));
    let rooms = alice.get("rooms").await.json();
    assert_eq!(rooms["rooms"].as_array().map(Vec::len), Some(1), "{rooms}");
    assert_eq!(rooms["rooms"][0]["subject"], "open discussion");
    let mut accented = town.browser().with_sympa("11234567890123");
    assert_eq!(accented.post("session/sympa", json!({})).await.json()["signed_in"], true);
    assert_eq!(accented.get("rooms").await.json(), json!({"rooms": []}), "an accent makes another person");
    let mut olive = town.browser().with_sympa("21234567890123");
    olive.post("session/sympa", json!({})).await;
    let room = olive.room("open-talk@lists.example.org").await;
    let members = olive.get(&format!("rooms/{room}/members")).await.json();
    let zoe = &members["members"][2];
    assert_eq!((&zoe["name"], &zoe["concealed"]), (&json!("Zoë Ångström"), &json!(true)));
    assert_eq!(members["members"][1]["roles"], json!(["privileged_owner"]));
    let net = olive.room("open-talk@lists.example.net").await;
    let members = olive.get(&format!("rooms/{net}/members")).await.json();
    let name = members["members"][0]["name"].as_str().expect("a name");
    assert!(name.starts_with("Member "), "the name of zoe's account is not zoé's: {name}");
    let password = json!({"email": "alice@example.org", "password": "pw-alice"});
    assert_eq!(town.browser().post("session/password", password).await.code(), "200");
    let accented = json!({"email": "álice@example.org", "password": "pw-alice"});
    assert_eq!(town.browser().post("session/password", accented).await.code(), "wrong_password");
}
