//! Benefits that the Department for Work and Pensions paid, a row for each spell. A spell may have begun long before the
//! days covered and go on after them: it must touch them. Silence about a person says that nothing was paid.

use super::table::{Column, Refusal, Row};
use super::{Covers, Period, Said, Shape, cells};
use crate::record::sections::employment::BenefitSpell;
use crate::record::sections::identity::{Scheme, squeezed};
use crate::record::{Detail, Kind, Window, codes};

const NINO: Column = Column { name: "NINO", also: &["national insurance number", "NI number", "NI no"] };
const BENEFIT: Column = Column { name: "Benefit", also: &["benefit type", "benefit name", "benefit code"] };
const FIRST: Column = Column { name: "Start", also: &["start date", "spell start", "from", "date from", "claim start"] };
const LAST: Column = Column { name: "End", also: &["end date", "spell end", "to", "date to", "claim end"] };
const OUT_OF_WORK: Column = Column { name: "Out of work", also: &["out of work flag", "workless", "not in work"] };

pub(super) const SHAPE: Shape = Shape {
    kind: Kind::BenefitSpell,
    needs: &[&[&[NINO]], &[&[BENEFIT]], &[&[FIRST]], &[&[LAST]]],
    may_have: &[OUT_OF_WORK],
    keys: |row| Ok(vec![cells::identifier(row, NINO, Scheme::Nino)?]),
    subject: (NINO, "person"),
    window: |row| {
        let first = cells::day(row, FIRST)?;
        Window::new(first, cells::maybe_day(row, LAST)?).map_err(|_| Refusal::new(LAST, "is before the start"))
    },
    said,
    period: (FIRST, Period::Touching),
    covers: Covers::Everybody,
};

/// The department's short names; whether the benefit is for people out of work, where the row does not say. Universal Credit
/// is paid in work and out of it, so it counts only where the row says so.
const BENEFITS: &[(&str, &str, bool)] = &[
    ("UC", "universal-credit", false),
    ("JSA", "jobseekers-allowance", true),
    ("ESA", "employment-and-support-allowance", true),
    ("IS", "income-support", true),
    ("CA", "carers-allowance", false),
    ("HB", "housing-benefit", false),
    ("DLA", "disability-living-allowance", false),
    ("PIP", "personal-independence-payment", false),
];

fn said(row: &Row<'_>, key: &str, window: Window) -> Result<Said, Refusal> {
    let (benefit, usually) = benefit(row.needed(BENEFIT)?)?;
    let out_of_work = cells::yes_or_no(row, OUT_OF_WORK)?.unwrap_or(usually);
    let reference = format!("{}:{benefit}:{}", cells::short(key), window.first);
    let detail = Detail::BenefitSpell(BenefitSpell { benefit: benefit.to_owned(), out_of_work });
    Ok(Said { reference, referred_by: FIRST, window, detail })
}

/// By short name, code, or the name in words.
fn benefit(text: &str) -> Result<(&'static str, bool), Refusal> {
    let written = squeezed(text);
    let named = |code: &str| codes::find("benefits", code).is_some_and(|c| squeezed(&c.en) == written || squeezed(&c.cy) == written);
    BENEFITS
        .iter()
        .find(|(short, code, _)| *short == written || squeezed(code) == written || named(code))
        .map(|(_, code, out_of_work)| (*code, *out_of_work))
        .ok_or_else(|| {
            let known: Vec<_> = BENEFITS.iter().map(|(short, code, _)| format!("{code} or {short}")).collect();
            Refusal::new(BENEFIT, format!("is not a benefit we know ({})", known.join(", ")))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_benefit_of_the_code_list_is_read_by_every_name() {
        let list = codes::all().find(|l| l.list == "benefits").unwrap();
        for code in &list.codes {
            for written in [code.code.as_str(), &code.en, &code.cy, &code.en.to_uppercase()] {
                assert_eq!(benefit(written).unwrap().0, code.code, "{written}");
            }
        }
        assert_eq!(benefit("esa").unwrap(), ("employment-and-support-allowance", true));
        assert!(!benefit("AB123456C").unwrap_err().reason.contains("AB123456C"));
    }
}
