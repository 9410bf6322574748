//! Text that would run if a page showed it as it came (stored script): put into every text that any write of the API takes, and into every
//! text of plugins, then looked for on every kind of page of everybody.

mod mark;
mod pages;

use std::collections::BTreeMap;

use axum::http::Method;
use serde_json::{Value, json};

use super::super::travel::without_manifest;
use super::world::{World, text};
use super::{Row, body, send, table};
use crate::api::openapi;
use crate::api::tests::within;
use crate::plugins::inspect;
use crate::plugins::pack::{Unpackable, pack};
use crate::sandbox::for_tests::built;
use mark::Marked;
use pages::{Found, Looker, Read};

/// Answers of a form and the like have many texts, each refused by itself.
const TRIES: usize = 60;
/// What is reached today, less a little: less than this means that texts are no longer tried, or no longer shown.
const TEXTS_AT_LEAST: usize = 500;
const SHOWN_AT_LEAST: usize = 130;
const KINDS_AT_LEAST: usize = 110;

/// What was accepted: where each number stands.
#[derive(Default)]
struct Taken {
    last: usize,
    texts: BTreeMap<usize, String>,
    /// Writes that hold at least one.
    writes: usize,
    /// Writes that took nothing at all, and why.
    refused: Vec<String>,
}

impl Taken {
    fn keep(&mut self, what: &str, marked: &Marked<'_>) {
        self.texts.extend(marked.numbers().map(|(number, field)| (number, format!("{what} {field}"))));
        self.writes += usize::from(marked.numbers().next().is_some());
    }

    /// Sends one of the table's writes as whoever may, with a text in every field.
    async fn write(&mut self, world: &World, document: &Value, row: &Row, who: &str, number: usize) {
        let base = body(world, row, number).await;
        let operation = &document["paths"][&row.path][row.method.as_str().to_lowercase()];
        let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
        if schema.is_null() {
            return;
        }
        let what = format!("{} {}", row.method, row.path);
        let mut marked = Marked::of(document, schema, &base, self.last);
        self.last = marked.last();
        for _ in 0..TRIES {
            let got = send(world, &world.tokens[who], row, &marked.body, None).await;
            if got.status.is_success() {
                return self.keep(&what, &marked);
            }
            let field = got.json()["field"].as_str().map(str::to_owned);
            if ![400, 422].contains(&got.status.as_u16()) || !marked.give_way(field.as_deref()) {
                return self.refused.push(format!("{what}: {}", got.text()));
            }
        }
        self.refused.push(format!("{what}: too many texts that it does not take"));
    }

    /// The same of something that stands in no row of the table.
    async fn post(&mut self, world: &World, path: &str, base: &Value) -> Option<Value> {
        let mut marked = Marked::every_text(base, self.last);
        self.last = marked.last();
        for _ in 0..TRIES {
            let got = world.host.post(&world.tokens["system"], &within(path), &marked.body).await;
            if got.status.is_success() {
                self.keep(path, &marked);
                return Some(got.json());
            }
            let field = got.json()["field"].as_str().map(str::to_owned);
            if !marked.give_way(field.as_deref()) {
                self.refused.push(format!("{path}: {}", got.text()));
                return None;
            }
        }
        None
    }

    /// A plugin under a manifest whose every text is one of these: the installation's id.
    async fn plugin(&mut self, world: &World, name: &str, settings: Value) -> Value {
        let packed = built(name);
        let mut manifest: Value = serde_json::from_str(&inspect(&packed).unwrap().manifest_json).unwrap();
        manifest.as_object_mut().unwrap().remove("scenarios");
        let mut marked = Marked::every_text(&manifest, self.last);
        self.last = marked.last();
        let uploaded = loop {
            marked.body["name"] = json!(format!("marked-{name}"));
            let field = match pack(&without_manifest(&packed), marked.body.to_string().as_bytes()) {
                Err(Unpackable::Manifest(wrong)) => Some(wrong.field),
                Err(other) => panic!("{name}: {other}"),
                Ok(file) => {
                    let got = world.host.publish(&file, None).await;
                    if got.status.is_success() {
                        break got.json();
                    }
                    got.json()["field"].as_str().map(str::to_owned)
                }
            };
            assert!(marked.give_way(field.as_deref()), "{name}: {field:?}");
        };
        self.keep(&format!("plugin {name}"), &marked);
        let proposed = world.host.propose(&uploaded, json!({ "settings": settings })).await.ok();
        let at = within(&format!("/installations/{}/activation", text(&proposed["id"])));
        let active = world.host.post(&world.tokens["system"], &at, &json!({})).await;
        self.refused.extend((!active.status.is_success()).then(|| format!("to activate {name}: {}", active.text())));
        proposed["id"].clone()
    }
}

/// What the table's bodies do not say, and people write every day.
async fn by_hand(world: &World, taken: &mut Taken) {
    let family = world.id("family").to_owned();
    let fact = |kind: &str, detail: Value| json!({ "kind": kind, "family": family, "first": "2026-01-11", "detail": detail });
    taken.post(world, "/facts", &fact("note", json!({ "topic": "money", "role": "keyworker", "text": "they owe rent" }))).await;
    let new = json!({
        "reference": "BR-77",
        "people": { "eve": { "name": { "given": "Eve", "family": "Ash" }, "born": "1999-01-02", "member_from": "2020-01-01" } },
        "homes": { "home": { "from": "2020-01-01", "address": { "lines": ["1 Mill Lane", "Bedminster"], "postcode": "BS3 4QR" } } },
        "facts": [],
    });
    taken.post(world, "/families", &new).await;
    let referral = json!({
        "route": "professional", "urgent": true, "words": "they came to us",
        "described": { "people": [{ "name": { "given": "Eve", "family": "Ash" }, "born": "2012-05-06" }] },
    });
    taken.post(world, "/referrals", &referral).await;
    let upload = super::super::request(
        Method::POST,
        &world.tokens["system"],
        &within(&format!(
            "/families/{family}/attachments?section=education&name=m0%22%20onfocus%3Dm0%20%27%3E%3Cscript%3Em0%3C%2Fscript%3E.txt"
        )),
    );
    let attached = world.host.send(upload.header("content-type", "text/plain").body(axum::body::Body::from("a letter")).unwrap()).await;
    taken.texts.extend(attached.status.is_success().then(|| (0, "the name of a file".to_owned())));
}

#[tokio::test]
async fn no_stored_text_runs_on_any_page() {
    let mut world = World::new().await;
    world.programme().await;
    let mut taken = Taken::default();
    let assessment = taken.plugin(&world, "early-help-assessment", json!({})).await;
    for (name, settings) in [("planner", json!({ "proposes": "goal notice task" })), ("bristol-outcomes", json!({}))] {
        let installation = taken.plugin(&world, name, settings).await;
        let mut asked = if name == "planner" {
            world.triage()
        } else {
            json!({ "family": world.id("family"), "question": "progress", "as_of": "2026-08-31" })
        };
        asked["installation"] = json!(installation);
        let got = world.host.post(&world.tokens["system"], &within("/decisions"), &asked).await;
        taken.refused.extend((!got.status.is_success()).then(|| format!("to ask {name}: {}", got.text())));
    }
    let begun = json!({ "form": "whole-family", "installation": assessment });
    let begun = world.host.post(&world.tokens["own-case"], &within(&format!("/families/{}/assessments", world.id("family"))), &begun).await;
    taken.refused.extend((!begun.status.is_success()).then(|| format!("to begin an assessment: {}", begun.text())));
    by_hand(&world, &mut taken).await;

    let document = serde_json::to_value(openapi()).unwrap();
    let (actors, rows) = table();
    for (number, row) in rows.iter().enumerate().filter(|(_, row)| row.method != Method::GET) {
        // The council's own system first, then whoever else may.
        let may = |at: usize| row.cells[at] == 'y';
        let system = actors.iter().position(|a| *a == "system").unwrap();
        let Some(who) = Some(system).filter(|at| may(*at)).or_else(|| (0..actors.len()).find(|at| may(*at))) else { continue };
        taken.write(&world, &document, row, actors[who], number).await;
    }

    let mut found = Found::default();
    for who in actors.iter().filter(|a| !["operator", "system", "leeds", "former"].contains(a)) {
        let at = |path: &str| format!("/{}{path}", World::authority());
        let from = [at(""), "/".to_owned(), "/me".to_owned(), at(&format!("/families/{}", world.id("family")))];
        Looker::new(&world.host, world.id(who)).await.look(who, &from, &taken.texts, &mut found).await;
    }
    assert!(found.wrong.is_empty(), "{} wrong:\n{}", found.wrong.len(), found.wrong[..found.wrong.len().min(40)].join("\n"));
    println!(
        "{} texts taken by {} writes; {} of them stand on {} pages of {} kinds, as text",
        taken.texts.len(),
        taken.writes,
        found.marks.len(),
        found.pages,
        found.kinds.len()
    );
    let unseen =
        || taken.texts.iter().filter(|(number, _)| !found.marks.contains(number)).map(|(_, field)| field.as_str()).collect::<Vec<_>>();
    println!("taken and on no page:\n  {}\nwrites that took nothing:\n  {}", unseen().join("\n  "), taken.refused.join("\n  "));
    assert!(taken.texts.len() >= TEXTS_AT_LEAST, "{} texts", taken.texts.len());
    assert!(found.marks.len() >= SHOWN_AT_LEAST, "{} shown", found.marks.len());
    assert!(found.kinds.len() >= KINDS_AT_LEAST, "{} kinds of page", found.kinds.len());
}

/// The test's own eyes: what would run is seen to.
#[test]
fn what_a_browser_would_run_is_seen() {
    for (page, acts) in [
        (format!("<p>{}</p>", mark::text(1)), true),
        (format!("<input value=\"{}\">", mark::text(1)), true),
        (format!("<textarea>{}</textarea>", mark::text(1)), true),
        ("<a href=\" javascript:alert(1)\">x</a>".to_owned(), true),
        (format!("<p title=\"{0}\">{0}</p>", mark::text(1).replace('"', "&quot;").replace('<', "&lt;")), false),
    ] {
        let read = Read::of(&page);
        assert_eq!(!read.acts.is_empty(), acts, "{page}: {:?}", read.acts);
        assert!(acts || read.texts.iter().any(|text| text.contains(&mark::begin(1))), "{:?}", read.texts);
    }
}
