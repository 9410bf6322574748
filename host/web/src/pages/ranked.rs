//! What a pathway reported with a decision: level, route and priority of a triage, places of an allocation.

use serde::Deserialize;

#[derive(Deserialize)]
pub struct Allocated {
    #[serde(default)]
    pub result: String,
    #[serde(default)]
    pub says: String,
    #[serde(default)]
    pub reported: Vec<Reported>,
    /// Logins, in the order in which the pathway was asked about them; it names each by its number.
    #[serde(default)]
    candidates: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub struct Reported {
    pub report: String,
    #[serde(default)]
    pub heading: Option<String>,
    #[serde(default)]
    pub level: Option<String>,
    #[serde(default)]
    pub route: Option<String>,
    #[serde(default)]
    pub reasons: Vec<Reason>,
    #[serde(default)]
    candidate: Option<usize>,
    #[serde(default)]
    place: Option<u32>,
}

#[derive(Debug, Deserialize)]
pub struct Reason {
    #[serde(default)]
    pub sentence: Option<String>,
}

impl Allocated {
    /// Those who are ranked, the first first: login, and what was said of them.
    #[must_use]
    pub fn ranked(&self) -> Vec<(&str, &Reported)> {
        let mut all: Vec<&Reported> = self.reported.iter().filter(|r| r.report == "rank").collect();
        all.sort_by_key(|r| r.place);
        // Candidates are numbered from 1.
        let login = |r: &Reported| self.candidates.get(r.candidate?.checked_sub(1)?).map(String::as_str);
        all.into_iter().filter_map(|r| Some((login(r)?, r))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_place_stands_first_with_its_login() {
        let answer = r#"{"says":"Ranked","candidates":["a","b"],"reported":[{"report":"level"},
            {"report":"rank","candidate":1,"place":2},{"report":"rank","candidate":2,"place":1},{"report":"rank","candidate":9,"place":3}]}"#;
        let asked: Allocated = serde_json::from_str(answer).unwrap();
        assert_eq!(asked.ranked().iter().map(|(login, _)| *login).collect::<Vec<_>>(), ["b", "a"]);
    }
}
