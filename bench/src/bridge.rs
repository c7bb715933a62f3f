//! A stand-in for the bridge: its keys, its verdicts and its changes over the routes of the real one, for one service that
//! is told nothing but that the bridge is alive.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Result;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::routing::{get, post};
use axum::{Json, Router};
use futures_util::stream::{self, Stream, StreamExt};
use membership::token::{KeySet, PublicKey, Signer};
use membership::{Hold, Holds, Role, Roles, Standing, Verdict, Verdicts};
use tokio::net::TcpListener;

use crate::wire::GRANTS;

/// How often it says that it is alive, as the real one.
const ALIVE: Duration = Duration::from_secs(5);

/// The key that signs room tokens.
pub(crate) fn signer() -> Result<Signer> {
    Ok(Signer::from_seed(&[7; 32])?)
}

/// Starts the bridge in this process; it lives as long as the process.
pub(crate) async fn start() -> Result<SocketAddr> {
    let key = signer()?.public().clone();
    let routes = Router::new()
        .route("/internal/jwks.json", get(async move || keys(key.clone())))
        .route("/internal/check", post(async |holds| check(holds)))
        .route("/internal/changes", get(async || changes()));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move { axum::serve(listener, routes).await });
    Ok(address)
}

fn keys(key: PublicKey) -> Json<KeySet> {
    Json(KeySet { keys: vec![key] })
}

fn check(Json(holds): Json<Holds>) -> Json<Verdicts> {
    let verdict = |hold: Hold| {
        let roles = Roles::NONE.with(Role::Subscriber);
        let standing =
            Standing { name: "Member".to_owned(), roles, grants: GRANTS, concealed: false, relay_only: false };
        Verdict { hold, standing: Some(standing), code: None }
    };
    Json(Verdicts { verdicts: holds.holds.into_iter().map(verdict).collect() })
}

fn changes() -> Sse<impl Stream<Item = Result<Event, axum::Error>>> {
    let start = stream::once(async { Event::default().event("at").id("bench.0").json_data(()) });
    Sse::new(start.chain(stream::pending())).keep_alive(KeepAlive::new().interval(ALIVE))
}
