//! A call of two headless browsers through a relay: one writes, and sends sound and a picture; the other hears all three and
//! writes back. What they say means nothing.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use rtc::rtp::Packet;
use rtc::rtp_transceiver::rtp_sender::{RTCRtpCodec, RTCRtpCodingParameters, RTCRtpEncodingParameters, RtpCodecKind};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::{Instant, interval, timeout};
use webrtc::data_channel::{DataChannel, DataChannelEvent};
use webrtc::error::Error;
use webrtc::media_stream::MediaStreamTrack;
use webrtc::media_stream::track_local::TrackLocal;
use webrtc::media_stream::track_local::static_rtp::TrackLocalStaticRTP;
use webrtc::media_stream::track_remote::{TrackRemote, TrackRemoteEvent};
use webrtc::peer_connection::{
    MediaEngine, PeerConnection, PeerConnectionBuilder, PeerConnectionEventHandler, RTCIceCandidateInit,
    SettingEngineBuilder,
};

use super::STEP;
use super::carrier::{Placed, Window};
use super::trouble::Trouble;

/// What both write.
const HELLO: &str = "hello";
/// How often sound and picture are sent until they are heard.
const FRAME: Duration = Duration::from_millis(20);

/// Kind, type, clock, channels, number in the packets, and source of what is sent.
const STREAMS: [(RtpCodecKind, &str, u32, u16, u8, u32); 2] = [
    (RtpCodecKind::Audio, "audio/opus", 48_000, 2, 111, 0x5159_0001),
    (RtpCodecKind::Video, "video/VP8", 90_000, 0, 96, 0x5159_0002),
];

/// What one hears of the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Heard {
    Text,
    Reply,
    Sound,
    Picture,
}

const ALL: [Heard; 4] = [Heard::Text, Heard::Reply, Heard::Sound, Heard::Picture];

/// Makes a call; how long until everything was heard.
pub(super) async fn try_one(one: Placed<'_>, other: Placed<'_>) -> Result<Duration, Trouble> {
    let ((client, at_one), (other_client, at_other)) = (one, other);
    let (window, other_window) = (open().await?, open().await?);
    let places = window.at().and_then(|at| other_window.at().map(|other| (at, other)));
    let (at, other_at) = places.map_err(|error| broken(&error))?;
    let begun = Instant::now();
    tokio::select! {
        error = window.carry(client, at_other) => Err(Trouble::cut(&error)),
        error = other_window.carry(other_client, at_one) => Err(Trouble::cut(&error)),
        talked = talk(at, other_at) => talked.map(|()| begun.elapsed()),
    }
}

async fn open() -> Result<Window, Trouble> {
    Window::open().await.map_err(|error| broken(&error))
}

fn broken(error: &io::Error) -> Trouble {
    Trouble::NoCall(format!("this machine has no port for it ({error})"))
}

/// Two browsers, each of which sees the other at a window.
async fn talk(window: SocketAddr, other_window: SocketAddr) -> Result<(), Trouble> {
    let wrong = |error: Error| Trouble::NoCall(error.to_string());
    let (tells, mut told) = unbounded_channel();
    let one = Box::pin(browser(tells.clone())).await.map_err(wrong)?;
    let other = Box::pin(browser(tells.clone())).await.map_err(wrong)?;
    let mut heard = Vec::new();
    let talking = async {
        let tracks = meet(&one, &other, (window, other_window), tells).await?;
        send_until_heard(&tracks, &mut told, &mut heard).await
    };
    let outcome = timeout(STEP, talking).await;
    one.close().await.ok();
    other.close().await.ok();
    match outcome {
        Ok(talked) => talked.map_err(wrong),
        Err(_) => Err(Trouble::NoCall(missing(&heard).to_owned())),
    }
}

/// What is not heard, in the order in which a call comes up.
fn missing(heard: &[Heard]) -> &'static str {
    if heard.is_empty() {
        "they find no connection within ten seconds"
    } else if !heard.contains(&Heard::Text) || !heard.contains(&Heard::Reply) {
        "sound or picture passes, text does not"
    } else if !heard.contains(&Heard::Sound) {
        "text passes, sound does not"
    } else {
        "text and sound pass, pictures do not"
    }
}

/// Brings them together; what the first one sends.
async fn meet(
    one: &impl PeerConnection,
    other: &impl PeerConnection,
    (window, other_window): (SocketAddr, SocketAddr),
    tells: UnboundedSender<Heard>,
) -> Result<Vec<TrackLocalStaticRTP>, Error> {
    let tracks: Vec<TrackLocalStaticRTP> = STREAMS.into_iter().map(track).collect();
    for track in &tracks {
        one.add_track(Arc::new(track.clone())).await?;
    }
    let channel = one.create_data_channel("doctor", None).await?;
    tokio::spawn(write(channel, tells));

    // Made before addresses are gathered, the descriptions name none: the windows are the only way.
    let offer = one.create_offer(None).await?;
    one.set_local_description(offer.clone()).await?;
    other.set_remote_description(offer).await?;
    let answer = other.create_answer(None).await?;
    other.set_local_description(answer.clone()).await?;
    one.set_remote_description(answer).await?;
    other.add_ice_candidate(candidate(other_window)).await?;
    one.add_ice_candidate(candidate(window)).await?;
    Ok(tracks)
}

fn candidate(at: SocketAddr) -> RTCIceCandidateInit {
    let candidate = format!("candidate:1 1 udp 2130706431 {} {} typ host", at.ip(), at.port());
    RTCIceCandidateInit { candidate, sdp_mid: Some("0".to_owned()), sdp_mline_index: Some(0), ..Default::default() }
}

fn track((kind, mime, clock_rate, channels, _, ssrc): (RtpCodecKind, &str, u32, u16, u8, u32)) -> TrackLocalStaticRTP {
    let codec = RTCRtpCodec { mime_type: mime.to_owned(), clock_rate, channels, ..Default::default() };
    let coding = RTCRtpCodingParameters { ssrc: Some(ssrc), ..Default::default() };
    let encoding =
        RTCRtpEncodingParameters { rtp_coding_parameters: coding, codec, active: true, ..Default::default() };
    TrackLocalStaticRTP::new(MediaStreamTrack::new(
        "doctor".to_owned(),
        mime.to_owned(),
        mime.to_owned(),
        kind,
        vec![encoding],
    ))
}

/// Sends sound and picture until everything has been heard.
async fn send_until_heard(
    tracks: &[TrackLocalStaticRTP],
    told: &mut UnboundedReceiver<Heard>,
    heard: &mut Vec<Heard>,
) -> Result<(), Error> {
    let (mut frames, mut number) = (interval(FRAME), 0_u16);
    while !ALL.iter().all(|one| heard.contains(one)) {
        tokio::select! {
            one = told.recv() => heard.extend(one),
            _ = frames.tick() => {
                for (track, (_, _, clock, _, payload_type, ssrc)) in tracks.iter().zip(STREAMS) {
                    let mut packet = Packet { payload: vec![0x10; 160].into(), ..Default::default() };
                    packet.header.version = 2;
                    packet.header.marker = true;
                    packet.header.payload_type = payload_type;
                    packet.header.sequence_number = number;
                    packet.header.timestamp = u32::from(number) * (clock / 50);
                    packet.header.ssrc = ssrc;
                    track.write_rtp(packet).await?;
                }
                number = number.wrapping_add(1);
            }
        }
    }
    Ok(())
}

/// A headless browser on this machine, without any relay of its own.
async fn browser(tells: UnboundedSender<Heard>) -> Result<impl PeerConnection, Error> {
    let mut media = MediaEngine::default();
    media.register_default_codecs()?;
    let settings = SettingEngineBuilder::new().with_include_loopback_candidate(true).build();
    let building = PeerConnectionBuilder::new()
        .with_media_engine(media)
        .with_setting_engine(settings)
        .with_handler(Arc::new(Ear(tells)))
        .with_udp_addrs(vec![SocketAddr::from(([127, 0, 0, 1], 0))])
        .build();
    Box::pin(building).await
}

/// The caller's side of the text.
async fn write(channel: Arc<dyn DataChannel>, tells: UnboundedSender<Heard>) {
    while let Some(event) = channel.poll().await {
        match event {
            DataChannelEvent::OnOpen => {
                channel.send_text(HELLO).await.ok();
            }
            DataChannelEvent::OnMessage(message) if message.data == HELLO.as_bytes() => {
                tells.send(Heard::Reply).ok();
            }
            DataChannelEvent::OnClose => return,
            _ => {}
        }
    }
}

/// The called one's side of the text.
async fn reply(channel: Arc<dyn DataChannel>, tells: UnboundedSender<Heard>) {
    while let Some(event) = channel.poll().await {
        match event {
            DataChannelEvent::OnMessage(message) if message.data == HELLO.as_bytes() => {
                tells.send(Heard::Text).ok();
                channel.send_text(HELLO).await.ok();
            }
            DataChannelEvent::OnClose => return,
            _ => {}
        }
    }
}

/// Tells the first packet of a track.
async fn listen(track: Arc<dyn TrackRemote>, tells: UnboundedSender<Heard>) {
    let heard = if track.kind().await == RtpCodecKind::Audio { Heard::Sound } else { Heard::Picture };
    while let Some(event) = track.poll().await {
        if let TrackRemoteEvent::OnRtpPacket(_) = event {
            tells.send(heard).ok();
            return;
        }
    }
}

/// What a browser hears.
struct Ear(UnboundedSender<Heard>);

type Done<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

// The trait is written with `async_trait`; these two are small enough to be written as that makes them.
impl PeerConnectionEventHandler for Ear {
    fn on_data_channel<'a, 'b>(&'a self, channel: Arc<dyn DataChannel>) -> Done<'b>
    where
        'a: 'b,
        Self: 'b,
    {
        tokio::spawn(reply(channel, self.0.clone()));
        Box::pin(std::future::ready(()))
    }

    fn on_track<'a, 'b>(&'a self, track: Arc<dyn TrackRemote>) -> Done<'b>
    where
        'a: 'b,
        Self: 'b,
    {
        tokio::spawn(listen(track, self.0.clone()));
        Box::pin(std::future::ready(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn they_meet_nowhere_but_at_the_windows() {
        let (one, other) = (Window::open().await.expect("a port"), Window::open().await.expect("a port"));
        let outcome = talk(one.at().expect("an address"), other.at().expect("an address")).await;
        assert!(matches!(outcome, Err(Trouble::NoCall(why)) if why.contains("no connection")));
    }
}
