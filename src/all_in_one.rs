//! The three services in one process, under one port. They talk as they do apart: the same tokens and changes pass the same
//! routes of the bridge, only without a socket between.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use chat_server::Chat;
use serde::Deserialize;
use service::bridge_link::BridgeLink;
use service::client_address::TrustedProxies;
use service::config::{File, loopback};
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
}

impl Settings {
    /// Reads them.
    pub(crate) fn read(file: &File) -> Result<Self> {
        let own: Config = file.section("symposium")?;
        let mut bridge: sympa_bridge::config::Config = file.section("bridge")?;
        let mut chat: chat_server::config::Config = file.section("chat")?;
        let _: signal_server::config::Config = file.section("signal")?;
        let at = |name: &str| format!("sqlite:{}", own.data.join(name).display());
        if !file.names("bridge", "database") {
            bridge.database = at("bridge.sqlite");
        }
        if !file.names("chat", "database") {
            chat.database = at("chat.sqlite");
        }
        Ok(Self { own, bridge, chat })
    }
}

/// Runs until the stop signal.
///
/// # Errors
/// When it cannot start.
pub(crate) async fn run(context: Context, file: File) -> Result<()> {
    let settings = Settings::read(&file)?;
    serve(context, settings).await
}

/// Starts everything and serves until the stop signal.
pub(crate) async fn serve(context: Context, settings: Settings) -> Result<()> {
    let Settings { own, bridge, chat } = settings;
    std::fs::create_dir_all(&own.data).with_context(|| format!("cannot make the folder {}", own.data.display()))?;
    let (public, watched) = (http::listen(own.listen).await?, http::listen(own.monitor).await?);
    let bridge = Bridge::open(&context, bridge).await?;
    let link = BridgeLink::Local(bridge.internal_router());
    let chat = Chat::open(&context, chat, link.clone()).await?;
    let signal = Signal::open(&context, link);
    let routes = bridge.public_router().nest("/api/chat", chat.router()).nest("/api/signal", signal.router());
    let proxies = TrustedProxies::new(&context.service.trusted_proxies);
    let routes = http::mount(context.site.base_path(), routes);
    let routes = http::public(routes, Origins::only(context.site.origin()), proxies);
    bridge.start();
    chat.start();
    signal.start();
    context.stop.spawn(http::serve(watched, monitor::router(context.health.clone()), context.stop.clone()));
    tracing::info!("Serving {} on {}", context.site.url, own.listen);
    http::serve(public, routes, context.stop.clone()).await;
    Ok(())
}
