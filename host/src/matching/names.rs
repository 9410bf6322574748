//! Names as they are compared: one spelling, how they sound, and which are forms of each other.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// Words of a name in small plain letters: marks over letters, apostrophes and full stops do not count, and a hyphen divides.
#[must_use]
pub fn words(name: &str) -> Vec<String> {
    let mut plain = String::with_capacity(name.len());
    for c in name.chars().flat_map(char::to_lowercase) {
        match c {
            'a'..='z' | '0'..='9' => plain.push(c),
            '\'' | '’' | '‘' | '`' | '.' | '´' => {}
            _ if c.is_alphanumeric() => match folded(c) {
                Some(letters) => plain.push_str(letters),
                // Another script: compared as it stands.
                None => plain.push(c),
            },
            // A mark that stands by itself over the letter before it.
            '\u{300}'..='\u{36f}' => {}
            _ => plain.push(' '),
        }
    }
    plain.split_whitespace().filter(|w| !TITLES.contains(w)).map(str::to_owned).collect()
}

/// What some systems put before a name.
const TITLES: [&str; 7] = ["mr", "mrs", "ms", "miss", "mx", "dr", "master"];

/// The plain letters that people write where they have not the marked one.
const fn folded(c: char) -> Option<&'static str> {
    Some(match c {
        'à' | 'á' | 'â' | 'ã' | 'å' | 'ā' | 'ă' | 'ą' => "a",
        'ä' | 'æ' => "ae",
        'ç' | 'ć' | 'č' | 'ċ' => "c",
        'ď' | 'đ' | 'ð' => "d",
        'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ė' | 'ę' | 'ě' | 'ə' => "e",
        'ğ' | 'ģ' | 'ġ' => "g",
        'ħ' => "h",
        'ì' | 'í' | 'î' | 'ï' | 'ī' | 'į' | 'ı' => "i",
        'ķ' => "k",
        'ł' | 'ļ' | 'ľ' => "l",
        'ñ' | 'ń' | 'ň' | 'ņ' => "n",
        'ò' | 'ó' | 'ô' | 'õ' | 'ő' | 'ō' => "o",
        'ö' | 'ø' | 'œ' => "oe",
        'ŕ' | 'ř' => "r",
        'ś' | 'š' | 'ş' | 'ș' => "s",
        'ß' => "ss",
        'ť' | 'ţ' | 'ț' => "t",
        'þ' => "th",
        'ù' | 'ú' | 'û' | 'ū' | 'ů' | 'ű' | 'ų' => "u",
        'ü' => "ue",
        'ŵ' => "w",
        'ý' | 'ÿ' | 'ŷ' => "y",
        'ź' | 'ż' | 'ž' => "z",
        _ => return None,
    })
}

/// How a word sounds: Soundex (as the United States' census has it: a letter and three digits), but for what it begins with, which is
/// taken by its sound too: Catherine and Kathryn, Philip and Filip, Geoffrey and Jeffrey, Wright and Right are one.
#[must_use]
pub fn sound(word: &str) -> String {
    let leads = [("wr", "r"), ("kn", "n"), ("gn", "n"), ("ph", "f"), ("ge", "je"), ("gi", "ji"), ("x", "z"), ("ce", "se"), ("ci", "si")];
    let (lead, rest) = leads.iter().find_map(|(from, to)| Some((*to, word.strip_prefix(from)?))).unwrap_or(("", word));
    let mut letters = lead.chars().chain(rest.chars());
    let Some(first) = letters.next() else { return String::new() };
    let begins = match first {
        'c' | 'q' => 'k',
        'i' => 'y',
        'e' => 'a',
        'z' => 's',
        other => other,
    };
    let mut digits = String::with_capacity(3);
    let mut before = digit(first);
    for letter in letters {
        let here = digit(letter);
        if let Some(d) = here
            && here != before
            && digits.len() < 3
        {
            digits.push(d);
        }
        // H and W do not part two letters of one sound, vowels do.
        if !matches!(letter, 'h' | 'w') {
            before = here;
        }
    }
    format!("{}{digits:0<3}", begins.to_uppercase())
}

const fn digit(letter: char) -> Option<char> {
    Some(match letter {
        'b' | 'f' | 'p' | 'v' => '1',
        'c' | 'g' | 'j' | 'k' | 'q' | 's' | 'x' | 'z' => '2',
        'd' | 't' => '3',
        'l' => '4',
        'm' | 'n' => '5',
        'r' => '6',
        _ => return None,
    })
}

/// Groups of `nicknames.txt` in which each name stands.
static FORMS: LazyLock<HashMap<&'static str, Vec<usize>>> = LazyLock::new(|| {
    let mut forms: HashMap<&str, Vec<usize>> = HashMap::new();
    for (group, line) in include_str!("nicknames.txt").lines().enumerate() {
        for name in line.split_whitespace() {
            forms.entry(name).or_default().push(group);
        }
    }
    forms
});

static KNOWN: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("given.txt").split_whitespace().chain(FORMS.keys().copied()).collect());

/// Is one a form of the other, or are both of a third: Bill and William, Mohammed and Muhammad?
#[must_use]
pub fn forms_of_one(one: &str, other: &str) -> bool {
    match (FORMS.get(one), FORMS.get(other)) {
        (Some(one), Some(other)) => one.iter().any(|group| other.contains(group)),
        _ => false,
    }
}

/// Is it a given name that many people have? Two such names that differ by a letter are two people (twins are named so); a name that
/// nobody has is a slip of the pen.
#[must_use]
pub fn is_common(given: &str) -> bool {
    KNOWN.contains(given)
}

/// Are they one slip apart, or nearly the same? Jaro-Winkler from 0.92 on (Winkler's own threshold for census names), or one letter more,
/// fewer, other or changed with its neighbour in words of four letters and more.
#[must_use]
pub fn close(one: &str, other: &str) -> bool {
    let short = one.chars().count().min(other.chars().count());
    strsim::jaro_winkler(one, other) >= 0.92 || short >= 4 && strsim::osa_distance(one, other) == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spelling_for_all_who_write_it() {
        for (one, other) in [
            ("Siân", "sian"),
            ("O'Brien", "OBrien"),
            ("Łukasz", "Lukasz"),
            ("Müller", "Mueller"),
            ("Mrs Jo  Bell", "jo bell"),
            ("Zoe\u{308}", "zoe"),
        ] {
            assert_eq!(words(one), words(other), "{one}");
        }
        assert_eq!(words("Smith-Jones"), ["smith", "jones"]);
        assert_eq!(words("Мария"), ["мария"]);
    }

    #[test]
    fn what_sounds_alike_has_one_code() {
        for (one, other) in [
            ("catherine", "kathryn"),
            ("philip", "filip"),
            ("geoffrey", "jeffrey"),
            ("hussain", "husein"),
            ("smith", "smyth"),
            ("wright", "right"),
        ] {
            assert_eq!(sound(one), sound(other), "{one} {other}");
        }
        // The National Archives' own examples, but for how they begin.
        for (name, code) in [("robert", "R163"), ("rupert", "R163"), ("tymczak", "T522"), ("ashcraft", "A261"), ("lee", "L000")] {
            assert_eq!(sound(name), code, "{name}");
        }
        assert_eq!((sound(""), sound("мария").len()), (String::new(), "М000".len()));
    }

    #[test]
    fn forms_of_a_name_are_known_and_other_names_are_not_taken_for_them() {
        for (one, other, same) in [
            ("bill", "william", true),
            ("liam", "bill", true),
            ("muhammad", "mohammed", true),
            ("jayden", "hayden", false),
            ("kate", "kathryn", true),
            ("nobody", "nobody", false),
        ] {
            assert_eq!(forms_of_one(one, other), same, "{one} {other}");
        }
        assert!(is_common("jayden") && is_common("hayden") && !is_common("jaydne"));
        assert!(close("jaydne", "jayden") && close("mohammed", "mohamed") && !close("ella", "ellie") && !close("mia", "tia"));
    }
}
