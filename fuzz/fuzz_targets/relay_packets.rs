//! What clients and strangers send to the relay.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    signal_server::turn::parsers::packets(bytes);
});
