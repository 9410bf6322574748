//! Who opened what and why, and who was refused: noted by the one way to a family, whoever it was.

use axum::body::Body;
use axum::http::Method;
use serde_json::{Value, json};

use super::super::{attendance, request, within};
use super::world::World;

impl World {
    /// The latest line of that act, but for readings of the trail itself.
    async fn last(&self, act: &str) -> Value {
        let path = within(&format!("/audit/entries?act={act}&limit=10"));
        let found = self.host.get(&self.tokens["auditor"], &path).await.ok();
        found["items"].as_array().unwrap().iter().find(|e| e["thing"] != "audit").unwrap().clone()
    }

    async fn read_for(&self, who: &str, path: &str, purpose: &str) -> u16 {
        let request = request(Method::GET, &self.tokens[who], &within(path)).header("hearth-purpose", purpose);
        self.host.send(request.body(Body::empty()).unwrap()).await.status.as_u16()
    }
}

#[tokio::test]
async fn who_opened_a_family_is_noted_with_why_and_what_they_were_shown() {
    let world = World::new().await;
    let family = format!("/families/{}", world.id("family"));
    assert_eq!(world.read_for("own-case", &family, "claims").await, 200);
    let noted = world.last("read").await;
    assert_eq!((&noted["family"], &noted["purpose"]), (&json!(world.id("family")), &json!("claims")));
    assert_eq!(noted["sections"], json!(["household", "identity"]));
    assert!(noted["principal"].as_str().unwrap().starts_with("own-case ("), "{noted}");

    // Of what is shared with them, and of no more.
    assert_eq!(world.read_for("charity-lead", &format!("{family}/facts"), "casework").await, 200);
    let noted = world.last("read").await;
    let sections: Vec<&str> = noted["sections"].as_array().unwrap().iter().map(|s| s.as_str().unwrap()).collect();
    assert!(sections.contains(&"education") && sections.iter().all(|s| ["education", "household"].contains(s)), "{noted}");

    assert_eq!(world.read_for("own-case", "/search?name=Bell", "casework").await, 200);
    let noted = world.last("read").await;
    assert_eq!((noted["person"].is_string(), &noted["sections"]), (true, &json!(["identity"])));
    let sealed = within(&format!("/facts/{}", world.id("sealed-fact")));
    world.host.get(&world.tokens["own-case"], &sealed).await.ok();
    assert_eq!(world.last("read").await["thing"], format!("fact/{}", world.id("sealed-fact")));
}

#[tokio::test]
async fn who_was_refused_is_noted_with_what_they_tried() {
    let world = World::new().await;
    let family = format!("/families/{}", world.id("family"));
    for (who, status) in [("other-case", 404), ("provider", 404), ("author", 403)] {
        let got = world.host.get(&world.tokens[who], &within(&family)).await;
        assert_eq!(got.status.as_u16(), status, "{who}");
        let noted = world.last("refused").await;
        assert_eq!(noted["family"], json!(world.id("family")), "{who}");
        assert!(noted["principal"].as_str().unwrap().starts_with(who), "{noted}");
    }
    assert_eq!(world.read_for("own-case", &family, "audit").await, 403, "a purpose that is not theirs");
    assert_eq!(world.last("refused").await["purpose"], "audit");
    let sealed = format!("fact/{}", world.id("sealed-fact"));
    assert_eq!(world.read_for("manager", &format!("/{}", sealed.replace("fact/", "facts/")), "supervision").await, 404);
    assert_eq!(world.last("refused").await["thing"], sealed);
    let about_cal = attendance(world.id("cal"), 100);
    assert!(world.host.post(&world.tokens["manager"], &within("/facts"), &about_cal).await.status.is_client_error());
    assert_eq!(world.last("refused").await["thing"], format!("person/{}", world.id("cal")));
    // Whoever has one right of two was let in.
    let before = world.last("refused").await;
    world.host.get(&world.tokens["manager"], &within("/people")).await.ok();
    assert_eq!(world.last("refused").await, before);
}
