//! A slice of `make year`: the named cases through the API, as they are written and without what decides them.

use hearth_tests::year::{Book, Year, folder};

#[tokio::test]
async fn each_case_comes_out_as_its_table_says_and_otherwise_without_what_decides_it() {
    let book = Book::read(&folder()).unwrap();
    let mut year = Year::begin(&book, None).await.unwrap();
    let played = year.play(&book, &book.cases, &book.cases).await.unwrap();
    let told = year.differences(&book, &played).await.unwrap();
    year.end().await;
    let misses: Vec<String> = played.misses.iter().map(ToString::to_string).collect();
    assert!(misses.is_empty(), "{}", misses.join("\n"));
    assert!(played.looked_at > 100, "the table was looked at: {}", played.looked_at);
    for case in &book.cases {
        assert!(played.ends_otherwise(case).is_some(), "{} ends the same without what decides it", case.name);
        assert!(told.contains(&format!("{}: {}", case.name, case.says)), "{} was given to both", case.name);
    }
}

#[tokio::test]
async fn a_stub_in_the_place_of_one_authoritys_pathway_fails_its_cases_and_none_of_the_others() {
    let book = Book::read(&folder()).unwrap();
    let mut year = Year::begin(&book, Some(("bristol", "barking-front-door"))).await.unwrap();
    let played = year.play(&book, &book.cases, &[]).await.unwrap();
    year.end().await;
    let councils: std::collections::BTreeSet<&str> = played.misses.iter().map(|miss| miss.council.as_str()).collect();
    assert_eq!(councils.into_iter().collect::<Vec<_>>(), ["Bristol"]);
}

#[test]
fn what_is_wrong_in_a_file_is_told_with_its_line() {
    for (file, find, instead, says) in [
        ("cases/weekend-incident.yaml", "decisive:", "decides:", "cases/weekend-incident.yaml:4: `decides` there is no such field here"),
        ("cases/weekend-incident.yaml", "- on: 2025-11-15\n    fact:", "- on: 2025-11-15\n    fakt:", "acts.yaml has no act `fakt`"),
        ("cases/weekend-incident.yaml", "      tasks: []", "      taks: []", "looks.yaml has no look `taks`"),
        ("cases/weekend-incident.yaml", "given-to: [bristol, leeds]", "given-to: [bath]", "there is no council `bath`"),
        ("councils.yaml", "first: 2025-09-01", "first: 2025-09-31", "councils.yaml:2: "),
    ] {
        let copy = tempfile::tempdir().unwrap();
        for below in ["", "cases", "drawn"] {
            std::fs::create_dir_all(copy.path().join(below)).unwrap();
            for entry in std::fs::read_dir(folder().join(below)).unwrap().map(Result::unwrap).filter(|e| e.path().is_file()) {
                std::fs::copy(entry.path(), copy.path().join(below).join(entry.file_name())).unwrap();
            }
        }
        let text = std::fs::read_to_string(copy.path().join(file)).unwrap();
        std::fs::write(copy.path().join(file), text.replacen(find, instead, 1)).unwrap();
        let fault = format!("{:#}", Book::read(copy.path()).unwrap_err());
        assert!(fault.contains(says), "{find} → {instead}: {fault}");
    }
}
