//! A neighbour: another service's internal routes.
//!
//! Deployed apart they are asked by HTTP; in one process the same requests go to the same router without a socket. Nothing
//! else differs.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use bytes::Bytes;
use futures_util::stream::{BoxStream, StreamExt};
use tower::ServiceExt;
use url::Url;

use crate::secret::Secret;

/// How long an answer may take.
pub(crate) const ANSWER_TIME: Duration = Duration::from_secs(5);
/// Largest answer, in bytes.
const ANSWER_BYTES: usize = 8 * 1024 * 1024;

/// Where another service is.
#[derive(Debug, Clone)]
pub struct Neighbour {
    /// What it is called in sentences.
    name: &'static str,
    place: Place,
}

#[derive(Debug, Clone)]
enum Place {
    /// In another process.
    Remote {
        /// Keeps connections open.
        client: reqwest::Client,
        /// Its internal listener.
        url: Url,
        /// The calling service's secret.
        secret: Secret,
    },
    /// In this process.
    Local(Router),
}

/// A neighbour answered, and said no.
#[derive(Debug, thiserror::Error)]
#[error("{name} refuses: {status}")]
pub struct Refusal {
    name: &'static str,
    status: StatusCode,
}

impl Refusal {
    /// Whether the same request would be refused again, because of what it says. A wrong secret or address is mended by the
    /// administrator.
    pub fn is_final(&self) -> bool {
        matches!(self.status, StatusCode::BAD_REQUEST | StatusCode::PAYLOAD_TOO_LARGE)
    }
}

impl Neighbour {
    /// In another process.
    ///
    /// # Errors
    /// When the HTTP client cannot be made.
    pub fn remote(name: &'static str, url: Url, secret: Secret) -> Result<Self> {
        let client = reqwest::Client::builder().connect_timeout(Duration::from_secs(2)).no_proxy().build()?;
        Ok(Self { name, place: Place::Remote { client, url, secret } })
    }

    /// In this process.
    pub const fn local(name: &'static str, router: Router) -> Self {
        Self { name, place: Place::Local(router) }
    }

    /// The whole answer to a request: `POST` with a JSON body, `GET` without.
    ///
    /// # Errors
    /// When there is none in time, or it is too long.
    pub async fn answer(&self, path: &str, body: Option<Vec<u8>>) -> Result<Vec<u8>> {
        let all = async {
            let mut stream = self.open(path, body).await?;
            let mut answer = Vec::new();
            while let Some(chunk) = stream.next().await {
                answer.extend_from_slice(&chunk?);
                if answer.len() > ANSWER_BYTES {
                    bail!("the answer of {} is too long", self.name);
                }
            }
            Ok(answer)
        };
        tokio::time::timeout(ANSWER_TIME, all).await.with_context(|| format!("{} does not answer", self.name))?
    }

    /// The answer as it comes.
    ///
    /// # Errors
    /// When there is none, or a refusal.
    pub async fn open(&self, path: &str, body: Option<Vec<u8>>) -> Result<BoxStream<'static, Result<Bytes>>> {
        let method = if body.is_some() { "POST" } else { "GET" };
        match &self.place {
            Place::Remote { client, url, secret } => {
                let request = client.request(method.parse()?, url.join(path)?).bearer_auth(secret.expose());
                let request = match body {
                    Some(body) => request.header("content-type", "application/json").body(body),
                    None => request,
                };
                let response = request.send().await.with_context(|| format!("{} is away", self.name))?;
                self.willing(response.status())?;
                Ok(response.bytes_stream().map(|chunk| Ok(chunk?)).boxed())
            }
            Place::Local(router) => {
                let request = Request::builder().method(method).uri(format!("/{path}"));
                let request = request.header("content-type", "application/json");
                let request = request.body(body.map_or_else(Body::empty, Body::from))?;
                let response = router.clone().oneshot(request).await.unwrap_or_else(|never| match never {});
                self.willing(response.status())?;
                Ok(response.into_body().into_data_stream().map(|chunk| Ok(chunk?)).boxed())
            }
        }
    }

    fn willing(&self, status: StatusCode) -> Result<(), Refusal> {
        if status.is_success() { Ok(()) } else { Err(Refusal { name: self.name, status }) }
    }
}
