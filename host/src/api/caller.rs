//! Who is calling, and within which authority: found before anything else of a request is read. What they may do is said once, by
//! [`access`](crate::access); here it becomes an answer.

use std::collections::HashMap;

use axum::extract::{FromRequestParts, MatchedPath, RawPathParams};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, header};

use super::App;
use super::cookies;
use super::noted::Noted;
use super::params::path_param;
use super::problem::{Code, Problem};
use crate::access::{Credential, Principal, Roles, Verb, Who, policy, sign_in};
use crate::record::{AuthorityId, Fact, FactId, FamilyId, OrganisationId, Purpose, Section};
use crate::store::{AsKnown, AuthorityStore, Looked, Reader, Relation, Seen, StoreError};

/// Why a family's record is read.
pub const PURPOSE: HeaderName = HeaderName::from_static("hearth-purpose");

/// Somebody with a token or a session that is in force.
pub struct Caller(pub Principal);

impl FromRequestParts<App> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        // One answer to all that do not open: it must not tell a token that was good once from one that never was.
        let refused = || Problem::new(Code::NotSignedIn, "sign in, or send a token that is in force, as `Authorization: Bearer …`");
        let credential = match parts.headers.get(header::AUTHORIZATION) {
            // Somebody put it there: a browser never does so by itself.
            Some(value) => Credential::Token(bearer(value).ok_or_else(refused)?),
            None => Credential::Session(cookies::read(&parts.headers, cookies::SESSION).ok_or_else(refused)?),
        };
        let stores = &app.stores;
        let principal = sign_in(stores.common(), stores.clock().now(), credential).await?.ok_or_else(refused)?;
        if matches!(credential, Credential::Session(_)) {
            cookies::of_our_pages(parts, &app.reception)?;
        }
        app.rates.caller(&principal)?;
        Ok(Self(principal))
    }
}

/// The token in a header. The scheme's name is written as one likes (RFC 9110, section 11.1).
fn bearer(value: &HeaderValue) -> Option<&str> {
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn not_allowed(why: &str) -> Problem {
    Problem::new(Code::NotAllowed, why)
}

impl Caller {
    /// # Errors
    /// `not-allowed` for everybody but the operator of the host.
    pub fn operates(&self) -> Result<(), Problem> {
        if self.0.is_operator() { Ok(()) } else { Err(not_allowed("this is for the operator of the host")) }
    }

    /// For what belongs to no authority: whoever may do it at one of theirs, or runs the host.
    ///
    /// # Errors
    /// `not-allowed`.
    pub async fn may_somewhere(&self, app: &App, verb: Verb) -> Result<(), Problem> {
        if self.0.is_operator() {
            return Ok(());
        }
        for authority in self.authorities(app).await? {
            let store = app.stores.authority(&authority).await?;
            let roles = self.0.roles_at(&store, store.clock().now().day()).await?;
            if !self.0.reach(roles, verb).is_none() {
                return Ok(());
            }
        }
        Err(not_allowed(&may_not(verb)))
    }

    /// The authorities that they know of; of the operator, none of their own.
    ///
    /// # Errors
    /// The store failed.
    pub async fn authorities(&self, app: &App) -> Result<Vec<AuthorityId>, Problem> {
        let theirs = match (&self.0.who, &self.0.authority) {
            (Who::Operator(_), _) => return Ok(Vec::new()),
            (_, Some(authority)) => vec![authority.clone()],
            (Who::Person(login), None) => app.stores.common().authorities_of(login.id).await?,
            (Who::System { .. }, None) => Vec::new(),
        };
        let mut known = Vec::with_capacity(theirs.len());
        for authority in theirs {
            let store = app.stores.authority(&authority).await?;
            if !self.0.roles_at(&store, store.clock().now().day()).await?.is_empty() {
                known.push(authority);
            }
        }
        Ok(known)
    }
}

/// The answer to everybody whose roles, or whose token, do not have the verb, whatever it was to be done to.
fn may_not(verb: Verb) -> String {
    format!("neither your roles here nor your token allow it: {verb}")
}

/// Somebody at work within the authority that the path names.
pub struct Council {
    pub who: Principal,
    pub store: AuthorityStore,
    /// As the record keeps whoever does what is done.
    pub by: String,
    pub roles: Roles,
    /// Why they read.
    pub purpose: Purpose,
    pub(super) noted: Noted,
}

impl FromRequestParts<App> for Council {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let Caller(who) = Caller::from_request_parts(parts, app).await?;
        let params = RawPathParams::from_request_parts(parts, app).await;
        let authority: AuthorityId = path_param(params, "authority")?;
        let noted = parts.extensions.get::<Noted>().cloned().ok_or_else(|| Problem::new(Code::HostFault, "nothing notes what is read"))?;
        // Whoever is let in nowhere is named with where they come from.
        let stranger = Looked { principal: who.to_string(), what: what(parts), purpose: None };
        if who.is_operator() {
            // Noted where there is such an authority; the answer does not tell.
            if let Ok(store) = app.stores.authority(&authority).await {
                noted.by(store, stranger);
                noted.refused(Seen::default());
            }
            return Err(not_allowed("the operator of the host sees nothing of an authority's work"));
        }
        let store = app.stores.authority(&authority).await?;
        let roles = who.roles_at(&store, store.clock().now().day()).await?;
        if roles.is_empty() {
            noted.by(store, stranger);
            noted.refused(Seen::default());
            return Err(Problem::no_such("authority", &authority));
        }
        app.rates.authority(&authority)?;
        let said = parts.headers.get(&PURPOSE).map(|v| v.to_str().unwrap_or_default().parse::<Purpose>()).transpose();
        let said = said.map_err(|e| Problem::invalid("Hearth-Purpose", e.why))?;
        let by = who.name();
        let looked =
            |purpose: Option<Purpose>| Looked { principal: by.clone(), what: what(parts), purpose: purpose.map(|p| p.code().to_owned()) };
        let Some(purpose) = policy::purpose(roles, said) else {
            noted.by(store, looked(said));
            noted.refused(Seen::default());
            return Err(not_allowed("nobody in your roles here reads for that purpose"));
        };
        noted.by(store.clone(), looked(Some(purpose)));
        Ok(Self { by, who, store, roles, purpose, noted })
    }
}

/// The route with its gaps: what stood in them is noted by itself.
fn what(parts: &Parts) -> String {
    let route = parts.extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str);
    format!("{} {route}", parts.method)
}

/// A family that somebody opened: as much of it as they see.
pub struct Opened {
    pub family: FamilyId,
    pub relation: Relation,
    reader: Reader,
    noted: Noted,
}

impl Opened {
    /// The facts that they see. All of their sections are noted as shown: whoever shows fewer says so ([`Council::showed`]).
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn facts(&self, store: &AuthorityStore, as_known: AsKnown) -> Result<Vec<Fact>, StoreError> {
        let mut facts = store.facts_for(&self.reader, self.family, as_known).await?;
        facts.retain(|f| self.relation.shows(f));
        let sections: Vec<Section> = facts.iter().map(|f| f.kind().section()).collect();
        self.noted.saw_instead(Seen::family(self.family, &sections));
        Ok(facts)
    }

    /// Something is done with a case of one's own; what is shared, or was opened in an emergency, is there to be read.
    fn allows(&self, verb: Verb) -> Result<(), Problem> {
        let reads = matches!(verb, Verb::SeeFamilies | Verb::SeeDecisions | Verb::SeeMeetings);
        if reads || self.reader.all || self.relation.own {
            return Ok(());
        }
        Err(not_allowed("this family is open to you to be read alone"))
    }

    /// What there may be and they do not see.
    #[must_use]
    pub fn withheld(&self) -> Vec<Section> {
        self.relation.sections.missing().collect()
    }

    #[must_use]
    pub const fn reader(&self) -> &Reader {
        &self.reader
    }
}

impl Council {
    /// For lists: notes whose families stand in what is about to be shown.
    pub fn listed<T>(&self, items: &[T], seen: impl Fn(&T) -> Seen) {
        for item in items {
            self.noted.saw(seen(item));
        }
    }

    /// Of a family that was opened, exactly what is shown.
    pub fn showed(&self, seen: Seen) {
        self.noted.saw_instead(seen);
    }

    /// What is about to be refused.
    pub fn tried(&self, what: Seen) {
        self.noted.refused(what);
    }

    /// Whose statement a fact is where its sender does not say: their own organisation's.
    #[must_use]
    pub fn as_source(&self) -> OrganisationId {
        match &self.who.who {
            Who::Person(login) => login.organisation.clone(),
            Who::Operator(_) | Who::System { .. } => OrganisationId::of_council(self.store.id()),
        }
    }

    /// Opens a transaction in the caller's name.
    ///
    /// # Errors
    /// `Busy`.
    pub async fn write(&self, what: &str) -> Result<crate::store::AuthorityTx, StoreError> {
        self.store.write(&self.by, what).await
    }

    /// What the authority calls families that stand in a list, where whoever reads it sees families at all.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn called(&self, families: &[FamilyId]) -> Result<HashMap<FamilyId, String>, StoreError> {
        match self.who_would(Verb::SeeFamilies) {
            Some(reader) => self.store.references_for(&reader, families).await,
            None => Ok(HashMap::new()),
        }
    }

    /// For what is about no family.
    ///
    /// # Errors
    /// `not-allowed`.
    pub fn may(&self, verb: Verb) -> Result<(), Problem> {
        self.reader(verb).map(drop)
    }

    /// As whom they would read, if they may: what is shown of something else hangs on it, and nothing is refused.
    #[must_use]
    pub fn who_would(&self, verb: Verb) -> Option<Reader> {
        let reach = self.who.reach(self.roles, verb);
        let council = OrganisationId::of_council(self.store.id());
        (!reach.is_none()).then(|| self.who.reader(&council, reach, self.purpose.bit(), self.store.clock().now()))
    }

    /// For lists: whose rows the store is to find.
    ///
    /// # Errors
    /// `not-allowed`, whether or not there is anything to list.
    pub fn reader(&self, verb: Verb) -> Result<Reader, Problem> {
        let reach = self.who.reach(self.roles, verb);
        if reach.is_none() {
            self.noted.refused(Seen::default());
            return Err(not_allowed(&may_not(verb)));
        }
        let council = OrganisationId::of_council(self.store.id());
        Ok(self.who.reader(&council, reach, self.purpose.bit(), self.store.clock().now()))
    }

    /// The one way to a family. Here it is noted who opened it and why; of what they were shown, [`Opened::facts`] notes the sections.
    ///
    /// # Errors
    /// `not-allowed` where the verb is not theirs at all, or the family is theirs to read alone; `no-such` where the family is not there,
    /// or not theirs to know of: the same words.
    pub async fn family(&self, verb: Verb, id: FamilyId) -> Result<Opened, Problem> {
        self.open(verb, Seen::family(id, &[]), id).await
    }

    /// The same, of what names a family by itself: not theirs, that is not there either.
    ///
    /// # Errors
    /// As [`Council::family`]; `no-such` naming `what`.
    pub async fn family_of(&self, verb: Verb, id: FamilyId, what: &'static str, named: impl ToString) -> Result<Opened, Problem> {
        let named = named.to_string();
        self.open(verb, Seen::of(id, what, &named, &[]), id).await.map_err(|problem| match problem.code {
            Code::NoSuch => Problem::no_such(what, named),
            _ => problem,
        })
    }

    async fn open(&self, verb: Verb, seen: Seen, family: FamilyId) -> Result<Opened, Problem> {
        let opened = match self.reader(verb) {
            Ok(reader) => self.related(verb, reader, family).await,
            Err(refused) => Err(refused),
        };
        match &opened {
            Ok(_) => self.noted.saw(seen),
            Err(_) => self.noted.refused(seen),
        }
        opened
    }

    async fn related(&self, verb: Verb, reader: Reader, family: FamilyId) -> Result<Opened, Problem> {
        let relation = self.store.relation(&reader, family).await?.ok_or_else(|| Problem::no_such("family", family))?;
        let opened = Opened { family, relation, reader, noted: self.noted.clone() };
        opened.allows(verb)?;
        Ok(opened)
    }

    /// A fact, through a family of theirs that shows it.
    ///
    /// # Errors
    /// `not-allowed`; `no-such` where it is not there or not theirs to know of.
    pub async fn fact(&self, verb: Verb, id: FactId) -> Result<Fact, Problem> {
        let reader = self.reader(verb)?;
        self.noted.refused(Seen::thing("fact", id, &[]));
        let (fact, family) = self.shown_fact(verb, reader, id).await?;
        let seen = Seen::thing("fact", id, &[fact.kind().section()]);
        self.noted.saw(Seen { family, person: fact.subject.person, ..seen });
        Ok(fact)
    }

    async fn shown_fact(&self, verb: Verb, reader: Reader, id: FactId) -> Result<(Fact, Option<FamilyId>), Problem> {
        let families = self.store.families_of_fact(id).await?;
        // Of somebody who was never a member of any family, and so of nobody's case.
        if families.is_empty() && reader.all {
            return Ok((self.store.fact(id).await?, None));
        }
        for family in families {
            let Some(relation) = self.store.relation(&reader, family).await? else { continue };
            let opened = Opened { family, relation, reader: reader.clone(), noted: self.noted.clone() };
            if self.store.is_unsealed(&opened.reader, family, id).await? {
                let fact = self.store.fact(id).await?;
                if opened.relation.shows(&fact) {
                    opened.allows(verb)?;
                    return Ok((fact, Some(family)));
                }
            }
        }
        Err(Problem::no_such("fact", id))
    }
}
