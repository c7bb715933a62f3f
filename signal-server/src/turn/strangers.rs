//! How often strangers are answered: so many times a second for each network, in a table of fixed size, so that a flood
//! from invented addresses takes no memory and this server is no use for flooding others.

use std::hash::{DefaultHasher, Hasher};
use std::net::IpAddr;

/// How many answers may come at once; so many again in four seconds.
const BURST: u64 = 200;
/// Milliseconds in which one answer is won back.
const EACH_MS: u64 = 20;
/// Networks that are told apart; those that meet in one place share it.
const PLACES: usize = 4096;

/// The table.
#[derive(Debug)]
pub(crate) struct Strangers {
    key: [u8; 32],
    /// For each place: the time at which all its answers are won back.
    whole_at: Box<[u64]>,
}

impl Strangers {
    /// An empty table. The key decides who shares a place, so that nobody can choose it.
    pub(crate) fn new(key: [u8; 32]) -> Self {
        Self { key, whole_at: vec![0; PLACES].into_boxed_slice() }
    }

    /// Whether to answer once more.
    pub(crate) fn answer(&mut self, ip: IpAddr, now_ms: u64) -> bool {
        let whole_at = &mut self.whole_at[place(&self.key, ip)];
        let next = (*whole_at).max(now_ms) + EACH_MS;
        let granted = next <= now_ms + BURST * EACH_MS;
        if granted {
            *whole_at = next;
        }
        granted
    }
}

fn place(key: &[u8; 32], ip: IpAddr) -> usize {
    let mut hasher = DefaultHasher::new();
    hasher.write(key);
    match ip.to_canonical() {
        IpAddr::V4(v4) => hasher.write(&v4.octets()),
        // Whoever has one address of IPv6 has the whole /64.
        IpAddr::V6(v6) => hasher.write(&v6.octets()[..8]),
    }
    usize::try_from(hasher.finish() % PLACES as u64).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_is_answered_so_often_and_again_later() {
        let mut strangers = Strangers::new([1; 32]);
        let answered = |strangers: &mut Strangers, ip: [u8; 4], now| {
            (0..1000).filter(|_| strangers.answer(IpAddr::from(ip), now)).count()
        };
        assert_eq!(answered(&mut strangers, [192, 0, 2, 1], 5000), 200);
        assert_eq!(answered(&mut strangers, [192, 0, 2, 1], 5000), 0);
        assert_eq!(answered(&mut strangers, [198, 51, 100, 1], 5000), 200);
        assert_eq!(answered(&mut strangers, [192, 0, 2, 1], 6000), 50);
    }
}
