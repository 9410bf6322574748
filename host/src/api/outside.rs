//! How a publisher's plugins run, as far as its publisher outside the authorities may know: places in the code, template ids, and counts of
//! five or more, rounded. Nothing per run, and no authority's name but of those that agreed to be named.
//!
//! A publisher has no login here. Whoever holds its key asks by signing that they ask: this publisher, this host, this moment.

use std::collections::{BTreeMap, BTreeSet};

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::App;
use super::body::Body;
use super::documented::Vouched;
use super::params::{Id, Slug};
use super::problem::Problem;
use crate::plugins::install::manifest_of;
use crate::record::signing::{Distrust, Signature, Standing};
use crate::record::{AuthorityId, Digest, KnownAt};
use crate::store::{AuthorityStore, EndedAlike, Installation, PluginVersion};

/// Milliseconds by which what is signed may be older or newer than the host's clock.
const FRESH: i64 = 5 * 60_000;
/// Days that are looked back.
const DAYS: i64 = 30;
/// Answers of one installation that are looked through for what they said.
const ANSWERS: u32 = 500;
/// What is less is not told.
const FEW: u64 = 5;

/// That a publisher asks.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PublisherAsks {
    /// When it was signed, as it stands in what is signed: at most five minutes from the host's clock.
    #[schema(value_type = String, example = "2026-08-31T10:00:00.000Z")]
    at: String,
    /// The .minisig file of the five lines `hearth`, `how my plugins run`, the publisher's short name, the host's own address (`-` where it
    /// has none) and `at`, each ended by a line feed.
    signature: String,
}

/// What a publisher may know of how its plugins run.
#[derive(Debug, Serialize, ToSchema)]
pub struct RunsOutside {
    since: KnownAt,
    /// Every version of each plugin, by name and version.
    plugins: Vec<VersionOutside>,
}

/// One version.
#[derive(Debug, Serialize, ToSchema)]
pub struct VersionOutside {
    #[schema(example = "family-goals")]
    name: String,
    #[schema(example = "1.1.0")]
    version: String,
    plugin: Digest,
    /// All the templates that it may say, and of the last answers how many said each.
    templates: Vec<TemplateOutside>,
    /// Of all authorities together.
    all: EndsOutside,
    /// Of those that agreed to be named, each.
    named: Vec<NamedOutside>,
}

/// A template.
#[derive(Debug, Serialize, ToSchema)]
pub struct TemplateOutside {
    #[schema(example = "attends-enough")]
    template: String,
    /// Rounded down to fives; left out: fewer than five, or none.
    #[serde(skip_serializing_if = "Option::is_none")]
    said: Option<u64>,
}

/// How runs ended.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct EndsOutside {
    /// That were answered. Rounded down to fives; left out: fewer than five, or none.
    #[serde(skip_serializing_if = "Option::is_none")]
    answered: Option<u64>,
    /// Only of what stopped five or more.
    failures: Vec<FailureOutside>,
}

/// Runs that were stopped by the same, at the same place.
#[derive(Debug, Serialize, ToSchema)]
pub struct FailureOutside {
    #[schema(example = "plugin-trapped")]
    outcome: String,
    /// A function of the plugin's code, by name where the file names it, and how many bytes behind its beginning. Left out: it did not trap.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "rules::attendance+0x1f")]
    place: Option<String>,
    /// Rounded down to fives.
    runs: u64,
}

/// How they ended at one authority.
#[derive(Debug, Serialize, ToSchema)]
pub struct NamedOutside {
    authority: AuthorityId,
    #[serde(flatten)]
    ends: EndsOutside,
}

/// By what stopped them, and where.
type Ends = BTreeMap<(String, Option<String>), u64>;

/// What is counted of one version.
#[derive(Debug, Default)]
struct Counted {
    ends: Ends,
    said: BTreeMap<String, u64>,
    named: BTreeMap<AuthorityId, Ends>,
}

/// Fives of what may be told; none where it may not.
const fn told(count: u64) -> Option<u64> {
    if count < FEW { None } else { Some(count / FEW * FEW) }
}

impl EndsOutside {
    fn of(ends: &Ends) -> Self {
        let mut all = Self::default();
        for ((outcome, place), runs) in ends {
            match told(*runs) {
                Some(runs) if outcome == "answered" => all.answered = Some(runs),
                Some(runs) => all.failures.push(FailureOutside { outcome: outcome.clone(), place: place.clone(), runs }),
                None => {}
            }
        }
        all
    }
}

impl Counted {
    /// What an authority has fewer than five of does not count, so that no sum tells it either.
    fn take_in(&mut self, authority: &AuthorityId, named: bool, ended: Ends, said: BTreeMap<String, u64>) {
        for (end, runs) in ended.into_iter().filter(|(_, runs)| *runs >= FEW) {
            if named {
                *self.named.entry(authority.clone()).or_default().entry(end.clone()).or_default() += runs;
            }
            *self.ends.entry(end).or_default() += runs;
        }
        for (template, n) in said.into_iter().filter(|(_, n)| *n >= FEW) {
            *self.said.entry(template).or_default() += n;
        }
    }
}

/// Ask how one's plugins run
///
/// For a publisher, who signs that they ask: `minisign -S` over the five lines. A key that signs no more asks no more.
#[utoipa::path(
    post, path = "/v1/publishers/{publisher}/runs", tag = "plugins",
    params(("publisher" = String, Path, description = "The publisher's short name")),
    request_body(content = PublisherAsks),
    responses((status = 200, body = RunsOutside, description = "Counts, places and templates"), Vouched),
)]
pub async fn read_runs_outside(
    State(app): State<App>,
    Id(Slug(publisher)): Id<Slug>,
    Body { value: asks, .. }: Body<PublisherAsks>,
) -> Result<Json<RunsOutside>, Problem> {
    let now = app.stores.clock().now();
    vouched(&app, &publisher, &asks, now).await?;
    let since = KnownAt::from_millis(now.millis() - DAYS * 86_400_000);
    let mut versions = app.stores.common().every_version().await?;
    versions.retain(|v| v.publisher == publisher);
    // Whoever signs nothing may write any publisher's name into a manifest.
    for at in (0..versions.len()).rev() {
        let standing = app.workflow.standing(&versions[at].digest).await?;
        if !matches!(standing, Standing::Signed { publisher: signed, .. } if signed == publisher) {
            versions.remove(at);
        }
    }
    versions.sort_by_key(|v| (v.name.clone(), crate::plugins::update::numbers(&v.version)));
    let counted = counted(&app, &versions, since).await?;
    let plugins = versions.iter().map(|version| outside(version, counted.get(&version.digest))).collect::<Result<_, _>>()?;
    Ok(Json(RunsOutside { since, plugins }))
}

/// Whoever asks holds a key of the publisher's that is good today.
async fn vouched(app: &App, publisher: &str, asks: &PublisherAsks, now: KnownAt) -> Result<(), Problem> {
    let at = KnownAt::try_from(asks.at.clone()).map_err(|_| Problem::invalid("at", "is no instant, as 2026-08-31T10:00:00.000Z"))?;
    if (at.millis() - now.millis()).abs() > FRESH {
        return Err(Problem::invalid("at", "is not within five minutes of this host's clock"));
    }
    let signature: Signature = asks.signature.parse::<Signature>()?;
    let keys = app.stores.common().publisher_keys(publisher).await?;
    let key = keys.iter().find(|k| k.key.key.id == signature.key).ok_or_else(|| Distrust::UnknownKey(signature.key.clone()))?;
    key.key.must_be_good(now.day())?;
    let host = app.reception.address().map_or("-", |address| address.as_str());
    let signed = format!("hearth\nhow my plugins run\n{publisher}\n{host}\n{}\n", asks.at);
    Ok(key.key.key.check(&signature, signed.as_bytes())?)
}

async fn counted(app: &App, versions: &[PluginVersion], since: KnownAt) -> Result<BTreeMap<Digest, Counted>, Problem> {
    let ours: BTreeSet<Digest> = versions.iter().map(|v| v.digest).collect();
    let mut all: BTreeMap<Digest, Counted> = BTreeMap::new();
    for authority in app.stores.common().authorities().await? {
        let store = app.stores.authority(&authority.code).await?;
        let mut of_version: BTreeMap<Digest, (Ends, BTreeMap<String, u64>)> = BTreeMap::new();
        for installation in store.installations().await?.into_iter().filter(|i| ours.contains(&i.digest)) {
            let (ended, said) = of_version.entry(installation.digest).or_default();
            count(&store, &installation, since, ended, said).await?;
        }
        let named = !of_version.is_empty() && store.plugin_rules().await?.named;
        for (digest, (ended, said)) in of_version {
            all.entry(digest).or_default().take_in(&authority.code, named, ended, said);
        }
    }
    Ok(all)
}

async fn count(
    store: &AuthorityStore,
    installation: &Installation,
    since: KnownAt,
    ended: &mut Ends,
    said: &mut BTreeMap<String, u64>,
) -> Result<(), Problem> {
    for EndedAlike { outcome, place, runs } in store.ended_alike(installation.id, since).await? {
        *ended.entry((outcome, place)).or_default() += runs;
    }
    for answer in store.last_answers(installation.id, since, ANSWERS).await? {
        let mut templates = BTreeSet::new();
        in_answer(&serde_json::from_slice(&answer).unwrap_or_default(), &mut templates);
        for template in templates {
            *said.entry(template).or_default() += 1;
        }
    }
    Ok(())
}

/// The templates of every message in an answer.
fn in_answer(value: &serde_json::Value, templates: &mut BTreeSet<String>) {
    match value {
        serde_json::Value::Object(fields) => {
            templates.extend(fields.get("template").and_then(|t| t.as_str()).map(str::to_owned));
            fields.values().for_each(|inner| in_answer(inner, templates));
        }
        serde_json::Value::Array(items) => items.iter().for_each(|inner| in_answer(inner, templates)),
        _ => {}
    }
}

fn outside(version: &PluginVersion, counted: Option<&Counted>) -> Result<VersionOutside, Problem> {
    let said = |template: &str| counted.and_then(|c| c.said.get(template)).and_then(|n| told(*n));
    let templates = manifest_of(version)?.templates.into_iter();
    let templates = templates.map(|t| TemplateOutside { said: said(&t.id), template: t.id }).collect();
    let named = counted.into_iter().flat_map(|c| &c.named);
    let named = named.map(|(authority, ends)| NamedOutside { authority: authority.clone(), ends: EndsOutside::of(ends) }).collect();
    Ok(VersionOutside {
        name: version.name.clone(),
        version: version.version.clone(),
        plugin: version.digest,
        templates,
        all: counted.map(|c| EndsOutside::of(&c.ends)).unwrap_or_default(),
        named,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends(answered: u64, trapped: u64) -> Ends {
        let at = |outcome: &str, place: Option<&str>| (outcome.to_owned(), place.map(str::to_owned));
        Ends::from([(at("answered", None), answered), (at("plugin-trapped", Some("rules+0x1f")), trapped)])
    }

    #[test]
    fn what_an_authority_has_few_of_is_in_no_sum() {
        let mut counted = Counted::default();
        let (bristol, leeds) = ("E06000023".parse().unwrap(), "E08000035".parse().unwrap());
        let said = |n| BTreeMap::from([("attends-enough".to_owned(), n)]);
        counted.take_in(&bristol, true, ends(13, 4), said(4));
        counted.take_in(&leeds, false, ends(104, 9), said(6));
        let all = EndsOutside::of(&counted.ends);
        assert_eq!((all.answered, all.failures.len(), all.failures[0].runs), (Some(115), 1, 5), "117 and 9, in fives");
        assert_eq!(all.failures[0].place.as_deref(), Some("rules+0x1f"));
        assert_eq!(counted.said["attends-enough"], 6);
        let named: Vec<_> = counted.named.iter().map(|(a, ends)| (a.clone(), EndsOutside::of(ends))).collect();
        assert_eq!((named.len(), &named[0].0, named[0].1.answered, named[0].1.failures.len()), (1, &bristol, Some(10), 0));
    }

    #[test]
    fn templates_are_found_wherever_they_stand() {
        let answer = serde_json::json!({ "findings": [{ "reasons": [{ "message": { "template": "a", "args": [] } }] }],
            "tasks": [{ "title": { "template": "b" } }], "result": { "answered": "template" } });
        let mut templates = BTreeSet::new();
        in_answer(&answer, &mut templates);
        assert_eq!(templates.into_iter().collect::<Vec<_>>(), ["a", "b"]);
    }
}
