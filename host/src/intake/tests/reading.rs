//! Mappings: what they may say, what their faults say, and what becomes of rows by them.

use proptest::prelude::*;

use super::{Bells, counts, refused};
use crate::intake::mapping::Mapping;
use crate::intake::sheet::Row;
use crate::intake::{Import, Spooled, feeds, mapping_named, preview};
use crate::record::Kind;
use crate::store::{DeliveryState, Organisation};

#[test]
fn a_fault_names_its_line_and_field() {
    let sound =
        "mapping: exclusions\nagency: school\nkind: exclusion\nperson: { upn: UPN }\nfrom: Start\nuntil: End\nfields: { how: Category }\n";
    Mapping::from_yaml(sound).unwrap();
    for (from, to, says) in [
        ("agency: school", "agency: coven", "line 2: agency: `coven` is not in the code list organisation-kinds"),
        ("kind: exclusion", "kind: exclusions", "line 3: kind: `exclusions` is not a kind of fact"),
        ("kind: exclusion", "kind: police-callout", "line 3: kind: a fact of kind police-callout is about a home"),
        ("kind: exclusion", "kind: relationship", "line 3: kind: a fact of kind relationship is about two people: files cannot bring it"),
        ("kind: exclusion", "kind: offence", "line 5: from: a fact of kind offence happens on one day: say `on`"),
        ("{ upn: UPN }", "{ upm: UPN }", "line 4: person.upm: there is no such field here"),
        ("{ upn: UPN }", "{ given: Forename }", "line 4: person.family: is needed too"),
        ("{ upn: UPN }", "{ given: F, family: S }", "line 4: person: needs a column of"),
        ("from: Start", "from: { a: b }", "line 5: from: is a mapping: a column is given by its title"),
        ("{ how: Category }", "{ how: { always: expelled } }", "line 7: fields.how.always: is none of the words that are known here"),
        ("{ how: Category }", "{ how: { column: C, codes: { X: expelled } } }", "line 7: fields.how.codes.X: is none of the words"),
        ("{ how: Category }", "{ hoe: Category }", "line 7: fields.hoe: there is no such field here; there are how"),
        ("fields: { how: Category }", "fields: {}", "line 7: fields.how: is needed"),
        ("until: End", "until: End\ncolour: blue", "line 7: colour: there is no such field here"),
        ("until: End", "until: End\nrhythm: often", "line 7: rhythm: `often` is none of daily"),
        (
            "until: End",
            "until: End\ndates: [day-first, month-first]",
            "line 7: dates: day-first and month-first read the same cell differently",
        ),
        ("until: End", "until: End\nheader: 0", "line 7: header: is 0: it is the line of the titles"),
        ("until: End", "until: End\ncovers: { silence: golden }", "line 7: covers.silence: is says-none"),
        ("until: End", "until: End\nreference: { told-apart-by: [colour] }", "line 7: reference.told-apart-by: `colour` is not a field"),
        ("mapping: exclusions", "mapping: Exclusions!", "line 1: mapping: has 2 to 64 small letters"),
    ] {
        let wrong = Mapping::from_yaml(&sound.replace(from, to)).expect_err(to).to_string();
        assert!(wrong.starts_with(says), "{to}\n  {wrong}\n  {says}");
    }
}

#[tokio::test]
async fn an_authoritys_own_mapping_takes_the_place_of_the_hosts() {
    let bells = Bells::new().await;
    assert_eq!(mapping_named(&bells.store, "exclusions").await.unwrap().1, 0);
    let own = "mapping: exclusions\nagency: school\nkind: exclusion\nperson: { upn: Candidate }\nfrom: Start\nuntil: End\n\
               fields: { how: { column: Category, codes: { GONE: permanent } } }\n";
    let mut tx = bells.store.write("tests", "a mapping").await.unwrap();
    assert_eq!(tx.keep_mapping("exclusions", own).await.unwrap(), 1);
    assert_eq!(tx.keep_mapping("exclusions", own).await.unwrap(), 1, "the same text is no other version");
    tx.commit().await.unwrap();
    let report = bells.import("exclusions", "Candidate,Start,End,Category\nB801200005001,03/11/2025,05/11/2025,gone\n").await;
    assert_eq!(counts(&report), (1, 1, 0, 0, 0));
    assert_eq!(bells.snapshot().await.education.exclusions[0].kind, "permanent");
    let unknown = mapping_named(&bells.store, "homework").await.unwrap_err().to_string();
    assert!(unknown.starts_with("mapping: there is no mapping `homework`; with the host come attendance"), "{unknown}");
}

#[tokio::test]
async fn what_a_tenant_owes_is_the_familys_that_the_tenant_belongs_to_then() {
    let bells = Bells::new().await;
    let mut tx = bells._house.stores.common().write("tests", "tried").await.unwrap();
    let landlord = Organisation { id: "harbour-homes".parse().unwrap(), name: "Harbour Homes".into(), kind: "landlord".into() };
    tx.add_organisation(&landlord).await.unwrap();
    tx.commit().await.unwrap();
    let file = "Tenant name,DOB,UPRN,Balance date,Arrears\n\
                Mrs Ann Bell,03/02/1988,12345,30 Sep 2025,\"£1,234.50\"\n\
                \"Bell, Ann\",03/02/1988,12345,31/10/2025,0\n\
                Ann Bell,03/02/1988,12345,30/11/2025,some\n\
                Ann Bell,03/02/1988,12345,30/11/2019,5\n";
    let report = bells.import("rent-arrears", file).await;
    assert_eq!(counts(&report), (4, 2, 0, 0, 2));
    assert_eq!(refused(&report)[0], (4, "Arrears", "is not an amount of pounds (1,234.50)"));
    let kept = bells.facts(Kind::Arrears).await;
    assert!(kept.iter().all(|f| f.subject.family == Some(bells.family.id) && f.subject.person == Some(bells.family.people["ann"])));
    let owed: Vec<i64> = kept.iter().map(|f| if let crate::record::Detail::Arrears(a) = &f.detail { a.amount_pence } else { -1 }).collect();
    assert_eq!(owed, [123_450, 0]);
}

#[tokio::test]
async fn a_preview_says_what_each_row_would_become_and_keeps_nothing() {
    let bells = Bells::new().await;
    let (mapping, version) = mapping_named(&bells.store, "attendance").await.unwrap();
    let import = Import { mapping, version, source: "hill-school".parse().unwrap(), covers: super::COVERED.parse().unwrap() };
    let file = "UPN,Term start,Term end,Sessions possible,Sessions attended,Unauthorised\n\
                B801200005001,01/09/2025,19/12/2025,140,120,10\n\
                H801200001001,01/09/2025,19/12/2025,140,120,10\n\
                B801200005001,01/09/2025,19/12/2025,140,many,10\n";
    let rows = preview(&bells.store, "tests", &import, Spooled::of(file.as_bytes()).unwrap()).await.unwrap();
    let fates: Vec<String> = rows.iter().map(|r| serde_json::to_value(r.fate).unwrap().as_str().unwrap().to_owned()).collect();
    assert_eq!(fates, ["kept", "unmatched", "refused"]);
    assert_eq!(rows[0].candidates[0].person, Some(bells.family.people["ben"]));
    assert_eq!(rows[2].refused.as_ref().unwrap().column, "Sessions attended");
    assert_eq!((bells.snapshot().await.revision, bells.store.deliveries(None, 10).await.unwrap().items.len()), (1, 0));
}

#[tokio::test]
async fn a_feed_says_when_it_came_and_when_it_is_overdue() {
    let bells = Bells::new().await;
    bells.import("police-callouts", "Incident reference,Date,UPRN,Domestic\nAS-1,04/10/2025,12345,N\nAS-2,04/10/2025,99999,N\n").await;
    bells.try_import("police-callouts", super::COVERED, b"Wrong,Titles\n").await.unwrap_err();
    let feed = feeds(&bells.store).await.unwrap().remove(0);
    assert_eq!((feed.latest.state, feed.read.as_ref().unwrap().state), (DeliveryState::Refused, DeliveryState::Read));
    assert_eq!(
        feed.latest.report["why"],
        "the first line names none of the columns of this extract (`Incident reference`, `UPRN` or `Address line` and `Postcode`, `Date`, `Domestic`)"
    );
    let read = feed.read.unwrap();
    assert_eq!((&read.report["read"], &read.report["unmatched"]), (&2.into(), &1.into()));
    assert_eq!((feed.due, feed.overdue), (read.at.day().plus(7), false), "weekly");
}

proptest! {
    /// Whatever a file holds, it is read to its end or refused; nothing in it stops the host.
    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(prop_oneof![Just(b','), Just(b'\n'), Just(b'"'), Just(b'/'), any::<u8>()], 0..400)) {
        for (name, _) in crate::intake::mapping::SHIPPED {
            let mapping = crate::intake::mapping::shipped(name).unwrap();
            let columns: Vec<&str> = mapping.needs().iter().flat_map(|ways| ways[0].iter()).map(|c| mapping.columns[*c].usual()).collect();
            let mut file = columns.join(",").into_bytes();
            file.push(b'\n');
            file.extend_from_slice(&bytes);
            let file = Spooled::of(file.as_slice()).unwrap().rewound().unwrap();
            let mut table = crate::intake::sheet::Table::open(mapping, file).unwrap();
            while let Ok(rows) = table.rows(100) {
                for (line, record) in &rows {
                    let _ = mapping.reading(*line, &Row::new(table.header(), record));
                }
                if rows.is_empty() {
                    break;
                }
            }
        }
    }

    /// Whatever somebody writes as a mapping, it is one or has a fault.
    #[test]
    fn any_text_is_a_mapping_or_has_a_fault(text in "(mapping|kind|person|fields|on|from|upn|attendance|: |\\{|\\}|\\[|\\]|\n|  |, |[a-z]{1,6}){0,60}") {
        let _ = Mapping::from_yaml(&text);
    }
}
