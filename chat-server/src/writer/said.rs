//! A message as it is stored, and what is told of it.

use membership::RoomId;

use super::{Act, Request};
use crate::protocol::Event;
use crate::store::NewSaid;

/// The message that is asked for, at a place; none when something else is.
pub(super) fn message(request: &Request, seq: u64, at: u64) -> Option<NewSaid> {
    let Act::Say { nonce, body, reply_to, mentions, mention_all } = &request.act else { return None };
    Some(NewSaid {
        room: request.room,
        seq,
        at,
        by: request.by,
        name: request.name.clone(),
        nonce: nonce.clone(),
        body: body.clone(),
        reply_to: *reply_to,
        mentions: mentions.clone(),
        mention_all: *mention_all,
    })
}

/// What is told of a message, and where.
pub(super) fn event(said: NewSaid) -> (RoomId, Event) {
    let NewSaid { room, seq, at, by, name, nonce, body, reply_to, mentions, mention_all } = said;
    (room, Event::Said { seq, at, by, name, nonce, body, reply_to, mentions, mention_all })
}
