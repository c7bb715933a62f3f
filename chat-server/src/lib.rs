//! chat-server: what is said in the rooms.
//!
//! Code map: `protocol` is the language of the socket; `session` is one socket, `commands` what its commands do,
//! `enter` how a room is entered; `writer` makes things durable, in batches; `room` and `hub` tell them to those who
//! listen; `notes` is what signal-server tells; `follow` takes the bridge's changes, `forget` deletes what is not to be kept
//! any longer; `store` is the database, `routes` is HTTP.
//!
//! Invariants: nothing is acknowledged or told before it is durable; a room's events have dense numbers; who is removed is
//! told nothing more of the room.

pub mod app;
mod commands;
pub mod config;
mod enter;
pub mod follow;
pub mod forget;
pub mod hub;
pub mod import;
pub mod marks;
mod notes;
#[doc(hidden)]
pub mod parsers;
pub mod protocol;
pub mod room;
pub mod routes;
pub mod seat;
mod session;
pub mod store;
mod sweep;
mod teller;
pub mod timeline;
pub mod writer;

use std::sync::Arc;

use anyhow::{Context as _, Result};
use axum::Router;
use axum::middleware::from_fn_with_state;
use membership::token::Audience;
use service::Context;
use service::bearer::known_service;
use service::bridge_link::BridgeLink;
use service::client_address::TrustedProxies;
use service::config::File;
use service::db::Db;
use service::doubt::Doubts;
use service::follow::Follower;
use service::gate::Gate;
use service::health::Colour;
use service::limit::Limit;
use service::origin::Origins;
use service::socket::doors::Doors;
use service::{http, monitor};

use crate::app::{App, Limits, Parts};
use crate::config::Config;
use crate::hub::Hub;
use crate::marks::Marks;
use crate::store::{MIGRATIONS, Store};
use crate::writer::Writer;

/// A chat-server that is ready to serve.
#[derive(Debug, Clone)]
pub struct Chat {
    app: App,
    link: BridgeLink,
    context: Context,
}

impl Chat {
    /// Opens the store and starts the writer.
    ///
    /// # Errors
    /// With a sentence for the administrator.
    pub async fn open(context: &Context, config: Config, link: BridgeLink) -> Result<Self> {
        let password = context.secrets.find("CHAT_DATABASE_PASSWORD")?;
        let db =
            Db::open(&config.database, password.as_ref(), &MIGRATIONS).await.context("the database of chat-server")?;
        context.health.set("chat database", Colour::Green, "Messages can be stored.");
        let hub = Arc::new(Hub::default());
        let (doubts, doubting) = Doubts::start(link.clone());
        tokio::spawn(doubting);
        let gate = Gate::new(Audience::Chat, link.clone(), context.clock.clone(), context.health.clone(), doubts);
        let (writer, writing) = Writer::start(db.clone(), context.clock.clone(), hub.clone());
        // It ends with its last handle, so that what was accepted before a stop is still stored.
        context.stop.spawn(writing);
        let app = App::new(Parts {
            clock: context.clock.clone(),
            dice: context.dice.clone(),
            stop: context.stop.clone(),
            origins: Origins::only(context.site.origin()),
            hub,
            store: Store::new(db),
            writer,
            gate: Arc::new(gate),
            marks: Marks::default(),
            limits: Limits {
                frames: Limit::new(config.frames),
                acts: Limit::new(config.acts),
                pages: Limit::new(config.pages),
            },
            doors: Doors::new(config.sockets_per_address),
            config,
        });
        Ok(Self { app, link, context: context.clone() })
    }

    /// The routes, below `api/chat/`.
    pub fn router(&self) -> Router {
        routes::router(self.app.clone())
    }

    /// What signal-server tells; who may is decided by whoever serves it.
    pub fn internal_router(&self) -> Router {
        notes::router(self.app.clone())
    }

    /// The server's parts, for those who start it in their own process.
    pub const fn app(&self) -> &App {
        &self.app
    }

    /// Starts following the bridge, and what happens by the clock.
    pub fn start(&self) {
        let (app, context, stop) = (&self.app, &self.context, &self.context.stop);
        let (clock, health) = (context.clock.clone(), context.health.clone());
        let (link, gate) = (self.link.clone(), app.gate.clone());
        let follower = Follower { link, gate, clock, health, name: "bridge", held: app.hub.clone() };
        stop.spawn(follower.follow(stop.clone()));
        stop.spawn(sweep::sweep(self.app.clone(), self.context.health.clone()));
        stop.spawn(forget::forgetting(app.store.clone(), self.link.clone(), stop.clone()));
    }
}

/// The description of chat-server's HTTP interface and its socket's types as OpenAPI, in JSON.
///
/// # Errors
/// When it cannot be written.
pub fn openapi() -> Result<String> {
    Ok(routes::document().to_pretty_json()? + "\n")
}

/// Runs chat-server as a process of its own.
///
/// # Errors
/// When it cannot start.
pub async fn run(context: Context, file: File) -> Result<()> {
    let config: Config = file.section("chat")?;
    let link = BridgeLink::remote(config.bridge.clone(), context.secrets.need("CHAT_SECRET")?)?;
    let callers = config::callers(&context.secrets)?;
    let (listen, internal, at) = (config.listen, config.internal, config.monitor);
    let chat = Chat::open(&context, config, link).await?;
    let (public, watched) = (http::listen(listen).await?, http::listen(at).await?);
    let proxies = TrustedProxies::new(&context.service.trusted_proxies);
    let routes = http::mount(&format!("{}api/chat/", context.site.base_path()), chat.router());
    let routes = http::public(routes, Origins::only(context.site.origin()), proxies);
    if let Some(callers) = callers {
        let services = chat.internal_router().layer(from_fn_with_state(callers, known_service));
        context.stop.spawn(http::serve(http::listen(internal).await?, services, context.stop.clone()));
    } else {
        tracing::info!("NOTES_SECRET is not set: the rooms are told nothing of calls and transfers");
    }
    chat.start();
    context.stop.spawn(http::serve(watched, monitor::router(context.health.clone()), context.stop.clone()));
    http::serve(public, routes, context.stop.clone()).await;
    Ok(())
}
