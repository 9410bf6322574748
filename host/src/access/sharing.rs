//! What may be shared with an organisation about a family, and why not: one sentence a section, for whoever is about to share.

use std::collections::HashMap;

use crate::record::{AgreementId, Basis, Day, PersonId, Section, codes};
use crate::store::{Agreement, Share};

/// What is known of one organisation and one family.
#[derive(Debug)]
pub struct Asked<'a> {
    /// The organisation's name.
    pub organisation: &'a str,
    /// With it, the latest first.
    pub agreements: &'a [Agreement],
    /// Of the family, the latest first.
    pub shares: &'a [Share],
    /// Of those whom whoever asks may see.
    pub names: &'a HashMap<PersonId, String>,
    pub today: Day,
}

/// May a section be shared?
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MayShare {
    pub section: Section,
    pub may: bool,
    /// Only about one person.
    pub person: Option<PersonId>,
    pub sentence: String,
}

impl Asked<'_> {
    /// Every section; of one that may be shared about single people alone, one line for each.
    #[must_use]
    pub fn answer(&self) -> Vec<MayShare> {
        Section::ALL.iter().flat_map(|section| self.of(*section)).collect()
    }

    fn of(&self, section: Section) -> Vec<MayShare> {
        let open: Vec<(&Agreement, &Share)> = self
            .shares
            .iter()
            .filter(|share| share.withdrawn.is_none() && share.sections.has(section))
            .filter_map(|share| Some((self.agreement(share.agreement)?, share)))
            .filter(|(agreement, _)| self.in_force(agreement) && agreement.sections.has(section))
            .collect();
        // What is shared of the whole family says all that shares of single people would.
        if let Some((agreement, share)) = open.iter().find(|(_, share)| share.person.is_none()) {
            return vec![self.yes(section, agreement, share)];
        }
        if open.is_empty() {
            return vec![self.no(section)];
        }
        open.iter().map(|(agreement, share)| self.yes(section, agreement, share)).collect()
    }

    fn yes(&self, section: Section, agreement: &Agreement, share: &Share) -> MayShare {
        let about = share.person.map(|p| format!(" about {} alone", self.names.get(&p).map_or("one person", String::as_str)));
        let because = if share.by_consent {
            format!("{} agreed on {}", share.given_by, share.given_on.in_words())
        } else {
            format!("the law allows it for {}, and {} was told on {}", agreement.basis.says(), share.given_by, share.given_on.in_words())
        };
        let purposes: Vec<&str> = agreement.purposes.iter().map(|p| p.says()).collect();
        let objected = share.objected.as_ref().map(|o| format!(" Somebody objected on {}: look at that first.", o.at.day().in_words()));
        let sentence = format!(
            "{} may be shared with {}{}: {because}; for {}.{}",
            name(section),
            self.organisation,
            about.unwrap_or_default(),
            purposes.join(", or "),
            objected.unwrap_or_default(),
        );
        MayShare { section, may: true, person: share.person, sentence }
    }

    fn no(&self, section: Section) -> MayShare {
        let covering: Vec<&Agreement> = self.agreements.iter().filter(|a| a.sections.has(section)).collect();
        let current = covering.iter().find(|a| self.in_force(a));
        let why = match (current, covering.first()) {
            (None, None) => "no agreement with it covers this".to_owned(),
            (None, Some(over)) => match over.window.last {
                Some(last) if last < self.today => format!("the agreement that covered this ended on {}", last.in_words()),
                _ => format!("the agreement that covers this begins on {}", over.window.first.in_words()),
            },
            (Some(agreement), _) => self.not_given(section, agreement),
        };
        let sentence = format!("{} may not be shared with {}: {why}.", name(section), self.organisation);
        MayShare { section, may: false, person: None, sentence }
    }

    fn not_given(&self, section: Section, agreement: &Agreement) -> String {
        let of_section = |s: &&Share| s.agreement == agreement.id && s.sections.has(section);
        let withdrawn = self.shares.iter().filter(of_section).find_map(|s| s.withdrawn.as_ref());
        match (agreement.basis, withdrawn) {
            (Basis::Consent, Some(said)) => format!("consent was withdrawn on {}", said.at.day().in_words()),
            (Basis::Consent, None) => "it needs consent, and nobody has given it".to_owned(),
            (basis, Some(said)) => {
                format!("the law allows it for {}, but it was stopped on {}", basis.says(), said.at.day().in_words())
            }
            (basis, None) => format!("the law allows it for {}, but the family has not been told: record the notice first", basis.says()),
        }
    }

    fn agreement(&self, id: AgreementId) -> Option<&Agreement> {
        self.agreements.iter().find(|a| a.id == id)
    }

    fn in_force(&self, agreement: &Agreement) -> bool {
        agreement.window.contains(self.today)
    }
}

fn name(section: Section) -> &'static str {
    codes::find("sections", section.code()).map_or(section.code(), |c| c.en.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{FamilyId, KnownAt, Purpose, Sections, ShareId, Window};
    use crate::store::Said;

    fn agreement(basis: Basis, sections: &[Section], window: &str) -> Agreement {
        Agreement {
            id: AgreementId::fresh(),
            organisation: "hill-school".parse().unwrap(),
            sections: sections.iter().copied().collect(),
            purposes: vec![Purpose::Casework],
            basis,
            window: window.parse::<Window>().unwrap(),
        }
    }

    fn share(agreement: &Agreement, sections: Sections) -> Share {
        Share {
            id: ShareId::fresh(),
            agreement: agreement.id,
            family: FamilyId::fresh(),
            person: None,
            sections,
            by_consent: agreement.basis.needs_consent(),
            why: "a plan at school".into(),
            how: "a signed form".into(),
            given_by: "the mother".into(),
            given_on: "2026-05-03".parse().unwrap(),
            withdrawn: None,
            objected: None,
        }
    }

    fn answer(agreements: &[Agreement], shares: &[Share], section: Section) -> (bool, String) {
        let asked = Asked { organisation: "Hill School", agreements, shares, names: &HashMap::new(), today: "2026-06-01".parse().unwrap() };
        let all = asked.answer();
        assert!(all.len() >= Section::ALL.len());
        let found = all.into_iter().find(|a| a.section == section).unwrap();
        (found.may, found.sentence)
    }

    #[test]
    fn each_reason_has_its_sentence() {
        let said = || Some(Said { at: KnownAt::from_millis(1_780_000_000_000), by: "worker".into(), words: "by telephone".into() });
        let school = [Section::Education];
        let by_consent = agreement(Basis::Consent, &school, "2026-01-01..");
        let by_law = agreement(Basis::ChildProtection, &school, "2026-01-01..");
        let over = agreement(Basis::Consent, &school, "2025-01-01..2025-12-31");
        let given = share(&by_consent, by_consent.sections);
        let told = share(&by_law, by_law.sections);
        let withdrawn = Share { withdrawn: said(), ..given.clone() };
        let objected = Share { objected: said(), ..told.clone() };
        let of_old = share(&over, over.sections);
        //  agreements | shares | may | in the sentence
        for (agreements, shares, may, says) in [
            (vec![], vec![], false, "Education may not be shared with Hill School: no agreement with it covers this."),
            (vec![over.clone()], vec![of_old], false, "the agreement that covered this ended on 31 December 2025."),
            (vec![by_consent.clone()], vec![], false, "it needs consent, and nobody has given it."),
            (vec![by_consent.clone()], vec![given], true, "the mother agreed on 3 May 2026; for helping the family."),
            (vec![by_consent], vec![withdrawn], false, "consent was withdrawn on 28 May 2026."),
            (vec![by_law.clone()], vec![], false, "but the family has not been told: record the notice first."),
            (
                vec![by_law.clone()],
                vec![told],
                true,
                "the law allows it for the protection of children, and the mother was told on 3 May 2026",
            ),
            (vec![by_law], vec![objected], true, "Somebody objected on 28 May 2026: look at that first."),
        ] {
            let (is, sentence) = answer(&agreements, &shares, Section::Education);
            assert!(is == may && sentence.contains(says), "{sentence}");
        }
    }

    #[test]
    fn what_one_person_agreed_to_is_about_them_alone() {
        let by_consent = agreement(Basis::Consent, &[Section::Health], "2026-01-01..");
        let ben = PersonId::fresh();
        let shares = [Share { person: Some(ben), ..share(&by_consent, by_consent.sections) }];
        let names = [(ben, "Ben Bell".to_owned())].into();
        let today = "2026-06-01".parse().unwrap();
        let agreements = [by_consent];
        let asked = Asked { organisation: "Hill School", agreements: &agreements, shares: &shares, names: &names, today };
        let health = asked.answer().into_iter().find(|a| a.section == Section::Health).unwrap();
        assert_eq!(health.person, Some(ben));
        assert!(health.sentence.starts_with("Health may be shared with Hill School about Ben Bell alone: "), "{}", health.sentence);
    }
}
