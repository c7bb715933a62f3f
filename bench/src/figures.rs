//! The figures: which there are, in which order they are measured, and how often.

mod commit;
mod fanout;
mod idle;
mod join;
mod latency;
mod relay;
mod signal;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use tempfile::TempDir;

use crate::bridge;
use crate::process::Server;
use crate::table::{self, Row};
use crate::wire::Wire;

#[derive(Debug, clap::Args)]
pub(crate) struct Flags {
    /// What to measure.
    #[arg(required = true)]
    sets: Vec<Set>,
    /// Short phases and one round: shows that it works, not how much it costs.
    #[arg(long)]
    quick: bool,
    /// Rounds; three unless quick.
    #[arg(long)]
    rounds: Option<u32>,
    /// The chat-server to measure.
    #[arg(long, default_value = "target/release/chat-server")]
    pub(crate) server: PathBuf,
    /// The core of the server that is measured.
    #[arg(long, default_value_t = 0)]
    pub(crate) server_core: u32,
    /// Messages outstanding in a room that is alone, when as much is said as can be.
    #[arg(long, default_value_t = 8)]
    outstanding: usize,
    /// An empty PostgreSQL database; without it only SQLite is measured.
    #[arg(long)]
    postgres: Option<String>,
}

/// Figures that are measured together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Set {
    /// CPU per delivery, saturated.
    Fanout,
    /// CPU per delivery and latency, at 2,000 deliveries per second.
    Latency,
    /// Memory of connections that only listen.
    Idle,
    /// Joining a room.
    Join,
    /// Durable messages per second.
    Commit,
    /// Memory of signalling sockets, and what a call costs.
    Signal,
    /// What a relayed packet costs, beside coturn.
    Relay,
    /// All of them.
    All,
}

/// What every measurement needs.
struct Bench {
    flags: Flags,
    bridge: SocketAddr,
}

/// Which server is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Which {
    Floor,
    Chat,
}

/// A server with the folder it keeps things in.
struct Running {
    server: Server,
    _folder: TempDir,
}

/// Measures and prints.
#[expect(clippy::print_stdout, reason = "the table is its result")]
pub(crate) async fn run(flags: Flags) -> Result<()> {
    let bench = Bench { bridge: bridge::start().await?, flags };
    let mut rows = Vec::new();
    if bench.wants(Set::Fanout) {
        rows.extend(fanout::measure(&bench).await?);
    }
    if bench.wants(Set::Latency) {
        rows.extend(latency::measure(&bench).await?);
    }
    if bench.wants(Set::Idle) {
        rows.extend(idle::measure(&bench).await?);
    }
    if bench.wants(Set::Join) {
        rows.extend(join::measure(&bench).await?);
    }
    if bench.wants(Set::Commit) {
        rows.extend(commit::measure(&bench).await?);
    }
    if bench.wants(Set::Signal) {
        rows.extend(signal::measure(&bench).await?);
    }
    if bench.wants(Set::Relay) {
        rows.extend(relay::measure(&bench).await?);
    }
    println!("{}", table::show(&rows));
    Ok(())
}

impl Bench {
    fn wants(&self, set: Set) -> bool {
        self.flags.sets.contains(&set) || self.flags.sets.contains(&Set::All)
    }

    fn rounds(&self) -> u32 {
        self.flags.rounds.unwrap_or(if self.flags.quick { 1 } else { 3 })
    }

    /// A length of time, shorter when it is only shown that it works.
    fn seconds(&self, seconds: u64) -> Duration {
        Duration::from_secs(if self.flags.quick { seconds.div_ceil(3) } else { seconds })
    }

    /// Starts a server, chat-server with an SQLite database of its own.
    fn start(&self, which: Which) -> Result<Running> {
        let folder = tempfile::tempdir()?;
        let server = match which {
            Which::Floor => Server::floor(&self.flags)?,
            Which::Chat => {
                let database = format!("sqlite:{}", folder.path().join("chat.sqlite").display());
                Server::chat(&self.flags, self.bridge, folder.path(), &database)?
            }
        };
        Ok(Running { server, _folder: folder })
    }
}

impl Which {
    fn wire(self) -> Result<Wire> {
        Ok(match self {
            Self::Floor => Wire::Floor,
            Self::Chat => Wire::Chat(bridge::signer()?),
        })
    }
}

/// Says how far it is, on standard error.
#[expect(clippy::print_stderr, reason = "a measurement takes minutes; somebody waits")]
fn note(text: &str) {
    eprintln!("{text}");
}

/// A count as a number to divide by.
#[expect(clippy::cast_precision_loss, reason = "counts of a measurement are small")]
const fn number(count: u64) -> f64 {
    count as f64
}
