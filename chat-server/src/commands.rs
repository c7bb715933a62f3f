//! What each command does: who may, within which limits, and what is answered.

use std::sync::Arc;

use membership::token::Claims;
use membership::{Grant, PersonId, RoomId};

use crate::enter;
use crate::protocol::{Command, Frame};
use crate::seat::{Held, Seat, Socket};
use crate::session::Session;
use crate::writer::{Act, Outcome, Request};

/// Longest `ref` and nonce, in bytes.
const MARK: usize = 40;
/// Shortest nonce: shorter ones would meet by chance.
const NONCE: usize = 8;
/// Most people addressed by one message.
const MENTIONS: usize = 50;
/// Longest emoji, in code points (a family is seven).
const EMOJI: usize = 8;

/// Carries out one command and answers it.
pub(crate) async fn carry_out(session: &mut Session, command: Command) {
    if let Some((mark, room)) = mark(&command)
        && mark.len() > MARK
    {
        return refuse(session, None, room, "too_large", None);
    }
    match command {
        Command::Enter { r#ref, room, token, lines, from } => {
            let wish = enter::Wish::new(&r#ref, room, lines, from);
            if let Err(code) = admit(session, wish, &token).await {
                refuse(session, Some(r#ref), room, code, None);
            }
        }
        Command::Renew { r#ref, room, token } => {
            let outcome = renew(session, room, &token).await;
            answer(session, r#ref, room, outcome.map(|()| None));
        }
        Command::Leave { r#ref, room } => {
            if let Some(socket) = &session.socket {
                session.app.hub.leave(socket, room);
            }
            answer(session, r#ref, room, Ok(None));
        }
        Command::Read { room, seq } => read(session, room, seq).await,
        Command::Typing { room, on } => {
            if let Some(seat) = seat(session, room).filter(|seat| seat.may(Grant::Post)) {
                seat.room.typing(&seat, on);
            }
        }
        Command::Ping {} => session.send(&Frame::Pong),
        Command::Say { r#ref, room, nonce, body, reply_to, mentions, mention_all } => {
            let sound = sound_nonce(&nonce).and_then(|()| sound_text(session, &body, &mentions));
            let act = Act::Say { nonce, body, reply_to, mentions, mention_all };
            act_in(session, r#ref, room, sound.map(|()| act));
        }
        Command::Edit { r#ref, room, target, body, mentions } => {
            let sound = sound_text(session, &body, &mentions);
            act_in(session, r#ref, room, sound.map(|()| Act::Edit { target, body, mentions }));
        }
        Command::Delete { r#ref, room, target } => {
            let moderates = seat(session, room).is_some_and(|seat| seat.may(Grant::Moderate));
            act_in(session, r#ref, room, Ok(Act::Delete { target, moderates }));
        }
        Command::React { r#ref, room, target, emoji, on } => {
            let act = sound_emoji(&emoji).map(|()| Act::React { target, emoji, on });
            act_in(session, r#ref, room, act);
        }
    }
}

/// What the answer to a command repeats, and its room; none when it is not answered.
fn mark(command: &Command) -> Option<(&str, RoomId)> {
    match command {
        Command::Enter { r#ref, room, .. }
        | Command::Renew { r#ref, room, .. }
        | Command::Leave { r#ref, room }
        | Command::Say { r#ref, room, .. }
        | Command::Edit { r#ref, room, .. }
        | Command::Delete { r#ref, room, .. }
        | Command::React { r#ref, room, .. } => Some((r#ref, *room)),
        Command::Read { .. } | Command::Typing { .. } | Command::Ping {} => None,
    }
}

async fn admit(session: &mut Session, wish: enter::Wish, token: &str) -> Result<(), &'static str> {
    let claims = session.app.gate.check(token, wish.room).await?;
    let socket = socket_of(session, &claims)?;
    if socket.seat(wish.room).is_none() && socket.rooms() >= session.app.config.rooms_per_socket {
        return Err("too_large");
    }
    enter::enter(&session.app, &socket, &claims, wish).await
}

/// The first room entered says whose socket it is; another person's token is refused afterwards.
fn socket_of(session: &mut Session, claims: &Claims) -> Result<Arc<Socket>, &'static str> {
    if let Some(socket) = &session.socket {
        let same = socket.person == claims.sub && socket.sid == claims.sid;
        return if same { Ok(socket.clone()) } else { Err("bad_token") };
    }
    let hub = &session.app.hub;
    if hub.sockets_of(claims.sub).len() >= session.app.config.sockets_per_person {
        return Err("too_many");
    }
    let socket = Arc::new(Socket::new(hub.number(), claims.sub, claims.sid, session.outbox.clone()));
    hub.connect(&socket);
    session.socket = Some(socket.clone());
    Ok(socket)
}

async fn renew(session: &Session, room: RoomId, token: &str) -> Result<(), &'static str> {
    let claims = session.app.gate.check(token, room).await?;
    let socket = session.socket.as_ref().ok_or("not_a_member")?;
    if (socket.person, socket.sid) != (claims.sub, claims.sid) {
        return Err("bad_token");
    }
    let seat = socket.seat(room).ok_or("not_a_member")?;
    seat.stand(Held::from(&claims));
    Ok(())
}

async fn read(session: &Session, room: RoomId, seq: u64) {
    let Some(seat) = seat(session, room).filter(|seat| seat.may(Grant::Read)) else { return };
    let (app, seq) = (&session.app, seq.min(seat.room.seq()));
    if !seat.read(seq) {
        return;
    }
    app.marks.forward(&seat.room, seat.person, seq);
    let Ok((unread, mentions)) = enter::unread(app, &seat, seq).await else { return };
    for socket in app.hub.sockets_of(seat.person) {
        if let Some(other) = socket.seat(room) {
            other.read(seq);
            socket.send(&Frame::Read { room, seq, unread, mentions });
        }
    }
}

/// Says, edits, deletes or reacts, by somebody who has a seat and the grant.
fn act_in(session: &Session, r#ref: String, room: RoomId, act: Result<Act, &'static str>) {
    let Some(seat) = seat(session, room) else { return refuse(session, Some(r#ref), room, "not_a_member", None) };
    let act = match act {
        Ok(act) => act,
        Err(code) => return refuse(session, Some(r#ref), room, code, None),
    };
    let needs = match act {
        Act::Say { mention_all: true, .. } => Grant::MentionAll,
        Act::Delete { moderates: true, .. } => Grant::Moderate,
        _ => Grant::Post,
    };
    if !seat.may(needs) || (needs == Grant::MentionAll && !seat.may(Grant::Post)) {
        return refuse(session, Some(r#ref), room, "not_allowed", None);
    }
    if let Err(wait) = session.app.limits.acts.count(&seat.person) {
        return refuse(session, Some(r#ref), room, "too_many", Some(wait));
    }
    let outbox = session.outbox.clone();
    let answer = Box::new(move |done| outbox.put(crate::seat::text(&outcome(r#ref, room, done))));
    session.app.writer.ask(Request { room, by: seat.person, name: seat.held().name, act, answer });
}

fn seat(session: &Session, room: RoomId) -> Option<Arc<Seat>> {
    session.socket.as_ref()?.seat(room)
}

fn answer(session: &Session, r#ref: String, room: RoomId, done: Outcome) {
    session.send(&outcome(r#ref, room, done));
}

fn outcome(r#ref: String, room: RoomId, done: Outcome) -> Frame {
    match done {
        Ok(seq) => Frame::Ok { r#ref, room, seq },
        Err(code) => {
            Frame::Refused { r#ref: Some(r#ref), room: Some(room), code: code.to_owned(), retry_after_ms: None }
        }
    }
}

fn refuse(session: &Session, r#ref: Option<String>, room: RoomId, code: &str, retry_after_ms: Option<u64>) {
    session.send(&Frame::Refused { r#ref, room: Some(room), code: code.to_owned(), retry_after_ms });
}

pub(crate) fn sound_nonce(nonce: &str) -> Result<(), &'static str> {
    let plain = nonce.bytes().all(|b| b.is_ascii_graphic());
    if plain && (NONCE..=MARK).contains(&nonce.len()) { Ok(()) } else { Err("bad_frame") }
}

fn sound_text(session: &Session, body: &str, mentions: &[PersonId]) -> Result<(), &'static str> {
    if body.trim().is_empty() || body.contains('\0') {
        Err("bad_frame")
    } else if body.chars().count() > session.app.config.body_chars || mentions.len() > MENTIONS {
        Err("too_large")
    } else {
        Ok(())
    }
}

/// One emoji: short, and not made of letters, so that a reaction is never a second text.
pub(crate) fn sound_emoji(emoji: &str) -> Result<(), &'static str> {
    let picture = |c: char| !c.is_alphanumeric() && !c.is_whitespace() && !c.is_control() && !c.is_ascii();
    let pictures = (1..=EMOJI).contains(&emoji.chars().count()) && emoji.chars().all(picture);
    let sound = pictures || is_keycap(emoji);
    if sound { Ok(()) } else { Err("bad_frame") }
}

/// A digit, `#` or `*` on a key.
fn is_keycap(emoji: &str) -> bool {
    let mut chars = emoji.chars().filter(|c| *c != '\u{fe0f}');
    let key = chars.next().is_some_and(|c| c.is_ascii_digit() || "#*".contains(c));
    key && chars.next() == Some('\u{20e3}') && chars.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reaction_is_one_emoji_and_never_a_text() {
        for emoji in ["👍", "❤️", "👨‍👩‍👧", "🏳️‍🌈", "1️⃣", "🇫🇷"] {
            assert_eq!(sound_emoji(emoji), Ok(()), "{emoji}");
        }
        for text in
            ["", "no", "<b>", "é", "漢", "👍👍👍👍👍👍👍👍👍", " ", "\u{202e}\n", "no\u{20e3}", "\0\u{20e3}", "1"]
        {
            assert!(sound_emoji(text).is_err(), "{text}");
        }
    }
}
