//! What an administrator is told about a bridge and the Sympa it reads: for `symposium check`.

use service::health::Colour;

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
            let words = app.context.health.parts().get("sympa").map(|part| part.words.clone()).unwrap_or_default();
            findings.push(red(words));
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
            green(format!("Robot {robot}: {lists} open lists."))
        } else {
            amber(format!("Robot {robot} has {lists} open lists but no [[bridge.sympa.robots]]: its members see no way to Sympa's pages."))
        });
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
        green(format!("{count} listmasters."))
    }
}

fn files(app: &App) -> Finding {
    match &app.config.sympa.list_data {
        None => amber("list_data is not configured: rooms begin as announce rooms until their owners choose."),
        Some(path) => match std::fs::read_dir(path) {
            Ok(_) => green("The lists' own settings can be read."),
            Err(error) => amber(format!(
                "{} cannot be read ({error}): put the bridge's user into the group sympa.",
                path.display()
            )),
        },
    }
}

async fn mail(app: &App) -> Option<Finding> {
    let mailer = app.mailer.as_ref()?;
    Some(if mailer.answers().await {
        green("The mail server answers.")
    } else {
        red("The mail server does not answer: no sign-in link can be sent ([bridge.mail] smtp).")
    })
}
