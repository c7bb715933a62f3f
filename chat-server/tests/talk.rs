//! Stories of talking: say, edit, delete, react, reply; and the law after every action.

mod support;

use chat_server::protocol::{Command, Frame, Item};
use support::{Actor, ROOM, TestChat, person};

both_databases! {
    async fn what_one_says_the_other_reads(t: TestChat) {
        let (mut ann, mut bob) = (t.member("ann").await, t.member("bob").await);
        ann.says("Tulips?").await;
        bob.says("Roses.").await;
        t.verify(&mut ann).await;
        t.verify(&mut bob).await;
        assert_eq!(ann.reads(), ["Tulips?", "Roses."]);
        assert_eq!(bob.reads(), ["Tulips?", "Roses."]);
    }

    async fn the_law_holds_after_every_action(t: TestChat) {
        let (mut ann, mut bob, mut eve) = (t.member("ann").await, t.member("bob").await, t.moderator("eve").await);
        let first = ann.says("A first word").await;
        t.verify(&mut bob).await;
        let second = bob.says("A second, soon gone").await;
        for (emoji, on) in [("👍", true), ("❤️", true), ("👍", false), ("👍", true)] {
            ann.reacts(second, emoji, on).await.expect("reacted");
            t.verify(&mut bob).await;
        }
        eve.reacts(second, "❤️", true).await.expect("reacted");
        ann.reacts(second, "❤️", false).await.expect("taken back");
        t.verify(&mut bob).await;
        ann.edits(first, "A first word, mended").await.expect("edited");
        t.verify(&mut bob).await;
        bob.edits(second, "Edited before it goes").await.expect("edited");
        t.verify(&mut ann).await;
        eve.deletes(second).await.expect("a moderator may");
        t.verify(&mut ann).await;
        ann.deletes(first).await.expect("one's own");
        t.verify(&mut bob).await;
        assert_eq!(ann.reads(), ["", ""]);
    }

    async fn a_nonce_sent_twice_is_one_message(t: TestChat) {
        let (mut ann, mut bob) = (t.member("ann").await, t.member("bob").await);
        let first = ann.says_with("the-same-nonce", "Once").await;
        assert_eq!(ann.says_with("the-same-nonce", "Once").await, first);
        let others = bob.says_with("the-same-nonce", "Bob's own").await.expect("a nonce is one person's");
        assert_eq!(others, 2);
        t.verify(&mut bob).await;
        assert_eq!(bob.reads(), ["Once", "Bob's own"]);
    }

    async fn one_may_not_edit_or_delete_what_others_said(t: TestChat) {
        let (mut ann, mut bob) = (t.member("ann").await, t.member("bob").await);
        let said = ann.says("Mine").await;
        assert_eq!(bob.edits(said, "Bob's").await, Err("not_allowed".into()));
        assert_eq!(bob.deletes(said).await, Err("not_allowed".into()));
        assert_eq!(bob.edits(99, "Nothing").await, Err("no_such_message".into()));
        ann.deletes(said).await.expect("one's own");
        assert_eq!(bob.reacts(said, "👍", true).await, Err("no_such_message".into()));
    }

    async fn what_a_moderator_deletes_is_in_the_audit_and_nowhere_else(t: TestChat) {
        let (mut ann, mut eve) = (t.member("ann").await, t.moderator("eve").await);
        let said = ann.says("Something unkind").await;
        ann.edits(said, "Something very unkind").await.expect("edited");
        eve.deletes(said).await.expect("a moderator may");
        let acts = t.chat.app().store.audit(ROOM, 10).await.expect("an audit");
        assert_eq!((acts.len(), acts[0].act.as_str(), acts[0].detail.as_str()), (1, "deleted", "ann"));
        let events = t.chat.app().store.events_after(ROOM, 0, 100).await.expect("events");
        assert!(!serde_json::to_string(&events).expect("json").contains("unkind"), "the text is gone from the store");
    }

    async fn a_reply_and_a_mention_find_their_way(t: TestChat) {
        let (mut ann, mut bob) = (t.member("ann").await, t.member("bob").await);
        let asked = ann.says("Who brings cake?").await;
        bob.drops().await;
        let (r#ref, nonce, body) = (ann.next_ref(), "a-reply-1".to_owned(), "@bob, you?".to_owned());
        let mentions = vec![person("bob")];
        let reply = Command::Say { r#ref, room: ROOM, nonce, body, reply_to: Some(asked), mentions, mention_all: false };
        ann.asks(reply).await.expect("said");
        let Frame::Resumed(back) = bob.reconnects(&t).await else { panic!("bob resumes") };
        assert_eq!((back.place.unread, back.place.mentions), (2, 1));
        let Some(Item::Message(reply)) = bob.timeline.items.back() else { panic!("there is a reply") };
        assert_eq!(reply.reply_to, Some(asked));
        bob.sends(&Command::Read { room: ROOM, seq: 2 }).await;
        let read = bob.hears(|frame| matches!(frame, Frame::Read { .. })).await;
        assert!(matches!(read, Frame::Read { seq: 2, unread: 0, mentions: 0, .. }));
    }

    async fn somebody_new_has_nothing_unread(t: TestChat) {
        let mut ann = t.member("ann").await;
        ann.says("Before carl came").await;
        let mut carl = Actor::connect(&t, "carl").await;
        let Frame::Entered(entered) = carl.enters(ROOM).await else { panic!("carl enters") };
        assert_eq!((entered.place.unread, entered.place.read, entered.items.len()), (0, 1, 1));
    }

    async fn what_is_over_a_limit_is_refused_with_a_code(t: TestChat) {
        let mut ann = t.member("ann").await;
        assert_eq!(ann.says_with("nonce-too-long-body", &"é".repeat(8001)).await, Err("too_large".into()));
        assert!(ann.says_with("nonce-long-body", &"é".repeat(8000)).await.is_ok());
        assert_eq!(ann.says_with("nonce-of-nothing", " \n ").await, Err("bad_frame".into()));
        assert_eq!(ann.says_with("short", "x").await, Err("bad_frame".into()));
        assert_eq!(ann.says_with(&"n".repeat(41), "x").await, Err("bad_frame".into()));
        let seq = 1;
        assert_eq!(ann.reacts(seq, "not an emoji", true).await, Err("bad_frame".into()));
        let r#ref = ann.next_ref();
        let (nonce, body, reply_to) = ("a-reply-to-nothing".to_owned(), "x".to_owned(), Some(77));
        let reply = Command::Say { r#ref, room: ROOM, nonce, body, reply_to, mentions: vec![], mention_all: false };
        assert_eq!(ann.asks(reply).await, Err("no_such_message".into()));
    }

    async fn history_is_read_in_pages_in_both_directions_and_around_a_message(t: TestChat) {
        use chat_server::store::Window;
        let mut ann = t.member("ann").await;
        for n in 1..=30 {
            ann.says(&format!("line {n}")).await;
        }
        let store = &t.chat.app().store;
        let seqs = |page: &chat_server::store::Page| page.items.iter().map(Item::seq).collect::<Vec<_>>();
        let before = store.page(ROOM, Window::Before(11), 5).await.expect("a page");
        assert_eq!((seqs(&before), before.first), (vec![6, 7, 8, 9, 10], false));
        let start = store.page(ROOM, Window::Before(4), 5).await.expect("a page");
        assert_eq!((seqs(&start), start.first), (vec![1, 2, 3], true));
        let after = store.page(ROOM, Window::After(26), 5).await.expect("a page");
        assert_eq!((seqs(&after), after.last), (vec![27, 28, 29, 30], true));
        let around = store.page(ROOM, Window::Around(15), 4).await.expect("a page");
        assert_eq!((seqs(&around), around.first, around.last), (vec![13, 14, 15, 16], false, false));
    }
}

/// The server was restarted, or cut off who was idle: all its connections are gone, also those that were used a moment ago.
#[tokio::test]
async fn a_database_that_hangs_up_costs_at_most_a_few_refusals() {
    use sqlx::{ConnectOptions, Connection, Executor};
    let Some(url) = support::postgres().await else { return };
    let t = TestChat::start(Some(url.clone()), |_| {}).await;
    let mut ann = t.member("ann").await;
    ann.says("Before").await;
    let options: sqlx::postgres::PgConnectOptions = url.parse().expect("an address");
    let mut admin = options.connect().await.expect("PostgreSQL answers");
    let others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                  WHERE datname = current_database() AND pid <> pg_backend_pid()";
    admin.execute(others).await.expect("cut");
    admin.close().await.expect("closed");
    let mut refused = 0;
    while let Err(code) = ann.says_with("after-the-hangup", "After").await {
        assert_eq!(code, "unavailable");
        refused += 1;
        assert!(refused < 10, "it does not recover");
    }
    assert_eq!(ann.says_with("after-the-hangup", "After").await, Ok(2), "it is there once");
    t.verify(&mut ann).await;
    assert_eq!(ann.reads(), ["Before", "After"]);
}
