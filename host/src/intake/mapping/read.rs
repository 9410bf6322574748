//! From the YAML of a mapping to a checked one. A word that means nothing is a fault with its line and field.

use super::fields::{Field, Takes, fields};
use super::words::{blank, covers, dates, needed, plain_text, rhythm, said, translations};
use super::{Blank, Column, From, HomeColumns, Less, Mapping, NameOrder, PersonColumns, Reference, Titles, When, Who};
use crate::intake::cells;
use crate::record::fact::{About, slug, text};
use crate::record::sections::identity::Scheme;
use crate::record::{Invalid, Kind, codes};
use crate::written::{At, Node, Of, Read, Wrong};

/// Bytes of a mapping: some hundred times an ordinary one.
pub const LONGEST: usize = 64 << 10;
/// Titles of one column, and columns of one mapping.
const MOST_TITLES: usize = 60;
const MOST_COLUMNS: usize = 100;
/// A title row further down is a letter, not a table.
const LAST_HEADER: u64 = 100;

const FIELDS: [&str; 17] = [
    "mapping",
    "says",
    "agency",
    "kind",
    "sheet",
    "header",
    "person",
    "home",
    "family",
    "dates",
    "on",
    "from",
    "until",
    "fields",
    "reference",
    "covers",
    "rhythm",
];

impl Mapping {
    /// Reads YAML.
    ///
    /// # Errors
    /// [`Wrong`] with the line and the path of the first field at fault.
    pub fn from_yaml(written: &str) -> Read<Self> {
        if written.len() > LONGEST {
            return Err(Wrong::new("", format!("is {} bytes long, and may be {LONGEST}", written.len())));
        }
        let node = Node::from_yaml(written).map_err(|(line, why)| Wrong { line: Some(line), ..Wrong::new("", why) })?;
        Reader { columns: Vec::new() }.mapping(&node).at(&node)
    }
}

struct Reader {
    columns: Vec<Titles>,
}

type Checked<T> = Result<T, Invalid>;

impl Reader {
    fn mapping(mut self, node: &Node) -> Checked<Mapping> {
        node.only(&FIELDS)?;
        let name = needed(node, "mapping")?;
        slug("mapping", &name)?;
        let says = said(node, "says")?.unwrap_or_default();
        if !says.is_empty() {
            text("says", &says, 500)?;
        }
        let agency = needed(node, "agency")?;
        codes::check("agency", "organisation-kinds", &agency)?;
        let kind: Kind = needed(node, "kind")?.parse().map_err(|e: Invalid| Invalid::new("kind", e.why))?;
        let sheet = said(node, "sheet")?;
        let header = self.header(node)?;
        let who = self.who(node, kind)?;
        let dates = dates(node)?;
        let when = self.when(node, kind)?;
        let fields = self.fields(node.get("fields"), kind)?;
        let reference = self.reference(node.get("reference"), kind)?;
        let (covers, period) = covers(node.get("covers"))?;
        let rhythm = rhythm(node)?;
        if self.columns.len() > MOST_COLUMNS {
            return Err(Invalid::new("", format!("names {} columns, and may name {MOST_COLUMNS}", self.columns.len())));
        }
        Ok(Mapping {
            name,
            says,
            agency,
            kind,
            sheet,
            header,
            columns: self.columns,
            who,
            dates,
            when,
            fields,
            reference,
            covers,
            period,
            rhythm,
        })
    }

    fn header(&self, node: &Node) -> Checked<u64> {
        let Some(header) = node.get("header") else { return Ok(1) };
        let line = if let Of::Number(n) = &header.of { n.as_u64() } else { None };
        let line = line.filter(|l| (1..=LAST_HEADER).contains(l));
        line.ok_or_else(|| Invalid::new("header", format!("is {}: it is the line of the titles, 1 to {LAST_HEADER}", header.shown())))
    }

    /// A column by its titles: one, or a list of them. The same titles are the same column.
    fn column(&mut self, node: &Node) -> Checked<Column> {
        let mut titles = Vec::new();
        for (i, title) in node.each().iter().enumerate() {
            let place = if matches!(node.of, Of::List(_)) { format!("[{i}]") } else { String::new() };
            let Some(title) = plain_text(title) else {
                return Err(Invalid::new(place, format!("is {}: a column is given by its title, or a list of titles", title.shown())));
            };
            text(&place, &title, 200)?;
            if super::squeezed(&title).is_empty() {
                return Err(Invalid::new(place, "has neither a letter nor a digit"));
            }
            titles.push(title);
        }
        if titles.is_empty() || titles.len() > MOST_TITLES {
            return Err(Invalid::new("", format!("has {} titles, and may have 1 to {MOST_TITLES}", titles.len())));
        }
        let titles = Titles(titles);
        Ok(self.columns.iter().position(|c| *c == titles).unwrap_or_else(|| {
            self.columns.push(titles);
            self.columns.len() - 1
        }))
    }

    fn maybe_column(&mut self, node: &Node, field: &str) -> Checked<Option<Column>> {
        node.get(field).map(|n| self.column(n).map_err(|e| e.within(field))).transpose()
    }

    fn who(&mut self, node: &Node, kind: Kind) -> Checked<Who> {
        let person = node.get("person").map(|n| self.person(n).map_err(|e| e.within("person"))).transpose()?;
        let home = node.get("home").map(|n| self.home_alone(n).map_err(|e| e.within("home"))).transpose()?;
        let family = self.maybe_column(node, "family")?;
        let who = Who { person, home, family };
        let (may, says) = match kind.about() {
            About::Person => (&[(true, false, false)][..], "a person: say `person`, and neither `home` nor `family`"),
            About::Home => (&[(false, true, false)][..], "a home: say `home`, and neither `person` nor `family`"),
            About::Family | About::WithinFamily | About::FamilyOrMember => (
                &[(true, false, false), (false, true, false), (false, false, true)][..],
                "a family: say one of `person`, `home` and `family`",
            ),
            About::PersonOrHome | About::PersonOrHomeBy => {
                (&[(true, false, false), (false, true, false)][..], "a person or a home: say `person` or `home`")
            }
            About::PersonInFamily => (&[(true, false, true)][..], "a person in a family: say `person` and `family`"),
            About::HomeOfFamily => (&[(false, true, true)][..], "a home of a family: say `home` and `family`"),
            About::PersonToPerson => (&[][..], "two people: files cannot bring it, enter it by hand"),
        };
        if may.contains(&(who.person.is_some(), who.home.is_some(), who.family.is_some())) {
            Ok(who)
        } else {
            Err(Invalid::new("kind", format!("a fact of kind {kind} is about {says}")))
        }
    }

    fn person(&mut self, node: &Node) -> Checked<PersonColumns> {
        node.only(&["nhs-number", "upn", "nino", "given", "family", "name", "order", "born", "address", "postcode", "uprn"])?;
        let mut identifiers = Vec::new();
        for scheme in [Scheme::NhsNumber, Scheme::Upn, Scheme::Nino] {
            identifiers.extend(self.maybe_column(node, scheme.code())?.map(|column| (scheme, column)));
        }
        let (given, family) = (self.maybe_column(node, "given")?, self.maybe_column(node, "family")?);
        let order = match said(node, "order")?.as_deref() {
            None | Some("family-first") => NameOrder::FamilyFirst,
            Some("given-first") => NameOrder::GivenFirst,
            Some(other) => return Err(Invalid::new("order", format!("`{other}` is neither family-first nor given-first"))),
        };
        let name = self.maybe_column(node, "name")?.map(|column| (column, order));
        if name.is_some() && (given.is_some() || family.is_some()) {
            return Err(Invalid::new("name", "stands beside `given` or `family`: a name is one column, or two"));
        }
        if given.is_some() != family.is_some() {
            return Err(Invalid::new(if given.is_some() { "family" } else { "given" }, "is needed too: a name has both parts"));
        }
        let columns = PersonColumns { identifiers, given, family, name, born: self.maybe_column(node, "born")?, home: self.home(node)? };
        if columns.ways().is_empty() {
            return Err(Invalid::new("", "needs a column of nhs-number, upn or nino, or a name with `born`: a name alone is nobody"));
        }
        Ok(columns)
    }

    fn home_alone(&mut self, node: &Node) -> Checked<HomeColumns> {
        node.only(&["uprn", "address", "postcode"])?;
        let columns = self.home(node)?;
        if columns.ways().is_empty() {
            return Err(Invalid::new("", "needs a column of `uprn`, or `address` and `postcode`"));
        }
        Ok(columns)
    }

    fn home(&mut self, node: &Node) -> Checked<HomeColumns> {
        Ok(HomeColumns {
            uprn: self.maybe_column(node, "uprn")?,
            address: self.maybe_column(node, "address")?,
            postcode: self.maybe_column(node, "postcode")?,
        })
    }

    fn when(&mut self, node: &Node, kind: Kind) -> Checked<When> {
        match (node.get("on"), node.get("from"), node.get("until")) {
            (Some(on), None, None) => Ok(When::On(self.column(on).map_err(|e| e.within("on"))?)),
            (None, Some(_), _) if kind.on_a_day() => {
                Err(Invalid::new("from", format!("a fact of kind {kind} happens on one day: say `on`")))
            }
            (None, Some(from), until) => {
                let from = self.column(from).map_err(|e| e.within("from"))?;
                let (column, may_go_on) = match until {
                    Some(until) if matches!(until.of, Of::Map(_)) => {
                        until.only(&["column", "blank"]).map_err(|e| e.within("until"))?;
                        let goes_on = match until.get("blank").and_then(Node::as_text) {
                            None => false,
                            Some("goes-on") => true,
                            Some(_) => return Err(Invalid::new("until.blank", "can only say goes-on")),
                        };
                        (self.maybe_column(until, "column").map_err(|e| e.within("until"))?, goes_on)
                    }
                    Some(until) => (Some(self.column(until).map_err(|e| e.within("until"))?), false),
                    None => (None, true),
                };
                Ok(When::Time { from, until: column, may_go_on })
            }
            (None, None, _) => Err(Invalid::new("on", "is needed: the column of the day; or `from` and `until`")),
            (Some(_), ..) => Err(Invalid::new("on", "stands beside `from` or `until`: a row is of one day, or of a time")),
        }
    }

    fn fields(&mut self, node: Option<&Node>, kind: Kind) -> Checked<Vec<(Field, From)>> {
        let empty = Node::empty();
        let node = node.unwrap_or(&empty);
        let known = fields(kind);
        let written = |field: &Field| field.name.replace('_', "-").replace("-pence", "").replace("-tenths", "");
        let names: Vec<String> = known.iter().map(written).collect();
        node.only(&names.iter().map(String::as_str).collect::<Vec<_>>()).map_err(|e| e.within("fields"))?;
        let mut found = Vec::new();
        for (field, name) in known.iter().zip(&names) {
            match node.get(name) {
                Some(from) => found.push((*field, self.from(from, field, known, node).map_err(|e| e.within(name).within("fields"))?)),
                None if field.needed => {
                    return Err(Invalid::new(format!("fields.{name}"), format!("is needed: a fact of kind {kind} has one")));
                }
                None => {}
            }
        }
        Ok(found)
    }

    fn from(&mut self, node: &Node, field: &Field, known: &[Field], all: &Node) -> Checked<From> {
        if !matches!(node.of, Of::Map(_)) {
            let columns = if field.takes == Takes::Lines {
                node.each().iter().map(|n| self.column(n)).collect::<Checked<_>>()?
            } else {
                vec![self.column(node)?]
            };
            return Ok(From::Cells { columns, codes: Vec::new(), blank: Blank::Nothing, instead: None });
        }
        if let Some(always) = node.get("always") {
            node.only(&["always"])?;
            return cells::said_value(field.takes, always).map(From::Always).map_err(|e| e.within("always"));
        }
        node.only(&["column", "codes", "blank", "or"])?;
        let column = self.maybe_column(node, "column")?.ok_or_else(|| Invalid::new("column", "is needed: the title of the column"))?;
        let codes = node.get("codes").map(|n| translations(n, field).map_err(|e| e.within("codes"))).transpose()?.unwrap_or_default();
        let blank = node.get("blank").map(|n| blank(n, field, known).map_err(|e| e.within("blank"))).transpose()?.unwrap_or(Blank::Nothing);
        let instead = node.get("or").map(|n| self.less(n, field, all).map_err(|e| e.within("or"))).transpose()?;
        Ok(From::Cells { columns: vec![column], codes, blank, instead })
    }

    /// `{ from: possible, less: [unauthorised, { column: … }] }`: a bare word is another field of the kind.
    fn less(&mut self, node: &Node, field: &Field, all: &Node) -> Checked<Less> {
        node.only(&["from", "less"])?;
        if field.takes != Takes::Whole {
            return Err(Invalid::new("", "is for numbers alone"));
        }
        let mut one = |n: &Node| -> Checked<Column> {
            if let Some(column) = n.get("column") {
                n.only(&["column"])?;
                return self.column(column).map_err(|e| e.within("column"));
            }
            let name = n.as_text().unwrap_or_default();
            let other = all
                .get(name)
                .ok_or_else(|| Invalid::new("", format!("{} is neither a field of this mapping nor a `column`", n.shown())))?;
            self.column(other.get("column").unwrap_or(other))
        };
        let from = one(node.get("from").unwrap_or(&Node::empty())).map_err(|e| e.within("from"))?;
        let less = node.get("less").map(Node::each).unwrap_or_default();
        let less =
            less.iter().enumerate().map(|(i, n)| one(n).map_err(|e| e.within(&format!("less[{i}]")))).collect::<Checked<Vec<_>>>()?;
        if less.is_empty() { Err(Invalid::new("less", "is needed: what is taken away")) } else { Ok(Less { from, less }) }
    }

    /// Left out: whom the row is about, and its first day.
    fn reference(&mut self, node: Option<&Node>, kind: Kind) -> Checked<Reference> {
        let Some(node) = node else { return Ok(Reference::Subject(Vec::new())) };
        let Some(apart) = node.get("told-apart-by") else {
            return self.column(node).map(|c| Reference::Columns(vec![c])).map_err(|e| e.within("reference"));
        };
        node.only(&["told-apart-by"]).map_err(|e| e.within("reference"))?;
        let known = fields(kind);
        let named = apart.each().iter().map(|n| {
            let name = n.as_text().unwrap_or_default().replace('-', "_");
            let found = known.iter().find(|f| f.name == name).map(|f| f.name);
            found.ok_or_else(|| Invalid::new("reference.told-apart-by", format!("{} is not a field of kind {kind}", n.shown())))
        });
        named.collect::<Checked<_>>().map(Reference::Subject)
    }
}
