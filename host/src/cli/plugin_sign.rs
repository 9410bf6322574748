//! Signing plugins, in minisign's format: `minisign -Vm FILE` checks what is signed here, and a host takes what `minisign -S` signs with the same
//! comment.

use std::fs::{File, OpenOptions};
use std::io::{Cursor, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use clap::Args;
use minisign::{KeyPair, SecretKey, SecretKeyBox};

use super::Done;
use crate::plugins::inspect;
use crate::record::signing::{PublicKey, Signature, Stated};

#[derive(Debug, Args)]
pub(super) struct MakeKey {
    /// Where the secret key goes; the public one goes beside it, with `.pub`.
    #[arg(value_name = "FILE")]
    secret: PathBuf,
    /// Protect the secret key by nothing: for machines that sign by themselves.
    #[arg(long)]
    no_password: bool,
}

impl MakeKey {
    pub(super) fn run(self) -> Result<Done> {
        let pair = if self.no_password { KeyPair::generate_unencrypted_keypair()? } else { KeyPair::generate_encrypted_keypair(None)? };
        // A key that is overwritten is a publisher that cannot sign.
        let mut options = OpenOptions::new();
        let mut file = options.write(true).create_new(true).mode(0o600).open(&self.secret).with_context(|| name(&self.secret))?;
        file.write_all(&pair.sk.to_box(Some("hearth: secret key of a publisher"))?.to_bytes())?;
        let public = PathBuf::from(format!("{}.pub", self.secret.display()));
        File::create_new(&public).with_context(|| name(&public))?.write_all(&pair.pk.to_box()?.to_bytes())?;
        let key: PublicKey = pair.pk.to_base64().parse()?;
        println!("{}: the secret key {}\n{}: its public key: {}", self.secret.display(), key.id, public.display(), key.as_str());
        Ok(Done::Whole)
    }
}

#[derive(Debug, Args)]
pub(super) struct Sign {
    /// The plugin.
    file: PathBuf,
    /// The secret key.
    #[arg(long, env = "HEARTH_PUBLISHER_KEY", value_name = "FILE")]
    key: PathBuf,
}

impl Sign {
    pub(super) fn run(self) -> Result<Done> {
        let bytes = std::fs::read(&self.file).with_context(|| name(&self.file))?;
        let inspected = inspect(&bytes).with_context(|| name(&self.file))?;
        let says = Stated::of(&inspected.manifest.name, &inspected.manifest.version, inspected.digest).to_string();
        let signature = minisign::sign(None, &secret(&self.key)?, Cursor::new(&bytes), Some(&says), Some("signed by hearth plugin sign"))?;
        let beside = minisig(&self.file);
        std::fs::write(&beside, signature.to_bytes()).with_context(|| name(&beside))?;
        println!("{}: {says}", beside.display());
        Ok(Done::Whole)
    }
}

#[derive(Debug, Args)]
pub(super) struct Verify {
    /// The plugin; its signature lies beside it, with `.minisig`.
    file: PathBuf,
    /// The publisher's public key: the file, or its line that begins with RW.
    #[arg(long, value_name = "KEY")]
    key: String,
}

impl Verify {
    pub(super) fn run(self) -> Result<Done> {
        let bytes = std::fs::read(&self.file).with_context(|| name(&self.file))?;
        let inspected = inspect(&bytes).with_context(|| name(&self.file))?;
        let beside = minisig(&self.file);
        let signature: Signature = std::fs::read_to_string(&beside).with_context(|| name(&beside))?.parse()?;
        let key: PublicKey = std::fs::read_to_string(&self.key).unwrap_or(self.key).parse()?;
        if signature.key != key.id {
            bail!("the signature is by the key {}, and not by {}", signature.key, key.id);
        }
        key.check(&signature, &bytes)?;
        let manifest = &inspected.manifest;
        Stated::read(&signature.comment)?.must_be(&manifest.name, &manifest.version, &inspected.digest)?;
        println!("{} {} is signed by {}", manifest.name, manifest.version, key.id);
        Ok(Done::Whole)
    }
}

/// Where a file's signature lies.
pub(super) fn minisig(file: &Path) -> PathBuf {
    PathBuf::from(format!("{}.minisig", file.display()))
}

fn secret(file: &Path) -> Result<SecretKey> {
    let kept = std::fs::read_to_string(file).with_context(|| name(file))?;
    let read = || SecretKeyBox::from_string(&kept);
    // Asks for the password where there is one.
    read()?
        .into_unencrypted_secret_key()
        .or_else(|_| read()?.into_secret_key(None))
        .with_context(|| format!("{} opens nothing", name(file)))
}

fn name(file: &Path) -> String {
    file.display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_signed_is_verified_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let make = |name: &str| MakeKey { secret: at(name), no_password: true }.run();
        make("hill").unwrap();
        assert!(make("hill").is_err(), "a key is never overwritten");
        make("other").unwrap();
        let target =
            std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| concat!(env!("CARGO_MANIFEST_DIR"), "/../target").into(), PathBuf::from);
        let built = std::fs::read(target.join("plugins/planner.wasm")).expect("`make hostile` builds it");
        std::fs::write(at("planner.wasm"), &built).unwrap();
        Sign { file: at("planner.wasm"), key: at("hill") }.run().unwrap();
        let verify = |key: &str| Verify { file: at("planner.wasm"), key: at(key).display().to_string() }.run().map(drop);
        verify("hill.pub").unwrap();
        assert!(verify("other.pub").unwrap_err().to_string().contains("not by"));
        // A custom section more: it would run, and it is another file.
        std::fs::write(at("planner.wasm"), [built.as_slice(), &[0, 2, 1, b'x']].concat()).unwrap();
        assert!(verify("hill.pub").unwrap_err().to_string().contains("the file was changed"));
        assert!(Sign { file: at("planner.wasm"), key: at("hill.pub") }.run().is_err(), "a public key signs nothing");
    }
}
