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
use crate::app::{App, Shared};
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
    let Some(cookie) = cookies::only(&headers, cookies::SYMPAS) else { return Err(none) };
    app.begin_exchange(client)?;
    let resolved = match id_in_cookie(cookie) {
        Some(id) => app.sympa.session(id, app.oldest_sympa_session_s()).await,
        None => Ok(Resolved::Unknown),
    };
    // Only what may be a guess has failed: whoever reads Sympa's pages without being logged in has such a cookie, too.
    if !matches!(resolved, Ok(Resolved::Unknown)) {
        app.forgive_exchange(client);
    }
    match resolved? {
        Resolved::Person { email, id } => {
            let person = app.store.person_of(&email).await?;
            app.begin(&headers, person, Kind::Cookie, Some(&id)).await
        }
        Resolved::Impersonated => Err(Problem::forbidden("impersonated")),
        Resolved::Expired => Err(Problem::unauthorized("sympa_session_expired")),
        Resolved::Nobody | Resolved::Unknown => Err(none),
    }
}

impl App {
    /// Counts a try to turn a guessable id into a session.
    ///
    /// # Errors
    /// `too_many` when this address, or all together, failed too often.
    fn begin_exchange(&self, client: ClientAddress) -> Result<(), Problem> {
        self.limits.exchange_address.begin(&client.0)?;
        self.limits.exchange_total.begin(&()).inspect_err(|_| self.limits.exchange_address.forgive(&client.0))
    }

    /// Takes the try back, because it did not fail.
    fn forgive_exchange(&self, client: ClientAddress) {
        self.limits.exchange_address.forgive(&client.0);
        self.limits.exchange_total.forgive(&());
    }
}
