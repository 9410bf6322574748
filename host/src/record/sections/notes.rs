//! Contacts with the family, and notes. A run sees what a note was about, never its text.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Handle;
use crate::record::{Day, Invalid, codes};

/// Bytes of one note's text: about four printed pages. Longer is a document, not a note.
const LONGEST: usize = 10_000;

/// A contact, on its day, the fact's first. The person named is with whom, the home where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ContactDetail)]
pub struct Contact {
    /// Code list contacts.
    pub how: String,
    /// Who made it: code list roles.
    pub role: String,
    /// It took place. A visit where nobody opened is one not kept.
    pub kept: bool,
}

impl Contact {
    pub(crate) fn check(&self) -> Result<(), Invalid> {
        codes::check("how", "contacts", &self.how)?;
        codes::check("role", "roles", &self.role)
    }
}

/// A note, on the day it is about, the fact's first. The person named is whom it is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NoteDetail)]
pub struct Note {
    /// Code list note-topics.
    pub topic: String,
    /// Who wrote it: code list roles.
    pub role: String,
    /// 1 to 10,000 bytes; of control characters, line breaks and tabs alone. Stays in the record: no plugin is told it.
    #[schema(min_length = 1, max_length = 10_000)]
    pub text: String,
}

impl Note {
    pub(crate) fn check(&self) -> Result<(), Invalid> {
        codes::check("topic", "note-topics", &self.topic)?;
        codes::check("role", "roles", &self.role)?;
        if self.text.trim().is_empty() {
            return Err(Invalid::new("text", "is empty"));
        }
        if self.text.len() > LONGEST {
            return Err(Invalid::new("text", format!("is {} bytes long, and may be {LONGEST}", self.text.len())));
        }
        if self.text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
            return Err(Invalid::new("text", "has a control character in it that is neither a line break nor a tab"));
        }
        Ok(())
    }
}

/// The section as a run sees it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notes {
    pub contacts: Vec<ContactRow>,
    pub written: Vec<NoteRow>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactRow {
    pub fact: Handle,
    pub how: String,
    pub role: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<Handle>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home: Option<Handle>,
    pub on: Day,
    pub kept: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoteRow {
    pub fact: Handle,
    pub topic: String,
    pub role: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<Handle>,
    pub on: Day,
}
