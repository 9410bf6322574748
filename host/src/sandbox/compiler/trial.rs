//! Do the walls hold? The process behind them tries what it must not be able to do, and says what happened.

use std::fs;
use std::net::TcpListener;
use std::os::unix::net::UnixDatagram;
use std::os::unix::process::CommandExt as _;
use std::process::Command;
use std::thread;

use rustix::process::test_kill_process;
use serde_json::{Value, json};
use wasmtime::{Engine, Module};

use super::walls::Up;

/// How the trial went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trial {
    pub walls: Vec<Wall>,
}

/// One thing that was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wall {
    /// What it must not do, in a few words.
    pub against: String,
    pub holds: bool,
    /// Not every machine permits it, and others stand behind it.
    pub optional: bool,
    /// What the system answered.
    pub said: String,
}

impl Trial {
    /// Does everything hold that has to?
    #[must_use]
    pub fn holds(&self) -> bool {
        self.walls.iter().all(|w| w.holds || w.optional)
    }

    pub(super) fn read(said: &str) -> Result<Self, String> {
        let unclear = || format!("the compiler's trial is not clear: {said}");
        let read = |wall: &Value| {
            let text = |field: &str| wall[field].as_str().map(str::to_owned);
            let is = |field: &str| wall[field].as_bool();
            Some(Wall { against: text("against")?, holds: is("holds")?, optional: is("optional")?, said: text("said")? })
        };
        let walls: Value = serde_json::from_str(said).map_err(|_| unclear())?;
        let walls = walls.as_array().ok_or_else(unclear)?.iter().map(read).collect::<Option<_>>().ok_or_else(unclear)?;
        Ok(Self { walls })
    }
}

/// A function that does nothing: loading it needs memory that can be executed.
const CODE: &[u8] = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0\x07\x05\x01\x01f\0\0\x0a\x04\x01\x02\0\x0b";

/// Tries everything. Behind the walls, so a failed attempt is what is hoped for.
#[expect(clippy::disallowed_types, reason = "that it cannot connect is what is tried")]
pub(super) fn tried(engine: &Engine, up: Up) -> Value {
    let mut walls = Vec::new();
    let mut attempt = |against: &str, done: Result<String, String>| {
        let (holds, said) = match done {
            Ok(done) => (false, format!("it could: {done}")),
            Err(refused) => (true, refused),
        };
        walls.push(json!({ "against": against, "holds": holds, "optional": false, "said": said }));
    };
    attempt("reading a file", fs::read_to_string("/etc/passwd").map(|_| "read /etc/passwd".into()).map_err(words));
    attempt("writing a file", fs::write("/tmp/hearth-trial", b"").map(|()| "wrote to /tmp".into()).map_err(words));
    attempt("listing a folder", fs::read_dir("/").map(|_| "listed /".into()).map_err(words));
    attempt("removing a file", fs::remove_file("/tmp/hearth-trial").map(|()| "removed".into()).map_err(words));
    attempt("connecting", std::net::TcpStream::connect(("127.0.0.1", 9)).map(|_| "connected".into()).map_err(words));
    attempt("listening", TcpListener::bind(("127.0.0.1", 0)).map(|_| "bound a port".into()).map_err(words));
    attempt("sending packets", std::net::UdpSocket::bind(("127.0.0.1", 0)).map(|_| "bound a port".into()).map_err(words));
    attempt("a socket of the machine", UnixDatagram::unbound().map(|_| "made one".into()).map_err(words));
    attempt("starting a process", Command::new("/bin/true").spawn().map(|_| "started one".into()).map_err(words));
    attempt("becoming another program", Err(words(Command::new("/bin/true").exec())));
    attempt("starting a thread", thread::Builder::new().spawn(|| ()).map(|_| "started one".into()).map_err(words));
    let signal = up.host.map_or(Err(rustix::io::Errno::PERM), test_kill_process);
    attempt("signals to the host", signal.map(|()| "could send one".into()).map_err(words));
    attempt("more handles", rustix::io::dup(std::io::stdin()).map(|_| "copied one".into()).map_err(words));
    attempt("running what it compiled", Module::new(engine, CODE).map(|_| "made it executable".into()).map_err(|e| format!("{e:#}")));
    let environment: Vec<_> = std::env::vars().map(|(name, _)| name).collect();
    attempt("the environment", if environment.is_empty() { Err("empty".into()) } else { Ok(environment.join(" ")) });

    let mut state = |against: &str, holds: bool, optional: bool, said: String| {
        walls.push(json!({ "against": against, "holds": holds, "optional": optional, "said": said }));
    };
    let shown = |bound: Option<u64>| bound.map_or_else(|| "without bound".to_owned(), |b| b.to_string());
    let row = if up.idle { "behind all others" } else { "beside others" };
    state("priority over others", up.nice == 19 && up.idle, false, format!("nice {}, {row}", up.nice));
    state("memory without end", up.memory.is_some(), false, format!("{} bytes", shown(up.memory)));
    state("time without end", up.processor.is_some(), false, format!("{} seconds", shown(up.processor)));
    state("files of any size", up.file == Some(0), false, format!("{} bytes", shown(up.file)));
    state("being the host's user", up.other_user, true, format!("user {}", up.user));
    let network = if up.own_network { "an empty one of its own" } else { "not permitted here; the filter refuses sockets all the same" };
    state("the machine's network", up.own_network, true, network.into());
    let first = if up.first_to_go { "it goes first where memory runs out" } else { "not permitted here" };
    state("outliving the host in want", up.first_to_go, true, first.into());
    Value::Array(walls)
}

fn words(e: impl std::fmt::Display) -> String {
    e.to_string()
}
