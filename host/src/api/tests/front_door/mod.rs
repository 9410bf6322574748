//! The front door through the API, with a real pathway: what is sent, whom it is about, what becomes of it, and who hears.

mod allocated;
mod kept;
mod overridden;
mod sent;
mod stepped;
mod triaged;

use serde_json::{Value, json};

use super::access::world::World;
use super::{Got, Host, within};

/// Somebody of the Bells, as whoever refers them knows him.
fn described() -> Value {
    json!({
        "route": "professional", "urgent": true, "agreed": true, "problems": ["school-attendance"], "words": "ZANZIBAR was mentioned",
        "described": {
            "people": [{ "name": { "given": "Benn", "family": "Bell" }, "born": "2012-05-06" }],
            "address": { "lines": ["12 Mill Lane"], "postcode": "BS3 4QR" },
        },
    })
}

impl Host {
    /// A referral about a family of the record, by Bristol's own system: its id.
    async fn referred(&self, family: &Value) -> String {
        let sent = json!({ "route": "professional", "urgent": true, "family": family["id"], "people": [family["people"]["ben"]] });
        id(&self.post(&self.bristol, &within("/referrals"), &sent).await.ok())
    }

    async fn referral(&self, id: &str) -> Value {
        self.get(&self.bristol, &within(&format!("/referrals/{id}"))).await.ok()
    }

    async fn door(&self, id: &str, what: &str, body: Value) -> Got {
        self.post(&self.bristol, &within(&format!("/referrals/{id}/{what}")), &body).await
    }

    async fn settle(&self, id: &str, body: Value) -> Got {
        let at = within(&format!("/referrals/{id}"));
        let seen = self.get(&self.bristol, &at).await.headers["etag"].clone();
        let mut request = super::json_request(axum::http::Method::PUT, &self.bristol, &format!("{at}/family"), &body);
        request.headers_mut().insert("if-match", seen);
        self.send(request).await
    }

    /// As its sender, a system of Bristol's, sees it.
    async fn sent(&self, id: &str) -> Value {
        self.get(&self.bristol, &within(&format!("/sent-referrals/{id}"))).await.ok()
    }

    async fn add(&self, id: &str, body: Value) -> Got {
        self.post(&self.bristol, &within(&format!("/sent-referrals/{id}/additions")), &body).await
    }

    /// Facts of one kind of a family, in force.
    async fn of_kind(&self, family: &Value, kind: &str) -> Vec<Value> {
        let facts = within(&format!("/families/{}/facts?kind={kind}", id(family)));
        self.get(&self.bristol, &facts).await.ok()["items"].as_array().unwrap().clone()
    }

    async fn list(&self, path: &str) -> Vec<Value> {
        self.get(&self.bristol, &within(path)).await.ok()["items"].as_array().unwrap().clone()
    }
}

fn id(of: &Value) -> String {
    of["id"].as_str().unwrap_or_else(|| panic!("{of} has no id")).to_owned()
}

/// What somebody of the table is answered.
async fn by(world: &World, who: &str, path: &str) -> Got {
    world.host.get(&world.tokens[who], &within(path)).await
}
