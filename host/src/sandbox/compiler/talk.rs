//! The host's side of a compilation: bytes in, an answer out, and what became of a process that gave none.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, ExitStatus};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::super::Unfit;
use super::super::image::{self, Image};
use super::{Bounds, Trial, child};

/// How often a process on its way out is looked at.
const EVERY: Duration = Duration::from_millis(10);
/// Bytes of a first line.
const LONGEST_LINE: u64 = 200;
/// Bytes of an answer in words, and of last words.
const LONGEST_TEXT: u64 = 16 << 10;
/// Characters of them that are shown.
const LONGEST_SHOWN: usize = 500;

/// What came out of the process.
enum Heard {
    Code {
        image: Image,
        settings: String,
    },
    TooLarge,
    Refused(String),
    Failed(String),
    Tried(String),
    /// It ended, or was ended, before it had said all; its last words.
    Silence(String),
    /// The host's own side failed.
    Host(Unfit),
}

pub(super) fn compile(mut child: Child, component: &[u8], bounds: Bounds, settings: &str) -> Result<Image, Unfit> {
    match hear(&mut child, component, bounds)? {
        (Heard::Code { image, settings: of }, _) if of == settings => Ok(image),
        (Heard::Code { .. }, _) => Err(Unfit::Host("the compiler is of another release of Hearth than the host".into())),
        (Heard::TooLarge, _) => Err(Unfit::TooHard { of: "bytes of compiled code", most: image::LARGEST }),
        (Heard::Refused(why), _) => Err(Unfit::Compile(why)),
        (Heard::Silence(last), status) => Err(became(status, &last, bounds)),
        (heard, _) => Err(unusable(heard)),
    }
}

pub(super) fn trial(mut child: Child, bounds: Bounds) -> Result<Trial, Unfit> {
    match hear(&mut child, &[], bounds)? {
        (Heard::Tried(said), _) => Trial::read(&said).map_err(Unfit::Host),
        (Heard::Silence(last), status) => Err(became(status, &last, bounds)),
        (heard, _) => Err(unusable(heard)),
    }
}

fn unusable(heard: Heard) -> Unfit {
    match heard {
        Heard::Failed(why) => Unfit::Host(why),
        Heard::Host(why) => why,
        _ => Unfit::Host("the compiler answered another question".into()),
    }
}

/// Talks to the process until it has answered or its time is over. It is ended and waited for in any case.
fn hear(child: &mut Child, component: &[u8], bounds: Bounds) -> Result<(Heard, ExitStatus), Unfit> {
    let (Some(stdin), Some(stdout), Some(stderr)) = (child.stdin.take(), child.stdout.take(), child.stderr.take()) else {
        return Err(Unfit::Host("the compiler was started without pipes".into()));
    };
    let until = Instant::now() + bounds.wall;
    let (ended, end) = mpsc::channel();
    thread::scope(|scope| {
        // What it has to say is read on a thread of its own, since reading has no time limit. The thread ends when the process does.
        scope.spawn(move || ended.send(converse(stdin, stdout, stderr, component)));
        let heard = end.recv_timeout(bounds.wall).map_err(|e| match e {
            RecvTimeoutError::Timeout => Unfit::TooHard { of: "seconds", most: bounds.wall.as_secs() },
            RecvTimeoutError::Disconnected => Unfit::Host("nobody listened to the compiler".into()),
        });
        // Only one that said nothing whole is on its way out by itself, and how it went is of interest.
        if matches!(heard, Ok(Heard::Silence(_))) {
            while Instant::now() < until && matches!(child.try_wait(), Ok(None)) {
                thread::sleep(EVERY);
            }
        }
        // An answer that is there already is no failure.
        let _ = child.kill();
        let status = child.wait().map_err(|e| Unfit::Host(format!("the compiler cannot be waited for: {e}")))?;
        Ok((heard?, status))
    })
}

/// Writes the component, then reads the answer: the process reads all before it says anything.
fn converse(mut stdin: ChildStdin, stdout: ChildStdout, mut stderr: ChildStderr, component: &[u8]) -> Heard {
    // A process that ended early has said why.
    let _ = stdin.write_all(component);
    drop(stdin);
    let heard = answer(&mut BufReader::new(stdout));
    heard.unwrap_or_else(|| Heard::Silence(text(&mut stderr)))
}

/// The answer, if it is whole.
fn answer(from: &mut impl BufRead) -> Option<Heard> {
    let mut line = String::new();
    from.by_ref().take(LONGEST_LINE).read_line(&mut line).ok()?;
    let mut words = line.strip_suffix('\n')?.split(' ');
    let (kind, settings, bytes) = (words.next()?, words.next()?.to_owned(), words.next()?.parse::<u64>().ok()?);
    let mut rest = from.take(bytes);
    if kind == child::ARTEFACT {
        if bytes == 0 || bytes > image::LARGEST {
            return Some(Heard::TooLarge);
        }
        return match Image::of(&mut rest) {
            Ok(image) if image.bytes() == bytes => Some(Heard::Code { image, settings }),
            Ok(_) => None,
            Err(why) => Some(Heard::Host(why)),
        };
    }
    let said = text(&mut rest);
    match kind {
        child::REFUSED => Some(Heard::Refused(said)),
        child::FAILED => Some(Heard::Failed(said)),
        child::TRIED => Some(Heard::Tried(said)),
        _ => None,
    }
}

fn text(from: &mut impl Read) -> String {
    let mut bytes = Vec::new();
    // What was read before it broke off is all there is.
    let _ = from.take(LONGEST_TEXT).read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Whose fault it is that a process ended without an answer.
fn became(status: ExitStatus, last: &str, bounds: Bounds) -> Unfit {
    let is = |signal: Signal| status.signal() == Some(signal.as_raw());
    if is(Signal::XCPU) {
        return Unfit::TooHard { of: "seconds of processor time", most: bounds.processor };
    }
    // What Rust's own allocator says before it aborts.
    if is(Signal::ABORT) && last.contains("memory allocation of") {
        return Unfit::TooHard { of: "bytes of memory", most: bounds.memory };
    }
    let shown: String = last.chars().filter(|c| !c.is_control() || *c == '\n').take(LONGEST_SHOWN).collect();
    let by_itself = [Signal::ABORT, Signal::SEGV, Signal::BUS, Signal::ILL, Signal::FPE].into_iter().any(is);
    if by_itself || status.code().is_some() {
        return Unfit::Compile(format!("the compiler stopped ({status}): {}", shown.trim()));
    }
    Unfit::Host(format!("the compiler was ended by somebody else ({status})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended(raw: i32, last: &str) -> Unfit {
        became(ExitStatus::from_raw(raw), last, Bounds { memory: 7, processor: 5, ..Bounds::default() })
    }

    #[test]
    fn it_is_told_whose_fault_an_end_is() {
        assert!(matches!(ended(24, ""), Unfit::TooHard { of: "seconds of processor time", most: 5 }));
        assert!(matches!(ended(6, "memory allocation of 99 bytes failed"), Unfit::TooHard { of: "bytes of memory", most: 7 }));
        for (raw, last) in [(6, "has overflowed its stack"), (11, ""), (101 << 8, "panicked at cranelift")] {
            assert!(matches!(ended(raw, last), Unfit::Compile(why) if why.contains(last)), "{raw}");
        }
        for raw in [9, 15] {
            assert!(matches!(ended(raw, ""), Unfit::Host(_)), "{raw}");
        }
    }

    #[test]
    fn half_an_answer_is_none() {
        let heard = |text: &str| answer(&mut text.as_bytes());
        assert!(matches!(heard("artefact 12ab 4\nabcd"), Some(Heard::Code { image, .. }) if image.bytes() == 4));
        for half in ["", "artefact", "artefact 12ab 4", "artefact 12ab 4\nabc", "artefact 12ab four\nabcd", "hello 12ab 4\nabcd"] {
            assert!(heard(half).is_none(), "{half}");
        }
        let endless = format!("artefact {}\n", "a".repeat(1 << 20));
        assert!(heard(&endless).is_none());
        assert!(matches!(heard("artefact 12ab 99999999999999\n"), Some(Heard::TooLarge)));
    }
}
