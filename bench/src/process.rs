//! A server as a process of its own, pinned to a core, and what it used: CPU from `/proc/PID/stat`, memory from
//! `/proc/PID/smaps_rollup`.

use std::fs::{self, File};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::bare::Commits;
use crate::figures::Flags;

/// Ticks of `/proc/PID/stat` in a second, on every Linux of today.
const TICKS: f64 = 100.0;
/// A server that does not listen after this long did not start.
const START: Duration = Duration::from_secs(20);
/// Where a chat-server of a measurement believes its pages come from.
pub(crate) const ORIGIN: &str = "http://chat.bench";
/// So much that no limit is met.
const UNLIMITED: &str = "{ times = 1000000, per_s = 1 }";

/// A running server. It is killed when dropped.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    /// Where it listens.
    pub(crate) address: SocketAddr,
}

impl Server {
    /// Starts the floor.
    pub(crate) fn floor(flags: &Flags) -> Result<Self> {
        let address = free_port()?;
        let mut command = pinned(flags, &std::env::current_exe()?);
        command.args(["floor", "--listen", &address.to_string()]);
        Self::start(command, address)
    }

    /// Starts chat-server on a database.
    pub(crate) fn chat(flags: &Flags, bridge: SocketAddr, folder: &Path, database: &str) -> Result<Self> {
        let (address, monitor, config) = (free_port()?, free_port()?, folder.join("chat.toml"));
        let text = format!(
            "[site]\nname = \"Bench\"\nurl = \"{ORIGIN}/\"\n\n[service]\nlog = \"warn\"\n\n[chat]\nlisten = \"{address}\"\n\
             monitor = \"{monitor}\"\ndatabase = \"{database}\"\nbridge = \"http://{bridge}/\"\n\
             sockets_per_person = 1000\nsockets_per_address = 100000\nframes = {UNLIMITED}\nacts = {UNLIMITED}\n"
        );
        fs::write(&config, text)?;
        let mut command = pinned(flags, &fs::canonicalize(&flags.server).context("there is no such chat-server")?);
        command.arg("--config").arg(&config).env("CHAT_SECRET", "a secret of the measurement only");
        command.stderr(File::create(folder.join("chat.log"))?);
        Self::start(command, address)
    }

    /// Starts signal-server, which relays at an address.
    pub(crate) fn signal(flags: &Flags, bridge: SocketAddr, folder: &Path, relay: SocketAddr) -> Result<Self> {
        let (address, monitor, config) = (free_port()?, free_port()?, folder.join("signal.toml"));
        let text = format!(
            "[site]\nname = \"Bench\"\nurl = \"{ORIGIN}/\"\n\n[service]\nlog = \"warn\"\n\n[signal]\nlisten = \"{address}\"\n\
             monitor = \"{monitor}\"\nbridge = \"http://{bridge}/\"\nsockets_per_person = 1000\n\
             sockets_per_address = 100000\nframes = {UNLIMITED}\nacts = {UNLIMITED}\n\n[signal.turn]\n\
             listen = [\"{relay}\"]\nhost = \"127.0.0.1\"\nallocations_per_person = 1000\nbytes_per_second = 10000000000\n"
        );
        fs::write(&config, text)?;
        let program = flags.server.with_file_name("signal-server");
        let mut command = pinned(flags, &fs::canonicalize(program).context("there is no signal-server")?);
        command.arg("--config").arg(&config).env("SIGNAL_SECRET", "a secret of the measurement only");
        command.stderr(File::create(folder.join("signal.log"))?);
        Self::start(command, address)
    }

    /// Starts Debian's coturn, which takes credentials made with a secret.
    pub(crate) fn coturn(flags: &Flags, folder: &Path, relay: SocketAddr, secret: &str) -> Result<Self> {
        let mut command = pinned(flags, Path::new("turnserver"));
        let port = relay.port().to_string();
        command.args(["-n", "--use-auth-secret", "--static-auth-secret", secret, "--realm", "bench"]);
        command.args(["--listening-ip", "127.0.0.1", "--relay-ip", "127.0.0.1", "--listening-port", &port]);
        command.args(["--allow-loopback-peers", "--no-tls", "--no-dtls", "--no-cli", "--simple-log"]);
        command.arg("--log-file").arg(folder.join("coturn.log")).arg("--pidfile").arg(folder.join("pid"));
        command.arg("--userdb").arg(folder.join("db")).stdout(Stdio::null()).stderr(Stdio::null());
        Self::start(command, relay)
    }

    fn start(mut command: Command, address: SocketAddr) -> Result<Self> {
        let child = command.stdin(Stdio::null()).spawn().context("a server does not start")?;
        let (mut server, started) = (Self { child, address }, Instant::now());
        while TcpStream::connect(address).is_err() {
            if server.child.try_wait()?.is_some() || started.elapsed() > START {
                bail!("a server does not listen on {address}");
            }
            sleep(Duration::from_millis(20));
        }
        Ok(server)
    }

    /// Seconds of CPU used so far, by the process and for it.
    pub(crate) fn cpu_s(&self) -> Result<f64> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        let after_name = stat.rsplit_once(')').context("no name in stat")?.1;
        let ticks = after_name.split_whitespace().skip(11).take(2).map(str::parse::<f64>).sum::<Result<f64, _>>()?;
        Ok(ticks / TICKS)
    }

    /// Its share of memory, in KiB.
    pub(crate) fn pss_kib(&self) -> Result<f64> {
        let rollup = fs::read_to_string(format!("/proc/{}/smaps_rollup", self.child.id()))?;
        let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:")).context("no Pss")?;
        Ok(line.trim().trim_end_matches(" kB").trim().parse()?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs bare commits as a process of their own.
pub(crate) async fn bare(flags: &Flags, database: &str, batch: u64, rate: u64, seconds: u64) -> Result<Commits> {
    let mut command = tokio::process::Command::from(pinned(flags, &std::env::current_exe()?));
    let numbers = [batch, rate, seconds].map(|number| number.to_string());
    command.args(["bare", "--database", database, "--batch", &numbers[0], "--rate", &numbers[1]]);
    let output = command.args(["--seconds", &numbers[2]]).stderr(Stdio::inherit()).output().await?;
    serde_json::from_slice(&output.stdout).context("bare commits gave no figures")
}

fn pinned(flags: &Flags, program: &Path) -> Command {
    let mut command = Command::new("taskset");
    command.arg("-c").arg(flags.server_core.to_string()).arg(program);
    command
}

/// A port of loopback that nobody uses.
pub(crate) fn free_port() -> Result<SocketAddr> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?)
}
