//! The process that compiles: puts up its walls, reads a component from its standard input, answers on its standard output.

use std::io::{self, Read, Write};
use std::process::ExitCode;

use super::super::artefacts::settings_of;
use super::super::engine;
use super::super::image;
use super::{Bounds, User, trial, walls};

/// What the process is told when it is started.
#[derive(Debug, Clone, Copy)]
pub struct Order {
    /// Bytes of address space.
    pub memory: u64,
    /// Seconds of processor time.
    pub processor: u64,
    pub user: User,
    /// Try the walls and say how that went, instead of compiling.
    pub trial: bool,
}

/// The first word of an answer, which says what follows.
pub(super) const ARTEFACT: &str = "artefact";
pub(super) const REFUSED: &str = "refused";
pub(super) const FAILED: &str = "failed";
pub(super) const TRIED: &str = "tried";

/// Does what it was told. To be called before anything else in `main`: the process must have one thread and have opened nothing.
#[must_use]
pub fn run(order: Order) -> ExitCode {
    match answer(order) {
        Ok(()) => ExitCode::SUCCESS,
        // Nobody listens any more.
        Err(_) => ExitCode::FAILURE,
    }
}

fn answer(order: Order) -> io::Result<()> {
    let bounds = Bounds { memory: order.memory, processor: order.processor, ..Bounds::default() };
    // Before the walls are up: it asks the system what processor this is. Nothing of an upload was read yet.
    let engine = match engine::compiling() {
        Ok(engine) => engine,
        Err(e) => return say(&format!("{FAILED} -"), format!("{e:#}").as_bytes()),
    };
    let up = match walls::put_up(bounds, order.user) {
        Ok(up) => up,
        Err(e) => return say(&format!("{FAILED} -"), e.as_bytes()),
    };
    if order.trial {
        return say(&format!("{TRIED} -"), trial::tried(&engine, up).to_string().as_bytes());
    }
    let mut component = Vec::new();
    io::stdin().lock().read_to_end(&mut component)?;
    match engine.precompile_component(&component) {
        Ok(code) if code.len() as u64 > image::LARGEST => say(&format!("{ARTEFACT} {}", settings_of(&engine)), &[]),
        Ok(code) => say(&format!("{ARTEFACT} {}", settings_of(&engine)), &code),
        Err(e) => say(&format!("{REFUSED} -"), format!("{e:#}").as_bytes()),
    }
}

/// The kind and the number of bytes in a first line, then the bytes: whoever reads knows whether all came.
fn say(kind: &str, bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{kind} {}", bytes.len())?;
    out.write_all(bytes)?;
    out.flush()
}
