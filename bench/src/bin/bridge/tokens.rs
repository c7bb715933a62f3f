//! Room tokens through the real routes: people who are signed in by Sympa's cookie ask for all their rooms, again and again.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Request, header};
use futures_util::future::try_join_all;
use serde_json::{Value, json};
use service::client_address::TrustedProxies;
use service::origin::Origins;
use service::{Context, http};
use sympa_bridge::Bridge;
use tower::ServiceExt;

use crate::sympa::{BUSY, Sympa, session};
use crate::usage::Usage;

/// A person who is signed in.
struct Member {
    routes: Router,
    cookie: String,
    rooms: Vec<Value>,
}

/// Tokens per second, by people on few lists and by people on many.
pub(crate) async fn measure(context: &Context, bridge: &Bridge, sympa: &Sympa, time: Duration) -> Result<Vec<String>> {
    let origin = context.site.origin();
    let origins = Origins::only(origin.clone());
    let routes = http::public(bridge.public_router(), origins, TrustedProxies::default());
    let mut lines = Vec::new();
    for people in [(0..BUSY).collect::<Vec<_>>(), sympa.busy().collect()] {
        let members = try_join_all(people.iter().map(|n| Member::sign_in(&routes, &origin, *n))).await?;
        let rooms = members.first().map_or(0, |member| member.rooms.len());
        let (began, before) = (Instant::now(), Usage::now(None)?);
        let asked = try_join_all(members.iter().map(|member| member.ask(&origin, began + time))).await?;
        let (took, used) = (began.elapsed().as_secs_f64(), Usage::now(None)?.since(&before));
        let given = asked.into_iter().sum::<u32>();
        lines.push(format!(
            "room tokens, {BUSY} people at once, {rooms} rooms a request: {:.0} per second, {:.0} us CPU of the bridge each",
            f64::from(given) / took,
            1e6 * used.process_s / f64::from(given.max(1)),
        ));
    }
    Ok(lines)
}

impl Member {
    async fn sign_in(routes: &Router, origin: &str, n: u64) -> Result<Self> {
        let mut member = Self { routes: routes.clone(), cookie: String::new(), rooms: Vec::new() };
        let given = format!("sympa_session={}", session(n));
        let (headers, _) = member.send("POST", "session/sympa", origin, &given, &json!({})).await?;
        let cookie = headers.get(header::SET_COOKIE).context("no session was given")?.to_str()?;
        member.cookie = format!("{given}; {}", cookie.split(';').next().unwrap_or_default());
        let (_, rooms) = member.send("GET", "rooms", origin, &member.cookie, &Value::Null).await?;
        let rooms = rooms["rooms"].as_array().context("no rooms")?;
        member.rooms = rooms.iter().map(|room| room["id"].clone()).collect();
        Ok(member)
    }

    async fn ask(&self, origin: &str, until: Instant) -> Result<u32> {
        let wanted = json!({"audience": "chat", "rooms": self.rooms});
        let mut given = 0;
        while Instant::now() < until {
            let (_, answer) = self.send("POST", "tokens", origin, &self.cookie, &wanted).await?;
            given += u32::try_from(answer["tokens"].as_array().map_or(0, Vec::len))?;
        }
        Ok(given)
    }

    async fn send(
        &self,
        method: &str,
        path: &str,
        origin: &str,
        cookie: &str,
        body: &Value,
    ) -> Result<(HeaderMap, Value)> {
        let request = Request::builder().method(method).uri(format!("/api/bridge/{path}"));
        let request = request.header(header::ORIGIN, origin).header(header::COOKIE, cookie);
        let request = request.header(header::CONTENT_TYPE, "application/json");
        let request = request.extension(ConnectInfo(SocketAddr::from(([192, 0, 2, 1], 4000))));
        let response = self.routes.clone().oneshot(request.body(Body::from(body.to_string()))?).await?;
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, 1 << 24).await?;
        if !parts.status.is_success() {
            bail!("{path}: {} {}", parts.status, String::from_utf8_lossy(&bytes));
        }
        Ok((parts.headers, serde_json::from_slice(&bytes)?))
    }
}
