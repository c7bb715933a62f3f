//! sympa-bridge as a process of its own.

use std::process::ExitCode;

fn main() -> ExitCode {
    service::main_fn::main("sympa-bridge", sympa_bridge::run)
}
