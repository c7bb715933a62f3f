//! `main` of every binary: flags, configuration, logs, runtime, stop, exit code.

use std::future::Future;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result};
use clap::Parser;

use crate::config::{File, Service, Site};
use crate::{Context, log, monitor};

#[derive(Parser)]
#[command(version)]
struct Flags {
    /// The configuration file.
    #[arg(long, default_value = "/etc/symposium/symposium.toml")]
    config: PathBuf,
}

/// Runs one service as a process of its own.
pub fn main<F, R>(name: &'static str, run: F) -> ExitCode
where
    F: FnOnce(Context, File) -> R,
    R: Future<Output = Result<()>>,
{
    let flags = Flags::parse();
    let outcome = File::read(&flags.config).and_then(|file| live(name, file, run));
    exit_code(name, outcome)
}

/// Says on standard error why a process ends, if it ends badly.
#[expect(clippy::print_stderr, reason = "the log may not have been started when this is needed")]
pub fn exit_code(name: &str, outcome: Result<()>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{name}: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Lives from configuration to stop: starts the runtime, runs, and waits for what was begun.
///
/// # Errors
/// When the configuration is wrong, or the service cannot start.
pub fn live<F, R>(name: &'static str, file: File, run: F) -> Result<()>
where
    F: FnOnce(Context, File) -> R,
    R: Future<Output = Result<()>>,
{
    let site = file.section::<Site>("site")?.checked()?;
    let service: Service = file.section("service")?;
    log::start(&service);
    monitor::start_metrics();
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().context("cannot start the runtime")?;
    runtime.block_on(async {
        let context = Context::new(site, service);
        context.stop.on_signals()?;
        tracing::info!(version = env!("CARGO_PKG_VERSION"), "Starting {name}");
        let outcome = run(context.clone(), file).await;
        context.stop.give();
        if !context.stop.finished(Duration::from_secs(context.service.stop_s)).await {
            tracing::warn!("Some tasks of {name} did not end in time");
        }
        tracing::info!("Stopped {name}");
        outcome
    })
}
