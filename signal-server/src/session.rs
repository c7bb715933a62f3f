//! One signalling socket: whose it is, and what is said on it.

use std::sync::Arc;

use axum::extract::ws::{Utf8Bytes, WebSocket};
use membership::token::Claims;
use membership::{PersonId, RoomId, SessionId};
use service::notes::FILES;
use service::socket::doors::Door;
use service::socket::outbox::Outbox;
use service::socket::{self, House, Talk};

use crate::app::{App, Speaker};
use crate::commands;
use crate::exchange::{OFFERS, SocketId};
use crate::hub::text;
use crate::protocol::{Command, Frame, Limits};

/// Largest frame a client may send, in bytes: the largest description, written as JSON.
pub(crate) const FRAME_BYTES: usize = 128 * 1024;

/// What a session knows of itself.
pub(crate) struct Session {
    pub(crate) app: App,
    door: Door,
    outbox: Arc<Outbox>,
    /// Set by the first room entered.
    pub(crate) holder: Option<Whose>,
}

/// Whose socket it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Whose {
    pub(crate) socket: SocketId,
    pub(crate) person: PersonId,
    sid: SessionId,
}

/// Lives as long as the socket.
pub(crate) async fn live(app: App, door: Door, mut ws: WebSocket) {
    metrics::gauge!("signal_sockets").increment(1);
    let outbox = Arc::new(Outbox::default());
    let house = House { stop: app.stop.clone(), dice: app.dice.clone() };
    let session = Session { app, door, outbox: outbox.clone(), holder: None };
    let session = socket::live(house, outbox, session, &mut ws).await;
    if let Some(Whose { socket, .. }) = session.holder {
        session.app.hub.disconnect(socket);
    }
    metrics::gauge!("signal_sockets").decrement(1);
}

impl Session {
    /// Sends a frame to this socket.
    pub(crate) fn send(&self, frame: &Frame) {
        self.outbox.put(text(frame));
    }

    /// The first room entered says whose socket it is; another person's token is refused afterwards.
    pub(crate) fn admit(&mut self, claims: &Claims) -> Result<Whose, &'static str> {
        if let Some(whose) = self.holder {
            let same = whose.person == claims.sub && whose.sid == claims.sid;
            return if same { Ok(whose) } else { Err("bad_token") };
        }
        let most = self.app.config.sockets_per_person;
        let (person, sid) = (claims.sub, claims.sid);
        let socket = self.app.hub.connect(person, sid, self.outbox.clone(), most).ok_or("too_many")?;
        Ok(*self.holder.insert(Whose { socket, person, sid }))
    }
}

impl Talk for Session {
    type Command = Command;

    fn welcome(&self) -> Utf8Bytes {
        let rooms = self.app.config.rooms_per_socket;
        let conference = if self.app.hub.confers() { self.app.config.media.capacity } else { 0 };
        let limits = Limits { frame_bytes: FRAME_BYTES, rooms, offers: OFFERS, files: FILES, conference };
        text(&Frame::Welcome { limits, at: self.app.clock.now_ms() })
    }

    fn resume(&self, after_ms: u64) -> Utf8Bytes {
        text(&Frame::Resume { after_ms })
    }

    fn refused(&self, r#ref: Option<String>, room: Option<RoomId>, code: &str, wait_ms: Option<u64>) -> Utf8Bytes {
        text(&Frame::Refused { r#ref, room, code: code.to_owned(), retry_after_ms: wait_ms })
    }

    fn has_entered(&self) -> bool {
        self.holder.is_some()
    }

    fn count(&self) -> Result<(), u64> {
        let address = Speaker::Address(self.door.address());
        self.app.frames.count(&self.holder.map_or(address, |whose| Speaker::Socket(whose.socket)))
    }

    fn carry_out(&mut self, command: Command) -> impl Future<Output = ()> + Send {
        commands::carry_out(self, command)
    }
}
