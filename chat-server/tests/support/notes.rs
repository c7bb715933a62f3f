//! Notes of calls and transfers as signal-server tells them; ids are numbers that the story chooses.

use service::notes::{Closed, File, Media, Note, Outcome, What};
use ulid::Ulid;

use super::{ROOM, person};

pub(crate) fn called(by: &str, to: &str, call: u64, outcome: Outcome) -> Note {
    let lasted_ms = if outcome == Outcome::Ended { 725_000 } else { 0 };
    let (call, to) = (Ulid::from(u128::from(call)), person(to));
    note(by, What::Called { call, to, media: Media::Audio, outcome, lasted_ms })
}

pub(crate) fn conferred(by: &str, call: u64, people: u32) -> Note {
    note(by, What::Conferred { call: Ulid::from(u128::from(call)), people, lasted_ms: 2_580_000 })
}

pub(crate) fn offered(by: &str, offer: u64) -> Note {
    let file = |name: &str, size| File { name: name.to_owned(), size, kind: "image/jpeg".to_owned() };
    let files = vec![file("garden/tulips.jpg", 1_000_000), file("garden/more tulips.jpg", 2_000_000)];
    note(by, What::Offered { offer: Ulid::from(u128::from(offer)), files, count: 2, size: 3_000_000 })
}

pub(crate) fn closed(by: &str, offer: u64, why: Closed) -> Note {
    note(by, What::Closed { offer: Ulid::from(u128::from(offer)), why })
}

fn note(by: &str, what: What) -> Note {
    Note { room: ROOM, by: person(by), name: by.to_owned(), what }
}
