//! Meetings about families: where a sitting stands, who came, and what became of a family on its agenda.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Invalid;
use super::sharing::codes;

codes! {
    /// Where a sitting stands.
    SittingState "a state of a sitting" {
        Proposed "proposed" "worked out, and for a person to plan";
        Planned "planned" "it is to be held";
        Held "held" "it was held";
        Missed "missed" "its day went by, and nobody said that it was held";
        Cancelled "cancelled" "somebody said that it is not held";
    }
}

codes! {
    /// Whether an organisation came.
    Attendance "a word for who came" {
        Present "present" "somebody of it was there";
        Apologies "apologies" "nobody was, and they had said so";
        Absent "absent" "nobody was";
    }
}

codes! {
    /// What became of a family on an agenda.
    ItemState "a state of an agenda item" {
        OnAgenda "on-agenda" "it is to be talked about";
        Decided "decided" "it was talked about, and what was decided is in the record";
        NotReached "not-reached" "the sitting was over before it; the next takes it over";
        PutOff "put-off" "another sitting took it over";
        TakenOff "taken-off" "somebody took it off, with a reason";
    }
}

impl SittingState {
    /// It is still to be held.
    #[must_use]
    pub const fn is_to_come(self) -> bool {
        matches!(self, Self::Proposed | Self::Planned)
    }
}

/// A time of the day.
///
/// # Errors
/// It is none of 00:00 to 23:59, written so.
pub fn time(field: &str, text: &str) -> Result<(), Invalid> {
    let two = |part: &str, most: u8| part.len() == 2 && part.parse::<u8>().is_ok_and(|n| n < most && part.as_bytes()[0].is_ascii_digit());
    match text.split_once(':') {
        Some((hours, minutes)) if two(hours, 24) && two(minutes, 60) => Ok(()),
        _ => Err(Invalid::new(field, "is a time of the day, as 09:30")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::codes;

    #[test]
    fn a_time_is_written_in_four_digits() {
        for good in ["00:00", "09:30", "23:59"] {
            assert_eq!(time("starts", good), Ok(()), "{good}");
        }
        for bad in ["", "9:30", "24:00", "09:60", "09.30", "+9:30", "09:3", "09:30:00"] {
            assert!(time("starts", bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_every_kind_of_meeting_decides_is_a_note_of_its_own_topic() {
        for kind in &codes::all().find(|l| l.list == "meetings").unwrap().codes {
            assert!(codes::find("note-topics", &kind.code).is_some(), "{}", kind.code);
        }
    }
}
