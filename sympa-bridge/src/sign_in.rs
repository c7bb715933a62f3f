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
pub(crate) async fn session(State(app): State<Shared>, client: ClientAddress, headers: HeaderMap) -> Response {
    let found = app.caller(&headers).await;
    let limited = match &found {
        Ok(caller) => app.limits.requests.request(&caller.session.sid),
        Err(_) => app.limits.visits.request(&client),
    };
    let caller = match (limited, found) {
        (Err(problem), _) => return problem.into_response(),
        (_, Ok(caller)) => caller,
        // Our own database is away: nobody is signed out by that.
        (_, Err(problem)) if problem.status() == StatusCode::SERVICE_UNAVAILABLE => return problem.into_response(),
        (_, Err(_)) => return signed_out(&headers),
    };
    let signed_in = match app.confirm(&caller, &headers).await {
        Ok(()) => app.signed_in(caller.person).await,
        // A Sympa that is away signs nobody out.
        Err(problem) if problem.status() == StatusCode::SERVICE_UNAVAILABLE => app.remembered(caller.person),
        Err(_) => return signed_out(&headers),
    };
    let mut response = Json(Session::In(signed_in)).into_response();
    if let Some(secret) = cookies::only(&headers, cookies::OURS) {
        let cookie = cookies::set(&app.context.site, secret, app.session_life_ms());
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

/// Signs out: sockets of this session end.
#[utoipa::path(delete, path = "/api/bridge/session", responses((status = 204)))]
pub(crate) async fn sign_out(State(app): State<Shared>, headers: HeaderMap) -> Result<Response, Problem> {
    match app.caller(&headers).await {
        Ok(Caller { session, .. }) => app.end_session(session.sid).await?,
        // Our own database is away: the session goes on, and the browser keeps its cookie to try again.
        Err(problem) if problem.status() == StatusCode::SERVICE_UNAVAILABLE => return Err(problem),
        Err(_) => {}
    }
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookies::clear(&app.context.site))]).into_response())
}

fn signed_out(headers: &HeaderMap) -> Response {
    let sympa_cookie = cookies::only(headers, cookies::SYMPAS).and_then(id_in_cookie).is_some();
    Json(Session::Out(SignedOut { signed_in: false, sympa_cookie })).into_response()
}

impl App {
    /// Begins a session for a person and gives the browser its cookie. A session of the same person and kind goes on, so that
    /// other tabs are not cut; any other session of the browser ends.
    async fn begin(
        &self,
        headers: &HeaderMap,
        person: Person,
        kind: Kind,
        sympa_sid: Option<&str>,
    ) -> Result<Response, Problem> {
        let life = self.session_life_ms();
        let secret = match self.caller(headers).await {
            Ok(before) if before.person.id == person.id && before.session.kind == kind => {
                if let Some(newest) = sympa_sid {
                    self.store.relink_session(before.session.sid, newest).await?;
                }
                cookies::only(headers, cookies::OURS).unwrap_or_default().to_owned()
            }
            before => {
                if let Ok(before) = before {
                    self.end_session(before.session.sid).await?;
                }
                self.store.begin_session(person.id, kind, sympa_sid, life).await?
            }
        };
        metrics::counter!("bridge_sign_ins_total").increment(1);
        let cookie = cookies::set(&self.context.site, &secret, life);
        Ok(([(header::SET_COOKIE, cookie)], Json(Session::In(self.signed_in(person).await))).into_response())
    }

    /// The session as the browser sees it, as Sympa says now; or as it said last, when it is away.
    pub(crate) async fn signed_in(&self, person: Person) -> SignedIn {
        let Ok(census) = self.census(&BTreeSet::from([person.id]), &BTreeSet::new()).await else {
            return self.remembered(person);
        };
        let (name, from_sympa) = (census.name_on(person.id, None), census.account_language(person.id));
        if person.last_name.as_ref() != Some(&name) || person.last_language.as_deref() != from_sympa {
            // Only for when Sympa is away; the next time will do as well.
            let _ = self.store.shown_as(person.id, &name, from_sympa).await;
        }
        self.shown(person, name, from_sympa)
    }

    fn remembered(&self, person: Person) -> SignedIn {
        let names = [person.chosen_name.as_deref(), person.last_name.as_deref()];
        let name = membership::name::display_name(names.into_iter().flatten(), &person.email, person.id);
        let from_sympa = person.last_language.clone();
        self.shown(person, name, from_sympa.as_deref())
    }

    fn shown(&self, person: Person, name: String, from_sympa: Option<&str>) -> SignedIn {
        SignedIn {
            signed_in: true,
            person: person.id,
            name,
            language: language(person.language.as_deref(), from_sympa, &self.context.site.language),
            listmaster: self.listmasters.contain(&person.email),
            chosen_name: person.chosen_name,
        }
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
