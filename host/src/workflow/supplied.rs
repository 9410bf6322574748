//! Tables that the authority supplies, as runs are given them: its school terms, its services, and the tables that a plugin declares
//! without rows.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::about::{at_most, each_once};
use crate::plugins::Manifest;
use crate::plugins::tables::{Row, Table};
use crate::record::fact::text;
use crate::record::{Day, InstallationId, Invalid, OrganisationId, Window, codes, from_json};
use crate::sandbox::{AudienceGiven, Context, Grants, PlaceGiven, PriceGiven, ServiceGiven, TableGiven, Term};
use crate::store::{AsKnown, AuthorityStore, Organisation, Service as Listed, StoreError, Stores};

/// The host's table of school terms.
pub const SCHOOL_TERMS: &str = "school-terms";
/// The host's table of services: the directory.
pub const SERVICES: &str = "services";
/// Rows of the school terms: some fifty years.
pub const MOST_TERMS: usize = 200;
/// Rows of the directory.
pub const MOST_SERVICES: usize = 2_000;
const MOST_AREAS: usize = 50;
const DIRECTORY: &str = "hearth:platform/directory";

/// A school term of the authority, both days included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SchoolTerm {
    /// Code list term-names.
    #[schema(example = "autumn")]
    pub name: String,
    pub first: Day,
    pub last: Day,
}

/// A service that families can be referred to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// What the authority calls it, up to 200 bytes: for readers, no plugin is told it.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// Who offers it, by name, up to 200 bytes.
    #[schema(min_length = 1, max_length = 200)]
    pub organisation: String,
    /// Code list organisation-kinds; the same for every service of the organisation.
    pub organisation_kind: String,
    /// Code list service-kinds.
    pub kind: String,
    pub first: Day,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Day>,
    /// Families that it can help at once; left out beside `taken`: no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<u32>,
    /// Families that it helps now. Left out: places are not recorded, nor is the waiting time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken: Option<u32>,
    /// How long a family would wait.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting_days: Option<u32>,
    /// Whom it is for: code list problems, each once; empty: any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<String>,
    /// In whole years, both included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub youngest: Option<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oldest: Option<u8>,
    /// Words of the authority's own, up to 64 bytes each and 50 of them; empty: all of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub areas: Vec<String>,
    /// For one `price_unit`; both or neither.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price_pence: Option<i64>,
    /// Code list payment-units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price_unit: Option<String>,
}

/// Checks school terms and puts them in order.
///
/// # Errors
/// [`Invalid`] naming `rows[i]` and the column.
pub fn school_terms(rows: &[SchoolTerm]) -> Result<Vec<Term>, Invalid> {
    at_most("rows", rows.len(), MOST_TERMS)?;
    let mut terms = Vec::with_capacity(rows.len());
    for (i, row) in rows.iter().enumerate() {
        let at = |e: Invalid| e.within(&format!("rows[{i}]"));
        codes::check("name", "term-names", &row.name).map_err(at)?;
        terms.push((i, Term { name: row.name.clone(), window: Window::new(row.first, Some(row.last)).map_err(at)? }));
    }
    terms.sort_by_key(|(_, term)| term.window.first);
    for pair in terms.windows(2) {
        if let [(before, a), (i, b)] = pair
            && a.window.overlaps(&b.window)
        {
            return Err(Invalid::new(format!("rows[{i}].first"), format!("this term begins before the one of rows[{before}] ends")));
        }
    }
    Ok(terms.into_iter().map(|(_, term)| term).collect())
}

/// Checks services.
///
/// # Errors
/// [`Invalid`] naming `rows[i]` and the column.
pub fn services(rows: &[Service]) -> Result<Vec<ServiceGiven>, Invalid> {
    at_most("rows", rows.len(), MOST_SERVICES)?;
    // By name: its number, its kind, and the row that said so.
    let mut organisations: BTreeMap<&str, (u32, &str, usize)> = BTreeMap::new();
    let mut given = Vec::with_capacity(rows.len());
    for (i, row) in rows.iter().enumerate() {
        let at = |e: Invalid| e.within(&format!("rows[{i}]"));
        row.check().map_err(at)?;
        let next = u32::try_from(organisations.len()).unwrap_or(u32::MAX);
        let (organisation, kind, before) = *organisations.entry(&row.organisation).or_insert((next, &row.organisation_kind, i));
        if kind != row.organisation_kind {
            let why = format!("`{}` is of another kind in rows[{before}]", row.organisation);
            return Err(at(Invalid::new("organisation_kind", why)));
        }
        given.push(row.given(organisation).map_err(at)?);
    }
    Ok(given)
}

impl Service {
    fn check(&self) -> Result<(), Invalid> {
        text("name", &self.name, 200)?;
        text("organisation", &self.organisation, 200)?;
        codes::check("organisation_kind", "organisation-kinds", &self.organisation_kind)?;
        codes::check("kind", "service-kinds", &self.kind)?;
        if self.taken.is_none() && (self.capacity.is_some() || self.waiting_days.is_some()) {
            return Err(Invalid::new("taken", "is missing: of places, say how many are taken"));
        }
        each_once("needs", "problems", &self.needs)?;
        if let (Some(youngest), Some(oldest)) = (self.youngest, self.oldest)
            && youngest > oldest
        {
            return Err(Invalid::new("oldest", format!("is {oldest}, and the youngest is {youngest}")));
        }
        at_most("areas", self.areas.len(), MOST_AREAS)?;
        for (i, area) in self.areas.iter().enumerate() {
            text(&format!("areas[{i}]"), area, 64)?;
        }
        match (self.price_pence, &self.price_unit) {
            (Some(pence), Some(unit)) if pence >= 0 => codes::check("price_unit", "payment-units", unit),
            (Some(pence), Some(_)) => Err(Invalid::new("price_pence", format!("is {pence}, and a price is not below nothing"))),
            (Some(_), None) => Err(Invalid::new("price_unit", "is missing: a price is for something")),
            (None, Some(_)) => Err(Invalid::new("price_pence", "is missing: a unit has its price")),
            (None, None) => Ok(()),
        }
    }

    fn given(&self, organisation: u32) -> Result<ServiceGiven, Invalid> {
        let place = |taken| PlaceGiven { capacity: self.capacity, taken, waiting_days: self.waiting_days };
        let audience = AudienceGiven { needs: self.needs.clone(), youngest: self.youngest, oldest: self.oldest, areas: self.areas.clone() };
        let anybody = audience.needs.is_empty() && audience.youngest.is_none() && audience.oldest.is_none() && audience.areas.is_empty();
        Ok(ServiceGiven {
            id: None,
            name: self.name.clone(),
            organisation,
            organisation_name: self.organisation.clone(),
            organisation_id: None,
            organisation_kind: self.organisation_kind.clone(),
            kind: self.kind.clone(),
            window: Window::new(self.first, self.last)?,
            place: self.taken.map(place),
            audience: (!anybody).then_some(audience),
            price: self.price_pence.zip(self.price_unit.clone()).map(|(amount_pence, unit)| PriceGiven { amount_pence, unit }),
        })
    }
}

/// The services of the directory, as runs are given them. Where there is one, the table that an authority may supply counts no more.
async fn of_directory(stores: &Stores, services: &[Listed]) -> Result<Vec<ServiceGiven>, StoreError> {
    let known: HashMap<OrganisationId, Organisation> =
        stores.common().organisations().await?.into_iter().map(|o| (o.id.clone(), o)).collect();
    let mut numbers: BTreeMap<&OrganisationId, u32> = BTreeMap::new();
    let given = services.iter().map(|service| {
        let offer = &service.offer;
        let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
        let organisation = *numbers.entry(&offer.organisation).or_insert(next);
        let whose = known.get(&offer.organisation).ok_or_else(|| StoreError::no_such("organisation", &offer.organisation))?;
        let taken = u64::from(offer.places.taken_otherwise.unwrap_or(0)) + service.referred;
        let place = PlaceGiven {
            capacity: offer.places.capacity,
            taken: u32::try_from(taken).unwrap_or(u32::MAX),
            waiting_days: offer.places.waiting_days,
        };
        let audience =
            AudienceGiven { needs: offer.needs.clone(), youngest: offer.youngest, oldest: offer.oldest, areas: offer.areas.clone() };
        let anybody = audience.needs.is_empty() && audience.youngest.is_none() && audience.oldest.is_none() && audience.areas.is_empty();
        Ok(ServiceGiven {
            id: Some(service.id),
            name: offer.name.clone(),
            organisation,
            organisation_name: whose.name.clone(),
            organisation_id: Some(offer.organisation.clone()),
            organisation_kind: whose.kind.clone(),
            kind: offer.kind.clone(),
            window: Window { first: offer.first, last: offer.last },
            place: offer.places.are_known().then_some(place),
            audience: (!anybody).then_some(audience),
            price: offer.price_pence.zip(offer.price_unit.clone()).map(|(amount_pence, unit)| PriceGiven { amount_pence, unit }),
        })
    });
    given.collect()
}

/// Checks the rows that an authority supplies for a table that the manifest declares.
///
/// # Errors
/// [`Invalid`] naming `rows[i]` and the column, or `table` where the plugin declares no such table or brings its rows itself.
pub fn for_plugin(manifest: &Manifest, table: &str, rows: &Value) -> Result<TableGiven, Invalid> {
    declared(manifest, table)?.given(&read_rows::<Row>(rows)?)
}

/// A table that the plugin leaves to the authority.
///
/// # Errors
/// [`Invalid`] naming `table`.
pub fn declared<'a>(manifest: &'a Manifest, table: &str) -> Result<&'a Table, Invalid> {
    let found = manifest.tables.iter().find(|t| t.table == table);
    let found = found.ok_or_else(|| Invalid::new("table", format!("the plugin declares no table `{table}`")))?;
    if found.rows.is_some() {
        return Err(Invalid::new("table", format!("the plugin brings the rows of `{table}` itself")));
    }
    Ok(found)
}

fn read_rows<T: serde::de::DeserializeOwned>(rows: &Value) -> Result<Vec<T>, Invalid> {
    from_json(rows.clone()).map_err(|e| e.within("rows"))
}

/// What was supplied to an installation: of a context, the part that the authority can change without a new installation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Supplies {
    terms: Option<Vec<Term>>,
    tables: Vec<TableGiven>,
    directory: Vec<ServiceGiven>,
}

/// The tables whose rows the plugin brings.
pub(super) fn packed(manifest: &Manifest) -> Result<Vec<TableGiven>, Invalid> {
    manifest.tables.iter().filter_map(|t| t.rows.as_ref().map(|rows| t.given(rows))).collect()
}

impl Supplies {
    /// As they were known: a decision that is looked at again is compared with what counted then.
    pub(super) async fn load(
        stores: &Stores,
        store: &AuthorityStore,
        installation: InstallationId,
        manifest: &Manifest,
        packed: &[TableGiven],
        grants: &Grants,
        known: AsKnown,
    ) -> Result<Self, StoreError> {
        let mut found = Self::default();
        let mut of_plugin = Vec::new();
        for table in store.supplied_to(installation, known).await? {
            let damaged = |e: Invalid| StoreError::Damaged(format!("the supplied table {}, version {}: {e}", table.name, table.version));
            match (table.installation, table.name.as_str()) {
                (None, SCHOOL_TERMS) => {
                    found.terms = Some(read_rows(&table.rows).and_then(|rows: Vec<SchoolTerm>| school_terms(&rows)).map_err(damaged)?);
                }
                (None, SERVICES) if grants.has(DIRECTORY) => {
                    found.directory = read_rows(&table.rows).and_then(|rows: Vec<Service>| services(&rows)).map_err(damaged)?;
                }
                (Some(_), name) => of_plugin.push(for_plugin(manifest, name, &table.rows).map_err(damaged)?),
                (None, _) => {}
            }
        }
        if grants.has(DIRECTORY) {
            let directory = store.directory(known).await?;
            if !directory.is_empty() {
                found.directory = of_directory(stores, &directory).await?;
            }
        }
        let given = |t: &Table| packed.iter().chain(&of_plugin).find(|g| g.table == t.table).cloned();
        found.tables = manifest.tables.iter().filter_map(given).collect();
        Ok(found)
    }

    /// The part of a context that was supplied.
    pub(super) fn of(context: &Context) -> Self {
        let Context { calendar, tables, directory, .. } = context;
        Self { terms: calendar.terms.clone(), tables: tables.clone(), directory: directory.clone() }
    }

    pub(super) fn into_context(self, context: &mut Context) {
        context.calendar.terms = self.terms;
        context.tables = self.tables;
        context.directory = self.directory;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn terms_are_put_in_order_and_do_not_overlap() {
        let terms = |rows: Value| read_rows::<SchoolTerm>(&rows).and_then(|rows| school_terms(&rows));
        let autumn = json!({ "name": "autumn", "first": "2025-09-01", "last": "2025-12-19" });
        let spring = json!({ "name": "spring", "first": "2026-01-05", "last": "2026-03-27" });
        let given = terms(json!([spring, autumn])).unwrap();
        assert_eq!(given.iter().map(|t| t.name.as_str()).collect::<Vec<_>>(), ["autumn", "spring"]);
        for (row, field) in [
            (json!({ "name": "summer", "first": "2026-03-27", "last": "2026-07-20" }), "rows[1].first"),
            (json!({ "name": "winter", "first": "2026-04-13", "last": "2026-07-20" }), "rows[1].name"),
            (json!({ "name": "summer", "first": "2026-04-13", "last": "2026-04-12" }), "rows[1].last"),
            (json!({ "name": "summer", "first": "2026-04-13" }), "rows[1].last"),
            (json!({ "name": "summer", "first": "2026-04-31", "last": "2026-07-20" }), "rows[1].first"),
        ] {
            assert_eq!(terms(json!([spring, row])).unwrap_err().field, field, "{row}");
        }
    }

    #[test]
    fn a_service_at_fault_names_its_row_and_column() {
        let smallest = || {
            json!({
                "name": "Friendly faces", "organisation": "Harbour Trust", "organisation_kind": "charity", "kind": "parenting",
                "first": "2025-04-01",
            })
        };
        let read = |rows: Vec<Value>| read_rows::<Service>(&Value::Array(rows)).and_then(|rows| services(&rows));
        let given = read(vec![smallest(), smallest()]).unwrap();
        assert_eq!((given[1].organisation, &given[1].place, &given[1].audience), (0, &None, &None));
        for (column, value, field) in [
            ("name", json!(""), "name"),
            ("organisation_kind", json!("school"), "organisation_kind"),
            ("organisation_kind", json!("guild"), "organisation_kind"),
            ("kind", json!("horoscopes"), "kind"),
            ("last", json!("2025-03-31"), "last"),
            ("capacity", json!(5), "taken"),
            ("needs", json!(["debt"]), "needs[0]"),
            ("oldest", json!(300), "oldest"),
            ("areas", json!(["x".repeat(65)]), "areas[0]"),
            ("price_pence", json!(100), "price_unit"),
            ("price_unit", json!("hour"), "price_pence"),
            ("colour", json!("blue"), "colour"),
        ] {
            let mut wrong = smallest();
            wrong[column] = value;
            assert_eq!(read(vec![smallest(), wrong]).unwrap_err().field, format!("rows[1].{field}"), "{column}");
        }
    }
}
