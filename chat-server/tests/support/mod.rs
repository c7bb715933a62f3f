//! Support of the stories: a chat-server on a real port over a real database, a bridge that says what the story wants,
//! and actors who talk over real sockets.

#![expect(dead_code, reason = "each story file uses its own part of the support")]

mod actor;
pub(crate) mod bridge;
pub(crate) mod notes;

use std::net::SocketAddr;

use chat_server::Chat;
use chat_server::config::Config;
use chat_server::timeline::Timeline;
use membership::{PersonId, RoomId};
use service::Context;
use service::client_address::TrustedProxies;
use service::clock::Clock;
use service::config::{Service, Site};
use service::dice::Dice;
use service::http;
use service::origin::Origins;

pub(crate) use actor::Actor;
pub(crate) use bridge::TestBridge;

/// Whose pages may connect.
pub(crate) const ORIGIN: &str = "http://chat.test";
/// When every story begins.
pub(crate) const START_MS: u64 = 1_800_000_000_000;

/// A running chat-server.
pub(crate) struct TestChat {
    pub(crate) address: SocketAddr,
    pub(crate) bridge: TestBridge,
    pub(crate) context: Context,
    pub(crate) chat: Chat,
    pub(crate) database: String,
    _folder: tempfile::TempDir,
}

/// Runs a story on SQLite, and on PostgreSQL where `TEST_POSTGRES_URL` names a server.
#[macro_export]
macro_rules! both_databases {
    ($(async fn $name:ident($t:ident: TestChat) $body:block)*) => { $(
        mod $name {
            use super::*;

            async fn story($t: TestChat) $body

            #[tokio::test]
            async fn on_sqlite() {
                story(TestChat::start(None, |_| {}).await).await;
            }

            #[tokio::test]
            async fn on_postgresql() {
                if let Some(url) = $crate::support::postgres().await {
                    story(TestChat::start(Some(url.clone()), |_| {}).await).await;
                    $crate::support::drop_postgres(&url).await;
                }
            }
        }
    )* };
}

/// A new database on the server that `TEST_POSTGRES_URL` names.
pub(crate) async fn postgres() -> Option<String> {
    let server = server()?;
    let name = format!("chat_{:x}", Dice::System.bits());
    administer(&server, "CREATE DATABASE ", &name, "").await;
    let (base, query) = server.split_once('?').map_or((server.as_str(), String::new()), |(b, q)| (b, format!("?{q}")));
    let base = base.rsplit_once('/').expect("an address with a database").0;
    Some(format!("{base}/{name}{query}"))
}

/// Drops it once the story is told, for a whole run would fill a small disk. What a story that failed leaves stays to
/// be looked at.
pub(crate) async fn drop_postgres(url: &str) {
    let name = url.rsplit_once('/').expect("an address with a database").1;
    let name = name.split('?').next().expect("a name");
    administer(&server().expect("a server"), "DROP DATABASE ", name, " WITH (FORCE)").await;
}

#[expect(clippy::disallowed_methods, reason = "a test is configured by its environment")]
fn server() -> Option<String> {
    std::env::var("TEST_POSTGRES_URL").ok()
}

async fn administer(server: &str, verb: &str, database: &str, how: &str) {
    use sqlx::{ConnectOptions, Connection};
    let options: sqlx::postgres::PgConnectOptions = server.parse().expect("TEST_POSTGRES_URL is an address");
    let mut admin = options.connect().await.expect("PostgreSQL answers");
    let mut sql = sqlx::QueryBuilder::<sqlx::Postgres>::new(verb);
    sql.push(database).push(how).build().execute(&mut admin).await.expect("done");
    admin.close().await.expect("closed");
}

impl TestChat {
    pub(crate) async fn start(database: Option<String>, configure: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let database = database.unwrap_or_else(|| format!("sqlite:{}", folder.path().join("chat.sqlite").display()));
        // Stories about rates set their own; no other story waits for one.
        let acts = service::limit::Rate::new(10_000, 1);
        let mut config = Config { database: database.clone(), acts, frames: acts, ..Config::default() };
        configure(&mut config);
        let site =
            Site { name: "Test".into(), url: format!("{ORIGIN}/").parse().expect("an address"), language: "en".into() };
        let mut context = Context::new(site, Service::default());
        context.clock = Clock::manual(START_MS);
        let bridge = TestBridge::new(context.clock.clone());
        let chat = Chat::open(&context, config, bridge.link()).await.expect("chat-server opens");
        let listener = http::listen(([127, 0, 0, 1], 0).into()).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let routes = http::public(chat.router(), Origins::only(ORIGIN.into()), TrustedProxies::default());
        chat.start();
        tokio::spawn(http::serve(listener, routes, context.stop.clone()));
        Self { address, bridge, context, chat, database, _folder: folder }
    }

    /// A fresh fetch of the first room.
    pub(crate) async fn fetch(&self) -> Timeline {
        let store = &self.chat.app().store;
        let seq = store.head(ROOM).await.expect("the store answers");
        let page = store.page(ROOM, chat_server::store::Window::Newest, 100).await.expect("the store answers");
        Timeline { seq, items: page.items.into() }
    }

    /// A member of the first room who has entered it.
    pub(crate) async fn member(&self, name: &str) -> Actor {
        self.member_with(name, &bridge::MEMBER).await
    }

    /// A moderator of the first room who has entered it.
    pub(crate) async fn moderator(&self, name: &str) -> Actor {
        self.member_with(name, &bridge::MODERATOR).await
    }

    async fn member_with(&self, name: &str, standing: &bridge::Kind) -> Actor {
        let mut actor = Actor::connect(self, name).await;
        actor.standing = *standing;
        actor.enters(ROOM).await;
        actor
    }

    /// The law: what this actor knows of the room is what a fresh fetch gives.
    pub(crate) async fn verify(&self, actor: &mut Actor) {
        let fresh = self.fetch().await;
        actor.until(|actor| actor.timeline.seq == fresh.seq).await;
        assert_eq!(actor.timeline, fresh, "apply(events, old state) == fresh fetch");
    }
}

/// The room of most stories.
pub(crate) const ROOM: RoomId = RoomId::new(1, 1);

/// The person of a name.
pub(crate) fn person(name: &str) -> PersonId {
    let bits = name.bytes().fold(7_u128, |bits, byte| bits.wrapping_mul(257).wrapping_add(u128::from(byte)));
    PersonId::new(1, bits)
}
