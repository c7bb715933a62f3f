//! The call doctor: tries every relay a site gives its browsers, as a browser would - name, port, certificate, credentials,
//! a place, packets, and at the end a call of two headless browsers - and says in plain words what is wrong.

mod address;
mod call;
mod carrier;
mod client;
mod line;
mod trouble;
mod unsecured;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use service::Context;
use service::health::Colour;
use service::secret::Secret;
use service::stop::Stop;
use tokio::time::Instant;
use tokio_rustls::rustls::RootCertStore;

use self::address::Address;
use self::client::Client;
use self::line::Line;
use self::trouble::Trouble;
use crate::config::Config;
use crate::ice;
use crate::turn::{self, LIFE_S, REALM, Surroundings, Turn, credentials};

/// The most one step may take.
const STEP: Duration = Duration::from_secs(10);
/// Longer than any two clocks differ that are set at all.
const A_DAY_S: u64 = 86_400;

/// Something that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How well it is.
    pub colour: Colour,
    /// A sentence.
    pub words: String,
}

/// The authorities this machine trusts, as browsers on it would.
pub fn authorities() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    roots
}

/// What can be said of the settings of the relays without trying one.
pub fn settings(config: &Config, context: &Context) -> Vec<Finding> {
    match understood(config, context) {
        Ok((turn, _)) if turn.embedded || !turn.external.is_empty() => {
            vec![green("The settings of the relay are understood; `symposium check --call` tries it.")]
        }
        Ok(_) => vec![without(config)],
        Err(finding) => vec![finding],
    }
}

/// The relays and the secret of a coturn, as the service reads them at its start; or why they cannot be used.
fn understood(config: &Config, context: &Context) -> Result<(turn::Config, Option<Secret>), Finding> {
    let turn = config.turn.clone().checked();
    let turn = turn.map_err(|error| red(format!("[signal.turn] contradicts itself: {error:#}.")))?;
    let secret = ice::secret(&turn, &context.secrets);
    let secret = secret.map_err(|error| red(format!("The coturn cannot be used without its secret: {error:#}.")))?;
    if turn.embedded {
        turn::certificate(&turn, context.clock.now_ms()).map_err(|error| cannot_start(&error))?;
    }
    Ok((turn, secret))
}

/// Tries every relay of a site.
pub async fn examine(config: &Config, context: &Context, authorities: RootCertStore) -> Vec<Finding> {
    let (turn, secret) = match understood(config, context) {
        Ok(understood) => understood,
        Err(finding) => return vec![finding],
    };
    let doctor = Doctor { context, authorities: Arc::new(authorities) };
    let mut findings = Vec::new();
    if turn.embedded {
        findings.extend(doctor.embedded(&turn).await);
    }
    if let Some(secret) = secret {
        findings.extend(doctor.all(&turn.external, &Relay::External(secret)).await);
    }
    if findings.is_empty() {
        findings.push(without(config));
    }
    findings
}

/// There is no relay.
fn without(config: &Config) -> Finding {
    if config.relay_only {
        red("relay_only is set, but no relay: no call can connect. Set embedded = true in [signal.turn].")
    } else {
        amber("No relay is configured: calls that find no direct way fail.")
    }
}

fn cannot_start(error: &anyhow::Error) -> Finding {
    red(format!("The relay that is built in cannot start: {error:#}."))
}

/// Which relay is tried.
enum Relay {
    /// The one that is built in, started for this.
    Own(Secret),
    /// The one that is built in, of a service that is running: its credentials are known to that process alone.
    Running,
    /// One that shares a secret with us.
    External(Secret),
}

/// What was seen of a relay that works.
struct Seen {
    answered: Duration,
    talked: Option<Duration>,
}

struct Doctor<'a> {
    context: &'a Context,
    authorities: Arc<RootCertStore>,
}

impl Doctor<'_> {
    /// Tries the relay that is built in.
    async fn embedded(&self, turn: &turn::Config) -> Vec<Finding> {
        let (secret, stop) = (Secret::new(self.context.dice.secret()), Stop::new());
        let host = self.context.site.url.host_str().unwrap_or_default().to_owned();
        let around = Surroundings {
            host: host.clone(),
            secret: secret.clone(),
            seed: self.context.dice.bytes(),
            clock: self.context.clock.clone(),
            stop: stop.clone(),
            media: Vec::new(),
        };
        match Turn::start(turn, around).await {
            Ok(relay) => {
                let findings = self.all(&relay.urls(), &Relay::Own(secret)).await;
                stop.give();
                findings
            }
            Err(error) if is_taken(&error) => {
                let urls = turn.urls(&turn.listen, &turn.listen_tls, &host);
                let mut findings = self.all(&urls, &Relay::Running).await;
                if findings.iter().all(|finding| finding.colour != Colour::Red) {
                    findings.push(amber(
                        "The relay belongs to a service that is running, and its credentials are known to that alone. \
                         To try a whole call, stop the service, check again, and start it.",
                    ));
                }
                findings
            }
            Err(error) => vec![cannot_start(&error)],
        }
    }

    /// Tries each address of a relay.
    async fn all(&self, urls: &[String], relay: &Relay) -> Vec<Finding> {
        let mut findings = Vec::new();
        for url in urls {
            findings.extend(self.one(url, relay).await);
        }
        findings
    }

    /// Tries one address, at every place its name leads to. Where one place works, browsers take that.
    async fn one(&self, url: &str, relay: &Relay) -> Vec<Finding> {
        let found = async {
            let address: Address = url.parse()?;
            let places = address.places(STEP).await?;
            Ok((address, places))
        };
        let (address, places) = match found.await {
            Ok(found) => found,
            Err(trouble) => return vec![red(tell(url, &trouble))],
        };
        let mut outcomes = Vec::new();
        for at in &places {
            outcomes.push((at, self.at(&address, *at, relay).await));
        }
        let works = outcomes.iter().any(|(_, outcome)| outcome.is_ok());
        let say = |(at, outcome): (&SocketAddr, Result<Seen, Trouble>)| {
            let ip = at.ip().to_string();
            let name = if url.contains(&ip) { url.to_owned() } else { format!("{url} ({ip})") };
            match outcome {
                Ok(seen) => green(praise(&name, &seen)),
                Err(trouble) if works => amber(tell(&name, &trouble)),
                Err(trouble) => red(tell(&name, &trouble)),
            }
        };
        outcomes.into_iter().map(say).collect()
    }

    /// Goes all the way to a call.
    async fn at(&self, address: &Address, at: SocketAddr, relay: &Relay) -> Result<Seen, Trouble> {
        let begun = Instant::now();
        let mut one = self.client(address, at).await?;
        let answered = begun.elapsed();
        let secret = match relay {
            Relay::Own(secret) | Relay::External(secret) => secret,
            Relay::Running if one.realm() == REALM => return Ok(Seen { answered, talked: None }),
            Relay::Running => return Err(Trouble::AnotherRelay),
        };
        let at_one = match self.enter(&mut one, secret, 0).await {
            Err(Trouble::Credentials) => return Err(self.why_refused(address, at, relay, secret).await),
            outcome => outcome?,
        };
        let mut other = self.client(address, at).await?;
        let talked = async {
            let at_other = self.enter(&mut other, secret, 0).await?;
            one.permit(at_other).await?;
            other.permit(at_one).await?;
            carrier::passes((&mut one, at_one), (&mut other, at_other)).await?;
            Box::pin(call::try_one((&mut one, at_one), (&mut other, at_other))).await
        };
        let talked = talked.await;
        one.leave().await;
        other.leave().await;
        Ok(Seen { answered, talked: Some(talked?) })
    }

    /// A line to a relay that has answered once.
    async fn client(&self, address: &Address, at: SocketAddr) -> Result<Client, Trouble> {
        Client::greet(Line::open(address, at, &self.authorities, STEP).await?).await
    }

    /// Takes a place with credentials that were made later than now.
    async fn enter(&self, client: &mut Client, secret: &Secret, later_s: u64) -> Result<SocketAddr, Trouble> {
        let person = self.context.dice.person_id(self.context.clock.now_ms());
        client.allocate(credentials(secret.expose(), person, self.context.clock.now_s() + later_s)).await
    }

    /// Why credentials were refused that are good here.
    async fn why_refused(&self, address: &Address, at: SocketAddr, relay: &Relay, secret: &Secret) -> Trouble {
        if matches!(relay, Relay::Own(_)) {
            return Trouble::AnotherRelay;
        }
        // With the right secret and a clock that is ahead, credentials of tomorrow are good.
        let Ok(mut client) = self.client(address, at).await else { return Trouble::Credentials };
        let taken = self.enter(&mut client, secret, A_DAY_S).await.is_ok();
        client.leave().await;
        if taken { Trouble::Clock { minutes: LIFE_S / 60 } } else { Trouble::Credentials }
    }
}

/// Whether somebody else has the port.
fn is_taken(error: &anyhow::Error) -> bool {
    let cause = |cause: &(dyn std::error::Error + 'static)| {
        cause.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::AddrInUse)
    };
    error.chain().any(cause)
}

fn praise(name: &str, seen: &Seen) -> String {
    let answered = seen.answered.as_millis();
    seen.talked.map_or_else(
        || format!("{name} answers in {answered} ms."),
        |talked| {
            let talked = talked.as_millis();
            format!(
                "{name} works: it answers in {answered} ms, and a call through it has text, sound and picture after {talked} ms."
            )
        },
    )
}

fn tell(name: &str, trouble: &Trouble) -> String {
    format!("{name} does not work: {trouble}")
}

fn green(words: impl Into<String>) -> Finding {
    Finding { colour: Colour::Green, words: words.into() }
}

fn amber(words: impl Into<String>) -> Finding {
    Finding { colour: Colour::Amber, words: words.into() }
}

fn red(words: impl Into<String>) -> Finding {
    Finding { colour: Colour::Red, words: words.into() }
}
