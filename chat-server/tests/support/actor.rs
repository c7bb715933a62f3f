//! An actor: somebody with a browser tab, reduced to its socket. It keeps what a client keeps: the timeline of its room.

use std::time::Duration;

use chat_server::protocol::{Command, Event, Frame, Item};
use chat_server::timeline::Timeline;
use futures_util::{SinkExt, StreamExt};
use membership::{PersonId, RoomId};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::bridge::{Kind, MEMBER};
use super::{ORIGIN, ROOM, TestBridge, TestChat, person};

/// No frame of a story takes longer than this.
const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) struct Actor {
    pub(crate) name: String,
    pub(crate) standing: Kind,
    pub(crate) timeline: Timeline,
    /// Every event heard, in order.
    pub(crate) events: Vec<Event>,
    /// Every other frame heard that nobody waited for.
    pub(crate) frames: Vec<Frame>,
    /// Whether the server closed the socket.
    pub(crate) closed: bool,
    bridge: TestBridge,
    ws: WebSocketStream<MaybeTlsStream<TcpStream>>,
    refs: u64,
}

impl Actor {
    pub(crate) async fn connect(chat: &TestChat, name: &str) -> Self {
        let mut request = format!("ws://{}/socket", chat.address).into_client_request().expect("a request");
        request.headers_mut().insert("origin", ORIGIN.parse().expect("a header"));
        let (ws, _) = connect_async(request).await.expect("the socket opens");
        let (name, bridge) = (name.to_owned(), chat.bridge.clone());
        let (timeline, events, frames) = (Timeline::default(), Vec::new(), Vec::new());
        Self { name, standing: MEMBER, timeline, events, frames, closed: false, bridge, ws, refs: 0 }
    }

    pub(crate) fn person(&self) -> PersonId {
        person(&self.name)
    }

    pub(crate) fn token(&self, room: RoomId) -> String {
        self.bridge.sign(&self.bridge.claims(&self.name, room, self.standing))
    }

    pub(crate) fn next_ref(&mut self) -> String {
        self.refs += 1;
        format!("r{}", self.refs)
    }

    pub(crate) async fn enters(&mut self, room: RoomId) -> Frame {
        let (r#ref, token) = (self.next_ref(), self.token(room));
        self.sends(&Command::Enter { r#ref, room, token, lines: 100, from: None }).await;
        self.hears(|frame| matches!(frame, Frame::Entered(_) | Frame::Refused { .. })).await
    }

    /// Comes back with a new socket and enters after the last event it knows.
    pub(crate) async fn reconnects(&mut self, chat: &TestChat) -> Frame {
        let fresh = Self::connect(chat, &self.name).await;
        self.ws = fresh.ws;
        self.closed = false;
        let (r#ref, token, from) = (self.next_ref(), self.token(ROOM), Some(self.timeline.seq));
        self.sends(&Command::Enter { r#ref, room: ROOM, token, lines: 100, from }).await;
        self.hears(|frame| matches!(frame, Frame::Entered(_) | Frame::Resumed(_) | Frame::Refused { .. })).await
    }

    pub(crate) async fn drops(&mut self) {
        let _ = self.ws.close(None).await;
    }

    pub(crate) async fn says(&mut self, body: &str) -> u64 {
        let nonce = format!("nonce-{}-{}", self.name, self.refs);
        self.says_with(&nonce, body).await.expect("said")
    }

    pub(crate) async fn says_with(&mut self, nonce: &str, body: &str) -> Result<u64, String> {
        let r#ref = self.next_ref();
        let (nonce, body) = (nonce.to_owned(), body.to_owned());
        self.asks(Command::Say { r#ref, room: ROOM, nonce, body, reply_to: None, mentions: vec![], mention_all: false })
            .await
            .map(|seq| seq.expect("a place"))
    }

    pub(crate) async fn edits(&mut self, target: u64, body: &str) -> Result<Option<u64>, String> {
        let (r#ref, body) = (self.next_ref(), body.to_owned());
        self.asks(Command::Edit { r#ref, room: ROOM, target, body, mentions: vec![] }).await
    }

    pub(crate) async fn deletes(&mut self, target: u64) -> Result<Option<u64>, String> {
        let r#ref = self.next_ref();
        self.asks(Command::Delete { r#ref, room: ROOM, target }).await
    }

    pub(crate) async fn reacts(&mut self, target: u64, emoji: &str, on: bool) -> Result<Option<u64>, String> {
        let (r#ref, emoji) = (self.next_ref(), emoji.to_owned());
        self.asks(Command::React { r#ref, room: ROOM, target, emoji, on }).await
    }

    /// Sends a command and waits for its answer.
    pub(crate) async fn asks(&mut self, command: Command) -> Result<Option<u64>, String> {
        let mark = format!("r{}", self.refs);
        self.sends(&command).await;
        let answered = |frame: &Frame| match frame {
            Frame::Ok { r#ref, .. } => *r#ref == mark,
            Frame::Refused { r#ref, .. } => r#ref.as_ref() == Some(&mark),
            _ => false,
        };
        match self.hears(answered).await {
            Frame::Ok { seq, .. } => Ok(seq),
            Frame::Refused { code, .. } => Err(code),
            other => panic!("not an answer: {other:?}"),
        }
    }

    pub(crate) async fn sends(&mut self, command: &Command) {
        self.sends_text(&serde_json::to_string(command).expect("a command")).await;
    }

    pub(crate) async fn sends_text(&mut self, text: &str) {
        self.ws.send(Message::text(text)).await.expect("sent");
    }

    /// Reads until a frame is the one waited for; everything else is kept.
    pub(crate) async fn hears(&mut self, wanted: impl Fn(&Frame) -> bool) -> Frame {
        if let Some(place) = self.frames.iter().position(&wanted) {
            return self.frames.remove(place);
        }
        loop {
            let frame =
                self.next().await.unwrap_or_else(|| panic!("{} heard nothing more: {:?}", self.name, self.frames));
            if wanted(&frame) {
                return frame;
            }
            self.frames.push(frame);
        }
    }

    /// Reads until something is true.
    pub(crate) async fn until(&mut self, wanted: impl Fn(&Self) -> bool) {
        while !wanted(self) {
            let frame = self.next().await.unwrap_or_else(|| panic!("{} heard nothing more", self.name));
            self.frames.push(frame);
        }
    }

    /// Reads to the end, until the server closes the socket.
    pub(crate) async fn hears_the_end(&mut self) {
        while let Some(frame) = self.next().await {
            self.frames.push(frame);
        }
        assert!(self.closed, "the server closed the socket");
    }

    /// The bodies of the messages this actor knows.
    pub(crate) fn reads(&self) -> Vec<&str> {
        let items = self.timeline.items.iter();
        let messages = items.filter_map(|item| if let Item::Message(message) = item { Some(message) } else { None });
        messages.map(|message| message.body.as_str()).collect()
    }

    async fn next(&mut self) -> Option<Frame> {
        loop {
            let message =
                tokio::time::timeout(PATIENCE, self.ws.next()).await.expect("the server says something in time");
            match message {
                Some(Ok(Message::Text(text))) => {
                    let frame = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}"));
                    self.takes(&frame);
                    return Some(frame);
                }
                Some(Ok(Message::Close(_)) | Err(_)) | None => {
                    self.closed = true;
                    return None;
                }
                Some(Ok(_)) => {}
            }
        }
    }

    fn takes(&mut self, frame: &Frame) {
        match frame {
            Frame::Entered(entered) if entered.room == ROOM => {
                self.timeline = Timeline { seq: entered.seq, items: entered.items.clone().into() };
            }
            Frame::Resumed(resumed) if resumed.room == ROOM => {
                resumed.events.iter().for_each(|event| self.hear_event(event));
            }
            Frame::Event { room: ROOM, event } => self.hear_event(event),
            _ => {}
        }
    }

    fn hear_event(&mut self, event: &Event) {
        assert_eq!(event.seq(), self.timeline.seq + 1, "events come without gap or double");
        self.events.push(event.clone());
        self.timeline.apply(event);
        self.timeline.keep(100);
    }
}
