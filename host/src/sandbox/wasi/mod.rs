//! The closed world: WASI 0.2, answered with nothing.
//!
//! What a language's runtime wants of a system is linked interface by interface, function by function, and only what a
//! component imports. Behind it there is no system: this host holds no directory, socket or clock for a guest, so there is
//! none to leak. `wit/wasi.md` is the list of what is answered, and how; it is part of the interface, and frozen with it.
//!
//! - The wall clock stands at the as-of date, 00:00 UTC; the monotonic clock at nought. Every wait is over at once.
//! - Random numbers come from a generator of our own ([`random`]): the same question, the same numbers.
//! - No arguments, environment, directories, terminals; standard input has ended; a socket or a name is refused at the call.
//! - Standard output and error become log lines ([`output`]).
//! - `exit` ends the run as a fault.
//!
//! Nothing here waits or holds anything outside the run. Each call and each line counts as a call of the host and each byte as text, under
//! the limits that the `hearth:` interfaces have; handles are counted by wasmtime, and none has anything behind it.

mod link;
mod output;
mod random;

pub(super) use link::link;

use super::given::Given;
use super::run::{Log, Run};
use output::{Lines, Tail};
use random::Random;

/// The interfaces that are answered, without versions. `wit/wasi.md` has the same list.
pub const ANSWERED: &[&str] = &[
    "wasi:cli/environment",
    "wasi:cli/exit",
    "wasi:cli/stderr",
    "wasi:cli/stdin",
    "wasi:cli/stdout",
    "wasi:cli/terminal-input",
    "wasi:cli/terminal-output",
    "wasi:cli/terminal-stderr",
    "wasi:cli/terminal-stdin",
    "wasi:cli/terminal-stdout",
    "wasi:clocks/monotonic-clock",
    "wasi:clocks/wall-clock",
    "wasi:filesystem/preopens",
    "wasi:filesystem/types",
    "wasi:io/error",
    "wasi:io/poll",
    "wasi:io/streams",
    "wasi:random/insecure",
    "wasi:random/insecure-seed",
    "wasi:random/random",
    "wasi:sockets/instance-network",
    "wasi:sockets/ip-name-lookup",
    "wasi:sockets/network",
    "wasi:sockets/tcp",
    "wasi:sockets/tcp-create-socket",
    "wasi:sockets/udp",
    "wasi:sockets/udp-create-socket",
];

/// Is it WASI at all?
#[must_use]
pub fn is_wasi(interface: &str) -> bool {
    interface.starts_with("wasi:")
}

/// Is the interface answered, in a version that this host knows: 0.2 and a number?
#[must_use]
pub fn answers(interface: &str, version: Option<&str>) -> bool {
    let patch = version.and_then(|v| v.strip_prefix("0.2."));
    ANSWERED.contains(&interface) && patch.is_some_and(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit()))
}

/// What a run that uses WASI keeps of it. Made by the first call that needs it: a run that makes none has none.
pub(super) struct World {
    random: Random,
    out: Lines,
    err: Lines,
    last_words: Tail,
}

impl World {
    fn new(given: &Given) -> Self {
        Self { random: Random::of(given), out: Lines::new("info"), err: Lines::new("warn"), last_words: Tail::default() }
    }

    /// Where the run ends in the middle of a line, that is a line too.
    pub(super) fn end(&mut self, log: &mut Log) {
        self.out.end(log);
        self.err.end(log);
    }

    /// The end of what went to standard error: where a runtime writes why it stops.
    pub(super) fn last_words(&self) -> Option<String> {
        self.last_words.text()
    }
}

impl Run {
    fn world(&mut self) -> (&mut World, &mut Log) {
        (self.world.get_or_insert_with(|| Box::new(World::new(&self.given))), &mut self.log)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wasi_is_answered_in_every_release_of_0_2_and_in_no_other() {
        for version in ["0.2.0", "0.2.3", "0.2.12"] {
            assert!(answers("wasi:clocks/wall-clock", Some(version)), "{version}");
        }
        for version in [None, Some("0.2"), Some("0.2."), Some("0.2.0-rc-2023-11-10"), Some("0.3.0"), Some("0.20.1"), Some("1.2.0")] {
            assert!(!answers("wasi:clocks/wall-clock", version), "{version:?}");
        }
        for name in ["wasi:http/outgoing-handler", "wasi:clocks/timezone", "wasi:cli/run", "wasi:keyvalue/store"] {
            assert!(!answers(name, Some("0.2.3")), "{name}");
        }
    }
}
