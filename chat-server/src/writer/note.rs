//! What the writer makes of a note: the event of a call, an offer of files, or its end. The same note twice is one event.

use service::db::Tx;
use service::notes::{self, What};

use super::{Desk, Outcome, Request};
use crate::protocol::Event;
use crate::store::notes::{NoteRow, insert_note, noted, standing_offer};

impl Desk {
    /// Stores a note that was not told before. Nothing happens when an offer ends that is not there, or no longer.
    pub(super) async fn note(
        &mut self,
        tx: &mut Tx,
        request: &Request,
        what: &What,
    ) -> sqlx::Result<(Outcome, Option<Event>)> {
        let (room, by, nonce) = (request.room, request.by, nonce(what));
        if let Some(seq) = noted(tx, room, by, &nonce).await? {
            return Ok((Ok(Some(seq)), None));
        }
        let target = match what {
            What::Closed { offer, .. } => {
                let Some(target) = standing_offer(tx, room, by, &offer_nonce(offer)).await? else {
                    return Ok((Ok(None), None));
                };
                target
            }
            What::Called { .. } | What::Conferred { .. } | What::Offered { .. } => 0,
        };
        self.head(tx, room).await?;
        let event = event(request, what, self.next(room), self.clock.now_ms(), target);
        // Who was called and did not hear it is addressed by it.
        let addressed = match what {
            What::Called { to, outcome: notes::Outcome::Missed, .. } => Some(*to),
            _ => None,
        };
        insert_note(tx, room, &NoteRow { event: &event, what, nonce: &nonce, addressed }).await?;
        Ok((Ok(Some(event.seq())), Some(event)))
    }
}

/// The mark of a note among the nonces of its sender's messages. They have no space in them, so that nobody can say something
/// in the place of a note.
fn nonce(what: &What) -> String {
    match what {
        What::Called { call, .. } => format!("call {call}"),
        What::Conferred { call, .. } => format!("conference {call}"),
        What::Offered { offer, .. } => offer_nonce(offer),
        What::Closed { offer, .. } => format!("closed {offer}"),
    }
}

fn offer_nonce(offer: &impl std::fmt::Display) -> String {
    format!("offer {offer}")
}

fn event(request: &Request, what: &What, seq: u64, at: u64, target: u64) -> Event {
    let (by, name) = (request.by, request.name.clone());
    match what.clone() {
        What::Called { call, to, media, outcome, lasted_ms } => {
            Event::Called { seq, at, by, name, call, to, media, outcome, lasted_ms }
        }
        What::Conferred { call, people, lasted_ms } => Event::Conferred { seq, at, by, name, call, people, lasted_ms },
        What::Offered { offer, files, count, size } => Event::Offered { seq, at, by, name, offer, files, count, size },
        What::Closed { why, .. } => Event::Closed { seq, at, by, target, why },
    }
}
