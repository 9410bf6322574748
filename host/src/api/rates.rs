//! How often who may ask: a bucket each, which fills evenly and holds a minute's worth. In memory, and of this host alone: what is
//! protected is the host.

use std::net::IpAddr;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use lru::LruCache;

use super::problem::{AGAIN, Code, Problem};
use crate::access::Principal;
use crate::record::AuthorityId;

/// Buckets that are remembered; one that was not touched for longest is full again, and forgotten first.
const REMEMBERED: NonZeroUsize = NonZeroUsize::new(50_000).unwrap();

/// Requests a minute.
#[derive(Debug, Clone, Copy)]
pub struct PerMinute {
    /// Of one caller: a person, whatever they sign in with, or a system.
    pub caller: u32,
    /// Of one authority, by everybody who works there.
    pub authority: u32,
    /// From one address with no token that is good.
    pub refused: u32,
    /// Of one caller, of those that repeat decisions, export them and ask what would have to change.
    pub again: u32,
}

impl Default for PerMinute {
    fn default() -> Self {
        Self { caller: 60_000, authority: 120_000, refused: 300, again: 30 }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Whose {
    Caller(String),
    Again(String),
    Authority(AuthorityId),
    Address(IpAddr),
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    left: f64,
    at: Instant,
}

/// Cheap to clone.
#[derive(Debug, Clone)]
pub struct Rates {
    most: PerMinute,
    buckets: Arc<Mutex<LruCache<Whose, Bucket>>>,
}

impl Rates {
    #[must_use]
    pub fn new(most: PerMinute) -> Self {
        Self { most, buckets: Arc::new(Mutex::new(LruCache::new(REMEMBERED))) }
    }

    /// As they are set here.
    #[must_use]
    pub const fn most(&self) -> PerMinute {
        self.most
    }

    /// Somebody asks for something.
    ///
    /// # Errors
    /// `too-many-requests`.
    pub fn caller(&self, who: &Principal) -> Result<(), Problem> {
        self.spend(Whose::Caller(who.to_string()), self.most.caller, "you send", Instant::now())
    }

    /// They repeat a decision, export it or ask what would have to change: each looks at all that one family's run was given.
    ///
    /// # Errors
    /// `too-many-requests`.
    pub fn again(&self, who: &Principal) -> Result<(), Problem> {
        self.spend(
            Whose::Again(who.to_string()),
            self.most.again,
            "to repeat decisions, export them and ask what would change you send",
            Instant::now(),
        )
    }

    /// And within an authority where they work.
    ///
    /// # Errors
    /// `too-many-requests`.
    pub fn authority(&self, authority: &AuthorityId) -> Result<(), Problem> {
        self.spend(Whose::Authority(authority.clone()), self.most.authority, "everybody of this authority together sends", Instant::now())
    }

    /// Somebody at this address had no token that is good, or is signing in: to be said of every such attempt.
    ///
    /// # Errors
    /// `too-many-requests`.
    pub fn refused(&self, from: IpAddr) -> Result<(), Problem> {
        self.spend(
            Whose::Address(network(from)),
            self.most.refused,
            "this address sends, without a token that is in force,",
            Instant::now(),
        )
    }

    fn spend(&self, whose: Whose, most: u32, who: &str, now: Instant) -> Result<(), Problem> {
        let most = f64::from(most);
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket = buckets.get_or_insert_mut(whose, || Bucket { left: most, at: now });
        bucket.left = most.min(bucket.left + now.saturating_duration_since(bucket.at).as_secs_f64() * most / 60.0);
        bucket.at = now;
        if bucket.left >= 1.0 {
            bucket.left -= 1.0;
            return Ok(());
        }
        let seconds = ((1.0 - bucket.left) * 60.0 / most).ceil();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 1 to 60: a bucket holds one at least")]
        let again = seconds as u64;
        Err(Problem::new(Code::TooManyRequests, format!("{who} more than {most} requests a minute")).with(AGAIN, again))
    }
}

/// Of IPv6 whoever has one address has 2^64 of them.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6((address.to_bits() >> 64 << 64).into()),
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn again(spent: Result<(), Problem>) -> Option<u64> {
        spent.err().map(|problem| {
            assert_eq!(problem.code, Code::TooManyRequests);
            problem.more[AGAIN].as_u64().unwrap()
        })
    }

    #[test]
    fn a_bucket_holds_a_minutes_worth_and_fills_evenly() {
        let rates = Rates::new(PerMinute::default());
        let begin = Instant::now();
        let whose = || Whose::Authority("E06000023".parse().unwrap());
        let at = |millis: u64| again(rates.spend(whose(), 30, "", begin + Duration::from_millis(millis)));
        assert!((0..30).all(|_| at(0).is_none()), "all of it at once");
        assert_eq!(at(0), Some(2), "one is back after two seconds");
        assert_eq!(at(1_500), Some(1));
        assert_eq!(at(2_000), None);
        assert_eq!(at(2_000), Some(2));
        assert_eq!((0..40).filter(|_| at(600_000).is_none()).count(), 30, "an hour fills it and no more");
        let other = Whose::Authority("E08000035".parse().unwrap());
        assert_eq!(again(rates.spend(other, 30, "", begin)), None, "another's is another");
    }

    #[test]
    fn whoever_has_many_addresses_of_one_network_has_one_bucket() {
        for (a, b, same) in [
            ("2001:db8::1", "2001:db8::ffff:1", true),
            ("2001:db8::1", "2001:db8:0:1::1", false),
            ("192.0.2.1", "192.0.2.2", false),
            ("192.0.2.1", "::ffff:192.0.2.1", true),
        ] {
            assert_eq!(network(a.parse().unwrap()) == network(b.parse().unwrap()), same, "{a} {b}");
        }
    }
}
