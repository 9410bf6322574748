//! Code lists of the interface, as people choose from them: the very lists that the host checks against.

use std::sync::LazyLock;

use serde::Deserialize;

#[derive(Deserialize)]
struct Listed {
    codes: Vec<Code>,
}

#[derive(Deserialize)]
struct Code {
    code: String,
    en: String,
}

/// A code list, read once.
pub struct Codes(LazyLock<Vec<(String, String)>>);

impl Codes {
    /// Each code with its words.
    #[must_use]
    pub fn choices(&self) -> Vec<(&str, &str)> {
        self.0.iter().map(|(code, words)| (code.as_str(), words.as_str())).collect()
    }

    /// The words of a code; of one that is newer than these pages, the code as words.
    #[must_use]
    pub fn words(&self, code: &str) -> String {
        self.0.iter().find(|(c, _)| c == code).map_or_else(|| crate::words::code(code), |(_, words)| words.clone())
    }
}

fn read(text: &str) -> Vec<(String, String)> {
    let listed: Result<Listed, _> = serde_json::from_str(text);
    listed.map(|l| l.codes.into_iter().map(|c| (c.code, c.en)).collect()).unwrap_or_default()
}

macro_rules! lists {
    ($($name:ident = $file:literal),* $(,)?) => {
        $(pub static $name: Codes = Codes(LazyLock::new(|| read(include_str!(concat!("../../../wit/codes/", $file, ".json")))));)*

        #[cfg(test)]
        const ALL: &[(&str, &Codes)] = &[$(($file, &$name)),*];
    };
}

lists! {
    SERVICE_KINDS = "service-kinds",
    PAYMENT_TERMS = "payment-terms",
    PAYMENT_UNITS = "payment-units",
    PAYMENT_KINDS = "payment-kinds",
    ORGANISATION_KINDS = "organisation-kinds",
    PROBLEMS = "problems",
    CLAIMS = "claims",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_list_is_read_whole() {
        for (file, codes) in ALL {
            assert!(codes.choices().len() > 1, "{file}");
        }
        assert_eq!(SERVICE_KINDS.words("parenting"), "Parenting support");
        assert_eq!(SERVICE_KINDS.words("brand-new"), "Brand new");
    }
}
