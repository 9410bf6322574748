//! A charity's module, adopted by two councils with settings of their own; its updates, and the catalogue.

use serde_json::{Value, json};

use super::super::{Host, LEEDS, is, within};
use super::{address, repacked};
use crate::plugins::scenarios::{Became, Between, Budget, between};
use crate::store::tests::{BRISTOL, code};

/// The national framework, with its sections of that year, as a version.
fn framework(year: &str, version: &str) -> Vec<u8> {
    repacked(&format!("national-frameworks-{year}"), |m| m["version"] = json!(version))
}

#[tokio::test]
async fn an_update_is_offered_with_what_it_changes_and_taken_by_whoever_read_it() {
    let host = Host::new().await;
    let publisher = host.publisher("national-frameworks").await;
    let publish = async |bytes: Vec<u8>| {
        let got = host.publish(&bytes, Some(publisher.sign_plugin(&bytes))).await;
        assert_eq!(got.status, 201, "{}", got.text());
        got.json()
    };
    let first = publish(framework("v1", "1.0.0")).await;
    let settings = json!({ "attendance-percent": 92, "criteria-needed": 1 });
    let at = address(&host.propose(&first, json!({ "settings": settings })).await);
    host.post(&host.bristol, &format!("{at}/activation"), &json!({})).await.ok();
    let id = host.get(&host.bristol, &at).await.ok()["id"].clone();
    let leeds = format!("/v1/authorities/{LEEDS}/installations");
    let theirs = json!({ "plugin": first["digest"], "grants": [], "settings": { "attendance-percent": 85 } });
    let theirs = host.post(&host.leeds, &leeds, &theirs).await.ok();
    assert_eq!(
        (&theirs["settings"]["attendance-percent"], &theirs["plugin"]),
        (&json!(85), &first["digest"]),
        "the same file, set otherwise"
    );
    let offered = async || host.get(&host.bristol, &format!("{at}/updates")).await.ok()["offered"].clone();
    assert_eq!(offered().await, json!([]));
    // One that asks for no more, and one that does.
    let mended = publish(framework("v1", "1.0.1")).await;
    let wider = publish(framework("v2", "2.0.0")).await;
    let both = offered().await;
    assert_eq!((&both[0]["version"], &both[1]["version"], both.as_array().unwrap().len()), (&json!("2.0.0"), &json!("1.0.1"), 2));
    assert_eq!((&both[0]["difference"]["widens"], &both[1]["difference"]["widens"]), (&json!(true), &json!(false)));
    let sentences = both[0]["difference"]["sentences"].to_string();
    assert!(sentences.contains("It asks for hearth:family/health"), "{sentences}");
    // Not acknowledged, or another difference acknowledged.
    let take = async |plugin: &Value, acknowledged: &Value| {
        let body = json!({ "plugin": plugin["digest"], "updates": id, "acknowledged": acknowledged });
        host.post(&host.bristol, &within("/installations"), &body).await
    };
    let refused = take(&wider, &Value::Null).await;
    assert_eq!(refused.problem(), is(409, "update-widens", Some("acknowledged")));
    assert_eq!(refused.json()["difference"], both[0]["acknowledge"]);
    assert_eq!(take(&wider, &both[1]["acknowledge"]).await.problem(), is(409, "update-widens", Some("acknowledged")));
    // What asks for no more needs none, and carries everything over.
    let taken = take(&mended, &Value::Null).await.ok();
    assert_eq!(taken["settings"], host.get(&host.bristol, &at).await.ok()["settings"]);
    assert_eq!(taken["grants"], host.get(&host.bristol, &at).await.ok()["grants"]);
    assert_eq!(taken["status"], "proposed");
    // A setting that the newer version has not is named by whoever drops it.
    let unseen = take(&wider, &both[0]["acknowledge"]).await;
    assert_eq!(unseen.problem(), is(422, "invalid", Some("settings")));
    let left = json!({ "setting": "criteria-needed", "value": 1, "why": "gone" });
    assert!(unseen.json()["left"].as_array().unwrap().contains(&left), "{}", unseen.text());
    // What widens brings no grant that nobody gave, and no setting that does not fit.
    let leaves: Vec<_> = both[0]["settings"]["left"].as_array().unwrap().iter().map(|l| l["setting"].clone()).collect();
    let body = json!({ "plugin": wider["digest"], "updates": id, "acknowledged": both[0]["acknowledge"], "leaves": leaves });
    let taken = host.post(&host.bristol, &within("/installations"), &body).await.ok();
    assert!(!taken["grants"].to_string().contains("hearth:family/health"), "{taken}");
    assert!(taken["settings"].get("criteria-needed").is_none(), "{taken}");
    let new = within(&format!("/installations/{}", taken["id"].as_str().unwrap()));
    let noted = host.get(&host.bristol, &format!("{new}/updates")).await.ok();
    assert_eq!((&noted["updates"], &noted["acknowledged"]), (&id, &both[0]["acknowledge"]));
    // Whoever has seen 2.0.0 is not offered 1.0.1; Leeds, who has not, is.
    assert_eq!(offered().await.as_array().unwrap().iter().map(|o| o["version"].clone()).collect::<Vec<_>>(), ["2.0.0"]);
    let leeds_updates = host.get(&host.leeds, &format!("{leeds}/{}/updates", theirs["id"].as_str().unwrap())).await.ok();
    assert_eq!(leeds_updates["offered"].as_array().unwrap().len(), 2);
    // Back to an older one is no update.
    let back = json!({ "plugin": first["digest"], "updates": taken["id"] });
    assert_eq!(host.post(&host.bristol, &within("/installations"), &back).await.problem(), is(422, "invalid", Some("updates")));
    let difference = format!("/v1/plugins/{}/difference?from={}", wider["digest"].as_str().unwrap(), first["digest"].as_str().unwrap());
    assert_eq!(host.get(&host.leeds, &difference).await.ok(), both[0]["difference"]);
    // A compromised version is offered to nobody.
    host.revoke("national-frameworks", &publisher, "compromised").await.ok();
    assert_eq!(offered().await, json!([]));
}

#[tokio::test]
async fn what_the_older_version_promised_is_asked_of_the_newer_one() {
    let host = Host::new().await;
    let publisher = host.publisher("national-frameworks").await;
    let publish = async |bytes: Vec<u8>| host.publish(&bytes, Some(publisher.sign_plugin(&bytes))).await.ok()["digest"].clone();
    let with = |plugin: &str, version: &str, scenarios: Value| {
        repacked(plugin, |m| {
            m["version"] = json!(version);
            m["scenarios"] = scenarios;
        })
    };
    // Of a family that nobody knows anything of, the first version says this.
    let of = |scenario: &str, today: &str| {
        json!({
            "scenario": scenario, "source": "made up", "today": today, "family": { "people": { "ann": { "born": "38 years ago" } } },
            "ask": "eligibility", "expect": { "answer": "not-enough-evidence" },
        })
    };
    let mut kept = of("kept", "2013-01-31");
    kept["settings"] = json!({ "criteria-needed": 1 });
    let cases = |named: &[&str]| {
        let mut file = of("cases", "2013-01-31");
        file["cases"] = named.iter().map(|case| json!({ "case": case, "expect": { "answer": "not-enough-evidence" } })).collect();
        file
    };
    let first = json!([kept, of("rewritten", "2013-01-31"), of("dropped", "2013-01-31"), cases(&["one"])]);
    let first = publish(with("national-frameworks-v1", "1.0.0", first)).await;
    let again = json!([kept, of("rewritten", "2013-02-28"), of("added", "2013-01-31"), cases(&["one", "two"])]);
    let second = publish(with("national-frameworks-v1", "1.0.1", again)).await;
    let at =
        |to: &Value, from: &Value| format!("/v1/plugins/{}/difference/scenarios?from={}", to.as_str().unwrap(), from.as_str().unwrap());
    let read = host.get(&host.leeds, &at(&second, &first)).await.ok();
    assert_eq!((&read["passed"], &read["failed"], &read["new"]), (&json!(4), &json!(0), &json!(2)), "{read}");
    let said: Vec<_> =
        read["scenarios"].as_array().unwrap().iter().map(|s| (&s["scenario"], &s["became"], &s["rewritten"], &s["dropped"])).collect();
    let expected = [
        ("kept", "passes", false, false),
        ("rewritten", "passes", true, false),
        ("dropped", "passes", false, true),
        // That another case stands beside it is nothing of its own.
        ("cases: one", "passes", false, false),
        ("added", "new", false, false),
        ("cases: two", "new", false, false),
    ];
    let expected: Vec<_> = expected.into_iter().map(|(s, b, r, d)| (json!(s), json!(b), json!(r), json!(d))).collect();
    assert_eq!(said, expected.iter().map(|(s, b, r, d)| (s, b, r, d)).collect::<Vec<_>>());
    assert_eq!(host.get(&host.leeds, &at(&second, &first)).await.ok(), read, "remembered");
    // What was promised of a setting that the next one does not have does not hold any more.
    let third = publish(framework("v2", "2.0.0")).await;
    let read = host.get(&host.bristol, &at(&third, &first)).await.ok();
    assert_eq!((&read["failed"], &read["new"]), (&json!(4), &json!(0)), "{read}");
    let kept = &read["scenarios"][0];
    assert_eq!((&kept["became"], &kept["dropped"]), (&json!("fails"), &json!(true)), "{read}");
    assert!(kept["why"].as_str().unwrap().contains("criteria-needed"), "{read}");
    // What all of them may use is used up half-way, or was before the first.
    let bench = host.workflow().bench(&code(BRISTOL), second.as_str().unwrap().parse().unwrap()).await.unwrap();
    let promised = bench.inspected.manifest.scenarios.clone();
    let became = async |budget: Budget| between(&promised, &bench, budget).await.unwrap().iter().map(Between::became).collect::<Vec<_>>();
    assert!(became(Budget::default()).await.iter().all(|b| *b == Became::Passes));
    // All of them are alike, so that between one and all of them lies a power of two.
    let mut partly = None;
    for instructions in (10..34).map(|power| 1 << power) {
        let became = became(Budget { instructions, ..Budget::default() }).await;
        let played = became.iter().take_while(|b| **b == Became::Passes).count();
        assert!(became.iter().skip(played).all(|b| *b == Became::NotPlayed), "{became:?}");
        if (1..became.len()).contains(&played) {
            partly = Some(instructions);
        }
    }
    assert!(partly.is_some(), "all of them are played, or none");
    let none = Budget { wall: std::time::Duration::ZERO, ..Budget::default() };
    assert!(became(none).await.iter().all(|b| *b == Became::NotPlayed));
    let other = host.upload("bristol-outcomes").await.ok()["digest"].clone();
    assert_eq!(host.get(&host.bristol, &at(&other, &first)).await.problem(), is(422, "invalid", Some("from")));
    let nobodys = json!(crate::record::Digest::of(b"nothing"));
    assert_eq!(host.get(&host.bristol, &at(&nobodys, &first)).await.problem().0, 404);
}

#[tokio::test]
async fn the_catalogue_says_what_a_module_is_and_names_only_who_agreed() {
    let host = Host::new().await;
    let publisher = host.publisher("national-frameworks").await;
    let catalogue = within("/catalogue");
    assert_eq!(host.get(&host.bristol, &catalogue).await.ok()["items"], json!([]));
    let whole = super::built("national-frameworks-v1");
    let first = host.publish(&whole, Some(publisher.sign_plugin(&whole))).await.ok();
    host.activated(&first).await;
    let second = framework("v2", "2.0.0");
    host.publish(&second, Some(publisher.sign_plugin(&second))).await.ok();
    let listed = host.get(&host.leeds, &format!("/v1/authorities/{LEEDS}/catalogue")).await.ok()["items"].clone();
    assert_eq!(listed.as_array().unwrap().len(), 1);
    assert_eq!((&listed[0]["version"], &listed[0]["state"]), (&json!("2.0.0"), &json!("signed")));
    assert_eq!(listed[0]["used_by"], json!({ "authorities": 1, "named": [] }));
    let rules = json!({ "unsigned": true, "named": true, "why": "others may ask us" });
    host.put(&host.bristol, &within("/plugin-rules"), &rules).await.ok();
    let one = format!("{catalogue}/national-framework");
    let read = host.get(&host.bristol, &one).await.ok();
    assert_eq!(read["used_by"], json!({ "authorities": 1, "named": ["E06000023"] }));
    let health = read["asks"].as_array().unwrap().iter().find(|a| a["interface"] == "hearth:family/health").unwrap();
    assert!(health["marks"][0].as_str().unwrap().contains("article 9"), "{health}");
    assert!(read["says"].as_array().is_some_and(|s| s.len() > 10) && read["provenance"]["state"] == "signed", "{read}");
    assert_eq!((read["installations"].as_array().unwrap().len(), &read["scenarios"]["passed"]), (1, &json!(0)));
    let page = host.get(&host.bristol, read["description"].as_str().unwrap()).await;
    assert_eq!(page.status, 200);
    let versions = host.get(&host.bristol, &format!("{one}/versions")).await.ok();
    assert_eq!((&versions[0]["version"], &versions[1]["version"]), (&json!("2.0.0"), &json!("1.0.0")));
    assert!(versions[0]["difference"]["widens"] == true && versions[1].get("difference").is_none(), "{versions}");
    assert_eq!(host.get(&host.bristol, &format!("{catalogue}/nothing-there")).await.problem(), is(404, "no-such", Some("module")));
}

/// Its settings otherwise: what was `keyworker-required` and the rate of a claim in pence have other names and units, and one is gone.
fn renamed(version: &str, settings_from: Value) -> Vec<u8> {
    repacked("bristol-outcomes", |m| {
        m["version"] = json!(version);
        let properties = m["settings"]["properties"].as_object_mut().unwrap();
        properties.insert("attendance-tenths".into(), json!({ "type": "integer", "minimum": 1, "maximum": 999, "default": 900 }));
        properties.remove("attendance-percent");
        properties.insert("fee-pence".into(), json!({ "type": "integer", "default": 100 }));
        m["settings-from"] = settings_from;
    })
}

#[tokio::test]
async fn settings_become_the_newer_versions_and_nothing_changes_unseen() {
    let host = Host::new().await;
    let first = repacked("bristol-outcomes", |m| {
        m["version"] = json!("1.0.0");
        m["settings"]["properties"]["fee-pounds"] = json!({ "type": "number", "default": 8 });
        m["settings"]["properties"]["colour"] = json!({ "type": "string", "default": "blue" });
    });
    let first = host.publish(&first, None).await.ok();
    let settings = json!({ "attendance-percent": 88, "fee-pounds": 9.5, "problems-needed": 3 });
    let at = address(&host.propose(&first, json!({ "settings": settings })).await);
    host.post(&host.bristol, &format!("{at}/activation"), &json!({})).await.ok();
    let id = host.get(&host.bristol, &at).await.ok()["id"].clone();
    // What its manifest says of the older version's settings has to be so.
    let from = |was: &str| {
        json!([{ "from": "1.0.0", "before": "2.0.0", "settings": {
            "attendance-tenths": { "was": was, "times": 10 }, "fee-pence": { "was": "fee-pounds", "times": 100 } } }])
    };
    let refused = host.publish(&renamed("2.0.0", from("attendance")), None).await;
    assert_eq!(refused.problem(), is(422, "plugin-manifest-refused", Some("settings-from[0].settings.attendance-tenths.was")));
    let second = host.publish(&renamed("2.0.0", from("attendance-percent")), None).await.ok();
    // Shown before anybody proposes it: in the form, each beside what it was, what is left, and what moves money.
    let offered = host.get(&host.bristol, &format!("{at}/updates")).await.ok()["offered"][0].clone();
    let shown = &offered["settings"];
    let over = |setting: &str| shown["over"].as_array().unwrap().iter().find(|o| o["setting"] == setting).cloned().unwrap_or_default();
    assert_eq!(
        over("attendance-tenths"),
        json!({ "setting": "attendance-tenths", "was": "attendance-percent", "before": 88, "now": 880 }),
        "{shown}"
    );
    assert_eq!((&over("fee-pence")["now"], &over("problems-needed")["now"]), (&json!(950), &json!(3)));
    assert_eq!(shown["left"], json!([{ "setting": "colour", "value": "blue", "why": "gone" }]));
    assert_eq!(shown["money"], json!(["fee-pence"]));
    assert_eq!((&shown["settings"]["attendance-tenths"], &shown["settings"]["fee-pence"]), (&json!(880), &json!(950)));
    let said = offered["difference"].to_string();
    assert!(said.contains("carried over from older versions"), "the difference says so: {said}");
    // What is left is named; and it is the same that was shown.
    let take = async |more: Value| {
        let mut body = json!({ "plugin": second["digest"], "updates": id, "acknowledged": offered["acknowledge"] });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        host.post(&host.bristol, &within("/installations"), &body).await
    };
    assert_eq!(take(json!({})).await.problem(), is(422, "invalid", Some("settings")));
    assert_eq!(take(json!({ "leaves": ["colour", "problems-needed"] })).await.problem(), is(422, "invalid", Some("leaves[1]")));
    let taken = take(json!({ "leaves": ["colour"] })).await.ok();
    assert_eq!(taken["settings"], shown["settings"]);
    // What somebody gives takes its place.
    let given = take(json!({ "leaves": ["colour"], "settings": { "fee-pence": 800 } })).await.ok();
    assert_eq!((&given["settings"]["fee-pence"], &given["settings"]["attendance-tenths"]), (&json!(800), &json!(880)));
    assert_eq!(host.get(&host.bristol, &at).await.ok()["status"], "active", "nothing changed yet");
    // It moves money: one person is not enough where one approves, and it counts from an instant on.
    host.one_person_approves().await;
    let new = within(&format!("/installations/{}", taken["id"].as_str().unwrap()));
    let activation = format!("{new}/activation");
    assert_eq!(host.post(&host.bristol, &activation, &json!({})).await.problem(), is(409, "not-approved", None));
    host.approve_by_two(&new).await;
    assert_eq!(host.post(&host.bristol, &activation, &json!({})).await.problem(), is(422, "invalid", Some("at")));
    let later = crate::record::KnownAt::from_millis(host.house.stores.clock().now().millis() + 3_600_000);
    let planned = host.post(&host.bristol, &activation, &json!({ "at": later })).await.ok();
    assert_eq!((&planned["status"], planned.get("planned").is_some()), (&json!("proposed"), true), "{planned}");
}

#[tokio::test]
async fn what_cannot_be_worked_out_or_does_not_fit_is_left_by_name() {
    let host = Host::new().await;
    let first = repacked("bristol-outcomes", |m| {
        m["version"] = json!("1.0.0");
        m["settings"]["properties"]["days"] = json!({ "type": "integer", "default": 14 });
        m["settings"]["properties"]["kind"] = json!({ "enum": ["home", "tent"], "default": "home" });
    });
    let first = host.publish(&first, None).await.ok();
    let settings = json!({ "days": 15, "kind": "tent", "attendance-percent": 99 });
    let at = address(&host.propose(&first, json!({ "settings": settings })).await);
    let second = repacked("bristol-outcomes", |m| {
        m["version"] = json!("1.1.0");
        m["settings"]["properties"]["weeks"] = json!({ "type": "integer", "default": 2 });
        m["settings"]["properties"]["sort"] = json!({ "enum": ["house", "other"], "default": "house" });
        m["settings"]["properties"]["attendance-percent"] = json!({ "type": "integer", "maximum": 95, "default": 90 });
        m["settings-from"] = json!([{ "from": "1.0.0", "before": "1.1.0", "settings": {
            "weeks": { "was": "days", "divided-by": 7 }, "sort": { "was": "kind", "words": { "home": "house" } } } }]);
    });
    host.publish(&second, None).await.ok();
    let shown = host.get(&host.bristol, &format!("{at}/updates")).await.ok()["offered"][0]["settings"].clone();
    let mut left: Vec<_> =
        shown["left"].as_array().unwrap().iter().map(|l| (l["setting"].as_str().unwrap(), l["why"].as_str().unwrap())).collect();
    left.sort_unstable();
    assert_eq!(left, [("attendance-percent", "does-not-fit"), ("days", "not-exact"), ("kind", "no-word")], "{shown}");
    assert_eq!((&shown["settings"]["weeks"], &shown["settings"]["sort"]), (&json!(2), &json!("house")), "its own defaults");
    assert!(shown["fresh"].as_array().unwrap().contains(&json!("weeks")), "{shown}");
}

#[tokio::test]
async fn a_setting_that_moved_money_and_is_gone_in_the_newer_version_has_two_people_too() {
    let host = Host::new().await;
    let of = |version: &str, bonus: bool| {
        repacked("bristol-outcomes", |m| {
            m["version"] = json!(version);
            if bonus {
                m["settings"]["properties"]["bonus"] = json!({ "type": "integer", "default": 100, "x-hearth-money": true });
            }
        })
    };
    let first = host.publish(&of("1.0.0", true), None).await.ok();
    host.activated(&first).await;
    let second = host.publish(&of("1.1.0", false), None).await.ok();
    let without = address(&host.propose(&second, json!({})).await);
    let activation = format!("{without}/activation");
    let refused = host.post(&host.bristol, &activation, &json!({})).await;
    assert_eq!(refused.problem(), is(409, "not-approved", None));
    assert!(refused.json()["missing"].to_string().contains("it sets what moves money (bonus)"), "{}", refused.text());
    host.approve_by_two(&without).await;
    assert_eq!(host.post(&host.bristol, &activation, &json!({})).await.ok()["status"], "active");
}
