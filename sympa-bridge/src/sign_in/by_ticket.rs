//! Signing in by a one-use ticket: of a sign-in link, or of the custom action. Looking at one does not use it up.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use membership::ListAddress;
use serde::{Deserialize, Serialize};
use service::Problem;
use service::client_address::ClientAddress;
use service::extract::Json;
use utoipa::ToSchema;

use super::action::{self, Vouched};
use super::{Session, is_on};
use crate::app::{App, Shared};
use crate::store::sessions::Kind;
use crate::store::tickets::Ticket;

/// A ticket.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Given {
    ticket: String,
}

/// Whom a ticket would sign in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Looked {
    /// Their name.
    name: String,
    /// The list they came from.
    room: Option<ListAddress>,
}

/// Says whom a ticket would sign in.
#[utoipa::path(post, path = "/api/bridge/session/ticket/look", request_body = Given, responses((status = 200, body = Looked)))]
pub(crate) async fn look(
    State(app): State<Shared>,
    client: ClientAddress,
    Json(given): Json<Given>,
) -> Result<axum::Json<Looked>, Problem> {
    let (ticket, _) = app.open_ticket(client, &given.ticket, false).await?;
    let person = app.store.person_of(&ticket.email).await?;
    let name = app.signed_in(person).await.name;
    Ok(axum::Json(Looked { name, room: ticket.room }))
}

/// Signs in and uses the ticket up.
#[utoipa::path(post, path = "/api/bridge/session/ticket", request_body = Given, responses((status = 200, body = Session)))]
pub(crate) async fn sign_in(
    State(app): State<Shared>,
    client: ClientAddress,
    headers: HeaderMap,
    Json(given): Json<Given>,
) -> Result<Response, Problem> {
    let (ticket, kind) = app.open_ticket(client, &given.ticket, true).await?;
    let person = app.store.person_of(&ticket.email).await?;
    app.begin(&headers, person, kind, None).await
}

impl App {
    /// Opens a ticket. Bad ones count for their address only: nobody guesses a ticket, and a crowd with old links must not
    /// shut the door for all.
    async fn open_ticket(&self, client: ClientAddress, ticket: &str, using: bool) -> Result<(Ticket, Kind), Problem> {
        let is_action = action::is_action(ticket);
        is_on(if is_action { self.config.sign_in.action } else { self.config.sign_in.mail })?;
        self.limits.exchange_address.begin(&client.0)?;
        let opened = if is_action {
            self.open_action(ticket, using).await.map(|ticket| (ticket, Kind::Action))
        } else {
            self.open_link(ticket, using).await.map(|ticket| (ticket, Kind::Mail))
        };
        if opened.as_ref().err() != Some(&bad()) {
            self.limits.exchange_address.forgive(&client.0);
        }
        opened
    }

    async fn open_link(&self, ticket: &str, using: bool) -> Result<Ticket, Problem> {
        let found = if using { self.store.use_ticket(ticket).await? } else { self.store.ticket(ticket).await? };
        found.ok_or(bad())
    }

    async fn open_action(&self, ticket: &str, using: bool) -> Result<Ticket, Problem> {
        let secret = self.action_secret.as_ref().ok_or(bad())?;
        let now_s = self.context.clock.now_s();
        let Vouched { email, list, nonce, forget_ms } = action::verify(ticket, secret, now_s).ok_or(bad())?;
        let is_new = if using {
            self.store.use_nonce(&nonce, forget_ms).await?
        } else {
            !self.store.nonce_is_used(&nonce).await?
        };
        if is_new { Ok(Ticket { email, room: list }) } else { Err(bad()) }
    }
}

const fn bad() -> Problem {
    Problem::unauthorized("bad_ticket")
}
