//! The corpus of the fuzz targets, replayed, and random input: no parser of foreign input falls, and each keeps its laws.

use std::path::Path;

use proptest::prelude::*;
use sympa_bridge::parsers;

/// What fuzzing begins with, and what it once found.
fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(target);
    let entries = std::fs::read_dir(&folder).expect("a corpus");
    let files = entries.map(|entry| std::fs::read(entry.expect("an entry").path()).expect("a file"));
    let files: Vec<Vec<u8>> = files.collect();
    assert!((1..=30).contains(&files.len()), "{} is small", folder.display());
    files
}

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
    }
}
