//! Families that dice make: of a kind that a file describes, with their own names, days and numbers. The same seed gives the same families.

use hearth::record::Day;
use serde_json::{Value, json};

use super::names::{Names, later};
use super::read::{Book, Case, Entry, State};
use crate::generated::Dice;

const BEGIN: &[&str] =
    &["Ash", "Birch", "Cold", "Dun", "East", "Fern", "Gold", "Hazel", "Lang", "Moor", "North", "Oak", "Penn", "Rush", "Stan"];
const END: &[&str] = &["bury", "combe", "field", "ford", "ley", "more", "ridge", "stead", "ton", "worth"];

/// As many of the kind as are asked for, or its own number.
#[must_use]
pub fn families(book: &Book, kind: &Case, seed: u64) -> Vec<Case> {
    let Some(drawn) = &kind.drawn else { return Vec::new() };
    let salt = kind.name.bytes().fold(seed, |salt, byte| salt.wrapping_mul(31).wrapping_add(u64::from(byte)));
    let mut dice = Dice(salt);
    (1..=drawn.families)
        .map(|n| {
            let mut names = Names::default();
            names.set("surname", json!(format!("{}{}", dice.pick(BEGIN), dice.pick(END))));
            for (name, least, most) in &drawn.numbers {
                names.set(name, json!(dice.between(*least, *most)));
            }
            let days = i32::try_from(dice.between(0, drawn.later)).unwrap_or_default();
            one(book, kind, n, &names, days)
        })
        .collect()
}

fn one(book: &Book, kind: &Case, n: u64, names: &Names, days: i32) -> Case {
    let on = |day: Day| day.plus(days).unwrap_or(day).min(book.last);
    // A name that dice gave is replaced now; one that an answer gives, when it is there.
    let made = |value: &Value| later(&names.known(value), days);
    let entry = |entry: &Entry| Entry { on: on(entry.on), given: made(&entry.given), ..entry.clone() };
    let state = |state: &State| State {
        on: on(state.on),
        holds: state.holds.iter().map(|(look, patterns)| (look.clone(), patterns.iter().map(made).collect())).collect(),
        ..state.clone()
    };
    Case {
        name: format!("{}-{n:03}", kind.name),
        family: made(&kind.family),
        entries: kind.entries.iter().map(entry).collect(),
        states: kind.states.iter().map(state).collect(),
        drawn: None,
        ..kind.clone()
    }
}
