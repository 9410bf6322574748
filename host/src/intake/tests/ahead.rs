//! A file is read ahead of what is written of it: what others write in between counts as if it had been there before.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::matched::{dales, rows};
use super::{ATTENDANCE, Bells, COVERED, counts};
use crate::intake::ahead::{Ahead, Batch};
use crate::intake::load::Load;
use crate::intake::sheet::{Header, Table};
use crate::intake::{Import, Report, Spooled, begin, mapping_named};
use crate::matching::Thresholds;
use crate::record::{DeliveryId, Kind};
use crate::store::Reader;
use crate::store::tests::{add, family};

/// Rows of which was worked out what is to be written, and nothing was.
struct Planned {
    import: Import,
    delivery: DeliveryId,
    header: Header,
    batch: Batch,
}

impl Planned {
    /// What would become of its rows if nobody looked again.
    fn counted(&self) -> &Report {
        &self.batch.planned.as_ref().unwrap().1.counted
    }
}

impl Bells {
    async fn attendances(&self) -> Import {
        let (mapping, version) = mapping_named(&self.store, "attendance").await.unwrap();
        Import { mapping, version, source: "hill-school".parse().unwrap(), covers: COVERED.parse().unwrap() }
    }

    async fn planned(&self, import: Import, file: &str) -> Planned {
        let file = Spooled::of(file.as_bytes()).unwrap();
        let delivery = begin(&self.store, "tests", &import, &file).await.unwrap();
        let table = Table::open(&import.mapping, file.rewound().unwrap()).unwrap();
        let header = table.header().clone();
        let batch = Ahead::new(&self.store, &import, Thresholds::USUAL, delivery, table).batch().await.unwrap();
        Planned { import, delivery, header, batch }
    }

    async fn written(&self, Planned { import, delivery, header, batch }: Planned) -> Report {
        let mut load = Load::new(&import, import.covers.last.unwrap(), delivery, Thresholds::USUAL);
        let mut tx = self.store.write("tests", "write what was planned").await.unwrap();
        load.rows(&mut tx, &header, batch).await.unwrap();
        tx.commit().await.unwrap();
        load.report
    }
}

#[tokio::test]
async fn a_family_that_joins_while_its_rows_are_on_their_way_is_met() {
    let bells = Bells::new().await;
    let planned = bells.planned(bells.attendances().await, &rows(&["Dale,Carys,14/09/2010,LS1 1AA"])).await;
    assert_eq!(planned.counted().unmatched, 1);
    let dales = dales();
    add(&bells.store, &dales).await;
    let report = bells.written(planned).await;
    assert_eq!((counts(&report), report.unmatched), ((1, 1, 0, 0, 0), 0));
    assert_eq!(bells.snapshot_of(dales.id).await.education.attendances.len(), 1);
}

#[tokio::test]
async fn who_goes_on_as_another_while_their_rows_are_on_their_way_is_met_as_that_one() {
    let bells = Bells::new().await;
    let file = format!("{ATTENDANCE}B801200005001,01/09/2025,19/12/2025,140,120,10\n");
    let planned = bells.planned(bells.attendances().await, &file).await;
    assert_eq!(planned.counted().added, 1, "of whoever goes on as another nothing can be written");
    let stays = family("B-2");
    add(&bells.store, &stays).await;
    let mut tx = bells.store.write("tests", "one person").await.unwrap();
    let reader = Reader::of_all(tx.now());
    tx.merge_people(&reader, bells.family.people["ben"], stays.people["ben"], "one person", &BTreeSet::new()).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(counts(&bells.written(planned).await), (1, 1, 0, 0, 0));
    assert_eq!(bells.snapshot_of(stays.id).await.education.attendances.len(), 1);
}

#[tokio::test]
async fn a_row_that_another_file_brought_first_is_not_there_twice() {
    let bells = Bells::new().await;
    let row = "B801200005001,01/09/2025,19/12/2025,140,120,10\n";
    let planned = bells.planned(bells.attendances().await, &format!("{ATTENDANCE}{row}")).await;
    assert_eq!(planned.counted().added, 1);
    assert_eq!(counts(&bells.attendance(row).await), (1, 1, 0, 0, 0));
    assert_eq!(counts(&bells.written(planned).await), (1, 0, 0, 1, 0));
    assert_eq!(bells.facts(Kind::Attendance).await.len(), 1);
}

#[tokio::test]
async fn rows_that_tell_who_people_are_wait_for_those_before_them() {
    let bells = Bells::new().await;
    let import = bells.attendances().await;
    assert!(bells.planned(import.clone(), ATTENDANCE).await.batch.planned.is_some());
    for kind in [Kind::Name, Kind::Birth, Kind::Identifier, Kind::Membership, Kind::Residence, Kind::Address] {
        let mut mapping = (*import.mapping).clone();
        mapping.kind = kind;
        let import = Import { mapping: Arc::new(mapping), ..import.clone() };
        assert!(bells.planned(import, ATTENDANCE).await.batch.planned.is_none(), "{kind:?}");
    }
}
