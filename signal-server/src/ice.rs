//! Which servers help browsers to connect, and with which credentials of whom: the relay that is built in, a coturn, both
//! or none.

use anyhow::{Result, ensure};
use membership::PersonId;
use service::Context;
use service::health::Colour;
use service::secret::{Secret, Secrets};

use crate::protocol::IceServer;
use crate::turn::{self, LIFE_S, Surroundings, Turn, credentials};

/// Shortest secret of a coturn.
const SECRET_CHARS: usize = 32;
/// The name of it in the health.
const HEALTH: &str = "relay";

/// The servers of this site.
#[derive(Debug, Clone, Default)]
pub struct Ice {
    embedded: Option<(Turn, Secret)>,
    external: Option<(Vec<String>, Secret)>,
}

impl Ice {
    /// Opens the built-in relay, where there is to be one; through it the media plane can be reached. One that cannot be opened is told to the administrator; calls that
    /// find a direct way do without.
    ///
    /// # Errors
    /// When settings contradict each other, or the secret of a coturn is missing.
    pub async fn open(config: turn::Config, media: Vec<turn::Media>, context: &Context) -> Result<Self> {
        let config = config.checked()?;
        let external = secret(&config, &context.secrets)?.map(|secret| (config.external.clone(), secret));
        let embedded = if config.embedded { embed(&config, media, context).await } else { None };
        Ok(Self { embedded, external })
    }

    /// The servers for a person, and until when their credentials are good (seconds since 1970).
    pub fn servers(&self, person: PersonId, now_s: u64) -> (Vec<IceServer>, u64) {
        let embedded = self.embedded.iter().map(|(turn, secret)| (turn.urls(), secret));
        let external = self.external.iter().map(|(urls, secret)| (urls.clone(), secret));
        let server = |(urls, secret): (Vec<String>, &Secret)| {
            let shown = credentials(secret.expose(), person, now_s);
            IceServer { urls, username: Some(shown.username), credential: Some(shown.password) }
        };
        (embedded.chain(external).map(server).collect(), now_s + LIFE_S)
    }

    /// A person's credentials are good no longer: at once at the built-in relay, at a coturn when they end.
    pub fn revoke(&self, person: PersonId) {
        if let Some((turn, _)) = &self.embedded {
            turn.revoke(person);
        }
    }
}

/// The secret of the coturn, where there is one.
///
/// # Errors
/// When it is missing, or can be guessed.
pub(crate) fn secret(config: &turn::Config, secrets: &Secrets) -> Result<Option<Secret>> {
    if config.external.is_empty() {
        return Ok(None);
    }
    let secret = secrets.need("TURN_SECRET")?;
    // Whoever is given credentials can try secrets in peace.
    ensure!(
        secret.expose().chars().count() >= SECRET_CHARS,
        "TURN_SECRET must have at least {SECRET_CHARS} characters; `openssl rand -hex 32` makes a good one"
    );
    Ok(Some(secret))
}

async fn embed(config: &turn::Config, media: Vec<turn::Media>, context: &Context) -> Option<(Turn, Secret)> {
    let secret = Secret::new(context.dice.secret());
    let around = Surroundings {
        host: context.site.url.host_str().unwrap_or_default().to_owned(),
        secret: secret.clone(),
        seed: context.dice.bytes(),
        clock: context.clock.clone(),
        stop: context.stop.clone(),
        media,
    };
    match Turn::start(config, around).await {
        Ok(turn) => {
            context.health.set(HEALTH, Colour::Green, "Calls that find no direct way are relayed.");
            Some((turn, secret))
        }
        Err(error) => {
            let words = format!("Calls that find no direct way fail: {error:#}.");
            context.health.set(HEALTH, Colour::Amber, words);
            None
        }
    }
}
