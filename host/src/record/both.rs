//! A text that people read.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Invalid;
use super::fact::text;

/// A text in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Both {
    pub en: String,
    pub cy: String,
}

impl Both {
    /// # Errors
    /// [`Invalid`] naming `field.en` or `field.cy`: empty, longer than `most` bytes, or with control characters.
    pub fn check(&self, field: &str, most: usize) -> Result<(), Invalid> {
        text(&format!("{field}.en"), &self.en, most)?;
        text(&format!("{field}.cy"), &self.cy, most)
    }

    #[must_use]
    pub fn in_language(&self, welsh: bool) -> &str {
        if welsh { &self.cy } else { &self.en }
    }
}
