//! Settings of a room: who may post and who sees the members. Derived from Sympa until an owner chooses.

use axum::extract::State;
use axum::http::StatusCode;
use membership::{Grant, Mode, Roster};
use serde::{Deserialize, Serialize};
use service::Problem;
use service::extract::{Json, Path};
use utoipa::ToSchema;

use crate::app::Shared;
use crate::caller::Caller;
use crate::store::audit::Act;
use crate::store::settings::Chosen;

/// The settings in force.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Settings {
    mode: Mode,
    roster: Roster,
    /// Whether they come from Sympa, not from an owner.
    derived: bool,
}

/// What an owner chooses.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Choice {
    mode: Mode,
    roster: Roster,
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
    let list = here.list;
    Ok(axum::Json(Settings { mode: list.mode, roster: list.roster, derived: list.derived }))
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
    let detail = format!("{:?}, {:?}", choice.mode, choice.roster).to_lowercase();
    let act = Act { by: caller.person.id, what: "settings", room: here.room, person: None, detail: &detail };
    app.store.set_setting(here.room, Chosen { mode: choice.mode, roster: choice.roster }, act).await?;
    app.watch.poke();
    Ok(StatusCode::NO_CONTENT)
}
