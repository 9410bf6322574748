//! What the first rows of a file would become, or why they would be refused: nothing is kept.

use serde::Serialize;
use utoipa::ToSchema;

use super::meet::{Met, Shown, meet};
use super::row::{Told, Whom};
use super::sheet::{Refused, Row, Table};
use super::{Import, IntakeError, Spooled, settings};
use crate::record::Digest;
use crate::store::AuthorityStore;

/// Rows that are shown.
pub const MOST: usize = 50;

/// What a row would become.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// A fact about whoever stands first among the candidates.
    Kept,
    /// A question to a person.
    Asked,
    /// It would wait: the record knows nobody who may be meant.
    Unmatched,
    /// A person said before that it is about nobody of the authority's.
    NotOurs,
    Refused,
}

/// One row, and what it would become.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Previewed {
    pub line: u64,
    pub fate: Fate,
    /// What it says, as the record would have it.
    pub told: Option<Told>,
    pub refused: Option<Refused>,
    pub candidates: Vec<Shown>,
}

/// Reads the first rows of a file as an import would, and keeps nothing.
///
/// # Errors
/// As [`super::import`].
pub async fn preview(store: &AuthorityStore, principal: &str, import: &Import, file: Spooled) -> Result<Vec<Previewed>, IntakeError> {
    let mapping = &import.mapping;
    super::make_findable(store, principal).await?;
    let thresholds = settings::of(&store.intake_settings().await?).thresholds();
    let mut table = Table::open(mapping, file.rewound()?)?;
    let rows = table.rows(MOST)?;
    let header = table.header();
    let mut shown = Vec::new();
    let mut readings = Vec::new();
    for (line, record) in &rows {
        match mapping.reading(*line, &Row::new(header, record)) {
            Ok(reading) => readings.push(reading),
            Err(refusal) => shown.push(refused(header.refused(*line, refusal, mapping))),
        }
    }
    let whom: Vec<&Whom> = readings.iter().map(|r| &r.whom).collect();
    let who: Vec<Digest> = whom.iter().map(|w| w.digest()).collect();
    let met = meet(&mut store.look_beside().await?.look(), &import.source, thresholds, &whom, &who).await?;
    for (reading, met) in readings.into_iter().zip(met) {
        let said = match reading.said {
            Ok(said) => said,
            Err(refusal) => {
                shown.push(refused(header.refused(reading.line, refusal, mapping)));
                continue;
            }
        };
        let (fate, candidates) = match met {
            Met::Same(found, _) => (Fate::Kept, vec![Shown::alone(found)]),
            Met::Ask(candidates) => (Fate::Asked, candidates),
            Met::Nobody => (Fate::Unmatched, Vec::new()),
            Met::NotOurs => (Fate::NotOurs, Vec::new()),
        };
        let told = Told { whom: reading.whom, first: said.window.first, last: said.window.last, detail: said.detail };
        shown.push(Previewed { line: reading.line, fate, told: Some(told), refused: None, candidates });
    }
    shown.sort_by_key(|p| p.line);
    Ok(shown)
}

const fn refused(why: Refused) -> Previewed {
    Previewed { line: why.line, fate: Fate::Refused, told: None, refused: Some(why), candidates: Vec::new() }
}
