//! The check of a form at upload. What passes can be judged over any answers without failing.

use std::collections::{BTreeSet, HashMap};

use super::document::{Each, Group};
use super::typing::Type;
use super::{Asks, Display, Expr, Form, Item, Page, Prefill, Question, fit, is_id};
use crate::record::ids::is_slug;
use crate::record::{Digest, Invalid, codes};

/// More than this nobody fills in.
const MOST_PAGES: usize = 50;
const MOST_QUESTIONS: usize = 300;
/// Questions, displays and groups together.
const MOST_ITEMS: usize = 600;
/// Items that somebody may add to one group: every expression over a group costs as many steps.
pub(super) const MOST_ROWS: u16 = 100;
/// How deep an expression may be: the host's stack goes as deep.
const DEEPEST: usize = 16;
/// Nodes of all expressions of a form.
const MOST_NODES: usize = 2_000;
/// Nodes that judging can come by, with every group full: a condition of an item that looks over another group's items is
/// met once for each of the one and each of the other. Some tenths of a second at most.
const MOST_STEPS: usize = 1_000_000;
/// People that a group with each-person is reckoned with.
const PEOPLE: usize = 30;
const MOST_RULES: usize = 20;
const LONGEST_TITLE: usize = 200;
const LONGEST_LABEL: usize = 1_000;
const LONGEST_TEXT: usize = 2_000;

/// A form that was checked, with what judging needs: every reference resolved, and an order in which each thing comes after
/// what it depends on.
#[derive(Debug)]
pub struct Checked<'a> {
    pub(super) form: &'a Form,
    pub(super) digest: Digest,
    /// In the document's order.
    pub(super) nodes: Vec<Node<'a>>,
    /// Questions, displays and groups.
    pub(super) ids: HashMap<&'a str, usize>,
    pub(super) order: Vec<usize>,
}

/// A page, or something on it.
#[derive(Debug)]
pub(super) struct Node<'a> {
    pub what: What<'a>,
    /// Where it stands in the document.
    path: String,
    /// The page's node; its own for a page.
    pub page: usize,
    /// The group's node, of what stands in a group.
    pub group: Option<usize>,
    /// Of a question.
    pub gives: Option<Type>,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum What<'a> {
    Page(&'a Page),
    Group(&'a Group),
    Display(&'a Display),
    Question(&'a Question),
}

/// One expression of a node.
struct Condition<'a> {
    path: String,
    expr: &'a Expr,
    /// The group of whose item it may speak.
    scope: Option<usize>,
    /// Does the node's showing or value hang on it?
    decides: bool,
    /// Must it be yes or no?
    yes_no: bool,
}

/// What resolving found.
#[derive(Default)]
struct Found {
    nodes: usize,
    steps: usize,
    needs: Vec<usize>,
}

/// Where an expression stands.
#[derive(Clone, Copy)]
struct Stand {
    /// The group of whose item it may speak.
    scope: Option<usize>,
    depth: usize,
    /// Below an aggregate.
    inside: bool,
    /// How often it is met, with every group full.
    times: usize,
}

impl Form {
    /// Checks everything that can be checked before anybody answers.
    ///
    /// # Errors
    /// [`Invalid`] with the path of the first fault: a bound, an id that stands twice, a reference to what does not exist or
    /// cannot be read there, types that do not fit, a circle of conditions.
    pub fn check(&self) -> Result<Checked<'_>, Invalid> {
        if !is_slug(&self.form) {
            return Err(Invalid::new("form", "has 2 to 64 small letters, digits and hyphens"));
        }
        self.title.check("title", LONGEST_TITLE)?;
        let mut checked = Checked { form: self, digest: self.digest(), nodes: Vec::new(), ids: HashMap::new(), order: Vec::new() };
        checked.collect()?;
        for node in &checked.nodes {
            let each = node.group.and_then(|at| checked.group(at)).map(|group| &group.each);
            node.check(each).map_err(|e| e.within(&node.path))?;
        }
        let needs = checked.resolve_all()?;
        checked.order = checked.sort(&needs)?;
        checked.infer_all()?;
        Ok(checked)
    }
}

impl<'a> Checked<'a> {
    #[must_use]
    pub const fn form(&self) -> &'a Form {
        self.form
    }

    /// What answers to this form pin.
    #[must_use]
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    fn collect(&mut self) -> Result<(), Invalid> {
        let form = self.form;
        if form.pages.is_empty() || form.pages.len() > MOST_PAGES {
            return Err(Invalid::new("pages", format!("has {} entries, and has 1 to {MOST_PAGES}", form.pages.len())));
        }
        let mut pages = BTreeSet::new();
        for (i, page) in form.pages.iter().enumerate() {
            let path = format!("pages[{i}]");
            is_id(&format!("{path}.page"), &page.page)?;
            if !pages.insert(&page.page) {
                return Err(Invalid::new(format!("{path}.page"), format!("`{}` stands here twice", page.page)));
            }
            let at = self.nodes.len();
            self.nodes.push(Node { what: What::Page(page), path: path.clone(), page: at, group: None, gives: None });
            self.collect_items(&page.items, &path, at, None)?;
        }
        let questions = self.nodes.iter().filter(|n| matches!(n.what, What::Question(_))).count();
        if questions > MOST_QUESTIONS {
            return Err(Invalid::new("pages", format!("have {questions} questions, and may have {MOST_QUESTIONS}")));
        }
        if self.ids.len() > MOST_ITEMS {
            return Err(Invalid::new("pages", format!("have {} items, and may have {MOST_ITEMS}", self.ids.len())));
        }
        Ok(())
    }

    fn collect_items(&mut self, items: &'a [Item], outer: &str, page: usize, group: Option<usize>) -> Result<(), Invalid> {
        if items.is_empty() {
            return Err(Invalid::new(format!("{outer}.items"), "is empty"));
        }
        for (i, item) in items.iter().enumerate() {
            let path = format!("{outer}.items[{i}]");
            let (field, id, what) = match item {
                Item::Question(question) => ("question", &question.question, What::Question(question)),
                Item::Display(display) => ("display", &display.display, What::Display(display)),
                Item::Group(inner) => ("group", &inner.group, What::Group(inner)),
            };
            is_id(&format!("{path}.{field}"), id)?;
            let at = self.nodes.len();
            if self.ids.insert(id, at).is_some() {
                return Err(Invalid::new(format!("{path}.{field}"), format!("`{id}` stands in the form twice")));
            }
            let gives = if let What::Question(question) = what { Type::of(&question.asks) } else { None };
            self.nodes.push(Node { what, path: path.clone(), page, group, gives });
            if let Item::Group(inner) = item {
                if group.is_some() {
                    return Err(Invalid::new(format!("{path}.group"), "stands in another group"));
                }
                self.collect_items(&inner.items, &path, page, Some(at))?;
            }
        }
        Ok(())
    }

    /// What each node's showing and value hang on, in the nodes' order.
    fn resolve_all(&self) -> Result<Vec<Vec<usize>>, Invalid> {
        let (mut nodes, mut steps) = (0, 0);
        let mut needs = Vec::with_capacity(self.nodes.len());
        for (at, node) in self.nodes.iter().enumerate() {
            let mut own: Vec<usize> = node.group.into_iter().chain((node.page != at).then_some(node.page)).collect();
            for condition in node.conditions(at) {
                let mut found = Found { nodes, steps, ..Found::default() };
                let times = condition.scope.map_or(1, |group| self.most_items(group));
                let stand = Stand { scope: condition.scope, depth: 1, inside: false, times };
                self.resolve(condition.expr, stand, &mut found).map_err(|e| e.within(&condition.path).within(&node.path))?;
                (nodes, steps) = (found.nodes, found.steps);
                if condition.decides {
                    own.append(&mut found.needs);
                }
            }
            needs.push(own);
        }
        Ok(needs)
    }

    /// How many items a group can have.
    fn most_items(&self, at: usize) -> usize {
        match self.group(at).map(|g| &g.each) {
            Some(Each::Repeat(repeat)) => usize::from(repeat.max),
            _ => PEOPLE,
        }
    }

    fn resolve(&self, expr: &Expr, stand: Stand, found: &mut Found) -> Result<(), Invalid> {
        let scope = stand.scope;
        let here = |why: String| Invalid::new(expr.code(), why);
        if stand.depth > DEEPEST {
            return Err(here(format!("lies more than {DEEPEST} deep")));
        }
        found.nodes += 1;
        if found.nodes > MOST_NODES {
            return Err(here(format!("is one node too many: a form's expressions have {MOST_NODES} together")));
        }
        found.steps += stand.times;
        if found.steps > MOST_STEPS {
            return Err(here(format!("takes too long: with every group full, a form's expressions may take {MOST_STEPS} steps")));
        }
        if let Some(id) = expr.question() {
            found.needs.extend(self.resolve_question(expr, id, scope).map_err(here)?);
        }
        if matches!(expr, Expr::Person(_)) && !scope.and_then(|g| self.group(g)).is_some_and(|g| matches!(g.each, Each::EachPerson(_))) {
            return Err(here("there is no person here: only the items of a group with each-person are about one".into()));
        }
        let mut below = Stand { depth: stand.depth + 1, ..stand };
        if let Some(id) = expr.group() {
            let group = self.ids.get(id).copied().filter(|at| self.group(*at).is_some());
            let group = group.ok_or_else(|| Invalid::new(format!("{}.group", expr.code()), format!("there is no group `{id}`")))?;
            if stand.inside {
                return Err(here("stands in another of its kind: count over one group at a time".into()));
            }
            found.needs.push(group);
            below = Stand { scope: Some(group), inside: true, times: stand.times.saturating_mul(self.most_items(group)), ..below };
        }
        for child in expr.children() {
            self.resolve(child.expr, below, found).map_err(|e| e.within(&child.path))?;
        }
        Ok(())
    }

    /// What naming the question `id` in `expr` depends on.
    fn resolve_question(&self, expr: &Expr, id: &str, scope: Option<usize>) -> Result<Option<usize>, String> {
        let at = *self.ids.get(id).ok_or_else(|| format!("there is no question `{id}`"))?;
        let node = &self.nodes[at];
        let What::Question(question) = node.what else {
            return Err(format!("`{id}` is no question"));
        };
        if let Some(group) = node.group
            && Some(group) != scope
        {
            let group = self.nodes[group].name();
            return Err(format!(
                "`{id}` is asked for each item of the group `{group}`: read it there, or through count, sum, min, max, any or all"
            ));
        }
        let earlier = matches!(expr, Expr::Previous(_) | Expr::Change(_));
        if earlier && matches!(question.asks, Asks::Computed(_)) {
            return Err(format!("`{id}` is computed, and earlier answers hold only what was answered"));
        }
        if earlier && node.group.and_then(|g| self.group(g)).is_some_and(|g| matches!(g.each, Each::Repeat(_))) {
            return Err(format!("`{id}` is asked in a repeating group, whose items cannot be told apart from last time's"));
        }
        Ok((!matches!(expr, Expr::Previous(_))).then_some(at))
    }

    /// An order in which every node comes after what it needs.
    fn sort(&self, needs: &[Vec<usize>]) -> Result<Vec<usize>, Invalid> {
        let mut order = Vec::with_capacity(needs.len());
        let mut state = vec![Visit::New; needs.len()];
        let mut way = Vec::new();
        for at in 0..needs.len() {
            self.visit(at, needs, &mut state, &mut way, &mut order)?;
        }
        Ok(order)
    }

    /// As deep as the longest chain of conditions: at most as many as there are nodes.
    fn visit(
        &self,
        at: usize,
        needs: &[Vec<usize>],
        state: &mut [Visit],
        way: &mut Vec<usize>,
        order: &mut Vec<usize>,
    ) -> Result<(), Invalid> {
        match state[at] {
            Visit::Done => return Ok(()),
            Visit::OnTheWay => {
                let from = way.iter().position(|n| *n == at).unwrap_or(0);
                let circle: Vec<String> = way[from..].iter().chain([&at]).map(|n| self.nodes[*n].name()).collect();
                return Err(Invalid::new(&self.nodes[at].path, format!("depends on itself: {}", circle.join(" → "))));
            }
            Visit::New => {}
        }
        state[at] = Visit::OnTheWay;
        way.push(at);
        for need in &needs[at] {
            self.visit(*need, needs, state, way, order)?;
        }
        way.pop();
        state[at] = Visit::Done;
        order.push(at);
        Ok(())
    }

    fn infer_all(&mut self) -> Result<(), Invalid> {
        // Computed values first, in order: what names one needs its type.
        for at in self.order.clone() {
            let What::Question(question) = self.nodes[at].what else { continue };
            if let Asks::Computed(computed) = &question.asks {
                let path = format!("{}.asks.computed.value", self.nodes[at].path);
                let found = self.infer(&computed.value).map_err(|e| e.within(&path))?;
                if matches!(found, Type::Given(_) | Type::Choices(_)) {
                    return Err(Invalid::new(path, format!("is {found}, and cannot be a computed value")));
                }
                self.nodes[at].gives = Some(found);
            }
        }
        for (at, node) in self.nodes.iter().enumerate() {
            for condition in node.conditions(at) {
                let found = self.infer(condition.expr).map_err(|e| e.within(&condition.path).within(&node.path))?;
                if condition.yes_no && found != Type::YesNo {
                    let why = format!("is {found}, and a condition is yes or no");
                    return Err(Invalid::new(&condition.path, why).within(&node.path));
                }
            }
        }
        Ok(())
    }

    /// The type of a question that exists.
    pub(super) fn type_of(&self, id: &str) -> Type {
        self.ids.get(id).and_then(|at| self.nodes[*at].gives.clone()).unwrap_or(Type::Given("computed"))
    }

    pub(super) fn group(&self, at: usize) -> Option<&'a Group> {
        if let What::Group(group) = self.nodes[at].what { Some(group) } else { None }
    }
}

#[derive(Debug, Clone, Copy)]
enum Visit {
    New,
    OnTheWay,
    Done,
}

impl<'a> Node<'a> {
    /// How a circle names it. Pages have names of their own.
    fn name(&self) -> String {
        match self.what {
            What::Page(page) => format!("page {}", page.page),
            _ => self.id().to_owned(),
        }
    }

    pub(super) fn id(&self) -> &'a str {
        match self.what {
            What::Page(page) => &page.page,
            What::Group(group) => &group.group,
            What::Display(display) => &display.display,
            What::Question(question) => &question.question,
        }
    }

    pub(super) fn visible_when(&self) -> Option<&'a Expr> {
        match self.what {
            What::Page(page) => page.visible_when.as_ref(),
            What::Group(group) => group.visible_when.as_ref(),
            What::Display(display) => display.visible_when.as_ref(),
            What::Question(question) => question.visible_when.as_ref(),
        }
    }

    fn conditions(&self, at: usize) -> Vec<Condition<'a>> {
        let scope = self.group;
        let mut all = Vec::new();
        let mut add = |path: String, expr, scope, decides, yes_no| all.push(Condition { path, expr, scope, decides, yes_no });
        if let Some(expr) = self.visible_when() {
            add("visible-when".into(), expr, scope, true, true);
        }
        match self.what {
            What::Group(Group { each: Each::EachPerson(each), .. }) => {
                if let Some(expr) = &each.filter {
                    add("each-person.where".into(), expr, Some(at), true, true);
                }
            }
            What::Question(question) => {
                if let Some(expr) = &question.required_when {
                    add("required-when".into(), expr, scope, false, true);
                }
                for (i, rule) in question.valid_when.iter().enumerate() {
                    add(format!("valid-when[{i}].that"), &rule.that, scope, false, true);
                }
                if let Asks::Computed(computed) = &question.asks {
                    add("asks.computed.value".into(), &computed.value, scope, true, false);
                }
            }
            _ => {}
        }
        all
    }

    /// What can be said of it without looking at anything else.
    fn check(&self, each: Option<&Each>) -> Result<(), Invalid> {
        match self.what {
            What::Page(page) => page.title.check("title", LONGEST_TITLE),
            What::Display(display) => display.text.check("text", LONGEST_TEXT),
            What::Group(group) => {
                group.title.check("title", LONGEST_TITLE)?;
                let Each::Repeat(repeat) = &group.each else { return Ok(()) };
                if repeat.max == 0 || repeat.max > MOST_ROWS {
                    return Err(Invalid::new("repeat.max", format!("is {}, and is 1 to {MOST_ROWS}", repeat.max)));
                }
                if repeat.min > repeat.max {
                    return Err(Invalid::new("repeat.min", format!("is {}, more than max, {}", repeat.min, repeat.max)));
                }
                repeat.item_label.check("repeat.item-label", LONGEST_TITLE)
            }
            What::Question(question) => question.check(each),
        }
    }
}

impl Question {
    fn check(&self, each: Option<&Each>) -> Result<(), Invalid> {
        self.asks.check().map_err(|e| e.within("asks"))?;
        self.label.check("label", LONGEST_LABEL)?;
        if let Some(hint) = &self.hint {
            hint.check("hint", LONGEST_TEXT)?;
        }
        if self.valid_when.len() > MOST_RULES {
            return Err(Invalid::new("valid-when", format!("has {} entries, and may have {MOST_RULES}", self.valid_when.len())));
        }
        for (i, rule) in self.valid_when.iter().enumerate() {
            rule.message.check(&format!("valid-when[{i}].message"), LONGEST_LABEL)?;
        }
        if let Some(problem) = &self.maps_to {
            codes::check("maps-to", "problems", problem)?;
        }
        if matches!(self.asks, Asks::Computed(_)) {
            let set = [
                ("required-when", self.required_when.is_some()),
                ("valid-when", !self.valid_when.is_empty()),
                ("default", self.default.is_some()),
                ("prefill", self.prefill.is_some()),
                ("not-known", self.not_known),
            ];
            if let Some((field, _)) = set.into_iter().find(|(_, set)| *set) {
                return Err(Invalid::new(field, "means nothing of a computed value, which nobody answers"));
            }
        }
        if let Some(default) = &self.default {
            if self.prefill.is_some() {
                return Err(Invalid::new("default", "stands beside prefill: one or the other"));
            }
            // A box that is ticked beforehand is no consent (UK GDPR, recital 32).
            if matches!(Type::of(&self.asks), Some(Type::Given(_))) && !matches!(self.asks, Asks::ServiceRef | Asks::WorkerRef)
                || matches!(self.asks, Asks::Declaration(_))
            {
                return Err(Invalid::new("default", format!("a question of the kind `{}` starts empty, or by prefill", self.asks.code())));
            }
            fit::fit(self, default, None).map_err(|fault| Invalid::new("default", fault.says.en))?;
        }
        self.prefill.map_or(Ok(()), |prefill| prefill.check(&self.asks, each).map_err(|why| Invalid::new("prefill", why)))
    }
}

impl Prefill {
    /// Does it give what the question asks for?
    fn check(self, asks: &Asks, each: Option<&Each>) -> Result<(), String> {
        use super::Scheme::{NhsNumber, Nino, Postcode, Upn, Uprn};
        let scheme = if let Asks::Identifier(asked) = asks { Some(asked.scheme) } else { None };
        let fits = match self {
            Self::Today | Self::PersonBirthDate => matches!(asks, Asks::Date(_)),
            Self::HomeAddress => matches!(asks, Asks::Address),
            Self::HomePostcode => scheme == Some(Postcode),
            Self::HomeUprn => scheme == Some(Uprn),
            Self::PersonName => matches!(asks, Asks::Name),
            Self::PersonNhsNumber => scheme == Some(NhsNumber),
            Self::PersonUpn => scheme == Some(Upn),
            Self::PersonNino => scheme == Some(Nino),
            Self::Worker | Self::LeadWorker => matches!(asks, Asks::WorkerRef),
            Self::Previous => true,
        };
        let of_person =
            matches!(self, Self::PersonName | Self::PersonBirthDate | Self::PersonNhsNumber | Self::PersonUpn | Self::PersonNino);
        match each {
            _ if !fits => Err(format!("does not give what a question of the kind `{}` asks for", asks.code())),
            None | Some(Each::Repeat(_)) if of_person => {
                Err("there is no person here: only the items of a group with each-person are about one".into())
            }
            Some(Each::Repeat(_)) if self == Self::Previous => {
                Err("the items of a repeating group cannot be told apart from last time's".into())
            }
            _ => Ok(()),
        }
    }
}
