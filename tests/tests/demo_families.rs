//! The demonstration families, read as the demonstration reads them but for the extracts: the plugin and the README agree.

use std::path::{Path, PathBuf};

use hearth::sandbox::Question;
use hearth_tests::generated::Case;
use hearth_tests::{Family, Lab, compare};
use serde_json::{Value, json};

const DEMO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../host/demo");

fn read(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// Under what the council's feeds say they cover.
fn family(path: &Path, authority: &str, feeds: &Value) -> Family {
    let mut document = read(path);
    for part in ["facts", "coverage"] {
        if document.get(part).is_none() {
            document[part] = json!([]);
        }
    }
    let mut coverage: Vec<Value> = feeds.as_array().unwrap().iter().filter(|f| f["authority"] == authority).cloned().collect();
    for statement in &mut coverage {
        statement.as_object_mut().unwrap().remove("authority");
    }
    coverage.append(document["coverage"].as_array_mut().unwrap());
    document["coverage"] = Value::Array(coverage);
    Family::written(document)
}

#[tokio::test]
async fn the_plugin_agrees_with_its_readme_about_every_demonstration_family() {
    let lab = Lab::of("bristol-outcomes");
    let feeds = read(&Path::new(DEMO).join("coverage.json"));
    // The demonstration's date, the days when the year's windows turn, and two that need care.
    let days = ["2026-08-31", "2026-08-30", "2026-09-01", "2026-03-31", "2026-02-28", "2025-12-31", "2024-02-29"];
    let mut differ = Vec::new();
    let mut asked = 0;
    for authority in ["E06000023", "E08000035"] {
        for path in files(&Path::new(DEMO).join("families").join(authority)) {
            for as_of in days {
                let case = Case {
                    family: family(&path, authority, &feeds),
                    as_of: as_of.parse().unwrap(),
                    settings: json!({}),
                    claims: Vec::new(),
                };
                for question in [Question::Eligibility, Question::Progress] {
                    asked += 1;
                    if let Err(why) = compare(&lab, &case, question, true).await {
                        differ.push(format!("{}: {why}", path.display()));
                    }
                }
            }
        }
    }
    assert!(asked > 0, "there is no demonstration family");
    assert!(differ.is_empty(), "{} of {asked} answers differ; the first:\n{}", differ.len(), differ[0]);
    println!("{asked} answers agree");
}
