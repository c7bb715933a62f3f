//! The name under which a person is shown to others.

use crate::{Email, PersonId};

/// Longest display name, in characters (`gecos_user` is `varchar(150)` in Sympa; longer ones only fill screens).
pub const NAME_CHARS: usize = 80;

/// The first usable one of several names, else "Member" and four characters of the id.
///
/// Invariant: the result contains no `@` and is never the local part of the address, because both would give the
/// address away to people to whom Sympa would not show it.
pub fn display_name<'a>(candidates: impl IntoIterator<Item = &'a str>, email: &Email, person: PersonId) -> String {
    candidates.into_iter().find_map(|name| usable(name, email)).unwrap_or_else(|| {
        let id = person.to_string();
        format!("Member {}", &id[id.len() - 4..])
    })
}

/// The name as it may be shown, or nothing when it would give the address away or shows nothing at all.
pub fn usable(name: &str, email: &Email) -> Option<String> {
    let plain: String = name.chars().filter(|c| !is_deceptive(*c)).collect();
    let words = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    let short: String = words.chars().take(NAME_CHARS).collect();
    let short = short.trim_end().to_owned();
    let gives_away = short.contains('@') || short.to_lowercase() == email.local_part().to_lowercase();
    (!short.is_empty() && !gives_away).then_some(short)
}

/// Control characters, and those that turn the writing direction or show nothing: one could pose as somebody else.
fn is_deceptive(c: char) -> bool {
    (c.is_control() && !c.is_whitespace())
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{00ad}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name_of(candidates: &[&str]) -> String {
        let email = "alice@example.org".parse().expect("an address");
        display_name(candidates.iter().copied(), &email, PersonId::new(0, 7))
    }

    #[test]
    fn the_first_usable_name_is_taken() {
        assert_eq!(name_of(&["", "  Alice   Liddell ", "Al"]), "Alice Liddell");
    }

    #[test]
    fn an_address_or_its_local_part_never_stands_in_for_a_name() {
        assert_eq!(name_of(&["alice@example.org", "Alice", "x@y"]), "Member 0007");
    }

    #[test]
    fn a_name_cannot_turn_the_writing_direction() {
        assert_eq!(name_of(&["A\u{202e}lice L"]), "Alice L");
    }
}
