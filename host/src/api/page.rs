//! Long lists, some at a time. Where to go on is an opaque word, so that what it is made of may change.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::problem::Problem;
use crate::record::{
    BackTestId, ContractId, DecisionId, DeliveryId, Digest, EmergencyId, FactId, FamilyId, HappeningId, InstallationId, InvitationId,
    MatchDecisionId, MeetingId, NoticeId, OverrideId, PaymentLineId, PersonMergeId, ProvisionId, ReferralId, RunId, ServiceId, SignInId,
    TrialGrantId, UndecidedId, WaitingRowId,
};
use crate::store;

/// Some of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Send it as `after` for what comes next; null: this was the last page.
    pub next: Option<String>,
}

/// How many things are answered where the sender does not say.
const USUAL: u32 = 50;
/// How many are answered at most: a page of facts stays below a megabyte.
pub const MOST: u32 = 200;

/// Which part of a list is asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Paging {
    /// At most so many, 1 to 200.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<Limit>,
    /// What the page before said in `next`.
    pub after: Option<String>,
}

/// 1 to 200.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
pub struct Limit(u32);

impl TryFrom<String> for Limit {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let number = text.parse().ok().filter(|n| (1..=MOST).contains(n));
        number.map(Self).ok_or_else(|| format!("is not a number from 1 to {MOST}"))
    }
}

/// What a page ends at.
pub trait Cursor: Sized {
    fn write(&self) -> Vec<u8>;
    fn read(bytes: &[u8]) -> Option<Self>;
    /// As `next` says it.
    fn opaque(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.write())
    }
}

macro_rules! cursors {
    ($($id:ident)*) => {$(
        impl Cursor for $id {
            fn write(&self) -> Vec<u8> {
                self.as_bytes().to_vec()
            }
            fn read(bytes: &[u8]) -> Option<Self> {
                Self::from_bytes(bytes)
            }
        }
    )*};
}
cursors! {
    MeetingId FamilyId FactId HappeningId InstallationId RunId DecisionId UndecidedId EmergencyId DeliveryId WaitingRowId MatchDecisionId
    InvitationId SignInId PersonMergeId NoticeId Digest
    ReferralId OverrideId
    ContractId PaymentLineId ProvisionId ServiceId
    BackTestId TrialGrantId
}

/// Short names and codes.
impl Cursor for String {
    fn write(&self) -> Vec<u8> {
        self.as_bytes().to_vec()
    }
    fn read(bytes: &[u8]) -> Option<Self> {
        Self::from_utf8(bytes.to_vec()).ok()
    }
}

/// A position in a list that only grows at its end.
impl Cursor for u64 {
    fn write(&self) -> Vec<u8> {
        self.to_be_bytes().to_vec()
    }
    fn read(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self::from_be_bytes)
    }
}

/// A cursor as it is sent.
pub fn opaque(cursor: &impl Cursor) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(cursor.write())
}

/// How many are asked for.
#[must_use]
pub fn limit(limit: Option<Limit>) -> u32 {
    limit.map_or(USUAL, |l| l.0)
}

/// # Errors
/// `invalid` naming `after`.
pub fn after<C: Cursor>(after: Option<&str>) -> Result<Option<C>, Problem> {
    let read = |text: &str| BASE64_URL_SAFE_NO_PAD.decode(text).ok().and_then(|bytes| C::read(&bytes));
    let refused = || Problem::invalid("after", "is not what a page said in `next`");
    after.map(|text| read(text).ok_or_else(refused)).transpose()
}

impl Paging {
    #[must_use]
    pub fn limit(&self) -> u32 {
        limit(self.limit)
    }

    /// # Errors
    /// `invalid` naming `after`.
    pub fn after<C: Cursor>(&self) -> Result<Option<C>, Problem> {
        after(self.after.as_deref())
    }

    /// Of a list that is read whole because it is short: authorities, organisations, installations.
    ///
    /// # Errors
    /// `invalid` naming `after`.
    pub fn cut<T, C: Cursor + Ord>(&self, mut items: Vec<T>, id: impl Fn(&T) -> C) -> Result<Page<T>, Problem> {
        cut_after(&mut items, self.after::<C>()?, &id);
        Ok(cut(items, self.limit(), id))
    }
}

/// Leaves out what comes up to `after`. `items` are in the order of their ids.
pub fn cut_after<T, C: Cursor + Ord>(items: &mut Vec<T>, after: Option<C>, id: impl Fn(&T) -> C) {
    if let Some(after) = after {
        items.retain(|item| id(item) > after);
    }
}

/// The first page of `items`.
pub fn cut<T, C: Cursor>(mut items: Vec<T>, limit: u32, id: impl Fn(&T) -> C) -> Page<T> {
    let more = items.len() > limit as usize;
    items.truncate(limit as usize);
    let next = if more { items.last().map(|last| id(last).opaque()) } else { None };
    Page { items, next }
}

impl<T> Page<T> {
    /// Of what the store answered.
    pub fn of<R, C: Cursor>(page: store::Page<R, C>, view: impl FnMut(R) -> T) -> Self {
        Self { items: page.items.into_iter().map(view).collect(), next: page.next.as_ref().map(Cursor::opaque) }
    }

    /// All of it.
    #[must_use]
    pub const fn whole(items: Vec<T>) -> Self {
        Self { items, next: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_walked_page_by_page_with_nothing_twice() {
        let all: Vec<String> = (0..7).map(|n| format!("organisation-{n}")).collect();
        let (mut seen, mut next, mut pages) = (Vec::new(), None, 0);
        loop {
            let paging = Paging { limit: Some(Limit(3)), after: next };
            let page = paging.cut(all.clone(), String::clone).unwrap();
            seen.extend(page.items);
            pages += 1;
            next = page.next;
            if next.is_none() {
                break;
            }
        }
        assert_eq!((seen, pages), (all, 3));
    }

    #[test]
    fn a_cursor_that_is_not_one_is_refused() {
        assert!(after::<FamilyId>(Some(&FamilyId::fresh().opaque())).unwrap().is_some());
        for bad in ["", "!", "AAAA", "=", "ä"] {
            assert_eq!(after::<FamilyId>(Some(bad)).unwrap_err().field.as_deref(), Some("after"), "{bad}");
        }
    }
}
