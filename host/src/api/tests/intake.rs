//! Files of partner agencies over HTTP: mappings, previews, deliveries, questions, feeds; and finding people.

use axum::body::Body;
use axum::http::{Method, StatusCode, header};
use serde_json::{Value, json};

use super::{Got, Host, LEEDS, is, request, within};

const ROWS: &str = "Surname,Forename,DOB,Term start,Term end,Sessions possible,Sessions attended,Unauthorised\n\
                    Bell,Ben,06/05/2012,01/09/2025,19/12/2025,140,110,0\n\
                    Bell,B,06/05/2012,05/01/2026,27/03/2026,110,100,0\n\
                    Dale,Carys,14/09/2010,01/09/2025,19/12/2025,140,120,10\n\
                    Bell,Ben,06/05/2012,yesterday,19/12/2025,140,120,10\n";
const SENT: &str = "source=hill-school&first=2025-09-01&last=2026-03-31";

impl Host {
    async fn file(&self, token: &str, path: &str, kind: &str, body: impl Into<Body>) -> Got {
        self.send(request(Method::POST, token, path).header(header::CONTENT_TYPE, kind).body(body.into()).unwrap()).await
    }

    /// A delivery that was read to its end.
    pub async fn delivered(&self, body: &'static str) -> Value {
        let got = self.file(&self.bristol, &within(&format!("/deliveries?mapping=attendance&{SENT}")), "text/csv", body).await;
        assert_eq!(got.status, StatusCode::ACCEPTED, "{}", got.text());
        let path = within(&format!("/deliveries/{}", got.json()["id"].as_str().unwrap()));
        loop {
            let now = self.get(&self.bristol, &path).await.ok();
            if now["state"] != "reading" {
                return now;
            }
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test]
async fn a_file_is_previewed_delivered_asked_about_decided_and_taken_back() {
    let host = Host::new().await;
    let family = host.family("BR-1").await;
    let ben = &family["people"]["ben"];
    let preview = within(&format!("/mappings/attendance/preview?{SENT}"));
    let shown = host.file(&host.bristol, &preview, "text/csv", ROWS).await.ok();
    let fates: Vec<&str> = shown["items"].as_array().unwrap().iter().map(|r| r["fate"].as_str().unwrap()).collect();
    assert_eq!(fates, ["kept", "asked", "unmatched", "refused"]);
    assert_eq!(shown["items"][0]["row"]["detail"]["attended"], 110);

    let read = host.delivered(ROWS).await;
    let report = &read["report"];
    assert_eq!(read["state"], "read");
    assert_eq!([&report["added"], &report["asked"], &report["unmatched"], &report["refused"]], [1, 1, 1, 1].map(Value::from).each_ref());
    assert_eq!(report["refusals"][0], json!({ "line": 5, "column": "Term start", "reason": "is not a date (31/08/2026 or 2026-08-31)" }));

    let questions = host.get(&host.bristol, &within("/matches")).await.ok();
    let question = &questions["items"][0];
    assert_eq!(question["row"]["whom"]["person"]["names"][0]["given"], "B");
    let candidate = &question["candidates"][0];
    assert_eq!((&candidate["person"], &candidate["known"]["names"][0]["given"]), (ben, &json!("Ben")));
    assert_eq!(candidate["agreements"][0]["says"], "the same first letter, where one has only that");

    let id = question["id"].as_str().unwrap();
    let at = within(&format!("/matches/{id}/decision"));
    let decided = host.post(&host.bristol, &at, &json!({ "answer": "this-one", "person": ben })).await.ok();
    assert_eq!(decided["rows"], 1);
    let facts = within(&format!("/families/{}/facts?kind=attendance", family["id"].as_str().unwrap()));
    let count = async || host.get(&host.bristol, &facts).await.ok()["items"].as_array().unwrap().len();
    assert_eq!(count().await, 3, "one came with the family");
    assert_eq!(host.post(&host.bristol, &at, &json!({ "answer": "not-ours" })).await.problem(), is(404, "no-such", Some("waiting row")));

    let undo = within(&format!("/match-decisions/{}/undo", decided["decision"].as_str().unwrap()));
    assert_eq!(host.post(&host.bristol, &undo, &json!({})).await.ok()["rows"], 1);
    assert_eq!(count().await, 2);
    assert_eq!(host.post(&host.bristol, &undo, &json!({})).await.problem(), is(409, "conflict", None));
    let said = host.get(&host.bristol, &within("/match-decisions")).await.ok();
    assert_eq!((&said["items"][0]["answer"], &said["items"][0]["undone_by"]), (&json!("this-one"), &json!("data manager")));

    let feeds = host.get(&host.bristol, &within("/feeds")).await.ok();
    assert_eq!((&feeds["asked"], &feeds["unmatched"], &feeds["feeds"][0]["overdue"]), (&json!(1), &json!(1), &json!(false)));
    assert_eq!(feeds["feeds"][0]["latest"]["id"], read["id"]);
}

#[tokio::test]
async fn a_file_that_is_no_such_extract_says_so_in_its_delivery() {
    let host = Host::new().await;
    let read = host.delivered("Name,Colour\nx,y\n").await;
    assert_eq!(read["state"], "refused");
    assert!(read["report"]["why"].as_str().unwrap().starts_with("the first line names none of the columns"), "{read}");
    let preview = within(&format!("/mappings/attendance/preview?{SENT}"));
    assert_eq!(host.file(&host.bristol, &preview, "text/csv", "Name\n").await.problem(), is(422, "invalid", Some("file")));
}

#[tokio::test]
async fn a_mapping_is_written_in_versions_and_its_faults_have_lines() {
    let host = Host::new().await;
    let at = within("/mappings/exclusions");
    assert_eq!(host.get(&host.bristol, &at).await.ok()["version"], 0);
    let text =
        "mapping: exclusions\nagency: school\nkind: exclusion\nperson: { upn: UPN }\nfrom: Start\nuntil: End\nfields: { how: Category }\n";
    for version in [1, 1] {
        assert_eq!(host.put(&host.bristol, &at, &json!({ "text": text })).await.ok()["version"], version);
    }
    let wrong = host.put(&host.bristol, &at, &json!({ "text": text.replace("{ how:", "{ who:") })).await;
    assert_eq!((wrong.problem(), &wrong.json()["line"]), (is(422, "invalid", Some("text.fields.who")), &json!(7)));
    let other = within("/mappings/attendance");
    assert_eq!(host.put(&host.bristol, &other, &json!({ "text": text })).await.problem(), is(422, "invalid", Some("text.mapping")));
    assert_eq!(host.get(&host.bristol, &within("/mappings/homework")).await.problem(), is(404, "no-such", Some("mapping")));
    let all = host.get(&host.bristol, &within("/mappings")).await.ok();
    let names: Vec<(&str, u64)> =
        all["items"].as_array().unwrap().iter().map(|m| (m["name"].as_str().unwrap(), m["version"].as_u64().unwrap())).collect();
    assert!(names.contains(&("exclusions", 1)) && names.contains(&("attendance", 0)) && names.is_sorted(), "{names:?}");
}

#[tokio::test]
async fn what_cannot_be_sent_is_named() {
    let host = Host::new().await;
    let to = |query: &str| within(&format!("/deliveries?{query}"));
    for (query, kind, problem) in [
        (format!("mapping=homework&{SENT}"), "text/csv", is(422, "invalid", Some("mapping"))),
        (format!("mapping=attendance&{}", SENT.replace("hill-school", "nobody")), "text/csv", is(422, "invalid", Some("source"))),
        (format!("mapping=attendance&{}", SENT.replace("2026-03-31", "2025-03-31")), "text/csv", is(422, "invalid", Some("last"))),
        (format!("mapping=attendance&{}", SENT.replace("&last=2026-03-31", "")), "text/csv", is(422, "invalid", Some("last"))),
        (format!("mapping=attendance&{SENT}"), "application/pdf", is(415, "wrong-media-type", None)),
    ] {
        assert_eq!(host.file(&host.bristol, &to(&query), kind, ROWS).await.problem(), problem, "{query}");
    }
    let settings = within("/intake-settings");
    assert_eq!(host.get(&host.bristol, &settings).await.ok(), json!({ "same_tenths": 240, "ask_tenths": 170, "kept_days": 90 }));
    let odd = json!({ "same_tenths": 100, "ask_tenths": 120, "kept_days": 90 });
    assert_eq!(host.put(&host.bristol, &settings, &odd).await.problem(), is(422, "invalid", Some("ask_tenths")));
    let good = json!({ "same_tenths": 260, "ask_tenths": 120, "kept_days": 30 });
    assert_eq!(host.put(&host.bristol, &settings, &good).await.ok(), host.get(&host.bristol, &settings).await.ok());
    for (body, field) in [
        (json!({ "answer": "this-one" }), "person"),
        (json!({ "answer": "not-ours", "person": crate::record::PersonId::fresh() }), "person"),
        (json!({ "answer": "perhaps" }), "answer"),
    ] {
        let at = within(&format!("/matches/{}/decision", crate::record::WaitingRowId::fresh()));
        assert_eq!(host.post(&host.bristol, &at, &body).await.problem(), is(422, "invalid", Some(field)), "{body}");
    }
}

#[tokio::test]
async fn people_are_found_with_their_families() {
    let host = Host::new().await;
    let family = host.family("BR-1").await;
    let found = host.get(&host.bristol, &within("/search?name=benjamin%20bel&born=2012-05-06")).await.ok();
    assert_eq!((&found["items"][0]["person"], found["items"].as_array().unwrap().len()), (&family["people"]["ben"], 1));
    assert_eq!(found["items"][0]["families"], json!([{ "id": family["id"], "reference": "BR-1" }]));
    let first = host.get(&host.bristol, &within("/search?name=Bell&limit=1")).await.ok();
    let next = first["next"].as_str().unwrap();
    let second = host.get(&host.bristol, &within(&format!("/search?name=Bell&limit=1&after={next}"))).await.ok();
    assert_ne!(first["items"][0]["person"], second["items"][0]["person"]);
    assert_eq!(second["next"], Value::Null);
    assert_eq!(host.get(&host.bristol, &within("/search")).await.problem(), is(422, "invalid", Some("name")));
    assert_eq!(host.get(&host.bristol, &within("/search?postcode=BS3")).await.problem(), is(422, "invalid", Some("postcode")));
}

#[tokio::test]
async fn another_authority_finds_nothing_of_it() {
    let host = Host::new().await;
    host.family("BR-1").await;
    let read = host.delivered(ROWS).await;
    let question = host.get(&host.bristol, &within("/matches")).await.ok()["items"][0]["id"].clone();
    let (delivery, row) = (read["id"].as_str().unwrap(), question.as_str().unwrap());
    for path in [
        "/mappings",
        "/mappings/attendance",
        "/deliveries",
        "/feeds",
        "/matches",
        "/match-decisions",
        "/intake-settings",
        "/search?name=Bell",
    ] {
        assert_eq!(host.get(&host.leeds, &within(path)).await.problem(), is(404, "no-such", Some("authority")), "{path}");
    }
    for path in [format!("/deliveries?mapping=attendance&{SENT}"), format!("/mappings/attendance/preview?{SENT}")] {
        assert_eq!(
            host.file(&host.leeds, &within(&path), "text/csv", ROWS).await.problem(),
            is(404, "no-such", Some("authority")),
            "{path}"
        );
    }
    let leeds = |path: &str| format!("/v1/authorities/{LEEDS}{path}");
    assert_eq!(host.get(&host.leeds, &leeds(&format!("/deliveries/{delivery}"))).await.problem(), is(404, "no-such", Some("delivery")));
    assert_eq!(host.get(&host.leeds, &leeds(&format!("/matches/{row}"))).await.problem(), is(404, "no-such", Some("waiting row")));
    let decision = leeds(&format!("/matches/{row}/decision"));
    assert_eq!(
        host.post(&host.leeds, &decision, &json!({ "answer": "not-ours" })).await.problem(),
        is(404, "no-such", Some("waiting row"))
    );
    assert_eq!(host.get(&host.leeds, &leeds("/search?name=Bell")).await.ok()["items"], json!([]));
}
