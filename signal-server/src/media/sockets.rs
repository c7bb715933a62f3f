//! The doors of the media plane: its UDP sockets, which are read and written many packets at a time.

use std::future::poll_fn;
use std::io::{self, ErrorKind, IoSlice, IoSliceMut};
use std::net::SocketAddr;
use std::os::fd::{AsRawFd, OwnedFd};
use std::task::Poll;

use anyhow::{Context as _, Result};
use bytes::BytesMut;
use nix::errno::Errno;
use nix::sys::socket::{
    AddressFamily, MsgFlags, MultiHeaders, SockFlag, SockType, SockaddrStorage, bind, recvmmsg, sendmmsg, setsockopt,
    socket, sockopt,
};
use tokio::io::Interest;
use tokio::net::UdpSocket;

/// The largest packet that is looked at. Browsers send no larger ones.
const PACKET: usize = 2048;
/// How many packets are read or written in one call.
const BATCH: usize = 64;
/// What the system may hold of packets that came, and of those that leave: a key frame of a large picture, to fifty people.
const BUFFER: usize = 8 << 20;

/// Opens a socket before the thread that uses it begins, so that a taken port is told at the start.
pub(super) fn open(at: SocketAddr) -> Result<std::net::UdpSocket> {
    let family = if at.is_ipv4() { AddressFamily::Inet } else { AddressFamily::Inet6 };
    let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
    let opened = || -> nix::Result<OwnedFd> {
        let socket = socket(family, SockType::Datagram, flags, None)?;
        if at.is_ipv6() {
            // Else it would take the port of IPv4, too.
            setsockopt(&socket, sockopt::Ipv6V6Only, &true)?;
        }
        // More than the system allows needs a privilege; without it as much as is allowed.
        if setsockopt(&socket, sockopt::RcvBufForce, &BUFFER).is_err() {
            setsockopt(&socket, sockopt::RcvBuf, &BUFFER)?;
        }
        if setsockopt(&socket, sockopt::SndBufForce, &BUFFER).is_err() {
            setsockopt(&socket, sockopt::SndBuf, &BUFFER)?;
        }
        bind(socket.as_raw_fd(), &SockaddrStorage::from(at))?;
        Ok(socket)
    };
    let socket = opened().map_err(io::Error::from);
    Ok(socket.with_context(|| format!("the media plane cannot listen on udp {at}"))?.into())
}

/// One socket.
struct Door {
    socket: UdpSocket,
    /// The address connections know it by.
    known: SocketAddr,
    /// Never lent to `sendmmsg`, which leaves pointers to its own addresses behind.
    hears: MultiHeaders<SockaddrStorage>,
    sends: MultiHeaders<SockaddrStorage>,
    leaving: Vec<(BytesMut, SocketAddr)>,
}

/// The sockets.
pub(super) struct Sockets {
    doors: Vec<Door>,
    room: Box<[u8]>,
    /// Packets that found no room on their way out.
    pub(super) dropped: u64,
}

impl Sockets {
    /// Takes sockets into use, each with the address connections know it by; must be called within a runtime.
    pub(super) fn new(sockets: Vec<(std::net::UdpSocket, SocketAddr)>) -> Result<Self> {
        let door = |(socket, known): (std::net::UdpSocket, SocketAddr)| {
            let socket = UdpSocket::from_std(socket)?;
            let (hears, sends) = (MultiHeaders::preallocate(BATCH, None), MultiHeaders::preallocate(BATCH, None));
            Ok(Door { socket, known, hears, sends, leaving: Vec::new() })
        };
        let doors = sockets.into_iter().map(door).collect::<Result<_>>()?;
        Ok(Self { doors, room: vec![0; BATCH * PACKET].into_boxed_slice(), dropped: 0 })
    }

    /// Waits until something has come.
    pub(super) async fn readable(&self) {
        poll_fn(|context| {
            let ready = |door: &Door| door.socket.poll_recv_ready(context).is_ready();
            // All are asked, so that each wakes us.
            if self.doors.iter().map(ready).fold(false, |any, one| any | one) { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }

    /// Reads what has come, at most one batch of each socket: the address it came to, and from, and what. Tells whether there
    /// may be more.
    pub(super) fn receive(&mut self, mut each: impl FnMut(SocketAddr, SocketAddr, &[u8])) -> bool {
        let mut more = false;
        for door in &mut self.doors {
            let mut came = Vec::new();
            let Door { socket, hears, .. } = door;
            let read = socket.try_io(Interest::READABLE, || {
                let mut slices: Vec<[IoSliceMut<'_>; 1]> =
                    self.room.chunks_exact_mut(PACKET).map(|room| [IoSliceMut::new(room)]).collect();
                let read = recvmmsg(socket.as_raw_fd(), hears, slices.iter_mut(), MsgFlags::MSG_DONTWAIT, None)?;
                came.extend(read.map(|message| (message.bytes, message.address.and_then(address))));
                // Fewer than there was room for: there is nothing more, and waiting may go on without asking again.
                if came.len() == BATCH { Ok(()) } else { Err(ErrorKind::WouldBlock.into()) }
            });
            more |= read.is_ok();
            for ((length, from), packet) in came.into_iter().zip(self.room.chunks_exact(PACKET)) {
                if let (Some(from), Some(packet)) = (from, packet.get(..length)) {
                    each(door.known, from, packet);
                }
            }
        }
        more
    }

    /// Takes a packet that leaves by the socket that is known by an address.
    pub(super) fn send(&mut self, known: SocketAddr, to: SocketAddr, packet: BytesMut) {
        let Some(door) = self.doors.iter_mut().find(|door| door.known == known) else {
            self.dropped += 1;
            return;
        };
        door.leaving.push((packet, to));
        if door.leaving.len() >= BATCH {
            self.dropped += door.flush();
        }
    }

    /// Sends what was taken.
    pub(super) fn flush(&mut self) {
        for door in &mut self.doors {
            self.dropped += door.flush();
        }
    }
}

impl Door {
    /// Sends; how many packets found no room, which are lost as in a network.
    fn flush(&mut self) -> u64 {
        let mut lost = 0;
        let slices: Vec<[IoSlice<'_>; 1]> = self.leaving.iter().map(|(packet, _)| [IoSlice::new(packet)]).collect();
        let to: Vec<Option<SockaddrStorage>> =
            self.leaving.iter().map(|(_, to)| Some(SockaddrStorage::from(*to))).collect();
        let mut done = 0;
        while done < slices.len() {
            let end = slices.len().min(done + BATCH);
            let socket = self.socket.as_raw_fd();
            let flags = MsgFlags::MSG_DONTWAIT;
            match sendmmsg(socket, &mut self.sends, &slices[done..end], &to[done..end], [], flags) {
                Ok(sent) => done += sent.count().max(1),
                Err(Errno::EAGAIN | Errno::ENOBUFS) => {
                    lost += slices.len() - done;
                    break;
                }
                Err(Errno::EINTR) => {}
                // About the first of them, whose network is not there, say; the others may pass.
                Err(_) => {
                    (lost, done) = (lost + 1, done + 1);
                }
            }
        }
        drop(slices);
        self.leaving.clear();
        u64::try_from(lost).unwrap_or(u64::MAX)
    }
}

fn address(address: SockaddrStorage) -> Option<SocketAddr> {
    let v4 = address.as_sockaddr_in().map(|v4| SocketAddr::V4((*v4).into()));
    v4.or_else(|| address.as_sockaddr_in6().map(|v6| SocketAddr::V6((*v6).into())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn many_packets_pass_in_order_by_ipv4_and_ipv6() {
        for at in ["127.0.0.1:0", "[::1]:0"] {
            let (one, other) = (open(at.parse().expect("an address")), open(at.parse().expect("an address")));
            let (Ok(one), Ok(other)) = (one, other) else { continue };
            let (from, to) = (one.local_addr().expect("bound"), other.local_addr().expect("bound"));
            let mut sends = Sockets::new(vec![(one, from)]).expect("a runtime");
            let mut hears = Sockets::new(vec![(other, to)]).expect("a runtime");
            for number in 0..150_u8 {
                sends.send(from, to, BytesMut::from(&[number; 100][..]));
            }
            sends.flush();
            let mut came = Vec::new();
            while came.len() < 150 {
                hears.readable().await;
                hears.receive(|known, peer, packet| came.push((known, peer, packet.len(), packet[0])));
            }
            assert_eq!(sends.dropped, 0);
            for (number, one) in came.into_iter().enumerate() {
                assert_eq!(one, (to, from, 100, u8::try_from(number).expect("small")));
            }
        }
    }

    #[tokio::test]
    async fn what_cannot_be_sent_holds_nothing_up() {
        let socket = open("127.0.0.1:0".parse().expect("an address")).expect("a port");
        let at = socket.local_addr().expect("bound");
        let mut sockets = Sockets::new(vec![(socket, at)]).expect("a runtime");
        sockets.send(at, "[2001:db8::1]:9".parse().expect("an address"), BytesMut::from(&b"lost"[..]));
        sockets.send(at, at, BytesMut::from(&b"kept"[..]));
        sockets.send("192.0.2.1:9".parse().expect("an address"), at, BytesMut::from(&b"nobody's"[..]));
        sockets.flush();
        let mut came = Vec::new();
        while came.is_empty() {
            sockets.readable().await;
            sockets.receive(|_, _, packet| came.push(packet.to_vec()));
        }
        assert_eq!((came, sockets.dropped), (vec![b"kept".to_vec()], 2));
    }
}
