//! The link of chat-server and signal-server to the bridge: its public keys, its verdicts and its changes.
//!
//! Deployed apart it is HTTP to the bridge's internal listener; in one process the same requests go to the same router
//! without a socket. Nothing else differs.

use std::collections::VecDeque;
use std::time::Duration;

use anyhow::Result;
use axum::Router;
use bytes::Bytes;
use futures_util::stream::{BoxStream, Stream, StreamExt};
use membership::token::KeySet;
use membership::{Change, Holds, RoomIds, Verdicts};
use url::Url;

use crate::neighbour::{ANSWER_TIME, Neighbour};
use crate::secret::Secret;

/// Silence after which a stream of changes counts as broken; the bridge sends a sign of life every 5 s.
const SILENCE: Duration = Duration::from_secs(12);
/// Longest single change, in bytes.
const CHANGE_BYTES: usize = 64 * 1024;

/// Where the bridge is.
#[derive(Debug, Clone)]
pub struct BridgeLink(Neighbour);

/// Something heard on the stream of changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// Where the stream stands: what happened before is not told.
    At(String),
    /// A change and its number.
    Change(String, Change),
    /// The number asked for is no longer held: ask anew for everything.
    Reset,
    /// A sign of life.
    Alive,
}

impl BridgeLink {
    /// To a bridge in another process.
    ///
    /// # Errors
    /// When the HTTP client cannot be made.
    pub fn remote(url: Url, secret: Secret) -> Result<Self> {
        Ok(Self(Neighbour::remote("the bridge", url, secret)?))
    }

    /// To a bridge in this process.
    pub fn local(internal: Router) -> Self {
        Self(Neighbour::local("the bridge", internal))
    }

    /// The bridge's public keys.
    ///
    /// # Errors
    /// When the bridge does not answer.
    pub async fn keys(&self) -> Result<KeySet> {
        Ok(serde_json::from_slice(&self.0.answer("internal/jwks.json", None).await?)?)
    }

    /// The bridge's word on what this service holds.
    ///
    /// # Errors
    /// When the bridge does not answer.
    pub async fn check(&self, holds: &Holds) -> Result<Verdicts> {
        let body = serde_json::to_vec(holds)?;
        Ok(serde_json::from_slice(&self.0.answer("internal/check", Some(body)).await?)?)
    }

    /// Which of these rooms the bridge has parted with for good.
    ///
    /// # Errors
    /// When the bridge does not answer.
    pub async fn parted(&self, rooms: &RoomIds) -> Result<RoomIds> {
        let body = serde_json::to_vec(rooms)?;
        Ok(serde_json::from_slice(&self.0.answer("internal/parted", Some(body)).await?)?)
    }

    /// The changes after the one of this number. The stream ends when the bridge goes away or falls silent.
    ///
    /// # Errors
    /// When the bridge does not answer.
    pub async fn changes(&self, after: Option<&str>) -> Result<impl Stream<Item = Heard> + Send + Unpin + use<>> {
        let path = match after {
            Some(after) => format!("internal/changes?after={after}"),
            None => "internal/changes".to_owned(),
        };
        let bytes = tokio::time::timeout(ANSWER_TIME, self.0.open(&path, None)).await??;
        Ok(Box::pin(events(bytes)))
    }
}

/// Reads a `text/event-stream` (HTML Living Standard, 9.2) as far as the bridge uses it.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    /// What is not a whole event yet.
    held: Vec<u8>,
}

impl Reader {
    /// Takes in what came, however it was cut; answers the events that are whole now.
    pub(crate) fn hear(&mut self, bytes: &[u8]) -> Vec<Heard> {
        // Only what is new is searched, and the last byte before it: the end of an event may be cut in two.
        let (mut start, mut from) = (0, self.held.len().saturating_sub(1));
        self.held.extend_from_slice(bytes);
        let mut heard = Vec::new();
        while let Some(at) = self.held[from..].windows(2).position(|pair| pair == b"\n\n") {
            let end = from + at + 2;
            heard.extend(event(&String::from_utf8_lossy(&self.held[start..end])));
            (start, from) = (end, end);
        }
        self.held.drain(..start);
        heard
    }

    /// No event is so long.
    const fn is_lost(&self) -> bool {
        self.held.len() > CHANGE_BYTES * 16
    }
}

fn events(bytes: BoxStream<'static, Result<Bytes>>) -> impl Stream<Item = Heard> + Send {
    let start = (bytes, Reader::default(), VecDeque::new());
    futures_util::stream::unfold(start, |(mut bytes, mut reader, mut heard)| async move {
        loop {
            if let Some(next) = heard.pop_front() {
                return Some((next, (bytes, reader, heard)));
            }
            let Ok(Some(Ok(chunk))) = tokio::time::timeout(SILENCE, bytes.next()).await else { return None };
            heard.extend(reader.hear(&chunk));
            if reader.is_lost() {
                return None;
            }
        }
    })
}

fn event(block: &str) -> Option<Heard> {
    let field = |name: &str| {
        let line = block.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
        Some(line.strip_prefix(' ').unwrap_or(line).to_owned())
    };
    match field("event").as_deref() {
        Some("reset") => Some(Heard::Reset),
        Some("at") => Some(Heard::At(field("id")?)),
        _ => match (field("id"), field("data")) {
            (Some(id), Some(data)) => match serde_json::from_str(&data) {
                Ok(change) => Some(Heard::Change(id, change)),
                // A change this version does not know: only asking anew is safe.
                Err(_) => Some(Heard::Reset),
            },
            _ => Some(Heard::Alive),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn heard(chunks: &[&'static str]) -> Vec<Heard> {
        let chunks: Vec<Result<Bytes>> = chunks.iter().map(|c| Ok(Bytes::from_static(c.as_bytes()))).collect();
        events(futures_util::stream::iter(chunks).boxed()).collect().await
    }

    #[tokio::test]
    async fn changes_are_read_however_they_are_cut() {
        let sid = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
        let change = Change::SignedOut { sid: sid.parse().expect("an id") };
        let chunks = [
            "event: at\nid: e.1\n\nid: e.2\nda",
            "ta: {\"type\":\"signed_out\",\"sid\":\"01ARZ3NDEKTSV4RRFFQ69G5FAV\"}\n",
            "\n: alive\n\n",
        ];
        let expected = [Heard::At("e.1".into()), Heard::Change("e.2".into(), change), Heard::Alive];
        assert_eq!(heard(&chunks).await, expected);
    }

    #[tokio::test]
    async fn a_change_nobody_understands_means_asking_anew() {
        assert_eq!(heard(&["id: e.3\ndata: {\"type\":\"later\"}\n\n"]).await, [Heard::Reset]);
        assert_eq!(heard(&["event: reset\n\n"]).await, [Heard::Reset]);
    }
}
