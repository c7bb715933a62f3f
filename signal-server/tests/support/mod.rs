//! Support of the stories: a signal-server on a real port, a bridge that says what the story wants, and actors who speak to
//! it over real sockets.

#![expect(dead_code, reason = "each story file uses its own part of the support")]

mod actor;
#[path = "../../../chat-server/tests/support/bridge.rs"]
pub(crate) mod bridge;
mod keeper;

use std::net::SocketAddr;

use membership::token::Audience;
use membership::{Grant, Grants, PersonId, Role, Roles, RoomId};
use service::Context;
use service::client_address::TrustedProxies;
use service::clock::Clock;
use service::config::{Service, Site};
use service::http;
use service::origin::Origins;
use signal_server::Signal;
use signal_server::config::Config;
use signal_server::protocol::{Frame, LinkId};

pub(crate) use self::actor::Actor;
use self::bridge::{Kind, TestBridge};
pub(crate) use self::keeper::Keeper;

/// Whose pages may connect.
pub(crate) const ORIGIN: &str = "http://signal.test";
/// When every story begins.
pub(crate) const START_MS: u64 = 1_800_000_000_000;
/// The room of most stories.
pub(crate) const ROOM: RoomId = RoomId::new(1, 1);
/// Who may talk and send files.
pub(crate) const MEMBER: Kind = may(Grants::NONE.with(Grant::Read).with(Grant::Call).with(Grant::SendFiles));
/// Who may read.
pub(crate) const READER: Kind = may(Grants::NONE.with(Grant::Read));

const fn may(grants: Grants) -> Kind {
    Kind { roles: Roles::NONE.with(Role::Subscriber), grants, concealed: false }
}

/// A running signal-server.
pub(crate) struct TestSignal {
    pub(crate) address: SocketAddr,
    pub(crate) bridge: TestBridge,
    pub(crate) context: Context,
    pub(crate) keeper: Keeper,
}

impl TestSignal {
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    pub(crate) async fn start_with(configure: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config::default();
        // Stories about rates set their own; no other story waits for one.
        (config.acts, config.frames) = (service::limit::Rate::new(10_000, 1), service::limit::Rate::new(10_000, 1));
        config.turn.embedded = false;
        config.media.conferences = false;
        configure(&mut config);
        let url = format!("{ORIGIN}/").parse().expect("an address");
        let site = Site { name: "Test".into(), url, language: "en".into() };
        let mut context = Context::new(site, Service::default());
        context.clock = Clock::manual(START_MS);
        let (bridge, keeper) = (TestBridge::new(context.clock.clone()), Keeper::default());
        let signal = Signal::open(&context, config, bridge.link(), Some(keeper.link())).await.expect("it opens");
        let listener = http::listen(([127, 0, 0, 1], 0).into()).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let routes = http::public(signal.router(), Origins::only(ORIGIN.into()), TrustedProxies::default());
        signal.start();
        tokio::spawn(http::serve(listener, routes, context.stop.clone()));
        Self { address, bridge, context, keeper }
    }

    /// A member who has entered the room.
    pub(crate) async fn member(&self, name: &str) -> Actor {
        self.somebody(name, MEMBER).await
    }

    /// Somebody who has entered the room.
    pub(crate) async fn somebody(&self, name: &str, kind: Kind) -> Actor {
        let mut actor = Actor::connect(self, name).await;
        actor.enters(ROOM, kind).await.expect("they may enter");
        actor
    }

    /// Ann and Bob talk.
    pub(crate) async fn talking(&self) -> (Actor, Actor, LinkId) {
        let (mut ann, mut bob) = (self.member("Ann").await, self.member("Bob").await);
        let link = ann.rings("Bob").await.expect("it rings");
        bob.hears(|frame| matches!(frame, Frame::Ringing { name, .. } if name == "Ann")).await;
        bob.does("accept", link).await.expect("accepted");
        ann.hears(|frame| matches!(frame, Frame::Connected { .. })).await;
        bob.hears(|frame| matches!(frame, Frame::Connected { .. })).await;
        (ann, bob, link)
    }

    /// A room token of somebody.
    pub(crate) fn token(&self, name: &str, room: RoomId, kind: Kind) -> String {
        token(&self.bridge, name, room, kind)
    }
}

/// A room token for this service.
fn token(bridge: &TestBridge, name: &str, room: RoomId, kind: Kind) -> String {
    let mut claims = bridge.claims(name, room, kind);
    claims.aud = Audience::Signal;
    bridge.sign(&claims)
}

/// The person of a name.
pub(crate) fn person(name: &str) -> PersonId {
    let bits = name.bytes().fold(7_u128, |bits, byte| bits.wrapping_mul(257).wrapping_add(u128::from(byte)));
    PersonId::new(1, bits)
}
