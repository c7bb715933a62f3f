//! A browser's side of the relay's protocol, with the freedom to do it wrongly.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use signal_server::turn::Credentials;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use turn_server_proto::stun::types::attribute::{ErrorCode, Nonce, Realm, Username};
use turn_server_proto::stun::types::message::{
    IntegrityAlgorithm, LongTermKeyCredentials, Message, MessageWrite, MessageWriteExt, MessageWriteVec, Method,
};
use turn_server_proto::stun::types::prelude::AttributeWrite;
use turn_server_proto::types::attribute::{
    ChannelNumber, Data, Lifetime, RequestedTransport, XorPeerAddress, XorRelayedAddress,
};
use turn_server_proto::types::message::{ALLOCATE, CHANNEL_BIND, CREATE_PERMISSION, REFRESH, SEND};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long to listen for what shall not come.
pub(crate) const SILENCE: Duration = Duration::from_millis(300);

pub(crate) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// A line to the relay.
pub(crate) enum Line {
    Udp(UdpSocket),
    Stream(Box<dyn Stream>),
}

/// A browser.
pub(crate) struct Browser {
    pub(crate) line: Line,
    pub(crate) credentials: Credentials,
    realm: String,
    nonce: Option<String>,
}

/// What came from the relay.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    Data(SocketAddr, Vec<u8>),
    Channel(u16, Vec<u8>),
    Other,
}

impl Browser {
    pub(crate) async fn udp(relay: SocketAddr, credentials: Credentials) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a socket");
        socket.connect(relay).await.expect("the relay");
        Self::over(Line::Udp(socket), credentials)
    }

    pub(crate) async fn tcp(relay: SocketAddr, credentials: Credentials) -> Self {
        let stream = TcpStream::connect(relay).await.expect("the relay");
        stream.set_nodelay(true).expect("a socket");
        Self::over(Line::Stream(Box::new(stream)), credentials)
    }

    pub(crate) fn over(line: Line, credentials: Credentials) -> Self {
        Self { line, credentials, realm: String::new(), nonce: None }
    }

    pub(crate) async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &mut self.line {
            Line::Udp(socket) => socket.send(bytes).await.map(drop),
            Line::Stream(stream) => {
                let mut whole = bytes.to_vec();
                whole.resize(bytes.len().next_multiple_of(4), 0);
                stream.write_all(&whole).await?;
                stream.flush().await
            }
        }
    }

    pub(crate) async fn receive(&mut self, within: Duration) -> Option<Vec<u8>> {
        let received = async {
            match &mut self.line {
                Line::Udp(socket) => {
                    let mut bytes = vec![0; 4096];
                    let length = socket.recv(&mut bytes).await.ok()?;
                    bytes.truncate(length);
                    Some(bytes)
                }
                Line::Stream(stream) => {
                    let mut bytes = vec![0; 4];
                    stream.read_exact(&mut bytes).await.ok()?;
                    let said = usize::from(u16::from_be_bytes([bytes[2], bytes[3]]));
                    let channel = bytes[0] >> 6 == 1;
                    let length = if channel { 4 + said } else { 20 + said };
                    bytes.resize(length.next_multiple_of(4), 0);
                    stream.read_exact(&mut bytes[4..]).await.ok()?;
                    bytes.truncate(length);
                    Some(bytes)
                }
            }
        };
        tokio::time::timeout(within, received).await.ok().flatten()
    }

    /// Whether the relay has hung up.
    pub(crate) async fn is_cut(&mut self) -> bool {
        match &mut self.line {
            Line::Udp(_) => false,
            Line::Stream(stream) => {
                let mut rest = Vec::new();
                tokio::time::timeout(PATIENCE, stream.read_to_end(&mut rest)).await.is_ok()
            }
        }
    }

    /// A request as it stands on the wire, with the credentials if one was asked for them.
    pub(crate) fn request(&self, method: Method, attributes: &[&dyn AttributeWrite]) -> Vec<u8> {
        let mut request = Message::builder_request(method, MessageWriteVec::new());
        for attribute in attributes {
            request.add_attribute(*attribute).expect("it fits");
        }
        if let Some(nonce) = &self.nonce {
            let Credentials { username, password, .. } = self.credentials.clone();
            request.add_attribute(&Username::new(&username).expect("a name")).expect("it fits");
            request.add_attribute(&Realm::new(&self.realm).expect("a realm")).expect("it fits");
            request.add_attribute(&Nonce::new(nonce).expect("a nonce")).expect("it fits");
            let key = LongTermKeyCredentials::new(username, password, self.realm.clone());
            request.add_message_integrity(&key.into(), IntegrityAlgorithm::Sha1).expect("it fits");
        }
        request.add_fingerprint().expect("it fits");
        request.finish()
    }

    /// Asks, showing the credentials when they are asked for; what it was refused with.
    pub(crate) async fn ask(&mut self, method: Method, attributes: &[&dyn AttributeWrite]) -> Result<Vec<u8>, u16> {
        for _ in 0..3 {
            let request = self.request(method, attributes);
            self.send(&request).await.map_err(|_| 0u16)?;
            let bytes = self.answer(&request).await.ok_or(0u16)?;
            let answer = Message::from_bytes(&bytes).expect("a message");
            let Ok(error) = answer.attribute::<ErrorCode>() else {
                let Credentials { username, password, .. } = self.credentials.clone();
                let key = LongTermKeyCredentials::new(username, password, self.realm.clone());
                answer.validate_integrity(&key.into()).expect("the relay signs what it grants");
                return Ok(bytes);
            };
            let nonce = answer.attribute::<Nonce>().ok().map(|nonce| nonce.nonce().to_owned());
            match (error.code(), nonce) {
                (401, Some(nonce)) if self.nonce.is_none() => {
                    answer.attribute::<Realm>().expect("a realm").realm().clone_into(&mut self.realm);
                    self.nonce = Some(nonce);
                }
                (438, Some(nonce)) => self.nonce = Some(nonce),
                (code, _) => return Err(code),
            }
        }
        Err(1)
    }

    async fn answer(&mut self, request: &[u8]) -> Option<Vec<u8>> {
        let asked = Message::from_bytes(request).expect("a message").transaction_id();
        loop {
            let bytes = self.receive(PATIENCE).await?;
            if Message::from_bytes(&bytes).is_ok_and(|answer| answer.is_response() && answer.transaction_id() == asked)
            {
                return Some(bytes);
            }
        }
    }

    /// Makes an allocation: the address under which others find it.
    pub(crate) async fn allocate(&mut self) -> Result<SocketAddr, u16> {
        let bytes = self.ask(ALLOCATE, &[&RequestedTransport::new(RequestedTransport::UDP)]).await?;
        let answer = Message::from_bytes(&bytes).expect("a message");
        Ok(answer.attribute::<XorRelayedAddress>().expect("an address").addr(answer.transaction_id()))
    }

    /// Allows a peer; what it was refused with.
    pub(crate) async fn permit(&mut self, peer: SocketAddr) -> Result<(), u16> {
        // The address is masked with the number of the request: it is made by hand.
        self.ask_about(CREATE_PERMISSION, peer, &[]).await
    }

    /// Gives a peer a channel; what it was refused with.
    pub(crate) async fn bind(&mut self, channel: u16, peer: SocketAddr) -> Result<(), u16> {
        self.ask_about(CHANNEL_BIND, peer, &[&ChannelNumber::new(channel)]).await
    }

    pub(crate) async fn refresh(&mut self, seconds: u32) -> Result<(), u16> {
        self.ask(REFRESH, &[&Lifetime::new(seconds)]).await.map(drop)
    }

    async fn ask_about(&mut self, method: Method, peer: SocketAddr, more: &[&dyn AttributeWrite]) -> Result<(), u16> {
        // IPv4 is masked with a constant; IPv6 with the number of the request as well.
        for _ in 0..2 {
            let mut request = Message::builder_request(method, MessageWriteVec::new());
            request.add_attribute(&XorPeerAddress::new(peer, request.transaction_id())).expect("it fits");
            for attribute in more {
                request.add_attribute(*attribute).expect("it fits");
            }
            let Credentials { username, password, .. } = self.credentials.clone();
            request.add_attribute(&Username::new(&username).expect("a name")).expect("it fits");
            request.add_attribute(&Realm::new(&self.realm).expect("a realm")).expect("it fits");
            let nonce = self.nonce.clone().unwrap_or_default();
            request.add_attribute(&Nonce::new(&nonce).expect("a nonce")).expect("it fits");
            let key = LongTermKeyCredentials::new(username, password, self.realm.clone());
            request.add_message_integrity(&key.into(), IntegrityAlgorithm::Sha1).expect("it fits");
            let request = request.finish();
            self.send(&request).await.map_err(|_| 0u16)?;
            let bytes = self.answer(&request).await.ok_or(0u16)?;
            let answer = Message::from_bytes(&bytes).expect("a message");
            let Ok(error) = answer.attribute::<ErrorCode>() else { return Ok(()) };
            match (error.code(), answer.attribute::<Nonce>()) {
                (438, Ok(nonce)) => self.nonce = Some(nonce.nonce().to_owned()),
                (code, _) => return Err(code),
            }
        }
        Err(438)
    }

    /// Sends to a peer without a channel.
    pub(crate) async fn indicate(&mut self, peer: SocketAddr, data: &[u8]) {
        let mut message = Message::builder_indication(SEND, MessageWriteVec::new());
        message.add_attribute(&XorPeerAddress::new(peer, message.transaction_id())).expect("it fits");
        message.add_attribute(&Data::new(data)).expect("it fits");
        self.send(&message.finish()).await.ok();
    }

    /// Sends over a channel.
    pub(crate) async fn channel(&mut self, channel: u16, data: &[u8]) {
        let mut bytes = channel.to_be_bytes().to_vec();
        bytes.extend(u16::try_from(data.len()).expect("small").to_be_bytes());
        bytes.extend(data);
        self.send(&bytes).await.ok();
    }

    /// The next thing from a peer.
    pub(crate) async fn hear(&mut self, within: Duration) -> Option<Heard> {
        let bytes = self.receive(within).await?;
        if bytes[0] >> 6 == 1 {
            let length = usize::from(u16::from_be_bytes([bytes[2], bytes[3]]));
            return Some(Heard::Channel(u16::from_be_bytes([bytes[0], bytes[1]]), bytes[4..4 + length].to_vec()));
        }
        let message = Message::from_bytes(&bytes).ok()?;
        let (Ok(peer), Ok(data)) = (message.attribute::<XorPeerAddress>(), message.attribute::<Data>()) else {
            return Some(Heard::Other);
        };
        Some(Heard::Data(peer.addr(message.transaction_id()), data.data().to_vec()))
    }
}

/// Two who allow each other.
pub(crate) async fn introduce(one: &mut Browser, other: &mut Browser) -> (SocketAddr, SocketAddr) {
    let (at_one, at_other) = (one.allocate().await.expect("a place"), other.allocate().await.expect("a place"));
    one.permit(at_other).await.expect("a permission");
    other.permit(at_one).await.expect("a permission");
    (at_one, at_other)
}
