//! Packed answers of a database.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = sympa_bridge::parsers::packed(bytes);
});
