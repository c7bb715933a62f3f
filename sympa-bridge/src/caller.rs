//! Who calls: the person of the bridge's session cookie. A session that came from a Sympa cookie lives as long as Sympa says
//! that person is logged in.

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use service::Problem;

use crate::app::{App, Shared};
use crate::cookies;
use crate::store::people::Person;
use crate::store::sessions::Session;
use crate::sympa::sessions::{Resolved, id_in_cookie, resolved};

/// How often the use of a session is written down.
const SEEN_MS: u64 = 10 * 60 * 1000;

/// A person with a session that counts now.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) session: Session,
    pub(crate) person: Person,
}

impl FromRequestParts<Shared> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Problem> {
        let caller = app.caller(&parts.headers).await?;
        app.limits.requests.request(&caller.session.sid)?;
        app.confirm(&caller, &parts.headers).await?;
        Ok(caller)
    }
}

impl App {
    /// Whose session the cookie is, before Sympa is asked.
    pub(crate) async fn caller(&self, headers: &HeaderMap) -> Result<Caller, Problem> {
        let signed_out = Problem::unauthorized("signed_out");
        let Some(secret) = cookies::only(headers, cookies::OURS) else { return Err(signed_out) };
        let Some(session) = self.store.session_of(secret).await? else { return Err(signed_out) };
        let Some(person) = self.store.person(session.person).await? else { return Err(signed_out) };
        if self.context.clock.now_ms() > session.seen_at + SEEN_MS {
            self.store.see_session(session.sid, self.session_life_ms()).await?;
        }
        Ok(Caller { session, person })
    }

    /// Asks Sympa whether the login behind the session still counts. A row that is gone may only have got a new id: then
    /// the browser's own cookie is asked.
    ///
    /// # Errors
    /// `signed_out` when it does not; the session has ended then.
    pub(crate) async fn confirm(&self, caller: &Caller, headers: &HeaderMap) -> Result<(), Problem> {
        let Some(known) = caller.session.sympa_sid.clone() else { return Ok(()) };
        let rows = self.sympa.session_rows(&[&known]).await?;
        let mut found = resolved([known.as_str()], &rows).remove(known.as_str());
        let offered = cookies::only(headers, cookies::SYMPAS).and_then(id_in_cookie).filter(|id| *id != known);
        if let (Some(Resolved::Unknown) | None, Some(offered)) = (&found, offered) {
            let oldest = self.oldest_sympa_session_s();
            found = Some(self.sympa.session(offered, oldest).await?);
        }
        match found {
            Some(Resolved::Person { email, id }) if email == caller.person.email => {
                if id != known {
                    self.store.relink_session(caller.session.sid, &id).await?;
                }
                Ok(())
            }
            _ => {
                self.end_session(caller.session.sid).await?;
                Err(Problem::unauthorized("signed_out"))
            }
        }
    }

    /// A Sympa session not used since then has expired, in seconds since 1970.
    pub(crate) fn oldest_sympa_session_s(&self) -> i64 {
        let oldest = self.context.clock.now_s().saturating_sub(self.config.sympa.session_ttl_s);
        i64::try_from(oldest).unwrap_or(i64::MAX)
    }
}
