//! Looks for the world behind WASI, in the way that its settings name, and logs what it got.
//! `tests/tests/closed_world.rs` says what that has to be.

wit_bindgen::generate!({
    path: ["../../../wit/family", "../../../wit/platform", "../../../wit/decision", "../../../wit/outcomes", "../wit"],
    world: "hearth-tests:closed-world/closed-world",
    generate_all,
});

use std::env;
use std::fmt::Debug;
use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::io::{IsTerminal, Read, Write, stderr, stdin, stdout};
use std::net::{TcpListener, TcpStream, ToSocketAddrs, UdpSocket};
use std::process::{self, Command};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use exports::hearth::outcomes::rules::{Failure, Guest};
use hearth::platform::log::{self, Level};
use hearth::platform::settings;
use wasip2::clocks::monotonic_clock;
use wasip2::filesystem::types::Descriptor;
use wasip2::random::{insecure, insecure_seed, random};
use wasip2::sockets::tcp::TcpSocket;

struct ClosedWorld;
export!(ClosedWorld);

impl Guest for ClosedWorld {
    fn eligibility() -> Result<String, Failure> {
        Ok("eligible".into())
    }

    fn progress() -> Result<String, Failure> {
        let json = settings::json();
        attempt(json.split('"').nth(3).unwrap_or("none"));
        Ok("none-yet".into())
    }
}

const HOUR: Duration = Duration::from_secs(60 * 60);

/// Logs what came of it.
fn tell(what: &str, got: impl Debug) {
    log::write(Level::Info, &format!("{what}: {got:?}"));
}

fn attempt(name: &str) {
    match name {
        "none" => {}
        "files" => {
            for path in ["/etc/passwd", "Cargo.toml", "/dev/urandom", "../../etc/passwd"] {
                tell(path, fs::read(path).map_err(|e| e.kind()));
            }
            tell("folder", fs::read_dir("/").map(|_| ()).map_err(|e| e.kind()));
            tell("new file", fs::write("/tmp/new", b"x").map_err(|e| e.kind()));
            tell("new folder", fs::create_dir("/new").map_err(|e| e.kind()));
        }
        "clock" => {
            let (first, second) = (SystemTime::now(), SystemTime::now());
            tell("seconds", first.duration_since(UNIX_EPOCH).map_err(|e| e.to_string()));
            tell("later", second.duration_since(first).map_err(|e| e.to_string()));
            let started = Instant::now();
            tell("worked for", std::hint::black_box((0..1_000_000_u64).sum::<u64>()));
            tell("took", started.elapsed());
            tell("monotonic", monotonic_clock::now());
        }
        "environment" => {
            tell("variables", env::vars().collect::<Vec<_>>());
            tell("arguments", env::args().collect::<Vec<_>>());
            tell("path", env::var("PATH"));
            tell("program", env::current_exe().map_err(|e| e.kind()));
            tell("terminals", (stdin().is_terminal(), stdout().is_terminal(), stderr().is_terminal()));
        }
        "random" => {
            tell("hash", RandomState::new().hash_one(1));
            tell("secure", (random::get_random_u64(), random::get_random_bytes(4)));
            tell("insecure", (insecure::get_insecure_random_u64(), insecure::get_insecure_random_bytes(4)));
            tell("seed", insecure_seed::insecure_seed());
        }
        "random bytes, a gigabyte at once" => tell("bytes", random::get_random_bytes(1 << 30).len()),
        "random bytes without end" => loop {
            std::hint::black_box(random::get_random_bytes(1 << 16));
        },
        "sockets" => {
            tell("connect", TcpStream::connect("127.0.0.1:80").map(|_| ()).map_err(|e| e.kind()));
            tell("listen", TcpListener::bind("127.0.0.1:0").map(|_| ()).map_err(|e| e.kind()));
            tell("datagram", UdpSocket::bind("127.0.0.1:0").map(|_| ()).map_err(|e| e.kind()));
            tell("name", "example.org:80".to_socket_addrs().map(|_| ()).map_err(|e| e.kind()));
        }
        "output" => {
            println!("to standard output");
            eprintln!("to standard error");
            let _ = stdout().write_all("£".repeat(2_000).as_bytes());
            println!("\n\nafter a long line");
            let _ = stdout().write_all(&[0xff, 0x1b, b'x', b'\n']);
            print!("without an end");
            let _ = stdout().flush();
        }
        "many lines" => (0..10_000).for_each(|n| println!("line {n}")),
        "output without end" => {
            let block = vec![b'x'; 4_096];
            while stdout().write_all(&block).is_ok() {}
        }
        "short lines without end" => {
            let (out, lines) = (wasip2::cli::stdout::get_stdout(), "x\n".repeat(1 << 15));
            while out.write(lines.as_bytes()).is_ok() {}
        }
        "zeroes without end" => {
            let out = wasip2::cli::stdout::get_stdout();
            while out.write_zeroes(1 << 16).is_ok() {}
        }
        "zeroes, all at once" => tell("zeroes", wasip2::cli::stdout::get_stdout().write_zeroes(u64::MAX).is_ok()),
        "input" => {
            let mut text = String::new();
            tell("read", stdin().read_to_string(&mut text).map_err(|e| e.kind()));
            let (from, to) = (wasip2::cli::stdin::get_stdin(), wasip2::cli::stdout::get_stdout());
            tell("splice", to.splice(&from, 1_000).map_err(|e| e.to_string()));
        }
        "sleep" => {
            let started = Instant::now();
            thread::sleep(HOUR);
            let until = monotonic_clock::subscribe_instant(monotonic_clock::now() + 1_000_000_000);
            until.block();
            tell("ready", (until.ready(), wasip2::io::poll::poll(&[&until, &until])));
            tell("slept for", started.elapsed());
        }
        "sleep without end" => loop {
            thread::sleep(HOUR);
        },
        "wait for nothing" => tell("ready", wasip2::io::poll::poll(&[])),
        "processes" => {
            tell("thread", thread::Builder::new().spawn(|| ()).map(|_| ()).map_err(|e| e.kind()));
            tell("process", Command::new("ls").spawn().map(|_| ()).map_err(|e| e.kind()));
        }
        "pollables without end" => loop {
            std::mem::forget(monotonic_clock::subscribe_duration(1));
        },
        "streams without end" => loop {
            std::mem::forget(wasip2::cli::stdout::get_stdout());
        },
        "a folder guessed" => tell("folder", unsafe { Descriptor::from_handle(1) }.stat().is_ok()),
        "a socket guessed" => tell("socket", unsafe { TcpSocket::from_handle(7) }.is_listening()),
        "a stream taken for a folder" => {
            let out = wasip2::cli::stdout::get_stdout();
            tell("folder", unsafe { Descriptor::from_handle(out.handle()) }.stat().is_ok());
        }
        "exit" => {
            eprintln!("leaving: criterion crime-1 has no rule");
            process::exit(0);
        }
        "panic" => panic!("deliberate: criterion crime-1 has no rule"),
        "panic after many lines" => {
            (0..10_000).for_each(|n| println!("line {n}"));
            panic!("deliberate: criterion crime-1 has no rule");
        }
        other => panic!("no attempt is called {other}"),
    }
}
