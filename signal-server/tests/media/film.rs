//! What people in the stories send: packets that look like sound and like pictures, with a key frame when one is asked for.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use rtc::rtp;
use tokio::task::JoinHandle;
use tokio::time::interval;

use super::peer::Writer;

/// What is sent in one stream.
#[derive(Debug, Clone)]
pub(crate) enum Film {
    /// Sound, so loud.
    Sound { stream: u32, level: u8 },
    /// Pictures of a height, each of so many packets; one in four hundredths of a second.
    Picture { stream: u32, height: u16, packets: u16, mid: &'static str, layer: &'static str },
}

/// Ends when it is dropped.
pub(crate) struct Showing(JoinHandle<()>);

impl Drop for Showing {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Sends until it is dropped.
pub(crate) fn show(writer: Writer, ids: BTreeMap<String, u8>, films: Vec<Film>) -> Showing {
    Showing(tokio::spawn(async move {
        let mut turns = interval(Duration::from_millis(20));
        let mut numbers = vec![0_u16; films.len()];
        let mut first = vec![true; films.len()];
        for turn in 0_u32.. {
            turns.tick().await;
            for (at, film) in films.iter().enumerate() {
                match film {
                    Film::Sound { stream, level } => {
                        let mut packet =
                            packet(111, *stream, &mut numbers[at], turn * 960, Bytes::from(vec![0x55; 80]));
                        extend(&mut packet, &ids, "ssrc-audio-level", &[*level | 0x80]);
                        writer.write(packet);
                    }
                    Film::Picture { stream, height, packets, mid, layer } if turn % 2 == 0 => {
                        let mut asked = writer.asked.lock().expect("no panic");
                        let key = first[at] || asked.keyframes.contains(stream);
                        asked.keyframes.retain(|one| one != stream);
                        drop(asked);
                        first[at] = false;
                        for part in 0..*packets {
                            let payload = vp8(turn / 2, *height, key, part);
                            let mut packet = packet(96, *stream, &mut numbers[at], turn * 1800, payload);
                            packet.header.marker = part + 1 == *packets;
                            if !layer.is_empty() && turn < 50 {
                                extend(&mut packet, &ids, "mid", mid.as_bytes());
                                extend(&mut packet, &ids, "rtp-stream-id", layer.as_bytes());
                            }
                            writer.write(packet);
                        }
                    }
                    Film::Picture { .. } => {}
                }
            }
        }
    }))
}

fn packet(payload_type: u8, ssrc: u32, number: &mut u16, timestamp: u32, payload: Bytes) -> rtp::Packet {
    let sequence_number = *number;
    *number = number.wrapping_add(1);
    let header = rtp::Header { version: 2, payload_type, ssrc, sequence_number, timestamp, ..rtp::Header::default() };
    rtp::Packet { header, payload }
}

fn extend(packet: &mut rtp::Packet, ids: &BTreeMap<String, u8>, name: &str, value: &[u8]) {
    if let Some(id) = ids.get(name) {
        packet.header.set_extension(*id, Bytes::copy_from_slice(value)).expect("it fits");
    }
}

/// A part of a picture; its number stands in it.
fn vp8(number: u32, height: u16, key: bool, part: u16) -> Bytes {
    let [_, _, high, low] = number.to_be_bytes();
    let begins = if part == 0 { 0x10 } else { 0 };
    let mut payload = vec![0x80 | begins, 0xc0, high | 0x80, low, low];
    if part == 0 {
        payload.extend([u8::from(!key), 0, 0, 0x9d, 0x01, 0x2a, 0, 1]);
        payload.extend(height.to_le_bytes());
    }
    payload.resize(1000, 0x33);
    payload.into()
}

/// The height a key frame tells, if it is one.
pub(crate) fn height(packet: &rtp::Packet) -> Option<u16> {
    let payload = &packet.payload;
    (payload[0] & 0x10 != 0 && payload[5] & 1 == 0).then(|| u16::from_le_bytes([payload[13], payload[14]]))
}

/// The number of the picture a packet belongs to.
pub(crate) fn picture(packet: &rtp::Packet) -> u16 {
    u16::from_be_bytes([packet.payload[2] & 0x7f, packet.payload[3]])
}
