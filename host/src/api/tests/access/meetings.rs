//! A hub to which a charity and a school are invited, and a sitting of it with the family on its agenda.

use serde_json::{Value, json};

use super::super::within;
use super::world::World;

impl World {
    pub fn hub() -> Value {
        json!({ "kind": "hub-meeting", "name": "Hub", "invited": ["harbour", "hill-school"] })
    }

    pub async fn meetings(&mut self) {
        let meeting = self.done(&within("/meetings"), &Self::hub()).await;
        self.keep("meeting", &meeting["id"]);
        let on = self.host.house.stores.clock().now().day().plus(7);
        let sittings = within(&format!("/meetings/{}/sittings", self.id("meeting")));
        let sitting = self.done(&sittings, &json!({ "on": on })).await;
        self.keep("sitting", &sitting["id"]);
        let agenda = within(&format!("/sittings/{}/agenda", self.id("sitting")));
        let item = self.done(&agenda, &json!({ "family": self.id("family"), "why": "two exclusions in a month" })).await;
        self.keep("agenda-item", &item["id"]);
    }
}
