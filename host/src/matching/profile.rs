//! What is known of somebody, as far as it tells who they are: of a person of the record, or of a row.

use serde::{Deserialize, Serialize};

use crate::record::sections::identity::{Address, Birth, Identifier, Name, is_postcode, squeezed};

/// All that was ever said and still stands: earlier names and homes too, since an agency may have them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<Name>,
    /// `2010-09-14`, or `2010-09`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub born: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub identifiers: Vec<Identifier>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub homes: Vec<Place>,
}

/// Where somebody lives or lived.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The first line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postcode: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uprn: Option<String>,
}

impl Profile {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    pub fn add_name(&mut self, name: Name) {
        add(&mut self.names, name);
    }

    pub fn add_birth(&mut self, birth: Birth) {
        add(&mut self.born, birth.on);
    }

    pub fn add_identifier(&mut self, identifier: Identifier) {
        add(&mut self.identifiers, identifier);
    }

    pub fn add_home(&mut self, address: Address) {
        let Address { lines, postcode, uprn } = address;
        add(&mut self.homes, Place { line: lines.into_iter().next(), postcode, uprn });
    }
}

fn add<T: PartialEq>(all: &mut Vec<T>, one: T) {
    if !all.contains(&one) {
        all.push(one);
    }
}

impl Place {
    /// In one spelling; none where it is no postcode.
    #[must_use]
    pub fn postcode(&self) -> Option<String> {
        self.postcode.as_deref().map(squeezed).filter(|p| is_postcode(p))
    }

    /// What stands before the space: a town, or a part of a city.
    #[must_use]
    pub fn district(&self) -> Option<String> {
        self.postcode().map(|p| p[..p.len() - 3].to_owned())
    }

    /// Without the noughts that some systems fill it up with.
    #[must_use]
    pub fn uprn(&self) -> Option<&str> {
        self.uprn.as_deref().map(|u| u.trim_start_matches('0')).filter(|u| !u.is_empty())
    }

    /// The numbers of the first line (house, flat) and its words, in one spelling.
    #[must_use]
    pub fn house(&self) -> Option<(Vec<String>, String)> {
        let words = super::names::words(self.line.as_deref()?);
        let (numbers, street): (Vec<String>, Vec<String>) = words.into_iter().partition(|w| w.starts_with(|c: char| c.is_ascii_digit()));
        let street: Vec<&str> = street.iter().map(|w| spelt_out(w)).collect();
        Some((numbers, street.join(" "))).filter(|(numbers, street)| !numbers.is_empty() || !street.is_empty())
    }
}

/// What is commonly shortened in addresses.
fn spelt_out(word: &str) -> &str {
    match word {
        "rd" => "road",
        "st" => "street",
        "ave" | "av" => "avenue",
        "ln" => "lane",
        "cl" => "close",
        "dr" | "drv" => "drive",
        "ct" => "court",
        "cres" | "cresc" => "crescent",
        "gdns" => "gardens",
        "pl" => "place",
        "sq" => "square",
        "terr" | "ter" => "terrace",
        "apt" | "apartment" => "flat",
        other => other,
    }
}
