//! Why a line to a relay could not be secured: what is wrong with its certificate, in words.

use std::fmt;
use std::io;

use tokio_rustls::rustls::{CertificateError, Error};

/// Why there is no TLS.
#[derive(Debug)]
pub(super) enum Unsecured {
    Expired { on: String },
    NotYet { from: String },
    OtherName { host: String, names: Vec<String> },
    UnknownAuthority,
    Refused(String),
    NoTls(String),
}

impl Unsecured {
    /// Why the line to this host failed.
    pub(super) fn why(error: &io::Error, host: &str) -> Self {
        let tls = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
        let Some(Error::InvalidCertificate(certificate)) = tls else { return Self::NoTls(error.to_string()) };
        let host = host.to_owned();
        match certificate {
            CertificateError::ExpiredContext { not_after, .. } => Self::Expired { on: date(not_after.as_secs()) },
            CertificateError::NotValidYetContext { not_before, .. } => {
                Self::NotYet { from: date(not_before.as_secs()) }
            }
            CertificateError::NotValidForNameContext { presented, .. } => {
                Self::OtherName { host, names: presented.iter().map(|name| plain(name)).collect() }
            }
            CertificateError::NotValidForName => Self::OtherName { host, names: Vec::new() },
            CertificateError::UnknownIssuer => Self::UnknownAuthority,
            other => Self::Refused(other.to_string()),
        }
    }
}

impl fmt::Display for Unsecured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expired { on } => {
                write!(f, "its certificate ended on {on}. Renew it, and see that the relay takes the new one.")
            }
            Self::NotYet { from } => {
                write!(f, "its certificate begins on {from}. Is the clock of this machine right?")
            }
            Self::OtherName { host, names } => {
                let names = if names.is_empty() { "other names".to_owned() } else { names.join(", ") };
                write!(f, "its certificate is for {names}, not for {host}. Get one for this name.")
            }
            Self::UnknownAuthority => f.write_str(
                "its certificate is from no authority this machine trusts, and browsers trust no more. \
                 Give the relay the whole chain (fullchain.pem) of a known authority.",
            ),
            Self::Refused(why) => write!(f, "its certificate is refused ({why}). Get a new one."),
            Self::NoTls(why) => write!(f, "TLS fails ({why}). Is this the port for TLS?"),
        }
    }
}

/// A name as it stands in a certificate, without the library's wrapping.
fn plain(name: &str) -> String {
    let inner = name.split_once('(').map_or(name, |(_, inner)| inner.trim_end_matches(')'));
    inner.trim_matches('"').to_owned()
}

/// The day of a time (seconds since 1970), in the calendar of days that begin in London.
fn date(seconds: u64) -> String {
    // Years that begin in March have the day of the leap year at their end; 146097 days are 400 years.
    let days = seconds / 86_400 + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    format!("{}-{month:02}-{day:02}", era * 400 + year + next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_written_as_people_do() {
        for (seconds, day) in [
            (0, "1970-01-01"),
            (951_782_399, "2000-02-28"),
            (951_782_400, "2000-02-29"),
            (951_868_800, "2000-03-01"),
            (1_798_761_599, "2026-12-31"),
            (1_798_761_600, "2027-01-01"),
            (4_107_542_400, "2100-03-01"),
        ] {
            assert_eq!(date(seconds), day);
        }
    }

    #[test]
    fn the_names_of_a_certificate_are_plain() {
        for name in ["DnsName(\"a.example.org\")", "a.example.org", "DnsName(a.example.org)"] {
            assert_eq!(plain(name), "a.example.org");
        }
    }
}
