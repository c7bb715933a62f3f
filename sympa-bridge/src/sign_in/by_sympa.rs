//! Signing in by the session cookie of Sympa, once: afterwards our own session counts.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use service::Problem;
use service::client_address::ClientAddress;
use service::extract::Json;
use utoipa::ToSchema;

use super::{Session, is_on};
use crate::app::Shared;
use crate::cookies;
use crate::store::sessions::Kind;
use crate::sympa::sessions::{Resolved, id_in_cookie};

/// Nothing: the cookie says it all.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Exchange {}

/// Exchanges the Sympa cookie that the browser sent along.
#[utoipa::path(post, path = "/api/bridge/session/sympa", request_body = Exchange, responses((status = 200, body = Session)))]
pub(crate) async fn exchange(
    State(app): State<Shared>,
    client: ClientAddress,
    headers: HeaderMap,
    Json(Exchange {}): Json<Exchange>,
) -> Result<Response, Problem> {
    is_on(app.config.sign_in.cookie)?;
    let none = Problem::unauthorized("no_sympa_session");
    let Some(id) = cookies::only(&headers, cookies::SYMPAS).and_then(id_in_cookie) else { return Err(none) };
    app.begin_exchange(client)?;
    let oldest = app.oldest_sympa_session_s();
    let resolved = app.sympa.session(id, oldest).await.inspect_err(|_| app.forgive_exchange(client))?;
    match resolved {
        Resolved::Person { email, id } => {
            app.forgive_exchange(client);
            let person = app.store.person_of(&email).await?;
            app.begin(&headers, person, Kind::Cookie, Some(&id)).await
        }
        Resolved::Impersonated => Err(Problem::forbidden("impersonated")),
        Resolved::Expired => Err(Problem::unauthorized("sympa_session_expired")),
        Resolved::Nobody | Resolved::Unknown => Err(none),
    }
}
