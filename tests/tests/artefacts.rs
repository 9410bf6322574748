//! The cache of compiled components: the host loads what it compiled itself, under its own key and settings, whole; all else counts as
//! absent, and is compiled again.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use hearth::record::Digest;
use hearth::sandbox::{Artefacts, LARGEST_CACHE, Limits, Sandbox};
use hearth_tests::bombs;
use hearth_tests::program::compiler;
use tempfile::TempDir;

const KEY: [u8; 32] = [1; 32];

struct Cache {
    folder: TempDir,
}

impl Cache {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// A host that starts over the folder.
    fn host(&self, key: [u8; 32], most: u64) -> Arc<Sandbox> {
        let dir = Dir::open_ambient_dir(self.folder.path(), ambient_authority()).unwrap();
        Sandbox::start(Some(Artefacts::new(dir, key).holding(most)), compiler(), Limits::default()).unwrap()
    }

    fn files(&self) -> Vec<PathBuf> {
        let mut files: Vec<_> = std::fs::read_dir(self.folder.path()).unwrap().map(|e| e.unwrap().path()).collect();
        files.sort();
        files
    }

    fn only(&self) -> PathBuf {
        let files = self.files();
        assert_eq!(files.len(), 1, "{files:?}");
        files[0].clone()
    }
}

/// Something with code in it, another one for each number.
fn component(n: u32) -> Vec<u8> {
    bombs::around(&bombs::functions(n, &bombs::tangle(3, 5)))
}

fn compile(host: &Sandbox, bytes: &[u8]) -> Digest {
    let digest = Digest::of(bytes);
    assert!(host.compile(digest, bytes).is_ok());
    digest
}

fn is_there(host: &Sandbox, digest: Digest) -> bool {
    host.load(digest).unwrap().is_some()
}

/// As if last used so long ago.
fn age(file: &Path, age: Duration) {
    let file = std::fs::OpenOptions::new().write(true).open(file).unwrap();
    file.set_modified(SystemTime::now() - age).unwrap();
}

#[test]
fn an_artefact_cut_short_or_damaged_anywhere_counts_as_absent_and_is_compiled_again() {
    let cache = Cache::new();
    let host = cache.host(KEY, LARGEST_CACHE);
    let bytes = component(20);
    let digest = compile(&host, &bytes);
    let file = cache.only();
    let whole = std::fs::read(&file).unwrap();
    assert!(is_there(&host, digest));
    let step = whole.len() / 200;
    for n in 0..200 {
        let mut flipped = whole.clone();
        flipped[n * step] ^= 1 << (n % 8);
        std::fs::write(&file, &flipped).unwrap();
        assert!(!is_there(&host, digest), "bit {} of byte {}", n % 8, n * step);
        std::fs::write(&file, &whole[..n * step]).unwrap();
        assert!(!is_there(&host, digest), "cut at {}", n * step);
    }
    std::fs::write(&file, [&whole[..], b"more"].concat()).unwrap();
    assert!(!is_there(&host, digest), "with something behind it");
    compile(&host, &bytes);
    assert!(is_there(&host, digest));
}

#[test]
fn another_key_or_anothers_artefact_is_not_ours() {
    let cache = Cache::new();
    let host = cache.host(KEY, LARGEST_CACHE);
    let one = compile(&host, &component(1));
    let of_one = cache.only();
    assert!(!is_there(&cache.host([2; 32], LARGEST_CACHE), one), "another key");
    let two = compile(&host, &component(2));
    assert!(is_there(&host, one) && is_there(&host, two));
    let of_two = cache.files().into_iter().find(|f| *f != of_one).unwrap();
    std::fs::copy(&of_one, &of_two).unwrap();
    assert!(!is_there(&host, two), "the artefact of another component under this one's name");
    assert!(is_there(&host, one));
}

#[test]
fn what_another_engine_compiled_is_not_loaded_and_goes_at_the_start() {
    let cache = Cache::new();
    let host = cache.host(KEY, LARGEST_CACHE);
    let digest = compile(&host, &component(1));
    let ours = cache.only();
    let name = ours.file_name().unwrap().to_str().unwrap().to_owned();
    let (component, settings) = name.strip_suffix(".cwasm").unwrap().split_once('-').unwrap();
    let theirs = ours.with_file_name(format!("{component}-{}.cwasm", settings.chars().rev().collect::<String>()));
    std::fs::rename(&ours, &theirs).unwrap();
    assert!(!is_there(&host, digest), "other settings in its name");
    let host = cache.host(KEY, LARGEST_CACHE);
    assert!(cache.files().is_empty(), "{:?}", cache.files());
    compile(&host, &self::component(1));
    assert_eq!(cache.only(), ours);
}

#[test]
fn what_was_left_unfinished_goes_at_the_start_once_nobody_can_be_writing_it() {
    let cache = Cache::new();
    let [old, new, other] = ["a.cwasm.1.part", "b.cwasm.2.part", "README"].map(|name| cache.folder.path().join(name));
    for file in [&old, &new, &other] {
        std::fs::write(file, b"half").unwrap();
    }
    age(&old, Duration::from_hours(2));
    drop(cache.host(KEY, LARGEST_CACHE));
    assert!(!old.exists() && new.exists() && other.exists());
}

#[test]
fn the_folder_is_bounded_and_what_was_longest_unused_goes_first() {
    let cache = Cache::new();
    let host = cache.host(KEY, LARGEST_CACHE);
    let digests: Vec<Digest> = (1..=4).map(|n| compile(&host, &component(n))).collect();
    let of = |digest: &Digest| cache.files().into_iter().find(|f| f.file_name().unwrap().to_str().unwrap().starts_with(&digest.hex()));
    for (n, digest) in digests.iter().enumerate() {
        age(&of(digest).unwrap(), Duration::from_hours(10 - n as u64));
    }
    assert!(is_there(&host, digests[0]), "which counts as use");
    let bytes = |digest: &Digest| of(digest).unwrap().metadata().unwrap().len();
    let host = cache.host(KEY, bytes(&digests[0]) + bytes(&digests[3]));
    let kept: Vec<bool> = digests.iter().map(|d| of(d).is_some()).collect();
    assert_eq!(kept, [true, false, false, true]);
    let fifth = compile(&host, &component(5));
    assert!(of(&fifth).is_some() && of(&digests[3]).is_none(), "also when one is added");
}
