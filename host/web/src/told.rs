//! What a page says was just done. An address carries a key of this table and never words, which anybody could write into a link.

/// The words of a key; of one that is not here, none.
#[must_use]
pub fn told(key: &str) -> Option<&'static str> {
    TOLD.iter().find(|(k, _)| *k == key).map(|(_, words)| *words)
}

const TOLD: &[(&str, &str)] = &[
    ("saved", "It is saved."),
    ("sent", "It is sent."),
    ("asked", "The rules were asked."),
    ("done", "It is done."),
    ("ended", "It is ended."),
    ("withdrawn", "It is withdrawn."),
    ("assigned", "The family has a worker."),
    ("noted", "The contact is noted."),
    ("signed", "It is signed."),
    ("signed-out", "You are signed out."),
    ("overridden", "Your decision stands, with its reason."),
    ("repeated", "It was decided again from the same evidence, and comes out the same, byte for byte."),
    ("proposed", "It is proposed. Nothing of it runs until it is approved and activated."),
    ("activated", "It decides from now on."),
    ("returned", "The version from before decides again."),
    ("invited", "An invitation is on its way by e-mail."),
];

#[cfg(test)]
mod tests {
    #[test]
    fn an_address_cannot_bring_words_of_its_own() {
        assert_eq!(super::told("saved"), Some("It is saved."));
        assert_eq!(super::told("<b>Call this number</b>"), None);
    }
}
