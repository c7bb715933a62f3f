//! The configuration file `symposium.toml`: one file, a section per service, unknown keys refused.
//!
//! Each service reads `[site]`, `[service]` and its own section; the other sections may be there and are not looked at.

use std::net::{IpAddr, SocketAddr};
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use url::Url;

/// The sections a file may have.
const SECTIONS: [&str; 6] = ["site", "service", "symposium", "bridge", "chat", "signal"];

/// The whole file, read but not yet understood.
#[derive(Debug, Clone)]
pub struct File(toml::Table);

impl File {
    /// Reads the file.
    ///
    /// # Errors
    /// When it cannot be read, is not TOML, or has a section nobody knows.
    pub fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        Self::parse(&text).with_context(|| format!("in {}", path.display()))
    }

    /// Reads the text of a file.
    ///
    /// # Errors
    /// As [`File::read`].
    pub fn parse(text: &str) -> Result<Self> {
        let table: toml::Table = toml::from_str(text)?;
        if let Some(unknown) = table.keys().find(|key| !SECTIONS.contains(&key.as_str())) {
            bail!("unknown section [{unknown}]; there are {}", SECTIONS.map(|s| format!("[{s}]")).join(", "));
        }
        Ok(Self(table))
    }

    /// One section; an absent one is read as an empty one.
    ///
    /// # Errors
    /// When a key is unknown, missing or of the wrong kind.
    pub fn section<T: DeserializeOwned>(&self, name: &str) -> Result<T> {
        let table = self.0.get(name).cloned().unwrap_or_else(|| toml::Value::Table(toml::Table::new()));
        table.try_into().with_context(|| format!("in section [{name}]"))
    }

    /// The same file, with a key of a section set where the file does not set it itself.
    #[must_use]
    pub fn with_default(mut self, section: &str, key: &str, value: &str) -> Self {
        let section = self.0.entry(section).or_insert_with(|| toml::Value::Table(toml::Table::new()));
        if let toml::Value::Table(section) = section {
            section.entry(key).or_insert_with(|| toml::Value::String(value.to_owned()));
        }
        self
    }
}

/// `[site]`: what members see, the same for every service.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Site {
    /// The name of the site, as members know it.
    pub name: String,
    /// The public address of the web app. Its path is the base path and ends with `/`.
    pub url: Url,
    /// The language of people of whom nothing else is known: `en` or `fr`.
    #[serde(default = "english")]
    pub language: String,
}

fn english() -> String {
    "en".to_owned()
}

impl Site {
    /// The base path: `/`, `/chat/`, ...
    pub fn base_path(&self) -> &str {
        self.url.path()
    }

    /// The origin of the site as browsers send it, such as `https://lists.example.org`.
    pub fn origin(&self) -> String {
        self.url.origin().ascii_serialization()
    }

    /// Whether members come by https, so that cookies must be Secure.
    pub fn is_https(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// Refuses an address that browsers cannot use.
    ///
    /// # Errors
    /// With a sentence for the administrator.
    pub fn checked(self) -> Result<Self> {
        let web = matches!(self.url.scheme(), "http" | "https") && self.url.has_host();
        if !web || self.url.query().is_some() || self.url.fragment().is_some() {
            bail!("[site] url must be an http or https address such as https://lists.example.org/chat/");
        }
        if !self.url.path().ends_with('/') {
            bail!("[site] url must end with a slash; write url = \"{}/\"", self.url);
        }
        if !matches!(self.language.as_str(), "en" | "fr") {
            bail!("[site] language must be \"en\" or \"fr\"");
        }
        Ok(self)
    }
}

/// `[service]`: how processes live, the same for every service.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Service {
    /// Addresses of proxies whose `X-Forwarded-For` is believed. None by default.
    pub trusted_proxies: Vec<IpAddr>,
    /// What is logged, such as `info` or `info,sympa_bridge=debug`.
    pub log: String,
    /// Logs as JSON, one object per line.
    pub log_json: bool,
    /// How long a stop may take, in seconds.
    pub stop_s: u64,
}

impl Default for Service {
    fn default() -> Self {
        Self { trusted_proxies: Vec::new(), log: "info".to_owned(), log_json: false, stop_s: 10 }
    }
}

/// An address to listen on, on this machine unless configured otherwise.
///
/// # Panics
/// Never: the text is made of a number.
pub fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_section_or_key_is_refused() {
        assert!(File::parse("[sight]\n").is_err());
        let file = File::parse("[service]\ntrusted_proxy = []\n").expect("sections are known");
        assert!(file.section::<Service>("service").is_err());
    }

    #[test]
    fn a_site_without_a_trailing_slash_is_refused() {
        let site = |url: &str| {
            let text = format!("[site]\nname = \"x\"\nurl = \"{url}\"\n");
            File::parse(&text).and_then(|f| f.section::<Site>("site")).and_then(Site::checked)
        };
        assert_eq!(site("https://a.example/chat/").expect("good").base_path(), "/chat/");
        assert!(site("https://a.example/chat").is_err());
        assert!(site("ftp://a.example/").is_err());
        assert!(site("https://a.example/?x=1").is_err());
    }
}
