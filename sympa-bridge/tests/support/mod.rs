//! A town for stories: a Sympa database of its own with lists and people, a bridge over it, and browsers.

#![expect(dead_code, reason = "each file of stories uses its own part of the town")]
#![expect(unreachable_pub, reason = "a module of tests is no interface")]

pub mod browser;
pub mod postman;
pub mod sympa;

use std::path::PathBuf;
use std::time::Duration;

use axum::Router;
use futures_util::StreamExt;
use membership::{Change, Hold, Holds, Verdict};
use service::bridge_link::{BridgeLink, Heard};
use service::client_address::TrustedProxies;
use service::clock::Clock;
use service::config::{File, Site};
use service::db::Db;
use service::dice::Dice;
use service::origin::Origins;
use service::secret::{self, Secret, Secrets};
use service::{Context, http, on};
use sqlx::postgres::PgPoolOptions;
use sqlx::sqlite::SqlitePoolOptions;
use sqlx::{PgPool, QueryBuilder};
use sympa_bridge::Bridge;
use url::Url;

/// When stories begin, in milliseconds since 1970.
pub const START_MS: u64 = 1_800_000_000_000;
/// The secret of the custom action.
pub const ACTION_SECRET: &str = "0123456789abcdef0123456789abcdef";
/// What a bcrypt costs at this site: one more than the least there is, so that there can be hashes from cheaper days.
pub const COST: u32 = 5;
/// A change must be told within this time.
const SOON: Duration = Duration::from_secs(5);

/// Where the databases of a town are.
#[derive(Clone)]
pub struct Databases {
    own: String,
    sympa: String,
}

impl Databases {
    /// Drops them from the PostgreSQL server once a story is told, for a whole run would fill a small disk. What a
    /// story that failed leaves stays to be looked at.
    pub async fn drop(self) {
        let admin = admin(&server().expect("a server")).await;
        for url in [self.own, self.sympa] {
            let url: Url = url.parse().expect("an address");
            let mut drop = QueryBuilder::<sqlx::Postgres>::new("DROP DATABASE ");
            drop.push(url.path().trim_start_matches('/')).push(" WITH (FORCE)");
            drop.build().execute(&admin).await.expect("the database is dropped");
        }
    }
}

/// The town.
pub struct Town {
    pub context: Context,
    pub sympa: Db,
    pub directory: PathBuf,
    databases: Databases,
    extra: String,
    bridge: Bridge,
}

/// Writes each story once and tells it on both databases.
#[macro_export]
macro_rules! stories {
    ($($(#[$doc:meta])* async fn $name:ident($town:ident: Town) $body:block)*) => { $(
        mod $name {
            #[tokio::test]
            async fn on_sqlite() {
                super::$name($crate::support::Town::on_sqlite("").await).await;
            }

            #[tokio::test]
            async fn on_postgres() {
                if let Some(town) = $crate::support::Town::on_postgres("").await {
                    let databases = town.databases();
                    super::$name(town).await;
                    databases.drop().await;
                }
            }
        }

        $(#[$doc])*
        async fn $name($town: $crate::support::Town) $body
    )* };
}

impl Town {
    /// On SQLite files.
    pub async fn on_sqlite(extra: &str) -> Self {
        let directory = directory();
        let file = |name: &str| format!("sqlite:{}", directory.join(name).display());
        let databases = Databases { own: file("own.sqlite"), sympa: file("sympa.sqlite") };
        let sympa = sympa::on_sqlite(&databases.sympa).await;
        Self::found(directory, databases, sympa, extra).await
    }

    /// On SQLite files, with sign-in links by mail.
    pub async fn with_mail(mail: &str) -> Self {
        Self::on_sqlite(mail).await
    }

    /// Over somebody else's Sympa database; the own one is a file.
    pub async fn over(sympa: &str) -> Self {
        let directory = directory();
        let file = |name: &str| format!("sqlite:{}", directory.join(name).display());
        let unused = sympa::on_sqlite(&file("unused.sqlite")).await;
        let databases = Databases { own: file("own.sqlite"), sympa: sympa.to_owned() };
        Self::found(directory, databases, unused, "").await
    }

    /// On PostgreSQL, both Sympa's database and our own, when `TEST_POSTGRES_URL` names a server.
    pub async fn on_postgres(extra: &str) -> Option<Self> {
        let server = server()?;
        let admin = admin(&server).await;
        let databases = Databases { own: database(&admin, &server).await, sympa: database(&admin, &server).await };
        let sympa = sympa::on_postgres(&databases.sympa).await;
        Some(Self::found(directory(), databases, sympa, extra).await)
    }

    async fn found(directory: PathBuf, databases: Databases, sympa: Db, extra: &str) -> Self {
        let context = context();
        let bridge = open(&context, &databases, &directory, extra).await;
        Self { context, sympa, directory, databases, extra: extra.to_owned(), bridge }
    }

    /// The sessions in the bridge's own database are away, or back.
    pub async fn hide_sessions(&self, hidden: bool) {
        let (there, away) = ("ALTER TABLE session RENAME TO gone", "ALTER TABLE gone RENAME TO session");
        let (sql, own) = (if hidden { there } else { away }, self.databases.own.as_str());
        let db = if own.starts_with("sqlite:") {
            Db::Sqlite(SqlitePoolOptions::new().max_connections(1).connect(own).await.expect("the database").into())
        } else {
            Db::Postgres(PgPoolOptions::new().max_connections(1).connect(own).await.expect("the database"))
        };
        on!(&db, c => sqlx::query(sql).execute(c).await.map(drop)).expect("renamed");
        db.close().await;
    }

    /// Stops the bridge; its databases stay.
    pub async fn stop(&mut self) {
        self.context.stop.give();
        assert!(self.context.stop.finished(SOON).await, "the bridge stops in time");
    }

    /// Stops the bridge and opens it again, watching.
    pub async fn restart(&mut self) {
        self.restart_with(|secrets| secrets).await;
    }

    /// As [`Town::restart`], with other secrets.
    pub async fn restart_with(&mut self, alter: impl FnOnce(Secrets) -> Secrets) {
        self.stop().await;
        let fresh = context();
        self.context = Context { clock: self.context.clock.clone(), secrets: alter(fresh.secrets.clone()), ..fresh };
        self.bridge = open(&self.context, &self.databases, &self.directory, &self.extra).await;
        self.bridge.start();
    }

    /// Where its databases are.
    pub fn databases(&self) -> Databases {
        self.databases.clone()
    }

    /// Begins to watch Sympa.
    pub fn watch(&self) {
        self.bridge.start();
    }

    /// What browsers talk to.
    pub fn public(&self) -> Router {
        let origins = Origins::only(self.context.site.origin());
        http::public(self.bridge.public_router(), origins, TrustedProxies::default())
    }

    /// The routes of browsers before anything is put around them.
    pub fn bare(&self) -> Router {
        self.bridge.public_router()
    }

    /// What the other services talk to.
    pub fn link(&self) -> BridgeLink {
        BridgeLink::local(self.bridge.internal_router())
    }

    /// A listener to changes, from now on.
    pub async fn listen(&self) -> Ears {
        self.listen_after(None).await
    }

    /// A listener to the changes after this number.
    pub async fn listen_after(&self, after: Option<&str>) -> Ears {
        let mut stream = self.link().changes(after).await.expect("a stream").boxed();
        let first = stream.next().await.expect("the stream says where it stands");
        let Heard::At(at) = first else { panic!("{first:?} came first") };
        Ears { stream, at }
    }

    /// The bridge's word on one hold.
    pub async fn verdict(&self, hold: Hold) -> Verdict {
        let mut verdicts = self.link().check(&Holds { holds: vec![hold] }).await.expect("an answer").verdicts;
        verdicts.pop().expect("one verdict")
    }
}

impl Drop for Town {
    fn drop(&mut self) {
        self.context.stop.give();
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

/// A listener to changes.
pub struct Ears {
    stream: futures_util::stream::BoxStream<'static, Heard>,
    /// The number of the last change heard.
    pub at: String,
}

impl Ears {
    /// What comes next, besides signs of life.
    pub async fn heard(&mut self) -> Heard {
        loop {
            let next = tokio::time::timeout(SOON, self.stream.next()).await.expect("something is told soon");
            match next.expect("the stream goes on") {
                Heard::Alive => {}
                Heard::Change(at, change) => {
                    self.at.clone_from(&at);
                    return Heard::Change(at, change);
                }
                other => return other,
            }
        }
    }

    /// The next change.
    pub async fn change(&mut self) -> Change {
        match self.heard().await {
            Heard::Change(_, change) => change,
            other => panic!("{other:?} is no change"),
        }
    }

    /// Waits for a while in which nothing may change.
    pub async fn silence(&mut self) {
        let quiet = tokio::time::timeout(Duration::from_millis(400), self.change()).await;
        assert!(quiet.is_err(), "{quiet:?} was told");
    }
}

fn context() -> Context {
    let site = Site {
        name: "Lists of Example".to_owned(),
        url: "http://lists.example.org/chat/".parse().expect("a url"),
        language: "en".to_owned(),
    };
    let secrets = Secrets::default().with("ACTION_SECRET", Secret::new(ACTION_SECRET));
    Context { clock: Clock::manual(START_MS), secrets, ..Context::new(site, service::config::Service::default()) }
}

async fn open(context: &Context, databases: &Databases, directory: &std::path::Path, extra: &str) -> Bridge {
    let Databases { own, sympa } = databases;
    let mail = extra.contains("[bridge.mail]");
    let text = format!(
        r#"
        [bridge]
        database = "{own}"
        watch_ms = 50
        [bridge.sign_in]
        action = true
        mail = {mail}
        password = true
        [bridge.sympa]
        database = "{sympa}"
        listmasters = ["listmaster@example.org"]
        list_data = "{}"
        bcrypt_cost = {COST}
        [[bridge.sympa.robots]]
        robot = "lists.example.org"
        url = "http://lists.example.org/sympa"
        [[bridge.sympa.robots]]
        robot = "lists.example.net"
        url = "http://lists.example.net/sympa"
        listmasters = ["robotmaster@example.net"]
        {extra}
        "#,
        directory.join("list_data").display()
    );
    let config = File::parse(&text).and_then(|file| file.section("bridge")).expect("a configuration");
    Bridge::open(context, config).await.expect("the bridge opens")
}

fn directory() -> PathBuf {
    let name = format!("symposium-bridge-{:032x}", Dice::System.bits());
    let directory = std::env::temp_dir().join(name);
    std::fs::create_dir_all(directory.join("list_data")).expect("a directory");
    directory
}

/// The server that `TEST_POSTGRES_URL` names.
fn server() -> Option<Url> {
    Some(secret::find("TEST_POSTGRES_URL").expect("an address")?.expose().parse().expect("an address"))
}

async fn admin(server: &Url) -> PgPool {
    PgPoolOptions::new().max_connections(1).connect(server.as_str()).await.expect("PostgreSQL is there")
}

async fn database(admin: &PgPool, server: &Url) -> String {
    let name = format!("bridge_{:032x}", Dice::System.bits());
    let mut create = QueryBuilder::<sqlx::Postgres>::new("CREATE DATABASE ");
    create.push(&name).build().execute(admin).await.expect("a new database");
    let mut url = server.clone();
    url.set_path(&name);
    url.to_string()
}
