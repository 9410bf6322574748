//! Numbers that look random and are the same each time: SplitMix64 (Steele, Lea and Flood, 2014).

pub(super) struct Seeded(u64);

impl Seeded {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// One of the numbers below this one, which is not zero.
    pub(super) const fn below(&mut self, most: u64) -> u64 {
        self.next() % most
    }

    /// One of them; none where there is none.
    pub(super) fn pick<T: Clone>(&mut self, of: &[T]) -> Option<T> {
        let count = u64::try_from(of.len()).unwrap_or(u64::MAX);
        (count > 0).then(|| of[usize::try_from(self.below(count)).unwrap_or(0)].clone())
    }
}
