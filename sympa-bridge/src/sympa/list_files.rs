//! The `config` files of lists, when they are readable: the subject in its real case, and from `send` and `review` who may
//! post in the room and who sees its members. A scenario that is not known here means the stricter.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use membership::{ListAddress, Mode, Roster};

/// Shipped `send` scenarios by which a plain member's mail reaches the list without an editor.
const MEMBERS_POST: [&str; 14] = [
    "confidential",
    "intranet",
    "intranetorprivate",
    "private",
    "private_smime",
    "privateandnomultipartoreditorkey",
    "privatekey",
    "privateoreditorkey",
    "privateorpublickey",
    "public",
    "public_nobcc",
    "publickey",
    "publicnoattachment",
    "publicnomultipart",
];

/// What a list's file says of its room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Derived {
    pub(crate) subject: Option<String>,
    pub(crate) mode: Mode,
    pub(crate) roster: Roster,
}

/// What holds for a list whose file cannot be read.
impl Default for Derived {
    fn default() -> Self {
        Self { subject: None, mode: Mode::Announce, roster: Roster::Owners }
    }
}

/// What a file says: paragraphs of `key value` lines.
pub(crate) fn derive(text: &str) -> Derived {
    let mut derived = Derived::default();
    for line in text.lines() {
        let (key, value) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let value = value.trim();
        let scenario = value.split_whitespace().next().unwrap_or_default();
        match key {
            "subject" if !value.is_empty() => derived.subject = Some(value.to_owned()),
            "send" if MEMBERS_POST.contains(&scenario) => derived.mode = Mode::Open,
            "send" => derived.mode = Mode::Announce,
            "review" if matches!(scenario, "public" | "private") => derived.roster = Roster::Members,
            "review" => derived.roster = Roster::Owners,
            _ => {}
        }
    }
    derived
}

/// The readable files of lists, each read again only when it changed.
#[derive(Debug, Clone, Default)]
pub(crate) struct ListFiles {
    list_data: Option<PathBuf>,
    /// The main robot, or nothing when only one robot is known.
    main_robot: Option<String>,
    read: Arc<Mutex<HashMap<ListAddress, (Stamp, Derived)>>>,
}

type Stamp = (Option<SystemTime>, u64);

impl ListFiles {
    pub(crate) fn new(list_data: Option<PathBuf>, main_robot: Option<String>) -> Self {
        Self { list_data, main_robot, read: Arc::default() }
    }

    /// What the files of these lists say; a list whose file cannot be read is absent.
    pub(crate) async fn of(&self, lists: Vec<ListAddress>) -> HashMap<ListAddress, Derived> {
        if self.list_data.is_none() {
            return HashMap::new();
        }
        let files = self.clone();
        let read = move || lists.into_iter().filter_map(|list| Some((list.clone(), files.one(&list)?))).collect();
        tokio::task::spawn_blocking(read).await.unwrap_or_default()
    }

    fn one(&self, list: &ListAddress) -> Option<Derived> {
        let path = self.path(list)?;
        let about = std::fs::metadata(&path).ok()?;
        let stamp = (about.modified().ok(), about.len());
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, derived)) = read.get(list).filter(|(before, _)| *before == stamp) {
            return Some(derived.clone());
        }
        let derived = derive(&String::from_utf8_lossy(&std::fs::read(&path).ok()?));
        read.insert(list.clone(), (stamp, derived.clone()));
        Some(derived)
    }

    /// A robot with a directory of its own keeps its lists there; the main robot may keep them at the top.
    fn path(&self, list: &ListAddress) -> Option<PathBuf> {
        let top = self.list_data.as_deref()?;
        let of_robot = top.join(list.robot());
        if of_robot.is_dir() {
            return Some(config_in(&of_robot, list));
        }
        let is_main = self.main_robot.as_deref().is_none_or(|main| main == list.robot());
        is_main.then(|| config_in(top, list))
    }
}

fn config_in(directory: &Path, list: &ListAddress) -> PathBuf {
    directory.join(list.name()).join("config")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_members_may_send_decides_the_mode_and_unknown_words_mean_the_stricter() {
        for (send, mode) in [
            ("public", Mode::Open),
            ("privateoreditorkey", Mode::Open),
            ("editorkey", Mode::Announce),
            ("privateandeditorkey", Mode::Announce),
            ("newsletter", Mode::Announce),
            ("closed", Mode::Announce),
            ("our_own_rule", Mode::Announce),
        ] {
            assert_eq!(derive(&format!("subject Ab Cd\n\nsend {send}\n")).mode, mode, "{send}");
        }
        assert_eq!(derive("").mode, Mode::Announce);
    }

    #[test]
    fn who_may_review_decides_the_roster() {
        assert_eq!(derive("review private\n").roster, Roster::Members);
        assert_eq!(derive("review owner\n").roster, Roster::Owners);
        assert_eq!(derive("subject  Open Talk \n").subject.as_deref(), Some("Open Talk"));
    }
}
