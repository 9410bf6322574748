//! What authors may take from decisions and try out: scenarios, what would have to change, the playground.

use axum::http::{Method, header};
use serde_json::{Value, json};

use super::programme::demo;
use super::{BRISTOL_COUNCIL, Host, is, request, within};
use crate::access::tokens::{self, Asked, For};
use crate::plugins::scenarios::{Bench, Node, stories};
use crate::record::Digest;
use crate::sandbox::for_tests::built;
use crate::store::tests::{BRISTOL, code};
use crate::workflow::authoring::{Bounds, Target};

const AS_OF: &str = "2026-08-31";
const FAMILY: &str = "br-0002-sons-at-89-and-90";

impl Host {
    /// Bristol's rules, and so many families that are alike but for their names; a decision about the first.
    async fn decided_of_alike(&self, families: usize) -> Value {
        let first = self.demo_family(FAMILY).await;
        for n in 1..families {
            let mut family = demo(&format!("families/{BRISTOL}/{FAMILY}.json"));
            family["reference"] = json!(format!("ALIKE-{n}"));
            for person in family["people"].as_object_mut().unwrap().values_mut() {
                person.as_object_mut().unwrap().remove("identifiers");
                person["name"]["family"] = json!(format!("Alike{}", ["a", "b", "c", "d", "e"][n]));
            }
            family["homes"]["flat"].as_object_mut().unwrap().remove("address");
            self.post(&self.bristol, &within("/families"), &family).await.ok();
        }
        self.adopt("bristol-outcomes", json!({})).await;
        self.decide(&first, "progress").await.ok()
    }

    async fn decision(&self, token: &str, decision: &Value, what: &str, body: &Value) -> super::Got {
        self.post(token, &within(&format!("/decisions/{}/{what}", decision["id"].as_str().unwrap())), body).await
    }

    async fn bench(&self, name: &str) -> Bench {
        self.workflow().bench(&code(BRISTOL), Digest::of(&built(name))).await.unwrap()
    }

    async fn plays(&self, yaml: &str) -> Vec<String> {
        let stories = stories(Node::from_yaml(yaml).unwrap()).unwrap();
        let played = self.bench("bristol-outcomes").await.play(&stories[0]).await;
        assert_eq!(played.wrong, None, "{yaml}");
        assert_eq!(played.checked.len(), 1);
        played.checked[0].misses.iter().map(|m| format!("{}: {} is {}", m.field, m.expected, m.got)).collect()
    }

    async fn play(&self, plugin: &str, body: &Value) -> super::Got {
        let at = within(&format!("/plugins/{}/playground", Digest::of(&built(plugin))));
        self.post(&self.bristol, &at, body).await
    }
}

fn field<'a>(yaml: &'a str, name: &str) -> &'a str {
    yaml.lines().find_map(|l| l.strip_prefix(name)).unwrap().trim()
}

#[tokio::test]
async fn a_real_familys_decision_leaves_as_somebody_elses_and_is_answered_the_same() {
    let host = Host::new().await;
    let decision = host.decided_of_alike(5).await;
    let exported = host.decision(&host.officer, &decision, "scenario", &json!({})).await.ok();
    let yaml = exported["yaml"].as_str().unwrap();
    assert_eq!(exported["pseudonymised"], true);
    assert_eq!(host.plays(yaml).await, [""; 0], "{yaml}");
    // Nobody's name, number, address, id or day of birth.
    let taken = serde_json::to_string(&decision).unwrap();
    for gone in ["Whitmarsh", "Carol", "Lewis", "Gannet", "BS99", "999", "nino", "2010-05", "2014-11", "holds", "severnhope"] {
        assert!(!yaml.contains(gone), "{gone} is in {yaml}");
    }
    for id in [&decision["id"], &decision["family"]].map(|id| id.as_str().unwrap()) {
        assert!(taken.contains(id) && !yaml.contains(id), "{yaml}");
    }
    assert!(yaml.lines().filter(|l| l.contains("born: ")).all(|l| l.contains("-01, ")), "{yaml}");
    // By whole weeks, and the answer is the decision's.
    let today: crate::record::Day = field(yaml, "today:").parse().unwrap();
    let by = today.number() - AS_OF.parse::<crate::record::Day>().unwrap().number();
    assert!(by % 7 == 0 && (28..=364).contains(&by.abs()), "{by}");
    assert_eq!(field(yaml, "  answer:"), decision["result"]);
    for finding in decision["findings"].as_array().unwrap() {
        assert!(yaml.contains(finding["criterion"].as_str().unwrap()), "{finding}");
    }
    // What the answer does not need is not in it: nobody asked about an episode's needs of the plan before.
    assert!(!exported["left_out"].as_array().unwrap().is_empty(), "{exported}");
    // The file can fail: of another attendance another answer is expected.
    let other = yaml.replace("attended: ", "attended: 1");
    assert!(other != yaml && host.plays_or_not(&other).await, "{other}");
    // Read and noted, for a purpose; nothing is written.
    let auditor = host.auditor().await;
    let trail = host.get(&auditor, &within("/audit/entries?limit=200")).await.ok();
    let noted = trail["items"].as_array().unwrap().iter().find(|e| e["what"].as_str().unwrap().ends_with("/scenario"));
    let noted = noted.expect("it is noted");
    assert_eq!((&noted["purpose"], &noted["family"]), (&json!("data-quality"), &decision["family"]), "{noted}");
    assert!(noted["sections"].as_array().unwrap().contains(&json!("education")), "{noted}");
}

impl Host {
    /// Does it fail, one way or another?
    async fn plays_or_not(&self, yaml: &str) -> bool {
        let Ok(stories) = stories(Node::from_yaml(yaml).unwrap()) else { return true };
        !self.bench("bristol-outcomes").await.play(&stories[0]).await.passed()
    }

    async fn auditor(&self) -> String {
        let of = For::System { authority: code(BRISTOL), roles: std::iter::once(crate::access::Role::Auditor).collect() };
        tokens::issue(&self.house.stores, Asked::on_the_host("auditor", of)).await.unwrap().token
    }
}

#[tokio::test]
async fn what_few_families_have_does_not_leave() {
    let host = Host::new().await;
    let decision = host.decided_of_alike(4).await;
    let refused = host.decision(&host.officer, &decision, "scenario", &json!({})).await;
    assert_eq!(refused.problem(), is(409, "conflict", None));
    assert!(refused.text().contains("fewer than five families"), "{}", refused.text());
    // A system of the council's exports nothing, whatever it may see.
    let refused = host.decision(&host.bristol, &decision, "scenario", &json!({})).await;
    assert_eq!(refused.problem(), is(403, "not-allowed", None));
}

#[tokio::test]
async fn a_code_or_a_size_that_few_families_have_does_not_leave_although_each_kind_of_fact_is_common() {
    let host = Host::new().await;
    host.decided_of_alike(5).await;
    let need = |family: &mut Value| {
        for fact in family["facts"].as_array_mut().unwrap().iter_mut().filter(|f| f["kind"] == "episode") {
            fact["detail"]["needs"] = json!(["school-attendance", "health"]);
        }
    };
    // Two more sons, whose attendance is answered about as the others' is.
    let sons = |family: &mut Value| {
        let facts = family["facts"].as_array().unwrap().clone();
        for (son, given, as_well) in [("son-3", "Tom", "son-1"), ("son-4", "Max", "son-2")] {
            family["people"][son] = json!({ "name": { "given": given, "family": "Other" }, "born": family["people"][as_well]["born"] });
            for fact in facts.iter().filter(|f| f["kind"] == "attendance" && f["person"] == as_well) {
                let mut fact = fact.clone();
                fact["person"] = json!(son);
                family["facts"].as_array_mut().unwrap().push(fact);
            }
        }
    };
    type Change<'a> = &'a dyn Fn(&mut Value);
    let changes: [(&str, Change<'_>); 2] =
        [("a fact of kind episode, its needs", &need), ("families of this authority are so large", &sons)];
    for (n, (says, change)) in changes.into_iter().enumerate() {
        let mut family = demo(&format!("families/{BRISTOL}/{FAMILY}.json"));
        family["reference"] = json!(format!("OTHER-{n}"));
        for person in family["people"].as_object_mut().unwrap().values_mut() {
            person.as_object_mut().unwrap().remove("identifiers");
            person["name"]["family"] = json!(["Othera", "Otherb"][n]);
        }
        family["homes"]["flat"].as_object_mut().unwrap().remove("address");
        change(&mut family);
        let taken = host.post(&host.bristol, &within("/families"), &family).await.ok();
        let decision = host.decide(&taken["id"], "progress").await.ok();
        let refused = host.decision(&host.officer, &decision, "scenario", &json!({})).await;
        assert_eq!(refused.problem(), is(409, "conflict", None), "{says}");
        assert!(refused.text().contains(says), "{}", refused.text());
    }
}

#[tokio::test]
async fn an_invented_authoritys_decision_leaves_as_it_is() {
    let host = Host::new().await;
    let training = json!({ "code": "E06000024", "name": "Training", "invented": true });
    let created = host.post(&host.operator, "/v1/authorities", &training).await.ok();
    assert_eq!(created["invented"], true);
    assert_eq!(host.get(&host.operator, "/v1/authorities/E06000023").await.ok()["invented"], false);
    let stores = &host.house.stores;
    let officer = For::System { authority: code("E06000024"), roles: std::iter::once(crate::access::Role::DataManager).collect() };
    let all = tokens::issue(stores, Asked::on_the_host("all", For::council(code("E06000024")))).await.unwrap().token;
    let officer = tokens::issue(stores, Asked::on_the_host("officer", officer)).await.unwrap().token;
    let at = |path: &str| format!("/v1/authorities/E06000024{path}");

    let plugin = host.upload("bristol-outcomes").await.ok();
    let rules = json!({ "approval": "one-person", "watch": { "failures": 0, "of_last": 20 } });
    host.put(&all, &at("/plugin-review"), &rules).await.ok();
    let grants: Vec<_> = plugin["asks"].as_array().unwrap().iter().map(|a| a["interface"].clone()).collect();
    let proposal = json!({ "plugin": plugin["digest"], "grants": grants, "settings": {} });
    let proposed = host.post(&all, &at("/installations"), &proposal).await;
    let installed = proposed.headers[header::LOCATION].to_str().unwrap().to_owned();
    host.post(&all, &format!("{installed}/activation"), &json!({})).await.ok();
    for organisation in demo("organisations.json").as_array().unwrap() {
        host.post(&host.bristol, "/v1/organisations", organisation).await.ok();
    }
    let family = demo(&format!("families/{BRISTOL}/{FAMILY}.json"));
    let family = host.post(&all, &at("/families"), &family).await.ok();
    let statements = json!({ "statements": [{ "kind": "attendance", "first": "2025-09-01", "last": "2026-08-31", "state": "complete",
        "source": "e06000024" }] });
    host.post(&all, &at("/coverage"), &statements).await.ok();
    let asked = json!({ "family": family["id"], "question": "progress", "as_of": AS_OF });
    let decision = host.post(&all, &at("/decisions"), &asked).await.ok();

    let export = at(&format!("/decisions/{}/scenario", decision["id"].as_str().unwrap()));
    let exported = host.post(&officer, &export, &json!({})).await.ok();
    let yaml = exported["yaml"].as_str().unwrap();
    assert_eq!((&exported["pseudonymised"], &exported["left_out"], field(yaml, "today:")), (&json!(false), &json!([]), AS_OF));
    assert!(yaml.contains("2010-05-20") && !yaml.contains("Whitmarsh"), "{yaml}");
    assert_eq!(host.plays(yaml).await, [""; 0], "{yaml}");
}

#[tokio::test]
async fn what_would_have_to_change_is_found_and_nothing_is_written() {
    let host = Host::new().await;
    let decision = host.decided_of_alike(1).await;
    let findings = decision["findings"].as_array().unwrap();
    let not_met = findings.iter().find(|f| f["criterion"] == "education-1" && f["standing"] == "not-met").expect("one is at 89 of 100");
    let wanted = json!({ "criterion": "education-1", "person": not_met["person"]["id"] });
    let found = host.decision(&host.officer, &decision, "what-would-change", &wanted).await.ok();
    assert_eq!((&found["result"], &found["standing"]), (&decision["result"], &json!("not-met")), "{found}");
    let turns = found["turns"].as_array().unwrap();
    let attended = turns.iter().find(|t| t["field"] == "attended" && t["standing"] == "met").unwrap_or_else(|| panic!("{found}"));
    assert_eq!((&attended["kind"], &attended["person"]), (&json!("attendance"), &not_met["person"]["id"]));
    assert!(attended["to"].as_u64() > attended["from"].as_u64(), "{attended}");
    assert!(turns.iter().all(|t| t["standing"] != "not-met"), "{found}");
    // The fact is the record's own.
    let fact = host.get(&host.officer, &within(&format!("/facts/{}", attended["fact"].as_str().unwrap()))).await.ok();
    assert_eq!(fact["detail"]["attended"], attended["from"]);
    assert!(found["tried"].as_u64().unwrap() > 20, "{found}");

    // What there was no time for is counted.
    let store = host.house.stores.authority(&code(BRISTOL)).await.unwrap();
    let kept = store.decision(decision["id"].as_str().unwrap().parse().unwrap()).await.unwrap();
    let bounds = Bounds { runs: 3, wall: std::time::Duration::from_secs(60) };
    let few = host.workflow().what_would_change(&store, &kept, Target::Result, bounds).await.unwrap();
    assert_eq!((few.tried, few.untried > 20), (2, true), "beside the one that it is compared with: {few:?}");

    let result = host.decision(&host.officer, &decision, "what-would-change", &json!({})).await.ok();
    assert!(result["turns"].as_array().unwrap().iter().all(|t| t["result"] != decision["result"]), "{result}");
    assert!(result.get("standing").is_none());
    assert_eq!(store.count_decisions().await.unwrap(), 1);
    for (wanted, at) in [
        (json!({ "criterion": "education-9" }), "criterion"),
        (json!({ "criterion": "education-1" }), "criterion"),
        (json!({ "criterion": "education-1", "person": crate::record::PersonId::fresh() }), "person"),
        (json!({ "person": not_met["person"]["id"] }), "person"),
    ] {
        let refused = host.decision(&host.officer, &decision, "what-would-change", &wanted).await;
        assert_eq!(refused.problem(), is(422, "invalid", Some(at)), "{wanted}");
    }
    // Once its evidence is erased, nothing can be asked of it.
    let erase = json!({ "family": decision["family"], "why": "asked", "rehearsal": false });
    host.post(&host.officer, &within("/erasures"), &erase).await.ok();
    for what in ["what-would-change", "scenario"] {
        let gone = host.decision(&host.officer, &decision, what, &json!({})).await;
        assert_eq!(gone.problem(), is(409, "conflict", None));
        assert!(gone.text().contains("was erased by law on"), "{}", gone.text());
    }
}

/// Before the family is engaged the plugin reads nothing but its stay: what it would make of sections that it was never given, nobody is told.
#[tokio::test]
async fn a_change_after_which_the_plugin_would_read_more_than_it_was_given_is_counted_and_not_told() {
    let host = Host::new().await;
    let mut family = super::family("BR-1");
    let later = json!({ "kind": "episode", "first": "2026-09-15", "detail": { "needs": ["school-attendance"] } });
    family["facts"].as_array_mut().unwrap().push(later);
    let family = host.post(&host.bristol, &within("/families"), &family).await.ok();
    host.adopt("bristol-outcomes", json!({})).await;
    let decision = host.decide(&family["id"], "progress").await.ok();
    assert_eq!((&decision["result"], &decision["delivered"]), (&json!("engaged-after-as-of"), &json!(["support"])));
    let found = host.decision(&host.officer, &decision, "what-would-change", &json!({})).await.ok();
    // A month, a quarter and a year earlier it would be engaged by then.
    assert_eq!((&found["beyond"], &found["failed"], &found["untried"]), (&json!(3), &json!(0), &json!(0)), "{found}");
    let results: Vec<&Value> = found["turns"].as_array().unwrap().iter().map(|t| &t["result"]).collect();
    assert_eq!(results, ["refused: no-episode"], "only that it is not there: {found}");
}

fn sam(attended: u32) -> Value {
    json!({
        "today": AS_OF,
        "family": { "people": { "ann": { "born": "38 years ago" }, "sam": { "born": "13 years ago" } } },
        "facts": [
            { "episode": { "from": "2025-09-15", "needs": ["school-attendance"] } },
            { "worker": { "from": "2025-09-15", "role": "keyworker", "employer": "council" } },
            { "attendance": { "label": "term", "person": "sam", "from": "2026-04-13", "until": "2026-07-21", "possible": 1000,
                "attended": attended, "unauthorised": 50 } },
        ],
        "coverage": { "everything": "complete" },
        "ask": "progress",
    })
}

#[tokio::test]
async fn the_playground_answers_about_whom_somebody_invents_and_says_what_differs() {
    let host = Host::new().await;
    host.adopt("bristol-outcomes", json!({})).await;
    let changes =
        json!([{ "edit": { "term": { "attended": 900 } } }, { "settings": { "attendance-percent": 85 } }, { "remove": ["term"] }]);
    let played = host.play("bristol-outcomes", &json!({ "scenario": sam(899), "changes": changes })).await.ok();
    let came = &played["came"];
    assert_eq!((&came["result"], &came["how"], &came["as_of"]), (&json!("none-yet"), &json!("answered"), &json!(AS_OF)), "{played}");
    let finding = came["said"].as_array().unwrap().iter().find(|s| s["key"] == "education-1 of sam").unwrap();
    assert!(finding["sentences"][0].as_str().unwrap().contains("sam"), "{finding}");
    assert_eq!(finding["rests_on"], json!([{ "of": "facts", "count": 1 }]));
    assert!(came["shown"].as_str().unwrap().starts_with("answer: none-yet\n"));
    let differs = played["changes"][0]["differs"].as_array().unwrap();
    let said = |list: &str, field: &str| {
        let found = differs.iter().find(|d| d["list"] == list && d["field"] == field);
        found.map(|d| (d["before"].as_str().unwrap().to_owned(), d["now"].as_str().unwrap().to_owned()))
    };
    assert_eq!(said("answer", ""), Some(("none-yet".into(), "significant-and-sustained".into())), "{differs:?}");
    assert_eq!(said("findings", "standing"), Some(("not-met".into(), "met".into())));
    assert_eq!(said("claims", "amount"), Some(("none".into(), "£800".into())));
    assert!(played["changes"][1]["differs"].as_array().unwrap().iter().any(|d| d["field"] == "threshold" && d["now"] == "85"));
    assert!(!played["changes"][2]["differs"].as_array().unwrap().is_empty());
    // In Welsh, with the same standing.
    let welsh = host.play("bristol-outcomes", &json!({ "scenario": sam(899), "language": "cy" })).await.ok();
    assert_ne!(welsh["came"]["says"], came["says"]);
    assert_eq!(welsh["changes"], json!([]));
    // Nothing is kept.
    let store = host.house.stores.authority(&code(BRISTOL)).await.unwrap();
    assert_eq!(store.count_decisions().await.unwrap(), 0);
    assert_eq!(host.get(&host.bristol, &within("/families")).await.ok()["items"], json!([]));
}

#[tokio::test]
async fn the_playground_takes_the_authoritys_settings_and_nobody_real() {
    let host = Host::new().await;
    let at = host.adopt("bristol-outcomes", json!({ "attendance-percent": 80 })).await;
    let installed = host.get(&host.bristol, &at).await.ok();
    let own = json!({ "scenario": sam(850), "installation": installed["id"] });
    assert_eq!(host.play("bristol-outcomes", &own).await.ok()["came"]["result"], "significant-and-sustained");
    assert_eq!(host.play("bristol-outcomes", &json!({ "scenario": sam(850) })).await.ok()["came"]["result"], "none-yet");
    let with = |path: &str, value: Value| {
        let mut body = json!({ "scenario": sam(850) });
        *body.pointer_mut(path).unwrap() = value;
        body
    };
    let mut many = json!({ "scenario": sam(850) });
    many["changes"] = json!(vec![json!({}); 21]);
    for (body, at) in [
        (with("/scenario/facts/1/worker/role", json!("943 476 5919")), "scenario.facts[1].worker.role"),
        (with("/scenario/ask", json!("fly")), "scenario.ask"),
        (with("/scenario/family/people/sam", json!({ "id": "0198c5a4-0000-7000-8000-000000000000" })), "scenario.family.people.sam.id"),
        (json!({ "scenario": { "family": decision_family() } }), "scenario.today"),
        (json!({ "scenario": sam(850), "changes": [{}, { "edit": { "nothing": {} } }] }), "changes[1].edit.nothing"),
        (json!({ "scenario": sam(850), "changes": [{ "note": "ring 07911 123456" }] }), "changes[0].note"),
        (json!({ "scenario": sam(850), "installation": crate::record::InstallationId::fresh() }), "installation"),
        (many, "changes"),
    ] {
        let refused = host.play("bristol-outcomes", &body).await;
        assert_eq!(refused.problem(), is(422, "invalid", Some(at)), "{body}: {}", refused.text());
    }
    // What a plugin does to itself is an answer, for its author to read.
    host.upload("hostile").await.ok();
    let nowhere = within(&format!("/plugins/sha256:{}/playground", "0".repeat(64)));
    assert_eq!(host.post(&host.bristol, &nowhere, &json!({ "scenario": sam(850) })).await.status, 404);
    let other = host.play("hostile", &json!({ "scenario": sam(850), "installation": installed["id"] })).await;
    assert_eq!(other.problem(), is(422, "invalid", Some("installation")));
    let attack = json!({ "today": AS_OF, "family": { "people": { "ann": { "born": "38 years ago" } } }, "ask": "progress",
        "settings": { "attack": "panic" } });
    let failed = host.play("hostile", &json!({ "scenario": attack })).await.ok();
    assert_eq!((&failed["came"]["how"], &failed["came"]["result"]), (&json!("failed"), &json!("plugin-trapped")), "{failed}");
}

fn decision_family() -> Value {
    json!({ "people": { "ann": { "born": "38 years ago" } } })
}

#[tokio::test]
async fn a_plugins_own_scenarios_are_there_to_begin_with() {
    let host = Host::new().await;
    let plugin = host.upload("bristol-outcomes").await.ok();
    let at = within(&format!("/plugins/{}/scenarios", plugin["digest"].as_str().unwrap()));
    let listed = host.get(&host.bristol, &at).await.ok();
    let items = listed["items"].as_array().unwrap();
    assert!(items.len() > 5, "{}", items.len());
    for item in items.iter().take(3) {
        assert_eq!(item["cases"].as_array().unwrap().len(), item["changes"].as_array().unwrap().len());
        let played = host.play("bristol-outcomes", &json!({ "scenario": item["begin"], "changes": item["changes"] })).await;
        assert!(played.status.is_success(), "{}: {}", item["scenario"], played.text());
    }
    let sent = request(Method::GET, &host.leeds, &at).body(axum::body::Body::empty()).unwrap();
    assert_eq!(host.send(sent).await.status, 404, "{BRISTOL_COUNCIL} is not Leeds'");
}
