//! What tests of other rooms take from this one: built plugins, and a sandbox that runs them.

use std::path::PathBuf;
use std::sync::Arc;

use cap_std::fs::Dir;

use super::{Artefacts, Compiler, Limits, Sandbox};

/// Compiles in this process. What is compiled is kept where the other package's tests keep it (`tests/src/lab.rs`), once for all.
pub(crate) fn sandbox() -> Arc<Sandbox> {
    let folder = std::env::temp_dir().join("hearth-tests-compiled");
    std::fs::create_dir_all(&folder).unwrap();
    let folder = Dir::open_ambient_dir(&folder, cap_std::ambient_authority()).unwrap();
    Sandbox::start(Some(Artefacts::new(folder, [7; 32])), Compiler::InThisProcess, Limits::default()).unwrap()
}

/// What `make build` and `make hostile` put there.
pub(crate) fn built(name: &str) -> Vec<u8> {
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| concat!(env!("CARGO_MANIFEST_DIR"), "/../target").into(), PathBuf::from);
    let file = target.join("plugins").join(format!("{name}.wasm"));
    std::fs::read(&file).unwrap_or_else(|e| panic!("{}: {e}; `make test` builds it", file.display()))
}
