//! The built `hearth` program, as somebody types it.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use hearth::sandbox::Compiler;
use hearth::sandbox::compiler::Apart;

/// Where `make build` put it: in the folder of the running program, or one above that of the running test.
///
/// # Panics
/// Where it was not built.
#[must_use]
pub fn hearth() -> PathBuf {
    let own = std::env::current_exe().unwrap();
    let mut places = own.ancestors().skip(1).take(2).map(|folder| folder.join("hearth"));
    places.find(|program| program.is_file()).unwrap_or_else(|| panic!("no hearth beside {}; `make build` builds it", own.display()))
}

/// What compiles for the tests: the same program in a process of its own, as for a host.
///
/// # Panics
/// Where it was not built.
#[must_use]
pub fn compiler() -> Compiler {
    Compiler::Apart(Apart::of(hearth()))
}

/// What was typed, and what came of it.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

/// Runs a command over a data folder to its end.
///
/// # Panics
/// Where the program cannot be started.
#[must_use]
pub fn run(data: &Path, args: &[&str]) -> Ran {
    run_with(data, args, &[])
}

/// The same with variables of the environment.
///
/// # Panics
/// Where the program cannot be started.
#[must_use]
pub fn run_with(data: &Path, args: &[&str], variables: &[(&str, &str)]) -> Ran {
    let mut command = Command::new(hearth());
    command.args(args).env("HEARTH_DATA", data).env_remove("HEARTH_LOG").envs(variables.iter().copied());
    let output: Output = command.output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ran { code: output.status.code().unwrap_or(-1), out: text(&output.stdout), err: text(&output.stderr) }
}

/// A server of its own, killed when dropped.
pub struct Served {
    child: Child,
    pub base: String,
}

impl Served {
    /// Starts `hearth serve` on a port of its own and waits until it says where.
    ///
    /// # Panics
    /// Where it does not start.
    #[must_use]
    pub fn start(data: &Path) -> Self {
        Self::start_with(data, &[])
    }

    /// The same with variables of the environment.
    ///
    /// # Panics
    /// As [`Served::start`].
    #[must_use]
    pub fn start_with(data: &Path, variables: &[(&str, &str)]) -> Self {
        Self::begin(data, variables, Stdio::inherit())
    }

    /// The same, with its log in a file.
    ///
    /// # Panics
    /// As [`Served::start`].
    #[must_use]
    pub fn start_into(data: &Path, variables: &[(&str, &str)], log: File) -> Self {
        Self::begin(data, variables, log.into())
    }

    fn begin(data: &Path, variables: &[(&str, &str)], log: Stdio) -> Self {
        use std::io::{BufRead, BufReader};
        let mut command = Command::new(hearth());
        command
            .args(["serve", "--listen", "127.0.0.1:0"])
            .env("HEARTH_DATA", data)
            .env("HEARTH_LOG", "error")
            .stdout(Stdio::piped())
            .stderr(log);
        command.envs(variables.iter().copied());
        let mut child = command.spawn().unwrap();
        let mut said = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut said).unwrap();
        let base = said.split("/v1").next().and_then(|s| s.split_whitespace().last()).unwrap_or_else(|| panic!("said {said:?}")).to_owned();
        Self { child, base }
    }

    /// Ends it at once, as a power cut would.
    pub fn kill(&mut self) {
        // Already dead is dead enough.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.kill();
    }
}
