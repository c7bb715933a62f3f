//! Buckets: thousands of ids are asked about a few hundred at a time. An id is always in the same bucket, so that one that
//! comes or goes alters one bucket only.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use futures_util::{StreamExt, TryStreamExt, stream};
use service::Problem;

use crate::sql::packed::Packed;
use crate::sympa::pool::WATCH;

/// How many ids a bucket may hold on average: a question names them all, up to three times.
const FULL: usize = 800;
/// How many buckets are read at once.
const AT_ONCE: usize = WATCH;

/// What was read of the ids of one bucket, and what it means.
#[derive(Debug)]
pub(crate) struct Bucket<K, const N: usize, T> {
    pub(crate) ids: Vec<K>,
    /// What the databases answered.
    pub(crate) texts: [Packed; N],
    pub(crate) found: T,
}

/// All buckets that were read. There are as many as a power of two says, or none.
pub(crate) type Buckets<B> = Vec<Arc<B>>;

/// Reads each bucket, given what was read of it before; a few at a time.
pub(crate) async fn read<K, B, T, F>(
    ids: &BTreeSet<K>,
    before: &Buckets<B>,
    one: impl Fn(Vec<K>, Option<Arc<B>>) -> F,
) -> Result<Vec<T>, Problem>
where
    K: Hash + Copy,
    F: Future<Output = Result<T, Problem>>,
{
    let asked = fill(ids, before.len()).into_iter().enumerate();
    let reading: Vec<F> = asked.map(|(at, ids)| one(ids, before.get(at).cloned())).collect();
    stream::iter(reading).buffered(AT_ONCE).try_collect().await
}

/// Puts ids into buckets, as many as there were `before` when that still fits.
fn fill<K: Hash + Copy>(ids: &BTreeSet<K>, before: usize) -> Vec<Vec<K>> {
    let count = count(ids.len(), before);
    let mut buckets = vec![Vec::new(); count];
    for id in ids {
        let mut hasher = DefaultHasher::new();
        id.hash(&mut hasher);
        let at = usize::try_from(hasher.finish() % count as u64).unwrap_or_default();
        if let Some(bucket) = buckets.get_mut(at) {
            bucket.push(*id);
        }
    }
    buckets
}

fn count(ids: usize, before: usize) -> usize {
    let needed = ids.div_ceil(FULL).next_power_of_two();
    if (needed..=4 * needed).contains(&before) { before } else { needed }
}

impl<K: PartialEq, const N: usize, T> Bucket<K, N, T> {
    /// Whether these ids were answered by these texts.
    pub(crate) fn is(&self, ids: &[K], texts: &[Packed; N]) -> bool {
        self.ids == ids && self.texts == *texts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_more_id_alters_one_bucket_only() {
        let (few, many) = ((0..10_000).collect::<BTreeSet<u32>>(), (0..10_001).collect());
        let before = fill(&few, 0);
        let after = fill(&many, before.len());
        assert_eq!(after.len(), 16);
        assert_eq!(before.iter().zip(&after).filter(|(before, after)| before != after).count(), 1);
        assert!(after.iter().all(|bucket| bucket.len() < FULL && bucket.is_sorted()));
    }

    #[test]
    fn there_are_not_more_and_fewer_of_them_in_turn() {
        for (ids, before, now) in [(0, 0, 1), (1, 0, 1), (801, 1, 2), (800, 2, 2), (101, 4, 4), (800, 8, 1)] {
            assert_eq!(count(ids, before), now, "{ids} {before}");
        }
    }
}
