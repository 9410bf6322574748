//! What happened, for other systems to follow: by a name and ids. What they may know of it they ask for.

use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::caller::Council;
use super::documented::Follows;
use super::page::{self, Limit};
use super::params::Params;
use super::problem::{Code, Problem};
use crate::access::Verb;
use crate::record::{Announced, AuthorityId, FamilyId, KnownAt};
use crate::store::{self, InFeed};

/// Something that happened.
#[derive(Debug, Serialize, ToSchema)]
pub struct Announcement {
    /// Where it stands in the feed.
    #[schema(value_type = String, example = "1207.1")]
    place: String,
    at: KnownAt,
    name: Announced,
    /// Whom it is about. Left out: no family.
    #[serde(skip_serializing_if = "Option::is_none")]
    family: Option<FamilyId>,
    /// The id of what it happened to: of the decision, the task, the claim, ….
    thing: String,
}

impl From<store::Announcement> for Announcement {
    fn from(a: store::Announcement) -> Self {
        Self { place: a.place.to_string(), at: a.at, name: a.what, family: a.family, thing: a.thing }
    }
}

/// Some of what happened.
#[derive(Debug, Serialize, ToSchema)]
pub struct Announcements {
    items: Vec<Announcement>,
    /// Send it as `after` to go on, now or later: what is to come stands behind it. It is there on the last page too.
    #[schema(example = "1207.1")]
    next: String,
    /// Is there more by now?
    more: bool,
}

/// From where.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Since {
    /// What an earlier answer said in `next`. Left out: from the first that is kept. `end`: from now on.
    after: Option<String>,
    /// At most so many, 1 to 200.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    limit: Option<Limit>,
}

/// Follow what happens
///
/// Everything that happened at the authority that other systems are told of, in the order in which it was kept: names in the past tense and ids, never
/// a word about anybody. It is told with the transaction in which it happened, so nothing is left out and nothing is told that never was. What
/// a bulk evaluation decides is told by what follows from it, claims and tasks; not decision by decision. It is kept for a set time, 400 days where
/// whoever runs the host says nothing else; whoever read less far is told so, and nothing is passed over.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/feed", tag = "following", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), Since),
    responses((status = 200, body = Announcements, description = "In order"), Follows),
)]
pub async fn follow(council: Council, Params(from): Params<Since>) -> Result<Json<Announcements>, Problem> {
    council.may(Verb::Follow)?;
    let after = match from.after.as_deref() {
        None => None,
        Some("end") => Some(council.store.end_of_feed().await?),
        Some(place) => Some(place.parse::<InFeed>().map_err(|e| Problem::invalid("after", e.why))?),
    };
    let limit = page::limit(from.limit);
    let Some(mut items) = council.store.announcements(after, limit + 1).await? else {
        let why = "is before the first that is kept: some of what came after it is gone. Read on without it, and what you hold anew";
        return Err(Problem { field: Some("after".to_owned()), ..Problem::new(Code::NoLongerKept, why) });
    };
    let more = items.len() > limit as usize;
    items.truncate(limit as usize);
    let next = match (items.last(), after) {
        (Some(last), _) => last.place,
        (None, Some(after)) => after,
        (None, None) => council.store.end_of_feed().await?,
    };
    Ok(Json(Announcements { items: items.into_iter().map(Announcement::from).collect(), next: next.to_string(), more }))
}
