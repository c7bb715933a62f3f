//! Signing in by a link in a mail. Always answered alike, before anything is looked up: nobody learns who is known here.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use membership::{Email, ListAddress};
use serde::Deserialize;
use service::Problem;
use service::client_address::ClientAddress;
use service::extract::Json;
use utoipa::ToSchema;

use super::{is_on, language};
use crate::app::{App, Shared};
use crate::store::tickets::Ticket;
use crate::sympa::people::known;

/// How long a link is good for.
pub(crate) const LIFE_MS: u64 = 15 * 60 * 1000;

/// Who wants a link, and where it shall lead.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    email: String,
    #[serde(default)]
    room: Option<ListAddress>,
}

/// Sends a sign-in link, if the address is known.
#[utoipa::path(post, path = "/api/bridge/session/mail-link", request_body = Wanted, responses((status = 202)))]
pub(crate) async fn send(
    State(app): State<Shared>,
    client: ClientAddress,
    Json(wanted): Json<Wanted>,
) -> Result<StatusCode, Problem> {
    is_on(app.config.sign_in.mail)?;
    app.limits.mail_address.request(&client)?;
    if let Ok(email) = wanted.email.parse() {
        let stop = app.context.stop.clone();
        stop.spawn(app.mail_link(email, wanted.room));
    }
    Ok(StatusCode::ACCEPTED)
}

impl App {
    async fn mail_link(self: Arc<Self>, email: Email, room: Option<ListAddress>) {
        if let Err(problem) = self.try_mail_link(email, room).await {
            tracing::warn!(code = problem.code(), "A sign-in link could not be sent: {problem}");
        }
    }

    async fn try_mail_link(&self, email: Email, room: Option<ListAddress>) -> Result<(), Problem> {
        let Some(mailer) = &self.mailer else { return Ok(()) };
        if !self.is_known(&email).await? {
            return Ok(());
        }
        self.limits.mail_person.request(&email)?;
        let person = self.store.person_of(&email).await?;
        let census = self.census(&BTreeSet::from([person.id]), &BTreeSet::new()).await?;
        let from_sympa = census.account_language(person.id);
        let language = language(person.language.as_deref(), from_sympa, &self.context.site.language);
        let secret = self.store.add_ticket(&Ticket { email: email.clone(), room: room.clone() }, LIFE_MS).await?;
        let link = link(&self.context.site.url, &secret, room.as_ref());
        mailer.send_link(&email, &language, &self.context.site.name, &link).await?;
        Ok(())
    }

    /// Whether Sympa knows the address: by an account, a list, or a role.
    async fn is_known(&self, email: &Email) -> Result<bool, Problem> {
        let rows = self.sympa.rows_of_people(&[email]).await?;
        Ok(known(&[email], &rows).contains_key(email) || self.listmasters.contain(email))
    }
}

/// The address in the mail. What follows the `#` reaches neither a log nor a `Referer`.
fn link(site: &url::Url, secret: &str, room: Option<&ListAddress>) -> String {
    let mut fragment = url::form_urlencoded::Serializer::new(String::new());
    fragment.append_pair("t", secret);
    if let Some(room) = room {
        fragment.append_pair("r", &room.to_string());
    }
    format!("{site}sign-in/link#{}", fragment.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_link_carries_ticket_and_room_after_the_hash() {
        let site = "https://a.example/chat/".parse().expect("a url");
        let room = "c+x@b.org".parse().expect("a list");
        assert_eq!(link(&site, "T-_", None), "https://a.example/chat/sign-in/link#t=T-_");
        assert_eq!(link(&site, "T", Some(&room)), "https://a.example/chat/sign-in/link#t=T&r=c%2Bx%40b.org");
    }
}
