//! Signing in by an authority's own identity provider: OpenID Connect Core 1.0, the authorization code flow with PKCE (RFC 7636), as RFC 9700
//! has it today.
//!
//! An issuer is bound to one authority: it is asked for that authority's people, what it calls them is kept in that authority's own
//! file, and the session that it begins opens nothing elsewhere, whoever it is and whatever their address. An e-mail address that it has
//! verified meets an invitation of the same authority, and is believed for nothing else.
//!
//! What a visit needs on its way back is worked out again from what the browser carries and the state: the database keeps hashes of both.

mod claims;
mod discovery;
mod jws;
mod secret;
mod token;

pub use discovery::Known;
pub use jws::Algorithm;
pub use secret::Place;

use super::secrets::{self, Secret};
use super::sessions::{self, Begun, LetIn};
use super::signing_in::{Came, Outcome};
use super::{Address, How, NotLetIn, Principal, Reception};
use crate::record::{AuthorityId, Digest, Invalid, KnownAt, fact};
use crate::store::{AuthorityStore, Invitation, Login, Provider, StoreError, Stores, Visit};
use claims::{Expected, Person};
use discovery::Said;
use jws::NotBelieved;

/// For so many minutes somebody may be on the way to a provider and back.
pub const MINUTES: i64 = 10;
const MINUTE: i64 = 60_000;
/// Characters of where to go on afterwards.
const LONGEST_RETURN: usize = 2_000;

/// Can an authority name this provider?
///
/// # Errors
/// `Invalid`, naming the field.
pub fn check(reception: &Reception, authority: &AuthorityId, provider: &Provider) -> Result<(), Invalid> {
    let issuer =
        url::Url::parse(&provider.issuer).map_err(|_| Invalid::new("issuer", "is not an address such as https://login.example.org"))?;
    let plain = reception.door().openings().this_machine && issuer.scheme() == "http";
    if issuer.scheme() != "https" && !plain {
        return Err(Invalid::new("issuer", "does not begin with https://"));
    }
    if issuer.query().is_some() || issuer.fragment().is_some() || !issuer.username().is_empty() || issuer.password().is_some() {
        return Err(Invalid::new(
            "issuer",
            "has a query, a fragment or a user's name in it: it is the address alone that the provider calls itself by",
        ));
    }
    fact::text("issuer", &provider.issuer, 500)?;
    fact::text("client", &provider.client, 200)?;
    if let Some(place) = &provider.secret {
        place.parse::<Place>().and_then(|place| place.check(authority)).map_err(|e| e.within("secret"))?;
    }
    provider.algorithm.parse::<Algorithm>().map_err(|e| Invalid::new("algorithm", e.why)).map(drop)
}

/// Somebody is on the way to the provider.
pub struct Begins {
    /// Where the browser goes.
    pub to: String,
    /// What it carries meanwhile.
    pub browser: String,
}

/// The path that a provider sends people back to. One an authority: an answer of one's provider does not come in at another's door.
#[must_use]
pub fn way_back(authority: &AuthorityId) -> String {
    format!("/v1/authorities/{authority}/sign-in/callback")
}

/// A path of this host, and none that a browser takes for another's.
///
/// # Errors
/// `Invalid` naming `return_to`.
pub fn path_of_ours(path: &str) -> Result<(), Invalid> {
    let refused = |why| Err(Invalid::new("return_to", why));
    if !path.starts_with('/') || path.starts_with("//") {
        return refused("is not a path of this host: it begins with one /");
    }
    if path.len() > LONGEST_RETURN || !path.bytes().all(|b| b.is_ascii_graphic() && b != b'\\') {
        return refused("is too long for a path, or has a character that none has");
    }
    Ok(())
}

/// Sends somebody to the provider. `browser`: what theirs carries of a visit that has begun, in another tab; both then find their way back.
///
/// # Errors
/// `NoProvider`, `NoAddress`; it cannot be reached, or is not as the authority said.
pub async fn begin(
    stores: &Stores,
    reception: &Reception,
    store: &AuthorityStore,
    return_to: &str,
    browser: Option<&str>,
) -> Result<Begins, NotLetIn> {
    path_of_ours(return_to)?;
    let back = reception.address()?.with(&way_back(store.id()));
    let provider = provider_of(store).await?;
    let said = reception.known().of(reception, store, &provider).await?;
    let state = Secret::fresh("")?;
    let browser = browser.and_then(Secret::sent).map_or_else(|| Secret::fresh(""), Ok)?;
    let mut tx = stores.common().write(crate::access::HOST, "sent somebody to an identity provider").await?;
    let expires_at = KnownAt::from_millis(tx.now().millis() + MINUTES * MINUTE);
    let visit =
        Visit { state: state.hash, browser: browser.hash, authority: store.id().clone(), return_to: return_to.to_owned(), expires_at };
    tx.begin_visit(&visit).await?;
    tx.commit().await?;
    let worked_out = WorkedOut::of(&browser.text, &state.text);
    let mut to =
        url::Url::parse(&said.endpoints.authorization_endpoint).map_err(|_| NotLetIn::ProviderFailed("names an address that is none"))?;
    to.query_pairs_mut()
        .append_pair("response_type", "code")
        .append_pair("client_id", &provider.client)
        .append_pair("redirect_uri", &back)
        .append_pair("scope", "openid email")
        .append_pair("state", &state.text)
        .append_pair("nonce", &worked_out.nonce)
        .append_pair("code_challenge", &worked_out.challenge())
        .append_pair("code_challenge_method", "S256");
    Ok(Begins { to: to.into(), browser: browser.text })
}

/// What of a visit is never kept: worked out from what the browser carries.
struct WorkedOut {
    nonce: String,
    verifier: String,
}

impl WorkedOut {
    fn of(browser: &str, state: &str) -> Self {
        let of = |what: &str| secrets::in_base64(&secrets::keyed(browser, &format!("{what} of {state}")));
        Self { nonce: of("nonce"), verifier: of("verifier") }
    }

    /// RFC 7636, section 4.2.
    fn challenge(&self) -> String {
        secrets::in_base64(&Digest::of(self.verifier.as_bytes()))
    }
}

async fn provider_of(store: &AuthorityStore) -> Result<Provider, NotLetIn> {
    let provider = store.identity_provider().await?;
    provider.map(|(_, provider)| provider).ok_or_else(|| NotLetIn::NoProvider(store.id().clone()))
}

/// What came back from a provider, by way of a browser.
#[derive(Debug, Default)]
pub struct Back<'a> {
    pub state: Option<&'a str>,
    pub code: Option<&'a str>,
    /// RFC 6749, section 4.1.2.1.
    pub error: Option<&'a str>,
    /// RFC 9207.
    pub iss: Option<&'a str>,
    /// What the browser carries since it left.
    pub browser: Option<&'a str>,
    /// The session that it had.
    pub before: Option<&'a Digest>,
}

/// Signs in whoever came back.
///
/// # Errors
/// `Provider` naming what is not as it must be; `ProviderFailed`; `NoRoleAt`.
pub async fn come_back(
    stores: &Stores,
    reception: &Reception,
    store: &AuthorityStore,
    back: Back<'_>,
) -> Result<(Begun, String), NotLetIn> {
    let mut came = Came { login: None, authority: Some(store.id().clone()), how: How::Provider };
    let let_in = let_in(stores, reception, store, &back, &mut came).await;
    if let Err(why) = &let_in {
        came.note_refusal(stores.common(), why).await;
    }
    let_in
}

async fn let_in(
    stores: &Stores,
    reception: &Reception,
    store: &AuthorityStore,
    back: &Back<'_>,
    came: &mut Came,
) -> Result<(Begun, String), NotLetIn> {
    let visit = visited(stores, store, back).await?;
    let provider = provider_of(store).await?;
    let said = reception.known().of(reception, store, &provider).await?;
    let code = answered(back, &provider, &said)?;
    // They are there: without them there was no visit.
    let worked_out = WorkedOut::of(back.browser.unwrap_or_default(), back.state.unwrap_or_default());
    let redirect = reception.address()?.with(&way_back(store.id()));
    let asked = token::Asked { code, verifier: &worked_out.verifier, redirect: &redirect };
    let token = token::ask(reception, store, &provider, &said.endpoints, asked).await?;
    let expected = Expected { issuer: &provider.issuer, client: &provider.client, nonce: &worked_out.nonce, now: stores.clock().now() };
    let person = believed(reception, store, &provider, &said, &token, &expected).await?;
    let login = who(stores, store, &provider, &person, came).await?;
    came.login = Some(login.id);
    let mut tx = stores.common().write(&Principal::of_login(login.clone()).name(), "signed in by an identity provider").await?;
    let authority = Some(store.id().clone());
    let begun = sessions::begin(&mut tx, LetIn { login, authority, how: How::Provider, before: back.before }).await?;
    came.note(&mut tx, Outcome::In).await?;
    tx.commit().await?;
    Ok((begun, visit.return_to))
}

/// The visit that ends here: it was begun here, in this browser, and is used once.
async fn visited(stores: &Stores, store: &AuthorityStore, back: &Back<'_>) -> Result<Visit, NotLetIn> {
    let refused = |why| NotLetIn::Provider { field: "state", why };
    let state = back.state.ok_or_else(|| refused("is missing: begin at the sign-in page"))?;
    let mut tx = stores.common().write(crate::access::HOST, "took somebody back from an identity provider").await?;
    let visit = tx.end_visit(&Digest::of(state.as_bytes())).await?;
    let now = tx.now();
    tx.commit().await?;
    let visit = visit.ok_or_else(|| refused("was not given out here, or was used before: sign in again"))?;
    if visit.authority != *store.id() {
        return Err(refused("was given out for another authority: sign in again"));
    }
    if back.browser.map(|b| Digest::of(b.as_bytes())) != Some(visit.browser) {
        return Err(refused("was given out to another browser: sign in again"));
    }
    if visit.expires_at <= now {
        return Err(refused("is over: sign in again"));
    }
    Ok(visit)
}

/// The code that the provider answered with.
fn answered<'a>(back: &Back<'a>, provider: &Provider, said: &Said) -> Result<&'a str, NotLetIn> {
    let refused = |field, why| Err(NotLetIn::Provider { field, why });
    match back.iss {
        Some(iss) if iss != provider.issuer => return refused("iss", "is not the authority's provider"),
        None if said.endpoints.authorization_response_iss_parameter_supported => {
            return refused("iss", "is missing, and the authority's provider always sends it");
        }
        _ => {}
    }
    match (back.error, back.code) {
        (Some("access_denied"), _) => refused("error", "says that you, or the provider, declined"),
        (Some(_), _) => refused("error", "says that the provider did not sign you in: try again, or ask whoever runs it"),
        (None, Some(code)) => Ok(code),
        (None, None) => refused("code", "is missing"),
    }
}

/// Who the token says it is. A key that is not known may be a new one: then the keys are asked for once more.
async fn believed(
    reception: &Reception,
    store: &AuthorityStore,
    provider: &Provider,
    said: &Said,
    token: &str,
    expected: &Expected<'_>,
) -> Result<Person, NotLetIn> {
    let algorithm: Algorithm = provider.algorithm.parse()?;
    let claims = match said.keys.claims(token, algorithm) {
        Err(NotBelieved::UnknownKey) => reception.known().ask(reception, store, provider).await?.keys.claims(token, algorithm),
        claims => claims,
    };
    claims.and_then(|claims| claims::read(claims, expected)).map_err(|e| match e {
        NotBelieved::UnknownKey => NotLetIn::Provider { field: "kid", why: "is none of the provider's keys" },
        NotBelieved::Part(field, why) => NotLetIn::Provider { field, why },
    })
}

/// Whom the provider calls so; or somebody whom it has brought to their invitation.
async fn who(stores: &Stores, store: &AuthorityStore, provider: &Provider, person: &Person, came: &mut Came) -> Result<Login, NotLetIn> {
    let login = match store.login_called(&provider.issuer, &person.subject).await? {
        Some(login) => stores.common().login(login).await?,
        None => match invited(stores, store, person).await? {
            Some(invitation) => take_up(stores, store, provider, person, invitation).await?,
            None => return Err(no_role(stores, store).await?),
        },
    };
    came.login = Some(login.id);
    let roles = Principal::of_login(login.clone()).roles_at(store, stores.clock().now().day()).await?;
    if login.closed_at.is_some() || roles.is_empty() {
        return Err(no_role(stores, store).await?);
    }
    Ok(login)
}

async fn no_role(stores: &Stores, store: &AuthorityStore) -> Result<NotLetIn, StoreError> {
    let council = stores.common().authority(store.id()).await?.map_or_else(|| store.id().to_string(), |a| a.name);
    Ok(NotLetIn::NoRoleAt { council })
}

/// The invitation of this authority to an address that the provider has verified.
async fn invited(stores: &Stores, store: &AuthorityStore, person: &Person) -> Result<Option<Invitation>, StoreError> {
    let Some(Ok(address)) = person.address.as_ref().map(|a| a.parse::<Address>()) else { return Ok(None) };
    let now = stores.clock().now();
    Ok(store.invitations_to(address.as_str()).await?.into_iter().find(|i| i.is_open(now)))
}

/// The login that the invitation names, or a new one; never one that the address leads to, since a provider's word for an address is
/// this authority's word alone. Who has one of their own and wants to keep to it follows the link in the mail.
async fn take_up(
    stores: &Stores,
    store: &AuthorityStore,
    provider: &Provider,
    person: &Person,
    invitation: Invitation,
) -> Result<Login, NotLetIn> {
    let mut tx = stores.common().write(crate::access::HOST, "took in somebody by an identity provider").await?;
    let login = match invitation.login {
        Some(login) => tx.login_of(login).await?,
        None => tx.add_login(&invitation.name, &invitation.organisation).await?,
    };
    tx.note_authority(login.id, store.id()).await?;
    tx.commit().await?;
    let mut tx = store.write(&Principal::of_login(login.clone()).name(), "accepted an invitation").await?;
    super::invitations::take_up(&mut tx, store, &invitation, login.id).await?;
    tx.name_subject(&provider.issuer, &person.subject, login.id).await?;
    tx.commit().await?;
    Ok(login)
}
