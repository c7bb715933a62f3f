//! What a receiving browser says about what it gets: what it lacks, that it needs a key frame, what arrived when.

use std::sync::{Arc, Mutex, PoisonError};

use rtc::interceptor::{Attribute, Interceptor, Packet, TaggedPacket};
use rtc::rtcp::payload_feedbacks::full_intra_request::FullIntraRequest;
use rtc::rtcp::payload_feedbacks::picture_loss_indication::PictureLossIndication;
use rtc::rtcp::receiver_report::ReceiverReport;
use rtc::rtcp::transport_feedbacks::transport_layer_nack::TransportLayerNack;

use super::reader::Reader;

/// The most requests of one kind that are looked at between two turns.
const MOST: usize = 1024;

/// What was said.
#[derive(Debug, Default)]
pub(super) struct Said {
    /// The packets that are missing: the stream, and the number.
    pub(super) missing: Vec<(u32, u16)>,
    /// Streams that need a key frame.
    pub(super) keyframes: Vec<u32>,
    /// How fast one may send, in bits per second, where that changed.
    pub(super) rate: Option<f64>,
    /// The largest part of a stream's packets that was lost, of 256.
    pub(super) lost: Option<u8>,
}

/// What a connection and its ear share.
#[derive(Debug, Clone, Default)]
pub(super) struct Ears(Arc<Mutex<Said>>);

impl Ears {
    /// What was said since the last time.
    pub(super) fn take(&self) -> Said {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn hear(&self, message: &TaggedPacket) {
        let mut said = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for attribute in &message.message.attributes {
            if let Attribute::TargetBitrateChanged { bits_per_second } = attribute {
                said.rate = Some(*bits_per_second);
            }
        }
        let Packet::Rtcp(packets) = &message.message.packet else { return };
        for packet in packets {
            let packet = packet.as_any();
            if let Some(nack) = packet.downcast_ref::<TransportLayerNack>() {
                let numbers = nack.nacks.iter().flat_map(|pair| numbers(pair.packet_id, pair.lost_packets));
                let room = MOST.saturating_sub(said.missing.len());
                said.missing.extend(numbers.take(room).map(|number| (nack.media_ssrc, number)));
            } else if let Some(lost) = packet.downcast_ref::<PictureLossIndication>() {
                said.need(lost.media_ssrc);
            } else if let Some(request) = packet.downcast_ref::<FullIntraRequest>() {
                request.fir.iter().for_each(|entry| said.need(entry.ssrc));
            } else if let Some(report) = packet.downcast_ref::<ReceiverReport>() {
                said.lost = report.reports.iter().map(|one| one.fraction_lost).chain(said.lost).max();
            }
        }
    }
}

impl Said {
    fn need(&mut self, stream: u32) {
        if self.keyframes.len() < MOST && !self.keyframes.contains(&stream) {
            self.keyframes.push(stream);
        }
    }
}

/// The numbers a request names: one, and some of the sixteen after it.
fn numbers(first: u16, others: u16) -> impl Iterator<Item = u16> {
    let after = (0..16).filter(move |bit| others & (1 << bit) != 0).map(move |bit: u16| first.wrapping_add(bit + 1));
    std::iter::once(first).chain(after)
}

/// Hears, and gives nothing on.
pub(super) fn ear(ears: Ears) -> impl Interceptor + 'static {
    Reader::new(move |message: TaggedPacket| {
        ears.hear(&message);
        None
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rtc::interceptor::AttributedPacket;
    use rtc::rtcp;
    use rtc::rtcp::transport_feedbacks::transport_layer_nack::NackPair;
    use rtc::shared::TransportContext;
    use std::time::Instant;

    fn said(packets: Vec<Box<dyn rtcp::Packet>>) -> Said {
        let ears = Ears::default();
        let message = AttributedPacket::new(Packet::Rtcp(packets));
        ears.hear(&TaggedPacket { now: Instant::now(), transport: TransportContext::default(), message });
        ears.take()
    }

    #[test]
    fn what_is_missing_is_heard_packet_by_packet() {
        let nacks = vec![NackPair { packet_id: 65_535, lost_packets: 0b101 }];
        let said = said(vec![Box::new(TransportLayerNack { sender_ssrc: 1, media_ssrc: 9, nacks })]);
        assert_eq!(said.missing, [(9, 65_535), (9, 0), (9, 2)]);
    }

    #[test]
    fn who_asks_for_everything_is_not_listened_to_for_ever() {
        let nacks: Vec<NackPair> = (0..4000).map(|packet_id| NackPair { packet_id, lost_packets: 0xffff }).collect();
        let missing = TransportLayerNack { sender_ssrc: 1, media_ssrc: 9, nacks };
        let keyframes = (0..4000).map(|media_ssrc| PictureLossIndication { sender_ssrc: 1, media_ssrc });
        let mut packets: Vec<Box<dyn rtcp::Packet>> = vec![Box::new(missing)];
        packets.extend(keyframes.map(|one| Box::new(one) as Box<dyn rtcp::Packet>));
        let said = said(packets);
        assert_eq!((said.missing.len(), said.keyframes.len()), (MOST, MOST));
    }
}
