//! symposium: the three services in one process under one port, a demo community, and a check of a configuration.

mod all_in_one;
mod check;
mod demo;
mod ticket;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use service::config::File;
use service::main_fn::{exit_code, live};

#[derive(Parser)]
#[command(version, about = "Rooms for the lists of a Sympa server")]
struct Flags {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Run all three services in one process.
    Run {
        /// The configuration file.
        #[arg(long, default_value = "/etc/symposium/symposium.toml")]
        config: PathBuf,
    },
    /// Run everything with a community that is made up, to look around.
    Demo {
        /// Where its data is kept.
        #[arg(long, default_value = "data")]
        data: PathBuf,
        /// The port on this machine.
        #[arg(long, default_value_t = 8070)]
        port: u16,
    },
    /// Say in plain words whether a configuration works.
    Check {
        /// The configuration file.
        #[arg(long, default_value = "/etc/symposium/symposium.toml")]
        config: PathBuf,
        /// Make a call through each relay as well.
        #[arg(long)]
        call: bool,
    },
}

fn main() -> ExitCode {
    let outcome = match Flags::parse().what {
        What::Run { config } => File::read(&config).and_then(|file| live("symposium", file, all_in_one::run)),
        What::Demo { data, port } => demo::run(&data, port),
        What::Check { config, call } => check::run(&config, call),
    };
    exit_code("symposium", outcome)
}
