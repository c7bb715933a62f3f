//! An actor: somebody with a browser tab, reduced to its signalling socket.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use membership::{PersonId, RoomId};
use serde_json::{Value, json};
use signal_server::protocol::{Frame, LinkId, OfferId};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::bridge::{Kind, TestBridge};
use super::{ORIGIN, ROOM, TestSignal, person, token};

/// No frame of a story takes longer than this.
const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) struct Actor {
    pub(crate) name: String,
    /// Every frame heard that nobody waited for.
    pub(crate) frames: Vec<Frame>,
    bridge: TestBridge,
    ws: WebSocketStream<MaybeTlsStream<TcpStream>>,
    refs: u64,
}

/// What came of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Done {
    pub(crate) link: Option<LinkId>,
    pub(crate) offer: Option<OfferId>,
}

impl Actor {
    pub(crate) async fn connect(signal: &TestSignal, name: &str) -> Self {
        let mut request = format!("ws://{}/socket", signal.address).into_client_request().expect("a request");
        request.headers_mut().insert("origin", ORIGIN.parse().expect("a header"));
        let (ws, _) = connect_async(request).await.expect("the socket opens");
        Self { name: name.to_owned(), frames: Vec::new(), bridge: signal.bridge.clone(), ws, refs: 0 }
    }

    pub(crate) fn person(&self) -> PersonId {
        person(&self.name)
    }

    pub(crate) async fn enters(&mut self, room: RoomId, kind: Kind) -> Result<Done, String> {
        let token = token(&self.bridge, &self.name, room, kind);
        self.asks(json!({"type": "enter", "room": room, "token": token})).await
    }

    /// Calls somebody in the room.
    pub(crate) async fn rings(&mut self, name: &str) -> Result<LinkId, String> {
        let ring = json!({"type": "ring", "room": ROOM, "person": person(name), "media": "video"});
        self.asks(ring).await.map(|done| done.link.expect("a link"))
    }

    /// Does something to a link: `accept`, `decline`, `hang_up`.
    pub(crate) async fn does(&mut self, what: &str, link: LinkId) -> Result<Done, String> {
        self.asks(json!({"type": what, "link": link})).await
    }

    /// Offers one file of so many bytes.
    pub(crate) async fn offers(&mut self, name: &str, size: u64) -> Result<OfferId, String> {
        let files = json!([{"name": name, "size": size, "kind": "text/plain"}]);
        let offer = json!({"type": "offer", "room": ROOM, "files": files, "count": 1, "size": size});
        self.asks(offer).await.map(|done| done.offer.expect("an offer"))
    }

    /// Sends a command and waits for its answer.
    pub(crate) async fn asks(&mut self, mut command: Value) -> Result<Done, String> {
        self.refs += 1;
        let mark = format!("r{}", self.refs);
        command["ref"] = json!(mark);
        self.sends(&command).await;
        let answered = |frame: &Frame| match frame {
            Frame::Ok { r#ref, .. } => *r#ref == mark,
            Frame::Refused { r#ref, .. } => r#ref.as_ref() == Some(&mark),
            _ => false,
        };
        match self.hears(answered).await {
            Frame::Ok { link, offer, .. } => Ok(Done { link, offer }),
            Frame::Refused { code, .. } => Err(code),
            other => panic!("not an answer: {other:?}"),
        }
    }

    pub(crate) async fn sends(&mut self, frame: &Value) {
        self.sends_text(&frame.to_string()).await;
    }

    pub(crate) async fn sends_text(&mut self, text: &str) {
        self.ws.send(Message::text(text)).await.expect("sent");
    }

    pub(crate) async fn drops(mut self) {
        let _ = self.ws.close(None).await;
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

    /// Everything that was said before the answer to a ping.
    pub(crate) async fn heard_so_far(&mut self) -> Vec<Frame> {
        self.sends(&json!({"type": "ping"})).await;
        self.hears(|frame| *frame == Frame::Pong).await;
        std::mem::take(&mut self.frames)
    }

    /// The next frame; none when the server closed the socket.
    pub(crate) async fn next(&mut self) -> Option<Frame> {
        loop {
            let message = tokio::time::timeout(PATIENCE, self.ws.next()).await;
            match message.unwrap_or_else(|_| panic!("{} waited too long: {:?}", self.name, self.frames))? {
                Ok(Message::Text(text)) => return Some(serde_json::from_str(&text).expect("a frame")),
                Ok(Message::Close(_)) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }
}
