//! A bridge that signs what a story wants and tells the changes a story makes, over the routes of the real one.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::routing::{get, post};
use axum::{Json, Router};
use futures_util::stream::{self, Stream, StreamExt};
use membership::token::{Audience, Claims, KeySet, Signer};
use membership::{
    Change, Grant, Grants, Holds, PersonId, Removal, Role, Roles, RoomId, RoomIds, RoomKind, SessionId, Standing,
    Verdict, Verdicts,
};
use service::bridge_link::BridgeLink;
use service::clock::Clock;
use tokio::sync::broadcast;

use super::person;

/// What somebody is and may.
#[derive(Clone, Copy)]
pub(crate) struct Kind {
    pub(crate) roles: Roles,
    pub(crate) grants: Grants,
    pub(crate) concealed: bool,
}

const SAYS: Grants = Grants::NONE.with(Grant::Read).with(Grant::Post);
pub(crate) const MEMBER: Kind = Kind { roles: Roles::NONE.with(Role::Subscriber), grants: SAYS, concealed: false };
pub(crate) const MODERATOR: Kind = Kind {
    roles: Roles::NONE.with(Role::Editor),
    grants: SAYS.with(Grant::Moderate).with(Grant::MentionAll),
    concealed: false,
};

#[derive(Clone)]
pub(crate) struct TestBridge(Arc<Parts>);

struct Parts {
    signer: Signer,
    clock: Clock,
    changes: broadcast::Sender<Change>,
    gone: Mutex<HashMap<PersonId, Removal>>,
    known: Mutex<HashMap<PersonId, Standing>>,
    parted: Mutex<Vec<RoomId>>,
}

impl TestBridge {
    pub(crate) fn new(clock: Clock) -> Self {
        let signer = Signer::from_seed(&[7; 32]).expect("a key");
        Self(Arc::new(Parts {
            signer,
            clock,
            changes: broadcast::channel(64).0,
            gone: Mutex::default(),
            known: Mutex::default(),
            parted: Mutex::default(),
        }))
    }

    pub(crate) fn link(&self) -> BridgeLink {
        BridgeLink::local(self.routes())
    }

    /// The routes of the bridge that chat-server asks.
    pub(crate) fn routes(&self) -> Router {
        Router::new()
            .route("/internal/jwks.json", get(keys))
            .route("/internal/check", post(check))
            .route("/internal/changes", get(changes))
            .route("/internal/parted", post(parted))
            .with_state(self.clone())
    }

    /// Tells a change, once somebody listens.
    pub(crate) async fn tells(&self, change: Change) {
        while self.0.changes.receiver_count() == 0 {
            tokio::task::yield_now().await;
        }
        self.0.changes.send(change).expect("somebody listens");
    }

    /// From now on this person is out of every room. Nobody is told.
    pub(crate) fn forgets(&self, name: &str, code: Removal) {
        self.0.gone.lock().expect("not poisoned").insert(person(name), code);
    }

    /// The list of this room has been closed for too long.
    pub(crate) fn parts_with(&self, room: RoomId) {
        self.0.parted.lock().expect("not poisoned").push(room);
    }

    pub(crate) fn claims(&self, name: &str, room: RoomId, kind: Kind) -> Claims {
        let now = self.0.clock.now_s();
        let (roles, grants, concealed) = (kind.roles, kind.grants, kind.concealed);
        let standing = Standing { name: name.to_owned(), roles, grants, concealed, relay_only: false };
        self.0.known.lock().expect("not poisoned").insert(person(name), standing);
        Claims {
            iss: "test".into(),
            aud: Audience::Chat,
            sub: person(name),
            name: name.to_owned(),
            room,
            list: None,
            kind: RoomKind::List,
            roles: kind.roles,
            grants: kind.grants,
            concealed: kind.concealed,
            relay_only: false,
            sid: sid(name),
            iat: now,
            nbf: now,
            exp: now + 300,
            jti: "j".into(),
        }
    }

    pub(crate) fn sign(&self, claims: &Claims) -> String {
        self.0.signer.sign(claims).expect("signed")
    }
}

/// The session of a name.
pub(crate) fn sid(name: &str) -> SessionId {
    person(name).to_string().parse().expect("an id")
}

async fn keys(State(bridge): State<TestBridge>) -> Json<KeySet> {
    Json(KeySet { keys: vec![bridge.0.signer.public().clone()] })
}

async fn check(State(bridge): State<TestBridge>, Json(holds): Json<Holds>) -> Json<Verdicts> {
    let gone = bridge.0.gone.lock().expect("not poisoned").clone();
    let known = bridge.0.known.lock().expect("not poisoned").clone();
    let verdict = |hold: membership::Hold| match gone.get(&hold.person) {
        Some(code) => Verdict { hold, standing: None, code: Some(*code) },
        None => Verdict { hold, standing: known.get(&hold.person).cloned(), code: None },
    };
    Json(Verdicts { verdicts: holds.holds.into_iter().map(verdict).collect() })
}

async fn parted(State(bridge): State<TestBridge>, Json(asked): Json<RoomIds>) -> Json<RoomIds> {
    let parted = bridge.0.parted.lock().expect("not poisoned").clone();
    Json(RoomIds { rooms: asked.rooms.into_iter().filter(|room| parted.contains(room)).collect() })
}

async fn changes(State(bridge): State<TestBridge>) -> Sse<impl Stream<Item = Result<Event, axum::Error>>> {
    let start = stream::once(async { Event::default().event("at").id("t.0").json_data(()) });
    let told = stream::unfold(bridge.0.changes.subscribe(), |mut changes| async move {
        let change = changes.recv().await.ok()?;
        Some((Event::default().id("t.1").json_data(&change), changes))
    });
    Sse::new(start.chain(told)).keep_alive(KeepAlive::new().interval(Duration::from_secs(1)))
}
