//! The year's files, read: whatever is wrong is told with file and line.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use hearth::record::{Day, Invalid};
use hearth::written::Node;
use serde_json::Value;

/// Where something was written.
#[derive(Debug, Clone)]
pub struct Place(pub String, pub usize);

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.0, self.1)
    }
}

/// One request of an act or a look, with names in place of ids.
#[derive(Debug, Clone)]
pub struct Step {
    pub at: Place,
    pub method: &'static str,
    pub path: String,
    /// Whose token: a person of the council's by their name; its own system's, where nobody is named.
    pub by: Option<String>,
    pub body: Option<Value>,
    /// Where in the answer the items stand.
    pub each: Option<String>,
    /// Which of them are meant.
    pub matching: Option<Value>,
    /// The latest of them is meant, where several are; otherwise the first.
    pub last: bool,
    /// Names, and where in the answer, or in the item that is meant, what they mean stands.
    pub keep: BTreeMap<String, String>,
}

/// Something that happened or that somebody did, on its day.
#[derive(Debug, Clone)]
pub struct Entry {
    pub at: Place,
    pub on: Day,
    /// Only there; everywhere that the case was given to, if left out.
    pub council: Option<String>,
    /// An authority's own, after what was done that day for families.
    pub evening: bool,
    pub label: Option<String>,
    pub act: String,
    pub given: Value,
}

/// What must hold at the end of a day.
#[derive(Debug, Clone)]
pub struct State {
    pub at: Place,
    pub on: Day,
    pub council: Option<String>,
    pub source: String,
    /// By look: patterns of what must be there.
    pub holds: Vec<(String, Vec<Value>)>,
}

/// Families of one kind that dice make.
#[derive(Debug, Clone)]
pub struct Drawn {
    pub families: u64,
    /// Every date of one is so many days later, at most.
    pub later: i64,
    /// By name, the least and the most.
    pub numbers: Vec<(String, i64, i64)>,
}

/// A family's year.
#[derive(Debug, Clone)]
pub struct Case {
    pub name: String,
    pub says: String,
    pub source: String,
    pub given_to: Vec<String>,
    /// Labels of what is left out where it is asked what decided.
    pub decisive: BTreeSet<String>,
    pub family: Value,
    pub entries: Vec<Entry>,
    pub states: Vec<State>,
    pub drawn: Option<Drawn>,
}

/// A plugin that an authority uses, from a day on.
#[derive(Debug, Clone)]
pub struct Uses {
    /// As people know it, who fill in its forms, whatever stands in its place.
    pub known_as: String,
    pub plugin: String,
    pub point: String,
    pub from: Option<Day>,
    pub settings: Value,
}

/// An authority: who works there, which plugins it uses, and what it says of all its families.
#[derive(Debug, Clone)]
pub struct CouncilFile {
    pub short: String,
    pub code: String,
    pub name: String,
    pub people: Vec<(String, Value)>,
    pub uses: Vec<Uses>,
    pub entries: Vec<Entry>,
}

/// All of it.
#[derive(Debug, Clone)]
pub struct Book {
    pub first: Day,
    pub last: Day,
    pub organisations: Vec<Value>,
    pub councils: Vec<CouncilFile>,
    pub acts: BTreeMap<String, Vec<Step>>,
    pub looks: BTreeMap<String, Vec<Step>>,
    /// The named ones.
    pub cases: Vec<Case>,
    /// What dice make families of.
    pub drawn: Vec<Case>,
}

impl Book {
    /// Reads the folder.
    ///
    /// # Errors
    /// A file that cannot be read, or what is wrong in it, with its line.
    pub fn read(folder: &Path) -> Result<Self> {
        let councils = File::read(folder, Path::new("councils.yaml"))?;
        let root = councils.map(&councils.root, &["first", "last", "organisations", "councils"])?;
        let (acts, looks) = (File::read(folder, Path::new("acts.yaml"))?, File::read(folder, Path::new("looks.yaml"))?);
        let book = Self {
            first: root.day("first")?,
            last: root.day("last")?,
            organisations: root.get("organisations")?.each().iter().map(Node::to_json).collect(),
            councils: root.get("councils")?.fields().map(|(short, node)| council(&councils, short, node)).collect::<Result<_>>()?,
            acts: steps(&acts)?,
            looks: steps(&looks)?,
            cases: all(folder, "cases")?,
            drawn: all(folder, "drawn")?,
        };
        book.check()?;
        Ok(book)
    }

    /// Every act, look and council that a file names is there.
    fn check(&self) -> Result<()> {
        let shorts: Vec<&str> = self.councils.iter().map(|c| c.short.as_str()).collect();
        let named = |at: &Place, council: Option<&String>| match council.filter(|c| !shorts.contains(&c.as_str())) {
            Some(council) => bail!("{at}: there is no council `{council}`, only {}", shorts.join(" and ")),
            None => Ok(()),
        };
        let entries = self.councils.iter().flat_map(|c| &c.entries);
        let cases = || self.cases.iter().chain(&self.drawn);
        for entry in entries.chain(cases().flat_map(|case| &case.entries)) {
            named(&entry.at, entry.council.as_ref())?;
            if !self.acts.contains_key(&entry.act) {
                bail!("{}: acts.yaml has no act `{}`", entry.at, entry.act);
            }
            if !(self.first..=self.last).contains(&entry.on) {
                bail!("{}: {} is not in the year from {} to {}", entry.at, entry.on, self.first, self.last);
            }
        }
        if let Some(entry) = cases().flat_map(|case| &case.entries).find(|entry| entry.evening) {
            bail!("{}: a family has no evening: what is done for it is done in its turn", entry.at);
        }
        for state in cases().flat_map(|case| &case.states) {
            named(&state.at, state.council.as_ref())?;
            if let Some((look, _)) = state.holds.iter().find(|(look, _)| !self.looks.contains_key(look)) {
                bail!("{}: looks.yaml has no look `{look}`", state.at);
            }
        }
        for case in cases() {
            if let Some(unknown) = case.given_to.iter().find(|short| !shorts.contains(&short.as_str())) {
                bail!("{}: there is no council `{unknown}`, only {}", case.name, shorts.join(" and "));
            }
        }
        for case in &self.cases {
            for label in &case.decisive {
                if !case.entries.iter().any(|e| e.label.as_ref() == Some(label)) {
                    bail!("{}: nothing in it has the label `{label}`, which decides it", case.name);
                }
            }
            if case.decisive.is_empty() {
                bail!("{}: it names no decisive fact", case.name);
            }
        }
        Ok(())
    }
}

fn all(folder: &Path, below: &str) -> Result<Vec<Case>> {
    let listing = fs::read_dir(folder.join(below)).with_context(|| format!("{below} in {} cannot be listed", folder.display()))?;
    let mut paths: Vec<PathBuf> = listing.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    paths.retain(|path| path.extension().is_some_and(|e| e == "yaml"));
    paths.sort();
    paths.iter().map(|path| case(&File::read(folder, path)?)).collect()
}

fn case(file: &File) -> Result<Case> {
    let known = ["case", "source", "given-to", "decisive", "family", "entries", "states", "drawn"];
    let root = file.map(&file.root, &known)?;
    let texts = |field: &str| -> Result<Vec<String>> {
        root.maybe(field).map_or(Ok(Vec::new()), |node| node.each().iter().map(|n| file.text(n)).collect())
    };
    let numbers = |node: &Node| -> Result<Vec<(String, i64, i64)>> {
        let pair = |(name, range): (&str, &Node)| {
            let [least, most]: [i64; 2] = file.read_node(range)?;
            if least > most {
                bail!("{}: the least is more than the most", file.place(range));
            }
            Ok((name.to_owned(), least, most))
        };
        node.fields().map(pair).collect()
    };
    let drawn = match root.maybe("drawn") {
        None => None,
        Some(node) => {
            let drawn = file.map(node, &["families", "later", "numbers"])?;
            let numbers = drawn.maybe("numbers").map_or(Ok(Vec::new()), numbers)?;
            Some(Drawn { families: file.read_node(drawn.get("families")?)?, later: file.read_node(drawn.get("later")?)?, numbers })
        }
    };
    let (entries, states) = (root.get("entries")?.each(), root.get("states")?.each());
    Ok(Case {
        name: file.short.trim_start_matches("cases/").trim_start_matches("drawn/").trim_end_matches(".yaml").to_owned(),
        says: file.text(root.get("case")?)?,
        source: file.text(root.get("source")?)?,
        given_to: texts("given-to")?,
        decisive: texts("decisive")?.into_iter().collect(),
        family: root.get("family")?.to_json(),
        entries: entries.iter().map(|node| entry(file, node)).collect::<Result<_>>()?,
        states: states.iter().map(|node| state(file, node)).collect::<Result<_>>()?,
        drawn,
    })
}

fn entry(file: &File, node: &Node) -> Result<Entry> {
    let besides = ["on", "at", "evening", "label", "source"];
    let mut acts = node.fields().filter(|(field, _)| !besides.contains(field));
    let (Some((act, given)), None) = (acts.next(), acts.next()) else {
        bail!("{}: an entry has one act beside {}", file.place(node), besides.join(", "));
    };
    let text = |field: &str| node.get(field).map(|n| file.text(n)).transpose();
    let on = node.get("on").with_context(|| format!("{}: says no day (`on`)", file.place(node)))?;
    let (council, label) = (text("at")?, text("label")?);
    let evening = node.get("evening").map_or(Ok(false), |n| file.read_node(n))?;
    Ok(Entry { at: file.place(node), on: file.read_node(on)?, council, evening, label, act: act.to_owned(), given: given.to_json() })
}

fn state(file: &File, node: &Node) -> Result<State> {
    let map = file.map(node, &["on", "at", "source", "holds"])?;
    let holds = map.get("holds")?.fields();
    Ok(State {
        at: file.place(node),
        on: map.day("on")?,
        council: map.maybe("at").map(|n| file.text(n)).transpose()?,
        source: file.text(map.get("source")?)?,
        holds: holds.map(|(look, patterns)| (look.to_owned(), patterns.each().iter().map(Node::to_json).collect())).collect(),
    })
}

fn council(file: &File, short: &str, node: &Node) -> Result<CouncilFile> {
    let map = file.map(node, &["code", "name", "people", "plugins", "entries"])?;
    let uses = |node: &Node| {
        let map = file.map(node, &["plugin", "point", "from", "settings"])?;
        Ok(Uses {
            known_as: file.text(map.get("plugin")?)?,
            plugin: file.text(map.get("plugin")?)?,
            point: file.text(map.get("point")?)?,
            from: map.maybe("from").map(|n| file.read_node(n)).transpose()?,
            settings: map.maybe("settings").map_or_else(|| Value::Object(serde_json::Map::new()), Node::to_json),
        })
    };
    Ok(CouncilFile {
        short: short.to_owned(),
        code: file.text(map.get("code")?)?,
        name: file.text(map.get("name")?)?,
        people: map.get("people")?.fields().map(|(name, node)| (name.to_owned(), node.to_json())).collect(),
        uses: map.get("plugins")?.each().iter().map(uses).collect::<Result<_>>()?,
        entries: map.get("entries")?.each().iter().map(|node| entry(file, node)).collect::<Result<_>>()?,
    })
}

fn steps(file: &File) -> Result<BTreeMap<String, Vec<Step>>> {
    let each = |(name, node): (&str, &Node)| Ok((name.to_owned(), node.each().iter().map(|n| step(file, n)).collect::<Result<_>>()?));
    file.root.fields().map(each).collect()
}

fn step(file: &File, node: &Node) -> Result<Step> {
    const METHODS: [&str; 3] = ["get", "post", "put"];
    let map = file.map(node, &["get", "post", "put", "by", "body", "each", "where", "last", "keep"])?;
    let Some((method, path)) = METHODS.iter().find_map(|m| Some((*m, node.get(m)?))) else {
        bail!("{}: a request begins with get, post or put, and its path", file.place(node));
    };
    let text = |field: &str| map.maybe(field).map(|n| file.text(n)).transpose();
    Ok(Step {
        at: file.place(node),
        method,
        path: file.text(path)?,
        by: text("by")?,
        body: map.maybe("body").map(Node::to_json),
        each: text("each")?,
        matching: map.maybe("where").map(Node::to_json),
        last: map.maybe("last").map_or(Ok(false), |n| file.read_node(n))?,
        keep: map.maybe("keep").map_or(Ok(BTreeMap::new()), |n| file.read_node(n))?,
    })
}

struct File {
    short: String,
    root: Node,
}

/// A mapping of a file, whose fields are known.
struct Fields<'a>(&'a File, &'a Node);

impl File {
    fn read(folder: &Path, name: &Path) -> Result<Self> {
        let path = folder.join(name);
        let path = path.as_path();
        let text = fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
        let short = path.strip_prefix(folder).unwrap_or(path).display().to_string();
        let root = Node::from_yaml(&text).map_err(|(line, why)| anyhow!("{short}:{line}: {why}"))?;
        Ok(Self { short, root })
    }

    fn place(&self, node: &Node) -> Place {
        Place(self.short.clone(), node.line.unwrap_or(1))
    }

    fn wrong(&self, node: &Node, invalid: &Invalid) -> anyhow::Error {
        let line = node.line_at(&invalid.field).or(node.line).unwrap_or(1);
        let field = if invalid.field.is_empty() { String::new() } else { format!("`{}` ", invalid.field) };
        anyhow!("{}:{line}: {field}{}", self.short, invalid.why)
    }

    fn read_node<T: serde::de::DeserializeOwned>(&self, node: &Node) -> Result<T> {
        node.read().map_err(|invalid| self.wrong(node, &invalid))
    }

    fn text(&self, node: &Node) -> Result<String> {
        node.as_text().map(str::to_owned).ok_or_else(|| anyhow!("{}: {} is no text", self.place(node), node.shown()))
    }

    fn map<'a>(&'a self, node: &'a Node, known: &[&str]) -> Result<Fields<'a>> {
        node.only(known).map_err(|invalid| self.wrong(node, &invalid))?;
        Ok(Fields(self, node))
    }
}

impl Fields<'_> {
    fn maybe(&self, field: &str) -> Option<&Node> {
        self.1.get(field)
    }

    fn get(&self, field: &str) -> Result<&Node> {
        self.maybe(field).ok_or_else(|| anyhow!("{}: `{field}` is missing", self.0.place(self.1)))
    }

    fn day(&self, field: &str) -> Result<Day> {
        self.0.read_node(self.get(field)?)
    }
}

impl Step {
    /// A request of the driver's own.
    pub(super) fn post(path: &str, body: Value) -> Self {
        Self {
            at: Place("the driver".to_owned(), 0),
            method: "post",
            path: path.to_owned(),
            by: None,
            body: Some(body),
            each: None,
            matching: None,
            last: false,
            keep: BTreeMap::new(),
        }
    }
}
