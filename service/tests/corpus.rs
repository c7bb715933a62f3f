//! The corpus of the fuzz targets, replayed, and random input: no parser of foreign input falls, and each keeps its laws.

#[path = "../../fuzz/replay.rs"]
mod replay;

use proptest::prelude::*;
use replay::corpus;
use service::parsers;

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
