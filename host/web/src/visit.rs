//! Whoever looks at a page: found before anything else, as the API finds them.

use axum::extract::{FromRequestParts, Query, RawPathParams};
use axum::http::header::LOCATION;
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use maud::Markup;
use serde::Deserialize;

use crate::Pages;
use crate::told::told;
use crate::ui::page::Frame;
use crate::ui::{Crumb, Page};
use crate::upstream::{Api, Failed, May, escaped, path};

#[derive(Deserialize)]
struct SignedIn {
    /// Nothing: a token, which no browser has.
    session: Option<Session>,
}

/// Who is signed in, as `GET /v1/session` answers.
#[derive(Debug, Clone, Deserialize)]
pub struct Session {
    pub name: String,
    pub login: String,
    pub organisation: String,
    pub signed_in_at: String,
    pub expires_at: String,
}

impl Session {
    /// # Errors
    /// [`Failed::SignIn`].
    pub async fn of(api: &Api) -> Result<Self, Failed> {
        let SignedIn { session } = api.get("/v1/session").await?;
        session.ok_or(Failed::SignIn)
    }
}

/// What somebody is at an authority, as `GET …/me` answers.
#[derive(Debug, Clone, Deserialize)]
pub struct Me {
    /// Who employs them: its short name.
    #[serde(default)]
    pub organisation: String,
    pub roles: Vec<String>,
    pub may: May,
}

impl Me {
    #[must_use]
    pub fn may(&self, verb: &str) -> bool {
        self.may.contains_key(verb)
    }

    /// They help families for an organisation of their own: what they may do is theirs alone, and not the whole council's.
    #[must_use]
    pub fn provides(&self) -> bool {
        self.may.get("provide").is_some_and(|reach| !reach.iter().any(|r| r == "all"))
    }

    #[must_use]
    pub fn is(&self, role: &str) -> bool {
        self.roles.iter().any(|r| r == role)
    }
}

/// Somebody signed in, and nowhere in particular.
#[derive(Clone)]
pub struct Visitor {
    pub api: Api,
    pub session: Session,
    told: Option<&'static str>,
}

impl Visitor {
    #[must_use]
    pub fn page(&self, title: impl Into<String>, body: Markup) -> Page {
        let frame = Frame { name: Some(self.session.name.clone()), told: self.told, ..Frame::default() };
        Page::new(frame, title, body)
    }
}

#[derive(Debug, Default, Deserialize)]
struct Told {
    #[serde(default)]
    told: String,
}

impl FromRequestParts<Pages> for Visitor {
    type Rejection = Failed;

    async fn from_request_parts(parts: &mut Parts, pages: &Pages) -> Result<Self, Failed> {
        let api = pages.api(&parts.headers, &parts.extensions);
        let session = Session::of(&api).await?;
        let said = Query::<Told>::try_from_uri(&parts.uri).map(|q| q.0).unwrap_or_default();
        Ok(Self { api, session, told: told(&said.told) })
    }
}

/// Somebody at work within the authority that the address names.
#[derive(Clone)]
pub struct Visit {
    pub api: Api,
    pub session: Session,
    pub me: Me,
    /// ONS code.
    pub authority: String,
    /// What the council calls itself.
    pub council: String,
    told: Option<&'static str>,
    here: String,
}

#[derive(Deserialize)]
struct Authority {
    name: String,
}

impl FromRequestParts<Pages> for Visit {
    type Rejection = Failed;

    async fn from_request_parts(parts: &mut Parts, pages: &Pages) -> Result<Self, Failed> {
        let Visitor { api, session, told } = Visitor::from_request_parts(parts, pages).await?;
        let params = RawPathParams::from_request_parts(parts, pages).await.map_err(|e| Failed::Fault(e.to_string()))?;
        let authority = params.iter().find(|(name, _)| *name == "authority").map(|(_, value)| value.to_owned()).unwrap_or_default();
        let me = api.get(&path(&["v1", "authorities", &authority, "me"])).await?;
        let named: Authority = api.get(&path(&["v1", "authorities", &authority])).await?;
        Ok(Self { api, session, me, authority, council: named.name, told, here: parts.uri.path().to_owned() })
    }
}

/// Where somebody may go: below the council's own address, the name, and the verbs without any of which there is nothing to see.
const WAYS: &[(&str, &str, &str)] = &[
    ("families", "Families", "see-families"),
    ("tasks", "Tasks", "see-decisions"),
    ("referrals", "Front door", "triage"),
    ("sent", "Refer a family", "refer"),
    ("decisions", "Decisions", "see-decisions"),
    ("claims", "Claims", "check-claims"),
    ("services", "Services", "see-directory"),
    ("plugins", "Plugins", "see-rules"),
    ("intake", "Intake", "run-intake"),
    ("administration", "Administration", "manage-people invite manage-sharing review-emergencies read-audit hold-back answer-subjects"),
    ("overview", "Overview", "claim-results"),
    ("contracts", "Contracts", "see-contracts"),
    ("meetings", "Meetings", "see-meetings"),
];

/// Of whoever works for an organisation that gives help to families, and for no council: all of it on one page.
const OUR_WORK: (&str, &str) = ("our-work", "Our work");

impl Visit {
    /// A page of this council's: `/E06000023/families/…`, each step on its own.
    #[must_use]
    pub fn to(&self, steps: &[&str]) -> String {
        format!("/{}{}", escaped(&self.authority), path(steps))
    }

    /// A path of the API's within this authority.
    #[must_use]
    pub fn v1(&self, steps: &[&str]) -> String {
        format!("/v1/authorities/{}{}", escaped(&self.authority), path(steps))
    }

    /// The ways that are theirs.
    #[must_use]
    pub fn ways(&self) -> Vec<(String, &'static str)> {
        let own = self.me.provides().then_some(OUR_WORK);
        let mine = ["keyworker", "lead-worker"].iter().any(|role| self.me.is(role)).then_some(("mine", "My families"));
        let may = |verbs: &str| verbs.split(' ').any(|verb| self.me.may(verb));
        let ways = WAYS.iter().filter(|(_, _, verbs)| may(verbs)).map(|(step, name, _)| (*step, *name));
        mine.into_iter().chain(own).chain(ways).map(|(step, name)| (self.to(&[step]), name)).collect()
    }

    #[must_use]
    pub fn page(&self, title: impl Into<String>, body: Markup) -> Page {
        let ways = self.ways();
        let under = |to: &str| self.here == to || self.here.strip_prefix(to).is_some_and(|rest| rest.starts_with('/'));
        let here = ways.iter().map(|(to, _)| to.clone()).find(|to| under(to)).unwrap_or_default();
        let frame = Frame {
            council: Some((self.to(&[]), self.council.clone())),
            name: Some(self.session.name.clone()),
            ways,
            here,
            told: self.told,
        };
        Page::new(frame, title, body)
    }

    /// The page at the top of the way there.
    #[must_use]
    pub fn crumb(&self, steps: &[&str], name: impl Into<String>) -> Crumb {
        Crumb(self.to(steps), name.into())
    }

    /// On to a page that says what was done: a key of [`told`].
    #[must_use]
    pub fn done(&self, steps: &[&str], key: &str) -> Response {
        see_other(&format!("{}?told={}", self.to(steps), escaped(key)))
    }
}

/// The browser asks for another page, with GET.
#[must_use]
pub fn see_other(to: &str) -> Response {
    match HeaderValue::from_str(to) {
        Ok(to) => (StatusCode::SEE_OTHER, [(LOCATION, to)]).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// A place on this host where somebody wanted to go before they signed in. Anything else is the front page: a link must not lead from a
/// sign-in of ours to somebody else's page.
#[must_use]
pub fn within(to: &str) -> &str {
    let ours = to.starts_with('/') && !to.starts_with("//") && !to.contains(['\\', '\r', '\n', '\t']);
    if ours { to } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::within;

    #[test]
    fn nobody_is_led_away_by_signing_in() {
        for (to, goes) in [
            ("/E06000023/families?told=saved", "/E06000023/families?told=saved"),
            ("//elsewhere.example/", "/"),
            ("/\\elsewhere.example", "/"),
            ("https://elsewhere.example/", "/"),
            ("/\t/elsewhere.example", "/"),
            ("", "/"),
        ] {
            assert_eq!(within(to), goes, "{to:?}");
        }
    }
}
