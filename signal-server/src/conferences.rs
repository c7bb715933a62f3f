//! The media plane of this server: opened when it starts, and listened to as long as it runs.

use std::sync::Arc;

use anyhow::Result;
use service::Context;
use service::health::Colour;
use tokio::sync::mpsc::UnboundedReceiver;

use crate::hub::Hub;
use crate::media::{Config, Plane, Report, Surroundings};

/// Under which name the administrator finds it.
const HEALTH: &str = "conferences";

/// Opens the media plane, where there is to be one. One that cannot be opened is told to the administrator; everything but
/// conferences does without.
///
/// # Errors
/// When settings contradict each other.
pub(crate) fn open(config: &Config, context: &Context) -> Result<Option<(Plane, UnboundedReceiver<Report>)>> {
    let config = config.clone().checked()?;
    if !config.conferences {
        return Ok(None);
    }
    let Context { clock, dice, stop, .. } = context.clone();
    match Plane::start(&config, Surroundings { clock, dice, stop }) {
        Ok(opened) => {
            context.health.set(HEALTH, Colour::Green, "Many can talk in one call.");
            Ok(Some(opened))
        }
        Err(error) => {
            context.health.set(HEALTH, Colour::Amber, format!("There are no conferences: {error:#}."));
            Ok(None)
        }
    }
}

/// Passes on what the media plane says, until it ends.
pub(crate) async fn listen(mut reports: UnboundedReceiver<Report>, hub: Arc<Hub>) {
    while let Some(report) = reports.recv().await {
        hub.hear(report);
    }
}
