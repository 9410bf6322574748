//! The registry that the machine has (`make registry`), on a port of its own, with its files in a folder that goes with it.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result, bail};
use tempfile::TempDir;

/// Debian's `docker-registry`, ended when it is dropped.
pub struct Registry {
    server: Child,
    /// With its port.
    pub host: String,
    _folder: TempDir,
}

impl Registry {
    /// One that lets everybody in.
    ///
    /// # Errors
    /// It is not there, or does not start.
    pub fn open() -> Result<Self> {
        Self::start(|_| Ok(String::new()))
    }

    /// One that lets in whoever has a name and a password: a line for each, as Apache has it, the password by bcrypt.
    ///
    /// # Errors
    /// As [`Registry::open`].
    pub fn with_passwords(lines: &str) -> Result<Self> {
        Self::start(|folder| {
            let file = folder.path().join("passwords");
            std::fs::write(&file, lines)?;
            Ok(format!("auth:\n  htpasswd:\n    realm: tests\n    path: {}\n", file.display()))
        })
    }

    /// One that sends whoever asks for a token to `realm`, and believes what is signed by the key of a certificate in PEM.
    ///
    /// # Errors
    /// As [`Registry::open`].
    pub fn with_tokens(realm: &str, service: &str, issuer: &str, certificate: &str) -> Result<Self> {
        Self::start(|folder| {
            let file = folder.path().join("certificate.pem");
            std::fs::write(&file, certificate)?;
            let of = format!("auth:\n  token:\n    realm: {realm}\n    service: {service}\n    issuer: {issuer}\n");
            Ok(format!("{of}    rootcertbundle: {}\n", file.display()))
        })
    }

    fn start(letting: impl FnOnce(&TempDir) -> Result<String>) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let (settings, files) = (folder.path().join("registry.yml"), folder.path().join("files"));
        let who = letting(&folder)?;
        let text =
            format!("version: 0.1\nstorage:\n  filesystem:\n    rootdirectory: {}\nhttp:\n  addr: 127.0.0.1:0\n{who}", files.display());
        std::fs::write(&settings, text)?;
        let server = Command::new("docker-registry").arg("serve").arg(&settings).stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
        let mut server = server.context("docker-registry: `make registry` installs it")?;
        let mut lines = BufReader::new(server.stderr.take().context("it says nothing")?).lines();
        let host = loop {
            let Some(line) = lines.next().transpose()? else { bail!("docker-registry does not start") };
            if let Some((_, rest)) = line.split_once("listening on ") {
                break rest.split('"').next().unwrap_or_default().to_owned();
            }
        };
        // What it says later is read by nobody, and must not hold it up.
        std::thread::spawn(move || lines.for_each(drop));
        Ok(Self { server, host, _folder: folder })
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        // Already gone is gone enough.
        drop(self.server.kill());
        drop(self.server.wait());
    }
}
