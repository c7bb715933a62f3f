//! A browser of a story: it keeps cookies, names its origin, and reads answers.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Request, StatusCode, header};
use membership::{Hold, RoomId};
use serde_json::{Value, json};
use tower::ServiceExt;

use super::Town;

/// A browser.
pub struct Browser {
    router: Router,
    cookies: BTreeMap<String, String>,
    address: SocketAddr,
    pub origin: Option<String>,
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    /// The JSON of the body.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }

    /// The code of a problem, or the status of what went well.
    pub fn code(&self) -> String {
        self.json()["code"].as_str().map_or_else(|| self.status.as_u16().to_string(), str::to_owned)
    }
}

impl Town {
    /// A browser without cookies.
    pub fn browser(&self) -> Browser {
        let address = SocketAddr::from(([192, 0, 2, 1], 4000));
        Browser { router: self.public(), cookies: BTreeMap::new(), address, origin: Some(self.context.site.origin()) }
    }

    /// As [`Town::signed_in`], so many days after the beginning.
    pub async fn signed_in_later(&self, email: &str, id: &str, days: u64) -> Browser {
        self.session_later(id, email, days).await;
        let mut browser = self.browser().with_sympa(id);
        assert_eq!(browser.post("session/sympa", json!({})).await.code(), "200");
        browser
    }

    /// A browser signed in by a session of Sympa with this id.
    pub async fn signed_in(&self, email: &str, id: &str) -> Browser {
        self.session(id, Some(id), email, 0, "").await;
        let mut browser = self.browser().with_sympa(id);
        assert_eq!(browser.post("session/sympa", json!({})).await.code(), "200");
        browser
    }
}

impl Browser {
    /// Talking to other routes.
    #[must_use]
    pub fn at(mut self, router: Router) -> Self {
        self.router = router;
        self
    }

    /// With this cookie of Sympa.
    #[must_use]
    pub fn with_sympa(mut self, id: &str) -> Self {
        self.cookies.insert("sympa_session".to_owned(), id.to_owned());
        self
    }

    /// From another address.
    #[must_use]
    pub fn from(mut self, last: u8) -> Self {
        self.address = SocketAddr::from(([192, 0, 2, last], 4000));
        self
    }

    /// The value of a cookie.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.get(name).map(String::as_str)
    }

    /// `GET` below `api/bridge/`.
    pub async fn get(&mut self, path: &str) -> Answer {
        self.ask("GET", &format!("/api/bridge/{path}"), None).await
    }

    /// `POST` below `api/bridge/`.
    pub async fn post(&mut self, path: &str, body: Value) -> Answer {
        self.ask("POST", &format!("/api/bridge/{path}"), Some(body)).await
    }

    /// `PUT` below `api/bridge/`.
    pub async fn put(&mut self, path: &str, body: Value) -> Answer {
        self.ask("PUT", &format!("/api/bridge/{path}"), Some(body)).await
    }

    /// `DELETE` below `api/bridge/`.
    pub async fn delete(&mut self, path: &str) -> Answer {
        self.ask("DELETE", &format!("/api/bridge/{path}"), Some(json!({}))).await
    }

    /// Any request.
    pub async fn ask(&mut self, method: &str, path: &str, body: Option<Value>) -> Answer {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request = Request::builder().method(method).uri(path).header(header::COOKIE, cookies.join("; "));
        if let Some(origin) = &self.origin {
            request = request.header(header::ORIGIN, origin);
        }
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let request = request.extension(ConnectInfo(self.address)).body(body).expect("a request");
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        for cookie in parts.headers.get_all(header::SET_COOKIE) {
            self.keep(cookie.to_str().expect("a cookie"));
        }
        let bytes = to_bytes(body, 10_000_000).await.expect("a body");
        Answer { status: parts.status, headers: parts.headers, text: String::from_utf8_lossy(&bytes).into_owned() }
    }

    fn keep(&mut self, cookie: &str) {
        let (name, value) = cookie.split(';').next().and_then(|pair| pair.split_once('=')).expect("a pair");
        if cookie.contains("Max-Age=0") {
            self.cookies.remove(name);
        } else {
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
    }

    /// The room of a list.
    pub async fn room(&mut self, address: &str) -> RoomId {
        let answer = self.get(&format!("rooms/at/{address}")).await;
        answer.json()["id"].as_str().unwrap_or_else(|| panic!("{answer:?}")).parse().expect("an id")
    }

    /// The token for a room, or the code of the refusal.
    pub async fn token(&mut self, room: RoomId) -> Result<String, String> {
        let answer = self.post("tokens", json!({"audience": "chat", "rooms": [room]})).await;
        let json = answer.json();
        match json["tokens"][0]["token"].as_str() {
            Some(token) => Ok(token.to_owned()),
            None => Err(json["refused"][0]["code"].as_str().map_or_else(|| answer.code(), str::to_owned)),
        }
    }

    /// Takes a token for the room of a list; answers what a service would hold by it.
    pub async fn enters(&mut self, address: &str) -> Hold {
        let room = self.room(address).await;
        let token = self.token(room).await.expect("a token");
        let claims = claims(&token);
        let id = |key: &str| claims[key].as_str().expect("an id").to_owned();
        Hold { person: id("sub").parse().expect("an id"), room, sid: id("sid").parse().expect("an id") }
    }
}

/// What a token says, unverified.
pub fn claims(token: &str) -> Value {
    use base64::Engine;
    let body = token.split('.').nth(1).expect("a token");
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(body).expect("base64");
    serde_json::from_slice(&bytes).expect("json")
}
