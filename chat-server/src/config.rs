//! `[chat]`: the settings of chat-server.

use std::net::SocketAddr;

use anyhow::{Result, ensure};
use serde::Deserialize;
use service::bearer::Callers;
use service::config::loopback;
use service::limit::Rate;
use service::secret::Secrets;
use url::Url;

/// Shortest shared secret, in characters.
const SECRET_CHARS: usize = 32;

/// The section `[chat]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Where browsers (through the web server) connect.
    pub listen: SocketAddr,
    /// Where signal-server tells of calls and transfers.
    pub internal: SocketAddr,
    /// Where health and metrics are.
    pub monitor: SocketAddr,
    /// `sqlite:/path/file` or `postgres://user@host/name`; its password by `CHAT_DATABASE_PASSWORD`.
    pub database: String,
    /// The bridge's internal listener.
    pub bridge: Url,
    /// Largest frame a client may send, in bytes.
    pub frame_bytes: usize,
    /// Longest message, in characters.
    pub body_chars: usize,
    /// Most rooms on one socket.
    pub rooms_per_socket: usize,
    /// Most sockets of one person.
    pub sockets_per_person: usize,
    /// Most sockets of one client address.
    pub sockets_per_address: usize,
    /// How often one socket may send a frame.
    pub frames: Rate,
    /// How often one person may say, edit, delete or react.
    pub acts: Rate,
    /// How often one person may ask for a page of history.
    pub pages: Rate,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: loopback(8072),
            internal: loopback(8082),
            monitor: loopback(8092),
            database: "sqlite:/var/lib/symposium/chat.sqlite".to_owned(),
            bridge: Url::parse("http://127.0.0.1:8081/").expect("a literal address"),
            frame_bytes: 64 * 1024,
            body_chars: 8000,
            rooms_per_socket: 500,
            sockets_per_person: 20,
            sockets_per_address: 200,
            frames: Rate::new(600, 30),
            acts: Rate::new(60, 60),
            pages: Rate::new(120, 60),
        }
    }
}

/// Who may tell of calls and transfers, by `NOTES_SECRET`; nobody when there is none.
///
/// # Errors
/// When it cannot be read, or is easily guessed.
pub fn callers(secrets: &Secrets) -> Result<Option<Callers>> {
    let Some(secret) = secrets.find("NOTES_SECRET")? else { return Ok(None) };
    ensure!(
        secret.expose().chars().count() >= SECRET_CHARS,
        "NOTES_SECRET must have at least {SECRET_CHARS} characters; `openssl rand -hex 32` makes a good one"
    );
    Ok(Some(Callers::new(vec![secret])))
}
