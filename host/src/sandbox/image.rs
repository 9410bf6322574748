//! Compiled code in memory that nobody can change any more, from which wasmtime maps it.
//!
//! The bytes lie in a sealed file without a name. wasmtime maps that file instead of copying it, and takes the first state of each
//! memory from it too: compiled code is in memory once, and only the pages that were touched count.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::FileExt as _;

use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, memfd_create};
use wasmtime::Engine;
use wasmtime::component::Component;

use super::{Compiled, Unfit};

/// Bytes moved at once.
pub(super) const CHUNK: usize = 256 << 10;
/// Bytes of one compiled component. Python's takes about fifty megabytes.
pub(super) const LARGEST: u64 = 512 << 20;

pub(super) struct Image {
    file: File,
    bytes: u64,
}

impl Image {
    /// Takes all that comes.
    ///
    /// # Errors
    /// [`Unfit::Host`] where the machine has no memory or handles for it now; [`Unfit::TooHard`] where it is larger than [`LARGEST`].
    pub(super) fn of(from: &mut dyn Read) -> Result<Self, Unfit> {
        let host = |e: io::Error| Unfit::Host(format!("compiled code cannot be put into memory: {e}"));
        let memory = memfd_create("hearth-compiled", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING).map_err(|e| host(e.into()))?;
        let mut file = File::from(memory);
        let mut chunk = vec![0; CHUNK];
        let mut bytes = 0;
        loop {
            let n = match from.read(&mut chunk) {
                Ok(0) => break,
                Ok(n) => n,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                Err(e) => return Err(host(e)),
            };
            file.write_all(&chunk[..n]).map_err(host)?;
            bytes += n as u64;
            if bytes > LARGEST {
                return Err(Unfit::TooHard { of: "bytes of compiled code", most: LARGEST });
            }
        }
        // Sealed against writers to come, of which there are none yet, rather than against those that are: that would have to wait for
        // pages on their way elsewhere, and under load answers that the file is busy.
        let seals = SealFlags::FUTURE_WRITE | SealFlags::SHRINK | SealFlags::GROW | SealFlags::SEAL;
        fcntl_add_seals(&file, seals).map_err(|e| host(e.into()))?;
        Ok(Self { file, bytes })
    }

    pub(super) const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Hands all of it out, in chunks.
    pub(super) fn read(&self, mut to: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
        let mut chunk = vec![0; CHUNK];
        let mut at = 0;
        while at < self.bytes {
            let n = self.file.read_at(&mut chunk, at)?;
            if n == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            to(&chunk[..n])?;
            at += n as u64;
        }
        Ok(())
    }

    /// # Errors
    /// It is of another engine, or the machine has no memory or handles for it now: [`super::of_the_machine`] tells.
    ///
    /// # Safety
    /// The bytes must be what wasmtime itself answered when it compiled a component.
    #[expect(unsafe_code, reason = "loading compiled code has no safe form")]
    pub(super) unsafe fn load(&self, engine: &Engine) -> wasmtime::Result<Compiled> {
        // wasmtime opens it again, for reading alone.
        let path = format!("/proc/self/fd/{}", self.file.as_raw_fd());
        // SAFETY: what the caller promises; and nobody can change the bytes while they are mapped, since they are sealed.
        let component = unsafe { Component::deserialize_file(engine, path) }?;
        Ok(Compiled { component, bytes: self.bytes })
    }
}
