//! What a browser of the stories hears besides sound and pictures: requests for key frames and for packets that are missing.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use rtc::interceptor::{Interceptor, Packet, StreamInfo, TaggedPacket};
use rtc::rtcp::payload_feedbacks::picture_loss_indication::PictureLossIndication;
use rtc::rtcp::sender_report::SenderReport;
use rtc::rtcp::transport_feedbacks::transport_layer_cc::TransportLayerCc;
use rtc::rtcp::transport_feedbacks::transport_layer_nack::{NackPair, TransportLayerNack};
use rtc::sansio::Protocol;
use rtc::shared::error::Error;

/// What was asked and told.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    /// Streams of which a key frame was asked for.
    pub(crate) keyframes: Vec<u32>,
    /// Packets that were asked for again.
    pub(crate) missing: Vec<(u32, u16)>,
    /// Reports about what was sent.
    pub(crate) reports: usize,
    /// Reports about what arrived.
    pub(crate) arrivals: usize,
}

/// The part of the chain that hears it.
#[derive(Default)]
pub(crate) struct Ear {
    pub(crate) asked: Arc<Mutex<Asked>>,
    read: VecDeque<TaggedPacket>,
    written: VecDeque<TaggedPacket>,
}

impl Ear {
    pub(crate) fn new(asked: &Arc<Mutex<Asked>>) -> Self {
        Self { asked: Arc::clone(asked), ..Self::default() }
    }
}

impl Protocol<TaggedPacket, TaggedPacket, ()> for Ear {
    type Rout = TaggedPacket;
    type Wout = TaggedPacket;
    type Eout = ();
    type Error = Error;
    type Time = Instant;

    fn handle_read(&mut self, message: TaggedPacket) -> Result<(), Error> {
        if let Packet::Rtcp(packets) = &message.message.packet {
            let mut asked = self.asked.lock().expect("no panic");
            for packet in packets {
                let packet = packet.as_any();
                if let Some(lost) = packet.downcast_ref::<PictureLossIndication>() {
                    asked.keyframes.push(lost.media_ssrc);
                } else if let Some(nack) = packet.downcast_ref::<TransportLayerNack>() {
                    let numbers = nack.nacks.iter().flat_map(NackPair::packet_list);
                    asked.missing.extend(numbers.map(|number| (nack.media_ssrc, number)));
                } else if packet.is::<SenderReport>() {
                    asked.reports += 1;
                } else if packet.is::<TransportLayerCc>() {
                    asked.arrivals += 1;
                }
            }
        }
        self.read.push_back(message);
        Ok(())
    }

    fn poll_read(&mut self) -> Option<TaggedPacket> {
        self.read.pop_front()
    }

    fn handle_write(&mut self, message: TaggedPacket) -> Result<(), Error> {
        self.written.push_back(message);
        Ok(())
    }

    fn poll_write(&mut self) -> Option<TaggedPacket> {
        self.written.pop_front()
    }
}

impl Interceptor for Ear {
    fn bind_local_stream(&mut self, _: &StreamInfo) {}

    fn unbind_local_stream(&mut self, _: &StreamInfo) {}

    fn bind_remote_stream(&mut self, _: &StreamInfo) {}

    fn unbind_remote_stream(&mut self, _: &StreamInfo) {}
}
