//! Nobody overwrites what they have not seen.

use axum::http::{Method, header};
use serde_json::{Value, json};

use super::access::world::World;
use super::{Got, Host, is, json_request, within};

async fn put(host: &Host, path: &str, seen: Option<&str>, body: &Value) -> Got {
    let mut request = json_request(Method::PUT, &host.bristol, path, body);
    if let Some(seen) = seen {
        request.headers_mut().insert(header::IF_MATCH, seen.parse().unwrap());
    }
    host.send(request).await
}

fn version(got: &Got) -> String {
    got.headers[header::ETAG].to_str().unwrap().to_owned()
}

/// What is edited: where it is read, where it is written, and two things that it may become.
fn edited(world: &World) -> Vec<(String, String, Value, Value)> {
    let same = |path: &str, one: Value, other: Value| (within(path), within(path), one, other);
    let terms = |last: &str| json!({ "rows": [{ "name": "autumn", "first": "2026-09-01", "last": last }] });
    let settings = |days: u32| json!({ "same_tenths": 240, "ask_tenths": 170, "kept_days": days });
    let policy = |policy: &str| json!({ "policies": [{ "action": "goal", "policy": policy }] });
    let stricter = |policy: &str| json!({ "policies": [{ "question": "evaluate", "policy": policy }] });
    let service = |taken: u32| {
        json!({ "rows": [{
        "name": "Parents together", "organisation": "Harbour Trust", "organisation_kind": "charity", "kind": "parenting", "first": "2026-04-01",
        "capacity": 12, "taken": taken, "waiting_days": 14, "needs": ["family-relationships"], "price_pence": 45_000, "price_unit": "family",
    }] })
    };
    let mapping = |column: &str| {
        let text = format!(
            "mapping: exclusions-of-ours\nagency: school\nkind: exclusion\nperson: {{ upn: [UPN] }}\nfrom: [Start]\nuntil: [End]\nfields: {{ how: [{column}] }}\n"
        );
        json!({ "text": text })
    };
    let installation = within(&format!("/installations/{}", world.id("to-set")));
    let table = within(&format!("/installations/{}/tables/supplied", world.id("installation")));
    let rows = |most: u32| json!({ "rows": [{ "place": "east", "most": most }] });
    vec![
        same("/policies", policy("automatic"), policy("person-confirms")),
        same("/failure-policies", stricter("to-a-person"), stricter("open")),
        same("/intake-settings", settings(60), settings(90)),
        same("/tables/school-terms", terms("2026-12-18"), terms("2026-12-17")),
        same("/tables/services", service(7), service(8)),
        same("/mappings/exclusions-of-ours", mapping("Category"), mapping("Kind")),
        (table.clone(), table, rows(8), rows(9)),
        (installation.clone(), format!("{installation}/grants"), json!({ "grants": ["hearth:actions/tasks"] }), json!({ "grants": [] })),
    ]
}

#[tokio::test]
async fn what_somebody_else_changed_meanwhile_is_not_overwritten() {
    let mut world = World::new().await;
    world.programme().await;
    for (read, write, one, other) in edited(&world) {
        let host = &world.host;
        let first = host.get(&host.bristol, &read).await;
        // Of what is not there yet nobody can have seen a version.
        let seen = (first.status == 200).then(|| version(&first));
        if seen.is_none() {
            let stale = put(host, &write, Some("\"0123\""), &one).await;
            assert_eq!(stale.problem(), is(412, "changed-meanwhile", Some("If-Match")), "{write}");
        }
        let set = put(host, &write, seen.as_deref(), &one).await;
        assert_eq!(set.status, 200, "{write}: {}", set.text());
        let now = host.get(&host.bristol, &read).await;
        assert_eq!((version(&set), &set.bytes), (version(&now), &now.bytes), "{write}: what is answered is what is then read");

        assert_eq!(put(host, &write, None, &other).await.problem(), is(428, "version-needed", Some("If-Match")), "{write}");
        let stale = seen.unwrap_or_else(|| "\"0123\"".to_owned());
        for wrong in [stale.as_str(), "W/\"0123\"", "\"0123\", \"4567\"", "0123", ""] {
            let refused = put(host, &write, Some(wrong), &other).await;
            assert_eq!(refused.problem(), is(412, "changed-meanwhile", Some("If-Match")), "{write} with {wrong}");
        }
        assert_eq!(host.get(&host.bristol, &read).await.bytes, now.bytes, "{write}: nothing was changed");

        let both = format!("\"0123\", {}", version(&now));
        let set = put(host, &write, Some(&both), &other).await;
        assert_eq!(set.status, 200, "{write}: {}", set.text());
        assert_ne!(version(&set), version(&now), "{write}");
        assert_eq!(put(host, &write, Some("*"), &one).await.status, 200, "{write}: whoever says so overwrites");
    }
}

#[tokio::test]
async fn of_two_who_saw_the_same_one_is_told() {
    let host = Host::new().await;
    let path = within("/policies");
    let seen = version(&host.get(&host.bristol, &path).await);
    let said = |policy: &str| json!({ "policies": [{ "action": "goal", "policy": policy }, { "action": "move-to-stage", "policy": "automatic" }] });
    let (one, other) = (said("automatic"), said("person-confirms"));
    let (one, other) = tokio::join!(put(&host, &path, Some(&seen), &one), put(&host, &path, Some(&seen), &other));
    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412]);
}
