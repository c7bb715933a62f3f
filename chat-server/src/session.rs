//! One socket of the chat: whose it is, and what is said on it.

use std::sync::Arc;

use axum::extract::ws::{Utf8Bytes, WebSocket};
use membership::RoomId;
use service::socket::doors::Door;
use service::socket::outbox::Outbox;
use service::socket::{self, House, Talk};

use crate::app::{App, Speaker};
use crate::commands;
use crate::protocol::{Command, Frame, Limits};
use crate::seat::{Socket, text};

/// What a session knows of itself.
pub(crate) struct Session {
    pub(crate) app: App,
    door: Door,
    pub(crate) outbox: Arc<Outbox>,
    /// Set by the first room entered.
    pub(crate) socket: Option<Arc<Socket>>,
}

/// Lives as long as the socket.
pub(crate) async fn live(app: App, door: Door, mut ws: WebSocket) {
    metrics::gauge!("chat_sockets").increment(1);
    let outbox = Arc::new(Outbox::default());
    let house = House { stop: app.stop.clone(), dice: app.dice.clone() };
    let session = Session { app, door, outbox: outbox.clone(), socket: None };
    let session = socket::live(house, outbox, session, &mut ws).await;
    if let Some(socket) = &session.socket {
        session.app.hub.disconnect(socket);
    }
    metrics::gauge!("chat_sockets").decrement(1);
}

impl Session {
    /// Sends a frame to this socket.
    pub(crate) fn send(&self, frame: &Frame) {
        self.outbox.put(text(frame));
    }
}

impl Talk for Session {
    type Command = Command;

    fn welcome(&self) -> Utf8Bytes {
        let config = &self.app.config;
        let (frame_bytes, body_chars, rooms) = (config.frame_bytes, config.body_chars, config.rooms_per_socket);
        text(&Frame::Welcome { limits: Limits { frame_bytes, body_chars, rooms }, at: self.app.clock.now_ms() })
    }

    fn resume(&self, after_ms: u64) -> Utf8Bytes {
        text(&Frame::Resume { after_ms })
    }

    fn refused(&self, r#ref: Option<String>, room: Option<RoomId>, code: &str, wait_ms: Option<u64>) -> Utf8Bytes {
        text(&Frame::Refused { r#ref, room, code: code.to_owned(), retry_after_ms: wait_ms })
    }

    fn has_entered(&self) -> bool {
        self.socket.is_some()
    }

    fn count(&self) -> Result<(), u64> {
        let address = Speaker::Address(self.door.address());
        let speaker = self.socket.as_ref().map_or(address, |socket| Speaker::Socket(socket.id));
        self.app.limits.frames.count(&speaker)
    }

    fn carry_out(&mut self, command: Command) -> impl Future<Output = ()> + Send {
        commands::carry_out(self, command)
    }
}
