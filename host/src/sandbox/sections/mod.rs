//! What a plugin may read, one file an interface of `hearth:family`, all of one shape: count the call, answer "not
//! granted" where the import was optional, take the rows that share a day with the window, note what is handed over.

mod abuse;
mod assessments;
mod coverage;
mod education;
mod employment;
mod finance;
mod health;
mod household;
mod housing;
mod identity;
mod notes;
mod offending;
mod provenance;
mod safeguarding;
mod support;

use super::bindings::hearth::family::types as wit;
use super::run::{Run, Shows, window};
use crate::record::{Section, Snapshot, Window};

impl wit::Host for Run {}

/// The rows of one list of the snapshot that share a day with the window.
fn rows<R, W: Shows>(
    run: &mut Run,
    interface: &str,
    section: Section,
    asked: wit::Window,
    list: impl Fn(&Snapshot) -> &[R],
    when: impl Fn(&R) -> Window,
    row: impl Fn(&R) -> W,
) -> anyhow::Result<Result<Vec<W>, wit::Absence>> {
    if let Err(absence) = run.read(interface)? {
        return Ok(Err(absence));
    }
    let asked = window(asked)?;
    let found: Vec<W> = list(&run.given.snapshot).iter().filter(|r| when(r).overlaps(&asked)).map(row).collect();
    run.hand_over(section, &found)?;
    Ok(Ok(found))
}

/// Which facts and people a row shows, read off its fields.
macro_rules! shows {
    ($($row:ty: $fact:ident $(, $person:ident)*;)*) => {$(
        impl $crate::sandbox::run::Shows for $row {
            fn facts(&self) -> impl Iterator<Item = u32> {
                std::iter::once(self.$fact)
            }
            fn people(&self) -> impl Iterator<Item = u32> {
                let people: Vec<Option<u32>> = vec![$(self.$person.into()),*];
                people.into_iter().flatten()
            }
        }
    )*};
}
pub(super) use shows;
