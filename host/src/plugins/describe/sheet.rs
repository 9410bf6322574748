//! The page as it is before it is written: parts with entries, in no form yet.

use crate::plugins::sensitive::Mark;

/// A page for signing.
#[derive(Debug, Default)]
pub struct Sheet {
    pub title: String,
    pub purpose: Vec<String>,
    /// What the file is: label and value.
    pub file: Vec<(&'static str, String)>,
    pub parts: Vec<Part>,
}

/// A numbered part.
#[derive(Debug)]
pub struct Part {
    pub heading: &'static str,
    pub says: Vec<String>,
    pub entries: Vec<Entry>,
}

#[derive(Debug)]
pub struct Entry {
    pub name: String,
    pub notes: Vec<Note>,
}

/// What stands under an entry.
#[derive(Debug)]
pub enum Note {
    Text(String),
    Labelled(&'static str, String),
    Welsh(String),
    /// What the law guards: which, and why so.
    Mark(Mark, &'static str),
    /// Filled in by hand.
    Blank(&'static str),
}

impl Part {
    pub(super) fn new(heading: &'static str, entries: Vec<Entry>) -> Self {
        Self { heading, says: Vec::new(), entries }
    }

    pub(super) fn saying(mut self, text: impl Into<String>) -> Self {
        self.says.push(text.into());
        self
    }
}

impl Entry {
    pub(super) fn new(name: impl Into<String>, notes: Vec<Note>) -> Self {
        Self { name: name.into(), notes }
    }
}
