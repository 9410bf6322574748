//! Meetings: how families come onto agendas, who sees them there, what is decided and what follows, and what becomes of a sitting.

use axum::http::Method;
use serde_json::{Value, json};

use super::access::world::{World, text};
use super::{Host, is, json_request, within};
use crate::record::Day;
use crate::store::tests::{BRISTOL, code};

impl Host {
    fn today(&self) -> Day {
        self.house.stores.clock().now().day()
    }

    async fn posted(&self, path: &str, body: &Value) -> Value {
        self.post(&self.bristol, &within(path), body).await.ok()
    }

    async fn shown(&self, path: &str) -> Value {
        self.get(&self.bristol, &within(path)).await.ok()
    }

    /// A hub that the planner calls so, sitting today.
    async fn hub_today(&self) -> (String, String) {
        let hub = json!({ "kind": "hub-meeting", "name": "Weekly hub", "named": "hub", "starts": "09:30", "invited": ["hill-school"] });
        let hub = text(&self.posted("/meetings", &hub).await["id"]);
        let sitting = self.posted(&format!("/meetings/{hub}/sittings"), &json!({ "on": self.today() })).await;
        assert_eq!((&sitting["state"], &sitting["starts"]), (&json!("planned"), &json!("09:30")));
        (hub, text(&sitting["id"]))
    }

    async fn put_on(&self, sitting: &str, family: &Value) -> String {
        let item = json!({ "family": family["id"], "why": "two exclusions in a month" });
        text(&self.posted(&format!("/sittings/{sitting}/agenda"), &item).await["id"])
    }
}

fn items(page: &Value) -> &Vec<Value> {
    page["items"].as_array().unwrap()
}

fn agenda(sitting: &Value) -> Vec<(&Value, &Value)> {
    sitting["agenda"].as_array().unwrap().iter().map(|i| (&i["family"], &i["state"])).collect()
}

#[tokio::test]
async fn what_a_plugin_proposes_comes_onto_the_next_agenda_once() {
    let host = Host::new().await;
    let (bells, others) = (host.family("BR-1").await, host.family("BR-2").await);
    host.planner("meeting").await;
    let event = || json!({ "kind": "review-due", "on": "2026-08-31" });
    let asked = host.ask(&bells, "on-event", event()).await.ok();
    assert_eq!(asked["actions"][0]["came_to"]["is"], "waiting", "a person confirms, and nobody keeps that meeting here yet");
    let hub = json!({ "kind": "hub-meeting", "name": "Weekly hub", "named": "hub", "place": "Town Hall" });
    host.posted("/meetings", &hub).await;
    assert_eq!(host.post(&host.bristol, &within("/meetings"), &hub).await.problem(), is(409, "conflict", None), "one name, one meeting");

    let proposal = text(&asked["actions"][0]["came_to"]["proposal"]);
    let confirmed = host.posted(&format!("/proposals/{proposal}/confirm"), &json!({})).await;
    assert_eq!(confirmed["state"], "carried-out");
    let sittings = host.shown("/sittings").await;
    let sitting = &items(&sittings)[0];
    let on = host.today().max("2026-09-07".parse().unwrap());
    assert_eq!((&sitting["state"], &sitting["on"], &sitting["place"]), (&json!("proposed"), &json!(on), &json!("Town Hall")));

    let policy = json!({ "policies": [{ "action": "meeting", "policy": "automatic" }] });
    host.put(&host.bristol, &within("/policies"), &policy).await.ok();
    let again = host.ask(&bells, "on-event", event()).await.ok();
    assert_eq!(again["actions"][0]["came_to"], json!({ "is": "changes-nothing" }), "it is there already");
    let second = host.ask(&others, "on-event", event()).await.ok();
    assert_eq!(second["actions"][0]["came_to"]["is"], "carried-out");
    let read = host.shown(&format!("/sittings/{}", text(&sitting["id"]))).await;
    assert_eq!(agenda(&read), [(&bells["id"], &json!("on-agenda")), (&others["id"], &json!("on-agenda"))]);
    let item = &read["agenda"][0];
    assert_eq!((&item["sentence"], &item["proposal"]), (&json!("Said 2."), &json!(proposal)));
    let asked_for = item["asked_for"].as_array().unwrap();
    assert!(asked_for.len() == 2 && asked_for.contains(&json!("police")) && asked_for.contains(&json!("school")), "{item}");
    assert_eq!(items(&host.shown("/sittings").await).len(), 1);
}

#[tokio::test]
async fn what_was_decided_is_a_fact_that_the_pathway_hears_of_once_and_next_steps_are_tasks() {
    let host = Host::new().await;
    let (bells, others) = (host.family("BR-1").await, host.family("BR-2").await);
    host.planner("").await;
    let (hub, sitting) = host.hub_today().await;
    let (item, _) = (host.put_on(&sitting, &bells).await, host.put_on(&sitting, &others).await);
    let twice = json!({ "family": bells["id"], "why": "again" });
    let twice = host.post(&host.bristol, &within(&format!("/sittings/{sitting}/agenda")), &twice).await;
    assert_eq!(twice.problem(), is(409, "conflict", None));

    let due = host.today().plus(3).unwrap();
    let decided = json!({
        "words": "The school leads.", "family_took_part": true,
        "next_steps": [{ "what": "See Ben at home", "due": due, "organisation": "hill-school" }],
    });
    let path = format!("/agenda-items/{item}/decision");
    assert_eq!(host.posted(&path, &decided).await, json!({ "id": item, "state": "decided" }));
    assert_eq!(host.post(&host.bristol, &within(&path), &decided).await.problem(), is(409, "conflict", None));
    let read = host.shown(&format!("/sittings/{sitting}")).await;
    let first = &read["agenda"][0];
    assert_eq!(
        (&first["state"], &first["decided"], &first["why"]),
        (&json!("decided"), &json!("The school leads."), &json!("two exclusions in a month"))
    );
    let step = &first["next_steps"][0];
    assert_eq!((&step["what"], &step["due"], &step["done"]), (&json!("See Ben at home"), &json!(due), &json!(false)));
    let tasks = host.shown("/tasks").await;
    assert_eq!((&items(&tasks)[0]["id"], &items(&tasks)[0]["title"]), (&step["task"], &json!("See Ben at home")));

    let id = text(&bells["id"]);
    let journey = host.shown(&format!("/families/{id}/journey")).await;
    let mut what: Vec<&str> = items(&journey).iter().map(|s| s["what"].as_str().unwrap()).collect();
    what.retain(|w| ["note", "contact"].contains(w));
    what.sort_unstable();
    assert_eq!(what, ["contact", "note"]);

    // The outbox: heard of once, whoever asks and however often.
    let authority = code(BRISTOL);
    assert_eq!(host.workflow().answer_happenings(&authority).await.unwrap(), 1);
    assert_eq!(host.workflow().answer_happenings(&authority).await.unwrap(), 0);
    let heard = host.shown("/happenings?state=answered").await;
    let heard: Vec<_> = items(&heard).iter().map(|h| (&h["kind"], &h["family"])).collect();
    assert_eq!(heard, [(&json!("meeting-held"), &bells["id"])]);

    // Corrected as facts are: the agenda shows the last word, and nobody hears of the same meeting again.
    let facts = host.shown(&format!("/families/{id}/facts?kind=note")).await;
    let note = &items(&facts)[0];
    let corrected = json!({
        "kind": "note", "family": id, "first": note["first"], "last": note["last"], "supersedes": note["id"],
        "detail": { "topic": "hub-meeting", "role": "manager", "text": "The keyworker leads." },
    });
    host.posted("/facts", &corrected).await;
    assert_eq!(host.shown(&format!("/sittings/{sitting}")).await["agenda"][0]["decided"], "The keyworker leads.");
    assert_eq!(host.workflow().answer_happenings(&authority).await.unwrap(), 0);

    // It is over: the next is proposed in the plugin's rhythm, and takes over whom this one did not reach.
    let came = json!({ "organisations": [{ "organisation": "hill-school", "how": "apologies" }] });
    host.posted(&format!("/sittings/{sitting}/attendance"), &came).await;
    let came = json!({ "organisations": [{ "organisation": "hill-school", "how": "present" }] });
    host.posted(&format!("/sittings/{sitting}/attendance"), &came).await;
    assert_eq!(host.posted(&format!("/sittings/{sitting}/end"), &json!({ "held": true })).await["state"], "held");
    let over = host.post(&host.bristol, &within(&format!("/sittings/{sitting}/end")), &json!({ "held": true })).await;
    assert_eq!(over.problem(), is(409, "conflict", None));
    let sittings = host.shown(&format!("/sittings?meeting={hub}")).await;
    let next = &items(&sittings)[1];
    assert_eq!((&next["state"], &next["on"]), (&json!("proposed"), &json!(host.today().plus(7))));
    let read = host.shown(&format!("/sittings/{}", text(&next["id"]))).await;
    assert_eq!(agenda(&read), [(&others["id"], &json!("on-agenda"))]);
    let read = host.shown(&format!("/sittings/{sitting}")).await;
    assert_eq!(read["attendance"], json!([{ "organisation": "hill-school", "how": "present" }]));
    assert_eq!(agenda(&read)[1], (&others["id"], &json!("put-off")));
}

#[tokio::test]
async fn a_sitting_of_which_nobody_said_that_it_was_held_is_missed_and_the_pathway_hears_so() {
    let host = Host::new().await;
    let bells = host.family("BR-1").await;
    host.planner("").await;
    let (hub, sitting) = host.hub_today().await;
    host.put_on(&sitting, &bells).await;
    host.workflow().note_missed_dates().await.unwrap();
    assert_eq!(host.shown(&format!("/sittings/{sitting}")).await["state"], "planned", "the day is not over");
    let day = host.today();
    host.wait(24 * 60);
    for _ in 0..2 {
        host.workflow().note_missed_dates().await.unwrap();
    }
    let sittings = host.shown(&format!("/sittings?meeting={hub}")).await;
    let states: Vec<_> = items(&sittings).iter().map(|s| (&s["state"], &s["on"])).collect();
    assert_eq!(states, [(&json!("missed"), &json!(day)), (&json!("proposed"), &json!(day.plus(7)))]);
    let waiting = host.shown("/happenings?state=waiting").await;
    let waiting: Vec<_> = items(&waiting).iter().map(|h| (&h["kind"], &h["on"])).collect();
    assert_eq!(waiting, [(&json!("date-missed"), &json!(day))]);
    let next = host.shown(&format!("/sittings/{}", text(&items(&sittings)[1]["id"]))).await;
    assert_eq!(
        (agenda(&next), &next["agenda"][0]["why"]),
        (vec![(&bells["id"], &json!("on-agenda"))], &json!("two exclusions in a month"))
    );
}

#[tokio::test]
async fn whoever_is_invited_sees_of_families_on_the_agenda_what_is_shared_with_them_and_of_others_nothing() {
    let world = World::new().await;
    let host = &world.host;
    host.planner("").await;
    let (hub, sitting) = host.hub_today().await;
    let of = |name: &str| json!({ "id": world.id(name) });
    let (shared, _) = (host.put_on(&sitting, &of("family")).await, host.put_on(&sitting, &of("spare")).await);
    let at = within(&format!("/sittings/{sitting}"));
    let sees = async |who: &str| host.get(&world.tokens[who], &at).await;

    let manager = sees("manager").await.ok();
    assert_eq!(manager["agenda"].as_array().unwrap().len(), 2);
    let in_the_room = &manager["agenda"][0]["shared_with"];
    assert_eq!(in_the_room, &json!([{ "organisation": "hill-school", "sections": ["household", "education"] }]));
    let school = sees("consented").await.ok();
    assert_eq!(agenda(&school), [(&json!(world.id("family")), &json!("on-agenda"))]);
    assert_eq!((school["agenda"][0].get("why"), school["agenda"][0].get("shared_with")), (None, None), "notes are not shared with it");
    for who in ["withdrawn", "expired", "two-councils", "provider"] {
        assert_eq!(sees(who).await.problem(), is(404, "no-such", Some("sitting")), "{who}");
        assert_eq!(host.get(&world.tokens[who], &within("/sittings")).await.ok()["items"], json!([]), "{who}");
    }
    // A keyworker: of their case all of it; of others nothing.
    assert_eq!(sees("own-case").await.ok()["agenda"][0]["why"], "two exclusions in a month");
    assert_eq!(agenda(&sees("own-case").await.ok()).len(), 1);
    assert_eq!(agenda(&sees("other-case").await.ok()).len(), 0);

    // What was decided is a note; a next step of the school's own it sees.
    let due = host.today().plus(3);
    let steps = json!([{ "what": "Ring her", "due": due }, { "what": "Meet at the gate", "due": due, "organisation": "hill-school" }]);
    host.posted(&format!("/agenda-items/{shared}/decision"), &json!({ "words": "QUILLON", "next_steps": steps })).await;
    let school = sees("consented").await.ok();
    assert_eq!(school["agenda"][0].get("decided"), None);
    let told: Vec<_> = school["agenda"][0]["next_steps"].as_array().unwrap().iter().map(|s| &s["what"]).collect();
    assert_eq!(told, ["Meet at the gate"]);
    assert!(!school.to_string().contains("QUILLON") && !school.to_string().contains(world.id("spare")));
    let of_family = within(&format!("/families/{}/meetings", world.id("family")));
    assert_eq!(items(&host.get(&world.tokens["consented"], &of_family).await.ok()).len(), 1);

    // What the hub is about tells: who does not see that section does not know that the family is there.
    let terms = json!({ "kind": "hub-meeting", "name": "Hub", "named": "hub", "tells": ["abuse"], "invited": ["hill-school"] });
    host.put(&host.bristol, &within(&format!("/meetings/{hub}")), &terms).await.ok();
    let tomorrow = host.posted(&format!("/meetings/{hub}/sittings"), &json!({ "on": host.today().plus(1) })).await;
    let tomorrow = text(&tomorrow["id"]);
    host.put_on(&tomorrow, &of("family")).await;
    let school = host.get(&world.tokens["consented"], &within(&format!("/sittings/{tomorrow}"))).await.ok();
    assert_eq!(school["agenda"], json!([]));

    // About somebody who is sealed: for those alone whom the seal names.
    let about_cal = json!({ "family": world.id("family"), "person": world.id("cal"), "why": "he is back" });
    let path = within(&format!("/sittings/{tomorrow}/agenda"));
    assert_eq!(host.post(&world.tokens["manager"], &path, &about_cal).await.problem(), is(422, "invalid", Some("person")));
    host.post(&world.tokens["own-case"], &path, &about_cal).await.ok();
    let at = within(&format!("/sittings/{tomorrow}"));
    let count = async |who: &str| agenda(&host.get(&world.tokens[who], &at).await.ok()).len();
    assert_eq!((count("manager").await, count("own-case").await), (1, 2));
}

#[tokio::test]
async fn the_team_around_a_family_is_that_familys_own() {
    let world = World::new().await;
    let host = &world.host;
    host.planner("").await;
    let path = within(&format!("/families/{}/meetings", world.id("family")));
    let team = json!({ "kind": "team-around-family", "name": "Team around the family", "invited": ["hill-school", "other-school"] });
    let made = host.post(&world.tokens["own-case"], &path, &team).await.ok();
    let sittings = within(&format!("/meetings/{}/sittings", text(&made["id"])));
    let sitting = host.post(&world.tokens["own-case"], &sittings, &json!({ "on": host.today() })).await.ok();
    let agenda = within(&format!("/sittings/{}/agenda", text(&sitting["id"])));
    let stranger = json!({ "family": world.id("spare"), "why": "x" });
    assert_eq!(host.post(&world.tokens["manager"], &agenda, &stranger).await.problem(), is(422, "invalid", Some("family")));
    host.post(&world.tokens["own-case"], &agenda, &json!({ "family": world.id("family"), "why": "six weeks" })).await.ok();
    for (who, sees) in
        [("own-case", 1), ("stand-in", 1), ("manager", 1), ("consented", 1), ("other-case", 0), ("withdrawn", 0), ("provider", 0)]
    {
        let listed = host.get(&world.tokens[who], &within("/sittings")).await.ok();
        assert_eq!(items(&listed).len(), sees, "{who}");
        assert_eq!(items(&host.get(&world.tokens[who], &within("/meetings")).await.ok()).len(), sees, "{who}");
    }
}

#[tokio::test]
async fn an_erasure_takes_the_words_and_a_merge_brings_the_agenda_along() {
    let host = Host::new().await;
    let (bells, others) = (host.family("BR-1").await, host.family("BR-2").await);
    host.planner("").await;
    let (_, sitting) = host.hub_today().await;
    let (item, other) = (host.put_on(&sitting, &bells).await, host.put_on(&sitting, &others).await);
    let decided = json!({ "words": "QUILLON", "next_steps": [{ "what": "QUILLON", "due": host.today() }] });
    host.posted(&format!("/agenda-items/{item}/decision"), &decided).await;
    let person = json!({ "person": bells["people"]["ben"] });
    let opened = host.post(&host.officer, &within("/subject-requests"), &person).await.ok();
    let draft = host.get(&host.officer, &within(&format!("/subject-requests/{}", opened["id"]))).await;
    assert!(draft.text().contains(&format!("agenda-item/{item}")), "{}", draft.text());
    let erased =
        host.post(&host.officer, &within("/erasures"), &json!({ "family": bells["id"], "why": "asked", "rehearsal": false })).await;
    assert!(erased.status.is_success(), "{}", erased.text());
    let read = host.shown(&format!("/sittings/{sitting}")).await;
    assert!(!read.to_string().contains("QUILLON") && read["agenda"][0].get("why").is_none(), "{read}");

    let stays = host.family("BR-3").await;
    let merge = json!({ "other": others["id"], "reason": "one family" });
    host.posted(&format!("/families/{}/merges", text(&stays["id"])), &merge).await;
    let found = host.shown(&format!("/families/{}/meetings", text(&stays["id"]))).await;
    assert_eq!((items(&found).len(), &items(&found)[0]["id"]), (1, &json!(other)));
    host.posted(&format!("/agenda-items/{other}/decision"), &json!({ "words": "It goes on as one." })).await;
    let facts = host.shown(&format!("/families/{}/facts?kind=note", text(&stays["id"]))).await;
    assert_eq!(items(&facts)[0]["detail"]["text"], "It goes on as one.");
}

#[tokio::test]
async fn what_is_wrong_is_named_and_nothing_is_kept() {
    let host = Host::new().await;
    let bells = host.family("BR-1").await;
    let good = || json!({ "kind": "hub-meeting", "name": "Hub" });
    for (field, value, at) in [
        ("kind", json!("tea-party"), "kind"),
        ("name", json!(" "), "name"),
        ("named", json!("Not A Name"), "named"),
        ("starts", json!("9 o'clock"), "starts"),
        ("place", json!("x".repeat(201)), "place"),
        ("invited", json!(["hill-school", "nobody-at-all"]), "invited[1]"),
        ("invited", json!(["hill-school", "hill-school"]), "invited[1]"),
        ("chair", json!(crate::record::LoginId::fresh()), "chair"),
        ("colour", json!("blue"), "colour"),
    ] {
        let mut terms = good();
        terms[field] = value;
        assert_eq!(host.post(&host.bristol, &within("/meetings"), &terms).await.problem(), is(422, "invalid", Some(at)), "{terms}");
    }
    assert_eq!(host.shown("/meetings").await["items"], json!([]));

    let (hub, sitting) = host.hub_today().await;
    let sittings = format!("/meetings/{hub}/sittings");
    let refused = async |path: &str, body: Value| host.post(&host.bristol, &within(path), &body).await.problem();
    let yesterday = host.today().plus(-1);
    assert_eq!(refused(&sittings, json!({ "on": yesterday })).await, is(422, "invalid", Some("on")));
    assert_eq!(refused(&sittings, json!({ "on": host.today() })).await, is(409, "conflict", None));
    let later = text(&host.posted(&sittings, &json!({ "on": host.today().plus(2) })).await["id"]);
    let item = host.put_on(&later, &bells).await;
    let decision = format!("/agenda-items/{item}/decision");
    assert_eq!(refused(&decision, json!({ "words": "x" })).await, is(409, "conflict", None), "before its day");
    assert_eq!(refused(&decision, json!({ "words": " " })).await, is(422, "invalid", Some("words")));
    let late = json!({ "words": "x", "next_steps": [{ "what": "y", "due": host.today(), "role": "wizard" }] });
    assert_eq!(refused(&decision, late).await, is(422, "invalid", Some("next_steps[0].role")));
    assert_eq!(refused(&format!("/sittings/{later}/end"), json!({ "held": true })).await, is(409, "conflict", None));
    assert_eq!(refused(&format!("/sittings/{later}/end"), json!({ "held": false })).await, is(422, "invalid", Some("why")));
    let there = json!({ "organisations": [{ "organisation": "hill-school", "how": "present" }] });
    assert_eq!(refused(&format!("/sittings/{later}/attendance"), there).await, is(409, "conflict", None));

    // What several people edit is changed by what was seen of it.
    let unseen = json_request(Method::PUT, &host.bristol, &within(&format!("/sittings/{later}")), &json!({ "on": host.today().plus(3) }));
    assert_eq!(host.send(unseen).await.problem(), is(428, "version-needed", Some("If-Match")));
    let moved = json!({ "on": host.today().plus(3), "place": "by telephone" });
    assert_eq!(host.put(&host.bristol, &within(&format!("/sittings/{later}")), &moved).await.ok()["place"], "by telephone");
    host.posted(&format!("/agenda-items/{item}/removal"), &json!({ "reason": "the family asked to wait" })).await;
    assert_eq!(host.shown(&format!("/sittings/{later}")).await["agenda"], json!([]));
    host.put_on(&later, &bells).await;
    host.posted(&format!("/sittings/{later}/end"), &json!({ "held": false, "why": "snow" })).await;
    let over = json!({ "family": bells["id"], "why": "x" });
    assert_eq!(refused(&format!("/sittings/{later}/agenda"), over).await, is(409, "conflict", None));
    assert_eq!(host.shown(&format!("/sittings/{sitting}")).await["agenda"][0]["state"], "on-agenda", "the next one takes it over");
}

#[tokio::test]
async fn the_referrals_of_a_family_are_listed_with_the_family() {
    let host = Host::new().await;
    let (bells, others) = (host.family("BR-1").await, host.family("BR-2").await);
    for (family, urgent) in [(&bells, true), (&others, false), (&bells, false)] {
        host.posted("/referrals", &json!({ "route": "professional", "family": family["id"], "urgent": urgent })).await;
    }
    let found = host.shown(&format!("/families/{}/referrals", text(&bells["id"]))).await;
    let urgent: Vec<_> = items(&found).iter().map(|r| (&r["urgent"], &r["state"])).collect();
    assert_eq!(urgent, [(&json!(true), &json!("settled")), (&json!(false), &json!("settled"))]);
}
