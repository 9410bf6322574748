//! What pages say in Welsh, where a form is read in Welsh: the pages of an assessment, which a family sits at with its keyworker, and the frame
//! around them. One catalogue, by the English words.

/// Words of a page's own, in the language that is read. What the catalogue lacks stays English; a test looks for it.
#[must_use]
pub fn word<'a>(language: &str, english: &'a str) -> &'a str {
    if language != "cy" {
        return english;
    }
    PHRASES.iter().find(|(of, _)| *of == english).map_or(english, |(_, welsh)| welsh)
}

/// English, Welsh.
const PHRASES: &[(&str, &str)] = &[
    ("A worker of this council", "Un o weithwyr y cyngor hwn"),
    ("Add", "Ychwanegu"),
    ("Address, line by line", "Cyfeiriad, fesul llinell"),
    ("Agreed", "Cytunwyd"),
    ("Amend it: a new version, with the reason", "Ei ddiwygio: fersiwn newydd, gyda'r rheswm"),
    ("as of", "ar"),
    ("Assessments", "Asesiadau"),
    ("Attach it", "Ei hatodi"),
    ("Begun", "Wedi dechrau"),
    ("Breadcrumb", "Briwsion bara"),
    ("Change", "Newid"),
    ("Check the answers", "Gwirio'r atebion"),
    ("Choose", "Dewiswch"),
    ("Choose a file", "Dewis ffeil"),
    ("Completed", "Wedi'i gwblhau"),
    ("Day", "Diwrnod"),
    ("Did not agree", "Ni chytunwyd"),
    ("Do they agree?", "Ydyn nhw'n cytuno?"),
    ("Done", "Wedi'i wneud"),
    ("Draft", "Drafft"),
    ("Error", "Gwall"),
    ("Exit this page", "Gadael y dudalen hon"),
    ("Families", "Teuluoedd"),
    ("Family", "Teulu"),
    ("Family name", "Cyfenw"),
    ("Give this draft up", "Rhoi'r gorau i'r drafft hwn"),
    ("Given names", "Enwau cyntaf"),
    ("Given up", "Rhoddwyd y gorau iddo"),
    ("How", "Sut"),
    ("I read it to them on the telephone, and they agreed", "Darllenais ef iddynt dros y ffôn, a chytunwyd"),
    ("if there is no answer", "os nad oes ateb"),
    (
        "it is not known whether this is about them. Most often a birth date is missing.",
        "nid yw'n hysbys a yw hyn yn ymwneud â nhw. Gan amlaf, dyddiad geni sydd ar goll.",
    ),
    ("It is signed.", "Mae wedi'i lofnodi."),
    ("Leave the day out if only the month is known", "Gadewch y diwrnod allan os mai dim ond y mis sy'n hysbys"),
    ("Leave this page", "Gadael y dudalen hon"),
    ("Menu", "Dewislen"),
    ("Month", "Mis"),
    ("No", "Na"),
    ("No file yet.", "Dim ffeil eto."),
    ("None yet.", "Dim eto."),
    ("none.", "dim."),
    ("Not asked", "Heb ei ofyn"),
    ("Not asked about", "Ni ofynnwyd am"),
    ("Not known", "Ddim yn hysbys"),
    ("not known yet", "ddim yn hysbys eto"),
    ("Nothing has to be answered", "Nid oes rhaid ateb dim"),
    ("Nothing is asked here.", "Ni ofynnir dim yma."),
    (
        "pages are done. Pages appear or go as you answer.",
        "tudalen wedi'u gwneud. Mae tudalennau'n ymddangos neu'n diflannu wrth i chi ateb.",
    ),
    ("Postcode", "Cod post"),
    ("Read the answers", "Darllen yr atebion"),
    ("Save and attach a file", "Cadw ac atodi ffeil"),
    ("Save and come back later", "Cadw a dod yn ôl yn nes ymlaen"),
    ("Save and go on", "Cadw a mynd ymlaen"),
    ("Saved", "Wedi'i gadw"),
    ("Sent back", "Wedi'i anfon yn ôl"),
    ("Sign it for the family", "Llofnodi ar ran y teulu"),
    ("Sign it for them", "Llofnodi ar eu rhan"),
    ("Sign out", "Allgofnodi"),
    ("Signed by the family", "Wedi'i lofnodi gan y teulu"),
    ("Signed off", "Wedi'i gymeradwyo"),
    ("Skip to main content", "Neidio i'r prif gynnwys"),
    (
        "Something is missing or wrong. It can be submitted once that is set right; until then your answers are kept.",
        "Mae rhywbeth ar goll neu o'i le. Gellir ei gyflwyno ar ôl cywiro hynny; tan hynny cedwir eich atebion.",
    ),
    ("Something is not saved yet: go on, and you see what", "Mae rhywbeth heb ei gadw eto: ewch ymlaen i weld beth"),
    ("Something is wrong", "Mae rhywbeth o'i le"),
    ("Submit it", "Ei gyflwyno"),
    ("Submitted", "Wedi'i gyflwyno"),
    ("Take away", "Tynnu"),
    ("The answers", "Yr atebion"),
    (
        "The assessment is begun. What you type is saved as you go.",
        "Mae'r asesiad wedi dechrau. Cedwir yr hyn rydych yn ei deipio wrth i chi fynd ymlaen.",
    ),
    ("The assessment is submitted.", "Mae'r asesiad wedi'i gyflwyno."),
    ("There is a newer one", "Mae un mwy newydd"),
    ("There is a problem", "Mae problem wedi codi"),
    ("They read it and agreed, with me", "Darllenwyd ef a chytunwyd, yn fy nghwmni i"),
    ("They said so, and I wrote it down", "Dywedwyd, ac ysgrifennais hynny"),
    ("They signed", "Llofnodwyd"),
    ("This is not a date: a day, a month and a year, in numbers", "Nid dyddiad yw hwn: diwrnod, mis a blwyddyn, mewn rhifau"),
    ("This is not a number", "Nid rhif yw hwn"),
    ("To do", "I'w wneud"),
    ("What the rules made of it", "Canlyniad y rheolau"),
    ("What was answered is shown to those who see all of the family.", "Dangosir yr atebion i'r rhai sy'n gweld y teulu cyfan."),
    ("What was done with it", "Beth a wnaed ag ef"),
    ("When", "Pryd"),
    ("Who agrees with it", "Pwy sy'n cytuno ag ef"),
    ("Who said so", "Pwy a'i dywedodd"),
    ("Year", "Blwyddyn"),
    ("Yes", "Ie"),
    ("Your answers are saved.", "Mae eich atebion wedi'u cadw."),
    (
        "Your answers are saved. More questions show because of them.",
        "Mae eich atebion wedi'u cadw. Mae mwy o gwestiynau'n ymddangos o'u herwydd.",
    ),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::told::told;

    /// Whatever asks the catalogue for something.
    const ASKING: &[&str] = &[
        include_str!("pages/assessments/acts.rs"),
        include_str!("pages/assessments/check.rs"),
        include_str!("pages/assessments/file.rs"),
        include_str!("pages/assessments/mod.rs"),
        include_str!("pages/assessments/page.rs"),
        include_str!("pages/assessments/question.rs"),
        include_str!("ui/form.rs"),
        include_str!("ui/page.rs"),
    ];
    /// What may just have been done where a family sits.
    const TOLD: &[&str] = &["answers-saved", "more-asked", "begun", "submitted", "signed"];

    /// The texts in `word(…)`, wherever it is called.
    fn asked_for(source: &str) -> BTreeSet<&str> {
        let mut found = BTreeSet::new();
        for (at, _) in source.match_indices("word(") {
            let (mut open, mut text) = (0, None);
            for (i, letter) in source[at..].char_indices() {
                match (letter, text) {
                    ('"', None) => text = Some(at + i + 1),
                    ('"', Some(from)) => {
                        found.insert(&source[from..at + i]);
                        text = None;
                    }
                    ('(', None) => open += 1,
                    (')', None) if open == 1 => break,
                    (')', None) => open -= 1,
                    _ => {}
                }
            }
        }
        found
    }

    #[test]
    fn nothing_that_a_family_reads_lacks_its_welsh() {
        let mut asked: BTreeSet<&str> = ASKING.iter().flat_map(|source| asked_for(source)).collect();
        assert!(asked.len() > 60, "{asked:?}");
        asked.extend(TOLD.iter().map(|key| told(key).unwrap()));
        let known: BTreeSet<&str> = PHRASES.iter().map(|(english, _)| *english).collect();
        assert_eq!(known.len(), PHRASES.len(), "a phrase stands there twice");
        assert_eq!(asked.difference(&known).collect::<Vec<_>>(), Vec::<&&str>::new(), "without Welsh");
        assert_eq!(known.difference(&asked).collect::<Vec<_>>(), Vec::<&&str>::new(), "asked for by nothing");
        assert!(PHRASES.iter().all(|(english, welsh)| !welsh.is_empty() && english != welsh));
    }

    #[test]
    fn english_is_read_where_it_is_asked_for() {
        assert_eq!((word("en", "Error"), word("cy", "Error"), word("cy", "no phrase of ours")), ("Error", "Gwall", "no phrase of ours"));
    }
}
