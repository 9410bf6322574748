//! A family goes from Bristol to Leeds: what each of the two sees of it.

use serde_json::{Value, json};

use super::{BRISTOL_COUNCIL, Host, LEEDS, LEEDS_COUNCIL, family, is, within};
use crate::record::{AgreementId, HandoverId, PersonId, SealId, Section};

fn leeds(path: &str) -> String {
    format!("/v1/authorities/{LEEDS}{path}")
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}

/// Bristol's family, an agreement with Leeds, and somebody at each with a token.
struct World {
    host: Host,
    taken: Value,
    agreement: String,
    joy: String,
    lee: String,
}

impl World {
    async fn new() -> Self {
        let host = Host::new().await;
        let taken = host.family("BR-1").await;
        let new = json!({
            "organisation": LEEDS_COUNCIL, "sections": ["household", "identity", "education", "notes"], "purposes": ["casework"],
            "basis": "child-protection", "first": "2020-01-01",
        });
        let agreement = text(&host.post(&host.bristol, &within("/agreements"), &new).await.ok()["id"]).to_owned();
        let mut tokens = Vec::new();
        for (system, path) in [(&host.bristol, within as fn(&str) -> String), (&host.leeds, leeds)] {
            let made = host.post(system, &path("/people"), &json!({ "name": "Joy", "role": "manager" })).await.ok();
            let token = host.post(system, &path("/tokens"), &json!({ "name": "tests", "login": made["login"] })).await.ok();
            tokens.push(text(&token["token"]).to_owned());
        }
        let lee = tokens.pop().unwrap();
        Self { taken, agreement, joy: tokens.pop().unwrap(), lee, host }
    }

    fn family(&self) -> &str {
        text(&self.taken["id"])
    }

    async fn give(&self, more: Value) -> super::Got {
        let mut body = json!({ "agreement": self.agreement, "reason": "they moved to Leeds", "first": "2026-03-01" });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.host.post(&self.joy, &within(&format!("/families/{}/handovers", self.family())), &body).await
    }
}

#[tokio::test]
async fn it_waits_is_looked_at_and_taken_in_and_both_keep_an_account() {
    let world = World::new().await;
    let host = &world.host;
    // Somebody in Leeds is known there already; his sister is not.
    let mut document = family("LE-1");
    document["facts"] = json!([]);
    let known = host.post(&host.leeds, &leeds("/families"), &document).await.ok();
    let known = text(&known["people"]["ben"]).to_owned();
    let given = world.give(json!({})).await.ok();
    let id = text(&given["id"]);
    assert_eq!((&given["state"], &given["told"]["people"]), (&json!("waiting"), &json!(2)));
    assert_eq!(given["told"]["facts"]["education"], 1);
    assert_eq!(world.give(json!({})).await.problem().1, "conflict", "it is on its way");

    let path = leeds(&format!("/handovers/{id}"));
    let seen = host.get(&world.lee, &path).await.ok();
    assert!(seen.get("family").is_none(), "it is not in their record: {seen}");
    let ben = seen["people"].as_array().unwrap().iter().find(|p| p["name"]["given"] == "Ben").unwrap();
    assert_eq!(ben["known"], json!([known]), "matching proposes who is known already");
    let acceptance = format!("{path}/acceptance");
    for (body, field) in [
        (json!({ "reference": "" }), "reference"),
        (json!({ "reference": "LE-9", "people": { (text(&ben["id"])): PersonId::fresh() } }), "people"),
    ] {
        assert_eq!(host.post(&world.lee, &acceptance, &body).await.problem(), is(422, "invalid", Some(field)));
    }
    let taken_reference = json!({ "reference": "LE-1" });
    assert_eq!(host.post(&world.lee, &acceptance, &taken_reference).await.problem(), is(409, "exists", Some("reference")));
    let body = json!({ "reference": "LE-9", "people": { (text(&ben["id"])): known } });
    let taken = host.post(&world.lee, &acceptance, &body).await.ok();
    assert_eq!((&taken["state"], &taken["digest"]), (&json!("moved"), &given["digest"]));

    let theirs = text(&taken["family"]);
    let read = host.get(&world.lee, &leeds(&format!("/families/{theirs}"))).await.ok();
    let members = read["members"].as_array().unwrap();
    assert_eq!(members.len(), 2);
    assert!(members.iter().any(|m| m["id"] == known.as_str()));
    let facts = host.get(&world.lee, &leeds(&format!("/families/{theirs}/facts?kind=attendance"))).await.ok();
    let fact = &facts["items"][0];
    assert_eq!((text(&fact["source"]), text(&fact["handed_over"]["source"])), (BRISTOL_COUNCIL, "hill-school"));
    assert_eq!(fact["handed_over"]["handover"], id);
    // What Bristol's ids mean there, they mean there alone.
    assert_eq!(host.get(&world.lee, &leeds(&format!("/families/{}", world.family()))).await.problem().1, "no-such");

    let account = host.get(&world.joy, &within(&format!("/handovers/{id}"))).await.ok();
    assert_eq!((&account["state"], &account["family"], &account["digest"]), (&json!("moved"), &json!(world.family()), &given["digest"]));
    assert_eq!(account["answered"]["by"], format!("authority {LEEDS}"), "who it was there is theirs to know");
    let here = host.get(&world.joy, &within(&format!("/families/{}", world.family()))).await.ok();
    assert_eq!(here["closed"]["how"], "moved");
    assert!(here["members"].as_array().unwrap().iter().all(|m| m["memberships"][0]["last"] == "2026-02-28"), "{here}");
    assert_eq!(host.post(&world.lee, &acceptance, &body).await.problem().1, "conflict");
    for path in [within("/handovers"), leeds("/handovers")] {
        let token = if path == within("/handovers") { &world.joy } else { &world.lee };
        assert_eq!(host.get(token, &path).await.ok()["items"].as_array().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn what_is_sealed_is_decided_one_by_one_by_somebody_named_and_sealed_there_too() {
    let world = World::new().await;
    let host = &world.host;
    let (ann, ben) = (&world.taken["people"]["ann"], &world.taken["people"]["ben"]);
    let seals = within(&format!("/families/{}/seals", world.family()));
    let seal = async |body: Value| text(&host.post(&world.joy, &seals, &body).await.ok()["id"]).to_owned();
    let facts = host.get(&world.joy, &within(&format!("/families/{}/facts?kind=attendance", world.family()))).await.ok();
    let given = seal(json!({ "member": ann, "names": [], "reason": "he looks for her" })).await;
    let kept = seal(json!({ "fact": facts["items"][0]["id"], "names": [], "reason": "her school" })).await;
    for seals in [
        json!({}),
        json!({ (given.as_str()): true }),
        json!({ (given.as_str()): true, (kept.as_str()): false, (SealId::fresh().to_string()): true }),
    ] {
        let refused = world.give(json!({ "seals": seals })).await;
        let (status, code, field) = refused.problem();
        assert_eq!((status, code.as_str()), (422, "invalid"));
        assert!(field.unwrap().starts_with("seals."));
    }
    // Who is named in neither hands over the rest, and is not told that there is more.
    let theirs = within(&format!("/families/{}/handovers", world.family()));
    let body = json!({ "agreement": world.agreement, "reason": "they moved" });
    let without = host.post(&host.bristol, &theirs, &body).await.ok();
    assert_eq!((&without["told"]["people"], &without["told"]["sealed"]), (&json!(1), &json!(0)));
    assert!(without["told"]["facts"].get("education").is_none());
    let back = within(&format!("/handovers/{}/withdrawal", text(&without["id"])));
    assert_eq!(
        host.post(&host.bristol, &back, &json!({ "reason": "somebody named in the seals does it" })).await.ok()["state"],
        "withdrawn"
    );

    let given = world.give(json!({ "seals": { (given.as_str()): true, (kept.as_str()): false } })).await.ok();
    assert_eq!((&given["told"]["people"], &given["told"]["sealed"]), (&json!(2), &json!(1)));
    let acceptance = leeds(&format!("/handovers/{}/acceptance", text(&given["id"])));
    let by_a_system = host.post(&host.leeds, &acceptance, &json!({ "reference": "LE-9" })).await;
    assert_eq!(by_a_system.problem().0, 422, "a seal names somebody");
    let taken = host.post(&world.lee, &acceptance, &json!({ "reference": "LE-9" })).await.ok();
    let path = leeds(&format!("/families/{}", text(&taken["family"])));
    let named = |family: &Value| -> Vec<String> {
        family["members"].as_array().unwrap().iter().map(|m| text(&m["name"]["given"]).to_owned()).collect()
    };
    assert_eq!(named(&host.get(&world.lee, &path).await.ok()), ["Ann", "Ben"]);
    assert_eq!(named(&host.get(&host.leeds, &path).await.ok()), ["Ben"], "sealed for whoever took it in");
    let education = host.get(&world.lee, &format!("{path}/facts?kind=attendance")).await.ok();
    assert!(education["items"].as_array().unwrap().is_empty(), "what was kept is not there");
    assert!(ben.is_string());
}

#[tokio::test]
async fn it_is_refused_with_a_reason_and_given_under_an_agreement_alone() {
    let world = World::new().await;
    let host = &world.host;
    let with_school = json!({ "organisation": "hill-school", "sections": ["household"], "purposes": ["casework"], "basis": "consent", "first": "2020-01-01" });
    let school = host.post(&host.bristol, &within("/agreements"), &with_school).await.ok();
    let by_consent = json!({
        "organisation": LEEDS_COUNCIL, "sections": ["household"], "purposes": ["casework"], "basis": "consent", "first": "2020-01-01",
    });
    let by_consent = host.post(&host.bristol, &within("/agreements"), &by_consent).await.ok()["id"].clone();
    for (more, field) in [
        (json!({ "agreement": by_consent }), "agreement"),
        (json!({ "agreement": AgreementId::fresh() }), "agreement"),
        (json!({ "agreement": school["id"] }), "agreement"),
        (json!({ "sections": ["household", "health"] }), "sections"),
        (json!({ "sections": ["education"] }), "sections"),
        (json!({ "reason": "" }), "reason"),
    ] {
        assert_eq!(world.give(more).await.problem(), is(422, "invalid", Some(field)));
    }
    let given = world.give(json!({})).await.ok();
    let (id, why) = (text(&given["id"]), json!({ "reason": "they are still in Bristol" }));
    let refusal = leeds(&format!("/handovers/{id}/refusal"));
    assert_eq!(host.post(&world.lee, &refusal, &json!({ "reason": "" })).await.problem(), is(422, "invalid", Some("reason")));
    // Bristol cannot answer for Leeds, and Leeds cannot take back what is Bristol's.
    assert_eq!(host.post(&world.joy, &within(&format!("/handovers/{id}/refusal")), &why).await.problem().1, "no-such");
    assert_eq!(host.post(&world.lee, &leeds(&format!("/handovers/{id}/withdrawal")), &why).await.problem().1, "no-such");
    assert_eq!(host.post(&world.lee, &refusal, &why).await.ok()["state"], "refused");
    assert_eq!(host.post(&world.lee, &refusal, &why).await.problem().1, "conflict");
    let account = host.get(&world.joy, &within(&format!("/handovers/{id}"))).await.ok();
    assert_eq!((&account["state"], &account["answered"]["reason"]), (&json!("refused"), &json!("they are still in Bristol")));
    let here = host.get(&world.joy, &within(&format!("/families/{}", world.family()))).await.ok();
    assert!(here.get("closed").is_none());
    // With the family's consent it is given under that one.
    let share = json!({ "agreement": by_consent, "why": "a plan", "how": "a form", "given_by": "Ann" });
    host.post(&host.bristol, &within(&format!("/families/{}/shares", world.family())), &share).await.ok();
    assert_eq!(world.give(json!({ "agreement": by_consent })).await.ok()["basis"], "consent");
    let nothing = within(&format!("/handovers/{}", HandoverId::fresh()));
    assert_eq!(host.get(&world.joy, &nothing).await.problem(), is(404, "no-such", Some("handover")));
}

#[tokio::test]
async fn its_referrals_go_with_it_and_what_was_said_in_them_where_everything_does() {
    // What is agreed; whether somebody is sealed; whether anything of a referral is given, and what was said in it.
    for (sections, sealed, given, said) in [
        (vec!["household", "identity", "education"], false, false, false),
        (vec!["household", "identity", "support"], false, true, false),
        (Section::ALL.iter().map(|s| s.code()).collect(), false, true, true),
        (Section::ALL.iter().map(|s| s.code()).collect(), true, true, false),
    ] {
        let case = format!("{sections:?}, sealed: {sealed}");
        let world = World::new().await;
        let host = &world.host;
        let ben = &world.taken["people"]["ben"];
        let sent = json!({
            "route": "professional", "organisation": "hill-school", "family": world.family(), "people": [ben], "problems": ["housing"],
            "words": "QUIXOTIC mornings", "urgent": true,
        });
        let closed = host.post(&world.joy, &within("/referrals"), &sent).await.ok();
        let path = within(&format!("/referrals/{}/override", text(&closed["id"])));
        let body = json!({ "instead": { "answer": "signpost" }, "reason": "MARZIPAN helps" });
        host.post(&world.joy, &path, &body).await.ok();
        host.post(&world.joy, &within("/referrals"), &sent).await.ok();
        if sealed {
            let seal = json!({ "member": world.taken["people"]["ann"], "names": [], "reason": "he looks for her" });
            host.post(&world.joy, &within(&format!("/families/{}/seals", world.family())), &seal).await.ok();
        }
        let with_leeds = json!({
            "organisation": LEEDS_COUNCIL, "sections": sections, "purposes": ["casework"], "basis": "child-protection", "first": "2020-01-01",
        });
        let agreement = host.post(&host.bristol, &within("/agreements"), &with_leeds).await.ok()["id"].clone();
        // By a system that is named in no seal: it is not told that there is more.
        let handovers = within(&format!("/families/{}/handovers", world.family()));
        let handover = host.post(&host.bristol, &handovers, &json!({ "agreement": agreement, "reason": "they moved" })).await.ok();
        assert_eq!(handover["told"]["referrals"], if given { 2 } else { 0 }, "{case}");
        let acceptance = leeds(&format!("/handovers/{}/acceptance", text(&handover["id"])));
        let taken = host.post(&world.lee, &acceptance, &json!({ "reference": "LE-9" })).await.ok();
        let theirs = leeds(&format!("/families/{}/referrals", text(&taken["family"])));
        let there = host.get(&world.lee, &theirs).await.ok()["items"].clone();
        if !given {
            assert_eq!(there, json!([]), "{case}");
            continue;
        }
        let [was, is] = there.as_array().unwrap().as_slice() else { panic!("{case}: {there}") };
        assert_eq!(
            (&was["state"], &was["outcome"]["answer"], &was["urgent"]),
            (&json!("closed"), &json!("signpost"), &json!(true)),
            "{case}"
        );
        assert_eq!((&is["state"], &is["organisation"], &is["route"]), (&json!("settled"), &json!("hill-school"), &json!("professional")));
        assert_eq!(is["sent_by"], "authority E06000023", "{case}");
        let whole = host.get(&world.lee, &leeds(&format!("/referrals/{}", text(&was["id"])))).await.ok();
        let told = format!("{there}{whole}");
        for word in ["QUIXOTIC", "MARZIPAN", "housing"] {
            assert_eq!(told.contains(word), said, "{case}: {word}: {told}");
        }
        // It waits at the front door there, in that authority's time; and nobody of Leeds's sent it.
        let waiting = host.get(&world.lee, &leeds("/referrals?state=settled")).await.ok();
        assert_eq!(waiting["items"].as_array().unwrap().len(), 1, "{case}");
        assert_eq!(host.get(&world.lee, &leeds("/sent-referrals")).await.ok()["items"], json!([]), "{case}");
    }
}
