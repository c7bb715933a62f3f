//! The link of chat-server and signal-server to the bridge: its public keys, its verdicts and its changes.
//!
//! Deployed apart it is HTTP to the bridge's internal listener; in one process the same requests go to the same router
//! without a socket. Nothing else differs.

use std::collections::VecDeque;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use bytes::Bytes;
use futures_util::stream::{BoxStream, Stream, StreamExt};
use membership::token::KeySet;
use membership::{Change, Holds, RoomIds, Verdicts};
use tower::ServiceExt;
use url::Url;

use crate::secret::Secret;

/// How long an answer may take.
const ANSWER_TIME: Duration = Duration::from_secs(5);
/// Silence after which a stream of changes counts as broken; the bridge sends a sign of life every 5 s.
const SILENCE: Duration = Duration::from_secs(12);
/// Largest answer of the bridge, in bytes.
const ANSWER_BYTES: usize = 8 * 1024 * 1024;
/// Longest single change, in bytes.
const CHANGE_BYTES: usize = 64 * 1024;

/// Where the bridge is.
#[derive(Debug, Clone)]
pub enum BridgeLink {
    /// In another process.
    Remote {
        /// Keeps connections open.
        client: reqwest::Client,
        /// The bridge's internal listener.
        url: Url,
        /// This service's secret.
        secret: Secret,
    },
    /// In this process.
    Local(Router),
}

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
        let client = reqwest::Client::builder().connect_timeout(Duration::from_secs(2)).no_proxy().build()?;
        Ok(Self::Remote { client, url, secret })
    }

    /// The bridge's public keys.
    ///
    /// # Errors
    /// When the bridge does not answer.
    pub async fn keys(&self) -> Result<KeySet> {
        Ok(serde_json::from_slice(&self.answer("internal/jwks.json", None).await?)?)
    }

    /// The bridge's word on what this service holds.
    ///
    /// # Errors
    /// When the bridge does not answer.
    pub async fn check(&self, holds: &Holds) -> Result<Verdicts> {
        let body = serde_json::to_vec(holds)?;
        Ok(serde_json::from_slice(&self.answer("internal/check", Some(body)).await?)?)
    }

    /// Which of these rooms the bridge has parted with for good.
    ///
    /// # Errors
    /// When the bridge does not answer.
    pub async fn parted(&self, rooms: &RoomIds) -> Result<RoomIds> {
        let body = serde_json::to_vec(rooms)?;
        Ok(serde_json::from_slice(&self.answer("internal/parted", Some(body)).await?)?)
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
        let bytes = tokio::time::timeout(ANSWER_TIME, self.open(&path, None)).await??;
        Ok(Box::pin(events(bytes)))
    }

    async fn answer(&self, path: &str, body: Option<Vec<u8>>) -> Result<Vec<u8>> {
        let all = async {
            let mut stream = self.open(path, body).await?;
            let mut answer = Vec::new();
            while let Some(chunk) = stream.next().await {
                answer.extend_from_slice(&chunk?);
                if answer.len() > ANSWER_BYTES {
                    bail!("the bridge's answer is too long");
                }
            }
            Ok(answer)
        };
        tokio::time::timeout(ANSWER_TIME, all).await.context("the bridge does not answer")?
    }

    async fn open(&self, path: &str, body: Option<Vec<u8>>) -> Result<BoxStream<'static, Result<Bytes>>> {
        let method = if body.is_some() { "POST" } else { "GET" };
        match self {
            Self::Remote { client, url, secret } => {
                let request = client.request(method.parse()?, url.join(path)?).bearer_auth(secret.expose());
                let request = match body {
                    Some(body) => request.header("content-type", "application/json").body(body),
                    None => request,
                };
                let response = request.send().await.context("the bridge is away")?;
                let response = response.error_for_status().context("the bridge refuses")?;
                Ok(response.bytes_stream().map(|chunk| Ok(chunk?)).boxed())
            }
            Self::Local(router) => {
                let request = Request::builder().method(method).uri(format!("/{path}"));
                let request = request.header("content-type", "application/json");
                let request = request.body(body.map_or_else(Body::empty, Body::from))?;
                let response = router.clone().oneshot(request).await.unwrap_or_else(|never| match never {});
                if response.status() != StatusCode::OK {
                    bail!("the bridge refuses: {}", response.status());
                }
                Ok(response.into_body().into_data_stream().map(|chunk| Ok(chunk?)).boxed())
            }
        }
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
