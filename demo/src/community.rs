//! The people and lists of the demo, read from `community.toml`.

use std::collections::BTreeMap;

use membership::{Email, ListAddress, Role};
use serde::Deserialize;

use crate::talk::{self, History};

/// Everything about the demo that does not depend on the time.
#[derive(Debug, Clone)]
pub struct Community {
    /// Everybody, in a fixed order.
    pub people: Vec<Person>,
    /// All lists of both robots, also those that are not open.
    pub lists: Vec<List>,
    /// What was said, for each open list.
    pub histories: Vec<History>,
    /// Who runs the server.
    pub listmasters: Vec<Email>,
    /// One person for each point of view.
    pub sign_ins: Vec<(&'static str, Email)>,
}

/// Somebody whom Sympa knows.
#[derive(Debug, Clone)]
pub struct Person {
    /// The address, which is who they are.
    pub email: Email,
    /// The display name, if they gave one.
    pub name: Option<String>,
    /// The language of their pages, as Sympa writes it.
    pub lang: String,
    /// The password as Sympa stores it.
    pub password: Option<String>,
    /// Whether they have a row in `user_table`; who subscribed by mail has none.
    pub account: bool,
}

/// A list with its settings (in Sympa's words) and its people.
#[derive(Debug, Clone)]
pub struct List {
    /// Name and robot.
    pub address: ListAddress,
    /// The subject in its real case.
    pub subject: String,
    /// What the list is for, in a sentence or two.
    pub description: String,
    /// `open`, `closed` or `pending`.
    pub status: String,
    /// Who sees that the list exists.
    pub visibility: String,
    /// Who sees its members.
    pub review: String,
    /// Who may send to it.
    pub send: String,
    /// Who may subscribe.
    pub subscribe: String,
    /// The language of the list.
    pub lang: String,
    /// Sympa's topic.
    pub topics: String,
    /// Who is subscribed or included.
    pub members: Vec<Member>,
    /// Owners and editors.
    pub officers: Vec<Officer>,
    /// Who left although the data source has them.
    pub excluded: Vec<Email>,
}

/// A row of `subscriber_table`.
#[derive(Debug, Clone)]
pub struct Member {
    /// Who.
    pub email: Email,
    /// How mail reaches them.
    pub reception: Reception,
    /// Hidden from other members.
    pub concealed: bool,
    /// Delivery paused for the time being.
    pub suspended: bool,
    /// Comes from a data source instead of having subscribed.
    pub included: bool,
}

/// A row of `admin_table`.
#[derive(Debug, Clone)]
pub struct Officer {
    /// Who.
    pub email: Email,
    /// Editor, owner or privileged owner.
    pub role: Role,
    /// Hidden from other members.
    pub concealed: bool,
}

/// How mail reaches a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reception {
    /// Each message.
    Mail,
    /// None: they read the archive.
    Nomail,
    /// Some at a time.
    Digest,
}

impl Reception {
    /// Sympa's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Nomail => "nomail",
            Self::Digest => "digest",
        }
    }
}

impl Community {
    /// The person with this address.
    pub fn person(&self, email: &Email) -> Option<&Person> {
        self.people.iter().find(|person| person.email == *email)
    }
}

impl List {
    /// Whether it has a room.
    pub fn is_open(&self) -> bool {
        self.status == "open"
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    listmasters: Vec<String>,
    sign_ins: Vec<[String; 2]>,
    people: BTreeMap<String, PersonRow>,
    list: Vec<ListRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PersonRow {
    email: Email,
    name: Option<String>,
    #[serde(default = "english")]
    lang: String,
    password: Option<String>,
    #[serde(default = "yes")]
    account: bool,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct ListRow {
    name: String,
    robot: String,
    subject: String,
    description: String,
    status: Option<String>,
    visibility: String,
    review: String,
    send: String,
    subscribe: String,
    lang: Option<String>,
    topics: String,
    subscribers: Vec<String>,
    included: Vec<String>,
    excluded: Vec<String>,
    concealed: Vec<String>,
    suspended: Vec<String>,
    nomail: Vec<String>,
    digest: Vec<String>,
    privileged_owners: Vec<String>,
    owners: Vec<String>,
    editors: Vec<String>,
}

fn english() -> String {
    "en-US".to_owned()
}

fn yes() -> bool {
    true
}

/// The demo community, the same each time.
///
/// # Panics
/// Never, as long as the tests pass: the files are part of the program.
pub fn community() -> Community {
    let file: File = toml::from_str(include_str!("../community.toml")).expect("community.toml is sound");
    let email = |key: &String| file.people.get(key).expect("the person is in community.toml").email.clone();
    let lists: Vec<List> = file.list.iter().map(|row| list(row, &email)).collect();
    let names = file.people.iter().map(|(key, row)| (key.as_str(), (&row.email, row.name.as_deref()))).collect();
    Community {
        histories: talk::read(&lists, &names),
        listmasters: file.listmasters.iter().map(email).collect(),
        sign_ins: file.sign_ins.iter().map(|[what, key]| (point_of_view(what), email(key))).collect(),
        people: file.people.into_values().map(person).collect(),
        lists,
    }
}

fn person(row: PersonRow) -> Person {
    Person { email: row.email, name: row.name, lang: row.lang, password: row.password, account: row.account }
}

fn list(row: &ListRow, email: &impl Fn(&String) -> Email) -> List {
    let member = |key: &String, included: bool| Member {
        email: email(key),
        reception: match key {
            key if row.nomail.contains(key) => Reception::Nomail,
            key if row.digest.contains(key) => Reception::Digest,
            _ => Reception::Mail,
        },
        concealed: row.concealed.contains(key),
        suspended: row.suspended.contains(key),
        included,
    };
    let officers = |keys: &Vec<String>, role: Role| {
        let officer = |key| Officer { email: email(key), role, concealed: row.concealed.contains(key) };
        keys.iter().map(officer).collect::<Vec<_>>()
    };
    List {
        address: ListAddress::new(&row.name, &row.robot).expect("community.toml names its lists soundly"),
        subject: row.subject.clone(),
        description: row.description.clone(),
        status: row.status.clone().unwrap_or_else(|| "open".to_owned()),
        visibility: row.visibility.clone(),
        review: row.review.clone(),
        send: row.send.clone(),
        subscribe: row.subscribe.clone(),
        lang: row.lang.clone().unwrap_or_else(english),
        topics: row.topics.clone(),
        members: row
            .subscribers
            .iter()
            .map(|key| member(key, false))
            .chain(row.included.iter().map(|key| member(key, true)))
            .collect(),
        officers: [
            officers(&row.privileged_owners, Role::PrivilegedOwner),
            officers(&row.owners, Role::Owner),
            officers(&row.editors, Role::Editor),
        ]
        .concat(),
        excluded: row.excluded.iter().map(email).collect(),
    }
}

/// The points of view that `community.toml` may name.
fn point_of_view(what: &str) -> &'static str {
    ["owner", "editor", "subscriber", "listmaster", "concealed", "suspended", "lectrice", "neighbour"]
        .into_iter()
        .find(|known| *known == what)
        .expect("community.toml names a known point of view")
}
