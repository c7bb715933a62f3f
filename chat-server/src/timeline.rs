//! The timeline of a room: its newest items, and how an event changes them. The web app has the same function in TypeScript;
//! both are tested on the same recordings.
//!
//! Law: applying the events after a fetch to what was fetched gives what a fresh fetch would give.

use std::collections::VecDeque;

use crate::protocol::{Call, Closing, Conference, Deleted, Event, Item, Message, Offer, Reaction, Reactor};

/// The newest items of a room, oldest first, up to an event.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Timeline {
    /// The last event taken in.
    pub seq: u64,
    /// The items.
    pub items: VecDeque<Item>,
}

impl Timeline {
    /// Takes in the next event. One that is already in is ignored; one about an item that is not here changes nothing else.
    pub fn apply(&mut self, event: &Event) {
        if event.seq() <= self.seq {
            return;
        }
        self.seq = event.seq();
        match event {
            // An item that was fetched later than the number it was fetched with is here already.
            Event::Said { seq, .. }
            | Event::Called { seq, .. }
            | Event::Conferred { seq, .. }
            | Event::Offered { seq, .. }
                if self.items.back().is_some_and(|newest| newest.seq() >= *seq) => {}
            Event::Said { .. } => self.items.extend(said(event)),
            Event::Called { .. } => self.items.extend(called(event)),
            Event::Conferred { .. } => self.items.extend(conferred(event)),
            Event::Offered { .. } => self.items.extend(offered(event)),
            Event::Edited { target, at, body, mentions, .. } => {
                if let Some(message) = self.message(*target).filter(|message| message.deleted.is_none()) {
                    message.body.clone_from(body);
                    message.mentions.clone_from(mentions);
                    message.edited_at = Some(*at);
                }
            }
            Event::Deleted { target, at, moderated, .. } => {
                let gone = Some(Deleted { at: *at, moderated: *moderated });
                match self.item(*target) {
                    Some(Item::Message(message)) => {
                        message.body.clear();
                        message.mentions.clear();
                        message.mention_all = false;
                        message.reactions.clear();
                        message.deleted = gone;
                    }
                    Some(Item::Offer(offer)) => {
                        offer.files.clear();
                        offer.deleted = gone;
                    }
                    Some(Item::Call(_) | Item::Conference(_)) | None => {}
                }
            }
            Event::Reacted { target, .. } => {
                if let Some(message) = self.message(*target).filter(|message| message.deleted.is_none()) {
                    react(&mut message.reactions, event);
                }
            }
            Event::Closed { target, at, why, .. } => {
                if let Some(Item::Offer(offer)) = self.item(*target) {
                    offer.closed = Some(Closing { at: *at, why: *why });
                }
            }
        }
    }

    /// Forgets the oldest items beyond so many.
    pub fn keep(&mut self, items: usize) {
        while self.items.len() > items {
            self.items.pop_front();
        }
    }

    fn message(&mut self, target: u64) -> Option<&mut Message> {
        match self.item(target)? {
            Item::Message(message) => Some(message),
            Item::Call(_) | Item::Conference(_) | Item::Offer(_) => None,
        }
    }

    fn item(&mut self, target: u64) -> Option<&mut Item> {
        let place = self.items.binary_search_by_key(&target, Item::seq).ok()?;
        self.items.get_mut(place)
    }
}

fn said(event: &Event) -> Option<Item> {
    let Event::Said { seq, at, by, name, nonce, body, reply_to, mentions, mention_all } = event else { return None };
    Some(Item::Message(Message {
        seq: *seq,
        at: *at,
        by: *by,
        name: name.clone(),
        nonce: nonce.clone(),
        body: body.clone(),
        reply_to: *reply_to,
        mentions: mentions.clone(),
        mention_all: *mention_all,
        edited_at: None,
        deleted: None,
        reactions: Vec::new(),
    }))
}

fn called(event: &Event) -> Option<Item> {
    let Event::Called { seq, at, by, name, call, to, media, outcome, lasted_ms } = event else { return None };
    Some(Item::Call(Call {
        seq: *seq,
        at: *at,
        by: *by,
        name: name.clone(),
        call: *call,
        to: *to,
        media: *media,
        outcome: *outcome,
        lasted_ms: *lasted_ms,
    }))
}

fn conferred(event: &Event) -> Option<Item> {
    let Event::Conferred { seq, at, by, name, call, people, lasted_ms } = event else { return None };
    Some(Item::Conference(Conference {
        seq: *seq,
        at: *at,
        by: *by,
        name: name.clone(),
        call: *call,
        people: *people,
        lasted_ms: *lasted_ms,
    }))
}

fn offered(event: &Event) -> Option<Item> {
    let Event::Offered { seq, at, by, name, offer, files, count, size } = event else { return None };
    Some(Item::Offer(Offer {
        seq: *seq,
        at: *at,
        by: *by,
        name: name.clone(),
        offer: *offer,
        files: files.clone(),
        count: *count,
        size: *size,
        closed: None,
        deleted: None,
    }))
}

fn react(reactions: &mut Vec<Reaction>, event: &Event) {
    let Event::Reacted { seq, by, name, emoji, on, .. } = event else { return };
    for reaction in reactions.iter_mut().filter(|reaction| reaction.emoji == *emoji) {
        reaction.by.retain(|reactor| reactor.person != *by);
    }
    if *on {
        let reactor = Reactor { person: *by, name: name.clone(), seq: *seq };
        match reactions.iter_mut().find(|reaction| reaction.emoji == *emoji) {
            Some(reaction) => reaction.by.push(reactor),
            None => reactions.push(Reaction { emoji: emoji.clone(), by: vec![reactor] }),
        }
    }
    order(reactions);
}

/// Emoji stand in the order of their first reaction; one without any is gone.
pub fn order(reactions: &mut Vec<Reaction>) {
    reactions.retain(|reaction| !reaction.by.is_empty());
    reactions.sort_by_key(|reaction| reaction.by.first().map(|reactor| reactor.seq));
}
