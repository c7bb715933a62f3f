//! A line to a relay by UDP, TCP or TLS: opened with a reason when it cannot be, and messages in and out whole.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{self, ClientConfig, RootCertStore};

use super::address::{Address, Way};
use super::trouble::Trouble;
use super::unsecured::Unsecured;

/// Longer than any message of the protocol.
const MESSAGE: usize = 65_556;

pub(super) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// A line to a relay.
pub(super) enum Line {
    /// Each packet is a message.
    Udp(UdpSocket),
    /// Messages follow one another; what has come of the next one is kept.
    Stream(Box<dyn Stream>, Vec<u8>),
}

impl Line {
    /// Opens it.
    pub(super) async fn open(
        address: &Address,
        at: SocketAddr,
        authorities: &Arc<RootCertStore>,
        within: Duration,
    ) -> Result<Self, Trouble> {
        let broken = |error: io::Error| Trouble::cut(&error);
        if address.way == Way::Udp {
            let any = if at.is_ipv4() { IpAddr::V4(Ipv4Addr::UNSPECIFIED) } else { IpAddr::V6(Ipv6Addr::UNSPECIFIED) };
            let socket = UdpSocket::bind((any, 0)).await.map_err(broken)?;
            socket.connect(at).await.map_err(broken)?;
            return Ok(Self::Udp(socket));
        }
        let silent = |_| Trouble::Silent;
        let stream = timeout(within, TcpStream::connect(at)).await.map_err(silent)?.map_err(broken)?;
        stream.set_nodelay(true).map_err(broken)?;
        if address.way == Way::Tcp {
            return Ok(Self::Stream(Box::new(stream), Vec::new()));
        }
        let connector = TlsConnector::from(Arc::new(trusting(authorities)));
        let name = ServerName::try_from(address.host.clone()).map_err(|_| Trouble::NoAddress)?;
        // What does not speak TLS waits for the rest of a message that never comes.
        let mute = |_| Trouble::Unsecured(Unsecured::NoTls("no answer".to_owned()));
        let secured = timeout(within, connector.connect(name, stream)).await.map_err(mute)?;
        Ok(Self::Stream(
            Box::new(secured.map_err(|error| Trouble::Unsecured(Unsecured::why(&error, &address.host)))?),
            Vec::new(),
        ))
    }

    /// Sends a message.
    pub(super) async fn send(&mut self, message: &[u8]) -> io::Result<()> {
        match self {
            Self::Udp(socket) => socket.send(message).await.map(drop),
            Self::Stream(stream, _) => {
                stream.write_all(message).await?;
                stream.flush().await
            }
        }
    }

    /// Waits for the next message; nothing is lost when the waiting is given up.
    pub(super) async fn receive(&mut self) -> io::Result<Vec<u8>> {
        match self {
            Self::Udp(socket) => {
                let mut bytes = vec![0; MESSAGE];
                let length = socket.recv(&mut bytes).await?;
                bytes.truncate(length);
                Ok(bytes)
            }
            Self::Stream(stream, kept) => loop {
                if let Some(length) = length(kept)?
                    && kept.len() >= length
                {
                    return Ok(kept.drain(..length).collect());
                }
                if stream.read_buf(kept).await? == 0 {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
            },
        }
    }
}

/// How long the message at the beginning is. No channels are bound here, so that every message is one of STUN.
fn length(bytes: &[u8]) -> io::Result<Option<usize>> {
    let [first, _, high, low, ..] = *bytes else { return Ok(None) };
    if first >> 6 != 0 {
        return Err(io::ErrorKind::InvalidData.into());
    }
    Ok(Some(20 + usize::from(u16::from_be_bytes([high, low]))))
}

fn trusting(authorities: &Arc<RootCertStore>) -> ClientConfig {
    ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(rustls::DEFAULT_VERSIONS)
        .expect("the provider knows the versions it comes with")
        .with_root_certificates(Arc::clone(authorities))
        .with_no_client_auth()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn messages_come_out_whole_however_they_arrive() {
        let (ours, mut theirs) = tokio::io::duplex(64);
        let mut line = Line::Stream(Box::new(ours), Vec::new());
        let message = |length: u8| [&[0, 1, 0, length][..], &vec![9; 16 + usize::from(length)]].concat();
        let all = [message(0), message(8)].concat();
        theirs.write_all(&all[..27]).await.expect("sent");
        assert_eq!(line.receive().await.expect("a message"), message(0));
        assert!(timeout(Duration::from_millis(20), line.receive()).await.is_err());
        theirs.write_all(&all[27..]).await.expect("sent");
        assert_eq!(line.receive().await.expect("a message"), message(8));
        theirs.write_all(b"HTTP/1.1 400").await.expect("sent");
        assert!(line.receive().await.is_err());
    }
}
