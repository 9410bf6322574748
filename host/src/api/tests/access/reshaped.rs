//! What the world has of families and people who were found to be one or part, of families on their way, and of files.

use axum::body::Body;
use axum::http::Method;
use serde_json::{Value, json};

use super::super::{BRISTOL_COUNCIL, LEEDS, LEEDS_COUNCIL, family, request, within};
use super::world::{World, text};

impl World {
    pub async fn reshaped(&mut self) {
        for (name, reference) in
            [("to-merge", "M-1"), ("to-be-merged", "M-2"), ("stays", "M-3"), ("gone", "M-4"), ("to-give", "M-5"), ("on-its-way", "M-6")]
        {
            let taken = self.host.family(reference).await;
            self.keep(name, &taken["id"]);
            match name {
                "to-merge" => self.keep("one", &taken["people"]["ann"]),
                "to-be-merged" => self.keep("other", &taken["people"]["ann"]),
                "stays" => self.keep("stays-ben", &taken["people"]["ben"]),
                "gone" => self.keep("gone-ben", &taken["people"]["ben"]),
                _ => {}
            }
        }
        let merges = within(&format!("/families/{}/merges", self.id("stays")));
        let merged = self.done(&merges, &json!({ "other": self.id("gone"), "reason": "one family" })).await;
        self.keep("merge", &merged["id"]);
        let people = json!({ "person": self.id("stays-ben"), "other": self.id("gone-ben"), "reason": "one person" });
        let merged = self.done(&within("/person-merges"), &people).await;
        self.keep("person-merge", &merged["id"]);
        let mut many = family("M-7");
        for child in ["cat", "dan", "eve", "fay"] {
            many["people"][child] =
                json!({ "name": { "given": child, "family": "Bell" }, "born": "2014-01-02", "member_from": "2020-01-01" });
        }
        let taken = self.done(&within("/families"), &many).await;
        self.keep("to-split", &taken["id"]);
        self.on_their_way().await;
        let of_the_family = within(&format!("/families/{}/attachments", self.id("family")));
        let of_all = format!("{of_the_family}?name=letter.txt&section=education");
        let of_cal = format!("{of_the_family}?name=photo.txt&section=education&person={}", self.id("cal"));
        for (name, path, who) in [("attachment", of_all, "system"), ("sealed-file", of_cal, "own-case")] {
            let sent = request(Method::POST, &self.tokens[who], &path).body(Body::from("Dear Ms Bell")).unwrap();
            let attached = self.host.send(sent).await.ok();
            self.keep(name, &attached["id"]);
        }
    }

    /// One to Leeds, two from there.
    async fn on_their_way(&mut self) {
        let agreement = |with: &str| {
            json!({
                "organisation": with, "sections": ["household", "education", "identity"], "purposes": ["casework"],
                "basis": "child-protection", "first": "2020-01-01",
            })
        };
        let made = self.done(&within("/agreements"), &agreement(LEEDS_COUNCIL)).await;
        self.keep("with-leeds", &made["id"]);
        let given = within(&format!("/families/{}/handovers", self.id("on-its-way")));
        let given = self.done(&given, &json!({ "agreement": self.id("with-leeds"), "reason": "moved to Leeds" })).await;
        self.keep("given", &given["id"]);
        let leeds = |path: &str| format!("/v1/authorities/{LEEDS}{path}");
        let theirs = async |path: &str, body: &Value| self.host.post(&self.host.leeds, &leeds(path), body).await.ok();
        let agreed = theirs("/agreements", &agreement(BRISTOL_COUNCIL)).await["id"].clone();
        let mut ids = Vec::new();
        for (name, reference) in [("to-take", "LE-2"), ("to-refuse", "LE-3")] {
            let taken = theirs("/families", &family(reference)).await;
            let path = format!("/families/{}/handovers", text(&taken["id"]));
            let given = theirs(&path, &json!({ "agreement": agreed, "reason": "moved to Bristol" })).await;
            ids.push((name, given["id"].clone()));
        }
        for (name, id) in ids {
            self.keep(name, &id);
        }
    }

    /// One of the large family who has not left it.
    pub async fn leaver(&self) -> Value {
        let read = self.host.get(&self.host.bristol, &within(&format!("/families/{}", self.id("to-split")))).await.ok();
        let stays = |m: &&Value| m["memberships"].as_array().is_some_and(|all| all.iter().any(|m| m["last"].is_null()));
        read["members"].as_array().unwrap().iter().find(stays).unwrap()["id"].clone()
    }
}
