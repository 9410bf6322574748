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
    // Families, assessments and the front door.
    ("goal-set", "The goal is in the plan."),
    ("goal-met", "The goal is met. Well done to the family."),
    ("goal-raised", "The goal is met, and a higher one set."),
    ("goal-dropped", "The goal is dropped. It stays in the plan, with the reason."),
    ("part-ended", "Their part in the case is ended."),
    ("attached", "The file is attached."),
    ("removed", "The file is removed. That it was there stays, with the reason."),
    ("help-asked", "Help is asked for."),
    ("answers-saved", "Your answers are saved."),
    ("more-asked", "Your answers are saved. More questions show because of them."),
    ("begun", "The assessment is begun. What you type is saved as you go."),
    ("given-up", "The draft is given up."),
    ("submitted", "The assessment is submitted."),
    ("sent-back", "It is sent back. Whoever did it can change it and submit it again."),
    ("signed-off", "It is signed off."),
    ("referred", "Your referral is with the front door. You will hear what becomes of it, and can look here."),
    ("added", "It is added to the referral."),
    ("settled", "It is known whom the referral is about."),
    ("confirmed", "It is confirmed. Whoever sent the referral hears of it."),
    // Plugins.
    ("checked", "The host checked it."),
    ("said", "What you said is kept, with your name."),
    ("seconded", "It is approved by a second person."),
    ("planned", "It is planned. It decides from that day on."),
    ("plan-dropped", "Nothing is planned any more."),
    ("brought-back", "It is asked again."),
    ("kept-on", "It is kept on until that day."),
    ("settings-proposed", "Your settings wait for a second person."),
    ("settings-approved", "The settings are approved. This is what goes on with them."),
    ("declined", "They are declined. It stays as it is."),
    ("beside", "It runs beside the one that decides."),
    ("back-test-begun", "The back-test is begun. It goes on by itself."),
    ("back-test-removed", "The back-test is removed, with every row and number of it."),
    ("cancelled", "It is cancelled. What it found until then stays."),
    ("trial-asked", "You asked for it. Somebody else has to give it."),
    ("trial-given", "The trial grant is given."),
    ("published", "It is uploaded. Nobody has adopted it yet."),
    ("meeting-set-up", "The meeting is set up. Plan its first sitting."),
    ("sitting-planned", "The sitting is planned."),
    ("decided", "It is written down. The next family is open below."),
    ("on-agenda", "The family is on the agenda."),
    ("off-agenda", "The family is off the agenda, with the reason."),
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
