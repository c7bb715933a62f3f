//! The corpus of the fuzz targets, replayed, and random input: no parser of foreign input falls, and each keeps its laws.

use std::path::Path;

use proptest::prelude::*;
use service::parsers;

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
    for bytes in corpus("changes") {
        let _ = parsers::changes(&bytes);
    }
    for bytes in corpus("forwarded_for") {
        let _ = parsers::forwarded_for(&bytes);
    }
}

proptest! {
    #[test]
    fn random_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = parsers::changes(&bytes);
        let _ = parsers::forwarded_for(&bytes);
    }
}
