//! Stories of the web app: its page at every address of the app, under a base path, with a strict policy.

mod support;

use axum::http::StatusCode;
use service::client_address::TrustedProxies;
use service::http;
use service::origin::Origins;
use support::Town;

#[tokio::test]
async fn the_page_is_served_at_every_address_of_the_app_below_the_base_path() {
    let town = Town::on_sqlite("").await;
    let routes = http::mount("/chat/", town.bare());
    let origins = Origins::only(town.context.site.origin());
    let mut browser = town.browser().at(http::public(routes, origins, TrustedProxies::default()));
    assert_eq!(browser.ask("GET", "/chat/config.json", None).await.json()["site"], "Lists of Example");
    for path in ["/chat/assets/missing.js", "/chat/missing.map", "/chat/api/bridge/nothing", "/config.json"] {
        assert_eq!(browser.ask("GET", path, None).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    if browser.ask("GET", "/chat/", None).await.status == StatusCode::NOT_FOUND {
        return; // The web app was not built into this test.
    }
    for path in ["/chat", "/chat/", "/chat/r/open-talk@lists.example.org", "/chat/sign-in/link"] {
        let page = browser.ask("GET", path, None).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(page.text.contains("<base href=\"/chat/\" />"), "{path}");
        let policy = page.headers["content-security-policy"].to_str().expect("a policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"), "{policy}");
        assert!(policy.contains("connect-src 'self' ws://lists.example.org;"), "{policy}");
        assert_eq!(page.headers["cache-control"], "no-cache");
    }
}

#[tokio::test]
async fn what_other_services_ask_is_not_where_browsers_ask() {
    let town = Town::on_sqlite("").await;
    let mut browser = town.browser();
    for path in ["/internal/changes", "/internal/check", "/internal/parted", "/internal/jwks.json"] {
        for method in ["GET", "POST"] {
            let answer = browser.ask(method, path, None).await;
            let kind = answer.headers.get("content-type").map_or("", |kind| kind.to_str().expect("words")).to_owned();
            let is_page = answer.status == StatusCode::OK && kind.starts_with("text/html");
            let is_none = [StatusCode::NOT_FOUND, StatusCode::METHOD_NOT_ALLOWED, StatusCode::FORBIDDEN];
            assert!(is_page || is_none.contains(&answer.status), "{method} {path}: {} {kind}", answer.status);
        }
    }
}
