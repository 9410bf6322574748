//! What people do at an authority.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::record::Invalid;
use crate::record::sharing::codes;

codes! {
    /// What somebody, or a system, does at an authority. What each may is [`policy`](super::policy)'s to say.
    Role "a role" {
        Keyworker "keyworker" "Works with families, and sees those that are theirs";
        LeadWorker "lead-worker" "Leads the work with a family, from whichever service";
        Manager "manager" "Leads keyworkers, and answers for their cases";
        DataManager "data-manager" "Keeps the record right: feeds, matching, rules";
        Coordinator "coordinator" "Coordinates the programme: takes in, allocates, routes";
        Commissioner "commissioner" "Buys help from organisations";
        Adviser "adviser" "Advises families and their workers, on employment for one";
        Partner "partner" "Of an organisation that a family is shared with";
        Provider "provider" "Of an organisation that is paid to help";
        PluginAuthor "plugin-author" "Writes the authority's rules as plugins";
        PluginReviewer "plugin-reviewer" "Looks at plugins before they decide anything";
        Auditor "auditor" "Sees who did what; the data protection officer for one";
        Administrator "administrator" "Says who works here and in which role";
        System "system" "A system of the authority's own: writes, reads and asks for it";
    }
}

/// Some roles, as codes with spaces between where the database keeps them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Roles(i64);

impl Roles {
    #[must_use]
    pub const fn has(self, role: Role) -> bool {
        self.0 & role.bit() != 0
    }

    pub fn iter(self) -> impl Iterator<Item = Role> {
        Role::ALL.iter().copied().filter(move |r| self.has(*r))
    }

    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl FromIterator<Role> for Roles {
    fn from_iter<I: IntoIterator<Item = Role>>(roles: I) -> Self {
        Self(roles.into_iter().fold(0, |all, r| all | r.bit()))
    }
}

impl fmt::Display for Roles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.iter().map(Role::code).collect::<Vec<_>>().join(" "))
    }
}

impl FromStr for Roles {
    type Err = Invalid;
    fn from_str(text: &str) -> Result<Self, Invalid> {
        text.split_whitespace().map(Role::from_str).collect()
    }
}
