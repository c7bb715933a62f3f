//! Settings of a room: who may post, who sees the members, and whether its calls and files go through relays alone. The first
//! two are derived from Sympa until an owner chooses.

use axum::extract::State;
use axum::http::StatusCode;
use membership::{Grant, Mode, Roster};
use serde::{Deserialize, Serialize};
use service::Problem;
use service::extract::{Json, Path};
use utoipa::ToSchema;

use crate::app::Shared;
use crate::caller::Caller;
use crate::census::List;
use crate::store::audit::Act;
use crate::store::settings::Chosen;

/// The settings in force.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Settings {
    mode: Mode,
    roster: Roster,
    /// Whether calls and files of the room go through relays alone.
    relay_only: bool,
    /// Whether they come from Sympa, not from an owner.
    derived: bool,
}

/// What an owner chooses.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Choice {
    mode: Mode,
    roster: Roster,
    /// Left out: as it is.
    relay_only: Option<bool>,
}

/// The settings of a room.
#[utoipa::path(
    get, path = "/api/bridge/rooms/{room}/settings", params(("room" = String, Path)), responses((status = 200, body = Settings))
)]
pub(crate) async fn read(
    State(app): State<Shared>,
    caller: Caller,
    Path(room): Path<String>,
) -> Result<axum::Json<Settings>, Problem> {
    let here = app.in_room(&caller, &room).await?;
    here.need(Grant::Manage)?;
    let List { mode, roster, relay_only, derived, .. } = here.list;
    Ok(axum::Json(Settings { mode, roster, relay_only, derived }))
}

/// Chooses the settings of a room.
#[utoipa::path(
    put, path = "/api/bridge/rooms/{room}/settings", params(("room" = String, Path)), request_body = Choice,
    responses((status = 204))
)]
pub(crate) async fn choose(
    State(app): State<Shared>,
    caller: Caller,
    Path(room): Path<String>,
    Json(choice): Json<Choice>,
) -> Result<StatusCode, Problem> {
    let here = app.in_room(&caller, &room).await?;
    here.need(Grant::Manage)?;
    let Choice { mode, roster, relay_only } = choice;
    let chosen = Chosen { mode, roster, relay_only: relay_only.unwrap_or(here.list.relay_only) };
    let ways = if chosen.relay_only { "relays alone" } else { "any way" };
    let detail = format!("{mode:?}, {roster:?}, {ways}").to_lowercase();
    let act = Act { by: caller.person.id, what: "settings", room: here.room, person: None, detail: &detail };
    app.store.set_setting(here.room, chosen, act).await?;
    app.watch.poke();
    Ok(StatusCode::NO_CONTENT)
}
