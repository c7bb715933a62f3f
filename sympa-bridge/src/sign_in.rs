//! Signing in and out: the session, and what all ways of signing in share.

pub(crate) mod action;
pub(crate) mod by_mail;
pub(crate) mod by_password;
pub(crate) mod by_sympa;
pub(crate) mod by_ticket;

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use membership::PersonId;
use serde::Serialize;
use service::Problem;
use service::client_address::ClientAddress;
use utoipa::ToSchema;

use crate::app::{App, Shared};
use crate::caller::Caller;
use crate::cookies;
use crate::store::people::Person;
use crate::store::sessions::Kind;
use crate::sympa::sessions::id_in_cookie;

/// Whether and as whom the browser is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum Session {
    In(SignedIn),
    Out(SignedOut),
}

/// Signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "these are the words of the protocol")]
pub(crate) struct SignedIn {
    /// Always true.
    signed_in: bool,
    person: PersonId,
    /// The name others see.
    name: String,
    /// The name they chose in place of Sympa's.
    chosen_name: Option<String>,
    /// `en` or `fr`.
    language: String,
    /// Whether they may enter lists by address.
    listmaster: bool,
}

/// Not signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct SignedOut {
    /// Always false.
    signed_in: bool,
    /// Whether a Sympa cookie came along, so that exchanging it is worth trying.
    sympa_cookie: bool,
}

/// Who the browser is.
#[utoipa::path(get, path = "/api/bridge/session", responses((status = 200, body = Session)))]
pub(crate) async fn session(State(app): State<Shared>, headers: HeaderMap) -> Response {
    let Ok(caller) = app.caller(&headers).await else { return signed_out(&headers) };
    match app.confirm(&caller, &headers).await {
        // A Sympa that is away signs nobody out.
        Ok(()) => {}
        Err(problem) if problem.status() == StatusCode::SERVICE_UNAVAILABLE => {}
        Err(_) => return signed_out(&headers),
    }
    let mut response = Json(Session::In(app.signed_in(caller.person).await)).into_response();
    if let Some(secret) = cookies::only(&headers, cookies::OURS) {
        let cookie = cookies::set(&app.context.site, secret, app.session_life_ms());
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

/// Signs out: sockets of this session end.
#[utoipa::path(delete, path = "/api/bridge/session", responses((status = 204)))]
pub(crate) async fn sign_out(State(app): State<Shared>, headers: HeaderMap) -> Result<Response, Problem> {
    if let Ok(Caller { session, .. }) = app.caller(&headers).await {
        app.end_session(session.sid).await?;
    }
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookies::clear(&app.context.site))]).into_response())
}

fn signed_out(headers: &HeaderMap) -> Response {
    let sympa_cookie = cookies::only(headers, cookies::SYMPAS).and_then(id_in_cookie).is_some();
    Json(Session::Out(SignedOut { signed_in: false, sympa_cookie })).into_response()
}

impl App {
    /// Begins a session for a person and gives the browser its cookie. An older session of the browser ends.
    async fn begin(
        &self,
        headers: &HeaderMap,
        person: Person,
        kind: Kind,
        sympa_sid: Option<&str>,
    ) -> Result<Response, Problem> {
        if let Ok(before) = self.caller(headers).await {
            self.end_session(before.session.sid).await?;
        }
        let life = self.session_life_ms();
        let (secret, _) = self.store.begin_session(person.id, kind, sympa_sid, life).await?;
        metrics::counter!("bridge_sign_ins_total").increment(1);
        let cookie = cookies::set(&self.context.site, &secret, life);
        Ok(([(header::SET_COOKIE, cookie)], Json(Session::In(self.signed_in(person).await))).into_response())
    }

    /// The session as the browser sees it; without Sympa, with the name shown last.
    pub(crate) async fn signed_in(&self, person: Person) -> SignedIn {
        let census = self.census(&BTreeSet::from([person.id]), &BTreeSet::new()).await.ok();
        let name = census.as_ref().map(|census| census.name_on(person.id, None));
        if let Some(name) = name.as_ref().filter(|name| person.last_name.as_ref() != Some(name)) {
            // Only for when Sympa is away; the next time will do as well.
            let _ = self.store.shown_as(person.id, name).await;
        }
        let fallback = membership::name::display_name(person.last_name.as_deref(), &person.email, person.id);
        let from_sympa = census.as_ref().and_then(|census| census.account_language(person.id));
        SignedIn {
            signed_in: true,
            person: person.id,
            name: name.unwrap_or(fallback),
            language: language(person.language.as_deref(), from_sympa, &self.context.site.language),
            listmaster: self.listmasters.contain(&person.email),
            chosen_name: person.chosen_name,
        }
    }

    /// Counts a try to turn something guessable into a session.
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

/// The first of the chosen language, Sympa's and the site's that we have.
pub(crate) fn language(chosen: Option<&str>, from_sympa: Option<&str>, of_site: &str) -> String {
    let known = |tag: &str| match tag.get(..2).map(str::to_ascii_lowercase).as_deref() {
        Some("en") => Some("en"),
        Some("fr") => Some("fr"),
        _ => None,
    };
    let all = [chosen, from_sympa, Some(of_site)];
    all.into_iter().flatten().find_map(known).unwrap_or("en").to_owned()
}

/// Refuses a way of signing in that is switched off.
fn is_on(on: bool) -> Result<(), Problem> {
    if on { Ok(()) } else { Err(Problem::forbidden("method_off")) }
}
