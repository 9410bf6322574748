//! The one door out. Nothing else in the host reaches another computer, but for its database, which the operator names
//! (`host/clippy.toml` holds it).
//!
//! A request goes through these in turn: is the address https, and a destination that the authority's administrators opened? What addresses
//! has the name, and is every one out in the world ([`addresses`])? Then one connection to an address that was just looked at, and TLS for
//! the name. So a name that answers otherwise a moment later changes nothing; a redirect is an answer, which nobody follows; and of the
//! environment no proxy is taken.

pub mod addresses;
pub mod mail;
mod names;
pub mod webhooks;
mod wire;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use axum::http::uri::Scheme;
use axum::http::{Request, Response, Uri};
use tokio::sync::Semaphore;

use crate::record::destination::Host;
use crate::record::{AuthorityId, Destination};
use crate::store::{AuthorityStore, StoreError};
pub use names::Names;
pub use wire::Trust;

/// From looking the name up to the last byte of the answer.
const PATIENCE: Duration = Duration::from_secs(15);
/// Bytes of an answer's body: the keys of a provider, a receipt, a list.
const LARGEST: usize = 4 << 20;
/// Addresses of one name that are tried.
const TRIED: usize = 4;
/// Requests of one authority that are under way at once; others wait, within their time.
const AT_ONCE: usize = 8;

/// What a host may reach beside the world.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Openings {
    /// This machine itself, with http too: for tests and laptops. On a server it lets every authority's administrators speak to whatever
    /// listens there.
    pub this_machine: bool,
}

/// What an answer to the host itself may take.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Bytes of its body.
    pub most: usize,
    pub patience: Duration,
}

/// The one way to another computer. Cheap to clone; one a host.
#[derive(Debug, Clone)]
pub struct Door(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    openings: Openings,
    names: Names,
    trust: Trust,
    patience: Duration,
    under_way: Mutex<HashMap<AuthorityId, Arc<Semaphore>>>,
}

/// Why nothing was sent, or no answer came. None repeats more of the address than the destination.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    #[error("the address {0}")]
    Address(&'static str),
    #[error("{0} is not one of the authority's destinations")]
    NotOpened(Destination),
    #[error("{0}: nobody knows this name")]
    NoSuchName(Destination),
    /// Of what kind the address is, and not which: that would tell of a network that is not the asker's.
    #[error("{to} is not out in the world: its address is {kind}")]
    NotPublic { to: Destination, kind: &'static str },
    #[error("{to} {why}")]
    NotReached { to: Destination, why: &'static str },
    #[error("{to} answered with more than {most} bytes")]
    TooLarge { to: Destination, most: usize },
    #[error("{0} answered compressed, which was not asked for")]
    Compressed(Destination),
    #[error("{to} did not answer in full within {seconds} s")]
    TookTooLong { to: Destination, seconds: u64 },
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Door {
    /// The machine's certificates are read when they are first needed.
    #[must_use]
    pub fn new(openings: Openings) -> Self {
        Self::with(openings, Names::System, Trust::Machine, PATIENCE)
    }

    fn with(openings: Openings, names: Names, trust: Trust, patience: Duration) -> Self {
        Self(Arc::new(Inner { openings, names, trust, patience, under_way: Mutex::default() }))
    }

    #[must_use]
    pub fn openings(&self) -> Openings {
        self.0.openings
    }

    /// Sends it for an authority, to a destination that its administrators opened, and waits for the whole answer. Any status is an answer,
    /// a redirect too. `Host`, `User-Agent`, `Accept-Encoding` and `Connection` are set here.
    ///
    /// # Errors
    /// [`Refused`]. What was sent may have arrived where it was not answered.
    pub async fn send(&self, authority: &AuthorityStore, request: Request<Bytes>) -> Result<Response<Bytes>, Refused> {
        let (to, secure) = self.target(request.uri())?;
        let sending = async {
            if !authority.is_open_to(&to).await? {
                return Err(Refused::NotOpened(to.clone()));
            }
            // Nobody closes it.
            let _place = self.places(authority.id()).acquire_owned().await.ok();
            self.over_the_wire(&to, secure, request, LARGEST).await
        };
        let seconds = self.0.patience.as_secs();
        let sent = tokio::time::timeout(self.0.patience, sending).await;
        let sent = sent.unwrap_or_else(|_| Err(Refused::TookTooLong { to: to.clone(), seconds }));
        match &sent {
            Ok(answer) => tracing::info!(authority = %authority.id(), %to, status = answer.status().as_u16(), "sent"),
            Err(why) => tracing::warn!(authority = %authority.id(), %why, "not sent"),
        }
        sent
    }

    /// Sends it for the host itself, to a destination that its operator named, and waits for the whole answer: as [`Door::send`] otherwise.
    ///
    /// # Errors
    /// [`Refused`].
    pub async fn send_to_named(&self, named: &[Destination], request: Request<Bytes>, bounds: Bounds) -> Result<Response<Bytes>, Refused> {
        let (to, secure) = self.target(request.uri())?;
        if !named.contains(&to) {
            return Err(Refused::NotOpened(to));
        }
        let seconds = bounds.patience.as_secs();
        let sent = tokio::time::timeout(bounds.patience, self.over_the_wire(&to, secure, request, bounds.most)).await;
        let sent = sent.unwrap_or_else(|_| Err(Refused::TookTooLong { to: to.clone(), seconds }));
        match &sent {
            Ok(answer) => tracing::info!(%to, status = answer.status().as_u16(), "sent"),
            Err(why) => tracing::warn!(%why, "not sent"),
        }
        sent
    }

    async fn over_the_wire(
        &self,
        to: &Destination,
        secure: bool,
        request: Request<Bytes>,
        most: usize,
    ) -> Result<Response<Bytes>, Refused> {
        let addresses = self.addresses(to, secure).await?;
        let stream = wire::connect(to, &addresses).await?;
        let request = wire::dressed(request, to);
        if secure { self.0.trust.send(stream, to, request, most).await } else { wire::send(stream, to, request, most).await }
    }

    /// Where an address leads, if it is one that something can be sent to.
    ///
    /// # Errors
    /// [`Refused::Address`].
    pub fn destination(&self, uri: &Uri) -> Result<Destination, Refused> {
        self.target(uri).map(|(to, _)| to)
    }

    /// Where an address leads, and whether under TLS.
    fn target(&self, uri: &Uri) -> Result<(Destination, bool), Refused> {
        let secure = match uri.scheme() {
            Some(scheme) if *scheme == Scheme::HTTPS => true,
            Some(scheme) if *scheme == Scheme::HTTP && self.0.openings.this_machine => false,
            _ => return Err(Refused::Address("does not begin with https://")),
        };
        let authority = uri.authority().ok_or(Refused::Address("names no host"))?;
        if authority.as_str().contains('@') {
            return Err(Refused::Address("holds a user's name or password"));
        }
        let port = match authority.port() {
            Some(port) => port.as_u16(),
            // What stands after a colon and is no port is none of ours to guess at.
            None if authority.as_str().len() != authority.host().len() => return Err(Refused::Address("has no number after its colon")),
            None if secure => 443,
            None => 80,
        };
        let to = Destination::new(authority.host(), port).map_err(|_| Refused::Address("names no host as names are looked up"))?;
        if to.is_usual() || self.0.openings.this_machine {
            Ok((to, secure))
        } else {
            Err(Refused::Address("has a port that is neither 443 nor from 1024 on"))
        }
    }

    /// The addresses to connect to. One that must not be reached is enough to refuse them all.
    async fn addresses(&self, to: &Destination, secure: bool) -> Result<Vec<SocketAddr>, Refused> {
        let addresses = match to.host() {
            Host::Address(address) => vec![*address],
            Host::Name(name) => self.0.names.look_up(name).await.map_err(|_| Refused::NoSuchName(to.clone()))?,
        };
        for address in &addresses {
            if let Some(kind) = self.forbidden(*address, secure) {
                return Err(Refused::NotPublic { to: to.clone(), kind });
            }
        }
        if addresses.is_empty() {
            return Err(Refused::NoSuchName(to.clone()));
        }
        Ok(addresses.into_iter().take(TRIED).map(|address| (address, to.port()).into()).collect())
    }

    fn forbidden(&self, address: IpAddr, secure: bool) -> Option<&'static str> {
        if address.is_loopback() && self.0.openings.this_machine {
            return None;
        }
        // http is for this machine alone.
        addresses::not_public(address).or(if secure { None } else { Some("out in the world, where http can be read by anybody") })
    }

    fn places(&self, authority: &AuthorityId) -> Arc<Semaphore> {
        let mut under_way = self.0.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        under_way.entry(authority.clone()).or_insert_with(|| Arc::new(Semaphore::new(AT_ONCE))).clone()
    }
}
