//! Debian's coturn on this machine, for the stories that need it; they are left out where it is not installed.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};

use crate::papers::Papers;

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
            format!("log-file={}", at("log")),
        ];
        let fixed = ["use-auth-secret", "realm=symposium", "listening-ip=127.0.0.1", "relay-ip=127.0.0.1", "no-cli"];
        lines.extend(fixed.iter().chain(more).map(|&line| line.to_owned()));
        std::fs::write(at("turnserver.conf"), lines.join("\n")).expect("a file");
        let mut command = Command::new("turnserver");
        command.args(["-c", &at("turnserver.conf")]).stdout(Stdio::null()).stderr(Stdio::null());
        let process = match command.spawn() {
            Ok(process) => process,
            Err(error) => {
                println!("left out, without coturn: {error}");
                return None;
            }
        };
        let coturn = Self { process, ports, _folder: folder };
        for _ in 0..100 {
            if TcpStream::connect(("127.0.0.1", ports[1])).await.is_ok() {
                return Some(coturn);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("coturn does not answer");
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

async fn free() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    listener.local_addr().expect("an address").port()
}
