//! The story of a server that is killed again and again while fifty people talk and signal-server tells of calls: whatever
//! was acknowledged is there exactly once, in order, for everybody who resumes.

mod support;

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::process::{Child, Command as Process, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use chat_server::protocol::{Command, Event, Frame};
use futures_util::{SinkExt, StreamExt};
use service::clock::Clock;
use service::dice::Dice;
use service::http;
use service::notes::{Notes, NotesLink, Outcome};
use service::secret::Secret;
use service::stop::Stop;
use support::bridge::MEMBER;
use support::notes::called;
use support::{ORIGIN, ROOM, TestBridge, postgres};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

const PEOPLE: usize = 50;
const KILLS: usize = 20;
/// How signal-server is known.
const NOTES_SECRET: &str = "a secret of the story that is long enough";
/// No step of the story takes longer than this.
const PATIENCE: Duration = Duration::from_mins(1);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_on_sqlite() {
    let folder = tempfile::tempdir().expect("a folder");
    let database = format!("sqlite:{}", folder.path().join("chat.sqlite").display());
    story(&database).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_on_postgresql() {
    if let Some(database) = postgres().await {
        story(&database).await;
    }
}

async fn story(database: &str) {
    let bridge = TestBridge::new(Clock::System);
    let server = Server::prepare(database, &bridge).await;
    let world = Arc::new(World { server, bridge, acknowledged: AtomicUsize::new(0), calm: AtomicBool::new(false) });
    let mut process = world.server.start().await;
    let talk: Vec<_> = (0..PEOPLE).map(|n| tokio::spawn(Talker::new(n, world.clone()).talk())).collect();
    let notes = tokio::spawn(tell_of_calls(world.clone()));
    for _ in 0..KILLS {
        // At a random moment of the talk: after so many more words.
        let moment =
            world.acknowledged.load(Ordering::SeqCst) + 20 + usize::try_from(Dice::System.bits() % 180).expect("small");
        world.until_acknowledged(moment).await;
        process.kill().expect("killed");
        process.wait().expect("gone");
        process = world.server.start().await;
    }
    world.calm.store(true, Ordering::SeqCst);
    let mut talkers = Vec::new();
    for talker in talk {
        talkers.push(talker.await.expect("no talker fails"));
    }
    judge(&talkers, &notes.await.expect("all calls are told"));
    // Who was never there reads the same.
    let mut reader = Talker::new(PEOPLE, world.clone());
    let told = talkers.iter().max_by_key(|talker| talker.heard.len()).expect("somebody heard");
    reader.read_on(told.last).await.expect("a history");
    assert_eq!(reader.heard, told.heard);
    process.kill().expect("killed");
    process.wait().expect("gone");
}

/// As signal-server does: one call after the other, each told again until it is known to be kept.
async fn tell_of_calls(world: Arc<World>) -> Vec<String> {
    let link = NotesLink::remote(world.server.internal.clone(), Secret::new(NOTES_SECRET)).expect("a link");
    let mut calls = Vec::new();
    while !world.calm.load(Ordering::SeqCst) {
        let notes = [Outcome::Missed, Outcome::Ended].map(|outcome| {
            calls.push(ulid::Ulid::from(calls.len() as u128 + 1).to_string());
            called("talker0", "talker1", calls.len() as u64, outcome)
        });
        let notes = Notes { notes: notes.to_vec() };
        while link.keep(&notes).await.is_err() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
    calls
}

/// What must be true in the end.
fn judge(talkers: &[Talker], calls: &[String]) {
    // Words that were on their way may come after the last word; who had left by then did not hear them.
    let told = talkers.iter().map(|talker| &talker.heard).max_by_key(|heard| heard.len()).expect("somebody heard");
    assert!(told.len() >= PEOPLE, "there was a talk: {}", told.len());
    for talker in talkers {
        let stayed = told.iter().take(talker.heard.len());
        assert!(talker.heard.iter().eq(stayed), "everybody who resumed heard the same, {}", talker.name);
    }
    let mut places: HashMap<&str, u64> = HashMap::new();
    for (place, nonce) in told {
        assert_eq!(places.insert(nonce, *place), None, "{nonce} is there once");
    }
    let mut last = 0;
    for call in calls {
        let place = places.get(call.as_str()).copied().unwrap_or_else(|| panic!("the call {call} is lost"));
        assert!(place > last, "calls are told in their order");
        last = place;
    }
    for talker in talkers {
        let mut last = 0;
        for (nonce, acknowledged) in &talker.acknowledged {
            let place =
                places.get(nonce.as_str()).copied().unwrap_or_else(|| panic!("{nonce} was acknowledged and is lost"));
            assert_eq!(place, *acknowledged, "{nonce} is where it was acknowledged");
            assert!(place > last, "{} is heard in the order in which they spoke", talker.name);
            last = place;
        }
    }
}

/// A page of the history, as far as it is judged.
#[derive(serde::Deserialize)]
struct Page {
    items: Vec<Item>,
}

#[derive(serde::Deserialize)]
struct Item {
    seq: u64,
    body: Option<String>,
    call: Option<String>,
}

impl Item {
    /// The last word of a message, which is its nonce; or which call it was.
    fn mark(self) -> Option<String> {
        self.call.or_else(|| Some(self.body?.rsplit(' ').next()?.to_owned()))
    }
}

struct World {
    server: Server,
    bridge: TestBridge,
    acknowledged: AtomicUsize,
    calm: AtomicBool,
}

impl World {
    async fn until_acknowledged(&self, count: usize) {
        let wait = async {
            while self.acknowledged.load(Ordering::SeqCst) < count {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        tokio::time::timeout(PATIENCE, wait).await.expect("the talk goes on");
    }

    /// A page of the history after an event: places and what stands there.
    async fn page(&self, name: &str, after: u64) -> Option<Vec<(u64, String)>> {
        let token = self.bridge.sign(&self.bridge.claims(name, ROOM, MEMBER));
        let url = format!("http://{}/api/chat/rooms/{ROOM}/history?after={after}&limit=100", self.server.address);
        let answer = reqwest::Client::new().get(url).bearer_auth(token).send().await.ok()?;
        let page: Page = answer.error_for_status().ok()?.json().await.ok()?;
        Some(page.items.into_iter().map(|item| (item.seq, item.mark().expect("a message or a call"))).collect())
    }
}

/// chat-server as a process of its own, which can be killed.
struct Server {
    address: SocketAddr,
    internal: url::Url,
    config: std::path::PathBuf,
    _folder: tempfile::TempDir,
}

impl Server {
    async fn prepare(database: &str, bridge: &TestBridge) -> Self {
        let of_bridge = http::listen(([127, 0, 0, 1], 0).into()).await.expect("a port");
        let bridge_address = of_bridge.local_addr().expect("an address");
        tokio::spawn(http::serve(of_bridge, bridge.routes(), Stop::new()));
        let free = || std::net::TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a port");
        let (address, internal, monitor) = (free(), free(), free());
        let folder = tempfile::tempdir().expect("a folder");
        let config = folder.path().join("symposium.toml");
        let text = format!(
            "[site]\nname = \"Test\"\nurl = \"{ORIGIN}/\"\n[service]\nlog = \"warn\"\n[chat]\nlisten = \"{address}\"\n\
             internal = \"{internal}\"\nmonitor = \"{monitor}\"\ndatabase = \"{database}\"\nbridge = \"http://{bridge_address}/\"\n\
             acts = {{ times = 100000, per_s = 1 }}\nframes = {{ times = 100000, per_s = 1 }}\n"
        );
        std::fs::write(&config, text).expect("written");
        let internal = format!("http://{internal}/").parse().expect("an address");
        Self { address, internal, config, _folder: folder }
    }

    async fn start(&self) -> Child {
        let process = Process::new(env!("CARGO_BIN_EXE_chat-server"))
            .arg("--config")
            .arg(&self.config)
            .env("CHAT_SECRET", "a secret of the story")
            .env("NOTES_SECRET", NOTES_SECRET)
            .stdin(Stdio::null())
            .spawn()
            .expect("chat-server starts");
        let listens = async {
            while tokio::net::TcpStream::connect(self.address).await.is_err() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(PATIENCE, listens).await.expect("chat-server listens");
        process
    }
}

/// Somebody who says one thing after the other, and says again what was not acknowledged.
struct Talker {
    name: String,
    world: Arc<World>,
    words: usize,
    waiting: Option<String>,
    acknowledged: Vec<(String, u64)>,
    /// Place and nonce, or call, of everything heard.
    heard: BTreeMap<u64, String>,
    last: u64,
}

type Socket = tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>;

impl Talker {
    fn new(number: usize, world: Arc<World>) -> Self {
        let (acknowledged, heard) = (Vec::new(), BTreeMap::new());
        Self { name: format!("talker{number}"), world, words: 0, waiting: None, acknowledged, heard, last: 0 }
    }

    async fn talk(mut self) -> Self {
        let all = async {
            while !self.done() {
                if let Some(mut socket) = self.connect().await {
                    // A socket that breaks is opened again; what is known is kept.
                    let _ = self.converse(&mut socket).await;
                }
            }
        };
        tokio::time::timeout(PATIENCE * 5, all).await.expect("the talk comes to its end");
        self
    }

    /// In the end everybody has heard the last word, which is said by the first talker.
    fn done(&self) -> bool {
        self.waiting.is_none() && self.heard.values().any(|nonce| nonce == "the-last-word")
    }

    async fn connect(&self) -> Option<Socket> {
        let mut request = format!("ws://{}/api/chat/socket", self.world.server.address).into_client_request().ok()?;
        request.headers_mut().insert("origin", ORIGIN.parse().ok()?);
        if let Ok((socket, _)) = connect_async(request).await {
            return Some(socket);
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
        None
    }

    async fn converse(&mut self, socket: &mut Socket) -> Option<()> {
        let token = self.world.bridge.sign(&self.world.bridge.claims(&self.name, ROOM, MEMBER));
        let from = Some(self.last);
        send(socket, &Command::Enter { r#ref: "enter".into(), room: ROOM, token, lines: 0, from }).await?;
        while !self.done() {
            let Message::Text(text) = socket.next().await?.ok()? else { continue };
            match serde_json::from_str(&text).expect("a frame") {
                Frame::Resumed(resumed) => {
                    resumed.events.iter().for_each(|event| self.hear(event));
                    self.say(socket).await?;
                }
                Frame::Event { event, .. } => self.hear(&event),
                Frame::Ok { seq: Some(seq), .. } => {
                    let nonce = self.waiting.take().expect("something was said");
                    self.acknowledged.push((nonce, seq));
                    self.world.acknowledged.fetch_add(1, Ordering::SeqCst);
                    self.say(socket).await?;
                }
                // The bridge's keys may not be here yet after a start.
                Frame::Refused { code, .. } => {
                    assert!(["bridge_unavailable", "bad_token", "unavailable"].contains(&code.as_str()), "{code}");
                    return None;
                }
                // Too much was said meanwhile: the rest is read page by page.
                Frame::Entered(entered) => {
                    self.read_on(entered.seq).await?;
                    self.say(socket).await?;
                }
                _ => {}
            }
        }
        Some(())
    }

    /// Reads in the history what was said up to here.
    async fn read_on(&mut self, to: u64) -> Option<()> {
        while self.last < to {
            let page = self.world.page(&self.name, self.last).await?;
            for (seq, nonce) in page {
                assert!(seq > self.last, "{} reads everything once and in order", self.name);
                self.last = seq;
                self.heard.insert(seq, nonce);
            }
        }
        Some(())
    }

    async fn say(&mut self, socket: &mut Socket) -> Option<()> {
        let calm = self.world.calm.load(Ordering::SeqCst);
        let first = self.name == "talker0";
        if self.waiting.is_none() {
            let ended = self.acknowledged.iter().any(|(nonce, _)| nonce == "the-last-word");
            if calm && (!first || ended) {
                return Some(());
            }
            self.words += 1;
            let nonce = if calm { "the-last-word".to_owned() } else { format!("{}-{}", self.name, self.words) };
            self.waiting = Some(nonce);
        }
        let nonce = self.waiting.clone()?;
        let (r#ref, body) = (nonce.clone(), format!("I am {} and say {nonce}", self.name));
        send(
            socket,
            &Command::Say { r#ref, room: ROOM, nonce, body, reply_to: None, mentions: vec![], mention_all: false },
        )
        .await
    }

    fn hear(&mut self, event: &Event) {
        let (seq, mark) = match event {
            Event::Said { seq, nonce, .. } => (*seq, nonce.clone()),
            Event::Called { seq, call, .. } => (*seq, call.to_string()),
            other => panic!("only words are said here, and calls told: {other:?}"),
        };
        assert_eq!(seq, self.last + 1, "{} hears everything once and in order", self.name);
        self.last = seq;
        self.heard.insert(seq, mark);
    }
}

async fn send(socket: &mut Socket, command: &Command) -> Option<()> {
    socket.send(Message::text(serde_json::to_string(command).expect("a command"))).await.ok()
}
