//! Signing plugins, in minisign's format: `minisign -Vm FILE` checks what is signed here, and a host takes what `minisign -S` signs with the same
//! comment.

use std::fs::{File, OpenOptions};
use std::io::{Cursor, IsTerminal as _, Write as _};
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
    /// Protect the secret key by nothing.
    #[arg(long)]
    no_password: bool,
    /// The file with the password that protects it; asked for if left out.
    #[arg(long, value_name = "FILE", conflicts_with = "no_password")]
    password_file: Option<PathBuf>,
}

impl MakeKey {
    pub(super) fn run(self) -> Result<Done> {
        let pair = if self.no_password {
            KeyPair::generate_unencrypted_keypair()?
        } else {
            KeyPair::generate_encrypted_keypair(password(self.password_file.as_deref())?)?
        };
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
    /// The file with the secret key's password, for machines that sign by themselves; asked for if left out.
    #[arg(long, env = "HEARTH_PUBLISHER_PASSWORD_FILE", value_name = "FILE")]
    password_file: Option<PathBuf>,
}

impl Sign {
    pub(super) fn run(self) -> Result<Done> {
        let bytes = std::fs::read(&self.file).with_context(|| name(&self.file))?;
        let inspected = inspect(&bytes).with_context(|| name(&self.file))?;
        let says = Stated::of(&inspected.manifest.name, &inspected.manifest.version, inspected.digest).to_string();
        let signature = minisign::sign(
            None,
            &secret(&self.key, self.password_file.as_deref())?,
            Cursor::new(&bytes),
            Some(&says),
            Some("signed by hearth plugin sign"),
        )?;
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
        let key: PublicKey = if self.key.starts_with("RW") && self.key.len() > 40 {
            self.key.parse()?
        } else {
            let text = std::fs::read_to_string(&self.key).with_context(|| self.key.clone())?;
            text.parse().with_context(|| self.key.clone())?
        };
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

/// Asks for the password where there is one and no file has it.
fn secret(file: &Path, password_file: Option<&Path>) -> Result<SecretKey> {
    let kept = std::fs::read_to_string(file).with_context(|| name(file))?;
    if kept.parse::<PublicKey>().is_ok() {
        bail!("{} is a public key, and signs nothing", name(file));
    }
    let kept = || SecretKeyBox::from_string(&kept).with_context(|| format!("{} is no secret key", name(file)));
    if let Ok(key) = kept()?.into_unencrypted_secret_key() {
        return Ok(key);
    }
    let password = password(password_file)?;
    if password.is_none() && !std::io::stdin().is_terminal() && std::fs::File::open("/dev/tty").is_err() {
        bail!("{} has a password, and nobody is here to be asked for it: `--password-file` names a file with it", name(file));
    }
    kept()?.into_secret_key(password).with_context(|| name(file))
}

/// The first line of a file.
fn password(file: Option<&Path>) -> Result<Option<String>> {
    let Some(file) = file else { return Ok(None) };
    let text = std::fs::read_to_string(file).with_context(|| name(file))?;
    Ok(Some(text.lines().next().unwrap_or_default().to_owned()))
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
        let make = |name: &str| MakeKey { secret: at(name), no_password: true, password_file: None }.run();
        make("hill").unwrap();
        assert!(make("hill").is_err(), "a key is never overwritten");
        make("other").unwrap();
        let built = crate::sandbox::for_tests::built("planner");
        std::fs::write(at("planner.wasm"), &built).unwrap();
        Sign { file: at("planner.wasm"), key: at("hill"), password_file: None }.run().unwrap();
        let verify = |key: &str| Verify { file: at("planner.wasm"), key: at(key).display().to_string() }.run().map(drop);
        verify("hill.pub").unwrap();
        assert!(verify("other.pub").unwrap_err().to_string().contains("not by"));
        // A custom section more: it would run, and it is another file.
        std::fs::write(at("planner.wasm"), [built.as_slice(), &[0, 2, 1, b'x']].concat()).unwrap();
        assert!(verify("hill.pub").unwrap_err().to_string().contains("the file was changed"));
        assert!(Sign { file: at("planner.wasm"), key: at("hill.pub"), password_file: None }.run().is_err(), "a public key signs nothing");
    }
}
