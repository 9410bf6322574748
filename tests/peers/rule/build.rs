//! Takes the rule of `tests/conformance/rust` and what `hearth plugin build` wrote beside it, both unchanged but for the rule's
//! own heading, which cannot stand in the middle of a crate.

use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-env-changed=CONFORMANCE");
    let built = PathBuf::from(env::var("CONFORMANCE").expect("CONFORMANCE is the folder that `make conformance` builds from"));
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo sets it"));
    let rule = read(Path::new("../../conformance/rust/src/lib.rs"));
    let lines = rule.lines().filter(|line| !line.starts_with("//!"));
    write(&out.join("src/rule.rs"), &lines.collect::<Vec<_>>().join("\n"));
    write(&out.join("kit/manifest.rs"), &read(&built.join("rust/kit/manifest.rs")));
}

fn read(file: &Path) -> String {
    println!("cargo::rerun-if-changed={}", file.display());
    fs::read_to_string(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()))
}

fn write(file: &Path, text: &str) {
    fs::create_dir_all(file.parent().expect("it lies in a folder")).and_then(|()| fs::write(file, text)).expect("the folder is cargo's");
}
