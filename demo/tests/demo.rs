//! What the demo promises: Sympa's schema, people in their roles, a sound history, and files that are written once.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use demo::{Community, List, SCHEMA, community, history, prepare};
use md5::{Digest as _, Md5};
use membership::{Email, Role};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions as _, Row as _};

const NOW_S: u64 = 1_800_000_123;

/// A directory of the test's own, empty.
fn fresh(name: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if dir.exists() {
        std::fs::remove_dir_all(&dir).expect("an old directory goes");
    }
    dir
}

async fn open(path: &Path) -> SqliteConnection {
    SqliteConnectOptions::new().filename(path).read_only(true).connect().await.expect("the database opens")
}

fn list<'a>(community: &'a Community, address: &str) -> &'a List {
    community.lists.iter().find(|list| list.address.to_string() == address).expect("the list exists")
}

fn on_the_list(list: &List) -> BTreeSet<&Email> {
    list.members.iter().map(|member| &member.email).chain(list.officers.iter().map(|officer| &officer.email)).collect()
}

#[tokio::test]
async fn the_database_has_exactly_the_tables_of_sympa() {
    let demo = prepare(&fresh("schema"), NOW_S).await.expect("the demo is written");
    let rows = sqlx::query("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'")
        .fetch_all(&mut open(&demo.sympa_database).await)
        .await
        .expect("the schema is read");
    let there: BTreeSet<String> = rows.iter().map(|row| row.get(0)).collect();
    let text = SCHEMA.lines().filter(|line| !line.starts_with("--")).collect::<Vec<_>>().join("\n");
    let wanted: BTreeSet<String> = text
        .split(';')
        .map(|statement| statement.trim().to_owned())
        .filter(|statement| !statement.is_empty())
        .collect();
    assert_eq!(there, wanted);
    assert_eq!(wanted.iter().filter(|statement| statement.starts_with("CREATE TABLE")).count(), 14);
}

#[tokio::test]
async fn the_rows_are_the_community() {
    let demo = prepare(&fresh("rows"), NOW_S).await.expect("the demo is written");
    let mut database = open(&demo.sympa_database).await;
    let community = community();
    let mut count = async |sql: &'static str| -> usize {
        let rows: i64 = sqlx::query_scalar(sql).fetch_one(&mut database).await.expect("a count");
        usize::try_from(rows).expect("a count is not negative")
    };
    let lists = || community.lists.iter().filter(|list| list.status != "closed");
    let with_account = community.people.iter().filter(|person| person.account).count();
    assert_eq!(count("SELECT COUNT(*) FROM user_table").await, with_account);
    assert_eq!(count("SELECT COUNT(*) FROM user_table WHERE password_user IS NOT NULL").await, 2);
    assert_eq!(count("SELECT COUNT(*) FROM list_table").await, community.lists.len());
    let members: usize = lists().map(|list| list.members.len()).sum();
    assert_eq!(count("SELECT COUNT(*) FROM subscriber_table").await, members);
    let officers: usize = lists().map(|list| list.officers.len()).sum();
    assert_eq!(count("SELECT COUNT(*) FROM admin_table").await, officers);
    for kind in [
        "SELECT COUNT(*) FROM subscriber_table WHERE reception_subscriber = 'digest'",
        "SELECT COUNT(*) FROM subscriber_table WHERE reception_subscriber = 'nomail'",
        "SELECT COUNT(*) FROM subscriber_table WHERE visibility_subscriber = 'conceal'",
        "SELECT COUNT(*) FROM subscriber_table WHERE suspend_subscriber = 1 AND suspend_end_date_subscriber > 18e8",
        "SELECT COUNT(*) FROM subscriber_table WHERE subscribed_subscriber = 0 AND inclusion_subscriber > 0",
        "SELECT COUNT(*) FROM admin_table WHERE role_admin = 'owner' AND profile_admin = 'normal'",
        "SELECT COUNT(*) FROM admin_table WHERE role_admin = 'owner' AND profile_admin = 'privileged'",
        "SELECT COUNT(*) FROM admin_table WHERE role_admin = 'editor' AND profile_admin IS NULL",
        "SELECT COUNT(*) FROM user_table WHERE gecos_user IS NULL",
        "SELECT COUNT(*) FROM exclusion_table",
    ] {
        assert!(count(kind).await > 0, "nothing for {kind}");
    }
}

#[test]
fn everybody_on_a_list_exists_and_is_there_once() {
    let community = community();
    assert!((40..=50).contains(&community.people.len()));
    assert!(community.lists.len() >= 8);
    for list in &community.lists {
        let people = on_the_list(list);
        assert!(people.iter().all(|email| community.person(email).is_some()), "{}", list.address);
        let members: BTreeSet<&Email> = list.members.iter().map(|member| &member.email).collect();
        assert_eq!(members.len(), list.members.len(), "{} has somebody twice", list.address);
        assert!(list.excluded.iter().all(|email| !members.contains(email)), "{}", list.address);
        assert!(list.officers.iter().any(|officer| officer.role == Role::PrivilegedOwner), "{}", list.address);
    }
}

#[test]
fn who_signs_in_has_the_role_that_is_promised() {
    let community = community();
    let open_talk = list(&community, "open-talk@lists.example.org");
    let who = |what: &str| {
        let sign_in = community.sign_ins.iter().find(|(name, _)| *name == what);
        sign_in.map(|(_, email)| email).expect("the point of view exists")
    };
    let roles = |email: &Email| -> Vec<Role> {
        open_talk.officers.iter().filter(|officer| officer.email == *email).map(|officer| officer.role).collect()
    };
    let member = |what: &str| open_talk.members.iter().find(|member| member.email == *who(what));
    assert_eq!(roles(who("owner")), [Role::PrivilegedOwner]);
    assert_eq!(roles(who("editor")), [Role::Editor]);
    assert!(roles(who("subscriber")).is_empty() && member("subscriber").is_some());
    assert!(member("concealed").is_some_and(|member| member.concealed));
    assert!(member("suspended").is_some_and(|member| member.suspended));
    assert_eq!(community.listmasters, [who("listmaster").clone()]);
    assert!(roles(who("listmaster")).is_empty() && member("listmaster").is_none());
    let reading = list(&community, "lecture@lists.example.org");
    assert!(on_the_list(reading).contains(who("lectrice")));
    assert!(on_the_list(list(&community, "open-talk@lists.example.net")).contains(who("neighbour")));
}

#[test]
fn the_two_passwords_are_demo() {
    let community = community();
    let stored: Vec<&str> = community.people.iter().filter_map(|person| person.password.as_deref()).collect();
    let (bcrypts, md5s): (Vec<&str>, Vec<&str>) = stored.iter().partition(|hash| hash.starts_with("$2a$"));
    assert_eq!((bcrypts.len(), md5s.len()), (1, 1));
    assert!(bcrypt::verify("demo", bcrypts[0]).expect("a bcrypt hash"));
    let digest = u128::from_be_bytes(Md5::digest(b"demo").into());
    assert_eq!(md5s[0], format!("{digest:032x}"));
}

#[test]
fn the_history_is_the_same_each_time_and_in_order_at_any_hour() {
    let community = community();
    assert_eq!(history(&community, NOW_S), history(&demo::community(), NOW_S));
    for now_s in (0..24).map(|hour| 1_799_971_200 + hour * 3_600 + 59).chain([1_799_971_200, 1_800_057_599]) {
        let lines = history(&community, now_s);
        assert!(lines.is_sorted_by_key(|line| line.at_s));
        assert!(lines.iter().all(|line| line.at_s < now_s && line.at_s + 30 * 86_400 > now_s));
        assert!(lines.last().is_some_and(|line| line.at_s + 600 > now_s), "the newest is minutes ago");
        let mut seen: BTreeMap<String, (usize, u64)> = BTreeMap::new();
        for line in &lines {
            let (count, last_s) = seen.entry(line.list.to_string()).or_default();
            assert!(line.reply_to.is_none_or(|index| index < *count), "{}: {}", line.list, line.body);
            let history = community.histories.iter().find(|history| history.list == line.list).unwrap();
            assert_eq!(history.said[*count].body, line.body, "the order of the file is the order of the list");
            assert!(line.at_s > *last_s, "{}: two at once: {}", line.list, line.body);
            (*count, *last_s) = (*count + 1, line.at_s);
        }
    }
}

#[test]
fn only_who_may_speak_there_spoke() {
    let community = community();
    for line in history(&community, NOW_S) {
        let list = list(&community, &line.list.to_string());
        let people = on_the_list(list);
        let may_speak = if list.send == "editorkeyonly" {
            list.officers.iter().any(|officer| officer.email == line.by)
        } else {
            people.contains(&line.by)
        };
        assert!(may_speak, "{} on {}: {}", line.by.as_str(), line.list, line.body);
        for (email, emoji) in &line.reactions {
            assert!(people.contains(email), "{} reacted {emoji} on {}: {}", email.as_str(), line.list, line.body);
        }
        let reactions: BTreeSet<_> = line.reactions.iter().collect();
        assert_eq!(reactions.len(), line.reactions.len(), "a reaction twice: {}", line.body);
        assert!(line.mentions.iter().all(|email| people.contains(email) && *email != line.by), "{}", line.body);
        assert!(line.reactions.iter().all(|(email, _)| *email != line.by), "applauds themselves: {}", line.body);
    }
}

#[test]
fn the_texts_are_of_a_bearable_length_and_each_kind_of_thing_happens() {
    let community = community();
    let lines = history(&community, NOW_S);
    for text in lines.iter().flat_map(|line| [Some(&line.body), line.edited.as_ref()]).flatten() {
        assert!(!text.trim().is_empty() && text.chars().count() <= 8_000);
        assert!(!text.contains("@["), "an unread mention: {text}");
    }
    assert!(lines.iter().any(|line| line.edited.is_some()));
    assert!(lines.iter().any(|line| line.reply_to.is_some()));
    assert!(lines.iter().any(|line| !line.mentions.is_empty()));
    let mut sizes: Vec<usize> = community.histories.iter().map(|history| history.said.len()).collect();
    sizes.sort_unstable();
    assert_eq!(sizes.len(), community.lists.iter().filter(|list| list.is_open()).count());
    let busiest = sizes.pop().unwrap();
    assert!((110..=140).contains(&busiest) && sizes.iter().all(|size| (10..=40).contains(size)), "{sizes:?} {busiest}");
}

#[tokio::test]
async fn preparing_twice_changes_nothing() {
    let dir = fresh("twice");
    prepare(&dir, NOW_S).await.expect("the demo is written");
    let before = files(&dir);
    assert!(before.len() > community().lists.len() * 2);
    assert!(
        before.keys().all(|path| path.extension().is_none_or(|end| end == "sqlite")),
        "something unfinished stayed"
    );
    prepare(&dir, NOW_S + 90_000).await.expect("the demo is there");
    assert_eq!(files(&dir), before);
}

#[tokio::test]
async fn what_exists_is_never_touched_and_what_is_missing_comes_back() {
    let dir = fresh("kept");
    std::fs::create_dir_all(&dir).unwrap();
    std::fs::write(dir.join("sympa.sqlite"), "mine").unwrap();
    std::fs::write(dir.join("sympa.part"), "left by an accident").unwrap();
    let demo = prepare(&dir, NOW_S).await.expect("the rest is written");
    assert_eq!(std::fs::read_to_string(&demo.sympa_database).unwrap(), "mine");
    std::fs::remove_file(&demo.sympa_database).unwrap();
    prepare(&dir, NOW_S).await.expect("the database is written over what an accident left");
    assert!(std::fs::metadata(&demo.sympa_database).unwrap().len() > 40_000);
}

#[tokio::test]
async fn a_config_file_reads_as_sympa_writes_it() {
    let demo = prepare(&fresh("config"), NOW_S).await.expect("the demo is written");
    let text = std::fs::read_to_string(demo.list_data.join("lists.example.org/lecture/config")).unwrap();
    for paragraph in
        ["subject Cercle de lecture du vendredi", "status open", "review private", "send private", "lang fr"]
    {
        assert!(text.split("\n\n").any(|found| found == paragraph), "no {paragraph} in {text}");
    }
    assert!(text.contains("\n\ncreation\nemail ingrid.solheim@example.org\ndate_epoch "));
    assert!(text.lines().all(|line| line == line.trim_end()));
}

/// Every file under the directory: its content and when it was last written.
fn files(dir: &Path) -> BTreeMap<PathBuf, (Vec<u8>, std::time::SystemTime)> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(dir).expect("the directory is read") {
        let path = entry.expect("the directory is read").path();
        if path.is_dir() {
            found.append(&mut files(&path));
        } else {
            let written = std::fs::metadata(&path).and_then(|known| known.modified()).expect("the file is there");
            found.insert(path.clone(), (std::fs::read(&path).expect("the file is read"), written));
        }
    }
    found
}
