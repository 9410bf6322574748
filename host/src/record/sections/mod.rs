//! One file a section, all of one shape: what a fact of each kind holds (`check` refuses what cannot be true), and the
//! rows that a run sees, in which people, homes and facts are handles.

pub mod abuse;
pub mod assessments;
pub mod education;
pub mod employment;
pub mod finance;
pub mod health;
pub mod household;
pub mod housing;
pub mod identity;
pub mod notes;
pub mod offending;
pub mod safeguarding;
pub mod support;

/// Position in the snapshot's list of people, homes or facts: what a plugin knows instead of an id.
pub type Handle = u32;
