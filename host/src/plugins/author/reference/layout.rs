//! Code on lines: on one where it fits, else each part on its own.

/// Columns that a line of an example may have: more would scroll on a phone even sideways.
const WIDTH: usize = 88;

/// A piece of code that may be broken.
#[derive(Clone)]
pub(super) enum Code {
    Leaf(String),
    /// `name: value`, with whatever stands between.
    Named(String, Box<Self>),
    /// `{ a, b }`: what opens, what stands between, what closes.
    Group(String, Vec<Self>, String),
}

impl Code {
    pub(super) fn leaf(text: impl Into<String>) -> Self {
        Self::Leaf(text.into())
    }

    pub(super) fn group(open: impl Into<String>, items: Vec<Self>, close: &str) -> Self {
        Self::Group(open.into(), items, close.into())
    }

    fn inline(&self) -> String {
        match self {
            Self::Leaf(text) => text.clone(),
            Self::Named(name, value) => format!("{name}{}", value.inline()),
            Self::Group(open, items, close) => {
                format!("{open}{}{close}", items.iter().map(Self::inline).collect::<Vec<_>>().join(", "))
            }
        }
    }

    /// With lines after the first indented by `indent`; `before` columns of the first are taken, and `after` of the last.
    pub(super) fn lines(&self, indent: usize, before: usize, after: usize) -> String {
        let inline = self.inline();
        if before + inline.chars().count() + after <= WIDTH {
            return inline;
        }
        match self {
            Self::Leaf(_) => inline,
            Self::Named(name, value) => format!("{name}{}", value.lines(indent, before + name.chars().count(), after)),
            Self::Group(open, items, close) => {
                // One thing that is a group itself: `propose(&Message {` needs no line of its own.
                if let [Self::Group(inner, within, end)] = &items[..] {
                    return Self::Group(format!("{open}{inner}"), within.clone(), format!("{end}{close}")).broken(indent);
                }
                self.broken(indent)
            }
        }
    }

    fn broken(&self, indent: usize) -> String {
        let Self::Group(open, items, close) = self else { return self.inline() };
        let deeper = indent + 4;
        let lines: String = items.iter().map(|item| format!("{}{},\n", " ".repeat(deeper), item.lines(deeper, deeper, 1))).collect();
        format!("{}\n{lines}{}{}", open.trim_end(), " ".repeat(indent), close.trim_start())
    }
}
