//! What the targets share: sound things to put the unsound ones into.

use std::io::Write as _;
use std::panic::{PanicHookInfo, set_hook};
use std::process::abort;
use std::sync::{LazyLock, Once};

use hearth::forms::{Answers, FamilyMember, Form, Setting};
use hearth::intake::{Import, IntakeError, Report, Spooled, import as read_in, mapping_named};
use hearth::plugins::describe::describe;
use hearth::plugins::{Inspected, Manifest};
use hearth::record::family_file::FamilyFile;
use hearth::record::{AuthorityId, Clock, Digest, KnownAt, OrganisationId, PersonId, from_json};
use hearth::store::{AuthorityStore, Stores};
use serde::de::DeserializeOwned;
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

/// The host catches some panics of what decodes for it: they are refusals. Every other one is a find.
pub fn only_our_own_panics_count(are_caught: fn(&PanicHookInfo<'_>) -> bool) {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        set_hook(Box::new(move |panic| {
            if !are_caught(panic) {
                eprintln!("{panic}");
                abort();
            }
        }));
    });
}

/// Is it in a file of one of these crates?
#[must_use]
pub fn is_of(panic: &PanicHookInfo<'_>, crates: &[&str]) -> bool {
    panic.location().is_some_and(|l| crates.iter().any(|name| l.file().contains(&format!("/{name}-"))))
}

/// As the host reads JSON: into a value, and that into its type.
#[must_use]
pub fn json<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    from_json(serde_json::from_slice(bytes).ok()?).ok()
}

/// A sound manifest.
#[must_use]
pub fn manifest() -> Manifest {
    static MANIFEST: LazyLock<Manifest> =
        LazyLock::new(|| Manifest::read(include_bytes!("../../hostile/manifest.json")).expect("the hostile plugin's manifest is sound"));
    MANIFEST.clone()
}

/// A sound form, with groups and conditions.
#[must_use]
pub fn form() -> Form {
    static FORM: LazyLock<Form> = LazyLock::new(|| {
        json(include_bytes!("../../../plugins/early-help-assessment/forms/whole-family.json")).expect("the reference form is sound")
    });
    FORM.clone()
}

/// Answers to that form in which nothing is answered.
#[must_use]
pub fn no_answers(form: &Form) -> Answers {
    Answers { form: form.form.clone(), digest: form.digest(), language: None, answers: Default::default(), groups: Default::default() }
}

/// What the host knows beside: a day, and a family of two.
#[must_use]
pub fn setting() -> Setting {
    let member = |age| FamilyMember { person: PersonId(uuid::Uuid::nil()), age };
    Setting { as_of: "2026-08-31".parse().expect("a day"), members: vec![member(Some(9)), member(None)], earlier: Vec::new() }
}

#[must_use]
pub fn bristol() -> AuthorityId {
    "E06000023".parse().expect("a code")
}

/// Makes the page that is signed, in both its forms. `json` is the manifest as it stands in the file.
pub fn signed(manifest: Manifest, json: String) {
    let (imports, exports) = (Vec::new(), Vec::new());
    let inspected = Inspected { digest: Digest::of(json.as_bytes()), size: json.len(), manifest, manifest_json: json, imports, exports };
    let page = describe(&inspected, true);
    assert!(!page.html().contains("<script"), "a page to sign with a script in it");
    let _ = page.text();
}

/// The parts of a workbook.
const PARTS: [(&str, &str); 6] = [
    (
        "xl/worksheets/sheet1.xml",
        r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c></row></sheetData></worksheet>"#,
    ),
    (
        "xl/sharedStrings.xml",
        r#"<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" count="1" uniqueCount="1"><si><t>UPN</t></si></sst>"#,
    ),
    (
        "xl/styles.xml",
        r#"<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><cellXfs count="1"><xf numFmtId="14"/></cellXfs></styleSheet>"#,
    ),
    (
        "xl/workbook.xml",
        r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>"#,
    ),
    (
        "xl/_rels/workbook.xml.rels",
        r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#,
    ),
    (
        "_rels/.rels",
        r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#,
    ),
];

/// A sound workbook, of which one part is these bytes: the first the sheet, then the texts, the styles, the book and what refers to what.
///
/// # Panics
/// Never: it is written into memory.
#[must_use]
pub fn workbook(part: usize, bytes: &[u8]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let plain = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (i, (name, sound)) in PARTS.iter().enumerate() {
        zip.start_file(*name, plain).expect("a part in memory");
        zip.write_all(if i == part % PARTS.len() { bytes } else { sound.as_bytes() }).expect("a part in memory");
    }
    zip.finish().expect("a zip in memory").into_inner()
}

struct House {
    runtime: Runtime,
    store: AuthorityStore,
    council: OrganisationId,
    _folder: TempDir,
}

/// Reads an extract into a record that holds one family, kept for all inputs of the process.
///
/// # Errors
/// What the reader says of it.
pub fn import(mapping: &str, file: &[u8]) -> Result<Report, IntakeError> {
    static HOUSE: LazyLock<House> = LazyLock::new(|| House::new().expect("a folder and a database"));
    HOUSE.runtime.block_on(async {
        let (mapping, version) = mapping_named(&HOUSE.store, mapping).await?;
        let covers = "2025-09-01..2026-03-31".parse().expect("a window");
        let what = Import { mapping, version, source: HOUSE.council.clone(), covers };
        read_in(&HOUSE.store, "fuzz", &what, Spooled::of(file)?).await
    })
}

impl House {
    fn new() -> Result<Self, Box<dyn std::error::Error>> {
        let (runtime, folder) = (Builder::new_current_thread().enable_all().build()?, tempfile::tempdir()?);
        let (store, council) = runtime.block_on(async {
            let stores = Stores::open(folder.path(), Clock::fixed(KnownAt::from_millis(0))).await?;
            let store = stores.create_authority(&bristol(), "Bristol").await?;
            let family: FamilyFile = json(include_bytes!("../family.json")).expect("a family document");
            let mut tx = store.write("fuzz", "a family").await?;
            tx.add_family(&family.resolve(&bristol()).expect("a sound family")).await?;
            let council = tx.council();
            tx.commit().await?;
            Ok::<_, hearth::store::StoreError>((store, council))
        })?;
        Ok(Self { runtime, store, council, _folder: folder })
    }
}
