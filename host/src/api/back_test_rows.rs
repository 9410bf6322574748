//! Families that a candidate decides differently: side by side in the reader's words, or as a sheet.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use std::sync::Arc;

use super::App;
use super::back_tests::sees_rows;
use super::caller::Council;
use super::documented::Reads;
use super::evidence::{Evidence, Language};
use super::findings::Finding;
use super::page::{self, Limit, Page};
use super::params::{Id, Params};
use super::problem::{Code, Problem};
use crate::access::Verb;
use crate::plugins::Manifest;
use crate::record::{AuthorityId, BackTestId, Day, FamilyId, Section, Snapshot};
use crate::sheet;
use crate::store::{self, BackTestRow, Reader, RowsBy, Seen, StoreError};
use crate::workflow::back_test::{CameOf, Differs};

/// Rows of a sheet that are read at once.
const AT_ONCE: u32 = 200;

/// In which order.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = DifferencesBy)]
pub enum By {
    /// As they were found.
    #[default]
    Number,
    Kind,
    Criterion,
    /// The largest difference first.
    Pence,
}

impl From<By> for RowsBy {
    fn from(by: By) -> Self {
        match by {
            By::Number => Self::Number,
            By::Kind => Self::Kind,
            By::Criterion => Self::Criterion,
            By::Pence => Self::Pence,
        }
    }
}

/// Which part of the rows is asked for, and how it is told.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Asked {
    /// At most so many, 1 to 200.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    limit: Option<Limit>,
    /// What the page before said in `next`, in the same order.
    after: Option<String>,
    #[serde(default)]
    #[param(value_type = Option<By>, inline)]
    by: By,
    /// Of the sentences; English, if left out.
    #[serde(default)]
    #[param(value_type = Option<Language>)]
    language: Language,
}

/// A family that is decided differently on a day.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DecidedDifferently)]
pub struct Difference {
    /// From 1.
    number: u64,
    family: FamilyId,
    /// What the authority calls the family: for whoever sees families.
    #[serde(skip_serializing_if = "Option::is_none")]
    family_reference: Option<String>,
    as_of: Day,
    kind: Differs,
    /// The candidate's claims less the live ones.
    pence: i64,
    live: Side,
    candidate: Side,
    /// Criteria that stand otherwise, both findings side by side.
    criteria: Vec<Criterion>,
    /// What the runs were given is not there any more, or is sealed now: then nobody is named, and no fact.
    evidence_gone: bool,
}

/// What one of the two came to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DifferenceSide)]
pub struct Side {
    /// The answer's code, why it cannot answer, or the code of the failure.
    #[schema(example = "eligible")]
    result: String,
    failed: bool,
    claims: Vec<ClaimSaid>,
    /// Keys of the tasks.
    tasks: Vec<String>,
    /// Kinds of the other proposals.
    proposals: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    look_again: Option<Day>,
}

/// What would be claimed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DifferenceClaim)]
pub struct ClaimSaid {
    /// Code list claims.
    kind: String,
    pence: i64,
}

/// A criterion that stands otherwise.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DifferenceCriterion)]
pub struct Criterion {
    criterion: String,
    live: Vec<Finding>,
    candidate: Vec<Finding>,
}

impl Side {
    fn of(came: &CameOf) -> Self {
        let answer = came.answer();
        let claims = answer.into_iter().flat_map(|a| &a.claims);
        Self {
            result: came.code().to_owned(),
            failed: answer.is_none(),
            claims: claims.map(|c| ClaimSaid { kind: c.kind.clone(), pence: c.amount_pence }).collect(),
            tasks: answer.into_iter().flat_map(|a| &a.tasks).map(|t| t.key.clone()).collect(),
            proposals: answer.into_iter().flat_map(|a| &a.actions).map(|a| a.kind().to_owned()).collect(),
            look_again: answer.into_iter().flat_map(|a| &a.findings).filter_map(|f| f.look_again).min(),
        }
    }
}

/// Whose rows they may read.
async fn reader(council: &Council, id: BackTestId) -> Result<Reader, Problem> {
    council.may(Verb::BackTest)?;
    let reader = council.reader(Verb::SeeDecisions)?;
    council.store.back_test(id).await?;
    if !sees_rows(council, id).await? {
        let why = "it read what nobody has granted yet: its rows are for those whom the trial grant names";
        return Err(Problem::new(Code::NotAllowed, why));
    }
    Ok(reader)
}

fn kept(id: BackTestId, text: &str) -> Result<CameOf, StoreError> {
    serde_json::from_str(text).map_err(|e| StoreError::Damaged(format!("back-test {id}: {e}")))
}

fn note(council: &Council, id: BackTestId, rows: &[BackTestRow]) {
    council.listed(rows, |row| Seen::of(row.family, "back-test", id, &row.label.iter().collect::<Vec<Section>>()));
}

/// List the families that are decided differently
///
/// Those that you may see, with what both answered and why, criterion by criterion.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/back-tests/{test}/differences", tag = "plugins", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("test" = BackTestId, Path, description = "The back-test"),
        Asked,
    ),
    responses((status = 200, body = Page<Difference>, description = "In the order that is asked for"), Reads),
)]
pub async fn list_differences(
    State(app): State<App>,
    council: Council,
    Id(id): Id<BackTestId>,
    Params(asked): Params<Asked>,
) -> Result<Json<Page<Difference>>, Problem> {
    let reader = reader(&council, id).await?;
    let after = page::after(asked.after.as_deref())?;
    let found = council.store.back_test_rows(&reader, id, asked.by.into(), after, page::limit(asked.limit)).await?;
    note(&council, id, &found.items);
    let test = council.store.back_test(id).await?;
    let live = council.store.installation(test.of.live).await?.digest;
    let manifests = [app.workflow.manifest(live).await?, app.workflow.manifest(test.of.plugin).await?];
    let then = test.of.known_then.then(|| test.began.day());
    let called = council.called(&found.items.iter().map(|row| row.family).collect::<Vec<_>>()).await?;
    let mut items = Vec::with_capacity(found.items.len());
    for row in found.items {
        let snapshot = app.workflow.snapshot_of_row(&council.store, &row, then).await?.map(Arc::new);
        let difference = difference(&council, id, &row, &manifests, snapshot, asked.language).await?;
        items.push(Difference { family_reference: called.get(&row.family).cloned(), ..difference });
    }
    Ok(Json(Page::of(store::Page { items, next: found.next }, |d| d)))
}

async fn difference(
    council: &Council,
    id: BackTestId,
    row: &BackTestRow,
    manifests: &[Arc<Manifest>; 2],
    snapshot: Option<Arc<Snapshot>>,
    language: Language,
) -> Result<Difference, Problem> {
    let (live, candidate) = (kept(id, &row.live)?, kept(id, &row.candidate)?);
    let told =
        async |manifest: &Arc<Manifest>| Evidence::given(&council.store, manifest.clone(), snapshot.clone(), Vec::new(), language).await;
    let (of_live, of_candidate) = (told(&manifests[0]).await?, told(&manifests[1]).await?);
    let criteria = differing(&live, &candidate).into_iter().map(|criterion| Criterion {
        live: findings(&live, &criterion, &of_live),
        candidate: findings(&candidate, &criterion, &of_candidate),
        criterion,
    });
    Ok(Difference {
        number: row.number,
        family: row.family,
        family_reference: None,
        as_of: row.day,
        kind: Differs::from_code(&row.kind).ok_or_else(|| StoreError::Damaged(format!("back-test {id}: a row's kind")))?,
        pence: row.pence,
        criteria: criteria.collect(),
        live: Side::of(&live),
        candidate: Side::of(&candidate),
        evidence_gone: snapshot.is_none(),
    })
}

fn findings(came: &CameOf, criterion: &str, evidence: &Evidence) -> Vec<Finding> {
    let all = came.answer().into_iter().flat_map(|a| &a.findings);
    all.filter(|f| f.criterion == criterion).map(|f| Finding::of(f, evidence)).collect()
}

fn differing(live: &CameOf, candidate: &CameOf) -> Vec<String> {
    crate::workflow::back_test::criteria(live, candidate).into_iter().map(str::to_owned).collect()
}

/// Read the differences as a sheet
///
/// Those that you may see: ids, codes and pence, and no name.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/back-tests/{test}/file", tag = "plugins", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("test" = BackTestId, Path, description = "The back-test")),
    responses((status = 200, body = String, content_type = "text/csv", description = "Columns number, family, as_of, kind, live, candidate, criteria, pounds"), Reads),
)]
pub async fn read_differences_file(council: Council, Id(id): Id<BackTestId>) -> Result<Response, Problem> {
    let reader = reader(&council, id).await?;
    let mut bytes = Vec::new();
    let mut sheet = sheet::Writer::new(&mut bytes);
    let broken = |e: std::io::Error| StoreError::Damaged(e.to_string());
    sheet.row(["number", "family", "as_of", "kind", "live", "candidate", "criteria", "pounds"]).map_err(broken)?;
    let mut after = None;
    loop {
        let page = council.store.back_test_rows(&reader, id, RowsBy::Number, after, AT_ONCE).await?;
        note(&council, id, &page.items);
        for row in &page.items {
            let (live, candidate) = (kept(id, &row.live)?, kept(id, &row.candidate)?);
            let (number, family, day) = (row.number.to_string(), row.family.to_string(), row.day.to_string());
            let criteria = differing(&live, &candidate).join(" ");
            let sign = if row.pence < 0 { "-" } else { "" };
            let pounds = format!("{sign}{}", crate::workflow::explain::decimal_pounds(row.pence.unsigned_abs()));
            let cells = [&number, &family, &day, &row.kind, live.code(), candidate.code(), &criteria, &pounds];
            sheet.row(cells).map_err(broken)?;
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    sheet.end().map_err(broken)?;
    let name = format!("attachment; filename=\"back-test-{id}.csv\"");
    let disposition = HeaderValue::from_str(&name).unwrap_or(HeaderValue::from_static("attachment"));
    let headers = [(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8")), (header::CONTENT_DISPOSITION, disposition)];
    Ok((StatusCode::OK, headers, bytes).into_response())
}
