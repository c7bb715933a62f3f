//! What our side of a connection with a browser can do: the codecs, the extensions, and what the library takes over for us.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rtc::crypto::providers::AwsLcRsProvider;
use rtc::dtls::extension::extension_use_srtp::SrtpProtectionProfile;
use rtc::interceptor::{
    CongestionControlBuilder, NackGeneratorBuilder, ReceiverReportBuilder, Registry, Slot, TwccReceiverBuilder,
    TwccSenderBuilder,
};
use rtc::peer_connection::configuration::RTCConfigurationBuilder;
use rtc::peer_connection::configuration::media_engine::{MIME_TYPE_OPUS, MIME_TYPE_RTX, MIME_TYPE_VP8, MediaEngine};
use rtc::peer_connection::configuration::setting_engine::SettingEngineBuilder;
use rtc::peer_connection::transport::{RTCDtlsRole, RTCIceCandidateInit};
use rtc::peer_connection::{RTCPeerConnection, RTCPeerConnectionBuilder};
use rtc::rtp_transceiver::rtp_sender::{
    RTCPFeedback, RTCRtpCodec, RTCRtpCodecParameters, RTCRtpHeaderExtensionCapability, RtpCodecKind,
};
use rtc::shared::error::Result;

use super::bandwidth::Bandwidth;
use super::ears::{Ears, ear};
use super::names::{Shared, names, tap};
use super::sdp;

const OPUS: u8 = 111;
const VP8: u8 = 96;
const RTX: u8 = 97;
/// How often a missing packet is asked for again, and how many times.
const ASK: Duration = Duration::from_millis(40);
const TIMES: u16 = 10;
const TRANSPORT: &str = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";

/// The codec of sound.
pub(super) fn opus() -> RTCRtpCodec {
    RTCRtpCodec {
        mime_type: MIME_TYPE_OPUS.to_owned(),
        clock_rate: 48_000,
        channels: 2,
        sdp_fmtp_line: "minptime=10;useinbandfec=1;usedtx=1".to_owned(),
        rtcp_feedback: vec![feedback("transport-cc", "")],
    }
}

/// The codec of pictures.
pub(super) fn vp8() -> RTCRtpCodec {
    let rtcp_feedback =
        vec![feedback("ccm", "fir"), feedback("nack", ""), feedback("nack", "pli"), feedback("transport-cc", "")];
    RTCRtpCodec { mime_type: MIME_TYPE_VP8.to_owned(), clock_rate: 90_000, rtcp_feedback, ..RTCRtpCodec::default() }
}

fn feedback(kind: &str, parameter: &str) -> RTCPFeedback {
    RTCPFeedback { typ: kind.to_owned(), parameter: parameter.to_owned() }
}

/// The codecs and extensions of a connection.
fn media(extensions: &[(&str, RtpCodecKind)]) -> Result<MediaEngine> {
    let mut media = MediaEngine::default();
    let rtx = RTCRtpCodec {
        mime_type: MIME_TYPE_RTX.to_owned(),
        clock_rate: 90_000,
        sdp_fmtp_line: format!("apt={VP8}"),
        ..RTCRtpCodec::default()
    };
    for (rtp_codec, payload_type, kind) in
        [(opus(), OPUS, RtpCodecKind::Audio), (vp8(), VP8, RtpCodecKind::Video), (rtx, RTX, RtpCodecKind::Video)]
    {
        media.register_codec(RTCRtpCodecParameters { rtp_codec, payload_type }, kind)?;
    }
    for (uri, kind) in extensions {
        media.register_header_extension(RTCRtpHeaderExtensionCapability { uri: (*uri).to_owned() }, *kind, None)?;
    }
    Ok(media)
}

/// A connection in which a browser sends.
pub(super) fn sending(now: Instant, shared: &Shared) -> Result<RTCPeerConnection> {
    let (audio, video) = (RtpCodecKind::Audio, RtpCodecKind::Video);
    let extensions = [
        (TRANSPORT, audio),
        (TRANSPORT, video),
        (sdp::LEVEL, audio),
        (sdp::MID, video),
        (sdp::RID, video),
        (sdp::REPAIRED, video),
    ];
    let chain = Registry::new()
        .with(Slot::from(500), names(shared.clone()))
        .with(
            Slot::NackGenerator,
            NackGeneratorBuilder::new().with_interval(ASK).with_max_nacks_per_packet(TIMES).build(),
        )
        .with(Slot::TwccReceiver, TwccReceiverBuilder::new().build())
        .with(Slot::ReceiverReport, ReceiverReportBuilder::new().build())
        .with(Slot::from(30_000), tap(shared.clone()));
    build(now, media(&extensions)?, chain)
}

/// A connection in which a browser receives.
pub(super) fn receiving(now: Instant, ears: &Ears) -> Result<RTCPeerConnection> {
    let extensions = [(TRANSPORT, RtpCodecKind::Audio), (TRANSPORT, RtpCodecKind::Video)];
    let chain = Registry::new()
        .with(Slot::CongestionControl, CongestionControlBuilder::new(Bandwidth::new()).build())
        .with(Slot::TwccSender, TwccSenderBuilder::new().build())
        .with(Slot::from(30_000), ear(ears.clone()));
    build(now, media(&extensions)?, chain)
}

fn build(now: Instant, media: MediaEngine, chain: Registry) -> Result<RTCPeerConnection> {
    let profiles =
        vec![SrtpProtectionProfile::Srtp_Aead_Aes_128_Gcm, SrtpProtectionProfile::Srtp_Aes128_Cm_Hmac_Sha1_80];
    let settings = SettingEngineBuilder::new()
        .with_lite(true)
        .with_answering_dtls_role(RTCDtlsRole::Server)
        .with_include_loopback_candidate(true)
        .with_crypto_provider(Arc::new(AwsLcRsProvider::new()))
        .with_srtp_protection_profiles(profiles);
    RTCPeerConnectionBuilder::new()
        .with_configuration(RTCConfigurationBuilder::new().build())
        .with_media_engine(media)
        .with_interceptor_registry(chain)
        .with_setting_engine(settings.build())
        .build(now)
}

/// How a browser is told of an address; an empty list of them ends it.
pub(super) fn candidate(at: SocketAddr, number: usize) -> RTCIceCandidateInit {
    let priority = 2_130_706_431_usize.saturating_sub(number * 256);
    let candidate = format!("candidate:{} 1 udp {priority} {} {} typ host", number + 1, at.ip(), at.port());
    RTCIceCandidateInit { candidate, ..RTCIceCandidateInit::default() }
}
