//! Code lists that forms offer, with their words, as `wit/codes` has them. What a newer host has besides is still shown: by its code.

pub type Codes = &'static [(&'static str, &'static str)];

/// A code's words.
#[must_use]
pub fn named(list: Codes, code: &str) -> String {
    list.iter().find(|(of, _)| *of == code).map_or_else(|| crate::words::code(code), |(_, words)| (*words).to_owned())
}

pub const PROBLEMS: Codes = &[
    ("crime-and-antisocial-behaviour", "Crime or antisocial behaviour"),
    ("school-attendance", "Children not attending school regularly"),
    ("children-who-need-help", "Children who need help"),
    ("work-and-money", "Adults out of work or at risk of financial exclusion"),
    ("domestic-abuse", "Domestic abuse"),
    ("health", "Health problems"),
    ("early-years-development", "Early years development"),
    ("substance-use", "Substance use"),
    ("family-relationships", "Family relationships"),
    ("abuse-and-exploitation", "Abuse and exploitation of children"),
    ("housing", "Insecure housing"),
];

pub const SERVICE_KINDS: Codes = &[
    ("abuse-support", "Support with domestic abuse"),
    ("counselling", "Counselling"),
    ("mental-health", "Mental health support"),
    ("substance-misuse", "Help with alcohol or drugs"),
    ("parenting", "Parenting support"),
    ("young-carers", "Support for young carers"),
    ("home-support", "Support at home"),
    ("early-years", "Early years support"),
    ("school-support", "Support at school"),
    ("youth-work", "Youth work"),
    ("mediation", "Mediation"),
    ("debt-advice", "Debt advice"),
    ("employment-support", "Help to find work"),
    ("housing-advice", "Housing advice"),
    ("mentoring", "Mentoring by volunteers"),
    ("other", "Something else"),
];

pub const SECTIONS: Codes = &[
    ("household", "Household"),
    ("education", "Education"),
    ("offending", "Offending"),
    ("safeguarding", "Safeguarding"),
    ("abuse", "Domestic abuse"),
    ("health", "Health"),
    ("employment", "Employment"),
    ("housing", "Housing"),
    ("finance", "Money and debts"),
    ("support", "Support"),
    ("identity", "Identity"),
    ("assessments", "Assessments and their scores"),
    ("notes", "Contacts and notes"),
];

pub const REFERRAL_ROUTES: Codes = &[
    ("professional", "Referred by a professional"),
    ("self", "Asked for help itself"),
    ("data-match", "Found by matching data"),
    ("step-down", "Stepped down from social care"),
    ("return", "Came back"),
];

pub const TRIAGES: Codes = &[
    ("accept", "Accepted"),
    ("signpost", "Shown to another service"),
    ("decline", "Not accepted"),
    ("ask-more", "More has to be known"),
];

pub const PRIORITIES: Codes = &[
    ("immediate", "At once"),
    ("today", "Today"),
    ("soon", "Within days"),
    ("routine", "In its turn"),
];

pub const ROLES: Codes = &[
    ("keyworker", "Keyworker"),
    ("lead-worker", "Lead worker"),
    ("manager", "Manager"),
    ("employment-adviser", "Employment adviser"),
];
