//! A real OpenID provider, as councils have one: npm's `oidc-provider`, in a process of its own on loopback (`identity-provider/`).

use std::io::{BufRead as _, BufReader, Lines, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

/// What the provider calls the host, and what the host shows for it.
pub const CLIENT: &str = "hearth";
pub const SECRET: &str = "not much of a secret";

/// Runs until it is dropped.
pub struct IdentityProvider {
    pub issuer: String,
    config: Value,
    child: Child,
    orders: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

impl IdentityProvider {
    /// One that signs so, and sends people back to these addresses. `accounts`: what it says of each subject.
    ///
    /// # Errors
    /// Node.js is missing, or the provider does not start.
    pub fn start(alg: &str, redirect_uris: &[String], accounts: &Value) -> Result<Self> {
        let client = json!({ "client_id": CLIENT, "client_secret": SECRET, "redirect_uris": redirect_uris });
        Self::run(json!({ "port": 0, "alg": alg, "clients": [client], "accounts": accounts }))
    }

    fn run(config: Value) -> Result<Self> {
        let mut child = Command::new("node")
            .arg("provider.js")
            .arg(config.to_string())
            .current_dir(installed()?)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("starting node (Debian: nodejs)")?;
        let orders = child.stdin.take().context("its input")?;
        let mut answers = BufReader::new(child.stdout.take().context("its output")?).lines();
        let first = said(&mut answers)?;
        let issuer = serde_json::from_str::<Value>(&first)?["issuer"].as_str().context("an issuer")?.to_owned();
        Ok(Self { issuer, config, child, orders, answers })
    }

    /// Host and port, as a destination.
    ///
    /// # Panics
    /// Where the issuer is none.
    #[must_use]
    pub fn destination(&self) -> &str {
        self.issuer.strip_prefix("http://").unwrap()
    }

    fn order(&mut self, order: &Value) -> Result<()> {
        self.orders.write_all(format!("{order}\n").as_bytes())?;
        let done = said(&mut self.answers)?;
        ensure!(serde_json::from_str::<Value>(&done)?["done"] == true, "{done}");
        Ok(())
    }

    /// From now on this is who sits at every keyboard.
    ///
    /// # Errors
    /// The provider ended.
    pub fn at_the_keyboard(&mut self, subject: &str) -> Result<()> {
        self.order(&json!({ "at_the_keyboard": subject }))
    }

    /// From now on its ID tokens are wrong in this way; null: in none.
    ///
    /// # Errors
    /// The provider ended.
    pub fn forge(&mut self, wrong: &Value) -> Result<()> {
        self.order(&json!({ "forge": wrong }))
    }

    /// The same provider with new keys, as after its administrator changed them.
    ///
    /// # Errors
    /// It does not start again.
    pub fn change_keys(&mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        self.config["port"] = json!(self.issuer.rsplit(':').next().context("a port")?.parse::<u16>()?);
        *self = Self::run(self.config.clone())?;
        Ok(())
    }
}

impl Drop for IdentityProvider {
    fn drop(&mut self) {
        // It is over already where its keys were changed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The next line that is ours: the provider's own notices stand among them.
fn said(answers: &mut Lines<BufReader<ChildStdout>>) -> Result<String> {
    let ours = answers.find(|line| line.as_ref().map_or(true, |line| line.starts_with('{')));
    Ok(ours.context("the provider ended")??)
}

/// The folder with the provider and what it needs; filled by whichever test comes first.
fn installed() -> Result<PathBuf> {
    // Beside the built program: `…/debug/deps/sign_in-…`.
    let target = std::env::current_exe()?.ancestors().nth(3).context("a target folder")?.to_owned();
    let folder = target.join("identity-provider");
    let install = Path::new(env!("CARGO_MANIFEST_DIR")).join("identity-provider/install.sh");
    let done = std::process::Command::new(install).arg(&folder).status().context("installing the provider")?;
    ensure!(done.success(), "the provider could not be installed (npm ci, in {})", folder.display());
    Ok(folder)
}
