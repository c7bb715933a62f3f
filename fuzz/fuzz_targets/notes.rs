//! What signal-server tells of calls and transfers.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = chat_server::parsers::notes(text);
});
