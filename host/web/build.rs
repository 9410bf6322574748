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
    codes(&out);
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

/// The interface's code lists as one JSON array: forms offer them, with their words.
fn codes(out: &Path) {
    const CODES: &str = "../../wit/codes";
    println!("cargo::rerun-if-changed={CODES}");
    let mut files: Vec<PathBuf> = fs::read_dir(CODES).expect("the code lists are there").flatten().map(|e| e.path()).collect();
    files.retain(|f| f.extension().is_some_and(|e| e == "json"));
    files.sort();
    let texts: Vec<String> = files.iter().map(|f| fs::read_to_string(f).unwrap_or_else(|e| panic!("{}: {e}", f.display()))).collect();
    fs::write(out.join("codes.json"), format!("[{}]", texts.join(","))).expect("cargo's folder takes it");
}

fn run(command: &mut Command, doing: &str) {
    let ended = command.status().unwrap_or_else(|e| panic!("{doing}: it does not start: {e}"));
    assert!(ended.success(), "{doing}: it ended with {ended}");
}
