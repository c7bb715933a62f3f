//! signal-server: what is live in the rooms - calls and transfers. It brings two browsers together; what they then exchange
//! it never sees.
//!
//! Code map: `protocol` is the language of the socket, `signal` what browsers tell each other through it; `session` is one
//! socket, `commands` what its commands do; `exchange` decides everything about calls and offers and touches nothing; `hub`
//! carries out what it says; `follow` takes the bridge's changes; `notebook` tells chat-server what a room must know; `ice`
//! names the servers that help browsers to connect, and `doctor` tries them for `symposium check --call`. `media` passes sound
//! and pictures of many between them, and `conferences` opens it.
//!
//! It has no database: a restart ends no call, because browsers say anew what they are in.

pub mod app;
mod commands;
mod conferences;
pub mod config;
pub mod doctor;
pub mod exchange;
mod follow;
pub mod hub;
pub mod ice;
pub mod media;
pub mod notebook;
#[doc(hidden)]
pub mod parsers;
pub mod protocol;
mod quality;
mod routes;
mod session;
pub mod signal;
pub mod turn;

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use axum::Router;
use membership::token::Audience;
use service::bridge_link::BridgeLink;
use service::client_address::TrustedProxies;
use service::config::File;
use service::doubt::Doubts;
use service::follow::Follower;
use service::gate::Gate;
use service::limit::Limit;
use service::notes::NotesLink;
use service::origin::Origins;
use service::socket::doors::Doors;
use service::{Context, http, monitor};
use tokio::time::{MissedTickBehavior, interval};
use utoipa::OpenApi as _;

use crate::app::{App, Parts};
use crate::config::Config;
use crate::hub::Hub;
use crate::ice::Ice;
use crate::notebook::Notebook;

/// How often it is looked what has waited too long.
const TICK: Duration = Duration::from_millis(500);
/// Turns of [`TICK`] between requests for the bridge's keys.
const KEYS: u32 = 1200;

/// A signal-server that is ready to serve.
#[derive(Debug, Clone)]
pub struct Signal {
    app: App,
    link: BridgeLink,
    context: Context,
}

impl Signal {
    /// With a link to the bridge, and one to a chat-server where there is one.
    ///
    /// # Errors
    /// With a sentence for the administrator.
    pub async fn open(context: &Context, config: Config, link: BridgeLink, notes: Option<NotesLink>) -> Result<Self> {
        let (clock, health, stop) = (context.clock.clone(), context.health.clone(), context.stop.clone());
        let notebook = notes.map_or_else(Notebook::none, |notes| {
            let (notebook, telling) = Notebook::start(notes, health.clone(), stop.clone());
            stop.spawn(telling);
            notebook
        });
        let (doubts, doubting) = Doubts::start(link.clone());
        tokio::spawn(doubting);
        let (plane, reports) = conferences::open(&config.media, context)?.unzip();
        let media = plane.as_ref().map(|plane| plane.media().to_vec()).unwrap_or_default();
        let ice = Ice::open(config.turn.clone(), media, context).await?;
        let hub = Arc::new(Hub::new(clock.clone(), notebook, ice, plane, config.media.capacity));
        if let Some(reports) = reports {
            tokio::spawn(conferences::listen(reports, hub.clone()));
        }
        let app = App::new(Parts {
            clock: clock.clone(),
            dice: context.dice.clone(),
            stop,
            origins: Origins::only(context.site.origin()),
            hub,
            gate: Arc::new(Gate::new(Audience::Signal, link.clone(), clock, health, doubts)),
            doors: Doors::new(config.sockets_per_address),
            frames: Limit::new(config.frames),
            acts: Limit::new(config.acts),
            config,
        });
        Ok(Self { app, link, context: context.clone() })
    }

    /// The routes, below `api/signal/`.
    pub fn router(&self) -> Router {
        routes::router(self.app.clone())
    }

    /// Starts following the bridge, and what happens by the clock.
    pub fn start(&self) {
        let (context, stop) = (&self.context, &self.context.stop);
        let (clock, health) = (context.clock.clone(), context.health.clone());
        let (link, gate, held) = (self.link.clone(), self.app.gate.clone(), self.app.hub.clone());
        let follower = Follower { link, gate, clock, health, name: "bridge of signal-server", held };
        stop.spawn(follower.follow(stop.clone()));
        stop.spawn(tick(self.app.clone()));
    }
}

/// What happens by the clock, until the stop signal.
async fn tick(app: App) {
    let mut turns = interval(TICK);
    turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut turn = 0_u32;
    app.gate.fetch_keys().await;
    loop {
        tokio::select! { _ = turns.tick() => {}, () = app.stop.given() => return }
        turn = turn.wrapping_add(1);
        app.hub.tick();
        app.gate.ledger().forget(app.clock.now_s());
        if turn.is_multiple_of(KEYS) || !app.gate.has_keys() {
            app.gate.fetch_keys().await;
        }
    }
}

/// The description of the socket's types as OpenAPI, in JSON.
///
/// # Errors
/// When it cannot be written.
pub fn openapi() -> Result<String> {
    Ok(routes::Document::openapi().to_pretty_json()? + "\n")
}

/// Runs signal-server as a process of its own.
///
/// # Errors
/// When it cannot start.
pub async fn run(context: Context, file: File) -> Result<()> {
    let config: Config = file.section("signal")?;
    let link = BridgeLink::remote(config.bridge.clone(), context.secrets.need("SIGNAL_SECRET")?)?;
    let notes = match &config.chat {
        Some(chat) => Some(NotesLink::remote(chat.clone(), context.secrets.need("NOTES_SECRET")?)?),
        None => None,
    };
    let (listen, at) = (config.listen, config.monitor);
    let signal = Signal::open(&context, config, link, notes).await?;
    let (public, watched) = (http::listen(listen).await?, http::listen(at).await?);
    let proxies = TrustedProxies::new(&context.service.trusted_proxies);
    let routes = http::mount(&format!("{}api/signal/", context.site.base_path()), signal.router());
    let routes = http::public(routes, Origins::only(context.site.origin()), proxies);
    signal.start();
    context.stop.spawn(http::serve(watched, monitor::router(context.health.clone()), context.stop.clone()));
    http::serve(public, routes, context.stop.clone()).await;
    Ok(())
}
