//! Stories about the call doctor on real relays: what works is praised, and each thing that is broken on purpose is told by
//! its name.

#[path = "doctor/coturn.rs"]
mod coturn;
#[path = "doctor/papers.rs"]
mod papers;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use coturn::Coturn;
use papers::Papers;
use service::Context;
use service::clock::Clock;
use service::config::{Service, Site};
use service::health::Colour;
use service::secret::{Secret, Secrets};
use signal_server::config::Config;
use signal_server::doctor::{Finding, examine, settings};
use signal_server::turn::{self, Surroundings, Turn};
use tokio::net::{TcpListener, UdpSocket};
use tokio_rustls::rustls::RootCertStore;

const SECRET: &str = "the secret of the relay, which is long";

fn any() -> SocketAddr {
    ([127, 0, 0, 1], 0).into()
}

fn context() -> Context {
    let url = "http://127.0.0.1:8070/".parse().expect("an address");
    let mut context = Context::new(Site { name: "Test".into(), url, language: "en".into() }, Service::default());
    context.secrets = context.secrets.with("TURN_SECRET", Secret::new(SECRET));
    context
}

/// A relay that is built in, for the doctor to start.
fn embedded() -> turn::Config {
    turn::Config { listen: vec![any()], ..turn::Config::default() }
}

/// A relay of a service that is running, with another secret or the same.
async fn running(config: &turn::Config, secret: &str, clock: Clock) -> Turn {
    let around = Surroundings {
        host: "127.0.0.1".to_owned(),
        secret: Secret::new(secret),
        seed: [7; 32],
        clock,
        stop: service::stop::Stop::new(),
        media: Vec::new(),
    };
    Turn::start(config, around).await.expect("a relay")
}

async fn look(turn: turn::Config) -> Vec<Finding> {
    look_trusting(turn, RootCertStore::empty()).await
}

async fn look_trusting(turn: turn::Config, authorities: RootCertStore) -> Vec<Finding> {
    let begun = Instant::now();
    let findings = examine(&Config { turn, ..Config::default() }, &context(), authorities).await;
    for finding in &findings {
        println!("{:?} {}", finding.colour, finding.words);
    }
    assert!(begun.elapsed() < Duration::from_mins(1), "the doctor takes {:?}", begun.elapsed());
    findings
}

/// The one thing that is said of a coturn at this address.
async fn said_of(url: &str) -> Finding {
    let turn = turn::Config { embedded: false, external: vec![url.to_owned()], ..turn::Config::default() };
    let mut findings = look(turn).await;
    assert_eq!(findings.len(), 1, "{findings:?}");
    findings.remove(0)
}

fn is(finding: &Finding, colour: Colour, words: &str) {
    assert!(finding.colour == colour && finding.words.contains(words), "{finding:?} says nothing of: {words}");
}

#[tokio::test]
async fn the_relay_that_is_built_in_works_by_every_way() {
    let papers = Papers::new("127.0.0.1");
    let findings = look_trusting(papers.worn_by(embedded()), papers.authority()).await;
    assert_eq!(findings.len(), 3, "{findings:?}");
    for (finding, way) in findings.iter().zip(["turn:127.0.0.1:", "?transport=tcp", "turns:127.0.0.1:"]) {
        is(finding, Colour::Green, way);
        is(finding, Colour::Green, "has text, sound and picture");
    }
}

#[tokio::test]
async fn a_relay_of_a_running_service_is_asked_whether_it_answers() {
    let turn = running(&embedded(), "known to that process alone", Clock::System).await;
    let url = turn.urls().remove(0);
    let port = url.split([':', '?']).nth(2).expect("a port");
    let listen = vec![format!("127.0.0.1:{port}").parse().expect("an address")];
    let findings = look(turn::Config { listen, ..embedded() }).await;
    assert_eq!(findings.len(), 3, "{findings:?}");
    is(&findings[0], Colour::Green, "answers in");
    is(&findings[1], Colour::Green, "answers in");
    is(&findings[2], Colour::Amber, "stop the service, check again");
    assert_eq!(turn.allocations(), 0);
}

#[tokio::test]
async fn a_port_that_somebody_else_has_is_told() {
    let other = TcpListener::bind(any()).await.expect("a port");
    let listen = vec![other.local_addr().expect("an address")];
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = other.accept().await.expect("somebody");
            tokio::io::AsyncWriteExt::write_all(&mut stream, b"HTTP/1.1 400 Bad Request\r\n\r\n").await.ok();
        }
    });
    let findings = look(turn::Config { listen, ..embedded() }).await;
    assert_eq!(findings.len(), 2, "{findings:?}");
    is(&findings[0], Colour::Red, "nothing listens on this port");
    is(&findings[1], Colour::Red, "what answers is no relay");
}

#[tokio::test]
async fn a_name_that_leads_to_another_relay_is_told() {
    // The site's name leads to this relay; the doctor's own one listens elsewhere.
    let other = running(
        &turn::Config { listen: vec!["127.0.0.2:0".parse().expect("an address")], ..embedded() },
        "x",
        Clock::System,
    )
    .await;
    let port = other.urls().remove(0).split([':', '?']).nth(2).expect("a port").to_owned();
    let listen = vec![format!("127.0.0.3:{port}").parse().expect("an address")];
    let findings = look(turn::Config { listen, host: Some("127.0.0.2".to_owned()), ..embedded() }).await;
    is(&findings[0], Colour::Red, "another relay answers there");
    is(&findings[1], Colour::Red, "another relay answers there");
}

#[tokio::test]
async fn two_different_secrets_are_told() {
    let relay = running(&embedded(), "another secret", Clock::System).await;
    for url in relay.urls() {
        is(&said_of(&url).await, Colour::Red, "TURN_SECRET and its static-auth-secret must be the same");
    }
    assert_eq!(relay.allocations(), 0);
}

#[tokio::test]
async fn a_clock_that_is_ahead_is_told() {
    let ahead = Clock::manual(Clock::System.now_ms() + 3_600_000);
    let relay = running(&embedded(), SECRET, ahead).await;
    is(&said_of(&relay.urls()[0]).await, Colour::Red, "its clock is more than 10 minutes ahead");
}

#[tokio::test]
async fn a_closed_port_is_told() {
    let free = TcpListener::bind(any()).await.expect("a port").local_addr().expect("an address").port();
    for way in ["udp", "tcp"] {
        let url = format!("turn:127.0.0.1:{free}?transport={way}");
        is(&said_of(&url).await, Colour::Red, "nothing listens on this port");
    }
}

#[tokio::test]
async fn a_port_behind_which_nothing_answers_is_told() {
    let (udp, tcp) = (UdpSocket::bind(any()).await.expect("a port"), TcpListener::bind(any()).await.expect("a port"));
    let (udp_at, tcp_at) = (udp.local_addr().expect("an address"), tcp.local_addr().expect("an address"));
    is(&said_of(&format!("turn:{udp_at}")).await, Colour::Red, "no answer comes");
    is(&said_of(&format!("turn:{tcp_at}?transport=tcp")).await, Colour::Red, "no answer comes");
}

#[tokio::test]
async fn a_name_that_is_not_found_is_told() {
    is(&said_of("turn:relay.invalid").await, Colour::Red, "the name relay.invalid is not found");
    is(&said_of("turn:").await, Colour::Red, "this is no address of a relay");
}

#[tokio::test]
async fn a_certificate_that_browsers_refuse_is_told() {
    let ended = Papers::of_old("127.0.0.1");
    let of_another = Papers::new("127.0.0.9");
    let good = Papers::new("127.0.0.1");
    for (papers, trusted, words) in [
        (&ended, ended.authority(), "ended on 2020-02-01"),
        (&of_another, of_another.authority(), "not for 127.0.0.1"),
        (&good, RootCertStore::empty(), "from no authority this machine trusts"),
    ] {
        let findings = look_trusting(papers.worn_by(turn::Config { listen: Vec::new(), ..embedded() }), trusted).await;
        assert_eq!(findings.len(), 1);
        is(&findings[0], Colour::Red, words);
    }
    // A port without TLS.
    let relay = running(&embedded(), SECRET, Clock::System).await;
    let plain = relay.urls().remove(1).replace("turn:", "turns:");
    is(&said_of(&plain).await, Colour::Red, "Is this the port for TLS?");
}

#[tokio::test]
async fn a_relay_without_a_free_place_is_told() {
    let relay = running(&turn::Config { allocations: 1, ..embedded() }, SECRET, Clock::System).await;
    is(&said_of(&relay.urls()[0]).await, Colour::Red, "it has no free place");
}

#[tokio::test]
async fn a_relay_that_passes_nothing_is_told() {
    let relay = running(&turn::Config { bytes_per_second: 1, ..embedded() }, SECRET, Clock::System).await;
    is(&said_of(&relay.urls()[0]).await, Colour::Red, "no packets pass between them");
}

#[tokio::test]
async fn a_site_without_a_relay_is_told() {
    let none = turn::Config { embedded: false, ..turn::Config::default() };
    is(&look(none.clone()).await[0], Colour::Amber, "calls that find no direct way fail");
    let config = Config { relay_only: true, turn: none, ..Config::default() };
    is(&examine(&config, &context(), RootCertStore::empty()).await[0], Colour::Red, "no call can connect");
}

#[test]
fn what_the_service_refuses_at_its_start_is_told_without_trying_a_relay() {
    let said = |turn: turn::Config, secret: Option<&str>| {
        let mut context = context();
        context.secrets =
            secret.map_or_else(Secrets::default, |secret| Secrets::default().with("TURN_SECRET", Secret::new(secret)));
        let mut findings = settings(&Config { turn, ..Config::default() }, &context);
        assert_eq!(findings.len(), 1, "{findings:?}");
        findings.remove(0)
    };
    let coturn = || turn::Config { external: vec!["turn:turn.example.org".to_owned()], ..embedded() };
    let tls = || turn::Config { listen_tls: vec![any()], ..embedded() };
    is(&said(embedded(), None), Colour::Green, "understood");
    is(&said(coturn(), Some(SECRET)), Colour::Green, "understood");
    is(&said(coturn(), None), Colour::Red, "TURN_SECRET");
    is(&said(coturn(), Some("guessed")), Colour::Red, "at least 32 characters");
    is(&said(tls(), None), Colour::Red, "listen_tls needs certificate and key");
    let missing = || Some("/nowhere/relay.pem".into());
    let unreadable = turn::Config { certificate: missing(), key: missing(), ..tls() };
    is(&said(unreadable, None), Colour::Red, "cannot read the relay's certificate");
    let web = turn::Config { external: vec!["https://turn.example.org/".to_owned()], ..embedded() };
    is(&said(web, Some(SECRET)), Colour::Red, "no address of a TURN server");
    is(&said(turn::Config { embedded: false, ..embedded() }, None), Colour::Amber, "No relay is configured");
}

#[tokio::test]
async fn coturn_works_by_every_way() {
    let papers = Papers::new("127.0.0.1");
    let Some(coturn) = Coturn::start(SECRET, &papers, &["allow-loopback-peers"]).await else { return };
    let turn = turn::Config { embedded: false, external: coturn.urls(), ..turn::Config::default() };
    let findings = look_trusting(turn, papers.authority()).await;
    assert_eq!(findings.len(), 3, "{findings:?}");
    for finding in &findings {
        is(finding, Colour::Green, "has text, sound and picture");
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_coturn_is_told() {
    let papers = Papers::new("127.0.0.1");
    for (secret, settings, words) in [
        ("another secret", &["allow-loopback-peers"][..], "must be the same"),
        // As with the shipped settings before the public address is filled in.
        (SECRET, &[], "allowed-peer-ip"),
        (SECRET, &["allow-loopback-peers", "total-quota=1"], "it has no free place"),
    ] {
        let Some(coturn) = Coturn::start(secret, &papers, settings).await else { return };
        is(&said_of(&coturn.urls()[0]).await, Colour::Red, words);
    }
}

#[tokio::test]
async fn of_two_addresses_of_a_name_one_is_enough() {
    let relay = running(&embedded(), SECRET, Clock::System).await;
    let url = relay.urls().remove(1).replace("127.0.0.1", "localhost");
    let turn = turn::Config { embedded: false, external: vec![url], ..turn::Config::default() };
    let findings = look(turn).await;
    assert!(findings.iter().any(|finding| finding.colour == Colour::Green), "{findings:?}");
    assert!(findings.iter().all(|finding| finding.colour != Colour::Red), "{findings:?}");
}
