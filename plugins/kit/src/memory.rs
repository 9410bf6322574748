//! The memory of one answer. An instance answers one question and is thrown away, so what matters is the way to the answer: the
//! first quarter megabyte is there when the instance begins (growing costs a system call each time, and as much again when the
//! next instance takes the place), and a block goes back to a list of its size and no further.
//!
//! Sizes are rounded up to powers of two, so a plugin that takes and gives back in a loop needs no more than it holds at once, in
//! each size. The last block grows where it stands, as lists that are being filled do.

use core::ptr;

/// Bytes that are there from the beginning. A Rust plugin needs about 100 KiB for a family of a hundred facts.
#[cfg(target_arch = "wasm32")]
const AT_ONCE: usize = 256 << 10;
/// The smallest block, and the alignment of all.
const SMALLEST: usize = 16;
/// Powers of two from the smallest block to the largest that 32 bits can name.
const SIZES: usize = 28;

/// Blocks of one stretch of memory after another.
struct Blocks {
    /// Where the next block begins, and where there is no more.
    next: usize,
    end: usize,
    /// By size, the last block that was given back; in it, the one before. 0: none.
    given_back: [usize; SIZES],
}

impl Blocks {
    const fn none() -> Self {
        Self { next: 0, end: 0, given_back: [0; SIZES] }
    }

    /// Room of a block for so many bytes.
    const fn room(bytes: usize) -> usize {
        if bytes <= SMALLEST { SMALLEST } else { bytes.next_power_of_two() }
    }

    const fn list(room: usize) -> usize {
        (room.trailing_zeros() - SMALLEST.trailing_zeros()) as usize
    }

    /// From here on blocks are cut of this stretch, or of both where it begins at the end of the one before.
    fn stretch(&mut self, begin: usize, end: usize) {
        if begin != self.end {
            self.next = begin.next_multiple_of(SMALLEST);
        }
        self.end = end;
    }

    /// A block with that room, one that was given back before a new one. None: the stretch is at its end.
    ///
    /// # Safety
    /// Nobody but the holders of blocks uses the stretches.
    #[expect(unsafe_code, reason = "a block that was given back names the one before it")]
    unsafe fn take(&mut self, room: usize) -> Option<usize> {
        let last = &mut self.given_back[Self::list(room)];
        if *last != 0 {
            let block = *last;
            // SAFETY: `give` wrote it there, and nobody has the block since.
            *last = unsafe { ptr::with_exposed_provenance::<usize>(block).read() };
            return Some(block);
        }
        if self.end - self.next < room {
            return None;
        }
        let block = self.next;
        self.next += room;
        Some(block)
    }

    /// # Safety
    /// The block is one that `take` gave, with that room, and nobody uses it any more.
    #[expect(unsafe_code, reason = "a block that is given back names the one before it")]
    unsafe fn give(&mut self, block: usize, room: usize) {
        if block + room == self.next {
            self.next = block;
            return;
        }
        let last = &mut self.given_back[Self::list(room)];
        // SAFETY: it is the caller's to give, at least `SMALLEST` bytes long, and aligned to as many.
        unsafe { ptr::with_exposed_provenance_mut::<usize>(block).write(*last) };
        *last = block;
    }

    /// Can the block have more room where it stands? Only the last can, and what was given back before it is not looked for.
    fn widen(&mut self, block: usize, room: usize, wider: usize) -> bool {
        let fits = block + room == self.next && self.end - block >= wider;
        if fits {
            self.next = block + wider;
        }
        fits
    }
}

#[cfg(target_arch = "wasm32")]
mod of_a_plugin {
    use core::alloc::{GlobalAlloc, Layout};
    use core::arch::wasm32;
    use core::cell::UnsafeCell;
    use core::ptr;

    use super::{AT_ONCE, Blocks, SMALLEST};

    const PAGE: usize = 64 << 10;
    /// Pages that it grows by at least.
    const AT_LEAST: usize = 16;

    struct Memory(UnsafeCell<Blocks>);

    /// Nothing but zeros, so it takes no room in the file.
    #[repr(align(16))]
    struct First(UnsafeCell<[u8; AT_ONCE]>);

    // SAFETY: a plugin has one thread.
    #[expect(unsafe_code, reason = "the allocator is one for all, and there is one thread")]
    unsafe impl Sync for Memory {}
    // SAFETY: as above.
    #[expect(unsafe_code, reason = "the allocator is one for all, and there is one thread")]
    unsafe impl Sync for First {}

    static FIRST: First = First(UnsafeCell::new([0; AT_ONCE]));

    #[global_allocator]
    static MEMORY: Memory = Memory(UnsafeCell::new(Blocks::none()));

    /// Of a layout with a greater alignment than every block has, room for moving it.
    const fn bytes(layout: Layout) -> usize {
        if layout.align() <= SMALLEST { layout.size() } else { layout.size() + layout.align() }
    }

    impl Memory {
        /// A block, growing the memory where there is none.
        fn block(&self, bytes: usize) -> Option<usize> {
            if bytes > isize::MAX as usize {
                return None;
            }
            let room = Blocks::room(bytes);
            // SAFETY: one thread, and nothing below calls back.
            #[expect(unsafe_code, reason = "the one place that the blocks are kept in")]
            let blocks = unsafe { &mut *self.0.get() };
            if blocks.end == 0 {
                let begin = FIRST.0.get().expose_provenance();
                blocks.stretch(begin, begin + AT_ONCE);
            }
            // SAFETY: the stretches are the array above and what the memory grew by, which are nobody else's.
            #[expect(unsafe_code, reason = "see Blocks")]
            if let Some(block) = unsafe { blocks.take(room) } {
                return Some(block);
            }
            let pages = room.div_ceil(PAGE).max(AT_LEAST);
            let before = wasm32::memory_grow::<0>(pages);
            if before == usize::MAX {
                return None;
            }
            blocks.stretch(before * PAGE, (before + pages) * PAGE);
            // SAFETY: as above.
            #[expect(unsafe_code, reason = "see Blocks")]
            unsafe {
                blocks.take(room)
            }
        }
    }

    // SAFETY: blocks do not overlap, stay until they are given back, and are aligned to `SMALLEST` or moved within themselves.
    #[expect(unsafe_code, reason = "the allocator of a program is an unsafe trait")]
    unsafe impl GlobalAlloc for Memory {
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            match self.block(bytes(layout)) {
                None => ptr::null_mut(),
                Some(block) => ptr::with_exposed_provenance_mut(block.next_multiple_of(layout.align())),
            }
        }

        unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
            // One that was moved within its block is rare, and goes with the instance.
            if layout.align() <= SMALLEST {
                // SAFETY: the caller's promise; one thread.
                unsafe { (*self.0.get()).give(at.addr(), Blocks::room(layout.size())) };
            }
        }

        unsafe fn realloc(&self, at: *mut u8, layout: Layout, bytes: usize) -> *mut u8 {
            let (room, wanted) = (Blocks::room(layout.size()), Blocks::room(bytes));
            // SAFETY: one thread.
            if layout.align() <= SMALLEST && (wanted <= room || unsafe { (*self.0.get()).widen(at.addr(), room, wanted) }) {
                return at;
            }
            // SAFETY: the caller's promise: the alignment is as it was, and the new size fits an address.
            unsafe {
                let new = self.alloc(Layout::from_size_align_unchecked(bytes, layout.align()));
                if !new.is_null() {
                    ptr::copy_nonoverlapping(at, new, bytes.min(layout.size()));
                    self.dealloc(at, layout);
                }
                new
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    /// Dice that fall the same way each time.
    fn dice(state: &mut u64) -> u64 {
        *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        *state >> 33
    }

    #[test]
    #[expect(unsafe_code, reason = "what is tested is unsafe")]
    fn blocks_never_overlap_and_what_was_given_back_is_taken_again() {
        let memory = vec![0_u128; 64 << 10];
        let begin = memory.as_ptr().expose_provenance();
        let mut blocks = Blocks::none();
        blocks.stretch(begin, begin + (1 << 20));
        let (mut held, mut state) = (BTreeMap::<usize, usize>::new(), 7);
        for _ in 0..100_000 {
            let roll = dice(&mut state) as usize;
            if roll % 2 == 0 && held.len() < 200 {
                let room = Blocks::room(roll / 2 % 3_000);
                // SAFETY: the stretch is this test's.
                let block = unsafe { blocks.take(room) }.expect("200 blocks of at most 4 KiB fit, whatever was held before");
                assert!(block.is_multiple_of(SMALLEST) && block >= begin && block + room <= begin + (1 << 20));
                let before = held.range(..block + room).next_back();
                assert!(before.is_none_or(|(at, room)| at + room <= block), "two blocks overlap");
                held.insert(block, room);
            } else if let Some((&block, &room)) = held.iter().nth(roll % held.len().max(1)) {
                let wider = room * 2;
                if roll % 3 == 0 && blocks.widen(block, room, wider) {
                    held.insert(block, wider);
                } else {
                    held.remove(&block);
                    // SAFETY: it was taken with that room, and is forgotten.
                    unsafe { blocks.give(block, room) };
                }
            }
        }
    }

    #[test]
    #[expect(unsafe_code, reason = "what is tested is unsafe")]
    fn a_stretch_that_goes_on_is_one_with_the_one_before() {
        let memory = vec![0_u128; 8];
        let begin = memory.as_ptr().expose_provenance();
        let mut blocks = Blocks::none();
        blocks.stretch(begin, begin + 32);
        // SAFETY: the stretch is this test's.
        unsafe {
            assert_eq!(blocks.take(64), None);
            blocks.stretch(begin + 32, begin + 128);
            assert_eq!((blocks.take(64), blocks.take(64), blocks.take(16)), (Some(begin), Some(begin + 64), None));
        }
    }

    #[test]
    fn room_is_a_power_of_two() {
        //  bytes | room
        for (bytes, room) in [(0, 16), (1, 16), (16, 16), (17, 32), (32, 32), (33, 64), (65_000, 65_536)] {
            assert_eq!(Blocks::room(bytes), room, "{bytes}");
        }
        assert_eq!((Blocks::list(16), Blocks::list(32), Blocks::list(1 << 31)), (0, 1, 27));
    }
}
