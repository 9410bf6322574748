//! Embeds what `hearth plugin build` hands to authors, so that a charity needs nothing but the program: the interface
//! (`wit/PACKAGE/*.wit`, without the host's own world), as it is and as it was in each frozen release, and the kit (`plugins/kit`).
//! Whatever lies there is taken: a new package needs no line here.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

fn main() {
    let root = Path::new(&std::env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("..");
    let mut source = String::new();
    embed_table(&mut source, "INTERFACE", &root.join("wit"), &packages(&root.join("wit")));
    source.push_str("static RELEASES: &[(&str, &[(&str, &str)])] = &[\n");
    for release in folders(&root.join("wit/frozen")) {
        let name = release.file_name().and_then(|n| n.to_str()).expect("our names are plain");
        write!(source, "({name:?}, ").expect("a string");
        embed(&mut source, &release, &packages(&release));
        source.push_str("),\n");
    }
    source.push_str("];\n");
    let mut kit = Vec::new();
    everything(&root.join("plugins/kit"), &mut kit);
    embed_table(&mut source, "KIT", &root.join("plugins/kit"), &kit);
    let out = std::env::var("OUT_DIR").expect("cargo sets it");
    fs::write(Path::new(&out).join("embedded.rs"), source).expect("the build folder can be written");
    for folder in ["wit", "plugins/kit"] {
        println!("cargo:rerun-if-changed={}", root.join(folder).display());
    }
}

/// The interface's files in a folder that holds a release of it.
fn packages(release: &Path) -> Vec<PathBuf> {
    let wit = |file: &PathBuf| file.extension().is_some_and(|e| e == "wit");
    folders(release).iter().filter(|folder| !folder.ends_with("host")).flat_map(|package| files(package)).filter(wit).collect()
}

fn embed_table(source: &mut String, table: &str, root: &Path, files: &[PathBuf]) {
    write!(source, "static {table}: &[(&str, &str)] = ").expect("a string");
    embed(source, root, files);
    source.push_str(";\n");
}

/// A slice of (path below `root`, text), in the order of the paths.
fn embed(source: &mut String, root: &Path, files: &[PathBuf]) {
    source.push_str("&[\n");
    for file in files {
        let name = file.strip_prefix(root).expect("found below it").to_str().expect("our names are plain").replace('\\', "/");
        let whole = file.canonicalize().expect("it was just listed");
        writeln!(source, "    ({name:?}, include_str!({:?})),", whole.to_str().expect("our names are plain")).expect("a string");
    }
    source.push(']');
}

fn everything(folder: &Path, found: &mut Vec<PathBuf>) {
    found.extend(files(folder));
    folders(folder).iter().filter(|f| !f.ends_with("target") && !f.ends_with("__pycache__")).for_each(|f| everything(f, found));
}

fn files(folder: &Path) -> Vec<PathBuf> {
    listed(folder).into_iter().filter(|path| path.is_file()).collect()
}

fn folders(folder: &Path) -> Vec<PathBuf> {
    listed(folder).into_iter().filter(|path| path.is_dir()).collect()
}

fn listed(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("a folder that was just opened").path()).collect();
    paths.sort();
    paths
}
