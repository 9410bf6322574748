//! Random numbers that are the same whenever the same is asked.

use sha2::{Digest as _, Sha256};

use crate::sandbox::given::Given;

/// SHA-256 over a seed and a counter.
pub(super) struct Random {
    seed: [u8; 32],
    blocks: u64,
    left: Vec<u8>,
    drawn: usize,
}

impl Random {
    /// Seeded from what every run may see of the question: component, as-of date, question, settings. Never from the record:
    /// a number drawn from all of it would tell a plugin whether a section changed that it was not granted.
    pub(super) fn of(given: &Given) -> Self {
        let context = &given.context;
        let mut seed = Sha256::new_with_prefix("hearth closed world 1\n");
        seed.update(context.component.as_bytes());
        seed.update(context.as_of.number().to_le_bytes());
        seed.update(given.question.code());
        seed.update([0]);
        seed.update(&context.settings);
        Self { seed: seed.finalize().into(), blocks: 0, left: Vec::new(), drawn: 0 }
    }

    pub(super) fn bytes(&mut self, how_many: usize) -> Vec<u8> {
        while self.left.len() < how_many {
            self.left.extend_from_slice(&Sha256::new_with_prefix(self.seed).chain_update(self.blocks.to_le_bytes()).finalize());
            self.blocks += 1;
        }
        self.drawn += how_many;
        self.left.drain(..how_many).collect()
    }

    /// Bytes so far.
    pub(super) const fn drawn(&self) -> usize {
        self.drawn
    }

    pub(super) fn number(&mut self) -> u64 {
        self.bytes(8).into_iter().fold(0, |sum, byte| sum << 8 | u64::from(byte))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seeded(seed: u8) -> Random {
        Random { seed: [seed; 32], blocks: 0, left: Vec::new(), drawn: 0 }
    }

    #[test]
    fn the_same_seed_has_the_same_bytes_however_they_are_drawn() {
        let (mut whole, mut bits) = (seeded(1), seeded(1));
        let drawn: Vec<u8> = [1, 31, 7, 0, 61].into_iter().flat_map(|n| bits.bytes(n)).collect();
        assert_eq!(whole.bytes(100), drawn);
        assert_ne!(seeded(2).bytes(100), drawn);
    }

    #[test]
    fn the_generator_is_the_one_that_old_decisions_were_made_with() {
        assert_eq!(seeded(1).number(), FIRST_OF_SEED_ONE);
    }

    /// `printf '\x01%.0s' {1..32} | cat - <(head -c8 /dev/zero) | sha256sum`, its first eight bytes.
    const FIRST_OF_SEED_ONE: u64 = 0x1267_c212_fa82_8e9e;
}
