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
    if is_plain(name) && email.as_str().is_ascii() {
        let gives_away = name.contains('@') || name.eq_ignore_ascii_case(email.local_part());
        return (!gives_away).then(|| name.to_owned());
    }
    let plain: String = name.chars().filter(|c| !is_deceptive(*c)).collect();
    let words = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    let short: String = words.chars().take(NAME_CHARS).collect();
    let short = short.trim_end().to_owned();
    // The whole name counts: the beginning of a long local part gives it away, too.
    let local = email.local_part().to_lowercase();
    let gives_away = words.contains(AT) || [&words, &short].into_iter().any(|name| name.to_lowercase() == local);
    (!short.is_empty() && !gives_away).then_some(short)
}

/// Whether nothing need be done to the name before it is shown, as with most.
fn is_plain(name: &str) -> bool {
    let bytes = name.as_bytes();
    (1..=NAME_CHARS).contains(&bytes.len())
        && bytes.iter().all(|byte| matches!(byte, b' '..=b'~'))
        && !bytes.starts_with(b" ")
        && !bytes.ends_with(b" ")
        && !bytes.windows(2).any(|pair| pair == b"  ")
}

/// The signs that are read as the one in an address.
const AT: [char; 3] = ['@', '\u{ff20}', '\u{fe6b}'];

/// Control characters, and those that turn the writing direction or show nothing: one could pose as somebody else.
fn is_deceptive(c: char) -> bool {
    (c.is_control() && !c.is_whitespace())
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{00ad}')
        || matches!(
            c,
            '\u{034f}'
                | '\u{061c}'
                | '\u{115f}'
                | '\u{1160}'
                | '\u{17b4}'
                | '\u{17b5}'
                | '\u{180e}'
                | '\u{2800}'
                | '\u{3164}'
        )
        || matches!(c, '\u{fff0}'..='\u{fffb}' | '\u{ffa0}' | '\u{e0000}'..='\u{e007f}')
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
        assert_eq!(name_of(&["alice\u{ff20}example.org", "al\u{34f}ice", "\u{3164}"]), "Member 0007");
        let local = "a".repeat(85);
        let email = format!("{local}@b.org").parse().expect("an address");
        assert_eq!(display_name([local.as_str()], &email, PersonId::new(0, 7)), "Member 0007");
    }

    #[test]
    fn a_name_cannot_turn_the_writing_direction() {
        assert_eq!(name_of(&["A\u{202e}lice L"]), "Alice L");
    }
}
