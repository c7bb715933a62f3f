//! `list_table`: which lists there are and whether they are open; and which of them have an editor.

use std::collections::{BTreeSet, HashMap, HashSet};

use membership::ListAddress;

use super::pool::CHUNK;
use super::question::Question;
use super::{Away, Sympa, cell};

/// A list as Sympa's database knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ListRow {
    /// Only an open list has a room: a pending, closed or broken one has none.
    pub(crate) is_open: bool,
    /// The subject, in lower case.
    pub(crate) searchkey: Option<String>,
    /// Whether somebody is editor; if not, the owners moderate.
    pub(crate) has_editor: bool,
}

impl Sympa {
    /// Those of these lists that exist.
    pub(crate) async fn lists(&self, asked: &BTreeSet<ListAddress>) -> Result<HashMap<ListAddress, ListRow>, Away> {
        let names: BTreeSet<&str> = asked.iter().map(ListAddress::name).collect();
        let names: Vec<&str> = names.into_iter().collect();
        let (mut lists, mut edited) = (HashMap::new(), HashSet::new());
        for chunk in names.chunks(CHUNK) {
            let question = Question::new(
                "SELECT name_list, robot_list, status_list, searchkey_list FROM list_table WHERE name_list",
            )
            .among(chunk.iter().copied());
            for mut row in self.rows(&question).await? {
                let (name, robot) = (cell(&mut row, 0).unwrap_or_default(), cell(&mut row, 1).unwrap_or_default());
                let Ok(list) = ListAddress::new(&name, &robot) else { continue };
                let is_open = cell(&mut row, 2).as_deref() == Some("open");
                if asked.contains(&list) {
                    lists.insert(list, ListRow { is_open, searchkey: cell(&mut row, 3), has_editor: false });
                }
            }
            let question = Question::new(
                "SELECT DISTINCT list_admin, robot_admin FROM admin_table WHERE role_admin = 'editor' AND list_admin",
            )
            .among(chunk.iter().copied());
            for mut row in self.rows(&question).await? {
                let (name, robot) = (cell(&mut row, 0).unwrap_or_default(), cell(&mut row, 1).unwrap_or_default());
                edited.extend(ListAddress::new(&name, &robot));
            }
        }
        for (list, row) in &mut lists {
            row.has_editor = edited.contains(list);
        }
        Ok(lists)
    }
}
