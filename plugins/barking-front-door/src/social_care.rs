//! Children for whom a social worker leads (002:L654-L663): with which standing, each authority says itself.

use crate::Asked;
use crate::hearth::decision::messages::Reason;
use crate::hearth::family::safeguarding::{self, Standing};
use crate::look::{Looked, look};
use crate::say;

/// Standings on the date asked about that children's social care leads in, and whether those are all.
pub fn leads(asked: &Asked) -> Looked<Standing> {
    let mut standings = look("safeguarding", "safeguarding-standing", asked.that_day(), safeguarding::standings);
    standings.rows.retain(|row| asked.settings.social_care_leads.contains(&row.status));
    standings
}

pub fn says(led: &[Standing]) -> Reason {
    let children = led.chunk_by(|one, next| one.person == next.person).count();
    let mut rests_on = say::facts(led.iter().map(|row| row.fact));
    rests_on.push(say::setting("social-care-leads"));
    say::reason("social-care-leads", &[("children", say::count(children))], rests_on)
}
