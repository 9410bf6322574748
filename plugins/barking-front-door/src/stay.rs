//! The family's stay in the programme, if it has begun by the date asked about.

use crate::Asked;
use crate::hearth::decision::episode;
use crate::hearth::family::types::Absence;
use crate::holds;

/// The stay that the programme helps the family in now.
pub fn current(asked: &Asked) -> Result<Option<episode::Stay>, Absence> {
    match episode::current() {
        Ok(stay) => Ok(Some(stay).filter(|stay| holds(stay.window, asked.on))),
        Err(absence) if absence.why == "no-episode" => Ok(None),
        Err(absence) => Err(absence),
    }
}
