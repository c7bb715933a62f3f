//! One connection of a browser of the stories, on a real socket: the library without a server's settings, driven by a task.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bytes::BytesMut;
use rtc::interceptor::{
    NackGeneratorBuilder, NackResponderBuilder, ReceiverReportBuilder, Registry, Slot, TwccReceiverBuilder,
    TwccSenderBuilder,
};
use rtc::peer_connection::configuration::RTCConfigurationBuilder;
use rtc::peer_connection::configuration::media_engine::MediaEngine;
use rtc::peer_connection::configuration::setting_engine::SettingEngineBuilder;
use rtc::peer_connection::event::RTCPeerConnectionEvent;
use rtc::peer_connection::message::{RTCMessage, TaggedRTCMessage};
use rtc::peer_connection::state::RTCPeerConnectionState;
use rtc::peer_connection::transport::RTCIceCandidateInit;
use rtc::peer_connection::{RTCPeerConnection, RTCPeerConnectionBuilder};
use rtc::rtp;
use rtc::rtp_transceiver::rtp_sender::{RTCRtpHeaderExtensionCapability, RtpCodecKind};
use rtc::sansio::Protocol;
use rtc::shared::{TaggedBytesMut, TransportContext, TransportProtocol};
use tokio::net::UdpSocket;
use tokio::sync::{mpsc, watch};

use super::ear::{Asked, Ear};

/// What the task of a connection is told.
enum Command {
    Act(Box<dyn FnOnce(&mut RTCPeerConnection) + Send>),
    /// Sends a packet that means nothing.
    Raw(Vec<u8>, SocketAddr),
}

/// Which of the packets that come are lost on the way.
pub(crate) type Lossy = Arc<Mutex<Box<dyn FnMut(&[u8]) -> bool + Send>>>;

/// Sends in a connection.
#[derive(Clone)]
pub(crate) struct Writer {
    commands: mpsc::UnboundedSender<Command>,
    pub(crate) asked: Arc<Mutex<Asked>>,
}

impl Writer {
    pub(crate) fn write(&self, packet: rtp::Packet) {
        let act = move |connection: &mut RTCPeerConnection| {
            let message = RTCMessage::RtpPacket(String::new(), packet);
            connection.handle_write(TaggedRTCMessage { now: Instant::now(), message }).ok();
        };
        self.commands.send(Command::Act(Box::new(act))).ok();
    }
}

/// A connection.
pub(crate) struct Peer {
    commands: mpsc::UnboundedSender<Command>,
    pub(crate) asked: Arc<Mutex<Asked>>,
    pub(crate) heard: Arc<Mutex<Vec<rtp::Packet>>>,
    pub(crate) lossy: Lossy,
    changes: watch::Receiver<u64>,
    connected: watch::Receiver<bool>,
    task: tokio::task::JoinHandle<()>,
    pub(crate) at: SocketAddr,
}

impl Peer {
    pub(crate) async fn new() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
        let at = socket.local_addr().expect("bound");
        let (commands, told) = mpsc::unbounded_channel();
        let (asked, heard) = (Arc::<Mutex<Asked>>::default(), Arc::<Mutex<Vec<rtp::Packet>>>::default());
        let (tells, changes) = watch::channel(0);
        let (connects, connected) = watch::channel(false);
        let lossy: Lossy = Arc::new(Mutex::new(Box::new(|_: &[u8]| false)));
        let driver = Driver {
            connection: build(&asked),
            socket,
            at,
            heard: Arc::clone(&heard),
            lossy: Arc::clone(&lossy),
            changed: tells,
            connects,
        };
        let task = tokio::spawn(driver.run(told));
        Self { commands, asked, heard, lossy, changes, connected, task, at }
    }

    /// Does something with the connection.
    pub(crate) async fn act<T: Send + 'static>(
        &self,
        act: impl FnOnce(&mut RTCPeerConnection) -> T + Send + 'static,
    ) -> T {
        let (tells, told) = tokio::sync::oneshot::channel();
        let act = move |connection: &mut RTCPeerConnection| {
            tells.send(act(connection)).ok();
        };
        self.commands.send(Command::Act(Box::new(act))).expect("it runs");
        told.await.expect("it runs")
    }

    /// What sends in it.
    pub(crate) fn writer(&self) -> Writer {
        Writer { commands: self.commands.clone(), asked: Arc::clone(&self.asked) }
    }

    pub(crate) fn raw(&self, packet: Vec<u8>, to: SocketAddr) {
        self.commands.send(Command::Raw(packet, to)).ok();
    }

    /// Waits until it can be used.
    pub(crate) async fn is_connected(&mut self) {
        let connected = self.connected.wait_for(|connected| *connected);
        tokio::time::timeout(Duration::from_secs(10), connected).await.expect("it connects").expect("it runs");
    }

    /// Waits for something about what has come.
    pub(crate) async fn until<T>(&mut self, what: &str, mut is: impl FnMut(&[rtp::Packet], &Asked) -> Option<T>) -> T {
        let waiting = async {
            loop {
                self.changes.borrow_and_update();
                let found = is(&self.heard.lock().expect("no panic"), &self.asked.lock().expect("no panic"));
                if let Some(found) = found {
                    return found;
                }
                self.changes.changed().await.expect("it runs");
            }
        };
        tokio::time::timeout(Duration::from_secs(15), waiting).await.unwrap_or_else(|_| panic!("{what}"))
    }

    /// Is gone without a word.
    pub(crate) fn vanish(&self) {
        self.task.abort();
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Driver {
    connection: RTCPeerConnection,
    socket: UdpSocket,
    at: SocketAddr,
    heard: Arc<Mutex<Vec<rtp::Packet>>>,
    lossy: Lossy,
    changed: watch::Sender<u64>,
    connects: watch::Sender<bool>,
}

impl Driver {
    async fn run(mut self, mut told: mpsc::UnboundedReceiver<Command>) {
        let mut room = vec![0; 2048];
        loop {
            while let Some(out) = self.connection.poll_write() {
                self.socket.send_to(&out.message, out.transport.peer_addr).await.ok();
            }
            while let Some(event) = self.connection.poll_event() {
                if let RTCPeerConnectionEvent::OnConnectionStateChangeEvent(state) = event {
                    self.connects.send_replace(state == RTCPeerConnectionState::Connected);
                }
            }
            while let Some(message) = self.connection.poll_read() {
                if let RTCMessage::RtpPacket(_, packet) = message.message {
                    self.heard.lock().expect("no panic").push(packet);
                }
            }
            self.changed.send_modify(|changes| *changes += 1);
            let next = self.connection.poll_timeout().unwrap_or_else(|| Instant::now() + Duration::from_secs(1));
            tokio::select! {
                command = told.recv() => match command {
                    Some(Command::Act(act)) => act(&mut self.connection),
                    Some(Command::Raw(packet, to)) => drop(self.socket.send_to(&packet, to).await),
                    None => return,
                },
                came = self.socket.recv_from(&mut room) => {
                    let Ok((length, peer_addr)) = came else { continue };
                    let lost = (self.lossy.lock().expect("no panic"))(&room[..length]);
                    if !lost {
                        let (local_addr, transport_protocol) = (self.at, TransportProtocol::UDP);
                        let transport = TransportContext { local_addr, peer_addr, transport_protocol, ecn: None };
                        let message = BytesMut::from(&room[..length]);
                        self.connection.handle_read(TaggedBytesMut { now: Instant::now(), transport, message }).ok();
                    }
                }
                () = tokio::time::sleep_until(next.into()) => drop(self.connection.handle_timeout(Instant::now())),
            }
        }
    }
}

fn build(asked: &Arc<Mutex<Asked>>) -> RTCPeerConnection {
    let mut media = MediaEngine::default();
    media.register_default_codecs().expect("codecs");
    for (uri, kind) in [
        ("urn:ietf:params:rtp-hdrext:sdes:mid", RtpCodecKind::Video),
        ("urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id", RtpCodecKind::Video),
        ("urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id", RtpCodecKind::Video),
        ("urn:ietf:params:rtp-hdrext:ssrc-audio-level", RtpCodecKind::Audio),
        ("http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01", RtpCodecKind::Video),
        ("http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01", RtpCodecKind::Audio),
    ] {
        let extension = RTCRtpHeaderExtensionCapability { uri: uri.to_owned() };
        media.register_header_extension(extension, kind, None).expect("an extension");
    }
    for kind in [RtpCodecKind::Video, RtpCodecKind::Audio] {
        let feedback =
            rtc::rtp_transceiver::rtp_sender::RTCPFeedback { typ: "transport-cc".into(), parameter: String::new() };
        media.register_feedback(feedback, kind);
    }
    let chain = Registry::new()
        .with(Slot::from(500), Ear::new(asked))
        .with(Slot::TwccSender, TwccSenderBuilder::new().build())
        .with(Slot::NackResponder, NackResponderBuilder::new().build())
        .with(Slot::NackGenerator, NackGeneratorBuilder::new().with_interval(Duration::from_millis(40)).build())
        .with(Slot::TwccReceiver, TwccReceiverBuilder::new().build())
        .with(Slot::ReceiverReport, ReceiverReportBuilder::new().build());
    let settings = SettingEngineBuilder::new().with_include_loopback_candidate(true).build();
    RTCPeerConnectionBuilder::new()
        .with_configuration(RTCConfigurationBuilder::new().build())
        .with_media_engine(media)
        .with_interceptor_registry(chain)
        .with_setting_engine(settings)
        .build(Instant::now())
        .expect("a connection")
}

/// The one address of a connection.
pub(crate) fn candidate(at: SocketAddr) -> RTCIceCandidateInit {
    let candidate = format!("candidate:1 1 udp 2130706431 {} {} typ host", at.ip(), at.port());
    RTCIceCandidateInit { candidate, ..RTCIceCandidateInit::default() }
}
