//! What was said: reads `talk/*.talk` and puts it on the calendar.
//!
//! A talk file reads like a play. A line that starts with `@` opens a message; what follows is its text, in Markdown:
//!
//! ```text
//! # a remark for those who read the file
//! @ 12d 09:40 margit =hours      twelve days ago at 09:40 (UTC); a name to reply to, if one is needed
//! Shall we open at ten? Ask @[tomasz].
//! @ 3h tomasz                    three hours ago; also 3h05 and 12m
//! ^ hours                        a reply
//! At tne, please.
//! ~ At ten, please.              how the text reads since it was edited (may have several such lines)
//! + 👍 margit aoife              who reacted, and how
//! ```
//!
//! Days of the calendar are two or more; what is newer counts from now. So the order holds at any time of day.

use std::collections::BTreeMap;

use membership::{Email, ListAddress};

use crate::community::{Community, List};

const DAY_S: u64 = 86_400;

/// What was said on each open list.
const FILES: [(&str, &str); 7] = [
    ("open-talk@lists.example.org", include_str!("../talk/open-talk.org.talk")),
    ("announce@lists.example.org", include_str!("../talk/announce.talk")),
    ("board@lists.example.org", include_str!("../talk/board.talk")),
    ("lecture@lists.example.org", include_str!("../talk/lecture.talk")),
    ("maintainers@lists.example.org", include_str!("../talk/maintainers.talk")),
    ("carers@lists.example.org", include_str!("../talk/carers.talk")),
    ("open-talk@lists.example.net", include_str!("../talk/open-talk.net.talk")),
];

/// The talk of one list, oldest first.
#[derive(Debug, Clone)]
pub struct History {
    /// Where.
    pub list: ListAddress,
    /// What.
    pub said: Vec<Said>,
}

/// One message, not yet on the calendar.
#[derive(Debug, Clone)]
pub struct Said {
    /// Who.
    pub by: Email,
    /// When.
    pub when: When,
    /// The text as first sent.
    pub body: String,
    /// Which earlier message of the same history it answers.
    pub reply_to: Option<usize>,
    /// The text as it reads now, if it was edited.
    pub edited: Option<String>,
    /// Who reacted, and how.
    pub reactions: Vec<(Email, &'static str)>,
    /// Whom the text addresses, each once; in the text they stand as `@` and their name.
    pub mentions: Vec<Email>,
}

/// A time relative to now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Some days ago, two or more, at a minute of that day (UTC).
    Day {
        /// How many days ago.
        days: u64,
        /// Which minute of the day.
        minute: u64,
    },
    /// Less than a day ago, in minutes.
    Ago(u64),
}

impl When {
    /// The absolute time, in seconds since 1970.
    pub fn at_s(self, now_s: u64) -> u64 {
        match self {
            Self::Day { days, minute } => (now_s / DAY_S).saturating_sub(days) * DAY_S + minute * 60,
            Self::Ago(minutes) => now_s.saturating_sub(minutes * 60),
        }
    }
}

/// One message of the demo, ready to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Where.
    pub list: ListAddress,
    /// Who.
    pub by: Email,
    /// When, in seconds since 1970.
    pub at_s: u64,
    /// The text as first sent.
    pub body: String,
    /// The message it answers: counted from 0 among the lines of the same list, and always an earlier one.
    pub reply_to: Option<usize>,
    /// The text as it reads now, if it was edited.
    pub edited: Option<String>,
    /// Who reacted, and how.
    pub reactions: Vec<(Email, &'static str)>,
    /// Whom the text addresses.
    pub mentions: Vec<Email>,
}

/// Everything said on all lists, oldest first; within a list in the order of the file.
pub fn history(community: &Community, now_s: u64) -> Vec<Line> {
    let mut lines: Vec<Line> = community
        .histories
        .iter()
        .flat_map(|history| history.said.iter().map(|said| line(&history.list, said, now_s)))
        .collect();
    lines.sort_by_key(|line| line.at_s);
    lines
}

fn line(list: &ListAddress, said: &Said, now_s: u64) -> Line {
    Line {
        list: list.clone(),
        by: said.by.clone(),
        at_s: said.when.at_s(now_s),
        body: said.body.clone(),
        reply_to: said.reply_to,
        edited: said.edited.clone(),
        reactions: said.reactions.clone(),
        mentions: said.mentions.clone(),
    }
}

/// Address and display name by the key of `community.toml`.
pub(crate) type Names<'a> = BTreeMap<&'a str, (&'a Email, Option<&'a str>)>;

/// Reads the talk of all open lists.
pub(crate) fn read(lists: &[List], names: &Names<'_>) -> Vec<History> {
    let open = lists.iter().filter(|list| list.is_open());
    open.map(|list| {
        let address = list.address.to_string();
        let text = FILES.iter().find(|(name, _)| *name == address).map_or("", |(_, text)| text);
        History { list: list.address.clone(), said: Script::read(text, names) }
    })
    .collect()
}

/// A talk file while it is read.
struct Script<'a> {
    names: &'a Names<'a>,
    said: Vec<Said>,
    labels: BTreeMap<&'static str, usize>,
}

impl<'a> Script<'a> {
    fn read(text: &'static str, names: &'a Names<'a>) -> Vec<Said> {
        let mut script = Self { names, said: Vec::new(), labels: BTreeMap::new() };
        for row in text.lines().filter(|row| !row.starts_with("# ")) {
            script.take(row);
        }
        for said in &mut script.said {
            finish(said, names);
        }
        script.said
    }

    fn take(&mut self, row: &'static str) {
        if let Some(opening) = row.strip_prefix("@ ") {
            return self.open(opening);
        }
        let Some(said) = self.said.last_mut() else {
            assert!(row.is_empty(), "text before the first message: {row}");
            return;
        };
        if let Some(label) = row.strip_prefix("^ ") {
            said.reply_to = Some(self.labels.get(label).copied().expect("a reply names an earlier message"));
        } else if let Some(reaction) = row.strip_prefix("+ ") {
            let mut words = reaction.split_whitespace();
            let emoji = words.next().expect("a reaction has a sign");
            said.reactions.extend(words.map(|key| (email(self.names, key), emoji)));
        } else if let Some(text) = row.strip_prefix('~') {
            let edited = said.edited.get_or_insert_default();
            edited.push_str(text.strip_prefix(' ').unwrap_or(text));
            edited.push('\n');
        } else {
            said.body.push_str(row);
            said.body.push('\n');
        }
    }

    fn open(&mut self, opening: &'static str) {
        let mut words = opening.split_whitespace().peekable();
        let first = words.next().expect("a message has a time");
        let clock = words.next_if(|word| word.contains(':'));
        let by = email(self.names, words.next().expect("a message has an author"));
        if let Some(label) = words.next().and_then(|word| word.strip_prefix('=')) {
            assert!(self.labels.insert(label, self.said.len()).is_none(), "two messages called {label}");
        }
        let when = when(first, clock).expect("a time of a talk file reads 12d 09:40, 3h, 3h05 or 12m");
        let (body, reactions, mentions) = (String::new(), Vec::new(), Vec::new());
        self.said.push(Said { by, when, body, reply_to: None, edited: None, reactions, mentions });
    }
}

fn email(names: &Names<'_>, key: &str) -> Email {
    let (email, _) = names.get(key).unwrap_or_else(|| panic!("{key} is not in community.toml"));
    (*email).clone()
}

fn when(first: &str, clock: Option<&str>) -> Option<When> {
    if let Some(clock) = clock {
        let (hour, minute) = clock.split_once(':')?;
        let days = first.strip_suffix('d')?.parse().ok().filter(|days| *days >= 2)?;
        return Some(When::Day { days, minute: hour.parse::<u64>().ok()? * 60 + minute.parse::<u64>().ok()? });
    }
    let minutes = match first.split_once('h') {
        Some((hours, "")) => hours.parse::<u64>().ok()? * 60,
        Some((hours, minutes)) => hours.parse::<u64>().ok()? * 60 + minutes.parse::<u64>().ok()?,
        None => first.strip_suffix('m')?.parse().ok()?,
    };
    (minutes < 24 * 60).then_some(When::Ago(minutes))
}

/// Trims the texts and turns `@[key]` into `@Name`, noting who is meant.
fn finish(said: &mut Said, names: &Names<'_>) {
    said.body = named(said.body.trim(), names, &mut said.mentions);
    said.edited = said.edited.take().map(|text| named(text.trim(), names, &mut said.mentions));
}

fn named(text: &str, names: &Names<'_>, mentions: &mut Vec<Email>) -> String {
    let mut parts = text.split("@[");
    let mut whole = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (key, rest) = part.split_once(']').expect("a mention is closed");
        let (email, name) = names.get(key).unwrap_or_else(|| panic!("{key} is not in community.toml"));
        if !mentions.contains(email) {
            mentions.push((*email).clone());
        }
        whole.push('@');
        whole.push_str(name.expect("who is mentioned has a name"));
        whole.push_str(rest);
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_talk_file_reads_like_a_play() {
        let (ann, bob) = ("ann@example.org".parse().unwrap(), "bob@example.org".parse().unwrap());
        let names: Names<'_> = [("ann", (&ann, Some("Ann Lee"))), ("bob", (&bob, None))].into();
        let text = "# remark\n@ 12d 09:40 ann =q\nShall we?\n\n- yes\n\
            @ 3h05 bob\n^ q\nAsk @[ann], tne.\n~ Ask @[ann], ten.\n+ 👍 ann bob\n";
        let said = Script::read(text, &names);
        assert_eq!(said.len(), 2);
        assert_eq!(said[0].body, "Shall we?\n\n- yes");
        assert_eq!(said[0].when, When::Day { days: 12, minute: 580 });
        assert_eq!((said[1].reply_to, said[1].when), (Some(0), When::Ago(185)));
        assert_eq!(said[1].body, "Ask @Ann Lee, tne.");
        assert_eq!(said[1].edited.as_deref(), Some("Ask @Ann Lee, ten."));
        assert_eq!(said[1].mentions, std::slice::from_ref(&ann));
        assert_eq!(said[1].reactions, [(ann, "👍"), (bob, "👍")]);
    }

    #[test]
    fn a_time_is_on_the_calendar_or_counted_from_now() {
        assert_eq!(when("2d", Some("00:01")), Some(When::Day { days: 2, minute: 1 }));
        assert_eq!(when("1d", Some("00:01")), None);
        assert_eq!(when("24h", None), None);
        assert_eq!(When::Day { days: 2, minute: 1 }.at_s(10 * DAY_S + 5), 8 * DAY_S + 60);
        assert_eq!(When::Ago(3).at_s(1000), 820);
    }
}
