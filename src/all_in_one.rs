//! The three services in one process, under one port. They talk as they do apart: the same tokens and changes pass the same
//! routes of the bridge, only without a socket between.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use axum::Router;
use chat_server::Chat;
use serde::Deserialize;
use service::bridge_link::BridgeLink;
use service::client_address::TrustedProxies;
use service::config::{File, loopback};
use service::notes::NotesLink;
use service::origin::Origins;
use service::{Context, http, monitor};
use signal_server::Signal;
use sympa_bridge::Bridge;

/// The section `[symposium]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    /// Where browsers (or the web server before it) connect.
    pub(crate) listen: SocketAddr,
    /// Where health and metrics are.
    pub(crate) monitor: SocketAddr,
    /// Where the databases are, unless `[bridge]` and `[chat]` name others.
    pub(crate) data: PathBuf,
}

impl Default for Config {
    fn default() -> Self {
        Self { listen: loopback(8070), monitor: loopback(8090), data: PathBuf::from("/var/lib/symposium") }
    }
}

/// The settings of all three services, with the databases where `[symposium]` puts them.
pub(crate) struct Settings {
    pub(crate) own: Config,
    pub(crate) bridge: sympa_bridge::config::Config,
    pub(crate) chat: chat_server::config::Config,
    pub(crate) signal: signal_server::config::Config,
}

impl Settings {
    /// Reads them.
    pub(crate) fn read(file: &File) -> Result<Self> {
        let own: Config = file.section("symposium")?;
        let at = |name: &str| format!("sqlite:{}", own.data.join(name).display());
        let file = file.clone().with_default("bridge", "database", &at("bridge.sqlite"));
        let file = file.with_default("chat", "database", &at("chat.sqlite"));
        let (bridge, chat, signal) = (file.section("bridge")?, file.section("chat")?, file.section("signal")?);
        Ok(Self { own, bridge, chat, signal })
    }
}

/// Runs until the stop signal.
///
/// # Errors
/// When it cannot start.
pub(crate) async fn run(context: Context, file: File) -> Result<()> {
    let settings = Settings::read(&file)?;
    House::open(&context, &settings).await?.serve(&context, &settings.own, Router::new()).await
}

/// The three services, ready to serve.
pub(crate) struct House {
    pub(crate) bridge: Bridge,
    pub(crate) chat: Chat,
    signal: Signal,
}

impl House {
    /// Opens all three.
    pub(crate) async fn open(context: &Context, settings: &Settings) -> Result<Self> {
        let data = &settings.own.data;
        std::fs::create_dir_all(data).with_context(|| format!("cannot make the folder {}", data.display()))?;
        let bridge = Bridge::open(context, settings.bridge.clone()).await?;
        let link = BridgeLink::local(bridge.internal_router());
        let chat = Chat::open(context, settings.chat.clone(), link.clone()).await?;
        let notes = NotesLink::local(chat.internal_router());
        let signal = Signal::open(context, settings.signal.clone(), link, Some(notes)).await?;
        Ok(Self { bridge, chat, signal })
    }

    /// Serves until the stop signal; `more` are routes of the caller's own below the base path.
    pub(crate) async fn serve(self, context: &Context, own: &Config, more: Router) -> Result<()> {
        let (public, watched) = (http::listen(own.listen).await?, http::listen(own.monitor).await?);
        let routes = self.bridge.public_router().merge(more);
        let routes = routes.nest("/api/chat", self.chat.router()).nest("/api/signal", self.signal.router());
        let proxies = TrustedProxies::new(&context.service.trusted_proxies);
        let routes = http::mount(context.site.base_path(), routes);
        let routes = http::public(routes, Origins::only(context.site.origin()), proxies);
        self.bridge.start();
        self.chat.start();
        self.signal.start();
        context.stop.spawn(http::serve(watched, monitor::router(context.health.clone()), context.stop.clone()));
        tracing::info!("Serving {} on {}", context.site.url, own.listen);
        http::serve(public, routes, context.stop.clone()).await;
        Ok(())
    }
}
