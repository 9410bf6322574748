//! Nothing by which a person of the demonstration could be known stands in a log, a count or an answer that something is wrong.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::path::Path;

use anyhow::{Context, Result};
use hearth_tests::demonstration::{personal, told};
use hearth_tests::host::{Answered, Caller};
use hearth_tests::program::{Served, run_with};
use serde_json::{Value, json};

const BRISTOL: &str = "/v1/authorities/E06000023";
/// Everything that every crate of the program can say.
const ALL: [(&str, &str); 1] = [("HEARTH_LOG", "trace")];
/// Values of the demonstration's people, to stand where they do not belong.
const MISPLACED: [&str; 7] = ["Joanne Pellow", "Joanne", "1987-06-11", "11/06/1987", "ZW 90 11 17 B", "9990000379", "27 Ropewheel Lane"];

fn demo(data: &Path) -> String {
    let target = std::env::current_exe().unwrap().ancestors().nth(3).unwrap().to_owned();
    let plugin = target.join("plugins/bristol-outcomes.wasm").display().to_string();
    let typed = ["demo", "--once", "--listen", "127.0.0.1:0", "--data", data.to_str().unwrap(), "--plugin", &plugin];
    let ran = run_with(data, &typed, &ALL);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.err.contains("answered"), "the log is there: {}", ran.err);
    ran.err
}

/// Ids by the name of the gap that they fill, out of everything that lists answer.
async fn ids(caller: &Caller) -> Result<BTreeMap<String, Vec<String>>> {
    let mut ids: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (gap, list) in [
        ("family", "/families"),
        ("installation", "/installations"),
        ("decision", "/decisions"),
        ("delivery", "/deliveries"),
        ("proposal", "/proposals"),
        ("undecided", "/undecided"),
        ("agreement", "/agreements"),
        ("row", "/matches"),
        ("token", "/tokens"),
    ] {
        let got = caller.get(list).await?;
        let items = got["items"].as_array().with_context(|| format!("{list}: {got}"))?;
        let id = |item: &Value| ["id", "row", "hash"].iter().find_map(|name| item[name].as_str().map(str::to_owned));
        ids.insert(gap.to_owned(), items.iter().filter_map(id).take(4).collect());
    }
    for family in ids["family"].clone() {
        let facts = caller.get(&format!("/families/{family}/facts")).await?;
        let facts = facts["items"].as_array().into_iter().flatten().filter_map(|f| f["id"].as_str().map(str::to_owned));
        ids.entry("fact".to_owned()).or_default().extend(facts.take(4));
    }
    let plugins = caller.get("/v1/plugins").await?;
    ids.insert("plugin".to_owned(), vec![plugins["items"][0]["digest"].as_str().context("a plugin")?.to_owned()]);
    Ok(ids)
}

/// The path with each gap filled from `ids`, or with what belongs to nobody.
fn filled(path: &str, ids: &BTreeMap<String, Vec<String>>, turn: usize) -> String {
    let mut path = path.replace("{authority}", "E06000023");
    while let (Some(from), Some(to)) = (path.find('{'), path.find('}')) {
        let known = ids.get(&path[from + 1..to]).filter(|known| !known.is_empty());
        let value = known.map_or("attendance", |known| known[turn % known.len()].as_str());
        path = format!("{}{value}{}", &path[..from], &path[to + 1..]);
    }
    path
}

/// The example with each of its values in turn made one that does not belong there.
fn misplaced(example: &Value, wrong: &Value) -> Vec<Value> {
    fn places(value: &Value, at: &str, found: &mut Vec<String>) {
        match value {
            Value::Object(fields) => fields.iter().for_each(|(name, v)| places(v, &format!("{at}/{}", name.replace('/', "~1")), found)),
            Value::Array(items) => items.iter().enumerate().for_each(|(i, v)| places(v, &format!("{at}/{i}"), found)),
            _ => {}
        }
        found.push(at.to_owned());
    }
    let mut found = Vec::new();
    places(example, "", &mut found);
    let changed = found.iter().map(|place| {
        let mut sent = example.clone();
        *sent.pointer_mut(place).unwrap() = wrong.clone();
        sent
    });
    changed.collect()
}

struct Asked {
    personal: BTreeSet<String>,
    answers: usize,
    wrong: Vec<String>,
}

impl Asked {
    /// An answer that something is wrong names nobody.
    fn look(&mut self, what: &str, answered: &Answered) {
        // This host was not told its own address: nobody signs in here but by tokens.
        let set_up = answered.body["type"] != "/problems/not-set-up";
        assert!(answered.status < 500 || !set_up, "{what}: {}", answered.body);
        if answered.status >= 400 {
            self.answers += 1;
            self.hears(what, &answered.body.to_string());
        }
    }

    fn hears(&mut self, what: &str, said: &str) {
        let told = told(said, &self.personal);
        if !told.is_empty() {
            self.wrong.push(format!("{what}: {told:?} in {said}"));
        }
    }
}

#[tokio::test]
async fn no_log_no_count_and_no_error_names_anybody() -> Result<()> {
    let personal = personal()?;
    assert!(
        personal.len() > 150 && ["Pellow", "1987-06-11", "ZW901117B", "27 Ropewheel Lane", "BR-0001"].iter().all(|v| personal.contains(*v)),
        "{personal:?}"
    );
    let folder = tempfile::tempdir()?;
    let data = folder.path();
    let mut log = demo(data);

    let file = data.join("log");
    let mut served = Served::start_into(data, &ALL, File::create(&file)?);
    let tokens: Value = serde_json::from_slice(&fs::read(data.join("tokens.json"))?)?;
    let operator = Caller::new(&served.base, "", tokens["operator"].as_str().context("operator")?);
    let callers: Vec<Caller> = [&tokens["councils"][0][1], &tokens["people"][0][1], &tokens["people"][1][1], &tokens["people"][2][1]]
        .map(|token| Caller::new(&served.base, BRISTOL, token.as_str().unwrap_or_default()))
        .to_vec();
    let document = operator.get("/v1/openapi.json").await?;
    let ids = ids(&callers[0]).await?;
    let mut asked = Asked { personal, answers: 0, wrong: Vec::new() };

    let mut reads = 0;
    for (path, item) in document["paths"].as_object().context("paths")? {
        for (method, operation) in item.as_object().context("operations")? {
            let what = format!("{} {path}", method.to_uppercase());
            if method == "get" && path != "/metrics" && !path.ends_with("/inspection") && !path.starts_with("/problems") {
                for (turn, caller) in callers.iter().enumerate() {
                    let path = filled(path, &ids, turn);
                    // What comes piece by piece is no JSON, and names nobody even where all is well.
                    if path.ends_with("/events") {
                        let (_, pieces) = caller.text(&path).await?;
                        asked.hears(&what, &pieces);
                        reads += 1;
                        continue;
                    }
                    let query = if path.ends_with("/search") { "?name=Joanne%20Pellow" } else { "" };
                    asked.look(&what, &caller.send(caller.request("GET", &format!("{path}{query}"))).await?);
                    reads += 1;
                }
                // A value where an id, a word or a number belongs.
                for wrong in MISPLACED.map(|w| w.replace(' ', "%20").replace('/', "%2F")) {
                    for parameter in operation["parameters"].as_array().into_iter().flatten() {
                        let name = parameter["name"].as_str().unwrap_or_default();
                        let path = match parameter["in"].as_str() {
                            Some("path") => filled(&path.replace(&format!("{{{name}}}"), &wrong), &ids, 0),
                            Some("query") => format!("{}?{name}={wrong}", filled(path, &ids, 0)),
                            _ => continue,
                        };
                        asked.look(&what, &callers[0].send(callers[0].request("GET", &path)).await?);
                    }
                }
            }
            let body = &operation["requestBody"]["content"]["application/json"];
            if body["example"].is_object() {
                for wrong in MISPLACED.map(|w| json!(w)).into_iter().chain([json!(19_870_611), json!(["Joanne Pellow"])]) {
                    for sent in misplaced(&body["example"], &wrong) {
                        let request = callers[0].request(&method.to_uppercase(), &filled(path, &ids, 1)).json(&sent);
                        asked.look(&what, &callers[0].send(request).await?);
                    }
                }
            }
        }
    }
    let (status, counts) = operator.text("/metrics").await?;
    assert_eq!(status, 200);
    served.kill();
    log.push_str(&fs::read_to_string(&file)?);
    assert!(log.contains("route") && reads > 100 && asked.answers > 500, "{reads} reads, {} errors", asked.answers);

    let lines: Vec<String> = log
        .lines()
        .filter_map(|line| Some(told(line, &asked.personal)).filter(|t| !t.is_empty()).map(|told| format!("{told:?} in {line}")))
        .collect();
    assert!(lines.is_empty(), "{} lines of the log:\n{}", lines.len(), lines[..lines.len().min(20)].join("\n"));
    assert_eq!(told(&counts, &asked.personal), Vec::<&str>::new(), "{counts}");
    let wrong = asked.wrong;
    assert!(wrong.is_empty(), "{} of {} errors:\n{}", wrong.len(), asked.answers, wrong[..wrong.len().min(40)].join("\n"));
    println!(
        "{} values of people; {reads} reads, {} errors, {} lines of log: none names anybody",
        asked.personal.len(),
        asked.answers,
        log.lines().count()
    );
    Ok(())
}
