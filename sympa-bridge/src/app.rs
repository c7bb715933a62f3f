//! What every handler of the bridge shares.

use std::net::IpAddr;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use membership::{Email, SessionId};
use service::Context;
use service::client_address::ClientAddress;
use service::health::Colour;
use service::limit::Limit;
use service::secret::Secret;
use tokio::sync::Semaphore;

use crate::attempts::Attempts;
use crate::config::{Config, shared_secret};
use crate::keys::Keys;
use crate::mail::Mailer;
use crate::roster::Rosters;
use crate::store::Store;
use crate::sympa::Sympa;
use crate::sympa::list_files::ListFiles;
use crate::sympa::listmasters::Listmasters;
use crate::watch::Watch;

/// The state of handlers.
pub(crate) type Shared = Arc<App>;

/// How many passwords are hashed at once: each takes a processor for a quarter of a second.
const HASHERS: usize = 2;

/// The bridge's parts.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) context: Context,
    pub(crate) config: Config,
    pub(crate) store: Store,
    pub(crate) sympa: Sympa,
    pub(crate) listmasters: Listmasters,
    pub(crate) files: ListFiles,
    pub(crate) keys: Keys,
    pub(crate) watch: Watch,
    pub(crate) rosters: Rosters,
    pub(crate) mailer: Option<Mailer>,
    pub(crate) action_secret: Option<Secret>,
    pub(crate) hashers: Arc<Semaphore>,
    pub(crate) limits: Limits,
}

/// Who tried what how often.
#[derive(Debug)]
pub(crate) struct Limits {
    pub(crate) exchange_address: Attempts<IpAddr>,
    pub(crate) exchange_total: Attempts<()>,
    pub(crate) password_account: Attempts<String>,
    pub(crate) password_address: Attempts<IpAddr>,
    pub(crate) mail_address: Limit<ClientAddress>,
    pub(crate) mail_person: Limit<Email>,
    pub(crate) requests: Limit<SessionId>,
    pub(crate) visits: Limit<ClientAddress>,
}

impl App {
    /// Opens the own database and loads the keys; Sympa may be away.
    pub(crate) async fn open(context: &Context, config: Config) -> Result<Self> {
        let config = config.checked()?;
        let secrets = &context.secrets;
        let action_secret = config.sign_in.action.then(|| shared_secret(secrets, "ACTION_SECRET")).transpose()?;
        let (own, sympas) = (secrets.find("BRIDGE_DATABASE_PASSWORD")?, secrets.find("SYMPA_DATABASE_PASSWORD")?);
        let (clock, dice) = (context.clock.clone(), context.dice.clone());
        let store = Store::open(&config.database, own.as_ref(), clock, dice).await?;
        let sympa = Sympa::new(&config.sympa.database, sympas.as_ref(), context.health.clone())?;
        // The answer only colours the health: a Sympa that is away comes back by itself.
        let _ = sympa.is_there().await;
        context.health.set("bridge database", Colour::Green, "The bridge's own database can be read.");
        let mailer = match &config.mail {
            Some(mail) => {
                Some(Mailer::new(mail, secrets.find("MAIL_PASSWORD")?.as_ref()).context("in section [bridge.mail]")?)
            }
            None => None,
        };
        let main_robot = config.sympa.robots.first().map(|robot| robot.robot.to_ascii_lowercase());
        Ok(Self {
            listmasters: Listmasters::new(&config.sympa),
            files: ListFiles::new(config.sympa.list_data.clone(), main_robot),
            keys: Keys::load(&store, secrets).await?,
            watch: Watch::load(&store, context).await?,
            rosters: Rosters::default(),
            mailer,
            action_secret,
            hashers: Arc::new(Semaphore::new(HASHERS)),
            limits: Limits::new(&config, context),
            context: context.clone(),
            config,
            store,
            sympa,
        })
    }

    /// How long a session lasts that is not used.
    pub(crate) fn session_life_ms(&self) -> u64 {
        u64::from(self.config.session_days) * 24 * 3600 * 1000
    }
}

impl Limits {
    fn new(config: &Config, context: &Context) -> Self {
        let (rates, clock) = (&config.limits, &context.clock);
        Self {
            exchange_address: Attempts::new(rates.exchange_address, clock.clone()),
            exchange_total: Attempts::new(rates.exchange_total, clock.clone()),
            password_account: Attempts::new(rates.password_account, clock.clone()),
            password_address: Attempts::new(rates.password_address, clock.clone()),
            mail_address: Limit::new(rates.mail_address),
            mail_person: Limit::new(rates.mail_person),
            requests: Limit::new(rates.requests),
            visits: Limit::new(rates.requests),
        }
    }
}
