//! Every interface that an authority has to grant, imported without being granted: the plugin is refused before it runs, by name; and
//! where what it says of itself leaves the import out, there is nothing to link.

use std::time::Instant;

use hearth::record::Digest;
use hearth::sandbox::{Grants, INTERFACE_VERSION, INTERFACES, Unfit, Words};

use super::guests::limits;
use super::{REFUSED, Row};
use crate::lab::sandbox;

/// # Panics
/// Where the text of a component is not sound.
#[must_use]
pub fn attacked() -> Vec<Row> {
    let sandbox = sandbox(limits());
    let mut rows = Vec::new();
    for interface in INTERFACES.iter().filter(|i| i.is_granted_by_the_authority()) {
        let name = interface.name;
        let text = format!(r#"(component (import "{name}@{INTERFACE_VERSION}" (instance (export "f" (func)))))"#);
        let bytes = wat::parse_str(text).unwrap();
        let compiled = sandbox.compile(Digest::of(&bytes), &bytes).unwrap();
        let others: Grants = INTERFACES.iter().map(|i| i.name).filter(|other| *other != name).collect();
        for (attack, imports) in [(format!("{name}, not granted"), vec![name.to_owned()]), (format!("{name}, not mentioned"), vec![])] {
            let (began, silent) = (Instant::now(), imports.is_empty());
            let words = Words { imports, ..Words::default() };
            let refused = sandbox.prepare(&compiled, &words, &others).err();
            // Said in the authority's words where the plugin asks, in the linker's where it hides that it does.
            let end = match &refused {
                Some(Unfit::NotGranted(missing)) if *missing == [name] && !silent => REFUSED,
                Some(Unfit::Interface(_)) if silent => REFUSED,
                _ => "linked, or refused for another reason",
            };
            let says = refused.map(|e| e.to_string()).unwrap_or_default();
            rows.push(Row::of(&attack, "text", (REFUSED, name), end, says, began.elapsed()));
        }
    }
    rows
}
