//! A line in which one receiver gets one source. It stays when the source ends, and the next one that comes to the same seat
//! uses it: descriptions do not grow with everybody who came and went.

use std::time::Instant;

use rtc::media_stream::MediaStreamTrack;
use rtc::peer_connection::RTCPeerConnection;
use rtc::rtcp::sender_report::SenderReport;
use rtc::rtp;
use rtc::rtp_transceiver::rtp_sender::{
    RTCRtpCodingParameters, RTCRtpEncodingParameters, RTCRtpRtxParameters, RtpCodecKind,
};
use rtc::rtp_transceiver::{RTCRtpTransceiverDirection, RTCRtpTransceiverId, RTCRtpTransceiverInit};
use rtc::shared::error::Result;

use super::engine::{opus, vp8};
use super::forward::{Forward, Packet};
use super::resend::{Given, Resend};
use super::sdp::Taken;
use super::{PlaceId, Source};

/// A line.
pub(super) struct Outlet {
    /// Sources of one person are at one seat.
    pub(super) seat: usize,
    pub(super) source: Source,
    /// Whose source it is now.
    pub(super) of: Option<PlaceId>,
    /// The browser has taken it.
    pub(super) live: bool,
    /// As what it is sent.
    pub(super) taken: Taken,
    /// Its number in the packets, and that of its repetitions.
    pub(super) stream: u32,
    repeats: u32,
    transceiver: RTCRtpTransceiverId,
    /// The layer that is to pass.
    pub(super) chosen: Option<u8>,
    pub(super) forward: Forward,
    resend: Resend,
    repeated: u16,
    packets: u32,
    octets: u32,
}

impl Outlet {
    /// Adds a line to a connection.
    pub(super) fn open(
        connection: &mut RTCPeerConnection,
        (seat, source): (usize, Source),
        (stream, repeats): (u32, u32),
    ) -> Result<Self> {
        let sound = source.is_sound();
        let (kind, codec) = if sound { (RtpCodecKind::Audio, opus()) } else { (RtpCodecKind::Video, vp8()) };
        let rtx = (!sound).then_some(RTCRtpRtxParameters { ssrc: repeats });
        let coding = RTCRtpCodingParameters { ssrc: Some(stream), rtx, ..RTCRtpCodingParameters::default() };
        let encoding = RTCRtpEncodingParameters { rtp_coding_parameters: coding, codec, ..Default::default() };
        // Voice and face belong together, and so do the screen and its sound: browsers keep them in step.
        let group = if matches!(source, Source::Microphone | Source::Camera) { "person" } else { "screen" };
        let track = format!("{seat}-{source:?}").to_lowercase();
        let track = MediaStreamTrack::new(format!("{group}-{seat}"), track.clone(), track, kind, vec![encoding]);
        let init = RTCRtpTransceiverInit {
            direction: RTCRtpTransceiverDirection::Sendonly,
            streams: Vec::new(),
            send_encodings: Vec::new(),
        };
        let transceiver = connection.add_transceiver_from_track(track, Some(init))?;
        Ok(Self {
            seat,
            source,
            of: None,
            live: false,
            taken: Taken::default(),
            stream,
            repeats,
            transceiver,
            chosen: None,
            forward: if sound { Forward::sound() } else { Forward::picture() },
            resend: Resend::default(),
            repeated: 0,
            packets: 0,
            octets: 0,
        })
    }

    /// Its name in the description, once there is one.
    pub(super) fn mid(&self, connection: &mut RTCPeerConnection) -> Option<String> {
        connection.rtp_transceiver(self.transceiver)?.mid().clone()
    }

    /// A source is to come out here; it does once the browser has taken it.
    pub(super) fn assign(&mut self, of: PlaceId) {
        self.of = Some(of);
    }

    /// The source has ended.
    pub(super) fn free(&mut self) {
        (self.of, self.live, self.chosen) = (None, false, None);
        self.forward.renew();
        self.resend.forget();
    }

    /// Makes a packet this receiver's, if it is to have it.
    pub(super) fn pass(&mut self, packet: &Packet, wanted: u32, now: Instant) -> Option<rtp::Packet> {
        let before = self.forward.layer();
        let passed = self.forward.pass(packet, wanted, now)?;
        if before != self.forward.layer() {
            // What was sent before is of no use any more, and would only take the room of what is new.
            self.resend.forget();
        }
        let mut given = Given::new(passed.number, passed.time, packet.marker, packet.payload.clone());
        (given.head, given.shift) = (packet.head, passed.shift);
        let bytes = given.bytes();
        self.packets = self.packets.wrapping_add(1);
        self.octets = self.octets.wrapping_add(u32::try_from(bytes.len()).unwrap_or(0));
        let header = rtp::Header {
            version: 2,
            marker: packet.marker,
            payload_type: self.taken.codec,
            sequence_number: passed.number,
            timestamp: passed.time,
            ssrc: self.stream,
            ..rtp::Header::default()
        };
        if !self.source.is_sound() {
            self.resend.keep(given);
        }
        Some(rtp::Packet { header, payload: bytes })
    }

    /// A packet once more, as the browser asked for it.
    pub(super) fn again(&mut self, number: u16, now: Instant) -> Option<rtp::Packet> {
        let given = self.resend.again(number, now)?;
        let bytes = given.bytes();
        let mut header = rtp::Header {
            version: 2,
            marker: given.marker,
            payload_type: self.taken.codec,
            sequence_number: number,
            timestamp: given.time,
            ssrc: self.stream,
            ..rtp::Header::default()
        };
        let Some(codec) = self.taken.repeats else { return Some(rtp::Packet { header, payload: bytes }) };
        // Repetitions are a stream of their own, in which each packet begins with its old number.
        self.repeated = self.repeated.wrapping_add(1);
        (header.payload_type, header.ssrc, header.sequence_number) = (codec, self.repeats, self.repeated);
        let payload = [&number.to_be_bytes(), &bytes[..]].concat().into();
        Some(rtp::Packet { header, payload })
    }

    /// What was sent until now, and which time it is in the stream: by it browsers keep sound and picture in step.
    pub(super) fn report(&self, now: Instant, now_ms: u64) -> Option<SenderReport> {
        /// From the year 1900 to the year 1970.
        const SINCE_1900_S: u64 = 2_208_988_800;
        let rtp_time = self.forward.time_at(now)?;
        let ntp_time = ((now_ms / 1000 + SINCE_1900_S) << 32) | (((now_ms % 1000) << 32) / 1000);
        let (packet_count, octet_count) = (self.packets, self.octets);
        Some(SenderReport {
            ssrc: self.stream,
            ntp_time,
            rtp_time,
            packet_count,
            octet_count,
            ..SenderReport::default()
        })
    }

    /// Its number in the packets, or that of its repetitions.
    pub(super) fn is(&self, stream: u32) -> bool {
        self.stream == stream || self.repeats == stream
    }
}
