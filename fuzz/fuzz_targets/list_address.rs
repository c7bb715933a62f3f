//! Addresses of lists.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = membership::parsers::list_address(text);
});
