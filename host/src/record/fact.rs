//! A fact: one dated statement in the record, with its source. Never changed, only superseded.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::sections::{
    abuse, assessments, education, employment, finance, health, household, housing, identity, notes, offending, safeguarding, support,
};
use super::{FactId, FamilyId, HomeId, Invalid, KnownAt, OrganisationId, PersonId, Window, told_back};

/// What a kind of fact is about. A missing subject and one too many are both refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    Person,
    Home,
    Family,
    /// A person in a family, or a home of a family.
    PersonInFamily,
    HomeOfFamily,
    /// What one person is to another.
    PersonToPerson,
    /// Someone named, or the household where nobody is.
    PersonOrHome,
    /// The same, and who is said to have done it to them.
    PersonOrHomeBy,
    /// The family; one of its people or homes may be named with it.
    WithinFamily,
    /// The family; one of its people may be named with it.
    FamilyOrMember,
}

macro_rules! kinds {
    ($($name:ident $code:literal $section:ident $about:ident $detail:path;)*) => {
        /// What a fact says. Published as the code list `kinds`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "kebab-case")]
        pub enum Kind { $($name),* }

        impl Kind {
            pub const ALL: &[Self] = &[$(Self::$name),*];

            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code),* }
            }

            #[must_use]
            pub const fn section(self) -> Section {
                match self { $(Self::$name => Section::$section),* }
            }

            #[must_use]
            pub const fn about(self) -> About {
                match self { $(Self::$name => About::$about),* }
            }
        }

        /// What a fact of each kind holds beside its subject, window and source.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
        #[serde(tag = "kind", content = "detail", rename_all = "kebab-case")]
        pub enum Detail { $($name($detail)),* }

        impl Detail {
            #[must_use]
            pub const fn kind(&self) -> Kind {
                match self { $(Self::$name(_) => Kind::$name),* }
            }

            /// Reads what was sent for `kind` and checks it.
            ///
            /// # Errors
            /// [`Invalid`] with the path below `detail`.
            pub fn read(kind: Kind, detail: serde_json::Value) -> Result<Self, Invalid> {
                match kind { $(Kind::$name => {
                    let read: $detail = super::from_json(detail)?;
                    read.check()?;
                    Ok(Self::$name(read))
                })* }
            }

            /// The detail alone, without its kind.
            #[must_use]
            pub fn to_json(&self) -> serde_json::Value {
                // Details hold only words, numbers and dates, which always become JSON.
                match self { $(Self::$name(d) => serde_json::to_value(d).unwrap_or_default()),* }
            }
        }
    };
}

kinds! {
    Membership "membership" Household PersonInFamily household::Membership;
    Relationship "relationship" Household PersonToPerson household::Relation;
    Residence "residence" Household HomeOfFamily household::Residence;
    Attendance "attendance" Education Person education::Attendance;
    Exclusion "exclusion" Education Person education::Exclusion;
    Offence "offence" Offending Person offending::Offence;
    AntisocialIncident "antisocial-incident" Offending PersonOrHome offending::AntisocialIncident;
    PoliceCallout "police-callout" Offending Home offending::PoliceCallout;
    BehaviourIntervention "behaviour-intervention" Offending Person offending::BehaviourIntervention;
    SafeguardingStanding "safeguarding-standing" Safeguarding Person safeguarding::Standing;
    AbuseIncident "abuse-incident" Abuse PersonOrHomeBy abuse::Incident;
    AbuseProgramme "abuse-programme" Abuse Person abuse::Programme;
    HealthNeed "health-need" Health Person health::Need;
    HealthAppointment "health-appointment" Health Person health::Appointment;
    BenefitSpell "benefit-spell" Employment Person employment::BenefitSpell;
    Job "job" Employment Person employment::Job;
    Tenancy "tenancy" Housing WithinFamily housing::Tenancy;
    EvictionStep "eviction-step" Housing WithinFamily housing::EvictionStep;
    Arrears "arrears" Finance WithinFamily finance::Arrears;
    RepaymentPlan "repayment-plan" Finance Family finance::RepaymentPlan;
    Worker "worker" Support Family support::Worker;
    Episode "episode" Support Family support::Episode;
    EpisodeStanding "episode-standing" Support Family support::EpisodeStanding;
    Name "name" Identity Person identity::Name;
    Birth "birth" Identity Person identity::Birth;
    Identifier "identifier" Identity Person identity::Identifier;
    Address "address" Identity Home identity::Address;
    Assessment "assessment" Assessments Family assessments::Assessment;
    Score "score" Assessments FamilyOrMember assessments::Score;
    Contact "contact" Notes WithinFamily notes::Contact;
    Note "note" Notes FamilyOrMember notes::Note;
    Goal "goal" Support FamilyOrMember support::Goal;
    ServiceUse "service-use" Support FamilyOrMember support::ServiceUse;
}

impl Kind {
    /// Dated by one day, not by a window.
    #[must_use]
    pub const fn on_a_day(self) -> bool {
        matches!(
            self,
            Self::Offence
                | Self::AntisocialIncident
                | Self::PoliceCallout
                | Self::AbuseIncident
                | Self::Arrears
                | Self::EvictionStep
                | Self::HealthAppointment
                | Self::Assessment
                | Self::Score
                | Self::Contact
                | Self::Note
        )
    }
}

impl std::str::FromStr for Kind {
    type Err = Invalid;
    fn from_str(text: &str) -> Result<Self, Invalid> {
        Self::ALL.iter().copied().find(|k| k.code() == text).ok_or_else(|| {
            let known: Vec<_> = Self::ALL.iter().map(|k| k.code()).collect();
            Invalid::new("kind", format!("{} is not a kind of fact ({})", told_back(text), known.join(", ")))
        })
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

/// A named part of the record: what an authority grants to a plugin, and what a person may be allowed to see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Section {
    Household,
    Education,
    Offending,
    Safeguarding,
    Abuse,
    Health,
    Employment,
    Housing,
    Finance,
    Support,
    /// Names, birth dates, identifiers and addresses: of these, plugins are told only what is known.
    Identity,
    Assessments,
    Notes,
}

impl Section {
    pub const ALL: &[Self] = &[
        Self::Household,
        Self::Education,
        Self::Offending,
        Self::Safeguarding,
        Self::Abuse,
        Self::Health,
        Self::Employment,
        Self::Housing,
        Self::Finance,
        Self::Support,
        Self::Identity,
        Self::Assessments,
        Self::Notes,
    ];

    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Household => "household",
            Self::Education => "education",
            Self::Offending => "offending",
            Self::Safeguarding => "safeguarding",
            Self::Abuse => "abuse",
            Self::Health => "health",
            Self::Employment => "employment",
            Self::Housing => "housing",
            Self::Finance => "finance",
            Self::Support => "support",
            Self::Identity => "identity",
            Self::Assessments => "assessments",
            Self::Notes => "notes",
        }
    }

    /// The kinds of fact in it.
    pub fn kinds(self) -> impl Iterator<Item = Kind> {
        Kind::ALL.iter().copied().filter(move |k| k.section() == self)
    }

    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|s| s.code() == code)
    }
}

/// Whom or what a fact is about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub struct Subject {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub family: Option<FamilyId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonId>,
    /// The other person of a relationship; of abuse, who is said to have done it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<PersonId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home: Option<HomeId>,
}

impl Subject {
    /// # Errors
    /// [`Invalid`] naming the subject that `kind` needs and has not, or has and does not need.
    pub fn check(&self, kind: Kind) -> Result<(), Invalid> {
        let has = [
            ("family", self.family.is_some()),
            ("person", self.person.is_some()),
            ("to", self.to.is_some()),
            ("home", self.home.is_some()),
        ];
        let (needs, may): (&[&str], &[&str]) = match kind.about() {
            About::Person => (&["person"], &[]),
            About::Home => (&["home"], &[]),
            About::Family => (&["family"], &[]),
            About::PersonInFamily => (&["family", "person"], &[]),
            About::HomeOfFamily => (&["family", "home"], &[]),
            About::PersonToPerson => (&["person", "to"], &[]),
            About::PersonOrHome => (&[], &["person", "home"]),
            About::PersonOrHomeBy => (&[], &["person", "home", "to"]),
            About::WithinFamily => (&["family"], &["person", "home"]),
            About::FamilyOrMember => (&["family"], &["person"]),
        };
        for (name, present) in has {
            match (needs.contains(&name), may.contains(&name), present) {
                (true, _, false) => {
                    return Err(Invalid::new(name, format!("a fact of kind {kind} is about a {name}: name it")));
                }
                (false, false, true) => {
                    return Err(Invalid::new(name, format!("a fact of kind {kind} is not about a {name}")));
                }
                _ => {}
            }
        }
        let either = matches!(kind.about(), About::PersonOrHome | About::PersonOrHomeBy);
        if either && self.person.is_none() && self.home.is_none() {
            return Err(Invalid::new("person", format!("a fact of kind {kind} is about a person or a home: name one")));
        }
        if self.person.is_some() && self.person == self.to {
            return Err(Invalid::new("to", "is the same person"));
        }
        Ok(())
    }
}

/// A fact on its way into the record: checked, not yet numbered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFact {
    pub id: FactId,
    pub subject: Subject,
    pub window: Window,
    pub source: OrganisationId,
    /// The source's own reference: the same reference from the same source is the same statement, sent again or corrected.
    pub reference: Option<String>,
    pub supersedes: Option<FactId>,
    pub detail: Detail,
}

impl NewFact {
    /// What the sender's own checks could not know: that the subject suits the kind.
    ///
    /// # Errors
    /// [`Invalid`] naming the field.
    pub fn check(&self) -> Result<(), Invalid> {
        self.subject.check(self.detail.kind())?;
        Window::new(self.window.first, self.window.last)?;
        if self.detail.kind().on_a_day() && self.window.last != Some(self.window.first) {
            return Err(Invalid::new("last", format!("a fact of kind {} happens on one day, its first", self.detail.kind())));
        }
        if let (Detail::Goal(goal), None) = (&self.detail, self.window.last)
            && goal.state != "set"
        {
            return Err(Invalid::new("last", format!("is needed: a goal that is {} ended on a day", goal.state)));
        }
        if let Some(reference) = &self.reference {
            text("reference", reference, 200)?;
        }
        Ok(())
    }

    /// What the record is searched by: identifiers and postal addresses, in one spelling.
    #[must_use]
    pub fn key(&self) -> Option<String> {
        match &self.detail {
            Detail::Identifier(i) => Some(i.key()),
            Detail::Address(a) => a.key(),
            _ => None,
        }
    }
}

/// A fact as the record holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    pub id: FactId,
    pub subject: Subject,
    pub window: Window,
    pub source: OrganisationId,
    /// What kind of organisation the source is (code list organisation-kinds).
    pub source_kind: String,
    pub reference: Option<String>,
    pub supersedes: Option<FactId>,
    pub known_at: KnownAt,
    pub detail: Detail,
}

impl Fact {
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.detail.kind()
    }
}

/// A short text: there, not blank, not over `most` bytes, no control characters, and none that turn the reading direction, by which a
/// page would show another text than it holds.
///
/// # Errors
/// [`Invalid`] naming `field`.
pub fn text(field: &str, value: &str, most: usize) -> Result<(), Invalid> {
    if value.trim().is_empty() {
        return Err(Invalid::new(field, "is empty"));
    }
    if value.len() > most {
        return Err(Invalid::new(field, format!("is {} bytes long, and may be {most}", value.len())));
    }
    let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if value.chars().any(|c| c.is_control() || turns(c)) {
        return Err(Invalid::new(field, "has a control character in it"));
    }
    Ok(())
}

/// A short name of somebody else's choosing, such as a form's or an area's: text could be smuggled in a longer one.
///
/// # Errors
/// [`Invalid`] naming `field`.
pub fn slug(field: &str, value: &str) -> Result<(), Invalid> {
    if super::ids::is_slug(value) { Ok(()) } else { Err(Invalid::new(field, "has 2 to 64 small letters, digits and hyphens")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::codes;

    #[test]
    fn kinds_and_sections_are_the_published_ones() {
        for kind in Kind::ALL {
            let published = codes::find("kinds", kind.code()).unwrap_or_else(|| panic!("{kind} is not in wit/codes/kinds.json"));
            assert_eq!(published.section.as_deref(), Some(kind.section().code()), "{kind}");
            assert_eq!(kind.code().parse::<Kind>().unwrap(), *kind);
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.code());
        }
        for section in Section::ALL {
            assert!(codes::find("sections", section.code()).is_some(), "{}", section.code());
            assert_eq!(serde_json::to_value(section).unwrap(), section.code());
        }
    }

    #[test]
    fn a_fact_has_the_subjects_its_kind_needs_and_no_others() {
        let (person, home) = (Some(PersonId::fresh()), Some(HomeId::fresh()));
        let refused = |kind: Kind, subject: Subject| subject.check(kind).err().map(|e| e.field);
        assert_eq!(refused(Kind::Attendance, Subject { person, ..Subject::default() }), None);
        assert_eq!(refused(Kind::Attendance, Subject::default()).as_deref(), Some("person"));
        assert_eq!(refused(Kind::Attendance, Subject { person, home, ..Subject::default() }).as_deref(), Some("home"));
        assert_eq!(refused(Kind::Membership, Subject { person, ..Subject::default() }).as_deref(), Some("family"));
        assert_eq!(refused(Kind::AntisocialIncident, Subject { home, ..Subject::default() }), None);
        assert_eq!(refused(Kind::AntisocialIncident, Subject::default()).as_deref(), Some("person"));
        let (to, family) = (Some(PersonId::fresh()), Some(FamilyId::fresh()));
        assert_eq!(refused(Kind::Tenancy, Subject { family, ..Subject::default() }), None);
        assert_eq!(refused(Kind::Tenancy, Subject { family, person, home, ..Subject::default() }), None);
        assert_eq!(refused(Kind::Tenancy, Subject { person, home, ..Subject::default() }).as_deref(), Some("family"));
        for kind in [Kind::Score, Kind::Note, Kind::Goal, Kind::ServiceUse] {
            assert_eq!(refused(kind, Subject { family, ..Subject::default() }), None, "{kind}");
            assert_eq!(refused(kind, Subject { family, person, ..Subject::default() }), None, "{kind}");
            assert_eq!(refused(kind, Subject { family, home, ..Subject::default() }).as_deref(), Some("home"), "{kind}");
            assert_eq!(refused(kind, Subject { person, ..Subject::default() }).as_deref(), Some("family"), "{kind}");
        }
        assert_eq!(refused(Kind::Contact, Subject { family, person, home, ..Subject::default() }), None);
        assert_eq!(refused(Kind::Contact, Subject { person, home, ..Subject::default() }).as_deref(), Some("family"));
        assert_eq!(refused(Kind::Assessment, Subject { family, ..Subject::default() }), None);
        assert_eq!(refused(Kind::Assessment, Subject { family, person, ..Subject::default() }).as_deref(), Some("person"));
        assert_eq!(refused(Kind::AntisocialIncident, Subject { person, to, ..Subject::default() }).as_deref(), Some("to"));
        assert_eq!(refused(Kind::AbuseIncident, Subject { person, to, ..Subject::default() }), None);
        assert_eq!(refused(Kind::AbuseIncident, Subject { to, ..Subject::default() }).as_deref(), Some("person"));
        assert_eq!(refused(Kind::AbuseIncident, Subject { person, to: person, ..Subject::default() }).as_deref(), Some("to"));
        assert_eq!(refused(Kind::Relationship, Subject { person, to: person, ..Subject::default() }).as_deref(), Some("to"));
    }

    #[test]
    fn a_wrong_detail_names_its_field() {
        let refused = |kind, json: &str| Detail::read(kind, serde_json::from_str(json).unwrap()).unwrap_err().field;
        assert_eq!(refused(Kind::Attendance, r#"{"possible":100,"attended":101,"unauthorised":0}"#), "attended");
        assert_eq!(refused(Kind::Attendance, r#"{"possible":100,"attended":"many","unauthorised":0}"#), "attended");
        assert_eq!(refused(Kind::Attendance, r#"{"possible":100,"attended":9}"#), "unauthorised");
        assert_eq!(refused(Kind::Attendance, r#"{"possible":100,"attended":9,"unauthorised":0,"late":3}"#), "late");
        assert_eq!(refused(Kind::HealthNeed, r#"{"need":"vanity","professional_identified":true}"#), "need");
        assert_eq!(refused(Kind::HealthAppointment, r#"{"need":"vanity"}"#), "need");
        assert_eq!(refused(Kind::Tenancy, r#"{"tenure":"castle"}"#), "tenure");
        assert_eq!(refused(Kind::EvictionStep, r#"{"stage":"rumour"}"#), "stage");
        assert_eq!(refused(Kind::Arrears, r#"{"debt":"honour","amount_pence":1}"#), "debt");
        for (amount, kept) in [(-1, false), (0, true), (100_000_000, true), (100_000_001, false)] {
            let read = Detail::read(Kind::Arrears, serde_json::json!({ "debt": "rent", "amount_pence": amount }));
            assert_eq!(read.err().map(|e| e.field), (!kept).then(|| "amount_pence".to_owned()), "{amount} pence");
        }
        assert_eq!(refused(Kind::RepaymentPlan, r#"{"state":"forgotten"}"#), "state");
        assert_eq!(refused(Kind::Exclusion, r#"{"how":"for ever"}"#), "how");
    }

    /// The field of each wrong value: a sound detail, one of whose fields is replaced (taken out, if null).
    fn refused_with(kind: Kind, sound: &serde_json::Value, field: &str, value: serde_json::Value) -> Option<Invalid> {
        let mut detail = sound.clone();
        detail[field] = value;
        detail.as_object_mut().unwrap().retain(|_, v| !v.is_null());
        Detail::read(kind, detail).err()
    }

    #[test]
    fn a_wrong_field_of_an_assessment_a_contact_a_note_a_goal_or_a_service_is_named() {
        use serde_json::json;
        let score = json!({
            "form": "whole-family", "domain": "school", "value_tenths": 35, "least_tenths": 10, "most_tenths": 100, "higher_is_better": true,
        });
        let goal = json!({ "domain": "school", "state": "set", "due": "2026-09-01", "title": "To school by nine" });
        for (kind, sound, wrong) in [
            (
                Kind::Assessment,
                json!({ "form": "whole-family", "state": "completed" }),
                vec![("form", json!("Whole family")), ("form", json!("f")), ("form", json!(null)), ("state", json!("begun"))],
            ),
            (
                Kind::Score,
                score,
                vec![
                    ("form", json!("")),
                    ("domain", json!("x".repeat(65))),
                    ("domain", json!("Mrs Jones")),
                    ("value_tenths", json!(9)),
                    ("value_tenths", json!(101)),
                    ("value_tenths", json!(3.5)),
                    ("most_tenths", json!(10)),
                    ("most_tenths", json!(9)),
                    ("least_tenths", json!(null)),
                    ("higher_is_better", json!(null)),
                ],
            ),
            (
                Kind::Contact,
                json!({ "how": "visit", "role": "keyworker", "kept": true }),
                vec![("how", json!("pigeon")), ("role", json!("neighbour")), ("kept", json!(null)), ("text", json!("Nobody in"))],
            ),
            (
                Kind::Note,
                json!({ "topic": "school", "role": "keyworker", "text": "Likes Wednesdays." }),
                vec![
                    ("topic", json!("gossip")),
                    ("role", json!("neighbour")),
                    ("text", json!("")),
                    ("text", json!(" \n")),
                    ("text", json!("a bell \u{7}")),
                    ("text", json!("é".repeat(5_000) + "x")),
                ],
            ),
            (
                Kind::Goal,
                goal,
                vec![
                    ("domain", json!("To read")),
                    ("state", json!("forgotten")),
                    ("due", json!("2026-02-30")),
                    ("title", json!(" ")),
                    ("title", json!("two\nlines")),
                    ("title", json!("x".repeat(201))),
                ],
            ),
            (
                Kind::ServiceUse,
                json!({ "service": "parenting", "state": "waiting", "employer": "charity" }),
                vec![("service", json!("magic")), ("state", json!("lost")), ("employer", json!("circus"))],
            ),
        ] {
            assert_eq!(Detail::read(kind, sound.clone()).map(|d| d.to_json()), Ok(sound.clone()), "{kind}");
            for (field, value) in wrong {
                let refused = refused_with(kind, &sound, field, value.clone());
                assert_eq!(refused.map(|e| e.field).as_deref(), Some(field), "{kind}: {value}");
            }
        }
    }

    #[test]
    fn what_stands_on_a_bound_is_kept() {
        use serde_json::json;
        let score =
            json!({ "form": "wf", "domain": "go", "value_tenths": 0, "least_tenths": 0, "most_tenths": 1, "higher_is_better": false });
        let note = json!({ "topic": "other", "role": "keyworker", "text": "First line.\r\n\tSecond." });
        let goal = json!({ "domain": "go", "state": "set", "title": "T" });
        for (kind, sound, field, value) in [
            (Kind::Score, &score, "value_tenths", json!(1)),
            (Kind::Score, &score, "least_tenths", json!(-100)),
            (Kind::Score, &score, "domain", json!("x".repeat(64))),
            (Kind::Note, &note, "text", json!("é".repeat(5_000))),
            (Kind::Goal, &goal, "title", json!("x".repeat(200))),
        ] {
            assert_eq!(Detail::read(kind, sound.clone()).map(|d| d.kind()), Ok(kind));
            assert_eq!(refused_with(kind, sound, field, value), None, "{kind}: {field}");
        }
    }

    #[test]
    fn a_goal_that_was_met_or_dropped_ended_on_a_day() {
        for (state, window, refused) in [
            ("set", "2026-03-01..", None),
            ("set", "2026-03-01..2026-03-31", None),
            ("met", "2026-03-01..2026-03-31", None),
            ("met", "2026-03-01..", Some("last")),
            ("dropped", "2026-03-01..", Some("last")),
        ] {
            let fact = NewFact {
                id: FactId::fresh(),
                subject: Subject { family: Some(FamilyId::fresh()), ..Subject::default() },
                window: window.parse().unwrap(),
                source: "e06000023".parse().unwrap(),
                reference: None,
                supersedes: None,
                detail: Detail::read(Kind::Goal, serde_json::json!({ "domain": "school", "state": state, "title": "Nine" })).unwrap(),
            };
            assert_eq!(fact.check().err().map(|e| e.field).as_deref(), refused, "{state}, {window}");
        }
    }
}
