//! Writes Sympa's list files: `list_data/<robot>/<list>/config` and `info`.

use std::path::Path;

use anyhow::{Context as _, Result};
use membership::Email;

use crate::community::{Community, List};

const DAY_S: u64 = 86_400;

/// Writes the files of all lists; one that exists is left alone.
pub(crate) async fn write(list_data: &Path, community: &Community, now_s: u64) -> Result<()> {
    let creator = community.listmasters.first().map_or("", Email::as_str);
    for list in &community.lists {
        let dir = list_data.join(list.address.robot()).join(list.address.name());
        tokio::fs::create_dir_all(&dir).await.with_context(|| format!("cannot make {}", dir.display()))?;
        keep(&dir.join("config"), &config(list, creator, now_s)).await?;
        keep(&dir.join("info"), &format!("{}\n", list.description)).await?;
    }
    Ok(())
}

/// Writes the file unless it is there; a half-written one never has its name.
async fn keep(path: &Path, text: &str) -> Result<()> {
    if tokio::fs::try_exists(path).await.with_context(|| format!("cannot look for {}", path.display()))? {
        return Ok(());
    }
    let part = path.with_extension("part");
    tokio::fs::write(&part, text).await.with_context(|| format!("cannot write {}", part.display()))?;
    tokio::fs::rename(&part, path).await.with_context(|| format!("cannot write {}", path.display()))
}

/// The settings as Sympa writes them: paragraphs between blank lines, `key value` or a key with lines of its own.
fn config(list: &List, creator: &str, now_s: u64) -> String {
    let created_s = now_s.saturating_sub(1_600 * DAY_S);
    let info = if list.visibility == "noconceal" { "open" } else { "private" };
    let mut paragraphs = vec![
        format!("subject {}", list.subject),
        format!("status {}", list.status),
        format!("topics {}", list.topics),
        format!("lang {}", list.lang),
        format!("visibility {}", list.visibility),
        format!("info {info}"),
        format!("review {}", list.review),
        format!("send {}", list.send),
        format!("subscribe {}", list.subscribe),
        "unsubscribe open_notify".to_owned(),
        "archive\nmail_access owner\nweb_access private".to_owned(),
        "process_archive on".to_owned(),
        format!("creation\nemail {creator}\ndate_epoch {created_s}"),
        "serial 3".to_owned(),
    ];
    if list.members.iter().any(|member| member.included) {
        let source = "include_remote_file\nname members-register\nurl https://register.example.org/members.txt";
        paragraphs.push(source.to_owned());
    }
    format!("{}\n", paragraphs.join("\n\n"))
}
