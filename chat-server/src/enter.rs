//! Entering a room: fresh, or resumed after the last event known.

use std::sync::Arc;

use axum::extract::ws::Utf8Bytes;
use membership::token::Claims;
use membership::{Grant, RoomId, RoomKind};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::app::App;
use crate::protocol::{Frame, Place, Resumed};
use crate::room::ITEMS;
use crate::seat::{Held, Seat, Socket, text};

/// More events than this are not replayed; the room is given afresh.
const REPLAYED: usize = 500;

/// How somebody wishes to enter.
#[derive(Debug, Clone)]
pub(crate) struct Wish {
    r#ref: String,
    /// Which room.
    pub(crate) room: RoomId,
    lines: usize,
    from: Option<u64>,
}

impl Wish {
    /// No more lines than stand ready.
    pub(crate) fn new(r#ref: &str, room: RoomId, lines: u16, from: Option<u64>) -> Self {
        Self { r#ref: r#ref.to_owned(), room, lines: usize::from(lines).min(ITEMS), from }
    }
}

/// `entered` with the items as they stand ready.
#[derive(Serialize)]
struct EnteredText<'a> {
    r#type: &'static str,
    r#ref: &'a str,
    room: RoomId,
    seq: u64,
    items: &'a RawValue,
    first: bool,
    #[serde(flatten)]
    place: &'a Place,
}

/// Gives a seat in the room, and with it the newest lines or what happened since.
pub(crate) async fn enter(app: &App, socket: &Arc<Socket>, claims: &Claims, wish: Wish) -> Result<(), &'static str> {
    if !claims.grants.may(Grant::Read) {
        return Err("not_allowed");
    }
    let room = app.hub.room(wish.room);
    // Whatever comes of it: a room that nobody stays in is forgotten.
    app.hub.stir(wish.room);
    room.load(&app.store, &app.marks).await.map_err(unavailable)?;
    let seat = Arc::new(Seat::new(socket, room, claims));
    // What stood in a list's room before one came is not new; in a direct room it was written to oneself.
    let read_before = if claims.kind == RoomKind::Direct { 0 } else { seat.room.seq() };
    let mark = app.marks.of(&app.store, &seat.room, seat.person, read_before).await.map_err(unavailable)?;
    seat.read(mark);
    let (unread, mentions) = unread(app, &seat, mark).await.map_err(unavailable)?;
    let place =
        Place { read: mark, unread, mentions, grants: claims.grants, presence: crate::protocol::Presence::default() };
    let resumed = match wish.from {
        Some(from) => resume(app, &seat, &wish, from, place.clone()).await.map_err(unavailable)?,
        None => false,
    };
    if !resumed {
        seat.room.enter(&seat, wish.lines, |tail, presence| {
            let place = Place { presence, ..place };
            seat.outbox.put(entered(&wish, tail.seq, &tail.items, tail.first, &place));
        });
    }
    socket.take(seat.clone());
    app.hub.stir(wish.room);
    stay(app, socket, &seat, claims).await;
    Ok(())
}

/// What the bridge said while the room was being entered found no seat: it is heeded now.
async fn stay(app: &App, socket: &Socket, seat: &Seat, claims: &Claims) {
    match app.gate.worth(claims.clone()).await {
        Ok(claims) if claims.grants.may(Grant::Read) => seat.stand(Held::from(&claims)),
        Ok(_) => out(app, socket, seat, "not_a_member"),
        Err(code) => out(app, socket, seat, code),
    }
}

fn out(app: &App, socket: &Socket, seat: &Seat, code: &str) {
    app.hub.leave(socket, seat.room.id);
    seat.send(&Frame::Removed { room: seat.room.id, code: code.to_owned() });
}

/// Unread messages after a mark, and those that address this person. Nothing is asked when there is nothing after it.
pub(crate) async fn unread(app: &App, seat: &Seat, mark: u64) -> sqlx::Result<(u64, u64)> {
    if mark >= seat.room.seq() {
        return Ok((0, 0));
    }
    app.store.unread(seat.room.id, seat.person, mark).await
}

async fn resume(app: &App, seat: &Arc<Seat>, wish: &Wish, from: u64, place: Place) -> sqlx::Result<bool> {
    if seat.room.seq().saturating_sub(from) > REPLAYED as u64 {
        return Ok(false);
    }
    let older = if from < seat.room.ready_after() {
        app.store.events_after(wish.room, from, REPLAYED).await?
    } else {
        Vec::new()
    };
    Ok(seat.room.resume(seat, from, &older, |seq, events, presence| {
        let place = Place { presence, ..place };
        let resumed = Resumed { r#ref: wish.r#ref.clone(), room: wish.room, seq, events, place };
        seat.outbox.put(text(&Frame::Resumed(Box::new(resumed))));
    }))
}

/// The frame around items that are JSON already.
fn entered(wish: &Wish, seq: u64, items: &RawValue, first: bool, place: &Place) -> Utf8Bytes {
    let (r#ref, room) = (wish.r#ref.as_str(), wish.room);
    let frame = EnteredText { r#type: "entered", r#ref, room, seq, items, first, place };
    serde_json::to_string(&frame).expect("frames are plain data").into()
}

#[expect(clippy::needless_pass_by_value, reason = "used as a function of the error")]
fn unavailable(error: sqlx::Error) -> &'static str {
    tracing::error!(%error, "A room could not be read: {error}");
    "unavailable"
}
