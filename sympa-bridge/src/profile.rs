//! The profile: the name and the language a person chose in place of Sympa's.

use axum::extract::State;
use membership::name::{NAME_CHARS, usable};
use serde::Deserialize;
use service::Problem;
use service::extract::Json;
use utoipa::ToSchema;

use crate::app::Shared;
use crate::caller::Caller;
use crate::sign_in::{Session, SignedIn};

/// What is to change; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wish {
    /// A name; null takes back the one from Sympa.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    name: Name,
    /// `en` or `fr`.
    #[serde(default)]
    language: Option<Language>,
}

/// A language of the web app.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Language {
    En,
    Fr,
}

/// What shall become of the name: `null` and absent are two things.
#[derive(Debug, Default, Deserialize)]
#[serde(from = "Option<String>")]
enum Name {
    #[default]
    Stays,
    FromSympa,
    Chosen(String),
}

impl From<Option<String>> for Name {
    fn from(name: Option<String>) -> Self {
        name.map_or(Self::FromSympa, Self::Chosen)
    }
}

/// Changes the caller's profile.
#[utoipa::path(put, path = "/api/bridge/profile", request_body = Wish, responses((status = 200, body = SignedIn)))]
pub(crate) async fn change(
    State(app): State<Shared>,
    caller: Caller,
    Json(wish): Json<Wish>,
) -> Result<axum::Json<Session>, Problem> {
    let mut person = caller.person;
    match wish.name {
        Name::Stays => {}
        Name::FromSympa => person.chosen_name = None,
        Name::Chosen(name) => {
            let is_text = name.chars().count() <= NAME_CHARS && !name.chars().any(char::is_control);
            let name = usable(&name, &person.email).filter(|_| is_text).ok_or(Problem::bad_request())?;
            person.chosen_name = Some(name);
        }
    }
    match wish.language {
        None => {}
        Some(Language::En) => person.language = Some("en".to_owned()),
        Some(Language::Fr) => person.language = Some("fr".to_owned()),
    }
    app.store.choose(person.id, person.chosen_name.as_deref(), person.language.as_deref()).await?;
    app.watch.poke();
    Ok(axum::Json(Session::In(app.signed_in(person).await)))
}
