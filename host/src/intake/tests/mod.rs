//! Each extract with good and bad rows, against a real store.

mod ahead;
mod finding;
mod matched;
mod reading;
mod spreadsheets;

use super::{Import, IntakeError, Report, Spooled, import, mapping_named};
use crate::record::family_file::NewFamily;
use crate::record::{CoverageState, Fact, FamilyId, Kind, Snapshot, Subject};
use crate::store::tests::{House, add, fact, family};
use crate::store::{AsKnown, AuthorityStore};

const COVERED: &str = "2025-09-01..2026-03-31";
const ATTENDANCE: &str = "UPN,Term start,Term end,Sessions possible,Sessions attended,Unauthorised\n";

struct Bells {
    _house: House,
    store: AuthorityStore,
    family: NewFamily,
}

impl Bells {
    async fn new() -> Self {
        let (house, store) = House::new().await;
        let family = family("B-1");
        add(&store, &family).await;
        Self { _house: house, store, family }
    }

    async fn try_import(&self, mapping: &str, covers: &str, file: &[u8]) -> Result<Report, IntakeError> {
        let source = match mapping {
            "attendance" | "exclusions" => "hill-school",
            "police-callouts" => "avon-police",
            "rent-arrears" => "harbour-homes",
            _ => "jobcentre",
        };
        let (mapping, version) = mapping_named(&self.store, mapping).await?;
        let what = Import { mapping, version, source: source.parse().unwrap(), covers: covers.parse().unwrap() };
        import(&self.store, "tests", &what, Spooled::of(file)?).await
    }

    async fn import(&self, mapping: &str, file: impl AsRef<[u8]>) -> Report {
        self.try_import(mapping, COVERED, file.as_ref()).await.unwrap()
    }

    async fn attendance(&self, rows: &str) -> Report {
        self.import("attendance", format!("{ATTENDANCE}{rows}")).await
    }

    async fn snapshot(&self) -> Snapshot {
        self.snapshot_of(self.family.id).await
    }

    async fn snapshot_of(&self, family: FamilyId) -> Snapshot {
        Snapshot::decode(&self.store.snapshot(family).await.unwrap().bytes).unwrap()
    }

    async fn facts(&self, kind: Kind) -> Vec<Fact> {
        let mut facts = self.store.facts(self.family.id, AsKnown::Now).await.unwrap();
        facts.retain(|f| f.kind() == kind);
        facts
    }

    /// How well a kind is known of one of the people in the days that the files cover, by what was said of them alone.
    async fn known(&self, kind: Kind, name: &str) -> Vec<(String, CoverageState)> {
        let snapshot = self.snapshot().await;
        let person = snapshot.people.iter().position(|p| p.id == self.family.people[name]).unwrap() as u32;
        let said = snapshot.coverage.iter().filter(|c| c.kind == kind && c.person == person).map(|c| (c.window, c.state));
        let pieces = crate::record::coverage::pieces("2025-09-01".parse().unwrap(), "2026-03-31".parse().unwrap(), said);
        pieces.iter().map(|p| (format!("{}..{}", p.first, p.last), p.state)).collect()
    }

    async fn feed(&self) -> Vec<(Kind, CoverageState)> {
        self.store.feed_coverage(AsKnown::Now).await.unwrap().iter().map(|c| (c.kind, c.state)).collect()
    }
}

/// Read, added, corrected, unchanged, refused.
fn counts(report: &Report) -> (u64, u64, u64, u64, u64) {
    (report.read, report.added, report.corrected, report.unchanged, report.refused)
}

fn refused(report: &Report) -> Vec<(u64, &str, &str)> {
    report.refusals.iter().map(|r| (r.line, r.column.as_str(), r.reason.as_str())).collect()
}

#[tokio::test]
async fn attendance_is_kept_for_pupils_of_the_record_and_refused_with_the_reason_for_others() {
    let bells = Bells::new().await;
    let report = bells
        .attendance(
            "B801200005001,01/09/2025,19/12/2025,140,120,10\n\
             b8012 0000 5001,2026-01-05,2026-03-27,110,111,0\n\
             \n\
             A801200005001,01/09/2025,19/12/2025,140,120,10\n\
             H801200001001,01/09/2025,19/12/2025,140,120,10\n\
             B801200005001,31/09/2025,19/12/2025,140,120,10\n\
             B801200005001,01/09/2024,19/12/2024,140,120,10\n\
             B801200005001,01/09/2025,19/12/2025,140,120,10\n\
             B801200005001,01/09/2025,19/12/2025,140,121,10\n\
             B801200005001,,19/12/2025,140,120,10\n\
             B801200005001,02/09/2025,19/12/2025,140,many,10\n\
             B801200005001,02/09/2025,01/09/2025,140,1,10\n\
             B801200005001,02/09/2025,19/12/2025,1,2,0,0,7\n",
        )
        .await;
    assert_eq!((counts(&report), report.unmatched), ((12, 1, 0, 0, 10), 1), "a pupil whom the record does not know is not refused");
    assert_eq!(
        refused(&report),
        [
            (3, "Sessions attended", "111 sessions were attended of 110 possible"),
            (5, "UPN", "is not a unique pupil number (a check letter, eleven digits, a digit or letter)"),
            (7, "Term start", "is not a date (31/08/2026 or 2026-08-31)"),
            (8, "Term start", "lies outside the days that the file covers, 2025-09-01..2026-03-31"),
            (9, "Term start", "says again what line 2 says"),
            (10, "Term start", "says otherwise what line 2 says, which was kept"),
            (11, "Term start", "is empty"),
            (12, "Sessions attended", "is not a whole number"),
            (13, "Term end", "is before `Term start`"),
            (14, "", "the row has 8 cells and the header 6"),
        ]
    );
    let kept = bells.snapshot().await.education.attendances;
    assert_eq!((kept.len(), kept[0].possible, kept[0].attended, kept[0].unauthorised), (1, 140, 120, 10));
    let known = bells.known(Kind::Attendance, "ben").await;
    assert_eq!(known, [(COVERED.into(), CoverageState::Partial)], "rows of his were refused, some of unknown days");
    assert_eq!(report.incomplete, 1);
    let reference = bells.facts(Kind::Attendance).await[0].reference.clone().unwrap();
    assert!(!reference.contains("801200005001"), "{reference} shows the pupil's number");
}

#[tokio::test]
async fn a_file_read_twice_changes_nothing() {
    let bells = Bells::new().await;
    let rows = "B801200005001,01/09/2025,19/12/2025,140,120,10\nB801200005001,05/01/2026,27/03/2026,110,100,0\n";
    assert_eq!(counts(&bells.attendance(rows).await), (2, 2, 0, 0, 0));
    let before = bells.store.snapshot(bells.family.id).await.unwrap();
    let facts = bells.facts(Kind::Attendance).await;
    assert_eq!(before.revision, 2, "a file is one revision of a family");
    assert_eq!(counts(&bells.attendance(rows).await), (2, 0, 0, 2, 0));
    assert_eq!(bells.store.snapshot(bells.family.id).await.unwrap(), before);
    assert_eq!(bells.facts(Kind::Attendance).await, facts);
    let came = bells.store.deliveries(None, 10).await.unwrap().items;
    assert_eq!((came.len(), came[0].digest), (2, came[1].digest), "that it came twice is known");
}

#[tokio::test]
async fn a_corrected_file_supersedes_what_its_rows_said_and_makes_the_pupil_complete() {
    let bells = Bells::new().await;
    bells.attendance("B801200005001,01/09/2025,19/12/2025,140,120,10\nB801200005001,05/01/2026,27/03/2026,110,100,x\n").await;
    let first = bells.facts(Kind::Attendance).await;
    let known = bells.known(Kind::Attendance, "ben").await;
    assert_eq!(
        known,
        [
            ("2025-09-01..2026-01-04".into(), CoverageState::Complete),
            ("2026-01-05..2026-03-27".into(), CoverageState::Partial),
            ("2026-03-28..2026-03-31".into(), CoverageState::Complete),
        ]
    );
    let report = bells.attendance("B801200005001,01/09/2025,19/12/2025,140,125,5\nB801200005001,05/01/2026,27/03/2026,110,100,0\n").await;
    assert_eq!(counts(&report), (2, 1, 1, 0, 0));
    let now = bells.facts(Kind::Attendance).await;
    assert_eq!(now.len(), 2);
    assert!(now.iter().any(|f| f.supersedes == Some(first[0].id)));
    assert_eq!(bells.known(Kind::Attendance, "ben").await, [(COVERED.into(), CoverageState::Complete)]);
}

#[tokio::test]
async fn what_was_corrected_by_hand_is_not_undone_by_the_next_file() {
    let bells = Bells::new().await;
    bells.attendance("B801200005001,01/09/2025,19/12/2025,140,120,10\n").await;
    let first = bells.facts(Kind::Attendance).await.remove(0);
    let by_hand = crate::record::NewFact { supersedes: Some(first.id), ..crate::store::tests::attended(bells.family.people["ben"], 99) };
    let mut tx = bells.store.write("worker", "correct").await.unwrap();
    tx.add_facts(std::slice::from_ref(&by_hand)).await.unwrap();
    tx.commit().await.unwrap();
    let again = bells.attendance("B801200005001,01/09/2025,19/12/2025,140,120,10\n").await;
    assert_eq!(counts(&again), (1, 0, 0, 1, 0));
    let other = bells.attendance("B801200005001,01/09/2025,19/12/2025,140,121,10\n").await;
    assert_eq!(refused(&other), [(2, "Term start", "was corrected here since it was last sent: the correction stands")]);
    assert_eq!(bells.facts(Kind::Attendance).await.iter().map(|f| f.id).collect::<Vec<_>>(), [by_hand.id]);

    let mut tx = bells.store.write("worker", "withdraw").await.unwrap();
    tx.withdraw_fact(by_hand.id).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn attendance_is_worked_out_from_absences_where_the_school_sends_those() {
    let bells = Bells::new().await;
    let file = "\u{feff}Pupil name,UNIQUE PUPIL NUMBER,start date,End Date,possible-sessions,Sessions Authorised,sessions unauthorised\r\n\
                \"Bell, Ben\",B801200005001,1/9/2025,19/12/2025,140.0,12,8\r\n\r\n , ,,,,,\r\n\
                \"Bell,\r\nBen\",B801200005001,05/01/2026,27/03/2026,110,100,20\r\n\
                \"Bell, Ben\",B801200005001,06/01/2026,27/03/2026,110,,20";
    let report = bells.import("attendance", file).await;
    assert_eq!(
        refused(&report),
        [(5, "Sessions Authorised", "leaves less than nothing of `Sessions possible`"), (7, "Sessions Authorised", "is empty")]
    );
    let kept = bells.snapshot().await.education.attendances;
    assert_eq!((kept.len(), kept[0].attended, kept[0].unauthorised), (1, 120, 8));
}

#[tokio::test]
async fn a_pupil_in_two_families_is_read_once_and_revises_both() {
    let bells = Bells::new().await;
    let mut dales = family("D-1");
    dales.facts.retain(|f| f.detail.kind() != Kind::Identifier);
    add(&bells.store, &dales).await;
    let subject = Subject { family: Some(dales.id), person: Some(bells.family.people["ben"]), ..Subject::default() };
    let mut tx = bells.store.write("tests", "join").await.unwrap();
    tx.add_facts(&[fact(Kind::Membership, subject, "2026-01-01..", serde_json::json!({"resident": false}))]).await.unwrap();
    tx.commit().await.unwrap();
    let report = bells.attendance("B801200005001,01/09/2025,19/12/2025,140,120,10\nB801200005001,05/01/2026,27/03/2026,110,100,0\n").await;
    assert_eq!(counts(&report), (2, 2, 0, 0, 0));
    let (here, there) = (bells.snapshot().await, bells.snapshot_of(dales.id).await);
    assert_eq!((here.revision, here.education.attendances.len()), (2, 2));
    assert_eq!((there.revision, there.education.attendances.len()), (3, 1), "he joined them in January");
}

#[tokio::test]
async fn a_number_that_two_people_have_is_asked_about() {
    let bells = Bells::new().await;
    add(&bells.store, &family("D-1")).await;
    let report = bells.attendance("B801200005001,01/09/2025,19/12/2025,140,120,10\n").await;
    assert_eq!((counts(&report), report.asked), ((1, 0, 0, 0, 0), 1), "a person is asked whose it is");
    let known = bells.known(Kind::Attendance, "ben").await;
    assert_eq!(known[0], ("2025-09-01..2025-12-19".into(), CoverageState::Partial));
}

#[tokio::test]
async fn call_outs_are_counted_to_homes_of_the_record() {
    let bells = Bells::new().await;
    let mut dales = family("D-1");
    for fact in &mut dales.facts {
        if let crate::record::Detail::Address(address) = &mut fact.detail {
            (address.uprn, address.lines) = (None, vec!["3, Hill Rise".into()]);
        }
    }
    add(&bells.store, &dales).await;
    let report = bells
        .import(
            "police-callouts",
            "Incident,Incident date,Time,UPRN,Address,Postcode,Domestic abuse,Child present\n\
             AS-1,04/10/2025,23:40,000012345,,,Y,N\n\
             AS-2,2025-11-05 01:20,,12345,,,no,\n\
             AS-3,06/11/2025,,,3 hill rise,bs34qr,N,y\n\
             AS-4,06/11/2025,,99999,,,N,N\n\
             AS-5,06/11/2025,,,,,N,N\n\
             AS-6,06/11/2025,,UPRN?,,,N,N\n\
             AS-7,06/04/2026,,12345,,,N,N\n\
             AS-1,05/11/2025,,99999,,,N,N\n",
        )
        .await;
    assert_eq!((counts(&report), report.unmatched), ((8, 3, 0, 0, 4), 1));
    assert_eq!(
        refused(&report),
        [
            (6, "UPRN", "neither a property number nor an address line and postcode"),
            (7, "UPRN", "is not a unique property reference number (up to twelve digits)"),
            (8, "Incident date", "lies outside the days that the file covers, 2025-09-01..2026-03-31"),
            (9, "Incident", "says otherwise what line 2 says, which was kept"),
        ]
    );
    let callouts = bells.snapshot().await.offending.callouts;
    let read: Vec<_> = callouts.iter().map(|c| (c.on.to_string(), c.domestic, c.child_present)).collect();
    assert_eq!(read, [("2025-10-04".into(), true, Some(false)), ("2025-11-05".into(), false, None)]);
    assert_eq!(bells.snapshot_of(dales.id).await.offending.callouts[0].child_present, Some(true));
    assert_eq!(bells.feed().await, [(Kind::PoliceCallout, CoverageState::Complete)], "what was refused is at nobody of ours");
}

#[tokio::test]
async fn a_call_out_to_a_home_of_ours_that_could_not_be_kept_leaves_who_lives_there_partial_until_it_is() {
    let bells = Bells::new().await;
    let mut dales = family("D-1");
    dales.facts.retain(|f| f.detail.kind() != Kind::Address);
    add(&bells.store, &dales).await;
    let header = "Incident reference,Date,UPRN,Domestic\n";
    let wrong = format!("{header}AS-1,04/10/2025,12345,perhaps\n");
    let report = bells.import("police-callouts", &wrong).await;
    assert_eq!(refused(&report), [(2, "Domestic", "is neither Y nor N")]);
    assert_eq!(report.incomplete, 2, "mother and child");
    assert_eq!(bells.feed().await, [(Kind::PoliceCallout, CoverageState::Complete)], "for everybody else");
    for name in ["ann", "ben"] {
        assert!(bells.known(Kind::PoliceCallout, name).await.contains(&("2025-10-04..2025-10-04".into(), CoverageState::Partial)));
    }
    assert_eq!(bells.snapshot_of(dales.id).await.revision, 1);
    let before = (bells.snapshot().await, bells.feed().await);
    bells.import("police-callouts", &wrong).await;
    assert_eq!((bells.snapshot().await, bells.feed().await), before, "the same file changes nothing, refused rows and all");

    bells.import("police-callouts", format!("{header}AS-1,04/10/2025,12345,N\n")).await;
    assert_eq!(bells.known(Kind::PoliceCallout, "ben").await, [(COVERED.into(), CoverageState::Complete)]);
}

#[tokio::test]
async fn an_incident_that_moves_to_another_home_leaves_the_first() {
    let bells = Bells::new().await;
    let mut dales = family("D-1");
    for fact in &mut dales.facts {
        if let crate::record::Detail::Address(address) = &mut fact.detail {
            address.uprn = Some("777".into());
        }
    }
    add(&bells.store, &dales).await;
    let header = "Incident reference,Date,UPRN,Domestic\n";
    bells.import("police-callouts", format!("{header}AS-1,04/10/2025,12345,N\n")).await;
    let report = bells.import("police-callouts", format!("{header}AS-1,04/10/2025,777,N\n")).await;
    assert_eq!(counts(&report), (1, 0, 1, 0, 0));
    assert_eq!(bells.snapshot().await.offending.callouts.len(), 0);
    assert_eq!(bells.snapshot_of(dales.id).await.offending.callouts.len(), 1);
    let again = bells.import("police-callouts", format!("{header}AS-1,04/10/2025,777,N\n")).await;
    assert_eq!(counts(&again), (1, 0, 0, 1, 0));
}

#[tokio::test]
async fn benefits_are_read_by_code_name_and_the_departments_short_names() {
    let bells = Bells::new().await;
    let header = "NI Number,Benefit type,Start date,End date,Out of work\n";
    let report = bells
        .import(
            "benefit-spells",
            format!(
                "{header}AB 12 34 56 C,UC,01/02/2019,,\n\
                 AB123456C,Jobseeker's Allowance,01/10/2025,31/12/2025,\n\
                 AB123456C,UC,02/01/2026,,Y\n\
                 AB123456C,housing-benefit,01/10/2025,01/09/2025,\n\
                 AB123456C,lottery,01/10/2025,,\n\
                 QQ123456C,UC,01/10/2025,,\n\
                 CE123456A,UC,01/10/2025,,\n\
                 AB123456C,PIP,01/01/2019,31/12/2020,\n"
            ),
        )
        .await;
    assert_eq!((counts(&report), report.unmatched), ((8, 3, 0, 0, 4), 1));
    let lines: Vec<_> = report.refusals.iter().map(|r| (r.line, r.column.as_str())).collect();
    assert_eq!(lines, [(5, "End date"), (6, "Benefit type"), (7, "NI Number"), (9, "Start date")]);
    let spells = bells.snapshot().await.employment.benefit_spells;
    let read: Vec<_> = spells.iter().map(|s| (s.benefit.as_str(), s.out_of_work, s.window.to_string())).collect();
    assert_eq!(
        read,
        [
            ("universal-credit", false, "2019-02-01..".into()),
            ("jobseekers-allowance", true, "2025-10-01..2025-12-31".into()),
            ("universal-credit", true, "2026-01-02..".into()),
        ]
    );
    assert_eq!(bells.feed().await, [(Kind::BenefitSpell, CoverageState::Complete)]);
    let known = bells.known(Kind::BenefitSpell, "ann").await;
    assert_eq!(known[0], (COVERED.into(), CoverageState::Partial), "two rows of hers were refused, one of unknown days");

    // The spell has ended, and everything else is in order: what was partial is complete, though she is hardly in the file.
    let report = bells.import("benefit-spells", format!("{header}AB123456C,UC,01/02/2019,31/12/2025,N\n")).await;
    assert_eq!(counts(&report), (1, 0, 1, 0, 0));
    assert_eq!(bells.known(Kind::BenefitSpell, "ann").await, [(COVERED.into(), CoverageState::Complete)]);
}

#[tokio::test]
async fn a_missing_column_is_named_with_those_that_are_there() {
    let bells = Bells::new().await;
    let says = async |extract, file: &[u8]| bells.try_import(extract, "2025-09-01..2026-03-31", file).await.unwrap_err().to_string();
    assert_eq!(
        says("attendance", b"UPN,Term start,Possible\n").await,
        "the file has no column `Term end`; it has `UPN`, `Term start`, `Possible`"
    );
    assert_eq!(
        says("police-callouts", b"Reference,Date,Postcode,DA\n").await,
        "the file has no column `UPRN`, or `Address line` and `Postcode`; it has `Reference`, `Date`, `Postcode`, `DA`"
    );
    assert_eq!(says("benefit-spells", b"NINO,ni no,Benefit,Start,End\n").await, "the file has two columns for NINO");
    assert_eq!(says("benefit-spells", b"").await, "the file is empty: its first line names the columns");
    let headless = says("benefit-spells", b"AB123456C,UC,01/02/2019,\n").await;
    assert_eq!(
        headless,
        "the first line names none of the columns of this extract (`NINO` or `Forename` and `Surname` and `Date of birth`, `Start`, `End`, `Benefit`)"
    );
    let error = bells.try_import("attendance", "2025-09-01..", ATTENDANCE.as_bytes()).await.unwrap_err();
    assert!(matches!(error, IntakeError::NoEnd));
    assert_eq!(bells.snapshot().await.revision, 1);
}

#[tokio::test]
async fn a_source_that_is_no_organisation_is_refused_before_anything_is_read() {
    let bells = Bells::new().await;
    let (mapping, version) = mapping_named(&bells.store, "attendance").await.unwrap();
    let what = Import { mapping, version, source: "nobody".parse().unwrap(), covers: COVERED.parse().unwrap() };
    let error = import(&bells.store, "tests", &what, Spooled::of(ATTENDANCE.as_bytes()).unwrap()).await.unwrap_err();
    assert_eq!(error.to_string(), "there is no organisation nobody");
}

#[tokio::test]
async fn another_encoding_refuses_the_row_only_where_it_matters() {
    let bells = Bells::new().await;
    let mut file = b"Name,".to_vec();
    file.extend_from_slice(ATTENDANCE.as_bytes());
    file.extend_from_slice(b"Zo\xeb,B801200005001,01/09/2025,19/12/2025,140,120,10\n");
    file.extend_from_slice(b"Zo\xeb,B801200005001,05/01/2026,27/03/2026,1\xa010,100,0\n");
    let report = bells.import("attendance", file).await;
    assert_eq!(counts(&report), (2, 1, 0, 0, 1));
    assert_eq!(refused(&report), [(3, "Sessions possible", "is not UTF-8: save the file as CSV UTF-8")]);
}

#[tokio::test]
async fn a_quotation_mark_that_is_never_closed_is_a_fault_of_the_file() {
    let bells = Bells::new().await;
    let mut file = format!("{ATTENDANCE}B801200005001,01/09/2025,19/12/2025,140,120,10\n\"B801200005001,01/09/2025\n");
    file.push_str(&"B801200005001,01/09/2025,19/12/2025,140,120,10\n".repeat(30));
    let error = bells.try_import("attendance", "2025-09-01..2026-03-31", file.as_bytes()).await.unwrap_err();
    assert_eq!(error.to_string(), "a quotation mark in line 3 is never closed");
    let short = format!("{ATTENDANCE}B801200005001,01/09/2025,19/12/2025,140,120,\"10\nB801200005001,05/01/2026,27/03/2026,110,1,0\n");
    let error = bells.try_import("attendance", "2025-09-01..2026-03-31", short.as_bytes()).await.unwrap_err();
    assert_eq!(error.to_string(), "a quotation mark in line 2 is never closed", "though it took in one row only");
    assert_eq!(bells.snapshot().await.revision, 1, "nothing of the file was kept");
}

#[tokio::test]
async fn no_reason_repeats_what_stands_in_a_cell() {
    let bells = Bells::new().await;
    let secret = "B801200005001";
    let mut rows = String::new();
    for moved in 0..6 {
        let mut cells = [secret, "01/09/2025", "19/12/2025", "140", "120", "10"];
        cells[moved] = secret;
        cells[0] = if moved == 0 { "B801200005002" } else { secret };
        rows.push_str(&(cells.join(",") + "\n"));
    }
    let report = bells.attendance(&rows).await;
    assert_eq!(report.refusals.len() as u64 + report.unmatched, 6, "{report:?}");
    for refused in report.refusals {
        assert!(!refused.reason.contains("80120000500"), "{}", refused.reason);
    }
    let benefit = bells.import("benefit-spells", "NINO,Benefit,Start,End\nAB123456C,AB123456C,AB123456C,AB123456C\n").await;
    assert!(!benefit.refusals[0].reason.contains("AB123456C"));
}

#[tokio::test]
async fn a_large_file_is_several_transactions_and_still_one_statement() {
    let bells = Bells::new().await;
    let mut file = "Incident reference,Date,UPRN,Domestic\n".to_owned();
    for n in 0..10_005 {
        file.push_str(&format!("AS-{n},04/10/2025,{},N\n", if n % 1000 == 4 { 12345 } else { 99999 }));
    }
    let report = bells.import("police-callouts", &file).await;
    assert_eq!((counts(&report), report.unmatched), ((10_005, 11, 0, 0, 0), 9_994));
    assert_eq!(bells.feed().await.len(), 1);
    let again = bells.import("police-callouts", &file).await;
    assert_eq!((counts(&again), again.unmatched), ((10_005, 0, 0, 11, 0), 9_994));
    assert_eq!(bells.store.count_waiting(crate::store::WaitingState::Unmatched).await.unwrap(), 9_994, "each waits once");
}
