//! The corpus of the fuzz target of signalling, replayed, and random input.

#[path = "../../fuzz/replay.rs"]
mod replay;

use proptest::prelude::*;
use replay::corpus;
use signal_server::parsers::signalling;

#[test]
fn the_corpus_is_read() {
    let read = corpus("signalling").into_iter().filter(|bytes| signalling(&String::from_utf8_lossy(bytes)).is_some());
    assert_eq!(read.count(), 8, "all but the unknown command");
}

proptest! {
    #[test]
    fn random_lines_of_a_description_are_read(lines in prop::collection::vec("(a=)?candidate:[ a-z0-9.]{0,60}|[a-z]=.{0,20}", 0..20)) {
        let sdp = format!("v=0\r\n{}", lines.join("\r\n"));
        let link = "01M84VY2JDZHZDVDJXVGZCSEA8";
        let frame = serde_json::json!({"type": "signal", "link": link, "signal": {"kind": "offer", "sdp": sdp}});
        prop_assert!(signalling(&frame.to_string()).is_some());
    }
}
