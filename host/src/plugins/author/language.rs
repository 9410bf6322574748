//! The languages that the kit speaks.

use std::path::Path;

use clap::ValueEnum;

/// What a plugin is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Language {
    Rust,
    #[value(name = "javascript")]
    JavaScript,
    Python,
}

impl Language {
    pub const ALL: [Self; 3] = [Self::Rust, Self::JavaScript, Self::Python];

    /// As it is typed and as its folder in the kit is called.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::JavaScript => "javascript",
            Self::Python => "python",
        }
    }

    /// The file that a folder in this language is known by.
    #[must_use]
    pub const fn source(self) -> &'static str {
        match self {
            Self::Rust => "Cargo.toml",
            Self::JavaScript => "plugin.js",
            Self::Python => "plugin.py",
        }
    }

    /// The languages that a folder could be in: one, if all is well.
    #[must_use]
    pub fn found_in(folder: &Path) -> Vec<Self> {
        Self::ALL.into_iter().filter(|language| folder.join(language.source()).is_file()).collect()
    }
}
