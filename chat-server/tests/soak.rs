//! The soak: a chat-server as a process of its own under garbage, oversize and slow clients for as long as `SOAK_S` says
//! (20 s unless said); its memory does not grow, and somebody honest is served all the time. Run by `tests/campaign`.

mod support;

use std::net::SocketAddr;
use std::process::{Child, Command as Process, Stdio};
use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use service::clock::Clock;
use service::http;
use service::secret;
use service::stop::Stop;
use support::bridge::MEMBER;
use support::{ORIGIN, ROOM, TestBridge};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{WebSocketStream, client_async};

/// No step takes longer than this.
const PATIENCE: Duration = Duration::from_secs(30);
/// What memory may grow by after the beginning, in KiB.
const GROWTH: u64 = 32 * 1024;
/// The last number of the address of the hostile, and of the honest.
const HOSTILE: u8 = 1;
const HONEST: u8 = 2;
/// Hostile clients at once.
const HOSTS: usize = 20;

struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Server {
    async fn start(folder: &std::path::Path, bridge: &TestBridge) -> (Self, SocketAddr) {
        let internal = http::listen(([127, 0, 0, 1], 0).into()).await.expect("a port");
        let bridge_address = internal.local_addr().expect("an address");
        tokio::spawn(http::serve(internal, bridge.routes(), Stop::new()));
        let free = || std::net::TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a port");
        let (address, monitor, config) = (free(), free(), folder.join("symposium.toml"));
        let text = format!(
            "[site]\nname = \"Test\"\nurl = \"{ORIGIN}/\"\n[service]\nlog = \"error\"\n[chat]\nlisten = \"{address}\"\n\
             monitor = \"{monitor}\"\ndatabase = \"sqlite:{}\"\nbridge = \"http://{bridge_address}/\"\n",
            folder.join("chat.sqlite").display()
        );
        std::fs::write(&config, text).expect("written");
        let mut process = Process::new(env!("CARGO_BIN_EXE_chat-server"));
        let process = process.arg("--config").arg(&config).env("CHAT_SECRET", "a secret of the story");
        let server = Self(process.stdin(Stdio::null()).spawn().expect("chat-server starts"));
        let listens = async {
            while TcpStream::connect(address).await.is_err() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(PATIENCE, listens).await.expect("chat-server listens");
        (server, address)
    }

    fn memory_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0.id())).expect("the server lives");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a size");
        line.trim().trim_end_matches(" kB").parse().expect("a number")
    }
}

/// A socket from one of this machine's own addresses: limits count by address.
async fn open(address: SocketAddr, from: u8) -> anyhow::Result<WebSocketStream<TcpStream>> {
    let mut request = format!("ws://{address}/api/chat/socket").into_client_request().expect("a request");
    request.headers_mut().insert("origin", ORIGIN.parse().expect("a header"));
    let socket = TcpSocket::new_v4()?;
    socket.bind(([127, 0, 0, from], 0).into())?;
    let stream = socket.connect(address).await?;
    Ok(client_async(request, stream).await?.0)
}

fn enter(bridge: &TestBridge, name: &str) -> Message {
    let token = bridge.sign(&bridge.claims(name, ROOM, MEMBER));
    Message::text(format!(r#"{{"type":"enter","ref":"e","room":"{ROOM}","token":"{token}","lines":100}}"#))
}

/// One hostile client, of one kind after the other.
async fn attack(address: SocketAddr, bridge: &TestBridge, turn: usize) {
    if turn.is_multiple_of(5) {
        // Half a head, and away.
        if let Ok(mut stream) = TcpStream::connect(address).await {
            let _ = stream.write_all(b"GET /api/chat/socket HTTP/1.1\r\nx: ").await;
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        return;
    }
    let Ok(mut socket) = open(address, HOSTILE).await else { return };
    let _ = socket.send(enter(bridge, &format!("hostile-{}", turn % HOSTS))).await;
    for n in 0..50 {
        let message = match turn % 5 {
            1 => Message::binary(vec![0xff; 1000]),
            2 => Message::text("x".repeat(70_000)),
            3 => Message::text(format!("{{\"type\":\"say\",\"n\":{n},\"x\":{}", "[".repeat(5000))),
            // Enters and reads nothing of what comes.
            _ => enter(bridge, &format!("hostile-{}", turn % HOSTS)),
        };
        if socket.send(message).await.is_err() {
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes long; tests/campaign runs it"]
async fn memory_does_not_grow_under_hostile_clients() {
    let seconds = secret::find("SOAK_S").expect("readable").map_or(20, |s| s.expose().parse().expect("a number"));
    let (folder, bridge) = (tempfile::tempdir().expect("a folder"), TestBridge::new(Clock::System));
    let (server, address) = Server::start(folder.path(), &bridge).await;
    let (began, time) = (Instant::now(), Duration::from_secs(seconds));
    let hosts = (0..HOSTS).map(|host| {
        let bridge = bridge.clone();
        tokio::spawn(async move {
            let mut turn = host;
            while began.elapsed() < time {
                let _ = timeout(Duration::from_secs(5), attack(address, &bridge, turn)).await;
                turn += HOSTS + 1;
            }
            turn / (HOSTS + 1)
        })
    });
    let hosts: Vec<_> = hosts.collect();
    let (mut first, mut most, mut visits) = (None, 0, 0_u32);
    while began.elapsed() < time {
        let mut honest = open(address, HONEST).await.expect("somebody honest is let in");
        honest.send(enter(&bridge, "honest")).await.expect("sent");
        let entered = async {
            while !matches!(honest.next().await, Some(Ok(Message::Text(text))) if text.contains("\"entered\"")) {}
        };
        timeout(PATIENCE, entered).await.expect("somebody honest is served");
        visits += 1;
        most = most.max(server.memory_kib());
        if first.is_none() && began.elapsed() > time / 5 {
            first = Some(most);
        }
        let _ = honest.close(None).await;
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    let mut attacks = 0;
    for host in hosts {
        attacks += host.await.expect("a host does not fail");
    }
    let first = first.expect("a beginning");
    println!("soak: {attacks} attacks, {visits} honest visits, {first} KiB after a fifth, {most} KiB at most");
    assert!(most < first + GROWTH, "memory grew from {first} to {most} KiB");
}
