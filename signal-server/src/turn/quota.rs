//! What one person has of the relay: allocations, and bytes in a second.

use std::collections::{HashMap, HashSet};

use membership::PersonId;

use super::client::Client;

/// The most there may be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Allocations of one person.
    pub(crate) person: usize,
    /// Allocations in all.
    pub(crate) all: usize,
    /// Bytes of one person in a second; so many may come at once.
    pub(crate) bytes_per_second: u64,
}

/// What one person has.
#[derive(Debug)]
struct Share {
    clients: HashSet<Client>,
    /// The time at which all bytes are won back, in microseconds.
    whole_moment: u64,
}

/// What everybody has.
#[derive(Debug)]
pub(crate) struct Shares {
    limits: Limits,
    of: HashMap<PersonId, Share>,
    all: usize,
}

impl Shares {
    /// Nobody has anything.
    pub(crate) fn new(limits: Limits) -> Self {
        Self { limits, of: HashMap::new(), all: 0 }
    }

    /// Whether the relay is full.
    pub(crate) fn is_full(&self) -> bool {
        self.all >= self.limits.all
    }

    /// Whether a person has all they may have.
    pub(crate) fn has_enough(&self, person: PersonId) -> bool {
        self.of.get(&person).is_some_and(|share| share.clients.len() >= self.limits.person)
    }

    /// One more.
    pub(crate) fn take(&mut self, person: PersonId, client: Client) {
        let share = self.of.entry(person).or_insert_with(|| Share { clients: HashSet::new(), whole_moment: 0 });
        self.all += usize::from(share.clients.insert(client));
    }

    /// One less. What was spent stays spent: nobody wins it back by another allocation.
    pub(crate) fn give_back(&mut self, person: PersonId, client: Client) {
        if let Some(share) = self.of.get_mut(&person) {
            self.all -= usize::from(share.clients.remove(&client));
        }
    }

    /// Forgets those who have nothing and have won back all their bytes.
    pub(crate) fn forget(&mut self, now_ms: u64) {
        let moment = now_ms.saturating_mul(1000);
        self.of.retain(|_, share| !share.clients.is_empty() || share.whole_moment > moment);
    }

    /// All clients of a person.
    pub(crate) fn clients(&self, person: PersonId) -> Vec<Client> {
        self.of.get(&person).map(|share| share.clients.iter().copied().collect()).unwrap_or_default()
    }

    /// Allocations in all.
    pub(crate) fn all(&self) -> usize {
        self.all
    }

    /// Whether so many bytes of a person may pass.
    pub(crate) fn spend(&mut self, person: PersonId, bytes: usize, now_ms: u64) -> bool {
        let Some(share) = self.of.get_mut(&person) else { return false };
        let costs = (bytes as u64).saturating_mul(1_000_000) / self.limits.bytes_per_second.max(1);
        let moment = now_ms.saturating_mul(1000);
        let next = share.whole_moment.max(moment).saturating_add(costs);
        let granted = next <= moment.saturating_add(1_000_000);
        if granted {
            share.whole_moment = next;
        }
        granted
    }
}

#[cfg(test)]
mod tests {
    use super::super::client::Door;
    use super::*;

    fn client(port: u16) -> Client {
        Client { door: Door::Udp(0), address: ([192, 0, 2, 1], port).into() }
    }

    #[test]
    fn a_person_has_so_many_allocations_and_so_has_the_relay() {
        let mut shares = Shares::new(Limits { person: 2, all: 3, bytes_per_second: 1 });
        let (one, other) = (PersonId::new(1, 1), PersonId::new(1, 2));
        shares.take(one, client(1));
        shares.take(one, client(2));
        assert!(shares.has_enough(one) && !shares.has_enough(other) && !shares.is_full());
        shares.take(other, client(3));
        assert!(shares.is_full());
        shares.give_back(one, client(1));
        shares.give_back(one, client(1));
        assert!(!shares.is_full() && !shares.has_enough(one) && shares.all() == 2);
    }

    #[test]
    fn a_second_has_so_many_bytes() {
        let mut shares = Shares::new(Limits { person: 2, all: 3, bytes_per_second: 10_000 });
        let person = PersonId::new(1, 1);
        shares.take(person, client(1));
        let passed = |shares: &mut Shares, now| (0..100).filter(|_| shares.spend(person, 1000, now)).count();
        assert_eq!(passed(&mut shares, 5000), 10);
        assert_eq!(passed(&mut shares, 5500), 5);
        assert_eq!(passed(&mut shares, 60_000), 10);
        assert!(!shares.spend(PersonId::new(1, 2), 1, 60_000));
    }

    #[test]
    fn bytes_that_were_spent_are_not_won_back_by_another_allocation() {
        let mut shares = Shares::new(Limits { person: 2, all: 3, bytes_per_second: 10_000 });
        let person = PersonId::new(1, 1);
        shares.take(person, client(1));
        assert!(shares.spend(person, 10_000, 5000));
        shares.give_back(person, client(1));
        shares.forget(5000);
        shares.take(person, client(2));
        assert!(!shares.spend(person, 1000, 5000));
        assert!(shares.spend(person, 1000, 5100), "time alone gives them back");
        shares.give_back(person, client(2));
        shares.forget(7000);
        assert!(shares.of.is_empty(), "nothing is kept of who is gone");
    }
}
