//! What leaves the record: the analysts' extract and the returns.

use std::path::Path;

use serde_json::json;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Row as _};

use super::Council;
use crate::record::{Kind, Subject, Window};
use crate::store::Sealed;
use crate::store::tests::fact;
use crate::workflow::Asks;
use crate::workflow::returns::{contacts, episodes};
use crate::workflow::subject::Mark;

fn rows(path: &Path) -> Vec<csv::StringRecord> {
    csv::Reader::from_path(path).unwrap().records().map(Result::unwrap).collect()
}

#[tokio::test]
async fn an_extract_is_the_same_in_each_form_and_names_nobody() {
    let council = Council::new().await;
    let bells = council.family("=B-1").await;
    let note = fact(
        Kind::Note,
        Subject { family: Some(bells.id), ..Subject::default() },
        "2026-01-05..2026-01-05",
        json!({ "topic": "home", "role": "keyworker", "text": "quince in their own words" }),
    );
    let mut tx = council.store.write("tests", "a note").await.unwrap();
    tx.add_facts(&[note]).await.unwrap();
    tx.commit().await.unwrap();
    let made = council.ask(&bells).await;
    council.keep(&made).await;

    let out = tempfile::tempdir().unwrap();
    let folder = out.path().join("extract");
    let extracted = council.store.extract(&folder).await.unwrap();
    assert!(council.store.extract(&folder).await.is_err(), "an extract is never written over");
    let file = folder.join("extract.sqlite");
    assert!(std::fs::metadata(&file).unwrap().permissions().readonly());
    let mut sqlite = SqliteConnectOptions::new().filename(&file).read_only(true).connect().await.unwrap();
    for (table, count) in &extracted.tables {
        let sql = format!("SELECT * FROM \"{table}\" ORDER BY id");
        let kept = sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_all(&mut sqlite).await.unwrap();
        let written = rows(&folder.join(format!("{table}.csv")));
        assert_eq!((kept.len() as u64, written.len() as u64), (*count, *count), "{table}");
        let described = sqlx::query("SELECT COUNT(*) FROM columns WHERE of_table = $1 AND name <> ''")
            .bind(*table)
            .fetch_one(&mut sqlite)
            .await
            .unwrap();
        assert_eq!(described.get::<i64, _>(0), kept.first().map_or(described.get(0), |row| row.len() as i64), "{table}");
    }
    let counts: std::collections::BTreeMap<_, _> = extracted.tables.into_iter().collect();
    let identity = bells.facts.iter().filter(|f| f.detail.kind().section().code() == "identity").count() as u64;
    assert_eq!((counts["families"], counts["decisions"], counts["facts"]), (1, 1, bells.facts.len() as u64 - identity + 1));
    assert_eq!(&rows(&folder.join("families.csv"))[0][1], "'=B-1", "spreadsheets take it for no formula");

    let everything: Vec<u8> = std::fs::read_dir(&folder).unwrap().flat_map(|e| std::fs::read(e.unwrap().path()).unwrap()).collect();
    for word in ["Ann", "Bell", "AB123456C", "B801200005001", "Mill Lane", "1988-02-03", "quince"] {
        assert!(!everything.windows(word.len()).any(|w| w == word.as_bytes()), "{word}");
    }
}

#[tokio::test]
async fn what_is_sealed_stays_behind_and_is_marked_for_a_reviewer() {
    let council = Council::new().await;
    let bells = council.family("B-1").await;
    let subject = Subject { person: Some(bells.people["ben"]), ..Subject::default() };
    let sessions = json!({ "possible": 140, "attended": 91, "unauthorised": 4 });
    let attendance = fact(Kind::Attendance, subject, "2025-09-01..2025-12-19", sessions);
    let mut tx = council.store.write("tests", "attendance").await.unwrap();
    tx.add_facts(std::slice::from_ref(&attendance)).await.unwrap();
    tx.commit().await.unwrap();
    let attendance = attendance.id;
    let made = council.ask(&bells).await;
    council.keep(&made).await;
    let marked = async || {
        let draft = council.workflow.subject_draft(&council.store, bells.people["ben"]).await.unwrap();
        let sealed = draft.parts.into_iter().filter(|p| p.marks.contains(&Mark::Sealed));
        sealed.map(|p| p.part).collect::<Vec<_>>()
    };
    let out = tempfile::tempdir().unwrap();
    let extracted = async |name: &str| {
        council.store.extract(&out.path().join(name)).await.unwrap();
        let ids = |table: &str| rows(&out.path().join(name).join(table)).iter().map(|r| r[0].to_owned()).collect::<Vec<_>>();
        (ids("facts.csv").contains(&attendance.to_string()), ids("decisions.csv").contains(&made.decision.id.to_string()))
    };
    assert_eq!((extracted("before").await, marked().await.len()), ((true, true), 0));

    let mut tx = council.store.write("manager", "sealed").await.unwrap();
    tx.seal(Sealed::Fact(attendance), "he must not know", None, &[]).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(extracted("after").await, (false, false), "nor the decision that was given it");
    assert_eq!(marked().await, [format!("fact/{attendance}"), format!("decision/{}", made.decision.id)]);
}

#[tokio::test]
async fn an_episode_is_a_row_for_each_of_its_members() {
    let council = Council::new().await;
    let bells = council.family("B-1").await;
    let needs = crate::record::codes::all().find(|l| l.list == "problems").unwrap().codes.iter().take(2).map(|c| c.code.clone());
    let needs: Vec<String> = needs.collect();
    let subject = Subject { family: Some(bells.id), ..Subject::default() };
    let inside = fact(Kind::Episode, subject, "2025-05-01..2025-11-30", json!({ "needs": needs }));
    let mut outside = inside.clone();
    (outside.id, outside.window) = (crate::record::FactId::fresh(), "2024-01-01..2024-12-31".parse().unwrap());
    let mut tx = council.store.write("tests", "episodes").await.unwrap();
    tx.add_facts(&[inside.clone(), outside]).await.unwrap();
    tx.commit().await.unwrap();
    let mut written = Vec::new();
    let count = episodes(&council.store, "2025-04-01..2026-03-31".parse().unwrap(), &mut written).await.unwrap();
    let found: Vec<csv::StringRecord> = csv::Reader::from_reader(written.as_slice()).records().map(Result::unwrap).collect();
    assert_eq!((count, found.len()), (2, 2));
    let mut people: Vec<&str> = found.iter().map(|r| &r[1]).collect();
    people.sort_unstable();
    let mut members: Vec<String> = bells.people.values().map(ToString::to_string).collect();
    members.sort_unstable();
    assert_eq!(people, members);
    for row in &found {
        assert!(row[0].starts_with(&inside.id.to_string()) && row[0].len() == 48, "{}", &row[0]);
        assert_eq!(
            (&row[2], &row[3], &row[4], &row[5], &row[6], &row[7]),
            ("2025-05-01", "2025-11-30", needs.join("; ").as_str(), "", "E06000023", "")
        );
    }
}

#[tokio::test]
async fn a_return_has_no_row_of_anybody_or_anything_that_is_sealed() {
    let council = Council::with("planner", &json!({ "proposes": "" })).await;
    let bells = council.family("B-1").await;
    let (ann, ben) = (bells.people["ann"], bells.people["ben"]);
    let subject = Subject { family: Some(bells.id), ..Subject::default() };
    let episode = |window| fact(Kind::Episode, subject, window, json!({ "needs": ["health"] }));
    let (first, second) = (episode("2025-05-01..2025-08-31"), episode("2025-10-01..2025-11-30"));
    let mut tx = council.store.write("tests", "episodes").await.unwrap();
    tx.add_facts(&[first.clone(), second.clone()]).await.unwrap();
    tx.commit().await.unwrap();
    let triage = |on: &str| Asks::read("triage", Some(json!({ "on": on, "route": "professional" }))).unwrap();
    council.keep(&council.ask_about(&bells, triage("2025-05-01")).await).await;
    let within: Window = "2025-04-01..2026-03-31".parse().unwrap();
    let rows = async || {
        let (mut of_episodes, mut of_contacts) = (Vec::new(), Vec::new());
        let counts = (
            episodes(&council.store, within, &mut of_episodes).await.unwrap(),
            contacts(&council.store, within, &mut of_contacts).await.unwrap(),
        );
        let read = |written: &[u8]| -> Vec<(String, String)> {
            csv::Reader::from_reader(written).records().map(|r| r.map(|r| (r[1].to_owned(), r[2].to_owned())).unwrap()).collect()
        };
        let (episodes, contacts) = (read(&of_episodes), read(&of_contacts));
        assert_eq!(counts, (episodes.len() as u64, contacts.len() as u64), "what is counted is what is there");
        (episodes, contacts)
    };
    let seal = async |of| {
        let mut tx = council.store.write("manager", "sealed").await.unwrap();
        tx.seal(of, "he looks for her", None, &[]).await.unwrap();
        tx.commit().await.unwrap();
    };
    let (all, triaged) = rows().await;
    assert_eq!((all.len(), triaged.len()), (4, 2));

    seal(Sealed::Fact(second.id)).await;
    let (without, triaged) = rows().await;
    assert!(without.len() == 2 && without.iter().all(|(_, begun)| begun == "2025-05-01"), "{without:?}");
    assert_eq!(triaged.len(), 2, "its triage was before, and was given nothing of it");

    seal(Sealed::Member(bells.id, ann)).await;
    let (without, triaged) = rows().await;
    assert_eq!(without, [(ben.to_string(), "2025-05-01".to_owned())]);
    assert!(triaged.iter().all(|(person, _)| *person != ann.to_string()), "{triaged:?}");
    // Of a triage since, of which she is no part, there is a row of everybody else.
    council.keep(&council.ask_about(&bells, triage("2025-06-01")).await).await;
    let (_, triaged) = rows().await;
    assert!(triaged.contains(&(ben.to_string(), "2025-06-01".to_owned())), "{triaged:?}");
    assert!(triaged.iter().all(|(person, _)| *person != ann.to_string()), "{triaged:?}");
}
