//! signal-server as a process of its own.

use std::process::ExitCode;

fn main() -> ExitCode {
    service::main_fn::main("signal-server", signal_server::run)
}
