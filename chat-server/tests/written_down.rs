//! What is written down and must not lie: the OpenAPI document, the page of the protocol, and the recordings that the web
//! app replays. `UPDATE=1 cargo test -p chat-server --test written_down` writes them anew.

mod support;

use std::path::{Path, PathBuf};

use chat_server::protocol::Event;
use chat_server::timeline::Timeline;
use serde_json::{Value, json};
use service::notes::{Closed, Note, Notes, NotesLink, Outcome};
use support::notes::{called, closed, offered};
use support::{Actor, TestChat};

fn beside(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The file says exactly this, or is written anew when asked.
#[expect(clippy::disallowed_methods, reason = "a test is configured by its environment")]
fn says(path: &str, text: &str) {
    let file = beside(path);
    if std::env::var("UPDATE").is_ok() {
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        std::fs::write(&file, text).expect("written");
    }
    let there = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(there == text, "{path} is out of date: run UPDATE=1 cargo test -p chat-server --test written_down");
}

#[test]
fn the_openapi_document_is_up_to_date() {
    says("openapi.json", &chat_server::openapi().expect("a document"));
}

#[test]
fn the_page_of_the_protocol_names_every_command_frame_and_event() {
    let page = std::fs::read_to_string(beside("../docs/PROTOCOL.md")).expect("the page");
    let code = std::fs::read_to_string(beside("src/protocol.rs")).expect("the code");
    let variants = code.lines().filter_map(|line| {
        let name = line.strip_prefix("    ")?.trim_end_matches(|c: char| !c.is_alphanumeric());
        let name = name.split(['(', ' ', ',', '{']).next()?;
        (name.starts_with(char::is_uppercase) && line.chars().nth(4).is_some_and(char::is_uppercase))
            .then_some(name.to_owned())
    });
    let names: Vec<String> = variants.map(|name| snake(&name)).collect();
    assert!(names.len() > 35, "the variants are found: {names:?}");
    for name in names {
        let said = ["\"type\": ", "\"kind\": "].iter().any(|key| page.contains(&format!("{key}\"{name}\"")));
        assert!(said, "docs/PROTOCOL.md does not say {name}");
    }
}

fn snake(name: &str) -> String {
    let mut snake = String::new();
    for c in name.chars() {
        if c.is_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.extend(c.to_lowercase());
    }
    snake
}

/// A recording: what a client was given, and step by step what it then heard and what a fresh fetch gives.
struct Recording {
    before: Value,
    steps: Vec<String>,
}

impl Recording {
    async fn begin(t: &TestChat, listener: &mut Actor) -> Self {
        t.verify(listener).await;
        listener.events.clear();
        Self { before: state(&t.fetch().await), steps: Vec::new() }
    }

    /// Something was done: the law must hold, here and where the recording is replayed.
    async fn step(&mut self, t: &TestChat, listener: &mut Actor) {
        t.verify(listener).await;
        let events: Vec<Event> = listener.events.drain(..).collect();
        assert!(!events.is_empty(), "something was done");
        self.steps.push(json!({"events": events, "after": state(&t.fetch().await)}).to_string());
    }

    /// With one line for each step.
    fn text(&self) -> String {
        format!("{{\"before\":{},\n\"steps\":[\n{}\n]}}\n", self.before, self.steps.join(",\n"))
    }
}

fn state(timeline: &Timeline) -> Value {
    json!({"seq": timeline.seq, "items": timeline.items})
}

#[tokio::test]
async fn a_lively_talk_is_recorded() {
    let t = TestChat::start(None, |_| {}).await;
    let (mut ann, mut bob, mut eve) = (t.member("ann").await, t.member("bob").await, t.moderator("eve").await);
    let known = ann.says("Known before").await;
    let doomed = bob.says("Known before, and doomed").await;
    bob.reacts(known, "👍", true).await.expect("reacted");
    let mut recording = Recording::begin(&t, &mut bob).await;

    let first = ann.says("A **first** word, with <b>no</b> HTML").await;
    recording.step(&t, &mut bob).await;
    t.context.clock.advance(61_000);
    ann.edits(first, "A first word, mended").await.expect("edited");
    recording.step(&t, &mut bob).await;
    eve.reacts(first, "❤️", true).await.expect("reacted");
    recording.step(&t, &mut bob).await;
    bob.reacts(first, "👍", true).await.expect("reacted");
    recording.step(&t, &mut bob).await;
    eve.reacts(first, "👍", true).await.expect("reacted");
    recording.step(&t, &mut bob).await;
    eve.reacts(first, "❤️", false).await.expect("taken back");
    recording.step(&t, &mut bob).await;
    ann.reacts(first, "❤️", true).await.expect("reacted");
    recording.step(&t, &mut bob).await;
    bob.reacts(known, "👍", false).await.expect("taken back");
    recording.step(&t, &mut bob).await;
    eve.deletes(doomed).await.expect("a moderator may");
    recording.step(&t, &mut bob).await;
    let gone = bob.says("Said and taken back").await;
    recording.step(&t, &mut bob).await;
    ann.reacts(gone, "😄", true).await.expect("reacted");
    recording.step(&t, &mut bob).await;
    bob.deletes(gone).await.expect("one's own");
    recording.step(&t, &mut bob).await;
    ann.says("The last word").await;
    recording.step(&t, &mut bob).await;
    says("../tests/golden/events/a-lively-talk.json", &recording.text());
}

#[tokio::test]
async fn what_a_returning_reader_hears_is_recorded() {
    let t = TestChat::start(None, |_| {}).await;
    let (mut ann, mut bob) = (t.member("ann").await, t.member("bob").await);
    let known = ann.says("Known before").await;
    let mut recording = Recording::begin(&t, &mut bob).await;
    bob.drops().await;
    let edited = ann.says("While bob was away").await;
    ann.edits(edited, "While bob was away, mended").await.expect("edited");
    let gone = ann.says("Never read by bob").await;
    ann.deletes(gone).await.expect("one's own");
    ann.edits(known, "Known, and mended").await.expect("edited");
    bob.reconnects(&t).await;
    recording.step(&t, &mut bob).await;
    let heard = recording.text();
    assert!(!heard.contains("Never read by bob"), "what was deleted is not told any more");
    says("../tests/golden/events/a-returning-reader.json", &heard);
}

#[tokio::test]
async fn calls_and_offers_are_recorded() {
    let t = TestChat::start(None, |_| {}).await;
    let (mut ann, mut bob, mut eve) = (t.member("ann").await, t.member("bob").await, t.moderator("eve").await);
    let link = NotesLink::local(t.chat.internal_router());
    let keep = async |note: Note| link.keep(&Notes { notes: vec![note] }).await.expect("kept");
    ann.says("I will send you the pictures").await;
    keep(offered("ann", 1)).await;
    keep(called("bob", "ann", 2, Outcome::Missed)).await;
    let mut recording = Recording::begin(&t, &mut bob).await;

    keep(called("ann", "bob", 3, Outcome::Ended)).await;
    recording.step(&t, &mut bob).await;
    t.context.clock.advance(61_000);
    keep(closed("ann", 1, Closed::Done)).await;
    recording.step(&t, &mut bob).await;
    keep(offered("ann", 4)).await;
    recording.step(&t, &mut bob).await;
    keep(closed("ann", 4, Closed::Withdrawn)).await;
    recording.step(&t, &mut bob).await;
    keep(called("ann", "bob", 5, Outcome::Declined)).await;
    recording.step(&t, &mut bob).await;
    keep(offered("ann", 6)).await;
    recording.step(&t, &mut bob).await;
    let offer = bob.timeline.seq;
    eve.deletes(offer).await.expect("a moderator may");
    recording.step(&t, &mut bob).await;
    bob.drops().await;
    keep(offered("ann", 7)).await;
    let gone = t.fetch().await.seq;
    keep(closed("ann", 7, Closed::Gone)).await;
    ann.deletes(gone).await.expect("one's own");
    keep(called("bob", "ann", 8, Outcome::Missed)).await;
    bob.reconnects(&t).await;
    recording.step(&t, &mut bob).await;
    ann.says("The last word").await;
    recording.step(&t, &mut bob).await;
    says("../tests/golden/events/calls-and-offers.json", &recording.text());
}
