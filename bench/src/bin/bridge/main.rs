//! bridge: what the bridge costs over a Sympa of a thousand lists times a thousand: CPU of one look at everybody online, and
//! room tokens per second.
//!
//! Code map: [`sympa`] writes the database of a big Sympa, [`own`] what the bridge would have kept of the people online,
//! [`usage`] reads the CPU of processes and threads, [`tokens`] asks for room tokens through the real routes.

mod own;
mod sympa;
mod tokens;
mod usage;

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use axum::body::{Body, to_bytes};
use axum::http::Request;
use clap::Parser;
use service::Context;
use service::config::{File, Service, Site};
use sympa_bridge::Bridge;
use tower::ServiceExt;

use usage::Usage;

/// Looks that are not measured: the first reads cold caches.
const WARM: u64 = 3;

#[derive(Debug, Parser)]
#[command(about)]
struct Flags {
    /// Sympa's database: an empty one on `mysql://`, `postgres://` or `sqlite:`.
    #[arg(long)]
    database: String,
    /// The process of the database server, whose CPU is shown beside the bridge's.
    #[arg(long)]
    database_pid: Option<u32>,
    /// Rows of `subscriber_table`.
    #[arg(long, default_value_t = 1_000_000)]
    rows: u64,
    /// People online.
    #[arg(long, default_value_t = 10_000)]
    online: u64,
    /// Looks that are measured.
    #[arg(long, default_value_t = 10)]
    looks: u64,
    /// Seconds of asking for tokens, for each kind of request.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
}

fn main() -> ExitCode {
    service::main_fn::exit_code("bridge", run())
}

fn run() -> Result<()> {
    let flags = Flags::parse();
    // The same kind of runtime as the product's.
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(measure(flags))
}

async fn measure(flags: Flags) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let sympa = sympa::Sympa::write(&flags.database, flags.rows, flags.online).await?;
    service::monitor::start_metrics();
    let context = context()?;
    let first = open(&context, &flags.database, folder.path()).await?;
    own::write(&first, folder.path(), sympa::lists(flags.rows), flags.online).await?;
    let bridge = open(&context, &flags.database, folder.path()).await?;
    let before = looks(&flags, &context, &bridge).await?;
    println!("| {} | {} |", kind(&flags.database), before);
    for line in tokens::measure(&context, &bridge, &sympa, Duration::from_secs(flags.seconds)).await? {
        println!("| {} | {line} |", kind(&flags.database));
    }
    Ok(())
}

fn kind(database: &str) -> &str {
    database.split(':').next().unwrap_or_default()
}

/// The CPU of a look, in milliseconds.
async fn looks(flags: &Flags, context: &Context, bridge: &Bridge) -> Result<String> {
    bridge.start();
    until(context, WARM).await?;
    let (from, before) = (seen(context).await?, Usage::now(flags.database_pid)?);
    until(context, from.0 + flags.looks).await?;
    let (to, after) = (seen(context).await?, Usage::now(flags.database_pid)?);
    context.stop.give();
    context.stop.finished(Duration::from_secs(30)).await;
    let (count, used) = (f64::from(u32::try_from(to.0 - from.0)?), after.since(&before));
    let each = |seconds: f64| 1000.0 * seconds / count;
    Ok(format!(
        "one look at {} people online: bridge {:.0} ms CPU, Sympa's database {:.0} ms CPU{}; {:.0} ms from begin to end",
        flags.online,
        each(used.process_s),
        each(used.database_s),
        if flags.database_pid.is_none() { " (on threads of the bridge, not counted there)" } else { "" },
        each(to.1 - from.1),
    ))
}

async fn until(context: &Context, looks: u64) -> Result<()> {
    for _ in 0..6000 {
        if seen(context).await?.0 >= looks {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    bail!("the bridge does not look: {:?}", context.health.parts());
}

/// How many looks there were, and how many seconds they took together.
async fn seen(context: &Context) -> Result<(u64, f64)> {
    let request = Request::get("/metrics").body(Body::empty())?;
    let response = service::monitor::router(context.health.clone()).oneshot(request).await?;
    let text = String::from_utf8(to_bytes(response.into_body(), 1 << 20).await?.to_vec())?;
    let value = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    let (Some(count), Some(sum)) = (value("bridge_look_seconds_count"), value("bridge_look_seconds_sum")) else {
        return Ok((0, 0.0));
    };
    Ok((count.parse()?, sum.parse()?))
}

fn context() -> Result<Context> {
    let site = Site { name: "Bench".to_owned(), url: "http://chat.bench/".parse()?, language: "en".to_owned() };
    Ok(Context::new(site, Service::default()))
}

async fn open(context: &Context, sympa: &str, folder: &Path) -> Result<Bridge> {
    let text = format!(
        "[bridge]\ndatabase = \"sqlite:{}\"\nwatch_ms = 200\n[bridge.limits]\nrequests = {{ times = 1000000, per_s = 1 }}\n\
         [bridge.sympa]\ndatabase = \"{sympa}\"\n[[bridge.sympa.robots]]\nrobot = \"lists.example.org\"\n\
         url = \"http://lists.example.org/sympa\"\n",
        folder.join("own.sqlite").display()
    );
    let config = File::parse(&text)?.section("bridge")?;
    Bridge::open(context, config).await.context("the bridge does not open")
}
