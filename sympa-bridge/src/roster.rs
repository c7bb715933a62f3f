//! Rosters: who is on a list, as this member may see it. Read at most every two seconds, however many ask at once, and not
//! further than the member may see: who may not see the subscribers of a big list does not make us read them.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::State;
use membership::permission::{sees_concealed, sees_roster};
use membership::{Email, Grant, ListAddress, PersonId, Roles, name};
use serde::Serialize;
use service::Problem;
use service::extract::Path;
use tokio::sync::Mutex as AsyncMutex;
use utoipa::ToSchema;

use crate::app::{App, Shared};
use crate::caller::Caller;
use crate::in_room::InRoom;
use crate::store::people::Person;
use crate::sympa::members::MemberRow;

/// How old a roster may be.
const FRESH_MS: u64 = 2000;
/// How many rosters are remembered.
const REMEMBERED: usize = 200;

/// A member of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Member {
    person: PersonId,
    name: String,
    roles: Roles,
    /// Whether they chose in Sympa to be hidden from plain members.
    concealed: bool,
}

/// A roster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Members {
    members: Vec<Member>,
    /// False when Sympa keeps the list of members from the caller.
    complete: bool,
}

/// Somebody on a list, hidden or not.
#[derive(Debug, Clone)]
struct Entry {
    member: Member,
    visible: Roles,
}

#[derive(Debug, Default)]
struct Remembered {
    read_ms: u64,
    entries: Arc<Vec<Entry>>,
}

/// A list, and whether the whole of it was read or its owners and editors only.
type Part = (ListAddress, bool);

/// Rosters read lately.
#[derive(Debug, Default)]
pub(crate) struct Rosters(Mutex<HashMap<Part, Arc<AsyncMutex<Remembered>>>>);

impl Rosters {
    /// Forgets everything: something changed, and whoever is told will ask at once and must not read what was before.
    pub(crate) fn forget(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn of(&self, list: &ListAddress, whole: bool) -> Arc<AsyncMutex<Remembered>> {
        let mut rosters = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if rosters.len() > REMEMBERED {
            rosters.retain(|_, roster| Arc::strong_count(roster) > 1);
        }
        rosters.entry((list.clone(), whole)).or_default().clone()
    }
}

/// The members of a room, as the caller may see them.
#[utoipa::path(
    get, path = "/api/bridge/rooms/{room}/members", params(("room" = String, Path)), responses((status = 200, body = Members))
)]
pub(crate) async fn members(
    State(app): State<Shared>,
    caller: Caller,
    Path(room): Path<String>,
) -> Result<axum::Json<Members>, Problem> {
    let here = app.in_room(&caller, &room).await?;
    here.need(Grant::Read)?;
    let complete = sees_roster(here.roles, here.list.roster);
    let entries = app.roster(&here.address, complete).await?;
    let mut members = seen_by(&entries, here.roles, caller.person.id);
    if !complete && members.iter().all(|member| member.person != caller.person.id) {
        let InRoom { name, roles, concealed, .. } = here;
        members.push(Member { person: caller.person.id, name, roles, concealed });
        members.sort_by_cached_key(by_name);
    }
    Ok(axum::Json(Members { members, complete }))
}

/// What a member with these roles sees of what was read. Owners and editors who do not hide are shown by Sympa to everybody
/// on the list.
fn seen_by(entries: &[Entry], roles: Roles, me: PersonId) -> Vec<Member> {
    let all = sees_concealed(roles);
    let sees = |entry: &&Entry| all || entry.member.person == me || !entry.visible.is_empty();
    let shown = |entry: &Entry| {
        let own = entry.member.person == me;
        Member { roles: if all || own { entry.member.roles } else { entry.visible }, ..entry.member.clone() }
    };
    entries.iter().filter(sees).map(shown).collect()
}

fn by_name(member: &Member) -> (String, PersonId) {
    (member.name.to_lowercase(), member.person)
}

impl App {
    async fn roster(&self, list: &ListAddress, whole: bool) -> Result<Arc<Vec<Entry>>, Problem> {
        let remembered = self.rosters.of(list, whole);
        // Who asks meanwhile waits here for the answer of the first.
        let mut remembered = remembered.lock().await;
        let now = self.context.clock.now_ms();
        if remembered.read_ms == 0 || now >= remembered.read_ms + FRESH_MS {
            let rows = self.sympa.members(list, whole).await?;
            let people = self.store.people_of(&rows.keys().cloned().collect::<BTreeSet<Email>>()).await?;
            *remembered = Remembered { read_ms: now, entries: Arc::new(entries(&rows, &people)) };
        }
        Ok(remembered.entries.clone())
    }
}

fn entries(rows: &BTreeMap<Email, MemberRow>, people: &HashMap<Email, Person>) -> Vec<Entry> {
    let entry = |(email, row): (&Email, &MemberRow)| {
        let person = people.get(email)?;
        let names = [person.chosen_name.as_deref(), row.place.comment.as_deref(), row.account_name.as_deref()];
        let name = name::display_name(names.into_iter().flatten(), email, person.id);
        let (roles, concealed) = (row.place.roles, row.place.is_concealed());
        Some(Entry { member: Member { person: person.id, name, roles, concealed }, visible: row.place.visible })
    };
    let mut entries: Vec<Entry> = rows.iter().filter_map(entry).collect();
    entries.sort_by_cached_key(|entry| by_name(&entry.member));
    entries
}
