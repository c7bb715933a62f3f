//! `[bridge]` of the configuration file: every key, its default and its meaning.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::{Result, bail};
use membership::Email;
use serde::Deserialize;
use service::config::loopback;
use service::limit::Rate;
use service::secret::{Secret, Secrets};
use url::Url;

/// The section `[bridge]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where the public routes and the web app are served.
    #[serde(default = "public_address")]
    pub listen: SocketAddr,
    /// Where the other services ask.
    #[serde(default = "internal_address")]
    pub internal: SocketAddr,
    /// Where health and metrics are served.
    #[serde(default = "monitor_address")]
    pub monitor: SocketAddr,
    /// The bridge's own database; the password is `BRIDGE_DATABASE_PASSWORD(_FILE)`.
    pub database: String,
    /// For how many days a closed list that opens again has its room; after a week more what was said there is deleted.
    #[serde(default = "a_year")]
    pub closed_keep_days: u32,
    /// Where browsers reach chat-server; empty: `api/chat/` below the base path.
    #[serde(default)]
    pub chat_url: String,
    /// Where browsers reach signal-server; empty: `api/signal/` below the base path.
    #[serde(default)]
    pub signal_url: String,
    /// How long an unused session of the bridge lasts, in days.
    #[serde(default = "a_month")]
    pub session_days: u32,
    /// How often Sympa is asked about the people online, in milliseconds.
    #[serde(default = "two_seconds")]
    pub watch_ms: u64,
    /// The ways of signing in.
    #[serde(default)]
    pub sign_in: SignIn,
    /// Rate limits.
    #[serde(default)]
    pub limits: Limits,
    /// Sympa.
    pub sympa: Sympa,
    /// How mail is sent; without it no sign-in links are.
    #[serde(default)]
    pub mail: Option<Mail>,
}

/// `[bridge.sign_in]`: which ways of signing in are open.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct SignIn {
    /// By the session cookie of Sympa.
    pub cookie: bool,
    /// By a ticket of the custom action in Sympa; needs `ACTION_SECRET(_FILE)`.
    pub action: bool,
    /// By a link in a mail; needs `[bridge.mail]`.
    pub mail: bool,
    /// By e-mail address and Sympa password.
    pub password: bool,
}

impl Default for SignIn {
    fn default() -> Self {
        Self { cookie: true, action: false, mail: false, password: false }
    }
}

/// `[bridge.limits]`: how often things may be tried, each as `{ times = 20, per_s = 600 }`.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Failed exchanges of Sympa cookies and tickets from one client address.
    pub exchange_address: Rate,
    /// Failed exchanges of Sympa cookies altogether.
    pub exchange_total: Rate,
    /// Wrong passwords for one account.
    pub password_account: Rate,
    /// Wrong passwords from one client address.
    pub password_address: Rate,
    /// Sign-in links asked for from one client address.
    pub mail_address: Rate,
    /// Sign-in links sent to one person.
    pub mail_person: Rate,
    /// Requests of one session that ask Sympa, and questions of one client address without a session who it is.
    pub requests: Rate,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            exchange_address: Rate::new(20, 600),
            exchange_total: Rate::new(300, 600),
            password_account: Rate::new(5, 600),
            password_address: Rate::new(20, 600),
            mail_address: Rate::new(10, 600),
            mail_person: Rate::new(3, 600),
            requests: Rate::new(300, 60),
        }
    }
}

/// `[bridge.sympa]`: where Sympa is and what its database does not tell.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sympa {
    /// Sympa's database: `mysql://user@host/db`, `postgres://user@host/db` or `sqlite:/path`; the password is
    /// `SYMPA_DATABASE_PASSWORD(_FILE)`.
    pub database: String,
    /// Listmasters of all robots, as in `sympa.conf`.
    #[serde(default)]
    pub listmasters: Vec<Email>,
    /// Sympa's directory of lists, when the bridge may read it.
    #[serde(default)]
    pub list_data: Option<PathBuf>,
    /// Sympa's `session_table_ttl`, in seconds.
    #[serde(default = "two_days")]
    pub session_ttl_s: u64,
    /// Sympa's `password_case`.
    #[serde(default)]
    pub password_case: PasswordCase,
    /// Sympa's `max_wrong_password`.
    #[serde(default = "nineteen")]
    pub max_wrong_password: i64,
    /// Sympa's `bcrypt_cost`.
    #[serde(default = "twelve")]
    pub bcrypt_cost: u32,
    /// The robots, the main one first.
    #[serde(default)]
    pub robots: Vec<Robot>,
}

/// `[[bridge.sympa.robots]]`: one virtual mail domain.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Robot {
    /// The mail domain.
    pub robot: String,
    /// Sympa's web address (`wwsympa_url`) for it.
    pub url: Url,
    /// Listmasters of this robot only, as in its `robot.conf`.
    #[serde(default)]
    pub listmasters: Vec<Email>,
}

/// Whether Sympa tells upper from lower case in passwords.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PasswordCase {
    /// A-Z are lower-cased first; Sympa's default.
    #[default]
    Insensitive,
    /// As typed.
    Sensitive,
}

/// `[bridge.mail]`: how mail is sent; the password is `MAIL_PASSWORD(_FILE)`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mail {
    /// The mail server: `smtp://host:25`, `smtp://user@host:587?tls=required`, `smtps://user@host`.
    pub smtp: Url,
    /// The sender, such as `Lists of Example <chat@lists.example.org>`.
    pub from: String,
}

impl Config {
    /// Refuses what contradicts itself.
    ///
    /// # Errors
    /// With a sentence for the administrator.
    pub fn checked(self) -> Result<Self> {
        if self.sign_in.mail && self.mail.is_none() {
            bail!("[bridge.sign_in] mail = true needs a section [bridge.mail]");
        }
        if !(4..=16).contains(&self.sympa.bcrypt_cost) {
            bail!("[bridge.sympa] bcrypt_cost must be between 4 and 16");
        }
        for (key, url) in [("chat_url", &self.chat_url), ("signal_url", &self.signal_url)] {
            if !url.is_empty() && !Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https")) {
                bail!("[bridge] {key} must be an http or https address such as https://chat.example.org/api/chat/");
            }
        }
        if self.session_days == 0 || self.watch_ms == 0 || self.closed_keep_days == 0 {
            bail!("[bridge] session_days, watch_ms and closed_keep_days must not be 0");
        }
        Ok(self)
    }
}

/// Shortest secret that is shared with somebody else, in characters.
const SECRET_CHARS: usize = 32;

/// A secret shared with Sympa or another service: too short a one could be guessed.
///
/// # Errors
/// With a sentence for the administrator.
pub(crate) fn shared_secret(secrets: &Secrets, name: &str) -> Result<Secret> {
    let secret = secrets.need(name)?;
    if secret.expose().chars().count() < SECRET_CHARS {
        bail!("{name} must have at least {SECRET_CHARS} characters; `openssl rand -hex 32` makes a good one");
    }
    Ok(secret)
}

fn public_address() -> SocketAddr {
    loopback(8071)
}

fn internal_address() -> SocketAddr {
    loopback(8081)
}

fn monitor_address() -> SocketAddr {
    loopback(8091)
}

const fn a_year() -> u32 {
    365
}

const fn a_month() -> u32 {
    30
}

const fn two_seconds() -> u64 {
    2000
}

const fn two_days() -> u64 {
    172_800
}

const fn nineteen() -> i64 {
    19
}

const fn twelve() -> u32 {
    12
}

#[cfg(test)]
mod tests {
    use super::*;
    use service::config::File;

    /// Every key there is.
    const ALL: &str = r#"
        [bridge]
        listen = "127.0.0.1:8071"
        internal = "127.0.0.1:8081"
        monitor = "127.0.0.1:8091"
        database = "sqlite:/var/lib/symposium/bridge.sqlite"
        closed_keep_days = 365
        chat_url = ""
        signal_url = ""
        session_days = 30
        watch_ms = 2000
        [bridge.sign_in]
        cookie = true
        action = false
        mail = true
        password = false
        [bridge.limits]
        exchange_address = { times = 20, per_s = 600 }
        exchange_total = { times = 300, per_s = 600 }
        password_account = { times = 5, per_s = 600 }
        password_address = { times = 20, per_s = 600 }
        mail_address = { times = 10, per_s = 600 }
        mail_person = { times = 3, per_s = 600 }
        requests = { times = 300, per_s = 60 }
        [bridge.sympa]
        database = "mysql://sympa_bridge@127.0.0.1:3306/sympa"
        listmasters = ["listmaster@example.org"]
        list_data = "/var/lib/sympa/list_data"
        session_ttl_s = 172800
        password_case = "insensitive"
        max_wrong_password = 19
        bcrypt_cost = 12
        [[bridge.sympa.robots]]
        robot = "lists.example.org"
        url = "https://lists.example.org/sympa"
        listmasters = []
        [bridge.mail]
        smtp = "smtp://127.0.0.1:2525"
        from = "Lists of Example <chat@lists.example.org>"
    "#;

    fn read(text: &str) -> Result<Config> {
        File::parse(text)?.section::<Config>("bridge")?.checked()
    }

    #[test]
    fn every_key_is_understood_and_no_other() {
        read(ALL).expect("every key is known");
        assert!(read(&ALL.replace("watch_ms", "watch_msec")).is_err());
        assert!(read(&ALL.replace("chat_url = \"\"", "chat_url = \"chat.example.org\"")).is_err());
        assert!(read(&ALL.replace("closed_keep_days = 365", "closed_keep_days = 0")).is_err());
        assert!(read(&ALL.replace("\"insensitive\"", "\"maybe\"")).is_err());
        assert!(read(&ALL.replace("listmaster@example.org", "listmaster")).is_err());
    }

    #[test]
    fn two_databases_are_all_one_must_say() {
        let least = "[bridge]\ndatabase = \"sqlite:a\"\n[bridge.sympa]\ndatabase = \"sqlite:b\"\n";
        let config = read(least).expect("enough");
        assert!(config.sign_in.cookie && !config.sign_in.password && !config.sign_in.mail && !config.sign_in.action);
        assert_eq!((config.session_days, config.watch_ms, config.sympa.bcrypt_cost), (30, 2000, 12));
    }

    #[test]
    fn a_short_shared_secret_is_refused() {
        let secret =
            |text: &str| shared_secret(&Secrets::default().with("CHAT_SECRET", Secret::new(text)), "CHAT_SECRET");
        assert!(secret(&"x".repeat(32)).is_ok());
        let error = secret(&"x".repeat(31)).expect_err("too short").to_string();
        assert!(error.starts_with("CHAT_SECRET must have at least 32 characters"), "{error}");
    }

    #[test]
    fn what_contradicts_itself_is_refused() {
        let (before, _) = ALL.split_once("[bridge.mail]").expect("a section");
        assert!(read(before).is_err(), "links by mail need a mail server");
        assert!(read(&ALL.replace("bcrypt_cost = 12", "bcrypt_cost = 30")).is_err());
    }
}
