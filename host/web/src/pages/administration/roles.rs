//! Roles, as people choose from them.

pub const ROLES: &[(&str, &str)] = &[
    ("keyworker", "Keyworker"),
    ("lead-worker", "Lead worker"),
    ("manager", "Manager"),
    ("data-manager", "Data manager"),
    ("coordinator", "Coordinator"),
    ("commissioner", "Commissioner"),
    ("adviser", "Employment adviser"),
    ("partner", "Partner agency"),
    ("provider", "Charity or other provider"),
    ("plugin-author", "Plugin author"),
    ("plugin-reviewer", "Plugin reviewer"),
    ("auditor", "Auditor"),
    ("administrator", "Administrator"),
];

#[must_use]
pub fn words(role: &str) -> String {
    ROLES.iter().find(|(r, _)| *r == role).map_or_else(|| crate::words::code(role), |(_, name)| (*name).to_owned())
}
