//! Signing in by e-mail address and Sympa password. Unknown, wrong and locked are answered alike and take as long.

use std::time::Duration;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use membership::Email;
use serde::Deserialize;
use service::Problem;
use service::client_address::ClientAddress;
use service::extract::Json;
use utoipa::ToSchema;

use super::{Session, is_on};
use crate::app::{App, Shared};
use crate::store::sessions::Kind;
use crate::sympa::password::{Stored, check, hashed_text};

/// Longest password that is looked at, in bytes.
const PASSWORD_BYTES: usize = 1024;
/// How long a password waits for its turn.
const WAIT: Duration = Duration::from_secs(5);

/// An e-mail address and a password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Credentials {
    email: String,
    password: String,
}

/// Signs in by Sympa's password.
#[utoipa::path(post, path = "/api/bridge/session/password", request_body = Credentials, responses((status = 200, body = Session)))]
pub(crate) async fn sign_in(
    State(app): State<Shared>,
    client: ClientAddress,
    headers: HeaderMap,
    Json(given): Json<Credentials>,
) -> Result<Response, Problem> {
    is_on(app.config.sign_in.password)?;
    if given.password.len() > PASSWORD_BYTES {
        return Err(Problem::too_large());
    }
    let account = given.email.trim().to_ascii_lowercase().chars().take(membership::address::EMAIL_BYTES).collect();
    app.limits.password_address.begin(&client.0)?;
    app.limits.password_account.begin(&account).inspect_err(|_| app.limits.password_address.forgive(&client.0))?;
    let answer = app.is_right(given.email.parse().ok(), given.password).await;
    if !matches!(&answer, Ok(None)) {
        app.limits.password_address.forgive(&client.0);
        app.limits.password_account.forgive(&account);
    }
    let email = answer?.ok_or(Problem::unauthorized("wrong_password"))?;
    let person = app.store.person_of(&email).await?;
    app.begin(&headers, person, Kind::Password, None).await
}

impl App {
    /// The address, when the password is right for it.
    async fn is_right(&self, email: Option<Email>, password: String) -> Result<Option<Email>, Problem> {
        let config = &self.config.sympa;
        let found = match &email {
            Some(email) => self.sympa.credentials(email).await?.unwrap_or_default(),
            None => crate::sympa::accounts::Credentials::default(),
        };
        let stored = Stored::parse(found.password.as_deref());
        let may_enter = found.wrong_logins <= config.max_wrong_password;
        let (text, cost) = (hashed_text(&password, config.password_case), config.bcrypt_cost);
        let turn = tokio::time::timeout(WAIT, self.hashers.clone().acquire_owned()).await;
        let turn = turn.ok().and_then(Result::ok).ok_or(Problem::too_many(5000))?;
        let right = tokio::task::spawn_blocking(move || {
            // Who hangs up meanwhile gives no turn to anybody else: the hash goes on.
            let _turn = turn;
            check(&text, &stored, may_enter, cost)
        });
        let right = right.await;
        Ok(email.filter(|_| right.unwrap_or(false)))
    }
}
