//! What the figures were measured on and with.

use std::process::Command;

const LOCK: &str = include_str!("../../../../Cargo.lock");

/// In one line.
pub fn describe(peers: &[String]) -> String {
    let processor = field("/proc/cpuinfo", "model name", ':').unwrap_or_else(|| "an unknown processor".into());
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let system = field("/etc/os-release", "PRETTY_NAME", '=').unwrap_or_else(|| std::env::consts::OS.into());
    let compiler = Command::new("rustc").arg("--version").output().map(|said| String::from_utf8_lossy(&said.stdout).trim().to_owned());
    let mut with = vec![compiler.unwrap_or_else(|_| "rustc".into()), profile(), format!("wasmtime {}", locked("wasmtime"))];
    with.extend_from_slice(peers);
    format!("{processor}, {cores} cores, {system}; {}", with.join(", "))
}

/// Cargo's folder for the profile that this program was built with.
fn profile() -> String {
    let program = std::env::current_exe().ok();
    let folder = program.as_deref().and_then(|program| program.parent()?.file_name());
    folder.map_or_else(String::new, |name| format!("profile {}", name.to_string_lossy()))
}

fn field(file: &str, name: &str, sign: char) -> Option<String> {
    let text = std::fs::read_to_string(file).ok()?;
    let (_, value) = text.lines().find(|line| line.starts_with(name))?.split_once(sign)?;
    Some(value.trim().trim_matches('"').to_owned())
}

fn locked(name: &str) -> &'static str {
    let after = LOCK.split_once(&format!("name = \"{name}\"\nversion = \"")).map_or("", |(_, after)| after);
    after.split('"').next().unwrap_or_default()
}
