//! Sanctions by moderators: mute and ban, until a time, with a reason. Every act is written down.

use std::collections::BTreeSet;

use axum::extract::State;
use axum::http::StatusCode;
use membership::{Grant, PersonId, Sanction as InForce, SanctionKind};
use serde::{Deserialize, Serialize};
use service::Problem;
use service::extract::{Json, Path};
use utoipa::ToSchema;

use crate::app::Shared;
use crate::caller::Caller;
use crate::in_room::InRoom;
use crate::store::audit::Act;
use crate::store::sanctions::Sentence;

/// Longest reason, in characters.
const REASON_CHARS: usize = 500;
/// The furthest end of a sanction: whoever shall never come back is taken off the list.
const LONGEST_MS: u64 = 10 * 366 * 24 * 3600 * 1000;

/// A sanction in force.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Sanction {
    person: PersonId,
    name: String,
    kind: SanctionKind,
    /// In milliseconds since 1970.
    until: u64,
    reason: String,
    /// The name of who set it.
    by: String,
}

/// The sanctions of a room.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Sanctions {
    sanctions: Vec<Sanction>,
}

/// A sanction to set.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    person: PersonId,
    kind: SanctionKind,
    /// In milliseconds since 1970.
    until: u64,
    #[serde(default)]
    reason: String,
}

/// The sanctions in force in a room.
#[utoipa::path(
    get, path = "/api/bridge/rooms/{room}/sanctions", params(("room" = String, Path)), responses((status = 200, body = Sanctions))
)]
pub(crate) async fn list(
    State(app): State<Shared>,
    caller: Caller,
    Path(room): Path<String>,
) -> Result<axum::Json<Sanctions>, Problem> {
    let here = app.in_room(&caller, &room).await?;
    here.need(Grant::Moderate)?;
    let sentences = app.store.sanctions_in(here.room).await?;
    let people: BTreeSet<PersonId> = sentences.iter().flat_map(|sentence| [sentence.person, sentence.by]).collect();
    let census = app.census(&people, &BTreeSet::from([here.room])).await?;
    let name = |person| census.name_on(person, Some(&here.address));
    let sanction = |sentence: Sentence| Sanction {
        person: sentence.person,
        name: name(sentence.person),
        kind: sentence.sanction.kind,
        until: sentence.sanction.until,
        reason: sentence.reason,
        by: name(sentence.by),
    };
    Ok(axum::Json(Sanctions { sanctions: sentences.into_iter().map(sanction).collect() }))
}

/// Sets a sanction.
#[utoipa::path(
    put, path = "/api/bridge/rooms/{room}/sanctions", params(("room" = String, Path)), request_body = Wanted,
    responses((status = 204))
)]
pub(crate) async fn set(
    State(app): State<Shared>,
    caller: Caller,
    Path(room): Path<String>,
    Json(wanted): Json<Wanted>,
) -> Result<StatusCode, Problem> {
    let here = app.in_room(&caller, &room).await?;
    here.need(Grant::Moderate)?;
    let now = app.context.clock.now_ms();
    let is_text = wanted.reason.chars().count() <= REASON_CHARS && !wanted.reason.chars().any(char::is_control);
    if wanted.until <= now || wanted.until > now + LONGEST_MS || !is_text {
        return Err(Problem::bad_request());
    }
    let census = app.census(&BTreeSet::from([wanted.person]), &BTreeSet::from([here.room])).await?;
    if !census.people.contains_key(&wanted.person) {
        return Err(Problem::not_found("no_such_person"));
    }
    let theirs = census.grants(wanted.person, here.room, &here.list, census.roles(wanted.person, &here.address));
    if theirs.may(Grant::Manage) || wanted.person == caller.person.id {
        return Err(Problem::forbidden("not_allowed"));
    }
    let sanction = InForce { kind: wanted.kind, until: wanted.until };
    let (person, by) = (wanted.person, caller.person.id);
    let sentence = Sentence { person, sanction, reason: wanted.reason.trim().to_owned(), by };
    let detail = format!("until {}: {}", sanction.until, sentence.reason);
    let act = Act { by, what: act(sanction.kind, true), room: here.room, person: Some(person), detail: &detail };
    app.store.set_sanction(here.room, &sentence, act).await?;
    app.watch.poke();
    Ok(StatusCode::NO_CONTENT)
}

/// Lifts a sanction.
#[utoipa::path(
    delete, path = "/api/bridge/rooms/{room}/sanctions/{person}/{kind}",
    params(("room" = String, Path), ("person" = String, Path), ("kind" = SanctionKind, Path)), responses((status = 204))
)]
pub(crate) async fn lift(
    State(app): State<Shared>,
    caller: Caller,
    Path((room, person, kind)): Path<(String, PersonId, SanctionKind)>,
) -> Result<StatusCode, Problem> {
    let here: InRoom = app.in_room(&caller, &room).await?;
    here.need(Grant::Moderate)?;
    let by = caller.person.id;
    let act = Act { by, what: act(kind, false), room: here.room, person: Some(person), detail: "" };
    if app.store.lift_sanction(here.room, person, kind, act).await? {
        app.watch.poke();
    }
    Ok(StatusCode::NO_CONTENT)
}

const fn act(kind: SanctionKind, set: bool) -> &'static str {
    match (kind, set) {
        (SanctionKind::Mute, true) => "mute",
        (SanctionKind::Ban, true) => "ban",
        (SanctionKind::Mute, false) => "unmute",
        (SanctionKind::Ban, false) => "unban",
    }
}
