//! Finding people, however they are spelt.

use super::Bells;
use crate::intake::find::{Wanted, find};
use crate::store::Reader;
use crate::store::tests::{add, family};

fn wanted(text: &str) -> Wanted {
    let mut wanted = Wanted::default();
    for part in text.split(';') {
        let (field, value) = part.trim().split_once(' ').unwrap();
        let value = Some(value.to_owned());
        match field {
            "name" => wanted.name = value,
            "born" => wanted.born = value,
            "number" => wanted.identifier = value,
            "postcode" => wanted.postcode = value,
            "line" => wanted.address = value,
            _ => wanted.uprn = value,
        }
    }
    wanted
}

#[tokio::test]
async fn people_are_found_by_whatever_is_known_of_them() {
    let bells = Bells::new().await;
    let (ann, ben) = (bells.family.people["ann"], bells.family.people["ben"]);
    for (asked, first, found) in [
        ("name Ben Bell", Some(ben), 1),
        ("name Bell, Ben", Some(ben), 1),
        ("name benjamin bel", Some(ben), 1),
        ("name Bell", None, 2),
        ("name Ben", Some(ben), 1),
        ("name Bell; born 1988-02-03", Some(ann), 1),
        ("born 2012-05-06", Some(ben), 1),
        ("born 2012-05", Some(ben), 1),
        ("name Bell; born 2012-05", Some(ben), 1),
        ("number AB 12 34 56 C", Some(ann), 1),
        ("number B801200005001", Some(ben), 1),
        ("postcode bs34qr", None, 2),
        ("postcode BS3 4QR; line 12 Mill Ln", None, 2),
        ("uprn 000012345", None, 2),
        ("name Zebedee Quux", None, 0),
        ("postcode LS1 1AA", None, 0),
    ] {
        let hits = find(&bells.store, &Reader::of_all(bells.store.clock().now()), &wanted(asked), 0, 10).await.unwrap().hits;
        assert_eq!(hits.len(), found, "{asked}: {hits:?}");
        if let Some(first) = first {
            assert_eq!(hits[0].person, first, "{asked}");
            assert_eq!(hits[0].families, [(bells.family.id, "B-1".to_owned())], "{asked}");
        }
    }
}

#[tokio::test]
async fn what_cannot_be_looked_for_is_named() {
    let bells = Bells::new().await;
    for (asked, field) in
        [("number 12", "identifier"), ("postcode BS3", "postcode"), ("line 12 Mill Lane", "postcode"), ("born yesterday", "born")]
    {
        let error = find(&bells.store, &Reader::of_all(bells.store.clock().now()), &wanted(asked), 0, 10).await.unwrap_err();
        assert!(matches!(&error, crate::intake::IntakeError::Invalid(e) if e.field == field), "{asked}: {error}");
    }
    let nothing = find(&bells.store, &Reader::of_all(bells.store.clock().now()), &Wanted::default(), 0, 10).await.unwrap_err();
    assert!(nothing.to_string().starts_with("name: is needed"), "{nothing}");
}

#[tokio::test]
async fn pages_go_on_where_the_last_ended_and_the_likeliest_comes_first() {
    let bells = Bells::new().await;
    for n in 2..5 {
        add(&bells.store, &family(&format!("B-{n}"))).await;
    }
    let asked = wanted("name Bell");
    let first = find(&bells.store, &Reader::of_all(bells.store.clock().now()), &asked, 0, 5).await.unwrap();
    let rest = find(&bells.store, &Reader::of_all(bells.store.clock().now()), &asked, first.next.unwrap(), 5).await.unwrap();
    let mut all: Vec<_> = first.hits.iter().chain(&rest.hits).map(|h| h.person).collect();
    assert_eq!((first.hits.len(), rest.hits.len(), rest.next), (5, 3, None));
    assert!(first.hits.is_sorted_by_key(|h| std::cmp::Reverse(h.weight)));
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 8, "nobody twice");
}
