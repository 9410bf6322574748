//! What is wrong with an answer, in words.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Asks, Scheme};
use crate::record::Both;
use crate::record::ids::is_slug;

/// Why an answer is wrong, or missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = FormWhy)]
pub enum Why {
    /// Nothing stands there, and must.
    Required,
    /// A repeating group has too few items.
    TooFew,
    TooMany,
    /// It answers another kind of question.
    WrongKind,
    /// It says "not known" or "not asked", and may not.
    MustBeKnown,
    /// Less than the least or more than the most.
    OutOfRange,
    /// Between two points of a scale, or with too many decimals.
    TooPrecise,
    /// Only the month, where the day is asked for.
    NotPreciseEnough,
    NotAnOption,
    /// An option stands there twice.
    Twice,
    /// An option that is chosen alone was chosen with others.
    NotAlone,
    Empty,
    TooLong,
    /// A character that is no letter, sign or space.
    NotText,
    /// Not a name, address, phone number, e-mail address, identifier, file or short name as it must be.
    NotWellFormed,
    /// The person is no member of the family, or the item no person's.
    NoSuchPerson,
    /// The form has no such question or group there.
    NoSuchQuestion,
    /// The form's own rule says no.
    RuleBroken,
}

impl Why {
    /// Is something missing, rather than wrong? A draft may miss it.
    #[must_use]
    pub const fn is_missing(self) -> bool {
        matches!(self, Self::Required | Self::TooFew)
    }
}

/// A fault and the sentence for whoever fills in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub why: Why,
    pub says: Both,
}

impl Fault {
    fn new(why: Why, en: impl Into<String>, cy: impl Into<String>) -> Self {
        Self { why, says: Both { en: en.into(), cy: cy.into() } }
    }

    pub fn rule(message: &Both) -> Self {
        Self { why: Why::RuleBroken, says: message.clone() }
    }

    pub fn required() -> Self {
        Self::new(Why::Required, "This must be answered.", "Rhaid ateb hyn.")
    }

    pub fn too_few(min: u16) -> Self {
        Self::new(Why::TooFew, format!("There must be at least {min}."), format!("Rhaid cael o leiaf {min}."))
    }

    pub fn too_many(max: u16) -> Self {
        Self::new(Why::TooMany, format!("There may be at most {max}."), format!("Ni chaniateir mwy na {max}."))
    }

    pub fn wrong_kind(asks: &Asks, given: &str) -> Self {
        let asked = asks.code();
        Self::new(
            Why::WrongKind,
            format!("This asks for `{asked}`, and was answered with `{given}`."),
            format!("Mae hyn yn gofyn am `{asked}`, ond yr ateb oedd `{given}`."),
        )
    }

    pub fn must_be_known() -> Self {
        Self::new(
            Why::MustBeKnown,
            "This may not be answered “not known” or “not asked”.",
            "Ni ellir ateb hyn gyda “ddim yn gwybod” neu “heb ei ofyn”.",
        )
    }

    pub fn at_least(min: impl std::fmt::Display) -> Self {
        Self::new(Why::OutOfRange, format!("This must be at least {min}."), format!("Rhaid i hyn fod yn {min} o leiaf."))
    }

    pub fn at_most(max: impl std::fmt::Display) -> Self {
        Self::new(Why::OutOfRange, format!("This must be at most {max}."), format!("Rhaid i hyn beidio â bod yn fwy na {max}."))
    }

    pub fn between_points(value: impl std::fmt::Display, step: impl std::fmt::Display) -> Self {
        Self::new(
            Why::TooPrecise,
            format!("{value} is between two points: the scale goes in steps of {step}."),
            format!("Mae {value} rhwng dau bwynt: mae'r raddfa'n mynd fesul {step}."),
        )
    }

    pub fn decimals(most: u8) -> Self {
        Self::new(
            Why::TooPrecise,
            format!("This may have at most {most} decimal places."),
            format!("Ni chaiff hyn fod â mwy na {most} lle degol."),
        )
    }

    pub fn whole_date() -> Self {
        Self::new(Why::NotPreciseEnough, "This must be a full date, with the day.", "Rhaid i hyn fod yn ddyddiad llawn, gyda'r diwrnod.")
    }

    pub fn not_an_option(option: &str) -> Self {
        if !is_slug(option) {
            return Self::new(Why::NotAnOption, "This is not one of the options.", "Nid yw hyn yn un o'r dewisiadau.");
        }
        Self::new(Why::NotAnOption, format!("`{option}` is not one of the options."), format!("Nid yw `{option}` yn un o'r dewisiadau."))
    }

    pub fn twice(option: &str) -> Self {
        Self::new(Why::Twice, format!("`{option}` was chosen twice."), format!("Dewiswyd `{option}` ddwywaith."))
    }

    pub fn person_twice() -> Self {
        Self::new(Why::Twice, "There are answers about this person already.", "Mae atebion am y person hwn yn barod.")
    }

    pub fn not_alone(option: &str) -> Self {
        Self::new(
            Why::NotAlone,
            format!("`{option}` cannot be chosen together with others."),
            format!("Ni ellir dewis `{option}` gydag eraill."),
        )
    }

    pub fn empty() -> Self {
        Self::new(Why::Empty, "This is empty.", "Mae hyn yn wag.")
    }

    pub fn too_long(most: usize) -> Self {
        Self::new(Why::TooLong, format!("This may have at most {most} characters."), format!("Ni chaiff hyn fod â mwy na {most} nod."))
    }

    pub fn not_text() -> Self {
        Self::new(Why::NotText, "This has a character that cannot be kept.", "Mae nod yma na ellir ei gadw.")
    }

    pub fn name() -> Self {
        Self::new(Why::NotWellFormed, "This is not a given name and a family name.", "Nid yw hyn yn enw cyntaf a chyfenw.")
    }

    pub fn address() -> Self {
        Self::new(
            Why::NotWellFormed,
            "This is not an address: one to six lines, a postcode and a property number where they are known.",
            "Nid yw hyn yn gyfeiriad: un i chwe llinell, a chod post a rhif eiddo os ydynt yn hysbys.",
        )
    }

    pub fn phone() -> Self {
        Self::new(Why::NotWellFormed, "This is not a telephone number.", "Nid yw hyn yn rhif ffôn.")
    }

    pub fn email() -> Self {
        Self::new(Why::NotWellFormed, "This is not an e-mail address.", "Nid yw hyn yn gyfeiriad e-bost.")
    }

    pub fn identifier(scheme: Scheme) -> Self {
        let (en, cy) = match scheme {
            Scheme::NhsNumber => ("an NHS number: ten digits, the last a check digit", "rhif GIG: deg digid, yr olaf yn ddigid gwirio"),
            Scheme::Upn => (
                "a unique pupil number: a check letter, eleven digits, a digit or letter",
                "rhif disgybl unigryw: llythyren wirio, un digid ar ddeg, digid neu lythyren",
            ),
            Scheme::Nino => {
                ("a National Insurance number: two letters, six digits, A to D", "rhif Yswiriant Gwladol: dwy lythyren, chwe digid, A i D")
            }
            Scheme::Urn => ("a school's number: six digits", "rhif ysgol: chwe digid"),
            Scheme::Uprn => {
                ("a unique property reference number: up to twelve digits", "rhif cyfeirnod eiddo unigryw: hyd at ddeuddeg digid")
            }
            Scheme::Postcode => ("a postcode", "cod post"),
        };
        Self::new(Why::NotWellFormed, format!("This is not {en}."), format!("Nid yw hyn yn {cy}."))
    }

    pub fn file(types: &[String]) -> Self {
        let types = types.join(", ");
        Self::new(
            Why::NotWellFormed,
            format!("Only these files are taken: {types}."),
            format!("Dim ond y ffeiliau hyn a dderbynnir: {types}."),
        )
    }

    pub fn short_name() -> Self {
        Self::new(Why::NotWellFormed, "This is not an organisation's short name.", "Nid yw hyn yn enw byr sefydliad.")
    }

    pub fn no_such_person() -> Self {
        Self::new(Why::NoSuchPerson, "This is not a member of the family.", "Nid yw hwn yn aelod o'r teulu.")
    }

    pub fn no_person() -> Self {
        Self::new(Why::NoSuchPerson, "It is not said whom this is about.", "Ni ddywedwyd am bwy y mae hyn.")
    }

    pub fn person_not_wanted() -> Self {
        Self::new(Why::NoSuchPerson, "This is not about one person.", "Nid yw hyn am un person.")
    }

    pub fn no_such_question() -> Self {
        Self::new(Why::NoSuchQuestion, "The form has no such question here.", "Nid oes cwestiwn o'r fath yma yn y ffurflen.")
    }

    pub fn no_such_group() -> Self {
        Self::new(Why::NoSuchQuestion, "The form has no such group.", "Nid oes grŵp o'r fath yn y ffurflen.")
    }
}
