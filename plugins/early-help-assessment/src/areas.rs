//! The areas of life that the form asks about.

/// An area, the question that scores it, and the need that a low score tells of.
#[derive(Debug)]
pub struct Area {
    /// A name of the sort `domain`.
    pub domain: &'static str,
    pub question: &'static str,
    /// Code list problems.
    pub need: &'static str,
}

/// Every scale of the form, in tenths: from 1 to 5, and higher is better.
pub const LEAST: i32 = 10;
pub const MOST: i32 = 50;

/// Scored once for each child.
pub static CHILD: Area = Area { domain: "child", question: "child-score", need: "children-who-need-help" };

/// Scored once for the family, in the form's order.
pub static FAMILY: [Area; 8] = [
    Area { domain: "school", question: "school-score", need: "school-attendance" },
    Area { domain: "safety", question: "safety-score", need: "children-who-need-help" },
    Area { domain: "health", question: "health-score", need: "health" },
    Area { domain: "relationships", question: "relationships-score", need: "family-relationships" },
    Area { domain: "abuse", question: "abuse-score", need: "domestic-abuse" },
    Area { domain: "crime", question: "crime-score", need: "crime-and-antisocial-behaviour" },
    Area { domain: "home", question: "home-score", need: "housing" },
    Area { domain: "money", question: "money-score", need: "work-and-money" },
];

/// What the options of the question `problems` mean. Code list problems.
pub const LISTED: [(&str, &str); 6] = [
    ("crime", "crime-and-antisocial-behaviour"),
    ("school", "school-attendance"),
    ("children", "children-who-need-help"),
    ("work", "work-and-money"),
    ("abuse", "domestic-abuse"),
    ("health", "health"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    const FORM: &str = include_str!("../forms/whole-family.json");

    /// All questions of the form, those in groups too.
    fn questions(items: &Value, found: &mut Vec<Value>) {
        for item in items.as_array().into_iter().flatten() {
            match item.get("items") {
                Some(inner) => questions(inner, found),
                None => found.push(item.clone()),
            }
        }
    }

    #[test]
    fn each_scale_of_the_form_is_an_area() {
        let mut found = Vec::new();
        questions(&serde_json::from_str::<Value>(FORM).unwrap()["pages"], &mut found);
        let scales: Vec<_> = found.iter().filter(|question| question["asks"]["scale"].is_object()).collect();
        let areas: Vec<&Area> = std::iter::once(&CHILD).chain(&FAMILY).collect();
        assert_eq!(scales.len(), areas.len());
        for (scale, area) in scales.into_iter().zip(areas) {
            let asks = &scale["asks"]["scale"];
            assert_eq!((&scale["question"], &asks["domain"]), (&area.question.into(), &area.domain.into()));
            assert_eq!((&asks["min"], &asks["max"]), (&(LEAST / 10).into(), &(MOST / 10).into()), "{}", area.domain);
            assert_eq!(asks["direction"], "higher-is-better", "{}", area.domain);
            assert!(scale.get("maps-to").is_none_or(|need| need == area.need), "{}", area.domain);
        }
    }

    #[test]
    fn each_option_of_the_problems_is_read() {
        let mut found = Vec::new();
        questions(&serde_json::from_str::<Value>(FORM).unwrap()["pages"], &mut found);
        let problems = found.iter().find(|question| question["question"] == "problems").unwrap();
        let options: Vec<_> = problems["asks"]["multi-choice"]["options"].as_array().unwrap().iter().map(|o| &o["option"]).collect();
        let read: Vec<Value> = LISTED.iter().map(|(option, _)| (*option).into()).chain(["none".into()]).collect();
        assert_eq!(options, read.iter().collect::<Vec<_>>());
    }
}
