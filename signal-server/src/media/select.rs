//! Which layer of which picture a receiver gets: as large as its tile and no larger, as much as its line carries, the pinned
//! ones first, and then each a little before any gets more.

use super::Receive;

/// A layer that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Offered {
    /// Its place among the layers.
    pub(super) rank: u8,
    /// Its height in pixels.
    pub(super) height: u16,
    /// What it takes, in bits per second.
    pub(super) rate: u64,
}

/// A picture that is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted {
    /// The height of its tile.
    pub(super) height: u16,
    /// It keeps its quality before all others.
    pub(super) pinned: bool,
    /// Its layers, the smallest first.
    pub(super) layers: Vec<Offered>,
    /// The one that passes now.
    pub(super) current: Option<u8>,
}

impl Wanted {
    /// The smallest layer that fills the tile; nine tenths of it are as good.
    fn largest(&self, receive: Receive) -> usize {
        if receive == Receive::Low {
            return 0;
        }
        let fills = |layer: &Offered| u32::from(layer.height) * 10 >= u32::from(self.height) * 9;
        self.layers.iter().position(fills).unwrap_or(self.layers.len().saturating_sub(1))
    }
}

/// Decides for the pictures of one receiver, the most important first, with so many bits per second for them.
pub(super) fn choose(receive: Receive, wanted: &[Wanted], line: u64) -> Vec<Option<u8>> {
    let mut chosen: Vec<Option<usize>> = vec![None; wanted.len()];
    let mut left = i128::from(line);
    let mut order: Vec<usize> = (0..wanted.len()).filter(|at| !wanted[*at].layers.is_empty()).collect();
    if receive == Receive::Audio {
        order.clear();
    }
    order.sort_by_key(|at| !wanted[*at].pinned);
    // The smallest layer of each, as long as there is about room; of the first in any case: a line that carries nothing shows soon.
    for (turn, at) in order.iter().enumerate() {
        let rate = i128::from(wanted[*at].layers[0].rate);
        // What is shown is kept where it would not be begun: a belief about a line is not that exact, and each beginning
        // costs a key frame.
        let spare = if wanted[*at].current.is_some() { i128::from(line) / 4 } else { 0 };
        if turn == 0 || rate <= left + spare {
            chosen[*at] = Some(0);
            left -= rate;
        }
    }
    // Pinned ones all the way, the others step by step.
    let (pinned, others): (Vec<usize>, Vec<usize>) = order.iter().partition(|at| wanted[**at].pinned);
    for group in [pinned.iter().map(|at| vec![*at]).collect(), vec![others]].concat() {
        while step(receive, wanted, &group, &mut chosen, &mut left) {}
    }
    chosen.iter().zip(wanted).map(|(chosen, wanted)| chosen.map(|at| wanted.layers[at].rank)).collect()
}

/// Gives each of a group the next layer, where there is room; whether any got it.
fn step(receive: Receive, wanted: &[Wanted], group: &[usize], chosen: &mut [Option<usize>], left: &mut i128) -> bool {
    let mut any = false;
    for at in group {
        let (one, Some(now)) = (&wanted[*at], chosen[*at]) else { continue };
        let Some(next) = one.layers.get(now + 1).filter(|_| now < one.largest(receive)) else { continue };
        let more = i128::from(next.rate) - i128::from(one.layers[now].rate);
        // What one has not yet must fit with some room, so that it is not taken back at once.
        let has = one.current.is_some_and(|current| current >= next.rank);
        let room = if has { 0 } else { i128::from(next.rate) / 8 };
        if more + room <= *left {
            chosen[*at] = Some(now + 1);
            *left -= more;
            any = true;
        }
    }
    any
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LAYERS: [Offered; 3] = [
        Offered { rank: 0, height: 180, rate: 150_000 },
        Offered { rank: 1, height: 360, rate: 500_000 },
        Offered { rank: 2, height: 720, rate: 1_500_000 },
    ];

    fn tile(height: u16) -> Wanted {
        Wanted { height, pinned: false, layers: LAYERS.to_vec(), current: None }
    }

    #[test]
    fn nobody_gets_more_than_the_tile_shows() {
        let wanted = [tile(160), tile(390), tile(700), tile(2000)];
        assert_eq!(choose(Receive::All, &wanted, 100_000_000), [Some(0), Some(1), Some(2), Some(2)]);
        assert_eq!(choose(Receive::Low, &wanted, 100_000_000), [Some(0); 4]);
        assert_eq!(choose(Receive::Audio, &wanted, 100_000_000), [None; 4]);
    }

    #[test]
    fn a_narrow_line_takes_from_the_last_first_and_from_the_pinned_last() {
        let mut wanted = [tile(720), tile(720), tile(720)];
        assert_eq!(choose(Receive::All, &wanted, 1_000_000), [Some(1), Some(0), Some(0)]);
        wanted[2].pinned = true;
        assert_eq!(choose(Receive::All, &wanted, 2_200_000), [Some(0), Some(0), Some(2)]);
        assert_eq!(choose(Receive::All, &wanted, 300_000), [Some(0), None, Some(0)]);
        assert_eq!(choose(Receive::All, &wanted, 1), [None, None, Some(0)], "one is tried in any case");
    }

    #[test]
    fn what_one_has_is_kept_where_it_would_not_be_given() {
        let mut wanted = [tile(720)];
        assert_eq!(choose(Receive::All, &wanted, 1_550_000), [Some(1)]);
        wanted[0].current = Some(2);
        assert_eq!(choose(Receive::All, &wanted, 1_550_000), [Some(2)]);
        assert_eq!(choose(Receive::All, &wanted, 1_400_000), [Some(1)]);
        let mut two = [tile(180), tile(180)];
        assert_eq!(choose(Receive::All, &two, 280_000), [Some(0), None]);
        two[1].current = Some(0);
        assert_eq!(choose(Receive::All, &two, 280_000), [Some(0), Some(0)]);
    }

    proptest! {
        #[test]
        fn no_line_is_given_more_than_it_carries(
            tiles in proptest::collection::vec((1_u16..1200, any::<bool>(), 0_usize..4, proptest::option::of(0_u8..3)), 0..20),
            line in 0_u64..20_000_000,
        ) {
            let wanted: Vec<Wanted> = tiles
                .into_iter()
                .map(|(height, pinned, layers, current)| Wanted { height, pinned, layers: LAYERS[..layers.min(3)].to_vec(), current })
                .collect();
            let chosen = choose(Receive::All, &wanted, line);
            let rates = chosen.iter().flatten().map(|rank| LAYERS[usize::from(*rank)].rate);
            let (count, sum) = (rates.clone().count(), rates.sum::<u64>());
            prop_assert!(sum <= line + line / 4 || (count == 1 && sum == LAYERS[0].rate));
            for (chosen, wanted) in chosen.iter().zip(&wanted) {
                prop_assert!(chosen.is_none_or(|rank| usize::from(rank) < wanted.layers.len()));
            }
        }
    }
}
