//! The command line as somebody types it: what is printed, and the exit status that a script sees.

use std::path::{Path, PathBuf};
use std::process::Command;

use hearth_tests::database::Database;
use hearth_tests::host::Caller;
use hearth_tests::program::{Served, hearth, run, run_with};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _};

fn plugin(name: &str) -> String {
    let target = std::env::current_exe().unwrap().ancestors().nth(3).unwrap().to_owned();
    target.join("plugins").join(format!("{name}.wasm")).display().to_string()
}

fn demo_file(file: &str) -> String {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../host/demo")).join(file).display().to_string()
}

fn demo(data: &Path, variables: &[(&str, &str)]) -> hearth_tests::program::Ran {
    let plugin = plugin("bristol-outcomes");
    let typed = ["demo", "--once", "--listen", "127.0.0.1:0", "--data", data.to_str().unwrap(), "--plugin", &plugin];
    run_with(data, &typed, variables)
}

#[test]
fn the_demonstration_runs_twice_and_everything_it_decided_repeats() {
    runs_twice_and_repeats(&[]);
}

#[tokio::test]
async fn the_demonstration_does_so_on_postgresql() {
    let Some(database) = Database::of_this_run().await.unwrap() else { return };
    runs_twice_and_repeats(&[("HEARTH_DATABASE", &database.url())]);
}

fn runs_twice_and_repeats(variables: &[(&str, &str)]) {
    let folder = tempfile::tempdir().unwrap();
    let first = demo(folder.path(), variables);
    assert_eq!(first.code, 0, "{}{}", first.out, first.err);
    assert!(first.out.contains("13 families: 13 decided, 0 as before, 0 not decided yet"), "{}", first.out);
    assert!(first.out.contains("claims drafted: 15, £14,400"), "{}", first.out);
    let second = demo(folder.path(), variables);
    assert_eq!(second.code, 0, "{}{}", second.out, second.err);
    assert!(second.out.contains("families: 0 new, 13 there already"), "{}", second.out);
    assert!(second.out.contains("86 rows: 0 added, 0 corrected, 83 as before, 2 refused"), "{}", second.out);
    assert!(second.out.contains("claims drafted: 15, £14,400"), "nothing is claimed twice: {}", second.out);
    let tokens = |out: &str| out.lines().filter(|l| l.contains("hearth_")).map(str::to_owned).collect::<Vec<_>>()[..6].to_vec();
    assert_eq!(tokens(&first.out), tokens(&second.out));

    let replayed = run_with(folder.path(), &["replay", "--all"], variables);
    assert_eq!(replayed.code, 0, "{}", replayed.out);
    assert!(
        replayed.out.contains("repeat byte for byte from inputs that still follow from the record; 0 erased; 0 not"),
        "{}",
        replayed.out
    );

    let again = ["evaluate", "--authority", "E06000023", "--plugin", "bristol-outcomes", "--as-of", "2026-08-31"];
    let evaluated = run_with(folder.path(), &again, variables);
    assert_eq!(evaluated.code, 0, "{}", evaluated.err);
    assert!(evaluated.out.contains("0 decided, 13 as before"), "{}", evaluated.out);

    let other = run_with(folder.path(), &["evaluate", "--authority", "E06000023", "--plugin", "another"], variables);
    assert_eq!(other.code, 1);
    assert!(other.err.contains("decides outcomes with bristol-outcomes, not with another"), "{}", other.err);
}

/// Runs `make replays`' script over the folder of a demonstration.
fn replays(kept: &Path) -> (bool, String) {
    let script = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/replays.sh")).arg(hearth()).arg(kept).output().unwrap();
    (script.status.success(), String::from_utf8_lossy(&script.stdout).into_owned())
}

#[tokio::test]
async fn one_decision_that_does_not_repeat_is_named_and_counted_and_the_others_repeat() {
    let kept = tempfile::tempdir().unwrap();
    let data = kept.path().join("data");
    assert_eq!(demo(&data, &[]).code, 0);
    let (whole, said) = replays(kept.path());
    assert!(whole && said.contains("1 folders: 19 decisions repeat byte for byte") && said.contains(" 0 do not repeat;"), "{said}");

    let file = SqliteConnectOptions::new().filename(data.join("authorities/E06000023.sqlite"));
    for (changed, repeat, not, why) in [
        ("UPDATE decision SET answer = x'7b7d' WHERE id = (SELECT MIN(id) FROM decision)", 18, 1, "answer: another: kept "),
        (
            "UPDATE content SET bytes = x'00' WHERE digest = (SELECT snapshot FROM decision WHERE id = (SELECT MAX(id) FROM decision))",
            17,
            2,
            "answer: none: the record is damaged",
        ),
    ] {
        let mut record = file.connect().await.unwrap();
        sqlx::raw_sql(changed).execute(&mut record).await.unwrap();
        record.close().await.unwrap();
        let replayed = run(&data, &["replay", "--all"]);
        assert_eq!(replayed.code, 2, "{}{}", replayed.out, replayed.err);
        assert!(replayed.out.contains(why) && replayed.out.contains(&format!("; {not} not")), "{}", replayed.out);
        let (whole, said) = replays(kept.path());
        assert!(!whole && said.contains(&format!("1 folders: {repeat} decisions repeat")), "{said}");
    }
    // What cannot be read through is no folder of decisions that repeat.
    std::fs::write(data.join("authorities/E06000023.sqlite"), "not a database").unwrap();
    let (whole, said) = replays(kept.path());
    assert!(!whole && said.contains("1 folders cannot be read through"), "{said}");
}

#[test]
fn a_file_with_refused_rows_is_loaded_in_part_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(demo(folder.path(), &[]).code, 0);
    let file = folder.path().join("extract.csv");
    std::fs::write(
        &file,
        "UPN,Term Start,Term End,Sessions Possible,Sessions Attended,Unauthorised\nnonsense,01/09/2025,19/12/2025,100,90,0\n",
    )
    .unwrap();
    let import =
        ["import", "--authority", "E06000023", "--extract", "attendance", "--source", "e06000023", "--covers", "2025-09-01..2026-08-31"];
    let ran = run(folder.path(), &[&import[..], &[file.to_str().unwrap()]].concat());
    assert_eq!(ran.code, 2, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("line 2, UPN: is not a unique pupil number"), "{}", ran.out);
    assert!(!ran.out.contains("nonsense"), "what stood in the cell is not repeated: {}", ran.out);

    let missing = run(folder.path(), &[&import[..], &["no-such-file.csv"]].concat());
    assert_eq!(missing.code, 1);
    assert!(missing.err.contains("no-such-file.csv"), "{}", missing.err);
    let nobody = run(
        folder.path(),
        &[
            "import",
            "--authority",
            "E99999999",
            "--extract",
            "attendance",
            "--source",
            "x1",
            "--covers",
            "2025-09-01..2026-08-31",
            file.to_str().unwrap(),
        ],
    );
    assert_eq!(nobody.code, 1);
    assert!(nobody.err.contains("E99999999"), "{}", nobody.err);
}

#[test]
fn a_mapping_is_kept_a_file_previewed_and_people_are_found() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(demo(folder.path(), &[]).code, 0);
    let intake = |rest: &[&str]| run(folder.path(), &[&["intake", "--authority", "E06000023"], rest].concat());
    let feeds = intake(&["feeds"]);
    assert!(
        feeds.out.contains("police-callouts from avon-and-somerset-police: came") && feeds.out.contains("86 rows"),
        "{}{}",
        feeds.out,
        feeds.err
    );

    let mapping = folder.path().join("exclusions.yaml");
    let sound =
        "mapping: exclusions\nagency: school\nkind: exclusion\nperson: { upn: UPN }\nfrom: Start\nuntil: End\nfields: { how: Type }\n";
    std::fs::write(&mapping, sound.replace("upn: UPN", "upm: UPN")).unwrap();
    let wrong = intake(&["mapping", mapping.to_str().unwrap(), "--check"]);
    assert_eq!(wrong.code, 1);
    assert!(wrong.err.contains("line 4: person.upm: there is no such field here"), "{}", wrong.err);
    std::fs::write(&mapping, sound).unwrap();
    assert!(intake(&["mapping", mapping.to_str().unwrap()]).out.starts_with("exclusions, version 1"));
    let file = folder.path().join("exclusions.csv");
    std::fs::write(&file, "UPN,Start,End,Type\nQ801999916001,03/11/2025,05/11/2025,permanent\nnobody,03/11/2025,05/11/2025,permanent\n")
        .unwrap();
    let shown = intake(&[
        "preview",
        "--mapping",
        "exclusions",
        "--source",
        "e06000023",
        "--covers",
        "2025-09-01..2026-08-31",
        file.to_str().unwrap(),
    ]);
    assert!(
        shown.out.contains("line 2: kept: exclusion 2025-11-03..2025-11-05") && shown.out.contains("line 3: refused: UPN"),
        "{}{}",
        shown.out,
        shown.err
    );
    assert!(
        intake(&["queue"]).code == 0
            && intake(&["again"]).out.starts_with("0 rows are in the record")
            && intake(&["purge"]).out == "0 rows forgotten\n"
    );

    let found = run(folder.path(), &["find", "--authority", "E06000023", "--identifier", "Q801999916001"]);
    assert_eq!(found.out.lines().count(), 1, "{}{}", found.out, found.err);
    assert!(found.out.contains("of BR-00"), "{}", found.out);
    let nothing = run(folder.path(), &["find", "--authority", "E06000023"]);
    assert!(nothing.code == 1 && nothing.err.contains("name: is needed"), "{}", nothing.err);
}

#[test]
fn a_plugin_is_read_and_tried_without_a_host() {
    let folder = tempfile::tempdir().unwrap();
    let family = demo_file("families/E06000023/br-0002-sons-at-89-and-90.json");
    let asked = ["plugin", "run", &plugin("bristol-outcomes"), "--family", &family, "--as-of", "2026-08-31"];
    let ran = run(folder.path(), &asked);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("education-1, son-1: Met (now 90%, threshold 90%)"), "{}", ran.out);
    assert!(ran.out.contains("education-1, son-2: Not met (now 89%, threshold 90%)"), "{}", ran.out);

    let without = run(folder.path(), &[&asked[..], &["--without", "hearth:family/education"]].concat());
    assert_eq!(without.code, 1);
    assert!(without.err.contains("hearth:family/education, which the authority has not granted"), "{}", without.err);
    let not_a_plugin = run(folder.path(), &["plugin", "inspect", &family]);
    assert_eq!(not_a_plugin.code, 1);
    assert!(not_a_plugin.err.contains("not WebAssembly"), "{}", not_a_plugin.err);
    let thirtieth = run(folder.path(), &["plugin", "run", &plugin("bristol-outcomes"), "--family", &family, "--as-of", "2026-02-30"]);
    assert_ne!(thirtieth.code, 0);
    assert!(thirtieth.err.contains("there is no such day in the calendar"), "{}", thirtieth.err);
}

#[test]
fn the_doctor_and_migrate_say_what_they_found() {
    let folder = tempfile::tempdir().unwrap();
    let doctor = run(folder.path(), &["doctor"]);
    assert!(doctor.out.contains("sandbox") && doctor.out.contains("data folder"), "{}", doctor.out);
    let dry = run(folder.path(), &["migrate", "--dry-run"]);
    assert_eq!(dry.code, 0, "{}", dry.err);
    assert!(dry.out.contains("common"), "{}", dry.out);
    assert_eq!(run(folder.path(), &["migrate"]).code, 0);
    assert!(run(folder.path(), &["migrate"]).out.contains("up to date"));
    for command in
        ["serve", "demo", "migrate", "import", "intake", "find", "plugin", "evaluate", "replay", "doctor", "token", "tokens", "person"]
    {
        let help = run(folder.path(), &[command, "--help"]);
        assert!(help.code == 0 && help.out.contains("Usage:"), "{command}: {}", help.out);
    }
}

#[test]
fn the_first_people_of_an_authority_and_their_tokens_are_made_on_the_host() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(demo(folder.path(), &[]).code, 0);
    let person = run(folder.path(), &["person", "--authority", "E06000023", "--name", "Ann Ash"]);
    let login = person.out.trim();
    assert_eq!((person.code, login.len()), (0, 36), "{}{}", person.out, person.err);
    assert!(person.err.contains("hearth token --login") && person.err.contains("/invitations"), "{}", person.err);
    let invited = ["person", "--authority", "E06000023", "--name", "Bea Birch", "--e-mail", "Bea@example.org"];
    let nowhere = run(folder.path(), &invited);
    assert!(nowhere.code == 1 && nowhere.err.contains("HEARTH_ADDRESS"), "{}", nowhere.err);
    let no_address = run(folder.path(), &[&invited[..6], &["bea", "--address", "https://hearth.example.org"]].concat());
    assert!(no_address.code == 1 && no_address.err.contains("--e-mail: has no @"), "{}", no_address.err);
    let linked = run(folder.path(), &[&invited[..], &["--address", "https://hearth.example.org"]].concat());
    let lines: Vec<&str> = linked.out.lines().collect();
    assert!(
        lines.len() == 2 && lines[1].starts_with("https://hearth.example.org/sign-in/invitation?token=E06000023."),
        "{}{}",
        linked.out,
        linked.err
    );
    let token = ["token", "--name", "laptop", "--login", login, "--authority", "E06000023", "--verb", "manage-people", "--days", "7"];
    let token = run(folder.path(), &token);
    assert!(token.code == 0 && token.out.starts_with("hearth_"), "{}{}", token.out, token.err);
    let listed = run(folder.path(), &["tokens", "list"]).out;
    let line = listed.lines().find(|l| l.contains("laptop: Ann Ash at E06000023; made ")).unwrap_or_else(|| panic!("{listed}"));
    assert!(line.contains("never used, until ") && !listed.contains("hearth_"), "{listed}");
    let hash = line.split(' ').next().unwrap();
    assert_eq!(run(folder.path(), &["tokens", "revoke", hash]).code, 0);
    assert!(run(folder.path(), &["tokens", "list"]).out.lines().any(|l| l.starts_with(hash) && l.contains(", revoked ")));
    let nobody = run(folder.path(), &["token", "--name", "x", "--login", "0198c1f2-7d30-7a10-8000-5b0f4f8a1c10"]);
    assert!(nobody.code == 1 && nobody.err.contains("there is no login 0198c1f2-7d30-7a10-8000-5b0f4f8a1c10"), "{}", nobody.err);
    let flies = run(folder.path(), &["token", "--name", "x", "--authority", "E06000023", "--role", "pilot"]);
    assert!(flies.code != 0 && flies.err.contains("`pilot` is not a role"), "{}", flies.err);
}

/// What a data protection officer would sign: one plugin of each extension point. Size and digest are the compiler's; all else stands
/// as it is kept here.
#[tokio::test]
async fn an_invented_council_is_added_for_whoever_writes_a_front_end() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    let plugin = plugin("bristol-outcomes");
    let typed = ["tenant", "--authority", "E06999998", "--plugin", &plugin];
    let made = run(data, &typed);
    assert_eq!(made.code, 0, "{}{}", made.out, made.err);
    let token = |who: &str| made.out.lines().find_map(|l| l.trim().strip_prefix(who)).expect(who).trim().to_owned();
    let again = run(data, &typed);
    assert!(again.code == 1 && again.err.contains("already") && again.out.is_empty(), "{}{}", again.out, again.err);
    let served = Served::start(data);
    let seen = async |who: &str| {
        let caller = Caller::new(&served.base, "/v1/authorities/E06999998", &token(who));
        assert_eq!(caller.get("").await.unwrap()["invented"], true);
        caller.get("/families").await.unwrap()["items"].as_array().unwrap().len()
    };
    assert_eq!((seen("manager").await, seen("keyworker").await, seen("charity worker").await), (4, 1, 1));
    let manager = Caller::new(&served.base, "/v1/authorities/E06999998", &token("manager"));
    assert!(manager.get("/decisions").await.unwrap()["items"].as_array().unwrap().len() >= 4);
}

#[test]
fn a_plugin_is_read_for_signing() {
    let folder = tempfile::tempdir().unwrap();
    for (name, kept) in [
        ("bristol-outcomes", include_str!("golden/bristol-outcomes.txt")),
        ("early-help-assessment", include_str!("golden/early-help-assessment.txt")),
        ("leeds-abuse-hub", include_str!("golden/leeds-abuse-hub.txt")),
        ("hampshire-voluntary-sector", include_str!("golden/hampshire-voluntary-sector.txt")),
    ] {
        let inspected = run(folder.path(), &["plugin", "inspect", &plugin(name)]);
        assert_eq!(inspected.code, 0, "{}", inspected.err);
        let own = |line: &str| !line.starts_with("File ") && !line.starts_with("Digest ");
        for (i, (now, kept)) in inspected.out.lines().zip(kept.lines()).enumerate() {
            assert!(now == kept || !own(now), "{name}, line {}: {now}\nand was: {kept}", i + 1);
        }
        assert_eq!(inspected.out.lines().count(), kept.lines().count(), "{name}");
        assert!(inspected.out.lines().all(|line| line.chars().count() <= 100), "{name} has to be printed");
        assert!(!inspected.out.contains("cy: "));
    }

    let file = plugin("bristol-outcomes");
    let welsh = run(folder.path(), &["plugin", "inspect", &file, "--cy"]);
    assert!(welsh.out.contains("cy: Canfuwyd pan ymgysylltwyd y teulu: [a word from problems]."), "{}", welsh.out);
    let page = run(folder.path(), &["plugin", "inspect", &file, "--html"]).out;
    assert!(page.starts_with("<!DOCTYPE html>") && page.contains("see school attendance and exclusions"), "{page}");
    assert!(page.contains("<dt>Lawful basis (article 6)</dt>"), "{page}");
}

#[test]
fn the_documentation_is_written_to_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("docs");
    let ran = run(folder.path(), &["plugin", "docs", "--out", out.to_str().unwrap()]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    for page in ["index.html", "style.css", "family-household.html", "manifest.schema.json"] {
        assert!(out.join(page).is_file(), "{page}");
    }
}

#[test]
fn a_limit_that_cannot_be_is_named_with_its_bounds_and_the_doctor_shows_what_is_set() {
    let folder = tempfile::tempdir().unwrap();
    let wrong = run_with(folder.path(), &["migrate"], &[("HEARTH_LIMIT_WALL_MILLIS", "soon")]);
    assert_eq!(wrong.code, 1);
    assert!(wrong.err.contains("HEARTH_LIMIT_WALL_MILLIS is `soon`: it must be a whole number from 100 to 20000"), "{}", wrong.err);
    assert!(std::fs::read_dir(folder.path()).unwrap().next().is_none(), "nothing was begun");
    let slip = run_with(folder.path(), &["migrate"], &[("HEARTH_LIMIT_WALL_MILIS", "5000")]);
    assert!(slip.err.contains("HEARTH_LIMIT_WALL_MILIS sets nothing"), "{}", slip.err);
    let shown = run_with(folder.path(), &["doctor"], &[("HEARTH_LIMIT_WALL_MILLIS", "5000")]);
    assert!(shown.out.contains("set: WALL_MILLIS"), "{}", shown.out);
    let line = shown.out.lines().find(|l| l.contains("HEARTH_LIMIT_WALL_MILLIS ")).unwrap_or_else(|| panic!("{}", shown.out));
    assert!(line.split_whitespace().nth(1) == Some("5000"), "{line}");
}

#[test]
fn installations_are_listed_and_one_that_is_not_parked_is_not_brought_back() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(demo(folder.path(), &[]).code, 0);
    let listed = run(folder.path(), &["installations", "--authority", "E06000023"]);
    assert_eq!(listed.code, 0, "{}", listed.err);
    assert!(listed.out.contains("active  bristol-outcomes  asked about outcomes") && !listed.out.contains("PARKED"), "{}", listed.out);
    let id = listed.out.split_whitespace().next().unwrap();
    let back = run(folder.path(), &["installations", "--authority", "E06000023", "--unpark", id, "--reason", "why not"]);
    assert_eq!(back.code, 1);
    assert!(back.err.contains("the installation is not parked"), "{}", back.err);
    let unreasoned = run(folder.path(), &["installations", "--authority", "E06000023", "--unpark", id]);
    assert!(unreasoned.code != 0 && unreasoned.err.contains("--reason"), "{}", unreasoned.err);
}
