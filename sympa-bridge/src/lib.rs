//! The bridge: the only one that knows Sympa. It says who you are, which rooms are yours and what you may do there.
//!
//! Where to find what: `sympa` reads Sympa's database and files; `store` keeps what is ours; `census` joins both and
//! decides how people stand in rooms, through `membership::permission`; `sql` and `buckets` make it cheap to read the same
//! again; `sign_in` and `caller` are sessions; `rooms`, `roster`, `tokens`, `sanctions`, `settings`, `direct` and `profile`
//! answer browsers; `watch` and `feed` tell the other services what changed, and `check` answers them; `web` serves the app.
//!
//! Invariants:
//! * nothing is ever written to Sympa;
//! * when Sympa cannot be read, nothing is granted, extended or taken away;
//! * no e-mail address leaves the bridge, neither by an answer nor by a log.

mod app;
mod attempts;
mod buckets;
mod caller;
mod census;
mod check;
mod closed;
pub mod config;
mod cookies;
mod direct;
pub mod examine;
mod feed;
mod in_room;
mod keys;
mod mail;
#[doc(hidden)]
pub mod parsers;
mod profile;
mod rooms;
mod roster;
mod routes;
mod sanctions;
mod settings;
mod sign_in;
mod site;
mod sql;
mod store;
mod sympa;
mod tokens;
mod watch;
mod web;

use std::collections::BTreeSet;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use axum::Router;
use axum::middleware::from_fn_with_state;
use membership::{Email, ListAddress, PersonId, RoomId};
use service::bearer::{Callers, known_service};
use service::client_address::TrustedProxies;
use service::origin::Origins;
use service::{Context, http, monitor};

use app::App;
pub use config::Config;

/// An open bridge. Clones are the same bridge.
#[derive(Debug, Clone)]
pub struct Bridge(Arc<App>);

impl Bridge {
    /// Opens the bridge's own database, and Sympa's as soon as it is there.
    ///
    /// # Errors
    /// With a sentence for the administrator. A Sympa that is away is no error: health says so.
    pub async fn open(context: &Context, config: Config) -> Result<Self> {
        Ok(Self(Arc::new(App::open(context, config).await?)))
    }

    /// What browsers ask, with paths below the base path: `api/bridge/...`, `config.json` and the web app.
    pub fn public_router(&self) -> Router {
        routes::public(self.0.clone())
    }

    /// What the other services ask; who may is decided by whoever serves it.
    pub fn internal_router(&self) -> Router {
        routes::internal(self.0.clone())
    }

    /// The id of a person; given now if they were never seen.
    ///
    /// # Errors
    /// When the bridge's own database is away.
    pub async fn person_id(&self, email: &Email) -> Result<PersonId> {
        Ok(self.0.store.person_of(email).await?.id)
    }

    /// The id of a list's room; given now if it was never seen.
    ///
    /// # Errors
    /// When the bridge's own database is away.
    pub async fn room_id(&self, list: &ListAddress) -> Result<RoomId> {
        let rooms = self.0.store.rooms_of(&BTreeSet::from([list.clone()])).await?;
        rooms.get(list).copied().context("the room was not made")
    }

    /// Starts to watch Sympa, until the stop signal.
    pub fn start(&self) {
        self.0.context.stop.spawn(watch::run(self.0.clone()));
    }
}

/// The description of the bridge's HTTP interface as OpenAPI, in JSON.
///
/// # Errors
/// When it cannot be written.
pub fn openapi() -> Result<String> {
    Ok(routes::openapi().to_pretty_json()? + "\n")
}

/// Runs the bridge as a process of its own.
///
/// # Errors
/// When the configuration is wrong or an address is taken.
pub async fn run(context: Context, file: service::config::File) -> Result<()> {
    let config: Config = file.section("bridge")?;
    let secret = |name| config::shared_secret(&context.secrets, name);
    let callers = vec![secret("CHAT_SECRET")?, secret("SIGNAL_SECRET")?];
    let (listen, internal, monitor) = (config.listen, config.internal, config.monitor);
    let bridge = Bridge::open(&context, config).await?;
    let public = http::listen(listen).await?;
    let internal = http::listen(internal).await?;
    let monitor = http::listen(monitor).await?;
    bridge.start();
    let (site, stop) = (&context.site, &context.stop);
    let proxies = TrustedProxies::new(&context.service.trusted_proxies);
    let app =
        http::public(http::mount(site.base_path(), bridge.public_router()), Origins::only(site.origin()), proxies);
    let services = bridge.internal_router().layer(from_fn_with_state(Callers::new(callers), known_service));
    tokio::join!(
        http::serve(public, app, stop.clone()),
        http::serve(internal, services, stop.clone()),
        http::serve(monitor, monitor::router(context.health.clone()), stop.clone()),
    );
    Ok(())
}
