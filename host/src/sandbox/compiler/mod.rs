//! Compiling, contained. What cranelift is given is an upload: it could be made to take all memory or to go on for ever. So a
//! process of its own compiles, one component and then no more; it has no file, no network, no environment and no other process to
//! reach, and little time and memory ([`walls`]). Its answer comes through a pipe, whole or not at all.
//!
//! What this does not do: whoever could take over the compiler itself could answer with code of their own making, which this host
//! would run. The walls hold exhaustion, crashes and whatever reaches beyond the pipe; that cranelift compiles what it was given is
//! trusted.

mod child;
mod filter;
mod talk;
mod trial;
mod walls;

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use wasmtime::Engine;

pub use child::{Order, run};
pub use trial::{Trial, Wall};

use super::Unfit;
use super::artefacts::settings_of;
use super::image::Image;

/// Who compiles.
#[derive(Debug, Clone)]
pub enum Compiler {
    /// A process of its own.
    Apart(Apart),
    /// The host's own process, without any wall: for tests of other things, with components that are known.
    InThisProcess,
}

/// A program that is started anew for each component.
#[derive(Debug, Clone)]
pub struct Apart {
    program: PathBuf,
    user: User,
    bounds: Bounds,
}

/// The user that compiles where the host is the superuser; numbers, since no list of names is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct User {
    pub user: u32,
    pub group: u32,
}

impl Default for User {
    /// `nobody`, who owns nothing.
    fn default() -> Self {
        Self { user: 65_534, group: 65_534 }
    }
}

/// `65534:65534`, or one number for both.
impl std::str::FromStr for User {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = |part: &str| part.parse().map_err(|_| format!("`{text}` is not a user's number, or user:group in numbers"));
        let (user, group) = text.split_once(':').unwrap_or((text, text));
        let user = Self { user: number(user)?, group: number(group)? };
        if user.user == 0 || user.group == 0 {
            return Err("the superuser does not compile what was uploaded; name another user".to_owned());
        }
        Ok(user)
    }
}

/// What compiling one component may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Bytes of address space. StarlingMonkey, the largest of today, takes 0.4 GB.
    pub memory: u64,
    /// Seconds of processor time. StarlingMonkey takes 14.
    pub processor: u64,
    /// From the start to the answer. The process has the lowest priority, so on a busy machine this is the longer one by far.
    pub wall: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { memory: 2 << 30, processor: 120, wall: Duration::from_secs(300) }
    }
}

impl Apart {
    /// The running program itself, which must be `hearth`. It is the same file even where another release was put in its place since.
    #[must_use]
    pub fn this_program() -> Self {
        Self::of(PathBuf::from("/proc/self/exe"))
    }

    /// Another `hearth`. It has to be of the same release: otherwise its answers are refused.
    #[must_use]
    pub fn of(program: PathBuf) -> Self {
        Self { program, user: User::default(), bounds: Bounds::default() }
    }

    #[must_use]
    pub fn as_user(self, user: User) -> Self {
        Self { user, ..self }
    }

    #[must_use]
    pub fn within(self, bounds: Bounds) -> Self {
        Self { bounds, ..self }
    }

    /// Starts it, with nothing of this process but three pipes.
    fn start(&self, also: &[&str]) -> Result<Child, Unfit> {
        use std::os::unix::process::CommandExt as _;
        let Bounds { memory, processor, .. } = self.bounds;
        let mut command = Command::new(&self.program);
        command.arg("compile").args(["--memory", &memory.to_string(), "--processor", &processor.to_string()]);
        command.args(["--user", &format!("{}:{}", self.user.user, self.user.group)]).args(also);
        // Of another process group: what is typed at a terminal is not for it.
        command.env_clear().current_dir("/").process_group(0);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().map_err(|e| Unfit::Host(format!("the compiler {} cannot be started: {e}", self.program.display())))
    }

    /// Has the process try what it must not be able to do, and say how that went.
    ///
    /// # Errors
    /// [`Unfit::Host`] where it cannot be started or does not say.
    pub fn trial(&self) -> Result<Trial, Unfit> {
        let child = self.start(&["--trial"])?;
        talk::trial(child, self.bounds)
    }
}

impl Compiler {
    /// As [`Apart::this_program`].
    #[must_use]
    pub fn this_program() -> Self {
        Self::Apart(Apart::this_program())
    }

    /// Slow.
    ///
    /// # Errors
    /// [`Unfit::Compile`] and [`Unfit::TooHard`] for the component's fault, [`Unfit::Host`] for ours.
    pub(super) fn compile(&self, engine: &Engine, component: &[u8]) -> Result<Image, Unfit> {
        match self {
            Self::Apart(apart) => {
                let child = apart.start(&[])?;
                talk::compile(child, component, apart.bounds, &settings_of(engine))
            }
            Self::InThisProcess => {
                let code = engine.precompile_component(component).map_err(|e| Unfit::Compile(format!("{e:#}")))?;
                Image::of(&mut code.as_slice())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_a_number_and_never_the_superuser() {
        assert_eq!("1001:1002".parse(), Ok(User { user: 1001, group: 1002 }));
        assert_eq!("1001".parse(), Ok(User { user: 1001, group: 1001 }));
        for refused in ["0", "0:1", "1:0", "", "nobody", "1:2:3", "-1"] {
            assert!(refused.parse::<User>().is_err(), "{refused}");
        }
    }
}
