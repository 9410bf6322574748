//! Sentences for a reader: templates filled with what the plugin said, in the reader's language, with the names that the
//! reader may see.

use std::collections::HashMap;
use std::fmt::Write;

use crate::plugins::Manifest;
use crate::record::sections::Handle;
use crate::record::{Day, PersonId, Snapshot, codes};
use crate::sandbox::answer::{Arg, Basis, Message};
use crate::sandbox::{ArgType, ServiceGiven, Template};

/// Whom a sentence is for.
#[derive(Debug, Default)]
pub struct Reader {
    pub welsh: bool,
    /// Names that this reader may see.
    pub names: HashMap<PersonId, String>,
    /// The services that the run was given; without them none is named.
    pub directory: Vec<ServiceGiven>,
}

impl Reader {
    /// The message as a sentence. `snapshot`: none where the evidence was erased; then nobody is named.
    #[must_use]
    pub fn sentence(&self, manifest: &Manifest, message: &Message, snapshot: Option<&Snapshot>) -> String {
        let Some(template) = manifest.templates.iter().find(|t| t.id == message.template) else { return message.template.clone() };
        let mut sentence = (if self.welsh { &template.cy } else { &template.en }).clone();
        for (name, arg) in &message.args {
            sentence = sentence.replace(&format!("{{{name}}}"), &self.arg(manifest, template, name, arg, snapshot));
        }
        sentence
    }

    fn arg(&self, manifest: &Manifest, template: &Template, name: &str, arg: &Arg, snapshot: Option<&Snapshot>) -> String {
        let declared = template.args.iter().find(|a| a.name == name);
        match arg {
            Arg::Person(handle) => self.person(*handle, snapshot),
            Arg::Fact(handle) => {
                let kind = snapshot.and_then(|s| s.facts.get(*handle as usize)).map_or("fact", |f| f.kind.code());
                self.meaning("kinds", kind)
            }
            Arg::Day(day) => self.day(*day),
            Arg::Count(n) => n.to_string(),
            Arg::Pence(pence) => pounds(*pence),
            Arg::Tenths(tenths) => decimal(*tenths),
            Arg::Code(code) => {
                let list = declared.and_then(|a| a.list.as_deref()).unwrap_or_default();
                self.meaning(list, code)
            }
            Arg::Named(id) => self.heading(manifest, declared.map_or(ArgType::Criterion, |a| a.of), id),
            Arg::Service(handle) => self.service(*handle),
            Arg::Organisation(number) => {
                let known = self.directory.iter().find(|s| s.organisation == *number).map(|s| s.organisation_name.clone());
                known.unwrap_or_else(|| if self.welsh { "sefydliad".into() } else { "an organisation".into() })
            }
            Arg::Worker(handle) => self.worker(*handle),
        }
    }

    /// A service as the directory calls it, or as "a service" where that was not kept.
    #[must_use]
    pub fn service(&self, handle: Handle) -> String {
        let known = self.directory.get(handle as usize).map(|s| s.name.clone());
        known.unwrap_or_else(|| if self.welsh { "gwasanaeth".into() } else { "a service".into() })
    }

    /// A candidate by their place among those asked about, from 1.
    #[must_use]
    pub fn worker(&self, handle: Handle) -> String {
        let place = u64::from(handle) + 1;
        if self.welsh { format!("gweithiwr {place}") } else { format!("worker {place}") }
    }

    /// What people call a thing that the manifest declares.
    #[must_use]
    pub fn heading(&self, manifest: &Manifest, of: ArgType, id: &str) -> String {
        manifest.heading(of, id).map_or(id, |heading| heading.in_language(self.welsh)).to_owned()
    }

    /// What a reason rests on, where it is no fact: `a search for police-callout in … that found 4`.
    #[must_use]
    pub fn basis(&self, manifest: &Manifest, basis: &Basis, snapshot: Option<&Snapshot>) -> Option<String> {
        Some(match basis {
            Basis::Fact(_) => return None,
            Basis::Searched(s) => format!("a search for {} in {} that found {}", s.kind, s.window, s.found),
            Basis::Reported(number) => format!("what was reported as number {}", number + 1),
            Basis::Setting(name) => format!("the setting {name}"),
            Basis::Table(name) => {
                let heading = manifest.tables.iter().find(|t| t.table == *name).map(|t| t.heading.in_language(self.welsh));
                format!("the table {}", heading.unwrap_or(name))
            }
            Basis::Answered(question) => format!("the answer to {}", self.heading(manifest, ArgType::Question, question)),
            Basis::Cited(cited) => {
                let mut words = format!("the answer to {}", self.heading(manifest, ArgType::Question, &cited.question));
                if let Some(person) = cited.person {
                    let _ = write!(words, " about {}", self.person(person, snapshot));
                }
                if cited.before {
                    words.push_str(", of the time before");
                }
                words
            }
            Basis::Asked => "what was asked".to_owned(),
            Basis::NotTold(section) => format!("not having been told of {}", self.meaning("sections", section)),
            Basis::Read(source) => self.meaning("sources", source),
        })
    }

    /// A member by name, or as "a member of the family" to whom may not see it.
    #[must_use]
    pub fn person(&self, handle: Handle, snapshot: Option<&Snapshot>) -> String {
        let id = snapshot.and_then(|s| s.people.get(handle as usize)).map(|p| p.id);
        let name = id.and_then(|id| self.names.get(&id).cloned());
        name.unwrap_or_else(|| if self.welsh { "aelod o'r teulu".into() } else { "a member of the family".into() })
    }

    /// What a code means to the reader.
    #[must_use]
    pub fn meaning(&self, list: &str, code: &str) -> String {
        codes::find(list, code).map_or(code, |c| if self.welsh { &c.cy } else { &c.en }).to_owned()
    }

    /// A day as people write it.
    #[must_use]
    pub fn day(&self, day: Day) -> String {
        const MISOEDD: [&str; 12] =
            ["Ionawr", "Chwefror", "Mawrth", "Ebrill", "Mai", "Mehefin", "Gorffennaf", "Awst", "Medi", "Hydref", "Tachwedd", "Rhagfyr"];
        if !self.welsh {
            return day.in_words();
        }
        let date = day.date();
        let month = usize::try_from(date.month()).ok().and_then(|m| MISOEDD.get(m - 1)).copied().unwrap_or_default();
        format!("{} {month} {}", date.day(), date.year())
    }
}

/// Tenths as people write them: 895 is 89.5, 900 is 90.
#[must_use]
pub fn decimal(tenths: i32) -> String {
    let (sign, n) = (if tenths < 0 { "-" } else { "" }, tenths.unsigned_abs());
    if n.is_multiple_of(10) { format!("{sign}{}", n / 10) } else { format!("{sign}{}.{}", n / 10, n % 10) }
}

/// Pence as sheets of sums hold them: 1000.00, 12.50.
#[must_use]
pub fn decimal_pounds(pence: u64) -> String {
    format!("{}.{:02}", pence / 100, pence % 100)
}

/// Pence as people write them: £1,000, £12.50.
#[must_use]
pub fn pounds(pence: i64) -> String {
    let (sign, n) = (if pence < 0 { "-" } else { "" }, pence.unsigned_abs());
    let whole = (n / 100).to_string();
    let mut grouped = String::new();
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    if n.is_multiple_of(100) { format!("{sign}£{grouped}") } else { format!("{sign}£{grouped}.{:02}", n % 100) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_people_write_them() {
        assert_eq!([0, 900, 895, -5, -120].map(decimal), ["0", "90", "89.5", "-0.5", "-12"]);
        assert_eq!([0, 80_000, 100_000, 14_800_000, 1_250, -100].map(pounds), ["£0", "£800", "£1,000", "£148,000", "£12.50", "-£1"]);
    }
}
