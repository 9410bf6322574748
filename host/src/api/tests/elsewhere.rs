//! People who move from one family to another, belong to two, or live elsewhere, as a table: who is a member on a day, who lives there, and
//! what of a child's school a run about each family is given.

use serde_json::{Value, json};

use super::{BRISTOL_COUNCIL, Host, is, within};
use crate::store::tests::{BRISTOL, code};

/// Sessions attended in each of three terms.
const TERMS: [(&str, &str, u32); 3] = [("2025-09-01", "2025-12-19", 1), ("2026-01-05", "2026-02-13", 2), ("2026-03-02", "2026-04-01", 3)];

struct Row {
    says: &'static str,
    /// Of the first and of the second family: first day, last day, lives there.
    first: &'static [(&'static str, &'static str, bool)],
    second: &'static [(&'static str, &'static str, bool)],
    /// On 2026-03-15, in each: a member (and lives there).
    on_the_day: [Option<bool>; 2],
    /// The terms that a run about each is given.
    given: [&'static [u32]; 2],
}

#[rustfmt::skip]
const TABLE: &[Row] = &[
    Row { says: "moves to another family", first: &[("2020-01-01", "2026-02-28", true)], second: &[("2026-03-01", "", true)],
          on_the_day: [None, Some(true)], given: [&[1, 2], &[3]] },
    Row { says: "belongs to two, and sleeps in one", first: &[("2020-01-01", "", true)], second: &[("2026-01-01", "", false)],
          on_the_day: [Some(true), Some(false)], given: [&[1, 2, 3], &[2, 3]] },
    Row { says: "a child in care goes on being of the family", first: &[("2020-01-01", "2025-12-31", true), ("2026-01-01", "", false)], second: &[],
          on_the_day: [Some(false), None], given: [&[1, 2, 3], &[]] },
    Row { says: "away in the winter (prison, hospital) and back", first: &[("2020-01-01", "2025-12-31", true), ("2026-01-01", "2026-02-28", false), ("2026-03-01", "", true)], second: &[],
          on_the_day: [Some(true), None], given: [&[1, 2, 3], &[]] },
    Row { says: "left, and comes back: not of the family between", first: &[("2020-01-01", "2025-12-31", true), ("2026-03-01", "", true)], second: &[("2026-01-01", "2026-02-28", true)],
          on_the_day: [Some(true), None], given: [&[1, 3], &[2]] },
    Row { says: "never of the second", first: &[("2020-01-01", "", true)], second: &[],
          on_the_day: [Some(true), None], given: [&[1, 2, 3], &[]] },
];

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}

#[tokio::test]
async fn each_family_has_what_falls_into_the_days_of_a_membership() {
    let host = Host::new().await;
    let store = host.house.stores.authority(&code(BRISTOL)).await.unwrap();
    for (n, row) in TABLE.iter().enumerate() {
        let mut families = Vec::new();
        for half in ["A", "B"] {
            families.push(text(&host.family(&format!("{half}-{n}")).await["id"]).to_owned());
        }
        // New in the first, with its first membership; every other is a fact.
        let (from, until, resident) = row.first[0];
        let mut new =
            json!({ "name": { "given": "Cat", "family": "Bell" }, "born": "2014-01-02", "member_from": from, "resident": resident });
        if !until.is_empty() {
            new["member_until"] = json!(until);
        }
        let added = host.post(&host.bristol, &within(&format!("/families/{}/members", families[0])), &new).await.ok();
        let cat = text(&added["id"]);
        let more = row.first[1..].iter().map(|m| (0, m)).chain(row.second.iter().map(|m| (1, m)));
        for (of, (from, until, resident)) in more {
            let mut fact = json!({
                "kind": "membership", "family": families[of], "person": cat, "first": from, "detail": { "resident": resident },
                "source": BRISTOL_COUNCIL,
            });
            if !until.is_empty() {
                fact["last"] = json!(until);
            }
            host.post(&host.bristol, &within("/facts"), &fact).await.ok();
        }
        for (first, last, attended) in TERMS {
            let detail = json!({ "possible": 100, "attended": attended, "unauthorised": 0 });
            let fact =
                json!({ "kind": "attendance", "person": cat, "first": first, "last": last, "source": "hill-school", "detail": detail });
            host.post(&host.bristol, &within("/facts"), &fact).await.ok();
        }
        for (of, family) in families.iter().enumerate() {
            let read = host.get(&host.bristol, &within(&format!("/families/{family}?as_of=2026-03-15"))).await.ok();
            let member = read["members"].as_array().unwrap().iter().find(|m| m["id"] == cat);
            let lives = member.map(|m| m["memberships"][0]["resident"].as_bool().unwrap());
            assert_eq!(lives, row.on_the_day[of], "{}: family {of}", row.says);
            let snapshot = store.snapshot(family.parse().unwrap()).await.unwrap();
            let snapshot = crate::record::Snapshot::decode(&snapshot.bytes).unwrap();
            let her = snapshot.people.iter().position(|p| p.id.to_string() == cat);
            let rows = snapshot.education.attendances.iter().filter(|a| Some(a.person as usize) == her);
            let given: Vec<u32> = rows.map(|a| u32::from(a.attended)).collect();
            assert_eq!(given, row.given[of], "{}: family {of}", row.says);
        }
    }
}

#[tokio::test]
async fn a_new_member_and_a_new_home_are_checked_like_a_new_family() {
    let host = Host::new().await;
    let taken = host.family("BR-1").await;
    let at = |what: &str| within(&format!("/families/{}/{what}", text(&taken["id"])));
    for (what, body, field) in [
        ("members", json!({ "born": "2014-13-01", "member_from": "2020-01-01" }), "born"),
        ("members", json!({ "born": "2014-01-02", "identifiers": [{ "scheme": "nino", "value": "1" }] }), "identifiers[0].value"),
        ("members", json!({ "nickname": "Cat" }), "nickname"),
        ("homes", json!({ "address": { "lines": [] } }), "from"),
    ] {
        let (status, code, at_fault) = host.post(&host.bristol, &at(what), &body).await.problem();
        assert_eq!((status, code.as_str(), at_fault.as_deref()), (422, "invalid", Some(field)), "{body}");
    }
    let home = json!({ "address": { "lines": ["3 Quay Street"], "postcode": "BS1 4QR" }, "from": "2026-03-01" });
    let added = host.post(&host.bristol, &at("homes"), &home).await.ok();
    let facts = host.get(&host.bristol, &at("facts?kind=residence")).await.ok();
    assert!(facts["items"].as_array().unwrap().iter().any(|f| f["home"] == added["id"]));
    let nobodys = within(&format!("/families/{}/members", crate::record::FamilyId::fresh()));
    assert_eq!(host.post(&host.bristol, &nobodys, &json!({})).await.problem(), is(404, "no-such", Some("family")));
}
