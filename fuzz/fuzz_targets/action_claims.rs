//! Claims of signed tickets.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = sympa_bridge::parsers::action_claims(text);
});
