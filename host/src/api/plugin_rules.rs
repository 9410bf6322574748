//! What an authority says about plugins from elsewhere, and installations that it keeps on.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::App;
use super::body::Body;
use super::caller::Council;
use super::documented::{Edits, Reads, Writes};
use super::installations::Installation;
use super::once::{Answer, Begun, Once};
use super::params::Id;
use super::problem::Problem;
use super::version::{IfMatch, Versioned};
use crate::access::Verb;
use crate::record::{AuthorityId, Day, InstallationId, KnownAt, fact};
use crate::store::{KeptOn, PluginRules as Kept};

/// Bytes of a reason.
const LONGEST: usize = 500;

/// What is to hold from now on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPluginRules {
    /// May plugins be adopted that nobody signed?
    unsigned: bool,
    /// May others be told which plugins the authority uses?
    named: bool,
    /// 1 to 500 bytes.
    #[schema(min_length = 1, max_length = 500)]
    why: String,
}

/// What an authority says about plugins from elsewhere.
#[derive(Debug, Serialize, ToSchema)]
pub struct PluginRules {
    /// May plugins be adopted and activated that nobody signed? Until somebody says otherwise they may. What decides, goes on; and it stays
    /// possible to go back to what decided before.
    unsigned: bool,
    /// May others be told which plugins the authority uses? Until somebody says otherwise they are told how many do, and not who.
    named: bool,
    /// Left out: nobody ever said anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    said_at: Option<KnownAt>,
    #[serde(skip_serializing_if = "Option::is_none")]
    said_by: Option<String>,
}

impl From<Kept> for PluginRules {
    fn from(kept: Kept) -> Self {
        let Kept { unsigned, named, said } = kept;
        let (why, said_at, said_by) = said.map_or((None, None, None), |s| (Some(s.why), Some(s.at), Some(s.by)));
        Self { unsigned, named, why, said_at, said_by }
    }
}

/// Read the rules about plugins
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/plugin-rules", tag = "plugins", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code")),
    responses((status = 200, body = PluginRules, description = "What holds", headers(("ETag" = String, description = "Its version, for `If-Match`"))), Reads),
)]
pub async fn read_plugin_rules(council: Council) -> Result<Versioned<PluginRules>, Problem> {
    council.may(Verb::SeeRules)?;
    Ok(Versioned(council.store.plugin_rules().await?.into()))
}

/// Set the rules about plugins
#[utoipa::path(
    put, path = "/v1/authorities/{authority}/plugin-rules", tag = "plugins", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of what you read"),
    ),
    request_body(content = NewPluginRules, example = json!({ "unsigned": false, "named": true, "why": "what decides about families is signed" })),
    responses((status = 200, body = PluginRules, description = "Set", headers(("ETag" = String, description = "Its version, for `If-Match`"))), Edits),
)]
pub async fn set_plugin_rules(
    council: Council,
    seen: IfMatch,
    Body { value: new, .. }: Body<NewPluginRules>,
) -> Result<Versioned<PluginRules>, Problem> {
    council.may(Verb::SetRules)?;
    fact::text("why", &new.why, LONGEST)?;
    let mut tx = council.write("said which plugins may be adopted").await?;
    tx.say_plugin_rules(new.unsigned, new.named, &new.why).await?;
    seen.holds(&PluginRules::from(council.store.plugin_rules().await?))?;
    tx.commit().await?;
    Ok(Versioned(council.store.plugin_rules().await?.into()))
}

/// Until when, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Keep {
    /// The last day, at most 90 days from today.
    until: Day,
    /// 1 to 500 bytes.
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
}

/// Keep an installation on
///
/// Although its publisher's key was compromised: it is asked until that day, and brought back where it is parked.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/installations/{installation}/keeping-on", tag = "plugins", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("installation" = InstallationId, Path, description = "The installation"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = Keep, example = json!({ "until": "2026-10-31", "reason": "we compared the file with the one that we reviewed; the publisher signs it anew in October" })),
    responses((status = 200, body = Installation, description = "It is asked"), Writes),
)]
pub async fn keep_on(
    State(app): State<App>,
    council: Council,
    Id(id): Id<InstallationId>,
    once: Once,
    Body { value: Keep { until, reason }, digest }: Body<Keep>,
) -> Result<Response, Problem> {
    council.may(Verb::ApprovePlugins)?;
    let mut tx = match once.begin(&council, digest, "kept on an installation whose publisher's key was compromised").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    let installation = tx.installation(id).await?;
    let said = KeptOn { until, reason, at: tx.now(), by: council.by.clone() };
    app.workflow.keep_on(&mut tx, &installation, &said).await?;
    let now = Installation::within(&mut tx, id).await?;
    once.finish(tx, &council, digest, Answer::new(StatusCode::OK, &now)).await
}
