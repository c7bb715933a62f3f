//! What a packet through the built-in relay costs, beside Debian's coturn: CPU of the relay for each packet that arrives at
//! the other client, with the load generator of coturn (`turnutils_uclient`, pairs of clients by channels).

use std::path::Path;
use std::process::Stdio;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tokio::process::Command;
use tokio::sync::mpsc;

use super::{Bench, Row, note, number};
use crate::line::{self, READ};
use crate::process::{ORIGIN, Server, free_port};
use crate::table::{Sample, Target};
use crate::{bridge, wire};

/// Clients; each pair exchanges packets.
const CLIENTS: u32 = 20;
/// Bytes of a packet.
const BYTES: u32 = 1000;
/// The secret of coturn.
const SECRET: &str = "a secret of the measurement only";

pub(super) async fn measure(bench: &Bench) -> Result<Vec<Row>> {
    let (mut coturn, mut product) = (Sample::default(), Sample::default());
    for _ in 0..bench.rounds() {
        let folder = tempfile::tempdir()?;
        let relay = free_port()?;
        let server = Server::coturn(&bench.flags, folder.path(), relay, SECRET)?;
        coturn.add(round(bench, "coturn", &server, relay.port(), &["-W", SECRET]).await?);
        drop(server);
        let relay = free_port()?;
        let server = Server::signal(&bench.flags, bench.bridge, folder.path(), relay)?;
        let (user, password) = credentials(&server).await?;
        product.add(round(bench, "built in", &server, relay.port(), &["-u", &user, "-w", &password]).await?);
    }
    let figure =
        format!("packets of {BYTES} bytes that {CLIENTS} clients relay to each other, by CPU second; least: coturn");
    Ok(vec![Row { figure, least: coturn, product, target: Target::Share(1.0) }])
}

/// Packets that arrive for each second of the relay's CPU.
async fn round(bench: &Bench, name: &str, server: &Server, port: u16, who: &[&str]) -> Result<f64> {
    let packets = if bench.flags.quick { 500 } else { 3_000 };
    let mut command = Command::new(Path::new("turnutils_uclient"));
    command.args([
        "-y",
        "-c",
        "-z",
        "2",
        "-m",
        &CLIENTS.to_string(),
        "-n",
        &packets.to_string(),
        "-l",
        &BYTES.to_string(),
    ]);
    command.args(who).args(["-p", &port.to_string(), "127.0.0.1"]).stdin(Stdio::null());
    let before = server.cpu_s()?;
    let output = command.output().await.context("turnutils_uclient of Debian's coturn is missing")?;
    let cpu = server.cpu_s()? - before;
    let said = String::from_utf8_lossy(&output.stdout);
    let arrived = said.rsplit_once("tot_recv_msgs=").context("it says nothing")?.1;
    let arrived: u64 = arrived.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default().parse()?;
    ensure!(arrived > 0, "nothing arrived through {name}: {said}");
    note(&format!("Relay, {name}: {arrived} packets, {cpu:.2} s of CPU, {:.0} for each", number(arrived) / cpu));
    Ok(number(arrived) / cpu)
}

/// Credentials as a browser gets them.
async fn credentials(server: &Server) -> Result<(String, String)> {
    let (line, ear) = line::open(server.address, "/api/signal/socket", ORIGIN).await?;
    let token = bridge::signer()?.sign(&wire::claims(membership::token::Audience::Signal, 1, 1))?;
    let (heard, mut servers) = mpsc::unbounded_channel();
    let buffer = std::rc::Rc::new(std::cell::RefCell::new(vec![0; READ]));
    let listening = tokio::task::spawn_local(ear.listen(buffer, move |frame| {
        let frame: Value = serde_json::from_slice(frame).unwrap_or_default();
        if frame["type"] == "servers" {
            let _ = heard.send(frame["servers"][0].clone());
        }
    }));
    line.send(&json!({"type": "enter", "ref": "e", "room": wire::room(1), "token": token}).to_string()).await?;
    line.send(&json!({"type": "servers", "ref": "s"}).to_string()).await?;
    let server = servers.recv().await.context("no servers were told")?;
    listening.abort();
    let text = |name: &str| server[name].as_str().map(str::to_owned).with_context(|| format!("no {name}"));
    Ok((text("username")?, text("credential")?))
}
