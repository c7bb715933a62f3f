//! `config.json`: where the services are and how one may sign in.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::Shared;

/// What the web app must know first.
#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "these are the words of the protocol")]
pub(crate) struct Site {
    /// The name of the site.
    site: String,
    /// The language of people of whom nothing else is known.
    language: String,
    bridge: String,
    chat: String,
    signal: String,
    sign_in: Ways,
    sympa: Vec<Robot>,
}

/// The open ways of signing in.
#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_excessive_bools, reason = "this is the shape of the page")]
pub(crate) struct Ways {
    cookie: bool,
    action: bool,
    mail: bool,
    password: bool,
}

/// Where Sympa is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Robot {
    robot: String,
    url: String,
}

/// The configuration of the web app.
#[utoipa::path(get, path = "/config.json", responses((status = 200, body = Site)))]
pub(crate) async fn read(State(app): State<Shared>) -> axum::Json<Site> {
    let (site, config) = (&app.context.site, &app.config);
    let or = |url: &String, default: &str| if url.is_empty() { default.to_owned() } else { url.clone() };
    let ways = config.sign_in;
    let robot = |robot: &crate::config::Robot| Robot { robot: robot.robot.clone(), url: robot.url.to_string() };
    axum::Json(Site {
        site: site.name.clone(),
        language: site.language.clone(),
        bridge: "api/bridge/".to_owned(),
        chat: or(&config.chat_url, "api/chat/"),
        signal: or(&config.signal_url, "api/signal/"),
        sign_in: Ways { cookie: ways.cookie, action: ways.action, mail: ways.mail, password: ways.password },
        sympa: config.sympa.robots.iter().map(robot).collect(),
    })
}
