//! Reads a census, bucket by bucket. What a bucket was answered in the same words before means the same, and is not taken
//! apart again.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use membership::{Email, PersonId, RoomId};
use service::Problem;

use super::{Census, Record};
use crate::app::App;
use crate::buckets::{self, Bucket, Buckets};
use crate::sql::packed::Packed;
use crate::store::people::{Named, named};
use crate::store::rooms::{Room, blocks, rooms};
use crate::store::sanctions::sanctions;
use crate::sympa::people::known;

/// What a census read.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    rooms: Buckets<OfRooms>,
    people: Buckets<OfPeople>,
}

type OfRooms = Bucket<RoomId, 2, Rooms>;
type OfPeople = Bucket<PersonId, 3, People>;

/// Rooms, and who blocks the other in direct ones.
#[derive(Debug, Default)]
struct Rooms {
    rooms: HashMap<RoomId, Room>,
    blocks: HashSet<(RoomId, PersonId)>,
}

/// People, and all that was read of each.
#[derive(Debug)]
struct People {
    named: Arc<Vec<Named>>,
    records: HashMap<PersonId, Arc<Record>>,
}

impl App {
    /// Reads everything about these people, about all lists they are on, and about these rooms.
    pub(crate) async fn census(&self, of: &BTreeSet<PersonId>, rooms: &BTreeSet<RoomId>) -> Result<Census, Problem> {
        let (census, _) = self.census_again(&Memory::default(), of, rooms).await?;
        Ok(census)
    }

    /// The same, when most of it may have been read before.
    pub(crate) async fn census_again(
        &self,
        before: &Memory,
        of: &BTreeSet<PersonId>,
        rooms: &BTreeSet<RoomId>,
    ) -> Result<(Census, Memory), Problem> {
        let mut census = Census { now_ms: self.context.clock.now_ms(), ..Census::default() };
        census.listmasters = self.listmasters.clone();
        let rooms = buckets::read(rooms, &before.rooms, |ids, before| self.rooms_in(ids, before)).await?;
        for Rooms { rooms, blocks } in rooms.iter().map(|bucket| &bucket.found) {
            census.rooms.extend(rooms.iter().map(|(id, room)| (*id, room.clone())));
            census.blocks.extend(blocks);
        }
        let mut everyone = of.clone();
        for room in census.rooms.values() {
            if let Room::Direct(a, b) = room {
                everyone.extend([*a, *b]);
            }
        }
        let people = buckets::read(&everyone, &before.people, |ids, before| self.people_in(ids, before)).await?;
        for bucket in &people {
            census.people.extend(bucket.found.records.iter().map(|(id, record)| (*id, record.clone())));
        }
        self.read_lists(&mut census).await?;
        Ok((census, Memory { rooms, people }))
    }

    async fn rooms_in(&self, ids: Vec<RoomId>, before: Option<Arc<OfRooms>>) -> Result<Arc<OfRooms>, Problem> {
        let texts = [self.store.room_rows(&ids).await?, self.store.block_rows(&ids).await?];
        if let Some(before) = before.filter(|before| before.is(&ids, &texts)) {
            return Ok(before);
        }
        let found = Rooms { rooms: rooms(&texts[0])?, blocks: blocks(&texts[1])? };
        Ok(Arc::new(Bucket { ids, texts, found }))
    }

    async fn people_in(&self, ids: Vec<PersonId>, before: Option<Arc<OfPeople>>) -> Result<Arc<OfPeople>, Problem> {
        let of_ours = self.store.named_rows(&ids).await?;
        let same = before.as_ref().filter(|before| before.texts.first() == Some(&of_ours));
        let named = match same {
            Some(before) => before.found.named.clone(),
            None => Arc::new(named(&of_ours)?),
        };
        let emails: Vec<&Email> = named.iter().map(|person| &person.email).collect();
        let in_force = self.store.sanction_rows(&ids).await?;
        let texts = [of_ours, in_force, self.sympa.rows_of_people(&emails).await?];
        if let Some(before) = before.as_ref().filter(|before| before.is(&ids, &texts)) {
            return Ok(before.clone());
        }
        let mut records = records(&named, &texts)?;
        // Who is found to be as before keeps the same record: that is seen at a glance.
        for (id, record) in before.iter().flat_map(|before| &before.found.records) {
            records.entry(*id).and_modify(|new| {
                if *new == *record {
                    *new = record.clone();
                }
            });
        }
        Ok(Arc::new(Bucket { ids, texts, found: People { named, records } }))
    }
}

fn records(named: &[Named], texts: &[Packed; 3]) -> Result<HashMap<PersonId, Arc<Record>>, Problem> {
    let [_, in_force, of_sympa] = texts;
    let emails: Vec<&Email> = named.iter().map(|person| &person.email).collect();
    let mut sanctions = sanctions(in_force)?;
    let mut known = known(&emails, of_sympa);
    let record = |person: &Named| {
        let record = Record {
            known: known.remove(&person.email).unwrap_or_default(),
            sanctions: sanctions.remove(&person.id).unwrap_or_default(),
            person: person.clone(),
        };
        (person.id, Arc::new(record))
    };
    Ok(named.iter().map(record).collect())
}
