//! A council with everybody who might ask: each role, and each way to stand to one family.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::super::{Host, LEEDS, family, within};
use crate::access::tokens::{self, Asked, For};
use crate::record::{FamilyId, PaymentLineId};
use crate::store::tests::{BRISTOL, code};
use crate::store::{LineState, PaymentLine};

/// Of the two, neither is surely somebody of ours.
const FILE: &str = "Surname,Forename,DOB,Term start,Term end,Sessions possible,Sessions attended,Unauthorised\n\
                    Bell,B,06/05/2012,05/01/2026,27/03/2026,110,100,0\n\
                    Bell,Ben,06/05/2012,01/09/2025,19/12/2025,140,110,0\n";

/// Ids by their names in the table.
pub struct World {
    pub host: Host,
    pub tokens: BTreeMap<&'static str, String>,
    pub ids: BTreeMap<&'static str, String>,
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

impl World {
    /// Bristol's families `family` (Ann and Ben, and Cal who is sealed), `spare` and Leeds'; and the actors of the table.
    pub async fn new() -> Self {
        let mut world = Self { host: Host::new().await, tokens: BTreeMap::new(), ids: BTreeMap::new() };
        for (name, token) in [("operator", &world.host.operator), ("system", &world.host.bristol), ("leeds", &world.host.leeds)] {
            world.tokens.insert(name, token.clone());
        }
        for (id, kind) in [("harbour", "charity"), ("past-school", "school"), ("other-school", "school")] {
            let organisation = json!({ "id": id, "name": id, "kind": kind });
            world.done("/v1/organisations", &organisation).await;
        }
        world.families().await;
        world.people().await;
        world.sharing().await;
        world.seals().await;
        world
    }

    pub async fn done(&self, path: &str, body: &Value) -> Value {
        let got = self.host.post(&self.host.bristol, path, body).await;
        assert!(got.status.is_success(), "{path}: {}", got.text());
        got.json()
    }

    pub fn id(&self, name: &str) -> &str {
        self.ids.get(name).unwrap_or_else(|| panic!("the world has no {name}"))
    }

    pub fn keep(&mut self, name: &'static str, value: &Value) {
        self.ids.insert(name, text(value));
    }

    /// An attendance fact of Ben's, of an autumn of its own.
    pub async fn fact(&self, year: u16) -> String {
        let fact = json!({
            "kind": "attendance", "person": self.id("ben"), "first": format!("{year}-09-01"), "last": format!("{year}-12-19"),
            "source": "hill-school", "detail": { "possible": 140, "attended": 100, "unauthorised": 0 },
        });
        text(&self.done(&within("/facts"), &fact).await["id"])
    }

    async fn families(&mut self) {
        let mut document = family("BR-1");
        document["people"]["cal"] =
            json!({ "name": { "given": "Cal", "family": "Bell" }, "born": "1986-01-02", "member_from": "2020-01-01" });
        document["facts"].as_array_mut().unwrap().push(json!({
            "kind": "note", "first": "2026-01-10", "detail": { "topic": "money", "role": "keyworker", "text": "QUILLON" },
        }));
        let created = self.done(&within("/families"), &document).await;
        self.keep("family", &created["id"]);
        for person in ["ann", "ben", "cal"] {
            self.ids.insert(person, text(&created["people"][person]));
        }
        let spare = self.done(&within("/families"), &family("BR-2")).await;
        self.keep("spare", &spare["id"]);
        let leeds = format!("/v1/authorities/{LEEDS}/families");
        let mut document = family("LE-1");
        document["facts"] = json!([]);
        let created = self.host.post(&self.host.leeds, &leeds, &document).await;
        assert_eq!(created.status, StatusCode::CREATED, "{}", created.text());
        let created = created.json()["id"].clone();
        self.keep("leeds-family", &created);
        for (name, year) in [("fact", 2021), ("withdrawable", 2022), ("sealed-fact", 2023)] {
            let fact = self.fact(year).await;
            self.ids.insert(name, fact);
        }
    }

    /// Somebody of an organisation in a role at Bristol, with a token that is good there.
    async fn person(&mut self, name: &'static str, organisation: Option<&str>, role: &str) {
        let mut new = json!({ "name": name, "role": role });
        if let Some(organisation) = organisation {
            new["organisation"] = json!(organisation);
        }
        let made = self.done(&within("/people"), &new).await;
        let login = text(&made["login"]);
        let token = self.done(&within("/tokens"), &json!({ "name": "tests", "login": login })).await;
        self.tokens.insert(name, text(&token["token"]));
        self.ids.insert(name, login);
    }

    async fn people(&mut self) {
        for (name, organisation, role) in [
            ("manager", None, "manager"),
            ("data-manager", None, "data-manager"),
            ("coordinator", None, "coordinator"),
            ("commissioner", None, "commissioner"),
            ("own-case", None, "keyworker"),
            ("other-case", None, "keyworker"),
            ("stand-in", None, "keyworker"),
            ("emergency", None, "keyworker"),
            ("charity-lead", Some("harbour"), "lead-worker"),
            ("adviser", None, "adviser"),
            ("consented", Some("hill-school"), "partner"),
            ("withdrawn", Some("other-school"), "partner"),
            ("expired", Some("past-school"), "partner"),
            ("two-councils", Some("jobcentre"), "partner"),
            ("provider", Some("harbour"), "provider"),
            ("author", None, "plugin-author"),
            ("reviewer", None, "plugin-reviewer"),
            ("auditor", None, "auditor"),
            ("administrator", None, "administrator"),
            ("former", None, "manager"),
        ] {
            self.person(name, organisation, role).await;
        }
        let leeds = |path: &str| format!("/v1/authorities/{LEEDS}{path}");
        let both = json!({ "login": self.id("two-councils"), "role": "partner" });
        let given = self.host.post(&self.host.leeds, &leeds("/people"), &both).await;
        assert_eq!(given.status, StatusCode::CREATED, "{}", given.text());
        let of = For::Person { login: self.id("two-councils").parse().unwrap(), authority: None };
        let everywhere = tokens::issue(&self.host.house.stores, Asked::on_the_host("tests", of)).await.unwrap().token;
        self.tokens.insert("two-councils", everywhere);

        let roles = self.host.get(&self.host.bristol, &within("/people")).await.ok();
        let former = roles["items"].as_array().unwrap().iter().find(|p| p["name"] == "former").unwrap();
        let role = text(&former["roles"][0]["id"]);
        self.done(&within(&format!("/roles/{role}/end")), &json!({})).await;

        let assignments = within(&format!("/families/{}/assignments", self.id("family")));
        for name in ["own-case", "charity-lead"] {
            let made = self.done(&assignments, &json!({ "login": self.id(name), "role": "keyworker", "first": "2026-01-01" })).await;
            self.ids.insert(if name == "own-case" { "assignment" } else { "charity-assignment" }, text(&made["id"]));
        }
        let today = self.host.house.stores.clock().now().day();
        let (first, last) = (today.plus(-1).unwrap(), today.plus(7).unwrap());
        let cover = json!({ "absent": self.id("own-case"), "stand_in": self.id("stand-in"), "first": first, "last": last });
        self.done(&within("/covers"), &cover).await;
        let opening = json!({ "family": self.id("family"), "reason": "somebody rang at night" });
        let opened = self.host.post(&self.tokens["emergency"], &within("/emergencies"), &opening).await;
        let emergency = opened.ok()["id"].clone();
        self.keep("emergency-opened", &emergency);
    }

    async fn agreement(&self, organisation: &str, basis: &str, sections: Value, last: Value) -> String {
        let new = json!({
            "organisation": organisation, "sections": sections, "purposes": ["casework"], "basis": basis, "first": "2020-01-01", "last": last,
        });
        text(&self.done(&within("/agreements"), &new).await["id"])
    }

    async fn share(&self, agreement: &str) -> String {
        let shares = within(&format!("/families/{}/shares", self.id("family")));
        let new = json!({ "agreement": agreement, "why": "a plan", "how": "a signed form", "given_by": "Ann" });
        text(&self.done(&shares, &new).await["id"])
    }

    async fn sharing(&mut self) {
        let some = json!(["household", "education"]);
        for (name, organisation) in [("consent", "hill-school"), ("withdrawn-consent", "other-school"), ("charity-consent", "harbour")] {
            let agreement = self.agreement(organisation, "consent", some.clone(), Value::Null).await;
            let share = self.share(&agreement).await;
            self.ids.insert(name, share);
        }
        let withdrawal = within(&format!("/shares/{}/withdrawal", self.id("withdrawn-consent")));
        self.done(&withdrawal, &json!({ "words": "she rang" })).await;
        let over = self.agreement("past-school", "child-protection", some.clone(), json!("2024-12-31")).await;
        self.share(&over).await;
        // The charity of two councils: Leeds' family is shared with it, Bristol's is not.
        let leeds = |path: &str| format!("/v1/authorities/{LEEDS}{path}");
        let new =
            json!({ "organisation": "jobcentre", "sections": some, "purposes": ["casework"], "basis": "consent", "first": "2020-01-01" });
        let agreement = self.host.post(&self.host.leeds, &leeds("/agreements"), &new).await.ok()["id"].clone();
        let shares = leeds(&format!("/families/{}/shares", self.id("leeds-family")));
        let share = json!({ "agreement": agreement, "why": "a plan", "how": "a form", "given_by": "Ann" });
        self.host.post(&self.host.leeds, &shares, &share).await.ok();
        // To be ended, withdrawn and objected to.
        let spare = self.agreement("avon-police", "crime-and-disorder", json!(["offending"]), Value::Null).await;
        for name in ["to-withdraw", "to-object"] {
            let share = self.share(&spare).await;
            self.ids.insert(name, share);
        }
        self.ids.insert("agreement", spare);
    }

    /// By the keyworker, who alone is named.
    async fn seals(&mut self) {
        let seals = within(&format!("/families/{}/seals", self.id("family")));
        let reason = "he does not know";
        for (name, what) in [
            ("seal", json!({ "fact": self.id("sealed-fact"), "names": [], "reason": reason })),
            ("member-seal", json!({ "member": self.id("cal"), "names": [], "reason": reason })),
        ] {
            let sealed = self.host.post(&self.tokens["own-case"], &seals, &what).await;
            assert_eq!(sealed.status, StatusCode::CREATED, "{}", sealed.text());
            self.ids.insert(name, text(&sealed.json()["id"]));
        }
    }

    /// Plugins at work: a decision with a proposal, a question that is not decided, installations to change.
    pub async fn programme(&mut self) {
        let planner = self.host.adopt("planner", json!({ "proposes": "goal notice task" })).await;
        self.ids.insert("installation", planner.rsplit('/').next().unwrap().to_owned());
        let decided = self.done(&within("/decisions"), &self.triage()).await;
        self.keep("decision", &decided["id"]);
        self.keep("proposal", &decided["actions"][0]["came_to"]["proposal"]);
        let told = text(&decided["actions"][1]["came_to"]["proposal"]);
        self.done(&within(&format!("/proposals/{told}/confirm")), &json!({})).await;
        let tasks = self.host.get(&self.host.bristol, &within("/tasks")).await.ok();
        self.keep("task", &tasks["items"][0]["id"]);
        let notices = self.host.get(&self.tokens["consented"], &within("/notices")).await.ok();
        self.keep("notice", &notices["items"][0]["id"]);
        let open = json!({ "open": true, "why": "the records system" });
        self.host.put(&self.host.bristol, &within("/destinations/records.example.org"), &open).await.ok();
        let webhook = self.done(&within("/webhooks"), &json!({ "url": "https://records.example.org/hearth" })).await;
        self.keep("webhook", &webhook["id"]);
        for name in ["referral", "to-triage"] {
            let sent = json!({ "route": "professional", "family": self.id("family"), "urgent": name == "referral" });
            let sent = self.done(&within("/referrals"), &sent).await;
            self.keep(name, &sent["id"]);
        }
        let installed = self.host.get(&self.host.bristol, &planner).await.ok();
        self.keep("plugin", &installed["plugin"]);
        self.keep("module", &installed["name"]);
        let publisher = json!({ "id": "hill-charity", "name": "Hill Charity" });
        let publisher = self.host.post(&self.host.operator, "/v1/publishers", &publisher).await.ok();
        self.keep("publisher", &publisher["id"]);
        for name in ["to-retire", "to-activate", "to-set", "to-try"] {
            let proposal = json!({ "plugin": installed["plugin"], "grants": installed["grants"], "settings": {} });
            let proposed = self.done(&within("/installations"), &proposal).await;
            self.keep(name, &proposed["id"]);
        }
        let until = crate::record::KnownAt::from_millis(self.host.house.stores.clock().now().millis() + 86_400_000);
        let shadow = within(&format!("/installations/{}/shadow", self.id("to-try")));
        self.done(&shadow, &json!({ "until": until, "reason": "beside the old rules" })).await;
        self.host.adopt("hostile", json!({ "attack": "panic" })).await;
        self.tried().await;
        let asked = json!({ "family": self.id("family"), "question": "progress", "as_of": "2026-08-31" });
        let failed = self.host.post(&self.host.bristol, &within("/decisions"), &asked).await;
        self.keep("undecided", &failed.json()["undecided"]);
        let token = self.done(&within("/tokens"), &json!({ "name": "to revoke", "roles": ["system"] })).await;
        self.keep("token", &token["hash"]);
        let invited = json!({ "name": "to withdraw", "address": "somebody@example.org", "roles": ["adviser"] });
        let invited = self.done(&within("/invitations"), &invited).await;
        self.keep("invitation", &invited["id"]);
        for (name, role) in [("role", "auditor"), ("spare-login", "keyworker"), ("second-login", "keyworker")] {
            let made = self.done(&within("/people"), &json!({ "name": name, "role": role })).await;
            self.ids.insert(name, text(if name == "role" { &made["roles"][0]["id"] } else { &made["login"] }));
        }
        self.claims().await;
        self.intake().await;
        self.assessments().await;
        self.reshaped().await;
        let assignments = within(&format!("/families/{}/assignments", self.id("family")));
        let made = self.done(&assignments, &json!({ "login": self.id("spare-login"), "role": "lead-worker" })).await;
        self.keep("assignment", &made["id"]);
        self.bought().await;
        self.meetings().await;
        self.rights().await;
    }

    /// An assessment that was given up, so that everything is asked of it and nothing comes of it; what is asked for.
    async fn assessments(&mut self) {
        self.host.adopt("early-help-assessment", json!({})).await;
        let of_family = |what: &str| within(&format!("/families/{}/{what}", self.id("family")));
        let begun = self.done(&of_family("assessments"), &json!({ "form": "whole-family" })).await;
        let end = within(&format!("/assessments/{}/end", text(&begun["id"])));
        self.done(&end, &json!({ "reason": "begun twice" })).await;
        let due = self.host.house.stores.clock().now().day().plus(40).unwrap();
        let asked = json!({ "form": "whole-family", "due": due, "why": "six weeks are over" });
        let asked = self.done(&of_family("assessment-requests"), &asked).await;
        let request = crate::store::ConsentRequest {
            id: crate::record::ConsentRequestId::fresh(),
            family: self.id("family").parse().unwrap(),
            person: None,
            sections: std::iter::once(crate::record::Section::Health).collect(),
            to: "school".into(),
            due,
            proposal: crate::record::ProposalId::fresh(),
            state: crate::store::RequestState::Open,
            by: "data manager".into(),
            share: None,
            settled: None,
        };
        let store = self.host.house.stores.authority(&code(BRISTOL)).await.unwrap();
        let mut tx = store.write("tests", "asked for consent").await.unwrap();
        tx.ask_for_consent(&request).await.unwrap();
        tx.commit().await.unwrap();
        let goal = self.done(&of_family("plan/goals"), &json!({ "domain": "school", "title": "Mornings without shouting" })).await;
        let service = json!({
            "kind": "service-use", "family": self.id("family"), "first": "2026-01-05",
            "detail": { "service": "parenting", "state": "requested", "employer": "charity" },
        });
        let service = self.done(&within("/facts"), &service).await;
        self.keep("goal", &goal["goal"]);
        self.keep("service-used", &service["id"]);
        self.keep("assessment", &begun["id"]);
        self.keep("assessment-request", &asked["id"]);
        self.ids.insert("consent-request", request.id.to_string());
    }

    /// A claim that rests on the decision, one in a file, and unit costs: no plugin here claims anything.
    async fn claims(&mut self) {
        let store = self.host.house.stores.authority(&code(BRISTOL)).await.unwrap();
        let (decision, family) = (self.id("decision").parse().unwrap(), self.id("family").parse().unwrap());
        let mut tx = store.write("tests", "claimed").await.unwrap();
        let day = "2026-08-31".parse().unwrap();
        for kind in ["attachment", "progress-result"] {
            let claim = crate::store::NewClaim { decision, family, kind: kind.into(), amount: 80_000, entitled_on: day };
            assert!(tx.add_claim(&claim).await.unwrap());
        }
        tx.commit().await.unwrap();
        let claims = store.claims(family).await.unwrap();
        self.ids.insert("claim", claims[0].id.to_string());
        let step = within(&format!("/claims/{}/steps", claims[1].id));
        for (who, act) in [("manager", "put-forward"), ("data-manager", "approve")] {
            self.host.post(&self.tokens[who], &step, &json!({ "act": act })).await.ok();
        }
        let made = self.host.post(&self.tokens["manager"], &within("/claim-batches"), &json!({})).await.ok();
        self.ids.insert("batch", made["batch"].to_string());
        let table = within("/tables/unit-costs");
        let head = "what,of,per,first,last,pounds,agency,source\n";
        let request = super::super::request(axum::http::Method::PUT, &self.host.bristol, &table).header("content-type", "text/csv");
        self.host.send(request.body(axum::body::Body::from(head)).unwrap()).await.ok();
    }

    pub fn offer(&self) -> Value {
        json!({ "name": "Friendly faces", "organisation": "harbour", "kind": "parenting", "first": "2020-01-01" })
    }

    pub fn terms(&self) -> Value {
        json!({ "title": "Parenting course", "provider": "harbour", "first": "2020-01-01", "paid": "mixed", "value_pence": 1_000_000 })
    }

    /// A charity's service and the contract that buys it; the family referred to it, and a payment.
    async fn bought(&mut self) {
        let service = self.done(&within("/services"), &self.offer()).await;
        self.keep("service", &service["id"]);
        let contract = self.done(&within("/contracts"), &self.terms()).await;
        self.keep("contract", &contract["id"]);
        let path = within(&format!("/contracts/{}/signature", self.id("contract")));
        self.done(&path, &json!({})).await;
        let help = self.done(&within(&format!("/families/{}/help-requests", self.id("family"))), &json!({ "kind": "parenting" })).await;
        self.keep("help", &help["id"]);
        let path = within(&format!("/help-requests/{}/referrals", self.id("help")));
        let referral = self.done(&path, &json!({ "service": self.id("service"), "why": "they know her" })).await;
        self.keep("help-referral", &referral["id"]);
        self.ids.insert("budget", "supporting".to_owned());
        self.ids.insert("no-decision", FamilyId::fresh().to_string());
        let budget = json!({ "title": "Supporting", "first": "2026-04-01", "last": "2027-03-31", "amount_pence": 100 });
        self.host.put(&self.host.bristol, &within("/budgets/supporting"), &budget).await.ok();
        let store = self.host.house.stores.authority(&code(BRISTOL)).await.unwrap();
        let mut tx = store.write("a test", "a payment").await.unwrap();
        let line = PaymentLine {
            id: PaymentLineId::fresh(),
            contract: self.id("contract").parse().unwrap(),
            at: tx.now(),
            by: "a test".to_owned(),
            decision: None,
            kind: "up-front".to_owned(),
            number: None,
            amount: 100,
            day: tx.now().day(),
            state: LineState::Drafted,
            settle_by: None,
            credits: None,
        };
        assert!(tx.add_payment_line(&line).await.unwrap());
        tx.commit().await.unwrap();
        self.ids.insert("line", line.id.to_string());
    }

    /// A back-test, and a trial grant that somebody is to give.
    async fn tried(&mut self) {
        let plugins = self.host.get(&self.host.bristol, "/v1/plugins").await.ok();
        let found = plugins["items"].as_array().unwrap().iter().find(|p| p["name"] == "hostile").unwrap();
        let hostile = self.host.get(&self.host.bristol, &format!("/v1/plugins/{}", text(&found["digest"]))).await.ok();
        self.keep("hostile", &hostile["digest"]);
        let grants: Vec<&Value> = hostile["asks"].as_array().unwrap().iter().map(|a| &a["interface"]).collect();
        self.ids.insert("hostile-grants", json!(grants).to_string());
        let until = self.host.house.stores.clock().now().day().plus(10);
        let asked = json!({ "plugin": hostile["digest"], "interface": "hearth:family/notes", "why": "to try it", "until": until });
        let asked = self.done(&within("/trial-grants"), &asked).await;
        self.keep("trial-grant", &asked["id"]);
        let begun = self.done(&within("/back-tests"), &self.back_test()).await;
        self.keep("back-test", &begun["id"]);
    }

    pub fn back_test(&self) -> Value {
        let grants: Value = serde_json::from_str(self.id("hostile-grants")).unwrap();
        let candidate = json!({ "plugin": self.id("hostile"), "grants": grants, "settings": { "attack": "panic" } });
        json!({ "candidate": candidate, "question": "suited", "as_of": ["2026-08-31"] })
    }

    /// A hold on the spare family; two requests of Ben's, one of which is answered.
    async fn rights(&mut self) {
        let officer = self.tokens["data-manager"].clone();
        let done = async |path: &str, body: &Value| self.host.post(&officer, &within(path), body).await.ok();
        let hold = done("/holds", &json!({ "family": self.id("spare"), "why": "a claim in the county court" })).await;
        let mut kept = vec![("hold", hold["id"].to_string())];
        for name in ["request", "released"] {
            let request = done("/subject-requests", &json!({ "person": self.id("ben") })).await["id"].to_string();
            kept.push((name, request));
        }
        let draft = self.host.get(&officer, &within(&format!("/subject-requests/{}", kept[2].1))).await.ok();
        let parts = draft["draft"]["parts"].as_array().unwrap();
        for part in parts.iter().filter(|p| !p["marks"].as_array().is_none_or(Vec::is_empty)) {
            let review = json!({ "part": part["part"], "shown": true, "reason": "it is about them" });
            done(&format!("/subject-requests/{}/reviews", kept[2].1), &review).await;
        }
        done(&format!("/subject-requests/{}/release", kept[2].1), &json!({})).await;
        kept.push(("part", text(&parts[0]["part"])));
        self.ids.extend(kept);
    }

    /// A file of a school's, one of whose rows a person is asked about, and another about which one was.
    async fn intake(&mut self) {
        let read = self.host.delivered(FILE).await;
        self.keep("delivery", &read["id"]);
        let asked = self.host.get(&self.host.bristol, &within("/matches")).await.ok();
        let asked: Vec<String> = asked["items"].as_array().unwrap().iter().map(|q| text(&q["id"])).collect();
        let [first, second] = &asked[..] else { panic!("two rows are asked about: {asked:?}") };
        let decided = self.done(&within(&format!("/matches/{second}/decision")), &json!({ "answer": "not-ours" })).await;
        self.ids.insert("asked", first.clone());
        self.keep("match-decision", &decided["decision"]);
    }

    /// Takes back what was said of whom rows are about, so that they are asked about again.
    pub async fn ask_again(&self) {
        let said = self.host.get(&self.host.bristol, &within("/match-decisions")).await.ok();
        for decision in said["items"].as_array().unwrap().iter().filter(|d| d["undone_by"].is_null()) {
            self.done(&within(&format!("/match-decisions/{}/undo", text(&decision["id"]))), &json!({})).await;
        }
    }

    pub fn triage(&self) -> Value {
        let about = json!({ "on": "2026-08-30", "route": "professional", "organisation_kind": "school", "urgent": true, "people": [] });
        json!({ "family": self.id("family"), "question": "triage", "as_of": "2026-08-31", "about": about })
    }

    /// The authority, as the table writes it.
    pub fn authority() -> String {
        code(BRISTOL).to_string()
    }
}
