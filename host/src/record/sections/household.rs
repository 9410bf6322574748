//! Who belongs to the family, who is what to whom, and where its homes are.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Handle;
use crate::record::{Invalid, Window, codes};

/// A person is a member of a family for a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MembershipDetail)]
pub struct Membership {
    /// Lives in the family's home. A father in prison is a member who does not.
    pub resident: bool,
}

impl Membership {
    pub(crate) fn check(&self) -> Result<(), Invalid> {
        Ok(())
    }
}

/// What `person` is to `to`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RelationshipDetail)]
pub struct Relation {
    /// Code list relations.
    pub relation: String,
}

impl Relation {
    pub(crate) fn check(&self) -> Result<(), Invalid> {
        codes::check("relation", "relations", &self.relation)
    }
}

/// A home is the family's for a time: what happens there then is counted to the family.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ResidenceDetail)]
pub struct Residence {}

impl Residence {
    pub(crate) fn check(&self) -> Result<(), Invalid> {
        Ok(())
    }
}

/// What the other person is to the one: it is told once and read from both sides. One word of code list relations stands for many (`other`),
/// and what has no word of its own there is read as itself.
#[must_use]
pub fn inverse(relation: &str) -> &str {
    match relation {
        "parent" => "child",
        "step-parent" => "step-child",
        "foster-carer" => "foster-child",
        "grandparent" => "grandchild",
        "aunt-or-uncle" => "niece-or-nephew",
        "carer" => "cared-for",
        // Siblings, partners and others are the same to each other.
        same => same,
    }
}

/// The section as a run sees it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Household {
    pub members: Vec<Member>,
    pub relationships: Vec<Relationship>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    pub fact: Handle,
    pub person: Handle,
    pub resident: bool,
    pub window: Window,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relationship {
    pub fact: Handle,
    pub person: Handle,
    pub to: Handle,
    pub relation: String,
    pub window: Window,
}
