//! Frames of a client of signal-server.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = signal_server::parsers::signalling(text);
});
