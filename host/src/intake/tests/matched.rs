//! Rows about people by name: the same, another, or a question to a person.

use super::{ATTENDANCE as BY_NUMBER, Bells, COVERED, counts};
use crate::intake::{match_again, meet::Shown, purge, review};
use crate::record::family_file::NewFamily;
use crate::record::{CoverageState, Kind, MatchDecisionId, PersonId};
use crate::store::tests::{add, family};
use crate::store::{MatchAnswer, WaitingState};

const HEADER: &str = "Surname,Forename,Date of birth,Postcode,Term start,Term end,Sessions possible,Sessions attended,Unauthorised\n";
const TERM: &str = "01/09/2025,19/12/2025,140,120,10";

pub(super) fn rows(who: &[&str]) -> String {
    who.iter().fold(HEADER.to_owned(), |file, who| file + who + "," + TERM + "\n")
}

impl Bells {
    async fn asked(&self) -> Vec<(crate::store::WaitingRow, Vec<Shown>)> {
        let rows = self.store.waiting_rows(WaitingState::Asked, None, 100).await.unwrap().items;
        rows.into_iter().map(|row| (row.clone(), review::opened(&row).unwrap().1)).collect()
    }

    async fn waits(&self, state: WaitingState) -> u64 {
        self.store.count_waiting(state).await.unwrap()
    }

    fn ben(&self) -> PersonId {
        self.family.people["ben"]
    }

    /// A row that may be Ben's: his first letter.
    async fn one_question(&self) -> crate::store::WaitingRow {
        let report = self.import("attendance", rows(&["Bell,B,06/05/2012,BS3 4QR"])).await;
        assert_eq!((counts(&report), report.asked), ((1, 0, 0, 0, 0), 1));
        self.asked().await.remove(0).0
    }
}

#[tokio::test]
async fn a_pupil_is_known_by_name_and_birth_date_however_they_are_written() {
    for who in ["Bell,Ben,06/05/2012,", "BELL,Benjamin,2012-05-06,", "Bell,Ben,05/06/2012,BS3 4QR", "Bel,Ben,06/05/2012,bs34qr"] {
        let bells = Bells::new().await;
        let report = bells.import("attendance", rows(&[who])).await;
        assert_eq!(counts(&report), (1, 1, 0, 0, 0), "{who}: {report:?}");
        assert_eq!(bells.facts(Kind::Attendance).await[0].subject.person, Some(bells.ben()), "{who}");
    }
}

/// With Carys Dale, born on 14 September 2010.
pub(super) fn dales() -> NewFamily {
    let mut dales = family("D-1");
    for fact in &mut dales.facts {
        match &mut fact.detail {
            crate::record::Detail::Name(name) if name.given == "Ben" => (name.given, name.family) = ("Carys".into(), "Dale".into()),
            crate::record::Detail::Birth(birth) if birth.on == "2012-05-06" => birth.on = "2010-09-14".into(),
            _ => {}
        }
    }
    dales
}

#[tokio::test]
async fn a_stranger_waits_and_is_there_when_the_family_joins() {
    let bells = Bells::new().await;
    let file = rows(&["Dale,Carys,14/09/2010,LS1 1AA"]);
    let report = bells.import("attendance", &file).await;
    assert_eq!((counts(&report), report.unmatched), ((1, 0, 0, 0, 0), 1));
    bells.import("attendance", &file).await;
    assert_eq!(bells.waits(WaitingState::Unmatched).await, 1, "the same row waits once");
    assert_eq!(match_again(&bells.store, "tests").await.unwrap().kept, 0);

    let dales = dales();
    add(&bells.store, &dales).await;
    assert_eq!(match_again(&bells.store, "tests").await.unwrap().kept, 1);
    assert_eq!(bells.snapshot_of(dales.id).await.education.attendances.len(), 1);
    assert_eq!(bells.waits(WaitingState::Unmatched).await, 0);
    assert_eq!(counts(&bells.import("attendance", &file).await), (1, 0, 0, 1, 0), "the file again changes nothing");
}

#[tokio::test]
async fn rows_that_nobody_was_found_for_are_forgotten_when_their_time_is_over() {
    let bells = Bells::new().await;
    bells.import("attendance", rows(&["Dale,Carys,14/09/2010,LS1 1AA"])).await;
    assert_eq!(purge(&bells.store, "tests").await.unwrap(), 0, "its time is ninety days");
    let mut tx = bells.store.write("tests", "at once").await.unwrap();
    tx.set_intake("kept_days", -1).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(purge(&bells.store, "tests").await.unwrap(), 1);
    assert_eq!(bells.waits(WaitingState::Unmatched).await, 0);
}

#[tokio::test]
async fn a_question_shows_why_and_leaves_the_days_partial_until_it_is_answered() {
    let bells = Bells::new().await;
    let row = bells.one_question().await;
    let (_, shown) = bells.asked().await.remove(0);
    assert_eq!(shown[0].person, Some(bells.ben()));
    let levels: Vec<&str> = shown[0].agreements.iter().map(|a| a.level.code()).collect();
    assert_eq!(levels, ["given-initial", "family-same", "born-same", "home-postcode"]);
    assert_eq!(shown[0].weight, shown[0].agreements.iter().map(|a| a.tenths).sum::<i32>());
    let partial = ("2025-09-01..2025-12-19".to_owned(), CoverageState::Partial);
    assert!(bells.known(Kind::Attendance, "ben").await.contains(&partial));

    let decided = review::decide(&bells.store, "anna", row.id, MatchAnswer::Person(bells.ben())).await.unwrap();
    assert_eq!(decided.rows, 1);
    let kept = bells.facts(Kind::Attendance).await;
    assert_eq!((kept.len(), kept[0].subject.person), (1, Some(bells.ben())));
    let again = bells.import("attendance", rows(&["Bell,B,06/05/2012,BS3 4QR"])).await;
    assert_eq!((counts(&again), again.asked), ((1, 0, 0, 1, 0), 0), "the same file again asks nothing");
    assert_eq!(bells.known(Kind::Attendance, "ben").await, [(COVERED.to_owned(), CoverageState::Complete)]);
    let late = review::decide(&bells.store, "tom", row.id, MatchAnswer::NotOurs).await.unwrap_err();
    assert!(late.to_string().contains("waiting row"), "{late}");
}

#[tokio::test]
async fn what_was_said_is_taken_back_and_nothing_is_lost() {
    let bells = Bells::new().await;
    let row = bells.one_question().await;
    let (ann, ben) = (bells.family.people["ann"], bells.ben());
    let wrong = review::decide(&bells.store, "anna", row.id, MatchAnswer::Person(ann)).await.unwrap();
    assert_eq!(bells.facts(Kind::Attendance).await[0].subject.person, Some(ann));

    assert_eq!(review::undo(&bells.store, "anna", wrong.decision).await.unwrap().rows, 1);
    assert_eq!(bells.facts(Kind::Attendance).await.len(), 0);
    let asked = bells.asked().await;
    assert_eq!((asked.len(), &asked[0].0.told), (1, &row.told), "it is asked about again, as it was");
    let twice = review::undo(&bells.store, "anna", wrong.decision).await.unwrap_err();
    assert_eq!(twice.to_string(), "this was taken back before");

    let right = review::decide(&bells.store, "anna", asked[0].0.id, MatchAnswer::Person(ben)).await.unwrap();
    assert_eq!(bells.facts(Kind::Attendance).await[0].subject.person, Some(ben));
    review::undo(&bells.store, "anna", right.decision).await.unwrap();
    let asked = bells.asked().await.remove(0).0;
    review::decide(&bells.store, "anna", asked.id, MatchAnswer::Person(ben)).await.unwrap();
    assert_eq!(bells.facts(Kind::Attendance).await.len(), 1, "said again, after it was taken back");
}

#[tokio::test]
async fn none_of_these_waits_and_not_ours_is_never_asked_again() {
    let bells = Bells::new().await;
    let file = rows(&["Bell,B,06/05/2012,BS3 4QR"]);
    let row = bells.one_question().await;
    let none = review::decide(&bells.store, "anna", row.id, MatchAnswer::NoneOfThese).await.unwrap();
    let again = bells.import("attendance", &file).await;
    assert_eq!((again.asked, again.unmatched, bells.waits(WaitingState::Unmatched).await), (0, 1, 1));
    // Somebody else joins who may be meant: of him nobody was asked.
    let mut other = family("B-2");
    other.facts.retain(|f| f.detail.kind() != Kind::Identifier);
    add(&bells.store, &other).await;
    let again = bells.import("attendance", &file).await;
    assert_eq!(again.asked, 1);
    assert_eq!(bells.asked().await[0].1[0].person, Some(other.people["ben"]));

    review::undo(&bells.store, "anna", none.decision).await.unwrap();
    let row = bells.asked().await.remove(0).0;
    review::decide(&bells.store, "anna", row.id, MatchAnswer::NotOurs).await.unwrap();
    let again = bells.import("attendance", &file).await;
    assert_eq!((again.asked, again.not_ours, bells.waits(WaitingState::NotOurs).await), (0, 1, 1));
    assert_eq!(match_again(&bells.store, "tests").await.unwrap(), crate::intake::Again::default());
}

#[tokio::test]
async fn a_word_holds_for_every_row_that_says_the_same_of_who_is_meant() {
    let bells = Bells::new().await;
    let file = format!("{}Bell,B,06/05/2012,BS3 4QR,05/01/2026,27/03/2026,110,100,0\n", rows(&["Bell,B,06/05/2012,BS3 4QR"]));
    assert_eq!(bells.import("attendance", &file).await.asked, 2);
    let exclusion = "Surname,Forename,DOB,Postcode,Start date,End date,Category\nBell,B,06/05/2012,BS3 4QR,3 Nov 2025,5 Nov 2025,SUSP\n";
    assert_eq!(bells.import("exclusions", exclusion).await.asked, 1);
    let row = bells.asked().await.remove(0).0;
    assert_eq!(review::decide(&bells.store, "anna", row.id, MatchAnswer::Person(bells.ben())).await.unwrap().rows, 3);
    let snapshot = bells.snapshot().await.education;
    assert_eq!((snapshot.attendances.len(), snapshot.exclusions.len(), snapshot.exclusions[0].kind.as_str()), (2, 1, "fixed-term"));
}

#[tokio::test]
async fn a_word_about_nobody_there_or_about_another_kind_of_row_is_refused() {
    let bells = Bells::new().await;
    let row = bells.one_question().await;
    let nobody = review::decide(&bells.store, "anna", row.id, MatchAnswer::Person(PersonId::fresh())).await.unwrap_err();
    assert!(nobody.to_string().starts_with("there is no person"), "{nobody}");
    let home = bells.family.homes["mill-lane"];
    let wrong = review::decide(&bells.store, "anna", row.id, MatchAnswer::Home(home)).await.unwrap_err();
    assert_eq!(wrong.to_string(), "home: is named for a row that is not about a home");
    assert!(review::undo(&bells.store, "anna", MatchDecisionId::fresh()).await.is_err());
    assert_eq!(bells.asked().await.len(), 1, "it is still asked about");
}

#[tokio::test]
async fn a_number_that_names_speak_against_is_asked_about() {
    let bells = Bells::new().await;
    let header = BY_NUMBER.replace("UPN", "UPN,Surname,Forename,DOB");
    let report = bells.import("attendance", format!("{header}B801200005001,Dale,Carys,14/09/2010,{TERM}\n")).await;
    assert_eq!((counts(&report), report.asked), ((1, 0, 0, 0, 0), 1));
    let report = bells.import("attendance", format!("{header}A801200005001,Bell,Ben,06/05/2012,{TERM}\n")).await;
    assert_eq!(counts(&report), (1, 1, 0, 0, 0), "a mistyped number does not stand in the way of a name: {report:?}");
}

#[tokio::test]
async fn who_married_or_moved_is_found_by_what_was_known_since() {
    let bells = Bells::new().await;
    let ann = bells.family.people["ann"];
    let subject = crate::record::Subject { person: Some(ann), ..Default::default() };
    let mut tx = bells.store.write("tests", "she married").await.unwrap();
    let name = serde_json::json!({ "given": "Ann", "family": "Carter" });
    tx.add_facts(&[crate::store::tests::fact(Kind::Name, subject, "2025-06-01..", name)]).await.unwrap();
    tx.commit().await.unwrap();
    for family in ["Bell", "Carter"] {
        let spells = format!("Surname,Forename,DOB,Benefit,Start,End,Out of work\n{family},Ann,03/02/1988,UC,01/10/2025,,Y\n");
        let header = spells.replace("Surname", "NINO,Surname").replace(&format!("\n{family}"), &format!("\n,{family}"));
        let report = bells.import("benefit-spells", header).await;
        assert_eq!((report.read, report.asked + report.unmatched + report.refused), (1, 0), "{family}: {report:?}");
    }
}
