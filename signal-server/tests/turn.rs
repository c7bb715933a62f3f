//! Stories about the relay on real sockets: who may use it, whom it reaches, how much, and what it does with nonsense.

#[path = "turn/browser.rs"]
mod browser;
#[path = "../../fuzz/replay.rs"]
mod replay;
#[path = "turn/site.rs"]
mod site;

use std::net::SocketAddr;
use std::time::Duration;

use browser::{Browser, Heard, Line, SILENCE, introduce};
use service::clock::Clock;
use service::monitor;
use signal_server::turn::{Config, Credentials, LIFE_S, Media, credentials};
use site::{SECRET, Site, certificate, metrics, person, secured, settings};
use tokio::net::UdpSocket;

const SOON: Duration = Duration::from_secs(5);

/// What one says the other hears, with and without channels, whatever its length.
async fn converse(mut one: Browser, mut other: Browser) {
    let (at_one, at_other) = introduce(&mut one, &mut other).await;
    for length in [1, 2, 3, 4, 5, 1000, 1199] {
        let words = vec![7; length];
        one.indicate(at_other, &words).await;
        assert_eq!(other.hear(SOON).await, Some(Heard::Data(at_one, words.clone())));
        other.indicate(at_one, &words).await;
        assert_eq!(one.hear(SOON).await, Some(Heard::Data(at_other, words)));
    }
    one.bind(0x4001, at_other).await.expect("a channel");
    for length in [1, 2, 3, 4, 5, 1000, 1199] {
        let words = vec![8; length];
        // Firefox binds no channels: the other one hears what comes by one all the same, and answers without.
        one.channel(0x4001, &words).await;
        assert_eq!(other.hear(SOON).await, Some(Heard::Data(at_one, words.clone())));
        other.indicate(at_one, &words).await;
        assert_eq!(one.hear(SOON).await, Some(Heard::Channel(0x4001, words)));
    }
}

#[tokio::test]
async fn two_converse_by_every_way() {
    let folder = tempfile::tempdir().expect("a folder");
    certificate(folder.path());
    let tls = Config {
        listen_tls: vec!["127.0.0.1:0".parse().expect("an address")],
        certificate: Some(folder.path().join("relay.pem")),
        key: Some(folder.path().join("relay.key")),
        ..settings()
    };
    let site = Site::start(tls).await;
    let authority = folder.path().join("ca.pem");
    converse(site.udp(1).await, site.udp(2).await).await;
    converse(site.udp(1).await, site.tcp(2).await).await;
    converse(site.tcp(1).await, site.tls(2, &authority).await).await;
    converse(site.tls(1, &authority).await, site.udp(2).await).await;
}

#[tokio::test]
async fn expired_altered_and_foreign_credentials_are_refused() {
    let site = Site::start(settings()).await;
    let now_s = site.clock.now_s();
    let good = site.credentials(person(1));
    let forged = |username: &str| Credentials { username: username.to_owned(), ..good.clone() };
    let table = [
        ("expired", credentials(SECRET, person(1), now_s - LIFE_S)),
        ("of another secret", credentials("another", person(1), now_s)),
        ("another password", Credentials { password: "x".repeat(28), ..good.clone() }),
        ("a longer life", forged(&format!("{}:{}", now_s + 99_999, person(1)))),
        ("another person", forged(&format!("{}:{}", good.expires_s, person(2)))),
        ("no person", forged(&good.expires_s.to_string())),
        ("no name", forged("")),
        ("a long name", forged(&"9".repeat(500))),
    ];
    for (what, credentials) in table {
        for mut browser in
            [Browser::udp(site.relay, credentials.clone()).await, Browser::tcp(site.relay, credentials.clone()).await]
        {
            assert_eq!(browser.allocate().await, Err(401), "{what}");
        }
    }
    assert_eq!(site.turn.allocations(), 0);
    Browser::udp(site.relay, good).await.allocate().await.expect("a place");
}

#[tokio::test]
async fn a_request_that_was_changed_on_its_way_is_refused() {
    let site = Site::start(settings()).await;
    let mut browser = site.udp(1).await;
    browser.allocate().await.expect("a place");
    let mut stranger = Browser::udp(site.relay, credentials("another", person(1), site.clock.now_s())).await;
    assert_eq!(stranger.allocate().await, Err(401));
    // The name of somebody else on the same line.
    browser.credentials = site.credentials(person(2));
    assert_eq!(browser.refresh(600).await, Err(441));
}

#[tokio::test]
async fn nothing_inside_a_network_is_reached() {
    let site = Site::start(settings()).await;
    let target = UdpSocket::bind("127.0.0.1:0").await.expect("a socket");
    let target_at = target.local_addr().expect("an address");
    let mut browser = site.udp(1).await;
    browser.allocate().await.expect("a place");
    let table = [
        ("loopback", target_at.to_string()),
        ("the relay itself", site.relay.to_string()),
        ("link-local", "169.254.169.254:80".to_owned()),
        ("private 10", "10.0.0.1:80".to_owned()),
        ("private 172", "172.16.0.1:80".to_owned()),
        ("private 192", "192.168.0.1:80".to_owned()),
        ("of a carrier", "100.64.0.1:80".to_owned()),
        ("multicast", "224.0.0.1:80".to_owned()),
        ("unspecified", "0.0.0.0:80".to_owned()),
        ("everybody", "255.255.255.255:80".to_owned()),
        ("loopback of IPv6", "[::1]:80".to_owned()),
        ("mapped", format!("[::ffff:127.0.0.1]:{}", target_at.port())),
        ("link-local of IPv6", "[fe80::1]:80".to_owned()),
        ("private of IPv6", "[fd00::1]:80".to_owned()),
        ("anybody", "198.51.100.1:80".to_owned()),
    ];
    for (number, (what, peer)) in (0x4000..).zip(table) {
        let peer = peer.parse().expect("an address");
        assert_eq!(browser.permit(peer).await, Err(403), "{what}");
        assert_eq!(browser.bind(number, peer).await, Err(403), "{what}");
        browser.indicate(peer, b"hello").await;
        browser.channel(number, b"hello").await;
    }
    let mut bytes = [0; 64];
    assert!(tokio::time::timeout(SILENCE, target.recv_from(&mut bytes)).await.is_err(), "something got through");
}

#[tokio::test]
async fn what_the_settings_name_is_reached() {
    let target = UdpSocket::bind("127.0.0.1:0").await.expect("a socket");
    let at = target.local_addr().expect("an address");
    let site = Site::start(Config { allow: vec!["127.0.0.1".parse().expect("a network")], ..settings() }).await;
    reaches(&site, &target, at).await;
}

#[tokio::test]
async fn the_media_plane_is_reached_and_no_other_port() {
    let target = UdpSocket::bind("127.0.0.1:0").await.expect("a socket");
    let reached = target.local_addr().expect("an address");
    let advertised = "203.0.113.7:7000".parse().expect("an address");
    let site = Site::at(settings(), Clock::System, vec![Media { advertised, reached }]).await;
    reaches(&site, &target, advertised).await;
    let mut browser = site.tcp(2).await;
    browser.allocate().await.expect("a place");
    assert_eq!(browser.permit("203.0.113.7:7001".parse().expect("an address")).await, Err(403));
    assert_eq!(browser.permit(reached).await, Err(403));
}

/// There and back, by the address the browser knows.
async fn reaches(site: &Site, target: &UdpSocket, at: SocketAddr) {
    let mut browser = site.tcp(1).await;
    browser.allocate().await.expect("a place");
    browser.permit(at).await.expect("a permission");
    browser.indicate(at, b"hello").await;
    let mut bytes = [0; 64];
    let (length, from) =
        tokio::time::timeout(SOON, target.recv_from(&mut bytes)).await.expect("soon").expect("a packet");
    assert_eq!(&bytes[..length], b"hello");
    target.send_to(b"welcome", from).await.expect("sent");
    assert_eq!(browser.hear(SOON).await, Some(Heard::Data(at, b"welcome".to_vec())));
}

#[tokio::test]
async fn who_is_not_expected_is_not_heard() {
    let site = Site::start(settings()).await;
    let (mut one, mut other, mut third) = (site.udp(1).await, site.udp(2).await, site.udp(3).await);
    let (at_one, _) = introduce(&mut one, &mut other).await;
    third.allocate().await.expect("a place");
    third.permit(at_one).await.expect("a permission");
    third.indicate(at_one, b"hello").await;
    assert_eq!(one.hear(SILENCE).await, None);
}

#[tokio::test]
async fn who_permitted_an_address_once_speaks_to_another_port_of_it_and_only_that_one_answers() {
    let site = Site::start(settings()).await;
    let (mut one, mut other, mut third) = (site.udp(1).await, site.udp(2).await, site.udp(3).await);
    let mut dead = site.udp(2).await;
    let (at_one, at_other) = (one.allocate().await.expect("a place"), other.allocate().await.expect("a place"));
    third.allocate().await.expect("a place");
    let at_dead = dead.allocate().await.expect("a place");
    // Firefox asks for the first way to the other one, which is dead, and takes the second for permitted with it.
    one.permit(at_dead).await.expect("a permission");
    dead.refresh(0).await.expect("given back");
    other.permit(at_one).await.expect("a permission");
    third.permit(at_one).await.expect("a permission");
    other.indicate(at_one, b"too early").await;
    third.indicate(at_one, b"unasked").await;
    assert_eq!(one.hear(SILENCE).await, None, "nobody is heard who was not spoken to");
    one.indicate(at_other, b"hello").await;
    assert_eq!(other.hear(SOON).await, Some(Heard::Data(at_one, b"hello".to_vec())));
    third.indicate(at_one, b"unasked").await;
    other.indicate(at_one, b"welcome").await;
    assert_eq!(one.hear(SOON).await, Some(Heard::Data(at_other, b"welcome".to_vec())));
    assert_eq!(one.hear(SILENCE).await, None);
}

#[tokio::test]
async fn a_person_and_the_relay_have_so_many_places() {
    let site = Site::start(Config { allocations_per_person: 2, allocations: 3, ..settings() }).await;
    let mut people = Vec::new();
    for who in [1, 1, 2] {
        let mut browser = site.udp(who).await;
        browser.allocate().await.expect("a place");
        people.push(browser);
    }
    assert_eq!(site.udp(3).await.allocate().await, Err(508));
    people[2].refresh(0).await.expect("given back");
    assert_eq!(site.udp(1).await.allocate().await, Err(486));
    site.udp(3).await.allocate().await.expect("a place");
}

#[tokio::test]
async fn a_person_has_so_many_bytes() {
    let site = Site::start(Config { bytes_per_second: 20_000, ..settings() }).await;
    let (mut one, mut other) = (site.udp(1).await, site.udp(2).await);
    let (_, at_other) = introduce(&mut one, &mut other).await;
    for _ in 0..100 {
        one.indicate(at_other, &[1; 1000]).await;
    }
    let mut heard = 0;
    while other.hear(SILENCE).await.is_some() {
        heard += 1;
    }
    // The clock of this test stands still.
    assert_eq!(heard, 20);
    site.clock.advance(1000);
    one.indicate(at_other, &[1; 1000]).await;
    assert!(other.hear(SOON).await.is_some());
}

#[tokio::test]
async fn who_is_taken_out_is_cut_at_once() {
    let site = Site::start(settings()).await;
    let (mut one, mut other, mut line) = (site.udp(1).await, site.udp(2).await, site.tcp(1).await);
    let (at_one, at_other) = introduce(&mut one, &mut other).await;
    line.allocate().await.expect("a place");
    let old = one.credentials.clone();

    site.turn.revoke(person(1));
    assert_eq!(site.turn.allocations(), 1);
    assert!(line.is_cut().await);
    one.indicate(at_other, b"hello").await;
    assert_eq!(other.hear(SILENCE).await, None);
    other.indicate(at_one, b"hello").await;
    assert_eq!(one.hear(SILENCE).await, None);
    assert_eq!(one.refresh(600).await, Err(401));
    assert_eq!(Browser::udp(site.relay, old.clone()).await.allocate().await, Err(401));

    // Who is let in again has new credentials; the old ones stay shut.
    site.clock.advance(1000);
    site.udp(1).await.allocate().await.expect("a place");
    assert_eq!(Browser::tcp(site.relay, old).await.allocate().await, Err(401));
}

#[tokio::test]
async fn a_call_lasts_longer_than_its_credentials() {
    let site = Site::start(settings()).await;
    let (mut one, mut other) = (site.udp(1).await, site.tcp(2).await);
    let (at_one, at_other) = introduce(&mut one, &mut other).await;
    for _ in 0..60 {
        // Three hours in all: the nonces grow old, too.
        site.clock.advance(180_000);
        for (browser, peer) in [(&mut one, at_other), (&mut other, at_one)] {
            browser.refresh(600).await.expect("refreshed");
            browser.permit(peer).await.expect("a permission");
        }
    }
    one.indicate(at_other, b"hello").await;
    assert_eq!(other.hear(SOON).await, Some(Heard::Data(at_one, b"hello".to_vec())));
    assert_eq!(Browser::udp(site.relay, one.credentials.clone()).await.allocate().await, Err(401));
    // Without a refresh it is over.
    site.clock.advance(601_000);
    assert!(other.is_cut().await);
    assert_eq!(site.turn.allocations(), 0);
}

#[tokio::test]
async fn nonsense_disturbs_nobody() {
    let folder = tempfile::tempdir().expect("a folder");
    certificate(folder.path());
    let site = Site::start(Config {
        listen_tls: vec!["127.0.0.1:0".parse().expect("an address")],
        certificate: Some(folder.path().join("relay.pem")),
        key: Some(folder.path().join("relay.key")),
        ..settings()
    })
    .await;
    let authority = folder.path().join("ca.pem");
    let (mut one, mut other) = (site.udp(1).await, site.udp(2).await);
    let (at_one, at_other) = introduce(&mut one, &mut other).await;
    let secured_at = site::at(&site.turn, "turns:", "tcp");
    let mut noise = 0x9e37_79b9_7f4a_7c15u64;
    let mut bytes = |length: usize, first: u8| {
        let mut bytes: Vec<u8> = Vec::with_capacity(length);
        for _ in 0..length {
            noise ^= noise << 13;
            noise ^= noise >> 7;
            noise ^= noise << 17;
            bytes.push(noise.to_be_bytes()[3]);
        }
        if let Some(byte) = bytes.first_mut() {
            *byte = first | (*byte & 0x3f);
        }
        bytes
    };
    for length in [0, 1, 3, 4, 19, 20, 21, 25, 100, 1500, 4000] {
        for first in [0x00, 0x40, 0x80, 0xc0] {
            let nonsense = bytes(length, first);
            // From a stranger, and from somebody with a place.
            for browser in [&mut one, &mut site.udp(3).await, &mut site.tcp(3).await] {
                browser.send(&nonsense).await.ok();
            }
            let mut line =
                Browser::over(secured(secured_at, &authority).await.expect("a line"), site.credentials(person(3)));
            line.send(&nonsense).await.ok();
            let mut raw = Browser::tcp(secured_at, site.credentials(person(3))).await;
            raw.send(&nonsense).await.ok();
        }
    }
    one.indicate(at_other, b"hello").await;
    assert_eq!(other.hear(SOON).await, Some(Heard::Data(at_one, b"hello".to_vec())));
    site.tls(4, &authority).await.allocate().await.expect("a place");
}

#[tokio::test]
async fn a_connection_that_says_nothing_is_closed_with_the_others_kept() {
    let site = Site::start(Config { allocations: 3, ..settings() }).await;
    let mut kept = site.tcp(1).await;
    kept.allocate().await.expect("a place");
    // As many connections as there may be places; they are taken in in their order, and those above are shut at once.
    let _idle = [site.tcp(2).await, site.tcp(2).await];
    assert!(site.tcp(3).await.is_cut().await);
    kept.refresh(600).await.expect("refreshed");
}

#[tokio::test]
async fn one_address_has_so_many_connections_and_leaves_the_others_to_others() {
    monitor::start_metrics();
    let site = Site::start(Config { connections_per_address: 2, ..settings() }).await;
    let (mut kept, idle) = (site.tcp(1).await, site.tcp(2).await);
    kept.allocate().await.expect("a place");
    assert!(site.tcp(3).await.is_cut().await);
    assert!(metrics().await.contains("turn_refused_total{reason=\"address_is_full\"} 1"));
    site.udp(3).await.allocate().await.expect("who comes by UDP holds no connection");
    kept.refresh(600).await.expect("refreshed");
    drop(idle);
    // The relay hears of it in its own time.
    while site.tcp(2).await.allocate().await.is_err() {}
}

#[tokio::test]
async fn a_new_certificate_needs_no_new_start() {
    let folder = tempfile::tempdir().expect("a folder");
    certificate(folder.path());
    let site = Site::start(Config {
        listen_tls: vec!["127.0.0.1:0".parse().expect("an address")],
        certificate: Some(folder.path().join("relay.pem")),
        key: Some(folder.path().join("relay.key")),
        ..settings()
    })
    .await;
    let secured_at = site::at(&site.turn, "turns:", "tcp");
    certificate(folder.path());
    let authority = folder.path().join("ca.pem");
    assert!(secured(secured_at, &authority).await.is_none(), "the old certificate is still there");
    site.clock.advance(30_000);
    assert!(matches!(secured(secured_at, &authority).await, Some(Line::Stream(_))));
    // Half of a pair harms nobody.
    std::fs::write(folder.path().join("relay.key"), "half").expect("written");
    site.clock.advance(30_000);
    assert!(matches!(secured(secured_at, &authority).await, Some(Line::Stream(_))));
}

#[test]
fn what_fuzzing_found_stays_found() {
    for bytes in replay::corpus("relay_packets") {
        signal_server::turn::parsers::packets(&bytes);
    }
}
