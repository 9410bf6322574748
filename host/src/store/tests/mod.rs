//! The store, asked against real files in a folder of its own, or against a real PostgreSQL (`tests/with-postgres.sh`).

mod announcements;
mod apart;
mod audit;
mod audit_upgrade;
mod backup;
mod decisions;
mod histories;
mod history;
mod house;
mod offers;
mod reshape;
mod revisions;
mod seeded;
mod server;
mod side_by_side;
mod supplied;
mod upgrade;
mod words;

use std::path::Path;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _};
use tempfile::TempDir;

use self::server::Server;
use super::{AuthorityStore, Organisation, Stores};
use crate::record::family_file::{FamilyFile, NewFamily};
use crate::record::{AuthorityId, Clock, Detail, FactId, Kind, KnownAt, NewFact, PersonId, Subject, Window};

pub(crate) const BRISTOL: &str = "E06000023";

/// Stores in a folder, or a database, that goes with them.
pub(crate) struct House {
    pub(crate) stores: Stores,
    pub(crate) rooms: Rooms,
}

/// Where the records of a test are.
pub(crate) enum Rooms {
    Folder(TempDir),
    Server(Server),
}

impl Rooms {
    pub(crate) async fn new() -> Self {
        match Server::of_this_run().await {
            Some(server) => Self::Server(server),
            None => Self::Folder(folder()),
        }
    }

    /// The same records, opened once more.
    pub(crate) async fn open(&self, clock: Clock) -> Stores {
        let opened = match self {
            Self::Folder(folder) => Stores::open(folder.path(), clock).await,
            Self::Server(server) => Stores::open(&server.host(), clock).await,
        };
        opened.unwrap()
    }

    /// Which of the words are anywhere in what is kept: of files every byte, of a server every value.
    pub(crate) async fn found<'a>(&self, words: &[&'a str]) -> Vec<&'a str> {
        let bytes = match self {
            Self::Server(server) => server.values().await,
            Self::Folder(folder) => bytes_below(folder.path()),
        };
        words.iter().filter(|w| bytes.windows(w.len()).any(|b| b == w.as_bytes())).copied().collect()
    }

    /// Changes what no host would, in the record of Bristol. A folder says so: `make replays` expects nothing of it.
    pub(crate) async fn tamper(&self, sql: &'static str) {
        match self {
            Self::Server(server) => server.tamper(BRISTOL, sql).await,
            Self::Folder(folder) => {
                std::fs::write(folder.path().join("tampered"), []).unwrap();
                let file = SqliteConnectOptions::new().filename(folder.path().join(format!("authorities/{BRISTOL}.sqlite")));
                let mut tamperer = file.connect().await.unwrap();
                sqlx::raw_sql(sql).execute(&mut tamperer).await.unwrap();
                tamperer.close().await.unwrap();
            }
        }
    }
}

impl House {
    /// With Bristol as an authority, a school and the police.
    pub(crate) async fn new() -> (Self, AuthorityStore) {
        Self::at(Clock::system()).await
    }

    pub(crate) async fn at(clock: Clock) -> (Self, AuthorityStore) {
        Self::within(Rooms::new().await, clock).await
    }

    /// In files, whatever others are in.
    pub(crate) async fn in_files() -> (Self, AuthorityStore) {
        Self::within(Rooms::Folder(folder()), Clock::system()).await
    }

    async fn within(rooms: Rooms, clock: Clock) -> (Self, AuthorityStore) {
        let stores = rooms.open(clock).await;
        let store = stores.create_authority(&code(BRISTOL), "Bristol").await.unwrap();
        let mut tx = stores.common().write("tests", "tried").await.unwrap();
        for (id, kind) in [("hill-school", "school"), ("avon-police", "police"), ("jobcentre", "jobcentre")] {
            let organisation = Organisation { id: id.parse().unwrap(), name: id.to_owned(), kind: kind.to_owned() };
            tx.add_organisation(&organisation).await.unwrap();
        }
        tx.commit().await.unwrap();
        (Self { stores, rooms }, store)
    }
}

fn bytes_below(folder: &Path) -> Vec<u8> {
    let (mut paths, mut bytes) = (vec![folder.to_owned()], Vec::new());
    while let Some(path) = paths.pop() {
        if path.is_dir() {
            paths.extend(std::fs::read_dir(path).unwrap().map(|e| e.unwrap().path()));
        } else {
            bytes.extend(std::fs::read(path).unwrap());
        }
    }
    bytes
}

/// A folder that goes with its test, or stays where `make replays` looks at what the tests decided.
pub(crate) fn folder() -> TempDir {
    match std::env::var_os("HEARTH_TESTS_KEEP") {
        None => tempfile::tempdir(),
        Some(at) => tempfile::Builder::new().disable_cleanup(true).tempdir_in(at),
    }
    .unwrap()
}

pub(crate) fn code(text: &str) -> AuthorityId {
    text.parse().unwrap()
}

/// An instant so many days after 2026-01-01, noon.
pub(crate) fn noon(days: i64) -> KnownAt {
    KnownAt::from_millis(1_767_268_800_000 + days * 86_400_000)
}

/// A mother and a child at one address.
pub(crate) fn family(reference: &str) -> NewFamily {
    let file = serde_json::json!({
        "reference": reference,
        "people": {
            "ann": {"name": {"given": "Ann", "family": "Bell"}, "born": "1988-02-03", "member_from": "2020-01-01",
                    "identifiers": [{"scheme": "nino", "value": "AB123456C"}]},
            "ben": {"name": {"given": "Ben", "family": "Bell"}, "born": "2012-05-06", "member_from": "2020-01-01",
                    "identifiers": [{"scheme": "upn", "value": "B801200005001"}]},
        },
        "homes": {"mill-lane": {"from": "2020-01-01", "address": {"lines": ["12 Mill Lane"], "postcode": "BS3 4QR", "uprn": "12345"}}},
        "coverage": [{"kind": "attendance", "person": "ben", "first": "2025-09-01", "last": "2025-12-31", "state": "complete"}],
    });
    let file: FamilyFile = serde_json::from_value(file).unwrap();
    file.resolve(&code(BRISTOL)).unwrap()
}

pub(crate) async fn add(store: &AuthorityStore, family: &NewFamily) {
    let mut tx = store.write("tests", "add a family").await.unwrap();
    tx.add_family(family).await.unwrap();
    assert_eq!(tx.commit().await.unwrap().revision_of(family.id), Some(1));
}

/// So many sessions attended in the autumn of 2025, of 100.
pub(crate) fn attended(person: PersonId, sessions: u16) -> NewFact {
    fact(
        Kind::Attendance,
        Subject { person: Some(person), ..Subject::default() },
        "2025-09-01..2025-12-19",
        serde_json::json!({"possible": 100, "attended": sessions, "unauthorised": 0}),
    )
}

pub(crate) fn fact(kind: Kind, subject: Subject, window: &str, detail: serde_json::Value) -> NewFact {
    NewFact {
        id: FactId::fresh(),
        subject,
        window: window.parse::<Window>().unwrap(),
        source: "hill-school".parse().unwrap(),
        reference: None,
        supersedes: None,
        detail: Detail::read(kind, detail).unwrap(),
    }
}
