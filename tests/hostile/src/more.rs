//! Attacks on what lies between guest and host: the canonical ABI, time, the sum of all that is allowed.

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use super::{Finding, all, calendar, decent, education, finding, findings, household, log, run, said, searched, settings, tasks};
use log::Level;

/// What the host asks for memory through, for what it hands over.
struct Lying;
#[global_allocator]
static ALLOCATOR: Lying = Lying;

const HONEST: u32 = 0;
const BEYOND_THE_END: u32 = 1;
const CROOKED: u32 = 2;
const CALLING_THE_HOST: u32 = 3;
static MANNER: AtomicU32 = AtomicU32::new(HONEST);

unsafe impl GlobalAlloc for Lying {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        match MANNER.load(Relaxed) {
            BEYOND_THE_END => (u32::MAX - 15) as *mut u8,
            CROOKED => 3 as *mut u8,
            CALLING_THE_HOST => {
                MANNER.store(HONEST, Relaxed);
                run::as_of();
                unsafe { System.alloc(layout) }
            }
            _ => unsafe { System.alloc(layout) },
        }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        unsafe { System.dealloc(place, layout) }
    }
}

/// What a run leaves here is gone with it.
static LEFT: AtomicU32 = AtomicU32::new(0);

pub fn attack(name: &str) {
    match name {
        "an allocator that points beyond the end" => allocating(BEYOND_THE_END),
        "an allocator that points askew" => allocating(CROOKED),
        "an allocator that calls the host" => allocating(CALLING_THE_HOST),
        "a string that is none" => log::write(Level::Info, unsafe { str::from_utf8_unchecked(black_box(&[0xff, 0xfe, 0xc0])) }),
        "a string beyond the end" => {
            // Memory ends before 4 GiB, and this one is said to reach there.
            let place = black_box(u32::MAX - 64) as *const u8;
            log::write(Level::Info, unsafe { str::from_utf8_unchecked(std::slice::from_raw_parts(place, 4_096)) });
        }
        "a list beyond the end" => {
            let place = black_box(u32::MAX - 63) as *const u32;
            let _ = household::ages(unsafe { std::slice::from_raw_parts(place, 4_096) }, run::as_of());
        }
        "a million log lines" => {
            for n in 0..1_000_000 {
                log::write(Level::Info, &format!("line {n}"));
            }
        }
        "a million findings" => {
            let someone = household::members(all()).unwrap()[0].person;
            for n in 0..1_000_000 {
                let (criterion, person) = (format!("more-{}", n / 2), (n % 2 == 0).then_some(someone));
                findings::add(&Finding { criterion, person, ..finding(vec![searched()]) });
            }
        }
        "findings of every fact" => {
            for n in 0..500 {
                let reasons = vec![searched(); 20];
                findings::add(&Finding { criterion: format!("more-{n}"), ..finding(reasons) });
            }
        }
        "one proposal a million times" => {
            for _ in 0..1_000_000 {
                tasks::propose("again", "keyworker", &said(1), run::as_of());
            }
        }
        "a key that spells a name" => {
            decent();
            tasks::propose("mrs-jones-of-4-mill-lane-drinks", "keyworker", &said(1), run::as_of());
        }
        "keep something for the next run" => {
            let rows = education::attendances(all()).unwrap();
            log::write(Level::Info, &format!("left: {}", LEFT.swap(rows[0].fact + 1, Relaxed)));
            decent();
        }
        // What scenarios ask about lies before; what a council asks about lies after.
        "behave until October" => {
            if run::as_of() >= calendar::read(&["2026-10-01".to_owned()])[0].unwrap() {
                loop {
                    black_box(());
                }
            }
            decent();
        }
        // One authority has one plugin that decides: several attacks at once are told apart by the day that is asked about.
        by_the_day if by_the_day.starts_with("by the day|") => {
            let attacks: Vec<&str> = by_the_day.split('|').skip(1).collect();
            super::attack(attacks[run::as_of().unsigned_abs() as usize % attacks.len()]);
        }
        nearly => match nearly.strip_prefix("95% of every limit, and turns ") {
            Some(turns) => nearly_everything(turns.parse().unwrap()),
            None => panic!("no such attack: {nearly}"),
        },
    }
}

/// Asks the host for a list, with an allocator that does not do what it is for.
fn allocating(manner: u32) {
    MANNER.store(manner, Relaxed);
    let _ = black_box(education::attendances(all()));
}

/// As much as a run may have of all that it can count itself; `turns` of a loop use what instructions are left.
fn nearly_everything(turns: u64) {
    let people = vec![household::members(all()).unwrap()[0].person; 9_999];
    // 950,000 rows in 95 calls.
    for _ in 0..95 {
        let _ = household::ages(&people, run::as_of());
    }
    for n in 0..475 {
        findings::add(&Finding { criterion: format!("more-{n}"), ..finding(vec![searched(); 3]) });
    }
    for n in 0..95 {
        tasks::propose(&format!("task-{n}"), "keyworker", &said(n), run::as_of());
    }
    // 15 MiB of text.
    let line = "x".repeat(1_000_000);
    for _ in 0..15 {
        log::write(Level::Info, &line);
    }
    for n in 0..175 {
        log::write(Level::Info, &format!("line {n}"));
    }
    // 95% of 64 MiB, all touched.
    let pages = 972 - core::arch::wasm32::memory_size(0);
    let first = core::arch::wasm32::memory_grow(0, pages);
    assert_ne!(first, usize::MAX, "no more memory");
    for page in first..first + pages {
        unsafe { *((page << 16) as *mut u8) = 1 };
    }
    // 95,000 calls of the host in all.
    for _ in 0..94_000 {
        black_box(run::as_of());
    }
    black_box(settings::json());
    for turn in 0..turns {
        black_box(turn);
    }
}
