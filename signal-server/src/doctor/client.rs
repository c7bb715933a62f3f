//! A browser's side of a relay: asks for a place and for leave to reach a peer, and keeps the reason of a refusal, which
//! clients made for calls throw away.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::time::{Instant, timeout, timeout_at};
use turn_server_proto::stun::types::attribute::{ErrorCode, Nonce, Realm, Username};
use turn_server_proto::stun::types::message::{
    IntegrityAlgorithm, LongTermKeyCredentials, Message, MessageWrite, MessageWriteExt, MessageWriteVec, StunWriteError,
};
use turn_server_proto::stun::types::prelude::AttributeStaticType;
use turn_server_proto::types::attribute::{Data, Lifetime, RequestedTransport, XorPeerAddress, XorRelayedAddress};
use turn_server_proto::types::message::{ALLOCATE, CREATE_PERMISSION, REFRESH, SEND};

use super::line::Line;
use super::trouble::{Step, Trouble};
use crate::turn::Credentials;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// When a request that may be lost is said again, the first time; then twice as long each.
const AGAIN: Duration = Duration::from_millis(500);

/// What is asked of a relay.
#[derive(Clone, Copy)]
enum Wish {
    Place,
    Peer(SocketAddr),
    Leave,
}

/// A client of a relay.
pub(super) struct Client {
    line: Line,
    realm: String,
    nonce: String,
    credentials: Option<Credentials>,
}

impl Client {
    /// Asks a relay for its realm, as every browser begins.
    pub(super) async fn greet(line: Line) -> Result<Self, Trouble> {
        let mut client = Self { line, realm: String::new(), nonce: String::new(), credentials: None };
        let request = client.request(Wish::Place)?;
        let bytes = client.answer(&request).await?;
        let answer = Message::from_bytes(&bytes).map_err(|_| Trouble::NoRelay)?;
        match answer.attribute::<ErrorCode>().map(|error| error.code()) {
            Ok(ErrorCode::UNAUTHORIZED) => {}
            Ok(code) => return Err(Trouble::Refused { step: Step::Place, code }),
            Err(_) if answer.has_attribute(XorRelayedAddress::TYPE) => return Err(Trouble::OpenToAll),
            Err(_) => return Err(Trouble::NoRelay),
        }
        let (Ok(realm), Ok(nonce)) = (answer.attribute::<Realm>(), answer.attribute::<Nonce>()) else {
            return Err(Trouble::NoRelay);
        };
        realm.realm().clone_into(&mut client.realm);
        nonce.nonce().clone_into(&mut client.nonce);
        Ok(client)
    }

    /// What the relay calls itself.
    pub(super) fn realm(&self) -> &str {
        &self.realm
    }

    /// Takes a place; the address by which others find it.
    pub(super) async fn allocate(&mut self, credentials: Credentials) -> Result<SocketAddr, Trouble> {
        self.credentials = Some(credentials);
        let bytes = self.ask(Wish::Place, Step::Place).await?;
        let answer = Message::from_bytes(&bytes).map_err(|_| Trouble::NoRelay)?;
        let place = answer.attribute::<XorRelayedAddress>().map_err(|_| Trouble::NoRelay)?;
        Ok(place.addr(answer.transaction_id()))
    }

    /// Allows a peer.
    pub(super) async fn permit(&mut self, peer: SocketAddr) -> Result<(), Trouble> {
        self.ask(Wish::Peer(peer), Step::Peer).await.map(drop)
    }

    /// Gives the place back; a relay that does not hear it takes it back by itself.
    pub(super) async fn leave(&mut self) {
        if let Ok(request) = self.request(Wish::Leave) {
            timeout(PATIENCE, self.line.send(&request)).await.ok();
        }
    }

    /// Sends to a peer.
    pub(super) async fn say(&mut self, peer: SocketAddr, data: &[u8]) -> io::Result<()> {
        let mut message = Message::builder_indication(SEND, MessageWriteVec::new());
        let peer = XorPeerAddress::new(peer, message.transaction_id());
        message.add_attribute(&peer).map_err(io::Error::other)?;
        message.add_attribute(&Data::new(data)).map_err(io::Error::other)?;
        self.line.send(&message.finish()).await
    }

    /// Waits for the next packet of this peer.
    pub(super) async fn hear(&mut self, from: SocketAddr) -> io::Result<Vec<u8>> {
        loop {
            let bytes = self.line.receive().await?;
            let Ok(message) = Message::from_bytes(&bytes) else { continue };
            let (Ok(peer), Ok(data)) = (message.attribute::<XorPeerAddress>(), message.attribute::<Data>()) else {
                continue;
            };
            if peer.addr(message.transaction_id()) == from {
                return Ok(data.data().to_vec());
            }
        }
    }

    /// Asks with credentials, and once more when the relay has made a new nonce meanwhile.
    async fn ask(&mut self, wish: Wish, step: Step) -> Result<Vec<u8>, Trouble> {
        for _ in 0..2 {
            let request = self.request(wish)?;
            let bytes = self.answer(&request).await?;
            let answer = Message::from_bytes(&bytes).map_err(|_| Trouble::NoRelay)?;
            let Ok(error) = answer.attribute::<ErrorCode>() else { return Ok(bytes) };
            match (error.code(), answer.attribute::<Nonce>()) {
                (ErrorCode::STALE_NONCE, Ok(nonce)) => nonce.nonce().clone_into(&mut self.nonce),
                (code, _) => return Err(Trouble::refused(step, code)),
            }
        }
        Err(Trouble::refused(step, ErrorCode::STALE_NONCE))
    }

    fn request(&self, wish: Wish) -> Result<Vec<u8>, Trouble> {
        self.written(wish).map_err(|_| Trouble::NoRelay)
    }

    fn written(&self, wish: Wish) -> Result<Vec<u8>, StunWriteError> {
        let method = match wish {
            Wish::Place => ALLOCATE,
            Wish::Peer(_) => CREATE_PERMISSION,
            Wish::Leave => REFRESH,
        };
        let mut request = Message::builder_request(method, MessageWriteVec::new());
        match wish {
            Wish::Place => request.add_attribute(&RequestedTransport::new(RequestedTransport::UDP))?,
            Wish::Peer(peer) => {
                let peer = XorPeerAddress::new(peer, request.transaction_id());
                request.add_attribute(&peer)?;
            }
            Wish::Leave => request.add_attribute(&Lifetime::new(0))?,
        }
        if let Some(Credentials { username, password, .. }) = self.credentials.clone() {
            request.add_attribute(&Username::new(&username)?)?;
            request.add_attribute(&Realm::new(&self.realm)?)?;
            request.add_attribute(&Nonce::new(&self.nonce)?)?;
            let key = LongTermKeyCredentials::new(username, password, self.realm.clone());
            request.add_message_integrity(&key.into(), IntegrityAlgorithm::Sha1)?;
        }
        request.add_fingerprint()?;
        Ok(request.finish())
    }

    /// Sends a request and waits for its answer.
    async fn answer(&mut self, request: &[u8]) -> Result<Vec<u8>, Trouble> {
        let asked = Message::from_bytes(request).map_err(|_| Trouble::NoRelay)?.transaction_id();
        let (until, mut pause) = (Instant::now() + PATIENCE, AGAIN);
        self.line.send(request).await.map_err(|error| Trouble::cut(&error))?;
        loop {
            let again = (Instant::now() + pause).min(until);
            match timeout_at(again, self.line.receive()).await {
                Ok(Ok(bytes)) => {
                    let Ok(answer) = Message::from_bytes(&bytes) else { return Err(Trouble::NoRelay) };
                    if answer.is_response() && answer.transaction_id() == asked {
                        return Ok(bytes);
                    }
                }
                Ok(Err(error)) => return Err(Trouble::cut(&error)),
                Err(_) if Instant::now() >= until => return Err(Trouble::NoAnswer),
                Err(_) => {
                    pause *= 2;
                    if let Line::Udp(_) = self.line {
                        self.line.send(request).await.map_err(|error| Trouble::cut(&error))?;
                    }
                }
            }
        }
    }
}
