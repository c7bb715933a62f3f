//! The corpus of the fuzz targets, replayed, and random input: no parser of foreign input falls, and each keeps its laws.

#[path = "../../fuzz/replay.rs"]
mod replay;

use chat_server::parsers;
use proptest::prelude::*;
use replay::corpus;

#[test]
fn the_corpus_is_read() {
    for bytes in corpus("command") {
        let _ = parsers::command(&String::from_utf8_lossy(&bytes));
    }
    for bytes in corpus("frame") {
        let _ = parsers::frame(&String::from_utf8_lossy(&bytes));
    }
    for bytes in corpus("notes") {
        let _ = parsers::notes(&String::from_utf8_lossy(&bytes));
    }
}

proptest! {
    #[test]
    fn random_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let text = String::from_utf8_lossy(&bytes);
        let _ = parsers::command(&text);
        let _ = parsers::frame(&text);
        let _ = parsers::notes(&text);
    }
}
