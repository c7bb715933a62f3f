//! The corpus of the fuzz targets, replayed, and random input: no parser of foreign input falls, and each keeps its laws.

#[path = "../../fuzz/replay.rs"]
mod replay;

use proptest::prelude::*;
use replay::corpus;
use sympa_bridge::parsers;

#[test]
fn the_corpus_is_read() {
    for bytes in corpus("cookies") {
        let _ = parsers::cookies(&bytes);
    }
    for bytes in corpus("data_session") {
        let _ = parsers::data_session(&String::from_utf8_lossy(&bytes));
    }
    for bytes in corpus("action_ticket") {
        let _ = parsers::action_ticket(&String::from_utf8_lossy(&bytes));
    }
    for bytes in corpus("action_claims") {
        let _ = parsers::action_claims(&String::from_utf8_lossy(&bytes));
    }
    for bytes in corpus("list_config") {
        let _ = parsers::list_config(&bytes);
    }
    for bytes in corpus("stored_password") {
        let _ = parsers::stored_password(&String::from_utf8_lossy(&bytes));
    }
    for bytes in corpus("packed") {
        let _ = parsers::packed(&bytes);
    }
}

proptest! {
    #[test]
    fn random_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let text = String::from_utf8_lossy(&bytes);
        let _ = parsers::cookies(&bytes);
        let _ = parsers::data_session(&text);
        let _ = parsers::action_ticket(&text);
        let _ = parsers::action_claims(&text);
        let _ = parsers::list_config(&bytes);
        let _ = parsers::stored_password(&text);
        let _ = parsers::packed(&bytes);
    }
}
