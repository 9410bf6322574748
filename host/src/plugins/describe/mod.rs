//! `hearth plugin inspect`: what a plugin offers, asks to see, may propose and may say, in plain words, for whoever has to
//! sign. Made from the file alone; nothing of it runs.

mod html;
mod sheet;
mod text;

pub use sheet::{Entry, Note, Part, Sheet};

use std::collections::BTreeMap;

use super::Inspected;
use super::author::rows;
use super::scenarios::packed;
use super::sensitive::{Mark, marks};
use crate::forms::{Asks, Form, Question, Sensitivity};
use crate::record::Both;
use crate::sandbox::{ArgType, Interface, Limits, Purpose};

/// The page. `welsh`: every text of the plugin's own stands there in Welsh too.
#[must_use]
pub fn describe(plugin: &Inspected, welsh: bool) -> Sheet {
    let writer = Writer { plugin, welsh };
    let m = &plugin.manifest;
    let mut parts = vec![writer.offers(), writer.sees(), writer.given(), writer.proposes(), writer.reports(), writer.says()];
    parts.extend(writer.forms());
    parts.extend(writer.tables());
    parts.push(writer.settings());
    parts.extend(writer.tried());
    parts.push(writer.limits());
    parts.push(signatures());
    let purpose = if welsh { vec![m.purpose.en.clone(), m.purpose.cy.clone()] } else { vec![m.purpose.en.clone()] };
    Sheet {
        title: format!("{} ({} {})", m.title.en, m.name, m.version),
        purpose,
        file: vec![
            ("Publisher", m.publisher.clone()),
            ("Authors", m.authors.clone()),
            ("Licence", m.licence.clone()),
            ("Source", m.source.clone()),
            ("File", format!("{} bytes", plugin.size)),
            ("Digest", plugin.digest.to_string()),
        ],
        parts,
    }
}

struct Writer<'a> {
    plugin: &'a Inspected,
    welsh: bool,
}

impl Writer<'_> {
    fn offers(&self) -> Part {
        let offers = self.plugin.manifest.offers.iter();
        Part::new("What it offers", offers.map(|offer| Entry::new(format!("{}: {}", offer.code(), offer.asks()), Vec::new())).collect())
            .saying("The host asks, and keeps each answer with everything that it rests on. Any of them can be asked again, for the same bytes.")
    }

    /// The scenarios that it brings along, and what they are from.
    fn tried(&self) -> Option<Part> {
        let scenarios = &self.plugin.manifest.scenarios;
        // A manifest whose scenarios cannot be read is not described.
        let stories = packed(scenarios).unwrap_or_default();
        let mut files: Vec<(&str, &str)> = stories.iter().map(|s| (&*s.scenario, &*s.source)).collect();
        files.dedup();
        let entries = files.into_iter().map(|(name, source)| Entry::new(format!("{name} [{source}]"), Vec::new()));
        (!stories.is_empty()).then(|| {
            let says =
                format!("{} scenarios with {} cases, played by this host before it took the file in.", scenarios.len(), stories.len());
            Part::new("What it was tried on", entries.collect()).saying(says)
        })
    }

    fn of(&self, purpose: Purpose) -> impl Iterator<Item = &'static Interface> {
        self.plugin.asks().filter(move |interface| interface.purpose == purpose)
    }

    fn sees(&self) -> Part {
        let entries = self.of(Purpose::Read).map(|interface| {
            let mut notes = self.why(interface);
            notes.push(Note::Labelled("Told of each", rows(interface.name).join("; ")));
            let marks = marks(interface.name);
            notes.extend(marks.iter().map(|(mark, why)| Note::Mark(*mark, why)));
            notes.push(Note::Blank("Granted (yes or no)"));
            // What is about no family needs none.
            if !interface.name.starts_with("hearth:platform/") {
                notes.push(Note::Blank("Lawful basis (article 6)"));
            }
            if marks.iter().any(|(mark, _)| *mark == Mark::SpecialCategory) {
                notes.push(Note::Blank("Condition (article 9)"));
            }
            if marks.iter().any(|(mark, _)| *mark == Mark::CriminalOffences) {
                notes.push(Note::Blank("Condition (article 10)"));
            }
            Entry::new(interface.says, notes)
        });
        Part::new("What it asks to see", entries.collect()).saying(
            "Each stands for a section of the record, and is granted or not by the authority. People, homes and facts are numbers that hold for one \
             run: no names, addresses or identifiers, whatever is granted.",
        )
    }

    /// The reason in the manifest, and which interface it is.
    fn why(&self, interface: &Interface) -> Vec<Note> {
        let optional = self.plugin.manifest.optional.iter().any(|name| name == interface.name);
        let mut notes = Vec::new();
        if let Some(why) = self.plugin.manifest.why.get(interface.name) {
            notes.push(Note::Labelled("Why", why.en.clone()));
            self.also(&mut notes, &why.cy);
        }
        let needed = if optional { "goes on without it" } else { "does not run without it" };
        notes.push(Note::Labelled("Interface", format!("{}; {needed}", interface.name)));
        notes
    }

    fn also(&self, notes: &mut Vec<Note>, welsh: &str) {
        if self.welsh {
            notes.push(Note::Welsh(welsh.to_owned()));
        }
    }

    fn given(&self) -> Part {
        let matter = self.of(Purpose::Matter).map(|interface| {
            let mut notes = vec![Note::Labelled("Told of each", rows(interface.name).join("; "))];
            notes.extend(marks(interface.name).iter().map(|(mark, why)| Note::Mark(*mark, why)));
            Entry::new(interface.says, notes)
        });
        let lent = self.of(Purpose::Platform).map(|interface| Entry::new(interface.says, Vec::new()));
        let part = Part::new("What it has without asking", matter.chain(lent).collect())
            .saying("What a question is about comes with the question; the rest is about no family, or is the authority's own settings.");
        let wasi: Vec<_> = self.plugin.wasi().map(|i| i.name.as_str()).collect();
        let nowhere = "It can reach no network, clock, randomness, file or environment.";
        if wasi.is_empty() {
            return part.saying(nowhere);
        }
        part.saying(format!(
            "{nowhere} The runtime of its language looks for a computer, and is answered with nothing (wit/wasi.md): {}.",
            wasi.join(", ")
        ))
    }

    fn proposes(&self) -> Part {
        let entries: Vec<_> = self
            .of(Purpose::Propose)
            .map(|interface| {
                let mut notes = self.why(interface);
                notes.push(Note::Blank("Granted (yes or no)"));
                notes.push(Note::Blank("Automatic, or a person confirms"));
                Entry::new(interface.says, notes)
            })
            .collect();
        if entries.is_empty() {
            return Part::new("What it may propose", entries).saying("Nothing. It changes nothing: it answers.");
        }
        Part::new("What it may propose", entries).saying(
            "It changes nothing: it answers and proposes. By default a task is given out with the decision, and all else waits until a person confirms \
             it; the authority says which, for each kind of action.",
        )
    }

    fn reports(&self) -> Part {
        let m = &self.plugin.manifest;
        let mut entries: Vec<_> = self.of(Purpose::Report).map(|interface| Entry::new(interface.says, Vec::new())).collect();
        for criterion in &m.framework {
            let source = criterion.source.as_ref().map(|s| format!(" [{s}]")).unwrap_or_default();
            let mut notes = vec![Note::Text(format!("{}: {}{source}", criterion.heading.en, criterion.text.en))];
            self.also(&mut notes, &format!("{}: {}", criterion.heading.cy, criterion.text.cy));
            entries.push(Entry::new(criterion.criterion.clone(), notes));
        }
        let mut names: BTreeMap<&str, Vec<&Both>> = BTreeMap::new();
        m.names.iter().for_each(|name| names.entry(name.sort.code()).or_default().push(&name.heading));
        for (sort, headings) in names {
            let english: Vec<_> = headings.iter().map(|both| both.en.as_str()).collect();
            let welsh: Vec<_> = headings.iter().map(|both| both.cy.as_str()).collect();
            let mut notes = vec![Note::Text(english.join("; "))];
            self.also(&mut notes, &welsh.join("; "));
            entries.push(Entry::new(format!("{sort}s of its own"), notes));
        }
        let part = Part::new("What it reports", entries);
        if m.framework.is_empty() { part } else { part.saying(format!("It measures by {} criteria.", m.framework.len())) }
    }

    fn says(&self) -> Part {
        let templates = &self.plugin.manifest.templates;
        let entries = templates.iter().map(|template| {
            let filled = |sentence: &str| {
                let gap = |text: String, arg: &crate::sandbox::ArgDeclared| {
                    text.replace(&format!("{{{}}}", arg.name), &format!("[{}]", gap(arg.of, arg.list.as_deref())))
                };
                template.args.iter().fold(sentence.to_owned(), gap)
            };
            let mut notes = vec![Note::Text(filled(&template.en))];
            self.also(&mut notes, &filled(&template.cy));
            Entry::new(template.id.clone(), notes)
        });
        Part::new("What it may say", entries.collect()).saying(format!(
            "{} sentences, and no others. The host fills the gaps for each reader, with what that reader may know.",
            templates.len()
        ))
    }

    fn forms(&self) -> Option<Part> {
        let forms = &self.plugin.manifest.forms;
        let entries: Vec<_> = forms.iter().map(|form| self.form(form)).collect();
        let says = "Questions that are put to families. How each is kept follows from how sensitive its author says that it is.";
        (!forms.is_empty()).then(|| Part::new("What it asks families", entries).saying(says))
    }

    fn form(&self, form: &Form) -> Entry {
        let questions: Vec<&Question> = form.questions().filter(|q| !matches!(q.asks, Asks::Computed(_))).collect();
        let pages: Vec<_> = form.pages.iter().map(|page| page.title.en.as_str()).collect();
        let mut notes = vec![Note::Labelled("Pages", pages.join("; "))];
        if self.welsh {
            notes.push(Note::Welsh(form.pages.iter().map(|page| page.title.cy.as_str()).collect::<Vec<_>>().join("; ")));
        }
        let kinds = [
            (Sensitivity::Normal, "normal"),
            (Sensitivity::SpecialCategory, "special category (article 9)"),
            (Sensitivity::Criminal, "criminal offences (article 10)"),
            (Sensitivity::ThirdParty, "about somebody outside the family"),
        ];
        let counts: Vec<_> =
            kinds.iter().map(|(kind, says)| format!("{} {says}", questions.iter().filter(|q| q.sensitivity == *kind).count())).collect();
        notes.push(Note::Labelled("Questions", format!("{}: {}", questions.len(), counts.join(", "))));
        for (kind, label) in
            [(Sensitivity::SpecialCategory, "Article 9"), (Sensitivity::Criminal, "Article 10"), (Sensitivity::ThirdParty, "Others")]
        {
            let labels: Vec<_> = questions.iter().filter(|q| q.sensitivity == kind).map(|q| q.label.en.as_str()).collect();
            if !labels.is_empty() {
                notes.push(Note::Labelled(label, labels.join("; ")));
            }
        }
        let mut asked: BTreeMap<&str, usize> = BTreeMap::new();
        questions.iter().for_each(|q| *asked.entry(kind(&q.asks)).or_default() += 1);
        let asked: Vec<_> = asked.iter().map(|(what, count)| format!("{count} {what}")).collect();
        notes.push(Note::Labelled("Answered with", asked.join(", ")));
        Entry::new(format!("{} ({})", form.title.en, form.form), notes)
    }

    fn tables(&self) -> Option<Part> {
        let tables = &self.plugin.manifest.tables;
        let entries: Vec<_> = tables
            .iter()
            .map(|table| {
                let columns: Vec<_> = table.columns.iter().map(|column| column.column.as_str()).collect();
                let from = match &table.rows {
                    Some(rows) => format!("comes with the plugin, {} rows", rows.len()),
                    None => "supplied by the authority".to_owned(),
                };
                Entry::new(format!("{} ({})", table.heading.en, table.table), vec![Note::Text(format!("{}; {from}", columns.join(", ")))])
            })
            .collect();
        (!tables.is_empty()).then(|| Part::new("Tables that it looks things up in", entries))
    }

    fn settings(&self) -> Part {
        let settings = self.plugin.manifest.settings.get("properties").and_then(serde_json::Value::as_object);
        let entries: Vec<_> = settings
            .into_iter()
            .flatten()
            .map(|(name, property)| {
                let text = |field: &str| property.get(field).and_then(serde_json::Value::as_str);
                let says = text("description").or_else(|| text("title")).unwrap_or_default();
                let default = property.get("default").map_or_else(|| "Must be set.".to_owned(), |d| format!("If not set: {d}."));
                Entry::new(name.clone(), vec![Note::Text(format!("{says} {default}"))])
            })
            .collect();
        let part = Part::new("What the authority may set", entries);
        if part.entries.is_empty() { part.saying("Nothing.") } else { part }
    }

    fn limits(&self) -> Part {
        let run = Limits::default();
        Part::new("What a run of it may use", Vec::new()).saying(format!(
            "At most {} million instructions, {} seconds, {} MiB of memory and {} million rows. A run that goes over ends without a decision; the family's record \
             is not touched, and nothing is left over for the next run.",
            run.instructions / 1_000_000,
            run.wall.as_secs(),
            run.memory >> 20,
            run.rows / 1_000_000,
        ))
    }
}

fn signatures() -> Part {
    let lines = || vec![Note::Blank("Name"), Note::Blank("Role"), Note::Blank("Signature"), Note::Blank("Date")];
    Part::new("Signed", vec![Entry::new("Data protection officer", lines()), Entry::new("For the authority", lines())]).saying(
        "This page was made from the file with the digest above, and is true of that file only. The marks are a help: the authority knows what it does \
         with the answer, and whether an assessment of the impact on data protection (UK GDPR, article 35) is due.",
    )
}

/// What an answer holds, as far as a reader needs to tell kinds apart.
const fn kind(asks: &Asks) -> &'static str {
    match asks {
        Asks::Text | Asks::LongText => "in free text",
        Asks::YesNo => "yes or no",
        Asks::SingleChoice(_) | Asks::MultiChoice(_) => "by choosing",
        Asks::Date(_) => "with a date",
        Asks::Number(_) | Asks::Scale(_) | Asks::Money => "with a number or amount",
        Asks::Name | Asks::Address | Asks::Phone | Asks::Email | Asks::Identifier(_) => "by which somebody is found",
        Asks::File(_) => "with a file",
        Asks::Declaration(_) => "by declaring",
        Asks::PersonRef | Asks::ServiceRef | Asks::WorkerRef => "by naming a member, a worker or a service",
        Asks::Computed(_) => "worked out",
    }
}

const fn gap_name(of: ArgType) -> &'static str {
    match of {
        ArgType::Person => "a member's name",
        ArgType::Fact => "a fact",
        ArgType::Day => "a date",
        ArgType::Count => "a number",
        ArgType::Pence => "an amount",
        ArgType::Tenths => "a number with one decimal",
        ArgType::Code => "a word",
        ArgType::Criterion => "a criterion of this plugin",
        ArgType::Form => "a form of this plugin",
        ArgType::Question => "a question of its form",
        ArgType::Domain => "an area of life",
        ArgType::Stage => "a stage",
        ArgType::Tier => "a tier",
        ArgType::Level => "a level",
        ArgType::Route => "a route",
        ArgType::Meeting => "a meeting",
        ArgType::Service => "a service of the directory",
        ArgType::Organisation => "an organisation",
        ArgType::Worker => "a worker",
    }
}

fn gap(of: ArgType, list: Option<&str>) -> String {
    list.map_or_else(|| gap_name(of).to_owned(), |list| format!("a word from {list}"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::plugins::inspect::Name;
    use crate::plugins::manifest::{Manifest, tests::smallest};
    use crate::record::Digest;

    /// A plugin that asks what is named here, with the manifest of the smallest one and these fields.
    fn plugin(imports: &[&str], fields: Value) -> Inspected {
        let mut manifest = smallest();
        fields.as_object().unwrap().iter().for_each(|(name, value)| manifest[name] = value.clone());
        let manifest_json = manifest.to_string();
        Inspected {
            digest: Digest::of(b"plugin"),
            size: 6,
            manifest: Manifest::read(manifest_json.as_bytes()).unwrap(),
            manifest_json,
            imports: imports.iter().map(|name| Name { name: (*name).to_owned(), version: None }).collect(),
            exports: Vec::new(),
        }
    }

    /// On one line, so that it does not matter where lines end.
    fn words(sheet: &Sheet) -> String {
        sheet.text().split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn what_the_law_guards_is_marked_and_asks_for_its_condition() {
        let says = |name: &str| words(&describe(&plugin(&[name], json!({})), false));
        let health = says("hearth:family/health");
        assert!(health.contains("Special category data (UK GDPR, article 9).") && health.contains("Condition (article 9)"), "{health}");
        assert!(health.contains("need (person, need, professional identified, window)"), "{health}");
        let offending = says("hearth:family/offending");
        assert!(offending.contains("Condition (article 10)") && !offending.contains("Condition (article 9)"), "{offending}");
        let school = says("hearth:family/education");
        assert!(school.contains("Lawful basis (article 6)") && !school.contains("Condition"), "{school}");
    }

    #[test]
    fn a_form_is_told_by_how_sensitive_its_questions_are() {
        let form: Value = serde_json::from_str(include_str!("../../../../plugins/early-help-assessment/forms/whole-family.json")).unwrap();
        let page = words(&describe(&plugin(&["hearth:assessment/answers"], json!({ "forms": [form] })), false));
        let form: Form = serde_json::from_value(form).unwrap();
        let special = form.questions().filter(|q| q.sensitivity == Sensitivity::SpecialCategory).count();
        assert!(special > 0 && page.contains(&format!("{special} special category (article 9)")), "{page}");
        assert!(page.contains("in free text") && page.contains("by which somebody is found"), "{page}");
        assert!(page.contains("read the answers to its own form, words included"), "{page}");
    }

    #[test]
    fn a_plugin_that_proposes_nothing_says_so() {
        let page = words(&describe(&plugin(&[], json!({})), false));
        assert!(page.contains("What it may propose ---------------------- Nothing."), "{page}");
        let proposes = words(&describe(&plugin(&["hearth:actions/notices"], json!({})), false));
        assert!(proposes.contains("Automatic, or a person confirms"), "{proposes}");
    }

    #[test]
    fn markup_in_a_manifest_is_text() {
        let title = json!({ "title": { "en": "<script>alert(1)</script>", "cy": "Teitl" } });
        let page = describe(&plugin(&[], title), false).html();
        assert!(page.contains("&lt;script&gt;") && !page.contains("<script"), "{page}");
    }
}
