//! The corpus of the fuzz targets, replayed, and random input: no parser of foreign input falls, and each keeps its laws.

#[path = "../../fuzz/replay.rs"]
mod replay;

use membership::parsers;
use proptest::prelude::*;
use replay::corpus;

#[test]
fn the_corpus_is_read() {
    for bytes in corpus("room_token") {
        let _ = parsers::room_token(&String::from_utf8_lossy(&bytes));
    }
    for bytes in corpus("email") {
        let _ = parsers::email(&String::from_utf8_lossy(&bytes));
    }
    for bytes in corpus("list_address") {
        let _ = parsers::list_address(&String::from_utf8_lossy(&bytes));
    }
    for bytes in corpus("display_name") {
        let _ = parsers::display_name(&String::from_utf8_lossy(&bytes));
    }
    for bytes in corpus("change") {
        let _ = parsers::change(&String::from_utf8_lossy(&bytes));
    }
}

proptest! {
    #[test]
    fn random_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let text = String::from_utf8_lossy(&bytes);
        let _ = parsers::room_token(&text);
        let _ = parsers::email(&text);
        let _ = parsers::list_address(&text);
        let _ = parsers::display_name(&text);
        let _ = parsers::change(&text);
    }
}

proptest! {
    #[test]
    fn names_and_addresses_that_look_right_keep_their_laws(
        local in "[A-Za-zàÀK.+_-]{1,12}", domain in "[a-z]{1,8}\\.org", name in "\\PC{0,90}",
    ) {
        let address = format!("{local}@{domain}");
        prop_assert_eq!(parsers::email(&address), Some(address.to_ascii_lowercase()));
        let _ = parsers::list_address(&address);
        for name in [name, local] {
            let shown = parsers::display_name(&format!("{address}\n{name}"));
            prop_assert!(shown.is_some());
        }
    }
}
