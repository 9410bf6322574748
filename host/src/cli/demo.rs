//! `hearth demo`: two councils with invented families, through the same doors that a council would use.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use cap_std::ambient_authority;
use cap_std::fs::Dir;
use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::home::{DatabaseArgs, Home, whole};
use super::{Done, demo_meeting, demo_people, demo_work, evaluate, import, reception, serve, show};
use crate::access::tokens::{self, Asked, For};
use crate::intake;
use crate::record::plugin_review::{Approval, ReviewRules};
use crate::record::{AuthorityId, Day, OrganisationId, Snapshot, Window};
use crate::sandbox::Answer;
use crate::sandbox::compiler::Apart;
use crate::store::Stores;
use crate::workflow::Asking;
use crate::workflow::explain::{Reader, pounds};

#[derive(Debug, Args)]
pub(super) struct Demo {
    /// The demonstration's own folder.
    #[arg(long, env = "HEARTH_DEMO_DATA", default_value = "data/demo", value_name = "FOLDER")]
    data: PathBuf,
    #[command(flatten)]
    database: DatabaseArgs,
    /// Plugins to upload; `make demo` builds them. The first decides outcomes in both councils; others the first council adopts beside it.
    #[arg(long, required = true, value_name = "FILE")]
    plugin: Vec<PathBuf>,
    /// Address and port.
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDRESS")]
    listen: SocketAddr,
    /// Load, decide and print, then end.
    #[arg(long)]
    once: bool,
}

/// The day that the demonstration is about: the end of the school year 2025/26.
pub(super) const AS_OF: &str = "2026-08-31";
/// The family whose decision is printed with its reasons: call-outs from ten to four, over two homes.
const EXAMPLE: &str = "BR-0005";

/// A demonstration council and how it sets the plugin.
pub(super) struct Council<'a> {
    pub(super) code: &'a str,
    pub(super) name: &'a str,
    pub(super) families: &'a [&'a str],
    pub(super) coverage: &'a str,
    pub(super) extracts: &'a [(&'a str, &'a str)],
    pub(super) settings: fn() -> Value,
}

macro_rules! texts {
    ($folder:literal: $($file:literal),* $(,)?) => { &[$(include_str!(concat!("../../demo/", $folder, $file))),*] };
}
macro_rules! extracts {
    ($folder:literal) => {
        &[
            ("police-callouts.csv", include_str!(concat!("../../demo/extracts/", $folder, "/police-callouts.csv"))),
            ("attendance.csv", include_str!(concat!("../../demo/extracts/", $folder, "/attendance.csv"))),
            ("benefit-spells.csv", include_str!(concat!("../../demo/extracts/", $folder, "/benefit-spells.csv"))),
        ]
    };
}

const COUNCILS: &[Council<'_>] = &[
    Council {
        code: "E06000023",
        name: "Bristol City Council",
        families: texts!("families/E06000023/":
            "br-0001-debt.json", "br-0002-sons-at-89-and-90.json", "br-0003-nought-to-sixty.json",
            "br-0004-call-outs-11-to-4.json", "br-0005-call-outs-10-to-4-two-homes.json", "br-0006-call-outs-10-to-5.json",
            "br-0007-none-before.json", "br-0008-no-keyworker.json", "br-0009-father-in-prison.json",
            "br-0010-prison-pru-and-home.json", "br-0011-summer-holidays.json", "br-0012-one-of-two-lucys.json",
            "br-0013-the-other-lucy.json"),
        coverage: COVERAGE,
        extracts: extracts!("E06000023"),
        settings: || json!({}),
    },
    Council {
        code: "E08000035",
        name: "Leeds City Council",
        families: texts!("families/E08000035/":
            "le-0001-weekend-incident.json", "le-0002-below-every-threshold.json", "le-0003-feed-that-stopped.json",
            "le-0004-moved-home.json", "le-0005-daughter-came-home.json", "le-0006-carer-and-son.json"),
        coverage: COVERAGE,
        extracts: extracts!("E08000035"),
        // The same plugin, another council's way: half as many call-outs are enough, and no call-outs at all are a result.
        settings: || json!({ "reduction-percent": 50, "none-before": "met" }),
    },
];

pub(super) const ORGANISATIONS: &str = include_str!("../../demo/organisations.json");
pub(super) const COVERAGE: &str = include_str!("../../demo/coverage.json");
const FEEDS: &str = include_str!("../../demo/feeds.json");

#[derive(Deserialize)]
struct Feed {
    authority: AuthorityId,
    extract: String,
    file: String,
    source: OrganisationId,
    covers: String,
}

/// The demonstration's tokens, kept in a file so that a second run can print them again. A real host keeps only hashes.
#[derive(Serialize, Deserialize)]
struct Tokens {
    operator: String,
    councils: Vec<(AuthorityId, String)>,
    /// Of people of the first council: who they are, and their token.
    #[serde(default)]
    people: Vec<(String, String)>,
}

impl Demo {
    pub(super) async fn run(self) -> Result<Done> {
        let home = Home::open(&self.data, &self.database, Apart::this_program()).await?;
        let listener = serve::bind(self.listen).await?;
        let base = format!("http://{}", listener.local_addr()?);
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let server = async {
            let until = async move {
                // Also when this command fails on the way: the sender is then dropped.
                let _ = stopped.await;
            };
            let app = reception::of_a_demonstration(&home, &self.data, &base)?;
            serve::serve(app, listener, home.settings.edge.connections, until).await
        };
        let work = async {
            let tokens = self.load(&home, &base).await?;
            self.decide(&home).await?;
            self.invite(&base, &tokens);
            if !self.once {
                serve::stop_asked().await;
            }
            drop(stop);
            Ok::<(), anyhow::Error>(())
        };
        let (served, worked) = tokio::join!(server, work);
        worked?;
        served?;
        home.stores.close().await;
        Ok(Done::Whole)
    }

    /// Councils, organisations, families and feeds, then the plugin: what is there already stays as it is.
    async fn load(&self, home: &Home, base: &str) -> Result<Tokens> {
        let tokens = tokens_of(&home.stores, &self.data).await?;
        let operator = Caller::new(base, &tokens.operator);
        for council in COUNCILS {
            operator.put_there("/v1/authorities", &json!({ "code": council.code, "name": council.name, "invented": true })).await?;
        }
        for organisation in serde_json::from_str::<Vec<Value>>(ORGANISATIONS)? {
            operator.put_there("/v1/organisations", &organisation).await?;
        }
        let tokens = tokens.complete(&home.stores, &self.data).await?;
        let read = |plugin: &PathBuf| std::fs::read(plugin).with_context(|| format!("{} (`make demo` builds it)", plugin.display()));
        let plugins = self.plugin.iter().map(read).collect::<Result<Vec<_>>>()?;
        for (council, (authority, token)) in COUNCILS.iter().zip(&tokens.councils) {
            let caller = Caller::new(base, token);
            println!("{} ({authority})", council.name);
            load_families(&caller, council).await?;
            load_feeds(home, council, authority).await?;
            one_person_approves(home, authority).await?;
            if let Some(outcomes) = plugins.first() {
                adopt(&caller, council.code, &(council.settings)(), outcomes.clone()).await?;
            }
            if authority.as_str() == COUNCILS[0].code {
                for plugin in plugins.iter().skip(1) {
                    adopt(&caller, council.code, &json!({}), plugin.clone()).await?;
                }
            }
        }
        let tokens = tokens.people(home, base, &self.data).await?;
        if let Some((authority, token)) = tokens.councils.first() {
            let today = home.stores.clock().now().day();
            let caller = Caller::new(base, token);
            demo_meeting::hub_of_today(&caller, authority, today).await?;
            if plugins.len() > 1 {
                demo_work::under_way(&caller, authority, today).await?;
            }
        }
        Ok(tokens)
    }

    /// Every family of both councils, as `hearth evaluate` does it.
    async fn decide(&self, home: &Home) -> Result<()> {
        let as_of: Day = AS_OF.parse()?;
        for council in COUNCILS {
            let authority: AuthorityId = council.code.parse()?;
            let summary = evaluate::evaluate(home, &authority, "bristol-outcomes", Asking::Suited, as_of).await?;
            println!("\n{}, as of {AS_OF}: {}", council.name, show::summary(&summary).trim_end());
            if !summary.is_whole() {
                bail!("some families of {} are not decided", council.name);
            }
            let (claims, pence) = home.stores.authority(&authority).await?.total_claims().await?;
            println!("  claims drafted: {claims}, {}", pounds(i64::try_from(pence)?));
        }
        self.why(home).await
    }

    /// One decision with its reasons, in words.
    async fn why(&self, home: &Home) -> Result<()> {
        let store = home.stores.authority(&COUNCILS[0].code.parse()?).await?;
        let family = store.family_by_reference(EXAMPLE).await?.with_context(|| format!("no family {EXAMPLE}"))?;
        let page = store.decisions(Some(family.id), None, 1).await?;
        let decision = page.items.first().with_context(|| format!("no decision about {EXAMPLE}"))?;
        let answer: Answer = serde_json::from_slice(&decision.answer)?;
        let snapshot = store.content(&decision.snapshot).await?.context("its snapshot is kept")?;
        let snapshot = Snapshot::decode(&snapshot)?;
        let manifest = home.workflow.manifest(store.installation(decision.installation).await?.digest).await?;
        let people: Vec<_> = snapshot.people.iter().map(|p| p.id).collect();
        let names = store.names(&people).await?.into_iter().map(|(id, name)| (id, format!("{} {}", name.given, name.family)));
        let reader = Reader { welsh: false, names: names.collect(), directory: Vec::new() };
        println!("\nWhy, for family {EXAMPLE} (decision {}):", decision.id);
        print!("{}", show::answer(&answer, &manifest, &snapshot, &reader));
        Ok(())
    }

    fn invite(&self, base: &str, tokens: &Tokens) {
        println!(
            "\nSign in at {base} as one of these people of {}; the code is in the newest letter in {}:",
            COUNCILS[0].name,
            self.data.join("letters").display()
        );
        for (who, name) in demo_people::names() {
            println!("  {who:<24} {}", demo_people::address(name));
        }
        println!("The API is documented at {base}/docs. Tokens of this demonstration:");
        println!("  {:<24} {}", "operator", tokens.operator);
        for (council, (_, token)) in COUNCILS.iter().zip(&tokens.councils) {
            println!("  {:<24} {token}", council.name);
        }
        println!("And of people of {}: who may see what depends on who asks, so ask for the families as each of them:", COUNCILS[0].name);
        for (who, token) in &tokens.people {
            println!("  {who:<24} {token}");
        }
        if let Some((authority, token)) = tokens.councils.first() {
            println!("For example:\n  curl -s -H 'Authorization: Bearer {token}' {base}/v1/authorities/{authority}/decisions?limit=1");
        }
        if !self.once {
            println!("Ctrl-C ends it; a second `make demo` goes on from here.");
        }
    }
}

pub(super) async fn load_families(caller: &Caller, council: &Council<'_>) -> Result<()> {
    let (mut new, mut there) = (0, 0);
    for family in council.families {
        let family: Value = serde_json::from_str(family)?;
        match caller.put_there(&format!("/v1/authorities/{}/families", council.code), &family).await? {
            There::New => new += 1,
            There::Already => there += 1,
        }
    }
    println!("  families: {new} new, {there} there already");
    // Once, with a key: a second run is answered with the first one's answer.
    let statements: Vec<Value> = serde_json::from_str::<Vec<Value>>(council.coverage)?
        .into_iter()
        .filter(|s| s["authority"] == council.code)
        .map(|mut s| {
            s.as_object_mut().map(|o| o.remove("authority"));
            s
        })
        .collect();
    let route = format!("/v1/authorities/{}/coverage", council.code);
    caller.post_once(&route, &json!({ "statements": statements }), "demo-coverage").await?;
    Ok(())
}

async fn load_feeds(home: &Home, council: &Council<'_>, authority: &AuthorityId) -> Result<()> {
    let store = home.stores.authority(authority).await?;
    for feed in serde_json::from_str::<Vec<Feed>>(FEEDS)?.into_iter().filter(|f| f.authority == *authority) {
        let Some((name, text)) = council.extracts.iter().find(|(name, _)| *name == feed.file) else { bail!("no extract {}", feed.file) };
        let covers: Window = feed.covers.parse()?;
        let (mapping, version) = intake::mapping_named(&store, &feed.extract).await?;
        let of = intake::Import { mapping, version, source: feed.source, covers };
        let read = async { intake::import(&store, "demonstration", &of, intake::Spooled::of(text.as_bytes())?).await };
        let report = read.await.with_context(|| (*name).to_owned())?;
        print!("  {name}, covering {covers}: {}", import::in_words(&report).replace("\n  ", "\n    "));
    }
    Ok(())
}

/// A demonstration adopts its plugins by itself; a council has two people approve each.
pub(super) async fn one_person_approves(home: &Home, authority: &AuthorityId) -> Result<()> {
    let store = home.stores.authority(authority).await?;
    if store.review_rules().await?.1.is_none() {
        let mut tx = store.write("demonstration", "said who has to approve plugins").await?;
        tx.set_review_rules(&ReviewRules { approval: Approval::OnePerson, ..ReviewRules::default() }).await?;
        tx.commit().await?;
        println!("  plugins: one person approves them in this demonstration, two in a council");
    }
    Ok(())
}

/// Uploads the plugin and adopts it, as a council would.
pub(super) async fn adopt(caller: &Caller, council: &str, settings: &Value, plugin: Vec<u8>) -> Result<()> {
    let uploaded = caller.upload("/v1/plugins", plugin).await?;
    let said = |field: &str| uploaded[field].as_str().with_context(|| format!("an upload answers its {field}"));
    let (digest, named) = (said("digest")?, format!("{} {}", said("name")?, said("version")?));
    let route = format!("/v1/authorities/{council}/installations");
    let installed = caller.get(&route).await?;
    let same = |i: &&Value| i["plugin"] == digest && i["status"] == "active";
    if installed["items"].as_array().is_some_and(|all| all.iter().any(|i| same(&i))) {
        println!("  plugin {named}: active already");
        return Ok(());
    }
    let grants: Vec<&Value> = uploaded["asks"].as_array().map(|a| a.iter().map(|i| &i["interface"]).collect()).unwrap_or_default();
    let proposal = json!({ "plugin": digest, "grants": grants, "settings": settings });
    let proposed = caller.post(&route, &proposal).await?;
    let id = proposed["id"].as_str().context("a proposal answers its id")?;
    caller.post(&format!("{route}/{id}/activation"), &json!({})).await?;
    println!("  plugin {named}: uploaded, {} interfaces granted, active", grants.len());
    Ok(())
}

/// The operator's token, and the councils' once they are there.
async fn tokens_of(stores: &Stores, data: &Path) -> Result<Tokens> {
    if let Ok(kept) = std::fs::read(data.join(TOKENS)) {
        return serde_json::from_slice(&kept).with_context(|| format!("{TOKENS} is damaged; remove it for new tokens"));
    }
    let operator = tokens::issue(stores, Asked::on_the_host("operator", For::Operator)).await?.token;
    let tokens = Tokens { operator, councils: Vec::new(), people: Vec::new() };
    tokens.keep(data)?;
    Ok(tokens)
}

const TOKENS: &str = "tokens.json";

impl Tokens {
    async fn complete(mut self, stores: &Stores, data: &Path) -> Result<Self> {
        for council in &COUNCILS[self.councils.len().min(COUNCILS.len())..] {
            let authority: AuthorityId = council.code.parse()?;
            let name = format!("data manager of {}", council.name);
            let token = tokens::issue(stores, Asked::on_the_host(&name, For::council(authority.clone()))).await?.token;
            self.councils.push((authority, token));
        }
        self.keep(data)?;
        Ok(self)
    }

    /// People of the first council, with tokens of their own.
    async fn people(mut self, home: &Home, base: &str, data: &Path) -> Result<Self> {
        let Some((authority, token)) = self.councils.first().filter(|_| self.people.is_empty()) else { return Ok(self) };
        self.people = demo_people::take_in(Some(home), &Caller::new(base, token), authority, EXAMPLE).await?;
        self.keep(data)?;
        Ok(self)
    }

    fn keep(&self, data: &Path) -> Result<()> {
        let dir = Dir::open_ambient_dir(data, ambient_authority())?;
        let new = whole(&dir, TOKENS, &serde_json::to_vec_pretty(self)?)?;
        Ok(dir.rename(&new, &dir, TOKENS)?)
    }
}

/// Whoever holds a token, over HTTP.
#[expect(clippy::disallowed_types, reason = "the demonstration speaks to itself")]
pub(super) struct Caller {
    client: reqwest::Client,
    base: String,
    token: String,
}

pub(super) enum There {
    New,
    Already,
}

impl Caller {
    #[expect(clippy::disallowed_types, reason = "the demonstration speaks to itself")]
    pub(super) fn new(base: &str, token: &str) -> Self {
        Self { client: reqwest::Client::new(), base: base.to_owned(), token: token.to_owned() }
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Result<(u16, Value)> {
        let answer = request.bearer_auth(&self.token).send().await?;
        let status = answer.status().as_u16();
        let body = answer.bytes().await?;
        Ok((status, if body.is_empty() { Value::Null } else { serde_json::from_slice(&body)? }))
    }

    fn url(&self, route: &str) -> String {
        format!("{}{route}", self.base)
    }

    async fn expect(&self, request: reqwest::RequestBuilder, route: &str) -> Result<Value> {
        match self.send(request).await? {
            (200..=299, body) => Ok(body),
            (status, problem) => bail!("{route} answered {status}: {problem}"),
        }
    }

    pub(super) async fn get(&self, route: &str) -> Result<Value> {
        self.expect(self.client.get(self.url(route)), route).await
    }

    pub(super) async fn post(&self, route: &str, body: &Value) -> Result<Value> {
        self.expect(self.client.post(self.url(route)).json(body), route).await
    }

    pub(super) async fn post_once(&self, route: &str, body: &Value, key: &str) -> Result<Value> {
        self.expect(self.client.post(self.url(route)).header("Idempotency-Key", key).json(body), route).await
    }

    async fn upload(&self, route: &str, bytes: Vec<u8>) -> Result<Value> {
        self.expect(self.client.post(self.url(route)).header("Content-Type", "application/wasm").body(bytes), route).await
    }

    /// Creates what may be there already.
    pub(super) async fn put_there(&self, route: &str, body: &Value) -> Result<There> {
        match self.send(self.client.post(self.url(route)).json(body)).await? {
            (200..=299, _) => Ok(There::New),
            (409, _) => Ok(There::Already),
            (status, problem) => bail!("{route} answered {status}: {problem}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tokens_are_never_there_in_part() {
        let folder = tempfile::tempdir().unwrap();
        let tokens = Tokens { operator: "secret".into(), councils: vec![("E06000023".parse().unwrap(), "secret".into())], people: vec![] };
        tokens.keep(folder.path()).unwrap();
        std::thread::scope(|scope| {
            let keeping = scope.spawn(|| (0..200).for_each(|_| tokens.keep(folder.path()).unwrap()));
            while !keeping.is_finished() {
                let read = std::fs::read(folder.path().join(TOKENS)).unwrap();
                assert_eq!(serde_json::from_slice::<Tokens>(&read).unwrap().councils.len(), 1);
            }
        });
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
    }
}
