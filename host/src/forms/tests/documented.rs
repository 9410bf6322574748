//! The example of `wit/forms.md` does what the page says.

use serde_json::{Value, json};

use super::{answers, family, judged, person, read, wrongs};
use crate::forms::{Form, Judged};

fn example() -> Form {
    let page = include_str!("../../../../wit/forms.md");
    let (_, example) = page.split_once("## An example").unwrap();
    let source: Vec<&str> = example.lines().skip(1).take_while(|l| l.is_empty() || l.starts_with("    ")).collect();
    read(serde_json::from_str(&source.join("\n")).unwrap())
}

/// Two children, and somebody whose age nobody knows.
fn judge(worried: Value, scores: &[Value]) -> Judged {
    let form = example();
    let rows: Vec<Value> =
        scores.iter().zip(1..).map(|(s, n)| json!({ "person": person(n), "answers": { "score": { "scale": s } } })).collect();
    judged(&form, &answers(&form, json!({ "worried": worried }), json!({ "children": rows })), &family(&[Some(9), Some(2), None]))
}

#[test]
fn the_example_does_what_the_page_says() {
    let yes = json!({ "yes-no": true });
    let urgent = |judged: &Judged| judged.shown.iter().any(|s| s.id == "urgent");
    let unknown = judge(json!({ "not-known": true }), &[json!(2)]);
    assert!(!unknown.shown.iter().any(|s| s.id == "children") && !urgent(&unknown) && unknown.complete);
    assert!(urgent(&judge(yes.clone(), &[json!(2)])));
    let better = judge(yes.clone(), &[json!(3.5)]);
    assert!(!urgent(&better));
    assert_eq!(better.unsure["children"], [person(3)]);
    assert_eq!(wrongs(&judge(yes, &[json!(3.4)])), ["score person 1: too-precise"]);
}
