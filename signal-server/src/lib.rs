//! signal-server: what is live in the rooms - calls and transfers.
//!
//! It lives like the other services and hears the bridge; it offers no call yet, and says so to nobody: the web app shows
//! calls only where this server has routes for them.

pub mod config;
pub mod exchange;
pub mod protocol;

use std::time::Duration;

use anyhow::Result;
use axum::Router;
use service::Context;
use service::bridge_link::BridgeLink;
use service::client_address::TrustedProxies;
use service::config::File;
use service::health::Colour;
use service::origin::Origins;
use service::{http, monitor};

use crate::config::Config;

/// How often the bridge is asked whether it is there.
const ASK: Duration = Duration::from_secs(5);

/// A signal-server that is ready to serve.
#[derive(Debug, Clone)]
pub struct Signal {
    link: BridgeLink,
    context: Context,
}

impl Signal {
    /// With a link to the bridge.
    pub fn open(context: &Context, link: BridgeLink) -> Self {
        Self { link, context: context.clone() }
    }

    /// The routes, below `api/signal/`.
    pub fn router(&self) -> Router {
        Router::new()
    }

    /// Starts what happens by the clock.
    pub fn start(&self) {
        self.context.stop.spawn(watch(self.link.clone(), self.context.clone()));
    }
}

/// Tells the health whether the bridge answers: without its keys no token can be checked.
async fn watch(link: BridgeLink, context: Context) {
    loop {
        match link.keys().await {
            Ok(_) => context.health.set("bridge of signal-server", Colour::Green, "The bridge answers."),
            Err(_) => context.health.set("bridge of signal-server", Colour::Amber, "The bridge is away."),
        }
        if !context.stop.sleep(ASK).await {
            return;
        }
    }
}

/// Runs signal-server as a process of its own.
///
/// # Errors
/// When it cannot start.
pub async fn run(context: Context, file: File) -> Result<()> {
    let config: Config = file.section("signal")?;
    let signal =
        Signal::open(&context, BridgeLink::remote(config.bridge.clone(), context.secrets.need("SIGNAL_SECRET")?)?);
    let (public, watched) = (http::listen(config.listen).await?, http::listen(config.monitor).await?);
    let proxies = TrustedProxies::new(&context.service.trusted_proxies);
    let routes = http::mount(&format!("{}api/signal/", context.site.base_path()), signal.router());
    let routes = http::public(routes, Origins::only(context.site.origin()), proxies);
    signal.start();
    context.stop.spawn(http::serve(watched, monitor::router(context.health.clone()), context.stop.clone()));
    http::serve(public, routes, context.stop.clone()).await;
    Ok(())
}
