//! Logs: readable alone and queryable. Never an address of a person, a body, a token or a ticket.

use tracing_subscriber::EnvFilter;

use crate::config::Service;

/// Starts logging to standard error. Called once in a process; a second call does nothing.
pub fn start(config: &Service) {
    let filter = EnvFilter::try_new(&config.log).unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = if config.log_json { lines.json().try_init() } else { lines.with_ansi(false).try_init() };
    drop(started);
}
