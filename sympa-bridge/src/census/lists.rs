//! The lists of a census: whether they are open, and the settings of their rooms.

use std::collections::{BTreeSet, HashMap, HashSet};

use membership::ListAddress;
use service::Problem;

use super::{Census, List};
use crate::app::App;
use crate::store::rooms::Room;
use crate::sympa::list_files::Derived;
use crate::sympa::lists::ListRow;

impl App {
    /// Reads the lists these people are on, and those of these rooms.
    pub(super) async fn read_lists(&self, census: &mut Census) -> Result<(), Problem> {
        let distinct: HashSet<&ListAddress> =
            census.people.values().flat_map(|record| record.known.places.keys()).collect();
        let mut lists: BTreeSet<ListAddress> = distinct.into_iter().cloned().collect();
        lists.extend(census.rooms.values().filter_map(|room| match room {
            Room::List(list) => Some(list.clone()),
            Room::Direct(..) => None,
        }));
        census.lists = self.lists(&lists).await?;
        let rooms = census.lists.iter().map(|(address, list)| (list.room, Room::List(address.clone())));
        census.rooms.extend(rooms);
        Ok(())
    }

    /// Those of these lists that exist, with the settings of their rooms.
    pub(crate) async fn lists(&self, asked: &BTreeSet<ListAddress>) -> Result<HashMap<ListAddress, List>, Problem> {
        let rows = self.sympa.lists(asked).await?;
        let known: BTreeSet<ListAddress> = rows.keys().cloned().collect();
        let rooms = self.store.rooms_of(&known).await?;
        let settings = self.store.settings(&rooms.values().copied().collect::<Vec<_>>()).await?;
        let mut derived = self.files.of(known.into_iter().collect()).await;
        let list = |(address, row): (ListAddress, ListRow)| {
            let room = *rooms.get(&address)?;
            let Derived { subject, mode, roster } = derived.remove(&address).unwrap_or_default();
            let chosen = settings.get(&room);
            let subject = subject.or(row.searchkey).unwrap_or_else(|| address.name().to_owned());
            let list = List {
                room,
                is_open: row.is_open,
                subject,
                has_editor: row.has_editor,
                mode: chosen.map_or(mode, |chosen| chosen.mode),
                roster: chosen.map_or(roster, |chosen| chosen.roster),
                relay_only: chosen.is_some_and(|chosen| chosen.relay_only),
                derived: chosen.is_none(),
            };
            Some((address, list))
        };
        Ok(rows.into_iter().filter_map(list).collect())
    }
}
