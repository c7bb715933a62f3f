//! How many sockets each client address has open.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// Counts sockets of each address, with a bound.
#[derive(Debug, Clone)]
pub struct Doors {
    most: usize,
    open: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

/// A socket that counts as long as this is held.
#[derive(Debug)]
pub struct Door {
    address: IpAddr,
    open: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

impl Doors {
    /// At most so many sockets of one address.
    pub fn new(most: usize) -> Self {
        Self { most, open: Arc::default() }
    }

    /// Counts a new socket; none when there are too many.
    pub fn enter(&self, address: IpAddr) -> Option<Door> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let sockets = open.entry(address).or_default();
        if *sockets >= self.most {
            return None;
        }
        *sockets += 1;
        drop(open);
        Some(Door { address, open: self.open.clone() })
    }
}

impl Door {
    /// Whose socket it is.
    pub const fn address(&self) -> IpAddr {
        self.address
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sockets) = open.get_mut(&self.address) {
            *sockets -= 1;
            if *sockets == 0 {
                open.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_so_many_sockets_at_once_and_no_more() {
        let (doors, home) = (Doors::new(2), IpAddr::from([192, 0, 2, 1]));
        let (first, second) = (doors.enter(home), doors.enter(home));
        assert!(first.is_some() && second.is_some() && doors.enter(home).is_none());
        assert!(doors.enter(IpAddr::from([192, 0, 2, 2])).is_some(), "others are not concerned");
        drop(first);
        assert!(doors.enter(home).is_some());
        drop(second);
        assert!(doors.open.lock().expect("a lock").is_empty(), "nothing is kept of who is gone");
    }
}
