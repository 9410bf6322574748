//! The style of the pages: GOV.UK Frontend, installed by npm into cargo's own folder and compiled with our settings. Nothing of it is in
//! the tree, and neither the crown nor the font that only central government may use is in what comes out.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

const STYLE: &str = "style/hearth.scss";
const LISTS: [&str; 2] = ["package.json", "package-lock.json"];

fn main() {
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo says where"));
    println!("cargo::rerun-if-changed=style");
    for list in LISTS {
        println!("cargo::rerun-if-changed={list}");
        fs::copy(list, out.join(list)).unwrap_or_else(|e| panic!("{list} is not to be copied: {e}"));
    }
    run(
        Command::new("npm").args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]).current_dir(&out),
        "installing govuk-frontend (npm is a Debian package: `make node` installs it)",
    );
    let govuk = out.join("node_modules/govuk-frontend/dist/govuk");
    run(
        Command::new("node")
            .arg(out.join("node_modules/sass/sass.js"))
            .arg("--load-path")
            .arg(&govuk)
            .args(["--style=compressed", "--no-source-map", "--quiet-deps"])
            .arg(Path::new(STYLE))
            .arg(out.join("hearth.css")),
        "compiling the style",
    );
    fs::copy(govuk.join("govuk-frontend.min.js"), out.join("govuk-frontend.js")).expect("the package has its script");
}

fn run(command: &mut Command, doing: &str) {
    let ended = command.status().unwrap_or_else(|e| panic!("{doing}: it does not start: {e}"));
    assert!(ended.success(), "{doing}: it ended with {ended}");
}
