//! Files on a family: what is kept, who sees it, and how it is served.

use axum::body::Body;
use axum::http::{Method, StatusCode, header};
use serde_json::{Value, json};

use super::{Got, Host, LEEDS, is, request, within};
use crate::record::{AttachmentId, DecisionId, FactId, PersonId};

const PDF: &[u8] = b"%PDF-1.7\nhello";

impl Host {
    async fn attach(&self, family: &str, query: &str, bytes: &[u8]) -> Got {
        let path = within(&format!("/families/{family}/attachments?{query}"));
        self.send(request(Method::POST, &self.bristol, &path).body(Body::from(bytes.to_vec())).unwrap()).await
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}

#[tokio::test]
async fn a_file_is_kept_in_pieces_served_harmless_and_removed() {
    let host = Host::new().await;
    let taken = host.family("BR-1").await;
    let (id, ben) = (text(&taken["id"]), text(&taken["people"]["ben"]));
    let mut long = PDF.to_vec();
    long.resize(700_000, b'x');
    let kept = host.attach(id, &format!("name=plan%20A.pdf&person={ben}&section=education"), &long).await;
    assert_eq!(kept.status, StatusCode::CREATED, "{}", kept.text());
    let kept = kept.json();
    assert_eq!((&kept["media_type"], &kept["size"]), (&json!("application/pdf"), &json!(700_000)));
    let at = within(&format!("/attachments/{}", text(&kept["id"])));
    let read = host.get(&host.bristol, &at).await;
    assert_eq!((read.status, read.bytes == long), (StatusCode::OK, true));
    for (name, value) in [
        (header::CONTENT_TYPE, "application/pdf"),
        (header::CONTENT_DISPOSITION, "inline; filename=\"plan A.pdf\"; filename*=UTF-8''plan%20A.pdf"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'"),
        (header::CACHE_CONTROL, "private, no-store"),
    ] {
        assert_eq!(read.headers[&name].to_str().unwrap(), value);
    }
    // A page is text, whatever it is called, and is only ever saved.
    let page = host.attach(id, "name=page.html", b"<script>alert(1)</script>").await.ok();
    let read = host.get(&host.bristol, &within(&format!("/attachments/{}", text(&page["id"])))).await;
    assert_eq!(read.headers[header::CONTENT_TYPE], "text/plain; charset=utf-8");
    assert!(read.headers[header::CONTENT_DISPOSITION].to_str().unwrap().starts_with("attachment;"));

    let listed = host.get(&host.bristol, &within(&format!("/families/{id}/attachments"))).await.ok();
    assert_eq!(listed["items"].as_array().unwrap().len(), 2);
    let theirs = |path: &str| path.replace(within("").as_str(), &format!("/v1/authorities/{LEEDS}"));
    assert_eq!(host.get(&host.leeds, &at).await.problem().1, "no-such");
    assert_eq!(host.get(&host.leeds, &theirs(&at)).await.problem(), is(404, "no-such", Some("attachment")));

    let removal = format!("{at}/removal");
    assert_eq!(host.post(&host.bristol, &removal, &json!({ "reason": "" })).await.problem(), is(422, "invalid", Some("reason")));
    let gone = host.post(&host.bristol, &removal, &json!({ "reason": "another family's" })).await.ok();
    assert_eq!(gone["removed"]["reason"], "another family's");
    assert_eq!(host.get(&host.bristol, &at).await.problem(), is(404, "no-such", Some("attachment")));
    assert_eq!(host.post(&host.bristol, &removal, &json!({ "reason": "again" })).await.problem().1, "conflict");
    let listed = host.get(&host.bristol, &within(&format!("/families/{id}/attachments"))).await.ok();
    assert_eq!(listed["items"][1]["removed"]["reason"], "another family's", "that there was one stays");
}

#[tokio::test]
async fn what_is_no_document_or_on_nothing_is_refused_with_its_field() {
    let host = Host::new().await;
    let taken = host.family("BR-1").await;
    let id = text(&taken["id"]);
    let facts = host.get(&host.bristol, &within(&format!("/families/{id}/facts?kind=attendance"))).await.ok();
    let fact = text(&facts["items"][0]["id"]);
    for (query, bytes, field) in [
        ("name=a.exe".to_owned(), &b"MZ\x90\x00"[..], "file"),
        ("name=a.pdf".to_owned(), b"", "file"),
        ("section=notes".to_owned(), PDF, "name"),
        ("name=%20".to_owned(), PDF, "name"),
        ("name=a.pdf&section=gossip".to_owned(), PDF, "section"),
        (format!("name=a.pdf&person={}", PersonId::fresh()), PDF, "person"),
        (format!("name=a.pdf&fact={}", FactId::fresh()), PDF, "fact"),
        (format!("name=a.pdf&decision={}", DecisionId::fresh()), PDF, "decision"),
        (format!("name=a.pdf&fact={fact}&section=notes"), PDF, "section"),
        (format!("name=a.pdf&fact={fact}&person={}", text(&taken["people"]["ben"])), PDF, "person"),
    ] {
        assert_eq!(host.attach(id, &query, bytes).await.problem(), is(422, "invalid", Some(field)), "{query}");
    }
    let on_fact = host.attach(id, &format!("name=a.pdf&fact={fact}"), PDF).await.ok();
    assert_eq!(on_fact["section"], "education");
    let nothing = within(&format!("/attachments/{}", AttachmentId::fresh()));
    assert_eq!(host.get(&host.bristol, &nothing).await.problem(), is(404, "no-such", Some("attachment")));
}

#[tokio::test]
async fn a_file_goes_with_its_fact_and_its_person_where_families_and_people_become_one() {
    let host = Host::new().await;
    let (stays, gone) = (host.family("BR-1").await, host.family("BR-2").await);
    let facts = host.get(&host.bristol, &within(&format!("/families/{}/facts?kind=membership", text(&gone["id"])))).await.ok();
    let fact = text(&facts["items"][0]["id"]);
    host.attach(text(&gone["id"]), &format!("name=a.pdf&fact={fact}"), PDF).await.ok();
    host.attach(text(&gone["id"]), &format!("name=b.pdf&person={}", text(&gone["people"]["ben"])), PDF).await.ok();
    let merges = within(&format!("/families/{}/merges", text(&stays["id"])));
    host.post(&host.bristol, &merges, &json!({ "other": gone["id"], "reason": "one family" })).await.ok();
    let people = json!({ "person": stays["people"]["ben"], "other": gone["people"]["ben"], "reason": "one person" });
    host.post(&host.bristol, &within("/person-merges"), &people).await.ok();
    let listed = host.get(&host.bristol, &within(&format!("/families/{}/attachments", text(&stays["id"])))).await.ok();
    let listed = listed["items"].as_array().unwrap();
    assert_eq!(listed.len(), 2, "{listed:?}");
    assert_eq!(listed[0]["person"], stays["people"]["ben"]);
    for file in listed {
        let read = host.get(&host.bristol, &within(&format!("/attachments/{}", text(&file["id"])))).await;
        assert_eq!(read.bytes, PDF, "{}", read.text());
    }
}
