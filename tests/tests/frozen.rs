//! An interface once released keeps working: what is frozen is as it was, today's interface breaks none of it, and the
//! plugins of those days link, run and say the same.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use hearth::plugins::fit::misfits;
use hearth::sandbox::{INTERFACE_VERSION, SERVED, served};
use hearth_tests::frozen::{
    Said, WIT, breaks, digest, files, folder, play, releases, same_major, started, that_calls_everything, unpacked,
};

#[test]
fn no_frozen_file_has_changed() -> Result<()> {
    for release in releases()? {
        assert_eq!(digest(&folder(&release.release))?, release.digest, "{} was changed after {}", release.release, release.frozen_on);
    }
    // Whoever changes a file and its digest together is found in the history, where there is one.
    let changed = Command::new("git")
        .args(["log", "--diff-filter=MDRT", "--format=%h %s", "--name-only", "--", "wit/frozen", ":!wit/frozen/releases.json"])
        .current_dir(Path::new(WIT).join(".."))
        .output();
    if let Ok(changed) = changed.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()) {
        assert_eq!(changed, "", "frozen files were changed by a commit");
    }
    Ok(())
}

#[test]
fn todays_interface_breaks_no_release() -> Result<()> {
    for release in releases()? {
        // The newest release is `wit/` itself: `a_change_has_a_new_number` looks at it.
        if release.release != INTERFACE_VERSION && same_major(&release.release, INTERFACE_VERSION) {
            assert_eq!(breaks(&folder(&release.release), Path::new(WIT))?, [""; 0], "since {}", release.release);
        }
    }
    Ok(())
}

/// While a release is the newest, `wit/` is that release: whatever changes needs another number.
#[test]
fn a_change_has_a_new_number() -> Result<()> {
    let Some(newest) = releases()?.into_iter().find(|r| r.release == INTERFACE_VERSION) else { return Ok(()) };
    for (name, frozen) in files(&folder(&newest.release))? {
        if name.ends_with(".wit") {
            let today = std::fs::read_to_string(Path::new(WIT).join(&name)).with_context(|| name.clone())?;
            assert_eq!(said(&today), said(&String::from_utf8(frozen)?), "{name} is not as it was released in {INTERFACE_VERSION}");
        }
    }
    Ok(())
}

/// The text without its comments, which may be made clearer.
fn said(wit: &str) -> Vec<&str> {
    wit.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//")).collect()
}

#[tokio::test]
async fn every_archived_plugin_runs_and_says_what_it_said() -> Result<()> {
    for release in releases()? {
        let archive = folder(&release.release).join("plugins");
        let mut languages = 0;
        for (name, recorded) in files(&archive)?.into_iter().filter(|(name, _)| name.ends_with(".said.json")) {
            let language = name.trim_end_matches(".said.json");
            let plugin = unpacked(&archive.join(format!("{language}.wasm.zst")))?;
            let recorded: Said = serde_json::from_slice(&recorded)?;
            let said = play(&plugin).await.with_context(|| format!("{} of {}", language, release.release))?;
            assert_eq!(said, recorded, "{language} of {}", release.release);
            languages += 1;
        }
        assert_eq!(languages, 3, "{} has plugins in three languages", release.release);
    }
    Ok(())
}

/// A plugin calls a few functions; this one calls them all: every release that this host serves is linked whole, and started.
#[tokio::test]
async fn what_called_everything_still_fits() -> Result<()> {
    let mut fitted = Vec::new();
    for release in releases()?.into_iter().filter(|r| served(&r.release).is_some()) {
        let component = unpacked(&folder(&release.release).join("plugins/everything.wasm.zst"))?;
        assert_eq!(misfits(&component).map_err(anyhow::Error::msg)?, [], "since {}", release.release);
        started(&component).await.with_context(|| format!("since {}", release.release))?;
        fitted.push(release.release);
    }
    assert!(
        SERVED.iter().all(|served| *served == INTERFACE_VERSION || fitted.iter().any(|f| f == served)),
        "{SERVED:?}, frozen: {fitted:?}"
    );
    Ok(())
}

/// Which release of an earlier major one is served is its last: nothing of it was left out.
#[test]
fn what_is_served_of_an_earlier_release_is_its_newest() -> Result<()> {
    for release in releases()?.iter().map(|r| r.release.as_str()).filter(|r| !same_major(r, INTERFACE_VERSION)) {
        if let Some(served) = served(release) {
            assert!(number(release) <= number(served), "{release} is frozen, and {served} is served");
        }
    }
    Ok(())
}

fn number(release: &str) -> Vec<u32> {
    release.split('.').filter_map(|n| n.parse().ok()).collect()
}

/// The check finds what it is for: each change below would break a plugin of today, and each of the last does not.
#[test]
fn each_breaking_change_is_found() -> Result<()> {
    let changed = |file: &str, from: &str, to: &str| -> Result<Vec<String>> {
        let copy = tempfile::tempdir()?;
        for (name, bytes) in files(Path::new(WIT))?.into_iter().filter(|(name, _)| !name.starts_with("frozen/")) {
            let mut text = String::from_utf8(bytes)?.replace(&format!("@{INTERFACE_VERSION}"), "@1.0.999");
            if name == file {
                assert!(text.contains(from), "{file} has no {from}");
                text = text.replacen(from, to, 1);
            }
            let into = copy.path().join(&name);
            std::fs::create_dir_all(into.parent().context("a folder")?)?;
            std::fs::write(into, text)?;
        }
        breaks(Path::new(WIT), copy.path())
    };
    for (file, from, to, says) in [
        ("family/education.wit", "possible: u16,", "possible: u16, late: u16,", "does not link"),
        ("family/education.wit", "possible: u16,", "possible: u32,", "does not link"),
        ("family/education.wit", "exclusions: func", "exclusions-of: func", "does not link"),
        ("family/education.wit", "attendances: func(window: window)", "attendances: func(over: window)", "expected parameter named"),
        ("decision/decision.wit", "    asked,\n", "    asked,\n    nothing,\n", "does not link"),
        ("platform/platform.wit", "enum level { debug,", "enum level { trace, debug,", "does not link"),
        ("host/host.wit", "  import hearth:family/notes@1.0.999;\n", "", "family/notes is lent no more"),
        ("host/host.wit", "  export hearth:pathway/steps@1.0.999;\n", "", "pathway/steps is asked no more"),
        (
            "outcomes/outcomes.wit",
            "  eligibility: func() -> result<code, failure>;",
            "  eligibility: func() -> result<code, failure>;\n  explain: func() -> result<code, failure>;",
            "asks `explain`",
        ),
        ("codes/debts.json", "\"loan-shark\"", "\"doorstep-loan\"", "`loan-shark` is gone"),
        ("codes/debts.json", "\"en\": \"Rent\"", "\"en\": \"Rent owed\"", "means something else"),
        ("wasi.md", "| none |", "| the host's |", "answers otherwise"),
    ] {
        let found = changed(file, from, to)?.join("\n");
        assert!(found.contains(says), "{file}: {from} → {to}: {found:?}");
    }
    for (file, from, to) in [
        ("family/education.wit", "exclusions: func", "enrolments: func() -> u32;\n  exclusions: func"),
        ("codes/debts.json", "\"codes\": [", "\"codes\": [\n    {\"code\": \"phone\", \"en\": \"Phone\", \"cy\": \"Ffôn\"},"),
    ] {
        assert_eq!(changed(file, from, to)?, [""; 0], "{file}: {from} → {to}");
    }
    Ok(())
}

#[tokio::test]
async fn what_calls_everything_fits_today() -> Result<()> {
    let component = that_calls_everything(Path::new(WIT))?;
    assert_eq!(misfits(&component).map_err(anyhow::Error::msg)?, []);
    started(&component).await
}
