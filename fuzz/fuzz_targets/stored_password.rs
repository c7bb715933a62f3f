//! Stored passwords.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = sympa_bridge::parsers::stored_password(text);
});
