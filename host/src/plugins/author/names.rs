//! The interface's words (`police-callouts`) as each language writes them.

/// `policeCallouts`. JavaScript takes every word as the name of a field.
pub(super) fn camel(word: &str) -> String {
    let mut parts = word.split('-');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |name, part| name + &capital(part))
}

/// `PoliceCallouts`.
pub(super) fn pascal(word: &str) -> String {
    word.split('-').map(capital).collect()
}

/// `police_callouts`, and `from_` where Python keeps the word for itself.
pub(super) fn snake(word: &str) -> String {
    let name = word.replace('-', "_");
    if PYTHON_KEEPS.contains(&name.as_str()) { name + "_" } else { name }
}

/// A name that a JavaScript module may declare: no word that the language keeps, and no digit first.
pub(super) fn declared_in_javascript(word: &str) -> String {
    let name = not_a_digit(camel(word));
    if JAVASCRIPT_KEEPS.contains(&name.as_str()) { name + "_" } else { name }
}

/// The same in Python.
pub(super) fn declared_in_python(word: &str) -> String {
    not_a_digit(snake(word))
}

/// The same for a Rust module.
pub(super) fn declared_in_rust(word: &str) -> String {
    let name = not_a_digit(word.replace('-', "_"));
    if RUST_KEEPS.contains(&name.as_str()) { name + "_" } else { name }
}

fn not_a_digit(name: String) -> String {
    if name.starts_with(|first: char| first.is_ascii_digit()) { format!("n{name}") } else { name }
}

fn capital(part: &str) -> String {
    let mut letters = part.chars();
    letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str()).unwrap_or_default()
}

const PYTHON_KEEPS: &[&str] = &[
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del", "elif", "else", "except",
    "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try",
    "while", "with", "yield",
];

const JAVASCRIPT_KEEPS: &[&str] = &[
    "arguments",
    "await",
    "break",
    "case",
    "catch",
    "class",
    "const",
    "continue",
    "debugger",
    "default",
    "delete",
    "do",
    "else",
    "enum",
    "eval",
    "export",
    "extends",
    "false",
    "finally",
    "for",
    "function",
    "if",
    "implements",
    "import",
    "in",
    "instanceof",
    "interface",
    "let",
    "new",
    "null",
    "package",
    "private",
    "protected",
    "public",
    "return",
    "static",
    "super",
    "switch",
    "this",
    "throw",
    "true",
    "try",
    "typeof",
    "undefined",
    "var",
    "void",
    "while",
    "with",
    "yield",
];

const RUST_KEEPS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn", "else", "enum", "extern",
    "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv",
    "pub", "ref", "return", "self", "static", "struct", "super", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use",
    "virtual", "where", "while", "yield",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_language_writes_a_word_its_own_way() {
        assert_eq!(
            (camel("police-callouts"), pascal("police-callouts"), snake("police-callouts")),
            ("policeCallouts".into(), "PoliceCallouts".into(), "police_callouts".into())
        );
        assert_eq!((camel("from"), snake("from"), declared_in_rust("from")), ("from".into(), "from_".into(), "from".into()));
        assert_eq!((declared_in_python("90-days"), declared_in_rust("90-days")), ("n90_days".into(), "n90_days".into()));
        assert_eq!((declared_in_python("type"), declared_in_rust("type")), ("type".into(), "type_".into()));
    }
}
