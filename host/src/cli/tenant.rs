//! `hearth tenant`: an invented council in a host's folder, with people, families and a plugin, so that whoever writes a front end has
//! something to call.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::{Value, json};

use super::demo::{self, COVERAGE, Caller, Council, ORGANISATIONS, There};
use super::home::Home;
use super::{Done, HomeArgs, demo_people, evaluate, serve};
use crate::access::tokens::{self, Asked, For};
use crate::record::{AuthorityId, KnownAt, OrganisationId};
use crate::workflow::Asking;

/// Every run adds one council. Its tokens are printed once: the host keeps only their hashes.
#[derive(Debug, Args)]
pub(super) struct Tenant {
    #[command(flatten)]
    home: HomeArgs,
    /// Its code, which no council has: one of E, W, S, N and eight digits.
    #[arg(long, default_value = "E06999999", value_name = "CODE")]
    authority: AuthorityId,
    /// The plugin that it adopts: Bristol's outcomes rules, as `make build` builds them.
    #[arg(long, value_name = "FILE")]
    plugin: PathBuf,
}

/// Of the demonstration's first council, which the files are written for.
const WRITTEN_FOR: &str = "E06000023";
/// The family that the keyworker has, and some of which a part is shared with a charity.
const CASE: &str = "BR-0005";
const FAMILIES: &[&str] = &[
    include_str!("../../demo/families/E06000023/br-0001-debt.json"),
    include_str!("../../demo/families/E06000023/br-0004-call-outs-11-to-4.json"),
    include_str!("../../demo/families/E06000023/br-0005-call-outs-10-to-4-two-homes.json"),
    include_str!("../../demo/families/E06000023/br-0011-summer-holidays.json"),
];
/// What the operator's token that makes the council is good for, in milliseconds.
const TEN_MINUTES: i64 = 600_000;

impl Tenant {
    pub(super) async fn run(self) -> Result<Done> {
        let plugin = std::fs::read(&self.plugin).with_context(|| format!("{} (`make build` builds it)", self.plugin.display()))?;
        let home = self.home.open().await?;
        let listener = serve::bind(([127, 0, 0, 1], 0).into()).await?;
        let base = format!("http://{}", listener.local_addr()?);
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let server = async {
            let until = async move {
                // Also when this command fails on the way: the sender is then dropped.
                let _ = stopped.await;
            };
            serve::serve(serve::app(&home), listener, home.settings.edge.connections, until).await
        };
        let work = async {
            let made = self.make(&home, &base, plugin).await;
            drop(stop);
            made
        };
        let (served, made) = tokio::join!(server, work);
        made?;
        served?;
        home.stores.close().await;
        Ok(Done::Whole)
    }

    async fn make(&self, home: &Home, base: &str, plugin: Vec<u8>) -> Result<()> {
        let code = self.authority.to_string();
        let name = format!("Invented council {code}");
        let until = KnownAt::from_millis(home.stores.clock().now().millis() + TEN_MINUTES);
        let operator = Asked { expires_at: Some(until), ..Asked::on_the_host("hearth tenant", For::Operator) };
        let operator = Caller::new(base, &tokens::issue(&home.stores, operator).await?.token);
        if let There::Already = operator.put_there("/v1/authorities", &json!({ "code": code, "name": name, "invented": true })).await? {
            bail!("there is an authority {code} already: name another with --authority");
        }
        for organisation in serde_json::from_str::<Vec<Value>>(ORGANISATIONS)? {
            operator.put_there("/v1/organisations", &organisation).await?;
        }
        let theirs = format!("data manager of {name}");
        let system = Asked::on_the_host(&theirs, For::council(self.authority.clone()));
        let system = tokens::issue(&home.stores, system).await?.token;
        let caller = Caller::new(base, &system);
        println!("{name}");
        // The files name the council that they are written for, as an authority and as an organisation.
        let (theirs, ours) = (WRITTEN_FOR.to_lowercase(), OrganisationId::of_council(&self.authority).to_string());
        let as_ours = |text: &str| text.replace(WRITTEN_FOR, &code).replace(&theirs, &ours);
        let (families, coverage) = (FAMILIES.iter().map(|text| as_ours(text)).collect::<Vec<_>>(), as_ours(COVERAGE));
        let families: Vec<&str> = families.iter().map(String::as_str).collect();
        let council = Council { code: &code, name: &name, families: &families, coverage: &coverage, extracts: &[], settings: || json!({}) };
        demo::load_families(&caller, &council).await?;
        demo::one_person_approves(home, &self.authority).await?;
        demo::adopt(&caller, council.code, &(council.settings)(), plugin).await?;
        let people = demo_people::take_in(None, &caller, &self.authority, CASE).await?;
        evaluate::evaluate(home, &self.authority, "bristol-outcomes", Asking::Suited, demo::AS_OF.parse()?).await?;
        println!("Tokens, shown this once; who may see what depends on who asks:");
        println!("  {:<24} {system}", "the council's own system");
        for (who, token) in people {
            println!("  {who:<24} {token}");
        }
        println!("For example, once `hearth serve` runs on this folder: GET /v1/authorities/{code}/families");
        Ok(())
    }
}
