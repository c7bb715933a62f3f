//! Stories of hostile requests to the bridge on a real port: slow, large, deep, false and from other sites. Each is answered
//! clearly and within its limit, and the next honest one is served.

mod support;

use std::net::SocketAddr;
use std::time::Duration;

use service::http::{self, Patience};
use support::Town;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// The limit of time on slow requests in these stories.
const SHORT: Duration = Duration::from_millis(300);
/// No answer takes longer than this.
const PATIENCE: Duration = Duration::from_secs(20);

struct Door {
    town: Town,
    address: SocketAddr,
}

impl Door {
    async fn open() -> Self {
        let town = Town::on_sqlite("").await;
        let listener = http::listen(([127, 0, 0, 1], 0).into()).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let patience = Patience { head: SHORT, body: SHORT };
        tokio::spawn(http::serve_patiently(listener, town.public(), town.context.stop.clone(), patience));
        Self { town, address }
    }

    fn origin(&self) -> String {
        format!("origin: {}\r\n", self.town.context.site.origin())
    }

    async fn raw(&self, bytes: &[u8]) -> String {
        let mut stream = TcpStream::connect(self.address).await.expect("connected");
        let _ = stream.write_all(bytes).await;
        let mut answer = Vec::new();
        let _ = timeout(PATIENCE, stream.read_to_end(&mut answer)).await.expect("the connection is closed in time");
        String::from_utf8_lossy(&answer).into_owned()
    }

    async fn post(&self, path: &str, headers: &str, body: &[u8]) -> String {
        let head = format!(
            "POST /api/bridge/{path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nconnection: close\r\n\
             content-length: {}\r\n{headers}\r\n",
            body.len()
        );
        self.raw(&[head.as_bytes(), body].concat()).await
    }

    async fn all_is_well(&self) {
        let answer = self.raw(b"GET /api/bridge/session HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
        assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("\"signed_in\":false"), "{answer}");
    }
}

fn code(answer: &str) -> String {
    let body = answer.split("\r\n\r\n").nth(1).unwrap_or_default();
    let json: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
    json["code"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_post_from_another_site_is_refused_whatever_it_carries() {
    let door = Door::open().await;
    for origin in
        ["", "origin: null\r\n", "origin: http://evil.example\r\n", "origin: http://lists.example.org.evil.example\r\n"]
    {
        for path in ["session/sympa", "session/password", "session/ticket", "session/mail-link", "tokens", "nothing"] {
            let answer = door.post(path, &format!("{origin}cookie: sympa_session=01234567890123\r\n"), b"{}").await;
            assert_eq!(
                (&answer[..12], code(&answer).as_str()),
                ("HTTP/1.1 403", "wrong_origin"),
                "{origin}{path}: {answer}"
            );
        }
    }
    door.all_is_well().await;
}

#[tokio::test]
async fn large_slow_and_endless_requests_are_cut() {
    let door = Door::open().await;
    let origin = door.origin();
    let large = format!("{{\"ticket\":\"{}\"}}", "x".repeat(http::BODY_BYTES));
    let answer = door.post("session/ticket", &origin, large.as_bytes()).await;
    assert_eq!((&answer[..12], code(&answer).as_str()), ("HTTP/1.1 413", "too_large"), "{answer}");
    let chunked = format!(
        "POST /api/bridge/session/ticket HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nconnection: close\r\n\
         transfer-encoding: chunked\r\n{origin}\r\n{:x}\r\n{large}\r\n0\r\n\r\n",
        large.len()
    );
    let answer = door.raw(chunked.as_bytes()).await;
    assert_eq!((&answer[..12], code(&answer).as_str()), ("HTTP/1.1 413", "too_large"), "{answer}");
    let unfinished = format!(
        "POST /api/bridge/session/ticket HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nconnection: close\r\n\
         content-length: 100\r\n{origin}\r\n{{"
    );
    let answer = timeout(Duration::from_secs(5), door.raw(unfinished.as_bytes())).await.expect("a slow body is cut");
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    let silent = timeout(Duration::from_secs(5), door.raw(b"")).await.expect("a silent connection is cut");
    assert!(!silent.contains("200"), "{silent}");
    let flood = format!("GET / HTTP/1.1\r\nhost: x\r\n{}\r\n", "x: y\r\n".repeat(1000));
    let answer = door.raw(flood.as_bytes()).await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431"), "{answer}");
    door.all_is_well().await;
}

#[tokio::test]
async fn bodies_that_are_not_what_the_protocol_says_are_bad_requests() {
    let door = Door::open().await;
    let origin = door.origin();
    let nested = format!("{{\"ticket\":{}{}}}", "[".repeat(30_000), "]".repeat(30_000));
    for body in [
        nested.as_bytes(),
        b"",
        b"null",
        b"[]",
        b"{\"ticket\":\"\xff\xfe\"}",
        b"{\"ticket\":\"x\",\"more\":1}",
        b"{\"ticket\":\"x\",\"ticket\":\"y\"}",
        b"{\"ticket\":1e999}",
        b"\xef\xbb\xbf{\"ticket\":\"x\"}",
    ] {
        let answer = door.post("session/ticket", &origin, body).await;
        assert_eq!((&answer[..12], code(&answer).as_str()), ("HTTP/1.1 400", "bad_request"), "{answer}");
    }
    for path in [
        "../../etc/passwd",
        "%2e%2e/%2e%2e/etc/passwd",
        "api/bridge/rooms/at/%ff%fe",
        "api/bridge/rooms/x/members",
        "\\..\\x",
    ] {
        let answer = door.raw(format!("GET /{path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").as_bytes()).await;
        assert!(!answer.starts_with("HTTP/1.1 5") && !answer.contains("root:"), "{path}: {answer}");
    }
    door.all_is_well().await;
}

#[tokio::test]
async fn a_foreign_cookie_that_is_no_text_does_not_hide_the_session() {
    let door = Door::open().await;
    door.town.account("alice@example.org", "Alice Liddell", None).await;
    door.town.session("01234567890123", Some("01234567890123"), "alice@example.org", 0, "").await;
    let mut request = b"POST /api/bridge/session/sympa HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nconnection: close\r\n\
        content-length: 2\r\ncookie: theme=caf\xc3\xa9; x=\xff; sympa_session=01234567890123\r\n"
        .to_vec();
    request.extend(format!("{}\r\n{{}}", door.origin()).bytes());
    let answer = door.raw(&request).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("Alice Liddell"), "{answer}");
}
