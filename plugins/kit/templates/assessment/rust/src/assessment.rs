//! How are things, and which tier of help does that suggest?

use crate::exports::hearth::assessment::evaluation::Guest;
use crate::hearth::assessment::answers::{self, Value};
use crate::hearth::assessment::results;
use crate::hearth::decision::messages::Failure;
use crate::manifest::{Settings, answered, reason, say, setting};
use crate::{Plugin, tell_panics};

/// Each is a domain and the question that asks for its points.
const AREAS: [&str; 3] = ["home", "school", "health"];
/// Points of every scale, in tenths.
const LEAST: i32 = 10;
const MOST: i32 = 50;

impl Guest for Plugin {
    /// Code list assessment-results.
    fn evaluate() -> Result<String, Failure> {
        tell_panics();
        let (settings, given) = (Settings::read(), answers::given()?);
        let low_points = settings.low_points.cast_signed();
        let points = |area: &str| match given.iter().find(|answer| answer.question == area)?.value {
            Some(Value::Tenths(points)) => Some(points),
            _ => None,
        };
        let scored: Vec<_> = AREAS.iter().filter_map(|area| Some((*area, points(area)?))).collect();
        for &(area, points) in &scored {
            let why = [reason(say::scored(area, points, MOST), answered(area))];
            results::score(area, None, points, LEAST, MOST, true, &why);
        }
        // Not scored is not well.
        if scored.len() < AREAS.len() {
            return Ok("incomplete".into());
        }

        let low = scored.iter().filter(|(_, points)| *points <= low_points).count();
        let tier = match low {
            0 => "super-light",
            _ if low < settings.intensive_from as usize => "light",
            _ => "intensive",
        };
        let answers = AREAS.iter().flat_map(|area| answered(area));
        let rests_on = answers.chain(setting("low-points")).chain(setting("intensive-from")).collect();
        results::tier(tier, &[reason(say::low(low, low_points), rests_on)]);
        Ok("complete".into())
    }
}
