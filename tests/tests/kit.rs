//! The author's kit: a new plugin in each language builds and gives the same answers; a mistake is a fault that names file and
//! line, and only a deliberate refusal is an answer. With the real compilers (`make tools`) and the real sandbox.

use std::path::{Path, PathBuf};
use std::process::Command;

use hearth::plugins::scenarios::{Bench, read_folder};
use hearth::record::Digest;
use hearth::record::family_file::FamilyFile;
use hearth::sandbox::{ExtensionPoint, Limits, Outcome, Verdict};
use hearth_tests::Family;
use hearth_tests::lab::{Asked, Lab};
use hearth_tests::program::hearth;
use serde_json::json;
use tempfile::TempDir;

const LANGUAGES: [&str; 3] = ["rust", "javascript", "python"];

/// A folder that goes, and the program beside it.
struct Desk {
    folder: TempDir,
}

/// What was typed came to an end.
struct Ran {
    well: bool,
    out: String,
    err: String,
}

impl Desk {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn at(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn write(&self, path: &str, text: &str) {
        std::fs::create_dir_all(self.at(path).parent().unwrap()).unwrap();
        std::fs::write(self.at(path), text).unwrap();
    }

    /// Crates are built where the next run finds them.
    fn hearth(&self, args: &[&str]) -> Ran {
        let target = hearth().parent().unwrap().join("plugins-of-the-kit");
        let output = Command::new(hearth()).args(args).current_dir(self.folder.path()).env("CARGO_TARGET_DIR", target).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ran { well: output.status.success(), out: text(&output.stdout), err: text(&output.stderr) }
    }

    /// The folder with the tests' own plugin, in a language.
    fn mistakes(source: &str) -> Self {
        let desk = Self::new();
        for file in ["manifest.json", "world.wit", source] {
            desk.write(&format!("mistakes/{file}"), &std::fs::read_to_string(ours(file)).unwrap());
        }
        desk
    }

    fn begin(&self, name: &str, language: &str) {
        self.begin_offering(name, language, "outcomes");
    }

    fn begin_offering(&self, name: &str, language: &str, offers: &str) {
        let begun = self.hearth(&["plugin", "new", name, "--language", language, "--offers", offers]);
        assert!(begun.well, "{}", begun.err);
    }

    fn built(&self, folder: &str) -> Vec<u8> {
        let built = self.hearth(&["plugin", "build", folder, "--out", "built.wasm"]);
        assert!(built.well, "{}", built.err);
        std::fs::read(self.at("built.wasm")).unwrap()
    }

    /// Why the folder does not build.
    fn not_built(&self, folder: &str) -> String {
        let built = self.hearth(&["plugin", "build", folder, "--out", "built.wasm"]);
        assert!(!built.well, "it builds");
        built.err
    }
}

fn ours(file: &str) -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/kit")).join(file)
}

fn families() -> Vec<FamilyFile> {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../host/demo/families/E06000023"));
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap()).collect()
}

#[tokio::test]
async fn a_new_plugin_builds_at_once_and_answers_alike_in_each_language() {
    let desk = Desk::new();
    let labs: Vec<Lab> = LANGUAGES
        .iter()
        .map(|language| {
            let name = format!("school-{language}");
            desk.begin(&name, language);
            Lab::of_bytes(&desk.built(&name), &[], Limits::default())
        })
        .collect();
    let mut standings = std::collections::BTreeSet::new();
    for family in families() {
        for asked in [Asked::progress("2026-08-31"), Asked::eligibility("2026-03-31").with(json!({ "attendance-percent": 95 }))] {
            let mut answers = Vec::new();
            for lab in &labs {
                let (given, _) = lab.given_of(family.clone(), &asked);
                let outcome = lab.ask_given(given).await;
                answers.push(outcome.result.unwrap_or_else(|fault| panic!("{}: {fault}", family.reference)));
            }
            assert_eq!(answers[0], answers[1], "{} in JavaScript", family.reference);
            assert_eq!(answers[0], answers[2], "{} in Python", family.reference);
            standings.extend(answers[0].findings.iter().map(|finding| finding.standing.clone()));
        }
    }
    assert_eq!(standings.into_iter().collect::<Vec<_>>(), ["met", "not-applicable", "not-enough-evidence", "not-met"]);
}

/// What every scenario of the built plugin came to: its name, and the answers' digests. They must pass.
async fn played(desk: &Desk, folder: &str) -> Vec<(String, Vec<Option<Digest>>)> {
    // Compiled once: the second time it is in the laboratory's cache.
    let bytes = desk.built(folder);
    let lab = Lab::of_bytes(&bytes, &[], Limits::default());
    let compiled = lab.sandbox.compile(lab.inspected.digest, &bytes).unwrap();
    let bench = Bench::new(lab.sandbox.clone(), compiled, lab.inspected.clone()).unwrap();
    let mut came_to = Vec::new();
    for story in read_folder(&desk.at(folder)).unwrap().iter().flat_map(|file| &file.stories) {
        let played = bench.play(story).await;
        assert!(played.passed(), "{folder}: {}: {played:?}", story.name());
        came_to.push((story.name(), played.checked.iter().map(|checked| checked.answer).collect()));
    }
    came_to
}

#[tokio::test]
async fn the_beginnings_of_all_extension_points_go_together_and_answer_alike_in_each_language() {
    let desk = Desk::new();
    let mut each = Vec::new();
    for language in LANGUAGES {
        let name = format!("everything-{language}");
        desk.begin_offering(&name, language, "outcomes,pathway,assessment,commissioning");
        each.push(played(&desk, &name).await);
    }
    assert_eq!(each[0], each[1], "in JavaScript");
    assert_eq!(each[0], each[2], "in Python");
    assert!(each[0].len() > 20, "{} scenarios", each[0].len());
}

#[tokio::test]
async fn the_beginning_of_each_extension_point_stands_alone() {
    let desk = Desk::new();
    for point in ExtensionPoint::ALL {
        desk.begin_offering(point.code(), "javascript", point.code());
        assert!(played(&desk, point.code()).await.len() >= 5, "{}", point.code());
    }
}

#[test]
fn what_cannot_be_begun_is_said_in_one_line() {
    let desk = Desk::new();
    for (name, offers, says) in [
        ("school-days", "outcomes,triage", "`triage` is not an extension point (there are assessment, outcomes, pathway, commissioning)"),
        ("school-days", "outcomes,outcomes", "`outcomes` stands twice among what is offered"),
        ("School days", "outcomes", "`School days` is not a plugin's name (2 to 64 small letters, digits and hyphens)"),
    ] {
        let begun = desk.hearth(&["plugin", "new", name, "--language", "python", "--offers", offers]);
        assert_eq!(begun.err, format!("hearth: {says}\n"));
    }
}

#[test]
fn what_a_plugin_asks_for_and_never_uses_is_said_when_it_is_built() {
    let desk = Desk::new();
    desk.begin("lazy", "javascript");
    let built = desk.hearth(&["plugin", "build", "lazy", "--out", "built.wasm"]);
    assert_eq!((built.well, built.err.as_str()), (true, ""));

    let world = std::fs::read_to_string(desk.at("lazy/world.wit")).unwrap();
    desk.write(
        "lazy/world.wit",
        &world.replace("  import hearth:family/household", "  import hearth:family/health@1.0.0;\n  import hearth:family/household"),
    );
    let manifest = std::fs::read_to_string(desk.at("lazy/manifest.json")).unwrap();
    let because = r#""hearth:family/health": {"en": "In case.", "cy": "Rhag ofn."},"#;
    desk.write("lazy/manifest.json", &manifest.replace("\"why\": {", &format!("\"why\": {{ {because}")));
    let built = desk.hearth(&["plugin", "build", "lazy", "--out", "built.wasm"]);
    assert!(built.well, "{}", built.err);
    assert_eq!(
        built.err,
        "warning: world.wit:6: asks to import hearth:family/health@1.0.0, and the source never does: ask for no more than is used\n"
    );
}

/// What `plugin test` says of a beginning in JavaScript in which one text was replaced.
fn tested_with(desk: &Desk, file: &str, old: &str, new: &str) -> String {
    let text = std::fs::read_to_string(desk.at(file)).unwrap();
    assert!(text.contains(old), "{file} has no {old}");
    desk.write(file, &text.replacen(old, new, 1));
    let told = desk.hearth(&["plugin", "test", "typical", "--only", "one session too few"]);
    desk.write(file, &text);
    assert!(!told.well, "nothing is wrong with {new}");
    told.out + &told.err
}

#[test]
fn a_typical_mistake_is_told_with_its_file_its_field_and_its_cause() {
    let desk = Desk::new();
    desk.begin("typical", "javascript");
    for (file, old, new, says) in [
        (
            "plugin.js",
            "export function progress",
            "function progress",
            "hearth: plugin.js does not export the function progress, which rules in world.wit asks for\n",
        ),
        (
            "plugin.js",
            "const today = run.asOf();",
            "const today = run.asOf(); for (;;) {}",
            "used its 500000000 instructions without answering",
        ),
        (
            "plugin.js",
            "'none-yet'",
            "'nothing-yet'",
            "answer: `nothing-yet` is not in the code list outcomes (none-yet, progress, significant-and-sustained",
        ),
        ("plugin.js", "criterion: 'attendance'", "criterion: 'atendance'", "criterion `atendance` is not in the manifest (attendance)"),
        (
            "manifest.json",
            "\"hearth:family/education\"",
            "\"hearth:family/health\"",
            "hearth: manifest: why.hearth:family/education: the component imports this: say why",
        ),
        (
            "manifest.json",
            ",\n      \"cy\": \"{child}: nid oes sesiynau ysgol wedi'u cofnodi.\"",
            "",
            "hearth: manifest.json: templates[1].cy: missing field `cy`\n",
        ),
        (
            "manifest.json",
            "Bu {child} yn",
            "Bu {plentyn} yn",
            "hearth: manifest.json: templates[0].cy: has a gap {plentyn} that args does not declare\n",
        ),
        ("manifest.json", "\"format\": 1,", "\"format\": 1", "hearth: manifest.json: is not JSON: expected `,` or `}` at line 3"),
        ("world.wit", "  import hearth:family/education@1.0.0;\n", "", "world.wit does not import it, or it has another name"),
        (
            "scenarios/attendance.yaml",
            "until: 2026-07-17",
            "until: 2026-17-07",
            "attendance.yaml:11: facts[0].attendance.until: there is no such day in the calendar",
        ),
        (
            "scenarios/attendance.yaml",
            "ask: progress",
            "ungranted: [family/education]\nask: progress",
            "the plugin needs hearth:family/education, which the authority has not granted; what it can do without stands under `optional`",
        ),
        ("scenarios/attendance.yaml", "everything: complete", "everyting: complete", "coverage.everyting: is neither"),
        ("scenarios/attendance.yaml", "now: 89, threshold", "nou: 89, threshold", "there is no such field here"),
    ] {
        let told = tested_with(&desk, &format!("typical/{file}"), old, new);
        assert!(told.contains(says), "{file}, {new}:\n{told}\nshould say {says}");
    }
}

async fn doing(lab: &Lab, what: &str) -> Outcome {
    lab.ask(&Family::new(), &Asked::eligibility("2026-08-31").with(json!({ "do": what }))).await
}

/// `expected`: what is done, what the fault says, and the place that it names.
async fn each_mistake(source: &str, expected: &[(&str, &str, &str)]) {
    let desk = Desk::mistakes(source);
    let bytes = desk.built("mistakes");
    let lab = Lab::of_bytes(&bytes, &[], Limits::default());
    for (what, says, at) in expected {
        let fault = doing(&lab, what).await.result.expect_err(what);
        assert_eq!(fault.code(), "plugin-trapped", "{what}");
        let told = fault.to_string();
        assert!(told.contains(says) && told.contains(at), "{what}: {told}\nshould say {says}, {at}");
    }

    assert_eq!(doing(&lab, "answer").await.result.unwrap().findings.len(), 1);
    match doing(&lab, "refuse").await.result.unwrap().result {
        Verdict::Refused(failure) => {
            assert_eq!((failure.why.as_str(), failure.message.unwrap().template.as_str()), ("no-rate", "delete"));
        }
        other => panic!("{other:?}"),
    }
    let helpers = doing(&lab, "helpers").await;
    let said: Vec<_> = helpers.log.lines.iter().map(|line| line.text.to_lowercase().replace("none", "null")).collect();
    assert_eq!(said, ["very-strict 80000 19782 1600-01-01 2399-12-31 null", "895 4 true"], "{:?}", helpers.result);

    // A section that is not granted, and whose absence nobody handles.
    let without = Lab::of_bytes(&bytes, &["hearth:family/coverage"], Limits::default());
    match doing(&without, "absence").await.result.unwrap().result {
        Verdict::Refused(failure) => assert_eq!(failure.why, "not-granted"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn in_javascript_a_mistake_is_a_fault_with_its_place_and_a_refusal_an_answer() {
    each_mistake(
        "plugin.js",
        &[
            ("throw", "RangeError: deliberate", "at plugin.js:22:"),
            ("text-for-a-number", "findings.add: finding.now is \"ninety\", and must be a whole number", "plugin.js:25:"),
            ("nothing-for-a-number", "calendar.monthsTo: months is missing", "plugin.js:28:"),
            ("not-a-number", "finding.now is NaN", "plugin.js:31:"),
            ("field-missing", "finding.window is missing, and must be a Window", "plugin.js:34:"),
            ("field-unknown", "finding has a field look_again", "plugin.js:37:"),
            ("no-answer", "the answer", "(plugin.js:59) is missing, and must be text"),
            ("refuse-wrongly", "refuse.why is 3, and must be text", "plugin.js:16:"),
            ("clock", "there is no clock", "plugin.js:41:"),
        ],
    )
    .await;
}

#[tokio::test]
async fn in_python_a_mistake_is_a_fault_with_its_place_and_a_refusal_an_answer() {
    each_mistake(
        "plugin.py",
        &[
            ("throw", "ValueError: deliberate", "at plugin.py:17 in throw"),
            ("text-for-a-number", "findings.add: finding.now is 'ninety', and must be a whole number", "plugin.py:34 in"),
            ("nothing-for-a-number", "calendar.months_to: months is missing", "plugin.py:35 in"),
            ("not-a-number", "finding.now is nan", "plugin.py:36 in"),
            ("field-missing", "finding.window is missing, and must be a Window", "plugin.py:37 in"),
            ("field-unknown", "unexpected keyword argument 'lookagain'", "plugin.py:38 in"),
            ("no-answer", "the answer", "(plugin.py:44) is missing, and must be text"),
            ("refuse-wrongly", "refuse takes a word and a message, and is given 3, None", "plugin.py:31 in"),
        ],
    )
    .await;
}

#[tokio::test]
async fn in_rust_a_panic_is_a_fault_with_its_place() {
    let desk = Desk::new();
    desk.begin("panics", "rust");
    let source = std::fs::read_to_string(desk.at("panics/src/outcomes.rs")).unwrap();
    desk.write(
        "panics/src/outcomes.rs",
        &source.replace("let mut found = Vec::new();", "let mut found: Vec<Found> = vec![];\n    let _ = found[7].now;"),
    );
    let line = source.lines().position(|line| line.contains("let mut found = Vec::new();")).unwrap() + 2;
    let lab = Lab::of_bytes(&desk.built("panics"), &[], Limits::default());
    let fault = lab.ask(&Family::new(), &Asked::progress("2026-08-31")).await.result.unwrap_err().to_string();
    assert!(fault.contains("index out of bounds") && fault.contains(&format!("src/outcomes.rs:{line}:")), "{fault}");
}

/// The same folder again and again: what an earlier build left does no harm.
fn each_says(source: &str, cases: &[(&str, &str)]) {
    let desk = Desk::mistakes(source);
    for (text, says) in cases {
        desk.write(&format!("mistakes/{source}"), text);
        let told = desk.not_built("mistakes");
        assert!(told.contains(says), "{told}\nshould say {says}");
    }
}

#[test]
fn javascript_that_does_not_build_says_where() {
    each_says(
        "plugin.js",
        &[
            ("export const one = 1;\nexport function eligibility( { }\n", "at plugin.js:3:1"),
            ("export function eligibility() {}\n", "plugin.js does not export the function progress, which rules in world.wit asks for"),
            ("import { asOf } from './kit/platform/run.js';\nconst today = asOf();\n", "run.asOf is called while the plugin is loaded"),
            ("import { nothing } from './kit/hearth.js';\n", "Could not find export 'nothing' in module '/kit/hearth.js'"),
        ],
    );
}

#[test]
fn python_that_does_not_build_says_where() {
    each_says(
        "plugin.py",
        &[
            ("def eligibility(:\n    pass\n", "File \"plugin.py\", line 1"),
            ("def eligibility():\n    pass\n", "plugin.py has no function progress, which rules in world.wit asks for"),
            ("from wit_world.imports import run\ntoday = run.as_of()\n", "run.as_of is called while the plugin is loaded"),
            ("import yaml\n", "No module named 'yaml'"),
        ],
    );
}

#[test]
fn a_folder_that_is_no_plugin_is_refused_in_its_authors_words() {
    let desk = Desk::mistakes("plugin.js");
    desk.write("mistakes/plugin.py", "");
    assert!(desk.not_built("mistakes").contains("has plugin.js and plugin.py; a plugin is written in one language"));
    std::fs::remove_file(desk.at("mistakes/plugin.py")).unwrap();

    let world = std::fs::read_to_string(desk.at("mistakes/world.wit")).unwrap();
    desk.write("mistakes/world.wit", &world.replace("education@1.0.0", "educaton@1.0.0"));
    let told = desk.not_built("mistakes");
    assert!(told.contains("educaton") && told.contains("world.wit:5:"), "{told}");
    desk.write("mistakes/world.wit", &world.replacen("@1.0.0", "@0.9.0", 1));
    assert!(desk.not_built("mistakes").contains("world.wit asks for hearth 0.9.0 and for 1.0.0: write one release after every @"));
    desk.write("mistakes/world.wit", &world.replace("@1.0.0", "@0.7.3"));
    let told = desk.not_built("mistakes");
    assert!(
        told.contains("world.wit asks for hearth 0.7.3, and this program builds for 0.9.0, 0.9.1, 1.0.0: write one of these"),
        "{told}"
    );
    desk.write("mistakes/world.wit", &world);

    std::fs::remove_dir_all(desk.at("mistakes/kit")).unwrap_or_default();
    desk.write("mistakes/kit/mine.js", "export const mine = 1;\n");
    let told = desk.not_built("mistakes");
    assert!(told.contains("has files that `hearth plugin build` did not write"), "{told}");
    assert!(desk.at("mistakes/kit/mine.js").exists());
}

#[test]
fn without_tools_one_line_says_how_to_get_them() {
    let desk = Desk::mistakes("plugin.js");
    let output = Command::new(hearth())
        .args(["plugin", "build", "mistakes", "--out", "built.wasm"])
        .current_dir(desk.folder.path())
        .env("HEARTH_TOOLS", desk.at("no-tools"))
        .output()
        .unwrap();
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "hearth: the javascript tools are not installed: run `hearth plugin tools javascript`, once\n"
    );
}

#[test]
fn a_component_built_by_another_tool_is_packed() {
    let desk = Desk::mistakes("plugin.js");
    std::fs::write(desk.at("empty.wasm"), wat::parse_str("(component)").unwrap()).unwrap();
    let packed = desk.hearth(&["plugin", "pack", "empty.wasm", "--manifest", "mistakes/manifest.json", "--out", "packed.wasm"]);
    assert!(packed.err.contains("a host would refuse it"), "{}", packed.err);
    assert!(
        packed.err.contains("the manifest offers outcomes, and the component exports no such interface")
            || packed.err.contains("is not imported"),
        "{}",
        packed.err
    );
}
