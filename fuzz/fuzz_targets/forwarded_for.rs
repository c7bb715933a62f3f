//! X-Forwarded-For.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = service::parsers::forwarded_for(bytes);
});
