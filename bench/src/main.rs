//! bench: what chat-server costs, measured beside the least that could be done.
//!
//! Code map: `floor` is a bare broadcast of the same bytes and `bare` bare commits of the same rows, both processes of
//! their own; `process` starts one and reads what it used; `bridge` stands in for the bridge; `line` is one client
//! socket, `crowd` many of them; `figures` are the measurements, `table` shows them beside their targets.
//!
//! It proves nothing about correctness but this: in every phase each message reaches each listener exactly once.

mod bare;
mod bridge;
mod callers;
mod crowd;
mod figures;
mod floor;
mod line;
mod process;
mod table;
mod wire;

use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::Parser;

#[derive(Parser)]
#[command(about)]
enum Flags {
    /// A bare broadcast over sockets.
    Floor(floor::Flags),
    /// Bare commits of rows.
    Bare(bare::Flags),
    /// Measures, and prints a table.
    Load(figures::Flags),
}

fn main() -> ExitCode {
    service::main_fn::exit_code("bench", run())
}

fn run() -> Result<()> {
    match Flags::parse() {
        Flags::Floor(flags) => {
            // The same kind of runtime as the product's.
            let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
            runtime.block_on(floor::run(flags)).context("the floor")
        }
        Flags::Bare(flags) => {
            let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
            runtime.block_on(bare::run(flags)).context("bare commits")
        }
        Flags::Load(flags) => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            tokio::task::LocalSet::new().block_on(&runtime, figures::run(flags))
        }
    }
}
