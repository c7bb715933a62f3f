//! data_session of Sympa.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = sympa_bridge::parsers::data_session(text);
});
