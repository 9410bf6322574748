//! What each kind of fact is made of, as a mapping names it and a cell is read: one table for every kind of the record. A test holds it
//! to what the record takes.

use crate::record::Kind;

/// How a cell becomes a value of the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// A number of things: `12`, or `12.0` as spreadsheets write it.
    Whole,
    YesNo,
    /// A word of a code list, by its code or its name in either language.
    Code(&'static str),
    /// Several of them, with commas or semicolons.
    Codes(&'static str),
    Text,
    /// A date in one of the mapping's forms.
    Day,
    /// Pounds, as `1,234.50` or `£12`; kept in pence.
    Pounds,
    /// `3.5`, kept in tenths.
    Tenths,
    /// An address: each column is one line of it.
    Lines,
}

/// One field of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// As the record calls it; a mapping writes hyphens for underscores.
    pub name: &'static str,
    pub takes: Takes,
    /// A fact without it is none.
    pub needed: bool,
}

const fn needs(name: &'static str, takes: Takes) -> Field {
    Field { name, takes, needed: true }
}

const fn may(name: &'static str, takes: Takes) -> Field {
    Field { name, takes, needed: false }
}

/// The fields of a kind, in the record's order.
#[must_use]
pub const fn fields(kind: Kind) -> &'static [Field] {
    use Takes::{Code, Codes, Day, Lines, Pounds, Tenths, Text, Whole, YesNo};
    match kind {
        Kind::Membership => const { &[needs("resident", YesNo)] },
        Kind::Relationship => const { &[needs("relation", Code("relations"))] },
        Kind::Residence | Kind::AntisocialIncident => const { &[] },
        Kind::Attendance => const { &[needs("possible", Whole), needs("attended", Whole), needs("unauthorised", Whole)] },
        Kind::Exclusion => const { &[needs("how", Code("exclusions"))] },
        Kind::Offence => const { &[needs("proven", YesNo)] },
        Kind::PoliceCallout => const { &[needs("domestic", YesNo), may("child_present", YesNo)] },
        Kind::BehaviourIntervention | Kind::AbuseProgramme | Kind::RepaymentPlan => const { &[needs("state", Code("interventions"))] },
        Kind::SafeguardingStanding => const { &[needs("status", Code("safeguarding-statuses"))] },
        Kind::AbuseIncident => const { &[may("child_present", YesNo), may("high_risk", YesNo)] },
        Kind::HealthNeed => const { &[needs("need", Code("health-needs")), needs("professional_identified", YesNo)] },
        Kind::HealthAppointment => const { &[may("need", Code("health-needs")), may("kept", YesNo)] },
        Kind::BenefitSpell => const { &[needs("benefit", Code("benefits")), needs("out_of_work", YesNo)] },
        Kind::Job => const { &[may("minutes_per_week", Whole)] },
        Kind::Tenancy => const { &[needs("tenure", Code("tenures"))] },
        Kind::EvictionStep => const { &[needs("stage", Code("eviction-stages"))] },
        Kind::Arrears => const { &[needs("debt", Code("debts")), needs("amount_pence", Pounds)] },
        Kind::Worker => const { &[needs("role", Code("roles")), needs("employer", Code("organisation-kinds"))] },
        Kind::Episode => const { &[needs("needs", Codes("problems"))] },
        Kind::EpisodeStanding => const { &[needs("stage", Text), may("tier", Text)] },
        Kind::Name => const { &[needs("given", Text), needs("family", Text)] },
        Kind::Birth => const { &[needs("on", Day)] },
        Kind::Identifier => const { &[needs("scheme", Code("identifier-schemes")), needs("value", Text)] },
        Kind::Address => const { &[needs("lines", Lines), may("postcode", Text), may("uprn", Text)] },
        Kind::Assessment => const { &[needs("form", Text), needs("state", Code("assessment-states"))] },
        Kind::Score => {
            const {
                &[
                    needs("form", Text),
                    needs("domain", Text),
                    needs("value_tenths", Tenths),
                    needs("least_tenths", Tenths),
                    needs("most_tenths", Tenths),
                    needs("higher_is_better", YesNo),
                ]
            }
        }
        Kind::Contact => const { &[needs("how", Code("contacts")), needs("role", Code("roles")), needs("kept", YesNo)] },
        Kind::Note => const { &[needs("topic", Code("note-topics")), needs("role", Code("roles")), needs("text", Text)] },
        Kind::Goal => const { &[needs("domain", Text), needs("state", Code("goal-states")), may("due", Day), needs("title", Text)] },
        Kind::ServiceUse => {
            const {
                &[
                    needs("service", Code("service-kinds")),
                    needs("state", Code("service-states")),
                    needs("employer", Code("organisation-kinds")),
                ]
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Detail, codes};
    use serde_json::{Map, Value, json};

    /// A value that the record takes in the field's place.
    fn sample(kind: Kind, field: &Field) -> Value {
        let first = |list: &str| codes::all().find(|l| l.list == list).unwrap().codes[0].code.clone();
        match (kind, field.name) {
            (Kind::Identifier, "value") => return json!("943 476 5919"),
            (Kind::Address, "uprn") => return json!("12345"),
            (Kind::Address, "postcode") => return json!("BS3 4QR"),
            (Kind::Score, "most_tenths") => return json!(100),
            (Kind::Score, "least_tenths") => return json!(0),
            (Kind::Attendance, "possible") => return json!(100),
            _ => {}
        }
        match field.takes {
            Takes::Whole | Takes::Tenths | Takes::Pounds => json!(10),
            Takes::YesNo => json!(true),
            Takes::Code(list) => json!(first(list)),
            Takes::Codes(list) => json!([first(list)]),
            Takes::Text => json!("a-word"),
            Takes::Day => json!("2026-08-31"),
            Takes::Lines => json!(["12 Mill Lane"]),
        }
    }

    #[test]
    fn every_field_is_one_that_the_record_takes_and_every_needed_one_is_there() {
        for kind in Kind::ALL {
            let whole: Map<String, Value> = fields(*kind).iter().map(|f| (f.name.to_owned(), sample(*kind, f))).collect();
            let read = Detail::read(*kind, Value::Object(whole.clone())).unwrap_or_else(|e| panic!("{kind}: {e}"));
            let written = read.to_json();
            let kept = written.as_object().map_or(0, Map::len);
            assert_eq!(kept, whole.len(), "{kind} drops a field of the table");
            for field in fields(*kind) {
                let mut without = whole.clone();
                without.remove(field.name);
                let read = Detail::read(*kind, Value::Object(without));
                assert_eq!(read.is_err(), field.needed, "{kind}.{}", field.name);
            }
        }
    }
}
