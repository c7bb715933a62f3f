//! Addresses of people and lists, parsed once and never bare strings again.
//!
//! The rules for case are Sympa's (`Sympa::Tools::Text::canonic_email`): surrounding white space is dropped and only the
//! ASCII letters A-Z are lower-cased. A non-ASCII letter keeps its case, so `Álice@` and `álice@` are two people.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Longest e-mail address that Sympa stores (`user_email` is `varchar(100)`), in bytes.
pub const EMAIL_BYTES: usize = 100;
/// Longest name of a list in Sympa, in bytes.
pub const LIST_NAME_BYTES: usize = 50;
/// Longest robot (mail domain) in Sympa, in bytes.
pub const ROBOT_BYTES: usize = 80;

/// Why a text is not an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an address")]
pub struct NotAnAddress;

/// A person's e-mail address in Sympa's canonical form. It stays inside the bridge.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Email(String);

impl Email {
    /// The canonical text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part before the `@`.
    pub fn local_part(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(local, _)| local)
    }
}

impl FromStr for Email {
    type Err = NotAnAddress;

    fn from_str(text: &str) -> Result<Self, NotAnAddress> {
        let canonical = text.trim().to_ascii_lowercase();
        let (local, domain) = canonical.rsplit_once('@').ok_or(NotAnAddress)?;
        let sound = !local.is_empty()
            && !local.contains('@')
            && is_domain(domain)
            && canonical.len() <= EMAIL_BYTES
            && !canonical.chars().any(|c| c.is_whitespace() || c.is_control() || "<>,;\"\\".contains(c));
        if sound { Ok(Self(canonical)) } else { Err(NotAnAddress) }
    }
}

impl TryFrom<String> for Email {
    type Error = NotAnAddress;

    fn try_from(text: String) -> Result<Self, NotAnAddress> {
        text.parse()
    }
}

impl From<Email> for String {
    fn from(email: Email) -> Self {
        email.0
    }
}

/// Debug output never shows the address: logs are read by people who need not know it.
impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email(..)")
    }
}

/// The address of a list: its name and its robot. The same name may exist on two robots.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ListAddress {
    name: String,
    robot: String,
}

impl ListAddress {
    /// From Sympa's two columns.
    ///
    /// # Errors
    /// [`NotAnAddress`] when the columns hold something Sympa would not accept as a list.
    pub fn new(name: &str, robot: &str) -> Result<Self, NotAnAddress> {
        let (name, robot) = (name.trim().to_ascii_lowercase(), robot.trim().to_ascii_lowercase());
        let first = name.chars().next().ok_or(NotAnAddress)?;
        let sound = first.is_ascii_alphanumeric()
            && name.len() <= LIST_NAME_BYTES
            && name.chars().all(|c| c.is_ascii_alphanumeric() || ".+_-".contains(c))
            && robot.len() <= ROBOT_BYTES
            && is_domain(&robot);
        if sound { Ok(Self { name, robot }) } else { Err(NotAnAddress) }
    }

    /// The name of the list, without its robot.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The robot (virtual mail domain) of the list.
    pub fn robot(&self) -> &str {
        &self.robot
    }
}

impl fmt::Display for ListAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.name, self.robot)
    }
}

impl FromStr for ListAddress {
    type Err = NotAnAddress;

    fn from_str(text: &str) -> Result<Self, NotAnAddress> {
        let (name, robot) = text.rsplit_once('@').ok_or(NotAnAddress)?;
        Self::new(name, robot)
    }
}

impl TryFrom<String> for ListAddress {
    type Error = NotAnAddress;

    fn try_from(text: String) -> Result<Self, NotAnAddress> {
        text.parse()
    }
}

impl From<ListAddress> for String {
    fn from(list: ListAddress) -> Self {
        list.to_string()
    }
}

impl utoipa::PartialSchema for ListAddress {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        String::schema()
    }
}

impl utoipa::ToSchema for ListAddress {}

fn is_domain(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with(['.', '-'])
        && !text.ends_with(['.', '-'])
        && text.chars().all(|c| c.is_alphanumeric() || ".-_".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_email_is_trimmed_and_only_its_ascii_letters_are_lowered() {
        let email: Email = "  Mixed.Case@Example.ORG ".parse().expect("an address");
        assert_eq!(email.as_str(), "mixed.case@example.org");
        let accented: Email = "Álice@example.org".parse().expect("an address");
        assert_eq!(accented.as_str(), "Álice@example.org");
    }

    #[test]
    fn an_accent_makes_another_person() {
        assert_ne!("álice@example.org".parse::<Email>(), "alice@example.org".parse::<Email>());
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let long = format!("{}@example.org", "a".repeat(EMAIL_BYTES));
        for text in
            ["", "alice", "@example.org", "alice@", "a b@example.org", "a@b@c", "a@b\n.org", "\"a\"@b.org", &long]
        {
            assert_eq!(text.parse::<Email>(), Err(NotAnAddress), "{text}");
        }
    }

    #[test]
    fn a_list_is_its_name_and_its_robot() {
        let list: ListAddress = "Open-Talk@lists.example.org".parse().expect("a list");
        assert_eq!((list.name(), list.robot()), ("open-talk", "lists.example.org"));
        for text in ["", "x", "-x@y.org", "a b@y.org", "a/b@y.org", "a@", &format!("{}@y.org", "a".repeat(51))] {
            assert!(text.parse::<ListAddress>().is_err(), "{text}");
        }
    }

    #[test]
    fn an_email_never_shows_in_debug_output() {
        let email: Email = "alice@example.org".parse().expect("an address");
        assert_eq!(format!("{email:?}"), "Email(..)");
    }
}
