//! What an administrator is told about a bridge and the Sympa it reads: for `symposium check`.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use service::health::Colour;
use url::Url;

use crate::Bridge;
use crate::app::App;

/// Something that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How well it is.
    pub colour: Colour,
    /// A sentence.
    pub words: String,
}

fn green(words: impl Into<String>) -> Finding {
    Finding { colour: Colour::Green, words: words.into() }
}

fn amber(words: impl Into<String>) -> Finding {
    Finding { colour: Colour::Amber, words: words.into() }
}

fn red(words: impl Into<String>) -> Finding {
    Finding { colour: Colour::Red, words: words.into() }
}

impl Bridge {
    /// Looks at everything the bridge depends on.
    pub async fn examine(&self) -> Vec<Finding> {
        let app = &*self.0;
        let mut findings = Vec::new();
        if app.sympa.is_there().await.is_err() {
            findings.push(red(unreachable(app).await));
        } else {
            findings.extend(rights(app).await);
            findings.extend(robots(app).await);
            findings.extend(clock(app).await);
        }
        findings.push(listmasters(app));
        findings.push(files(app));
        findings.extend(mail(app).await);
        findings
    }
}

/// Why Sympa's database does not answer, in the words of one attempt: a pool only says that it waited.
async fn unreachable(app: &App) -> String {
    let sympa = &app.config.sympa;
    let place = Url::parse(&sympa.database).ok().and_then(|url| {
        let host = url.host_str()?.to_owned();
        Some(url.port().map_or_else(|| host.clone(), |port| format!("{host}:{port}")))
    });
    let place = place.map_or_else(String::new, |place| format!(" on {place}"));
    let why = app.sympa.why_away().await.map_or_else(String::new, |error| format!(": {error}"));
    let given = app.context.secrets.find("SYMPA_DATABASE_PASSWORD").is_ok_and(|secret| secret.is_some());
    let hint = if given || sympa.database.starts_with("sqlite:") {
        ""
    } else {
        " No password is given: set SYMPA_DATABASE_PASSWORD_FILE to a file that holds it."
    };
    format!("Sympa's database{place} cannot be reached{why}.{hint}")
}

async fn rights(app: &App) -> Vec<Finding> {
    let unreadable = app.sympa.unreadable().await;
    if unreadable.is_empty() {
        return vec![green("Sympa's five tables can be read.")];
    }
    let say = |table| {
        red(format!("Sympa's {table} cannot be read: give the account the rights of deploy/sympa/grants-*.sql."))
    };
    unreadable.into_iter().map(say).collect()
}

async fn robots(app: &App) -> Vec<Finding> {
    let Ok(robots) = app.sympa.robots().await else { return Vec::new() };
    let configured: Vec<String> =
        app.config.sympa.robots.iter().map(|robot| robot.robot.to_ascii_lowercase()).collect();
    let mut findings = Vec::new();
    if robots.is_empty() {
        findings.push(amber("Sympa has no open list, so there is no room yet. After an upgrade from an old Sympa run `sympa sync_list_db`."));
    }
    for (robot, lists) in &robots {
        findings.push(if configured.contains(robot) {
            green(format!("Robot {robot}: open lists: {lists}."))
        } else {
            amber(format!("Robot {robot} has open lists ({lists}) but no [[bridge.sympa.robots]]: its members see no way to Sympa's pages."))
        });
    }
    if !robots.is_empty() && !robots.iter().any(|(robot, _)| configured.contains(robot)) {
        findings.push(red("None of Sympa's robots is configured ([[bridge.sympa.robots]])."));
    }
    for robot in configured.iter().filter(|robot| robots.iter().all(|(there, _)| there != *robot)) {
        findings.push(amber(format!("Robot {robot} is configured, but Sympa has no open list there.")));
    }
    findings
}

/// Sympa writes the time of each visit: one in the future means that the clocks differ.
async fn clock(app: &App) -> Option<Finding> {
    let seen = u64::try_from(app.sympa.last_seen_s().await.ok()??).ok()?;
    let ahead = seen.saturating_sub(app.context.clock.now_s());
    (ahead > 120)
        .then(|| red(format!("The clock of Sympa is {} minutes ahead of this machine's: set both by NTP.", ahead / 60)))
}

fn listmasters(app: &App) -> Finding {
    let sympa = &app.config.sympa;
    let count = sympa.listmasters.len() + sympa.robots.iter().map(|robot| robot.listmasters.len()).sum::<usize>();
    if count == 0 {
        amber("No listmaster is configured; Sympa's database does not know them ([bridge.sympa] listmasters).")
    } else {
        green(format!("Listmasters: {count}."))
    }
}

fn files(app: &App) -> Finding {
    match &app.config.sympa.list_data {
        None => amber("list_data is not configured: rooms begin as announce rooms until their owners choose."),
        Some(path) => match std::fs::read_dir(path) {
            Ok(_) if only_for_root(path) => amber(format!(
                "{} can be read by root, as who this check runs. The service's user needs the group sympa: `systemctl edit symposium`, [Service], SupplementaryGroups=sympa.",
                path.display()
            )),
            Ok(_) => green("The lists' own settings can be read."),
            Err(error) => amber(format!(
                "{} cannot be read ({error}): put the bridge's user into the group sympa.",
                path.display()
            )),
        },
    }
}

/// Whether we are root and others than the owner and the group cannot read it.
fn only_for_root(path: &Path) -> bool {
    let are_root = std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0);
    are_root && std::fs::metadata(path).is_ok_and(|folder| folder.mode() & 0o004 == 0)
}

async fn mail(app: &App) -> Option<Finding> {
    let mailer = app.mailer.as_ref()?;
    Some(if mailer.answers().await {
        green("The mail server answers.")
    } else {
        red("The mail server does not answer: no sign-in link can be sent ([bridge.mail] smtp).")
    })
}
