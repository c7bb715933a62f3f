//! What goes over the wire: the people, rooms and messages of a measurement, and the texts of both servers for them.
//!
//! A message carries its number and the time it was sent at the end of its body, where every listener finds them without
//! reading the frame.

use std::time::Duration;

use anyhow::Result;
use chat_server::protocol::{Command, Event, Frame};
use membership::token::{Audience, Claims, Signer};
use membership::{Grant, Grants, PersonId, Role, Roles, RoomId, RoomKind, SessionId};
use service::clock::Clock;

/// Characters of a message.
const BODY: usize = 140;
/// Digits of a message's number.
const NUMBER: usize = 8;
/// Digits of the time it was sent, in microseconds.
const TIME: usize = 12;
/// How an event ends after its body.
const END: &[u8] = b"\"}}";
/// Tokens of a measurement outlive it.
const LIFE: Duration = Duration::from_hours(24);

/// The language of the server that is measured.
#[derive(Debug)]
pub(crate) enum Wire {
    /// Of the floor.
    Floor,
    /// Of chat-server, with the key that signs tokens.
    Chat(Signer),
}

/// What everybody in a measurement may do.
pub(crate) const GRANTS: Grants =
    Grants::NONE.with(Grant::Read).with(Grant::Post).with(Grant::Call).with(Grant::SendFiles);

/// A frame, as far as a measurement cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Heard {
    /// A message: its number, and when it was sent.
    Said(usize, u64),
    /// A room was entered.
    Entered,
    /// A command was carried out.
    Ok,
    /// Something that goes with a room.
    Aside,
    /// What must not happen.
    Bad,
}

impl Wire {
    /// The text that enters a room with so many lines.
    pub(crate) fn enter(&self, person_number: u64, room_number: u64, lines: u16) -> Result<String> {
        Ok(match self {
            Self::Floor => room_number.to_string(),
            Self::Chat(signer) => {
                let token = signer.sign(&claims(Audience::Chat, person_number, room_number))?;
                let (r#ref, room) = ("enter".to_owned(), room(room_number));
                serde_json::to_string(&Command::Enter { r#ref, room, token, lines, from: None })?
            }
        })
    }

    /// The text that says a message. For the floor it is the one that chat-server's listeners are told.
    pub(crate) fn say(&self, person_number: u64, room_number: u64, number: usize, sent_us: u64) -> Result<String> {
        let (room, n) = (room(room_number), number as u64);
        let (nonce, body, mentions) = (nonce(n), body(n, sent_us), Vec::new());
        Ok(match self {
            Self::Floor => {
                let (by, name, at) = (person(person_number), name(person_number), Clock::System.now_ms());
                let event =
                    Event::Said { seq: n, at, by, name, nonce, body, reply_to: None, mentions, mention_all: false };
                serde_json::to_string(&Frame::Event { room, event })?
            }
            Self::Chat(_) => {
                let r#ref = number.to_string();
                let reply_to = None;
                serde_json::to_string(&Command::Say {
                    r#ref,
                    room,
                    nonce,
                    body,
                    reply_to,
                    mentions,
                    mention_all: false,
                })?
            }
        })
    }
}

/// What a frame is.
pub(crate) fn hear(frame: &[u8]) -> Heard {
    let Some(rest) = frame.strip_prefix(b"{\"type\":\"") else { return Heard::Bad };
    if rest.starts_with(b"event\"") {
        said(frame).unwrap_or(Heard::Bad)
    } else if rest.starts_with(b"entered\"") {
        Heard::Entered
    } else if rest.starts_with(b"ok\"") {
        Heard::Ok
    } else if rest.starts_with(b"presence\"") || rest.starts_with(b"welcome\"") {
        Heard::Aside
    } else {
        Heard::Bad
    }
}

fn said(frame: &[u8]) -> Option<Heard> {
    let digits = frame.strip_suffix(END)?.split_last_chunk::<{ NUMBER + TIME }>()?.1;
    let number = |digits: &[u8]| digits.iter().fold(0, |sum, digit| sum * 10 + u64::from(digit.wrapping_sub(b'0')));
    let (message, sent) = digits.split_at(NUMBER);
    Some(Heard::Said(usize::try_from(number(message)).ok()?, number(sent)))
}

/// The text of a message.
pub(crate) fn body(number: u64, sent_us: u64) -> String {
    let mut body = "Tulips and roses. ".repeat(BODY.div_ceil(18));
    body.truncate(BODY - NUMBER - TIME);
    body + &format!("{number:0NUMBER$}{sent_us:0TIME$}")
}

/// A client's mark of a message.
pub(crate) fn nonce(number: u64) -> String {
    format!("01ARZ3NDEKTSV4R{number:011}")
}

/// The name of a person.
pub(crate) fn name(number: u64) -> String {
    format!("Member {number:05}")
}

/// A person.
pub(crate) const fn person(number: u64) -> PersonId {
    PersonId::new(1_700_000_000_000, number as u128)
}

/// A room.
pub(crate) const fn room(number: u64) -> RoomId {
    RoomId::new(1_700_000_000_001, number as u128)
}

/// What a room token of a measurement says.
pub(crate) fn claims(aud: Audience, person_number: u64, room_number: u64) -> Claims {
    let now = Clock::System.now_s();
    Claims {
        iss: "bench".to_owned(),
        aud,
        sub: person(person_number),
        name: name(person_number),
        room: room(room_number),
        list: format!("room-{room_number}@lists.bench.example").parse().ok(),
        kind: RoomKind::List,
        roles: Roles::NONE.with(Role::Subscriber),
        grants: GRANTS,
        concealed: false,
        relay_only: false,
        sid: SessionId::new(1_700_000_000_002, u128::from(person_number)),
        iat: now,
        nbf: now,
        exp: now + LIFE.as_secs(),
        jti: person(person_number).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_found_in_the_frame_of_either_server() {
        let told = Wire::Floor.say(3, 4, 17, 123_456).expect("a frame");
        assert_eq!(hear(told.as_bytes()), Heard::Said(17, 123_456));
        assert_eq!(body(17, 123_456).len(), BODY);
    }
}
