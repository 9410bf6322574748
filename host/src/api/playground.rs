//! The playground: a plugin version asked about a family that somebody invents, and what differs where facts of it are changed. Stateless:
//! nothing is written, and nobody real can be named, since a scenario has no ids.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::App;
use super::body::Body;
use super::caller::Council;
use super::documented::{Asks, Reads};
use super::evidence::Language;
use super::params::Id;
use super::problem::{Code, Problem};
use super::untold::Sent;
use crate::access::Verb;
use crate::plugins::install::{asked, grants_of, manifest_of};
use crate::plugins::scenarios::{Bench, Differs, Item, Node, Tried, Wrong, counted, nobody_real};
use crate::record::{AuthorityId, Day, Digest, InstallationId};
use crate::sandbox::Fault;
use crate::store::StoreError;

/// Changes of one request.
const MOST_CHANGES: usize = 20;

/// A family that is invented, what is asked about it, and what is changed then.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InPlay {
    /// As in a scenario file (`wit/scenarios.md`): `today`, `family`, `facts`, `coverage`, `settings`, `ask` and so on. What it expects is
    /// not looked at.
    #[schema(value_type = Object)]
    scenario: Value,
    /// Each as in a scenario's case (`facts`, `edit`, `remove`, `coverage`, `settings`, …), each by itself. Up to 20.
    #[serde(default)]
    #[schema(value_type = Vec<Object>, max_items = 20)]
    changes: Vec<Value>,
    /// With the settings and grants of this installation of the version; left out: with the settings' defaults, and all that it asks for.
    #[serde(default)]
    installation: Option<InstallationId>,
    /// Of the sentences; English, if left out.
    #[serde(default)]
    language: Language,
}

/// How it was played.
#[derive(Debug, Serialize, ToSchema)]
pub struct Playground {
    plugin: Digest,
    came: Came,
    /// In the order of the changes.
    changes: Vec<Changed>,
}

/// What came of a question.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PlaygroundAnswer)]
pub struct Came {
    #[schema(example = "progress")]
    question: String,
    as_of: Day,
    /// The code answered; why the plugin refused; or the code of what stopped it.
    #[schema(example = "significant-and-sustained")]
    result: String,
    /// `answered`, `refused`, `failed`.
    #[schema(example = "answered")]
    how: &'static str,
    /// In words.
    says: String,
    /// Findings, claims, tasks, proposals, whatever was reported: in the order in which it was said.
    said: Vec<Said>,
    /// The whole answer as a scenario's author would expect it; left out where it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    shown: Option<String>,
    /// Lines that the plugin wrote for its author.
    log: Vec<Line>,
    instructions: u64,
    millis: u64,
}

/// Something that was said.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PlaygroundSaid)]
pub struct Said {
    /// The list of a scenario's `expect` that it stands in.
    #[schema(example = "findings")]
    list: &'static str,
    #[schema(example = "education-1 of sam")]
    key: String,
    /// As a scenario says them.
    fields: Vec<Field>,
    sentences: Vec<String>,
    /// How many different facts, searches, settings and so on it rests on.
    rests_on: Vec<Count>,
}

/// One field of what was said.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PlaygroundField)]
pub struct Field {
    #[schema(example = "standing")]
    field: &'static str,
    #[schema(example = "met")]
    value: String,
}

/// How many different things of a sort.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PlaygroundCount)]
pub struct Count {
    #[schema(example = "facts")]
    of: &'static str,
    count: u32,
}

/// A line of the run's log.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PlaygroundLine)]
pub struct Line {
    #[schema(example = "info")]
    level: String,
    text: String,
}

/// What came of a change.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PlaygroundChange)]
pub struct Changed {
    came: Came,
    /// From what came without it.
    differs: Vec<Differs>,
}

impl Came {
    fn of(tried: &Tried, welsh: bool) -> Self {
        let told = tried.told(welsh);
        Self {
            question: tried.question.code().to_owned(),
            as_of: tried.day,
            result: told.result,
            how: told.how,
            says: told.says,
            said: tried.items.iter().map(|item| Said::of(item, welsh)).collect(),
            shown: tried.shown(welsh),
            log: tried.log.lines.iter().map(|l| Line { level: l.level.clone(), text: l.text.clone() }).collect(),
            instructions: tried.instructions,
            millis: u64::try_from(tried.took.as_millis()).unwrap_or(u64::MAX),
        }
    }
}

impl Said {
    fn of(item: &Item, welsh: bool) -> Self {
        Self {
            list: item.list,
            key: item.key.clone(),
            fields: item.fields.iter().map(|(field, got)| Field { field, value: got.to_string() }).collect(),
            sentences: item.says.iter().map(|both| both[usize::from(welsh)].clone()).collect(),
            rests_on: counted(&item.rests_on).into_iter().filter(|(_, n)| *n > 0).map(|(of, count)| Count { of, count }).collect(),
        }
    }
}

/// Play with a plugin
///
/// Asks a plugin version about a family that you invent, in the real sandbox, and again with each change; nothing is kept. Limits are those
/// of scenarios and of the authority's own runs.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/plugins/{plugin}/playground", tag = "plugins", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("plugin" = Digest, Path, description = "The version's digest")),
    request_body(content = InPlay, example = json!({
        "scenario": {
            "today": "2026-08-31",
            "family": { "people": { "ann": { "born": "38 years ago" }, "sam": { "born": "12 years ago" } } },
            "facts": [{ "attendance": { "label": "autumn", "person": "sam", "from": "2026-01-05", "until": "2026-07-21", "possible": 200,
                "attended": 170, "unauthorised": 10 } }],
            "coverage": { "everything": "complete" },
            "ask": "progress",
        },
        "changes": [{ "edit": { "autumn": { "attended": 190 } } }],
    })),
    responses((status = 200, body = Playground, description = "What was answered, and what differs"), Asks),
)]
pub async fn play(
    State(app): State<App>,
    council: Council,
    Id(plugin): Id<Digest>,
    Body { value: asked, .. }: Body<InPlay>,
) -> Result<Json<Playground>, Problem> {
    council.may(Verb::TryOut)?;
    let sent = Sent::of(asked.changes.iter().chain([&asked.scenario]));
    play_with(&app, &council, plugin, asked).await.map_err(|problem| sent.untold(problem))
}

async fn play_with(app: &App, council: &Council, plugin: Digest, asked: InPlay) -> Result<Json<Playground>, Problem> {
    let InPlay { scenario, changes, installation, language } = asked;
    if changes.len() > MOST_CHANGES {
        return Err(Problem::invalid("changes", format!("has {} entries, and may have {MOST_CHANGES}", changes.len())));
    }
    nobody_real(&scenario).map_err(|e| e.within("scenario"))?;
    for (i, change) in changes.iter().enumerate() {
        nobody_real(change).map_err(|e| e.within(&format!("changes[{i}]")))?;
    }
    let bench = bench(app, council, plugin, installation).await?;
    let welsh = matches!(language, Language::Cy);
    let played = app.workflow.behind_questions(async move { played(&bench, &scenario, &changes, welsh).await }).await?;
    let (came, changes) = played?;
    Ok(Json(Playground { plugin, came, changes }))
}

/// The version, as it is or as the authority has it.
async fn bench(app: &App, council: &Council, plugin: Digest, installation: Option<InstallationId>) -> Result<Bench, Problem> {
    let Some(id) = installation else { return Ok(app.workflow.bench(council.store.id(), plugin).await?) };
    let installed = council.store.installation(id).await.map_err(|e| match e {
        StoreError::NoSuch { .. } => Problem::invalid("installation", "is none of this authority"),
        other => other.into(),
    })?;
    if installed.digest != plugin {
        return Err(Problem::invalid("installation", "is of another version"));
    }
    let bench = app.workflow.bench(council.store.id(), plugin).await?;
    let granted = grants_of(&installed)?;
    let ungranted = asked(&bench.inspected).into_iter().filter(|name| !granted.has(name)).collect();
    Ok(bench.as_installed(&installed.settings, ungranted))
}

async fn played(bench: &Bench, scenario: &Value, changes: &[Value], welsh: bool) -> Result<(Came, Vec<Changed>), Problem> {
    let scenario = Node::from_json(scenario);
    let plugin = &bench.inspected.manifest.name;
    let before = tried(bench.try_out(&scenario, None).await, plugin, "scenario")?;
    let mut changed = Vec::new();
    for (i, change) in changes.iter().enumerate() {
        let now = bench.try_out(&scenario, Some(&Node::from_json(change))).await;
        let now = tried(now.map_err(|e| at_change(e, i)), plugin, "")?;
        changed.push(Changed { differs: now.differs_from(&before), came: Came::of(&now, welsh) });
    }
    Ok((Came::of(&before, welsh), changed))
}

/// What is wrong with a change stands below it.
fn at_change(e: Wrong, i: usize) -> Wrong {
    match e.wrong.field.strip_prefix("change") {
        Some(rest) => Wrong { wrong: crate::record::Invalid::new(format!("changes[{i}]{rest}"), e.wrong.why), line: None },
        None => e.within(&format!("changes[{i}]")),
    }
}

/// What the plugin is to blame for is an answer here; that this host or the authority has no room is a problem.
fn tried(tried: Result<Tried, Wrong>, plugin: &str, at: &str) -> Result<Tried, Problem> {
    let tried = tried.map_err(|e| if at.is_empty() { Problem::from(e.wrong) } else { e.wrong.within(at).into() })?;
    match &tried.result {
        Err(fault @ (Fault::QueueFull { .. } | Fault::OverBudget { .. } | Fault::Host { .. })) => {
            let code = Code::from_code(fault.code()).unwrap_or(Code::HostCouldNotRun);
            let problem = Problem::new(code, format!("{plugin}: {}", fault.in_public()));
            Err(if let Fault::OverBudget { again_seconds, .. } = fault { problem.again_after(*again_seconds) } else { problem })
        }
        _ => Ok(tried),
    }
}

/// The scenarios that a plugin version brings.
#[derive(Debug, Serialize, ToSchema)]
pub struct PluginScenarios {
    items: Vec<PluginScenario>,
}

/// A scenario to begin with.
#[derive(Debug, Serialize, ToSchema)]
pub struct PluginScenario {
    scenario: String,
    /// What its cases are called.
    cases: Vec<String>,
    /// The family and the question, without cases and what is expected: what the playground takes.
    #[schema(value_type = Object)]
    begin: Value,
    /// What each of the cases changes, in their order.
    #[schema(value_type = Vec<Object>)]
    changes: Vec<Value>,
}

/// List a plugin's scenarios
///
/// As its author packed them, to begin from in the playground.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/plugins/{plugin}/scenarios", tag = "plugins", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("plugin" = Digest, Path, description = "The version's digest")),
    responses((status = 200, body = PluginScenarios, description = "In their author's order"), Reads),
)]
pub async fn list_plugin_scenarios(
    State(app): State<App>,
    council: Council,
    Id(plugin): Id<Digest>,
) -> Result<Json<PluginScenarios>, Problem> {
    council.may(Verb::TryOut)?;
    let version = app.stores.common().plugin_version(&plugin).await?;
    let version = version.ok_or_else(|| Problem::no_such("plugin version", plugin))?;
    let items = manifest_of(&version)?.scenarios.iter().filter_map(Value::as_object).map(PluginScenario::of).collect();
    Ok(Json(PluginScenarios { items }))
}

impl PluginScenario {
    fn of(file: &Map<String, Value>) -> Self {
        let text = |of: &Map<String, Value>, field: &str| of.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
        let cases = || file.get("cases").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object);
        let mut begin = file.clone();
        for field in ["scenario", "source", "expect", "cases", "then"] {
            begin.remove(field);
        }
        Self {
            scenario: text(file, "scenario"),
            cases: cases().map(|case| text(case, "case")).collect(),
            changes: cases().map(|case| case.get("change").cloned().unwrap_or_else(|| Value::Object(Map::new()))).collect(),
            begin: Value::Object(begin),
        }
    }
}
