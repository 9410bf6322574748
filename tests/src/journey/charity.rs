//! The charity: a desk with the module's folder, a key, and the command line.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use tempfile::TempDir;

use super::say;
use crate::program::run_with;

pub(super) const NAME: &str = "hill-charity";
const MODULE: &str = "morning-course";

pub(super) struct Charity {
    desk: TempDir,
    registry: String,
    /// The file of the secret key that it signs with.
    key: String,
}

impl Charity {
    /// It has a desk and a key, and begins a module.
    pub(super) fn begin(registry: &str) -> Result<Self> {
        let charity = Self { desk: tempfile::tempdir()?, registry: registry.to_owned(), key: "hill".to_owned() };
        charity.typed(&["plugin", "key", &charity.path("hill"), "--no-password"])?;
        charity.typed(&["plugin", "new", MODULE, "--language", "javascript", "--folder", &charity.path(MODULE)])?;
        Ok(charity)
    }

    /// Another key, with which it signs from now on.
    pub(super) fn renews_its_key(&mut self) -> Result<()> {
        self.typed(&["plugin", "key", &self.path("hill-new"), "--no-password"])?;
        "hill-new".clone_into(&mut self.key);
        Ok(())
    }

    /// As it is told to the operator.
    pub(super) fn public_key(&self) -> Result<String> {
        let file = std::fs::read_to_string(self.path(&format!("{}.pub", self.key)))?;
        Ok(file.lines().last().context("an empty key")?.to_owned())
    }

    /// Its id, as it stands in signatures.
    pub(super) fn key_id(&self) -> Result<String> {
        Ok(self.public_key()?.parse::<hearth::record::signing::PublicKey>()?.id.to_string())
    }

    pub(super) fn reference(&self, version: &str) -> String {
        format!("oci://{}/charity/{MODULE}:{version}", self.registry)
    }

    pub(super) fn file(&self, version: &str) -> String {
        self.path(&format!("{MODULE}-{version}.wasm"))
    }

    pub(super) fn signature(&self, version: &str) -> Result<String> {
        Ok(std::fs::read_to_string(format!("{}.minisig", self.file(version)))?)
    }

    /// Writes a version over the one before, tests it and builds it.
    pub(super) fn writes(&self, version: &str) -> Result<()> {
        let folder = PathBuf::from(self.path(MODULE));
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("journey").join(version.strip_suffix(".0").unwrap_or(version));
        copy(&source, &folder)?;
        says(&folder.join("manifest.json"), version)?;
        let tested = self.typed(&["plugin", "test", &folder.display().to_string()])?;
        let passed = tested.lines().last().unwrap_or_default();
        ensure!(passed.contains(" passed, 0 failed"), "{tested}");
        self.typed(&["plugin", "build", &folder.display().to_string(), "--out", &self.file(version)])?;
        let scenarios = passed.split(" passed").next().unwrap_or_default();
        say(&format!("The charity writes {MODULE} {version} in JavaScript; its {scenarios} scenarios pass."));
        Ok(())
    }

    /// Signs a version, and brings it to the registry; whoever takes it from there has the same file and its signature.
    pub(super) fn publishes(&self, version: &str) -> Result<()> {
        let (file, reference) = (self.file(version), self.reference(version));
        self.typed(&["plugin", "sign", &file, "--key", &self.path(&self.key)])?;
        self.typed(&["plugin", "publish", &file, &reference, "--reach-this-machine"])?;
        let taken = self.path("taken.wasm");
        self.typed(&["plugin", "pull", &reference, "--out", &taken, "--reach-this-machine"])?;
        ensure!(std::fs::read(&taken)? == std::fs::read(&file)?, "another file came from the registry");
        let verified = self.typed(&["plugin", "verify", &taken, "--key", &self.public_key()?])?;
        ensure!(verified.contains(&format!("{MODULE} {version} is signed by {}", self.key_id()?)), "{verified}");
        say(&format!("It signs {version} and publishes it; anybody can take it from the registry and verify it."));
        Ok(())
    }

    fn path(&self, name: &str) -> String {
        self.desk.path().join(name).display().to_string()
    }

    pub(super) fn typed(&self, args: &[&str]) -> Result<String> {
        let ran = run_with(self.desk.path(), args, &[]);
        ensure!(ran.code == 0, "hearth {}:\n{}{}", args.join(" "), ran.out, ran.err);
        Ok(ran.out)
    }
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from).with_context(|| from.display().to_string())? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// A version that is the one before but for its source has its manifest too, with another number.
fn says(manifest: &Path, version: &str) -> Result<()> {
    let written = std::fs::read_to_string(manifest)?;
    let begins = "\"version\": \"";
    let (before, rest) = written.split_once(begins).context("no version")?;
    let (_, after) = rest.split_once('"').context("no version")?;
    Ok(std::fs::write(manifest, format!("{before}{begins}{version}\"{after}"))?)
}
