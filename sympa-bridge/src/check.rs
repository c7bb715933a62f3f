//! What chat-server and signal-server ask: changes, verdicts on what they hold, rooms that are no more, and the public keys.

use std::collections::BTreeSet;

use axum::extract::State;
use axum::response::Response;
use membership::token::KeySet;
use membership::{Hold, Holds, Removal, RoomIds, Verdict, Verdicts};
use serde::Deserialize;
use service::Problem;
use service::extract::{Json, Query};

use crate::app::Shared;
use crate::census::Outcome;

/// How many holds or rooms one request may ask about.
const MOST: usize = 1000;

/// Where a listener was.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct After {
    #[serde(default)]
    after: Option<String>,
}

/// The stream of changes.
pub(crate) async fn changes(State(app): State<Shared>, Query(After { after }): Query<After>) -> Response {
    app.watch.feed.answer(after.as_deref(), app.context.stop.clone())
}

/// How each of these holds stands now.
pub(crate) async fn verdicts(
    State(app): State<Shared>,
    Json(Holds { holds }): Json<Holds>,
) -> Result<axum::Json<Verdicts>, Problem> {
    if holds.len() > MOST {
        return Err(Problem::too_large());
    }
    let people = holds.iter().map(|hold| hold.person).collect();
    let rooms = holds.iter().map(|hold| hold.room).collect();
    let sids: BTreeSet<_> = holds.iter().map(|hold| hold.sid).collect();
    let census = app.census(&people, &rooms).await?;
    let ended = app.ended_sessions(&sids, &census).await?;
    let verdict = |hold: Hold| {
        let outcome = if ended.contains(&hold.sid) {
            Outcome::Out(Removal::SignedOut)
        } else {
            census.outcome(hold.person, hold.room)
        };
        match outcome {
            Outcome::In(standing) => Verdict { hold, standing: Some(standing), code: None },
            Outcome::Out(reason) => Verdict { hold, standing: None, code: Some(reason) },
        }
    };
    Ok(axum::Json(Verdicts { verdicts: holds.into_iter().map(verdict).collect() }))
}

/// How long a room is kept after it was taken from its list, for an administrator who sees it only then.
const GRACE_MS: u64 = 7 * 24 * 3600 * 1000;

/// Which of these rooms belong to no list any more, because theirs was closed for too long; not yet those of the last days.
pub(crate) async fn parted(
    State(app): State<Shared>,
    Json(RoomIds { rooms }): Json<RoomIds>,
) -> Result<axum::Json<RoomIds>, Problem> {
    if rooms.len() > MOST {
        return Err(Problem::too_large());
    }
    let before_ms = app.context.clock.now_ms().saturating_sub(GRACE_MS);
    Ok(axum::Json(RoomIds { rooms: app.store.parted(&rooms, before_ms).await? }))
}

/// The public keys of room tokens.
#[utoipa::path(get, path = "/api/bridge/jwks.json", responses((status = 200, body = KeySet)))]
pub(crate) async fn keys(State(app): State<Shared>) -> axum::Json<KeySet> {
    axum::Json(app.keys.public.clone())
}
