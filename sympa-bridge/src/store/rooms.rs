//! Rooms: the id each list got at first sight, and direct rooms with their blocks.

use std::collections::{BTreeSet, HashMap, HashSet};

use membership::{ListAddress, PersonId, RoomId};
use service::{on, within, write_on};
use sqlx::QueryBuilder;

use super::packed::About;
use super::{CHUNK, Store, int, parsed, there};
use crate::sql::packed::{Packed, Row};

/// A room as the bridge keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Room {
    /// The conversation of a list.
    List(ListAddress),
    /// The conversation of two people.
    Direct(PersonId, PersonId),
}

impl Room {
    /// The other of the two in a direct room; nothing for anybody else.
    pub(crate) fn other(&self, person: PersonId) -> Option<PersonId> {
        match self {
            Self::Direct(a, b) if *a == person => Some(*b),
            Self::Direct(a, b) if *b == person => Some(*a),
            _ => None,
        }
    }
}

type RoomRow = (String, Option<String>, Option<String>, Option<String>, Option<String>);

/// The room of a row; nothing when it was the room of a list that closed long ago.
fn room((id, list, robot, a, b): RoomRow) -> sqlx::Result<Option<(RoomId, Room)>> {
    let room = match (list, robot, a, b) {
        (Some(list), Some(robot), ..) => Room::List(parsed(&format!("{list}@{robot}"))?),
        (.., Some(a), Some(b)) => Room::Direct(parsed(&a)?, parsed(&b)?),
        _ => return Ok(None),
    };
    Ok(Some((parsed(&id)?, room)))
}

const ROOM: About = About { columns: &["id", "list", "robot", "a", "b"], table: "room", key: "id", until: None };
const BLOCK: About = About { columns: &["room", "person"], table: "direct_block", key: "room", until: None };

/// The rooms of these rows.
pub(crate) fn rooms(rows: &Packed) -> sqlx::Result<HashMap<RoomId, Room>> {
    let found = |row: Row| match <[_; 5]>::try_from(row).unwrap_or_default() {
        [id, list, robot, a, b] => room((there(id)?, list, robot, a, b)),
    };
    rows.rows().filter_map(|row| found(row).transpose()).collect()
}

/// Who blocks the other in which room, by these rows.
pub(crate) fn blocks(rows: &Packed) -> sqlx::Result<HashSet<(RoomId, PersonId)>> {
    let block = |row: Row| match <[_; 2]>::try_from(row).unwrap_or_default() {
        [room, person] => Ok((parsed(&there(room)?)?, parsed(&there(person)?)?)),
    };
    rows.rows().map(block).collect()
}

const COLUMNS: &str = "SELECT id, list, robot, a, b FROM room WHERE ";

impl Store {
    /// Rooms by id; an unknown id is absent.
    pub(crate) async fn rooms(&self, ids: &BTreeSet<RoomId>) -> sqlx::Result<HashMap<RoomId, Room>> {
        rooms(&self.room_rows(&ids.iter().copied().collect::<Vec<_>>()).await?)
    }

    /// The rows of these rooms.
    pub(crate) async fn room_rows(&self, ids: &[RoomId]) -> sqlx::Result<Packed> {
        self.packed(ROOM, ids).await
    }

    /// The rooms of lists; lists seen for the first time get theirs.
    pub(crate) async fn rooms_of(&self, lists: &BTreeSet<ListAddress>) -> sqlx::Result<HashMap<ListAddress, RoomId>> {
        let mut rooms = self.known_rooms(lists).await?;
        let new: Vec<&ListAddress> = lists.iter().filter(|list| !rooms.contains_key(list)).collect();
        if !new.is_empty() {
            self.add_rooms(&new).await?;
            rooms.extend(self.known_rooms(&new.into_iter().cloned().collect()).await?);
        }
        Ok(rooms)
    }

    async fn known_rooms(&self, lists: &BTreeSet<ListAddress>) -> sqlx::Result<HashMap<ListAddress, RoomId>> {
        let names: BTreeSet<&str> = lists.iter().map(ListAddress::name).collect();
        let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
        let mut rooms = HashMap::new();
        for row in self.rooms_where("list", &names).await? {
            if let Some((id, Room::List(list))) = room(row)?
                && lists.contains(&list)
            {
                rooms.insert(list, id);
            }
        }
        Ok(rooms)
    }

    async fn rooms_where(&self, column: &'static str, values: &[String]) -> sqlx::Result<Vec<RoomRow>> {
        let mut rows = Vec::new();
        for chunk in values.chunks(CHUNK) {
            rows.extend(on!(&self.db, c => {
                let mut query = QueryBuilder::new(COLUMNS);
                query.push(column).push(" IN (");
                let mut list = query.separated(", ");
                for value in chunk {
                    list.push_bind(value.as_str());
                }
                query.push(")");
                query.build_query_as::<RoomRow>().fetch_all(c).await
            })?);
        }
        Ok(rows)
    }

    async fn add_rooms(&self, lists: &[&ListAddress]) -> sqlx::Result<()> {
        let now_ms = self.clock.now_ms();
        let mut tx = self.db.begin().await?;
        for chunk in lists.chunks(CHUNK) {
            within!(&mut tx, c => {
                let mut query = QueryBuilder::new("INSERT INTO room (id, kind, list, robot, made_at) ");
                query.push_values(chunk, |mut row, list| {
                    row.push_bind(self.dice.room_id(now_ms).to_string()).push_bind("list");
                    row.push_bind(list.name()).push_bind(list.robot()).push_bind(int(now_ms));
                });
                query.push(" ON CONFLICT (list, robot) DO NOTHING");
                query.build().execute(c).await.map(drop)
            })?;
        }
        tx.save().await
    }

    /// The direct room of two people, made at first need; and whether that is now.
    pub(crate) async fn direct_room(&self, one: PersonId, other: PersonId) -> sqlx::Result<(RoomId, bool)> {
        const ADD: &str = "INSERT INTO room (id, kind, a, b, made_at) VALUES ($1, 'direct', $2, $3, $4) \
                           ON CONFLICT (a, b) DO NOTHING";
        const FIND: &str = "SELECT id FROM room WHERE a = $1 AND b = $2";
        let (a, b) = (one.min(other).to_string(), one.max(other).to_string());
        let now_ms = self.clock.now_ms();
        let new = self.dice.room_id(now_ms).to_string();
        let id: String = write_on!(&self.db, c => {
            sqlx::query(ADD).bind(&new).bind(&a).bind(&b).bind(int(now_ms)).execute(c).await?;
            sqlx::query_scalar(FIND).bind(&a).bind(&b).fetch_one(c).await
        })?;
        Ok((parsed(&id)?, id == new))
    }

    /// The direct rooms of a person.
    pub(crate) async fn direct_rooms(&self, person: PersonId) -> sqlx::Result<HashMap<RoomId, Room>> {
        const SQL: &str = "SELECT id, list, robot, a, b FROM room WHERE a = $1 OR b = $1";
        let person = person.to_string();
        let rows = on!(&self.db, c => sqlx::query_as::<_, RoomRow>(SQL).bind(&person).fetch_all(c).await)?;
        rows.into_iter().filter_map(|row| room(row).transpose()).collect()
    }

    /// The rows of who blocks the other in these direct rooms.
    pub(crate) async fn block_rows(&self, rooms: &[RoomId]) -> sqlx::Result<Packed> {
        self.packed(BLOCK, rooms).await
    }

    /// Blocks the other in a direct room, or no longer.
    pub(crate) async fn set_block(&self, room: RoomId, person: PersonId, on: bool) -> sqlx::Result<()> {
        const ADD: &str =
            "INSERT INTO direct_block (room, person) VALUES ($1, $2) ON CONFLICT (room, person) DO NOTHING";
        const REMOVE: &str = "DELETE FROM direct_block WHERE room = $1 AND person = $2";
        let sql = if on { ADD } else { REMOVE };
        let (room, person) = (room.to_string(), person.to_string());
        write_on!(&self.db, c => sqlx::query(sql).bind(&room).bind(&person).execute(c).await.map(drop))
    }
}
