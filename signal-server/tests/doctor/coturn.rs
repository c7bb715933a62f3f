//! Debian's coturn on this machine, for the stories that need it; they are left out where it is not installed.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::papers::Papers;

/// So long a coturn may take to start on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running coturn.
pub(crate) struct Coturn {
    process: Child,
    ports: [u16; 2],
    _folder: TempDir,
}

impl Drop for Coturn {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

impl Coturn {
    /// Starts one with a secret, a certificate and more lines of its configuration.
    pub(crate) async fn start(secret: &str, papers: &Papers, more: &[&str]) -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        let ports = [free().await, free().await];
        let at = |name: &str| folder.path().join(name).display().to_string();
        let mut lines: Vec<String> = vec![
            format!("static-auth-secret={secret}"),
            format!("listening-port={}", ports[0]),
            format!("tls-listening-port={}", ports[1]),
            format!("cert={}", papers.file("relay.pem").display()),
            format!("pkey={}", papers.file("relay.key").display()),
            format!("pidfile={}", at("pid")),
            format!("userdb={}", at("db")),
        ];
        let fixed = ["use-auth-secret", "realm=symposium", "listening-ip=127.0.0.1", "relay-ip=127.0.0.1", "no-cli"];
        let telling = ["log-file=stdout", "verbose"];
        lines.extend(fixed.iter().chain(&telling).chain(more).map(|&line| line.to_owned()));
        std::fs::write(at("turnserver.conf"), lines.join("\n")).expect("a file");
        let mut command = Command::new("turnserver");
        command.args(["-c", &at("turnserver.conf")]).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = match command.spawn() {
            Ok(process) => process,
            Err(error) => {
                println!("left out, without coturn: {error}");
                return None;
            }
        };
        let listens = listens(process.stdout.take().expect("a pipe"), ports[1]);
        let coturn = Self { process, ports, _folder: folder };
        tokio::time::timeout(PATIENCE, listens).await.expect("coturn listens in time").expect("coturn listens");
        Some(coturn)
    }

    /// Its addresses by UDP, TCP and TLS.
    pub(crate) fn urls(&self) -> Vec<String> {
        let [plain, secured] = self.ports;
        vec![
            format!("turn:127.0.0.1:{plain}?transport=udp"),
            format!("turn:127.0.0.1:{plain}?transport=tcp"),
            format!("turns:127.0.0.1:{secured}?transport=tcp"),
        ]
    }
}

/// Resolves when coturn says that it has opened its last door. Its words are read to their end, so that it never waits.
fn listens(words: ChildStdout, port: u16) -> oneshot::Receiver<()> {
    let (said, listens) = oneshot::channel();
    let mut said = Some(said);
    std::thread::spawn(move || {
        for line in BufReader::new(words).lines().map_while(Result::ok) {
            if line.contains("UDP listener opened") && line.ends_with(&format!(":{port}")) {
                said.take().map(|said| said.send(()));
            }
        }
    });
    listens
}

async fn free() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    listener.local_addr().expect("an address").port()
}
