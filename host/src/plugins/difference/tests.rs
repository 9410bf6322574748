use serde_json::{Value, json};

use super::*;

fn manifest() -> Value {
    json!({
        "format": 1, "name": "school-days", "version": "1.0.0", "publisher": "hill-charity", "authors": "Hill", "licence": "MIT",
        "source": "https://example.org", "title": { "en": "Days", "cy": "Dyddiau" }, "purpose": { "en": "Counts", "cy": "Cyfrif" },
        "offers": ["outcomes"],
        "optional": ["hearth:family/health"],
        "why": {
            "hearth:family/education": { "en": "attendance", "cy": "presenoldeb" },
            "hearth:family/health": { "en": "needs", "cy": "anghenion" },
        },
        "templates": [{ "id": "met", "args": [], "en": "Met.", "cy": "Cwrdd." }],
        "framework": [],
        "settings": { "type": "object", "additionalProperties": false, "properties": { "percent": { "type": "integer", "default": 90 } } },
    })
}

/// The difference between the manifest and itself, changed so.
fn changed(change: impl FnOnce(&mut Value)) -> Difference {
    let mut newer = manifest();
    newer["version"] = json!("1.1.0");
    change(&mut newer);
    let read = |json: &Value| Manifest::kept(&json.to_string()).unwrap();
    let digest = |json: &Value| Digest::of(json.to_string().as_bytes());
    let older = manifest();
    Difference::between((&read(&older), digest(&older)), (&read(&newer), digest(&newer)))
}

#[test]
fn what_widens_and_what_does_not() {
    let why = json!({ "en": "offences", "cy": "troseddau" });
    //  what is changed | which change | widens
    type Case<'a> = (&'a str, Box<dyn Fn(&mut Value) + 'a>, &'a str, bool);
    let cases: [Case; 11] = [
        ("nothing", Box::new(|_| {}), "", false),
        ("a section more", Box::new(|m| m["why"]["hearth:family/offending"] = why.clone()), "asks for hearth:family/offending", true),
        (
            "a section more, optional",
            Box::new(|m| {
                m["why"]["hearth:family/offending"] = why.clone();
                m["optional"] = json!(["hearth:family/health", "hearth:family/offending"]);
            }),
            "runs without",
            true,
        ),
        ("optional, then needed", Box::new(|m| m["optional"] = json!([])), "does not run any more without hearth:family/health", true),
        (
            "needed, then optional",
            Box::new(|m| m["optional"] = json!(["hearth:family/health", "hearth:family/education"])),
            "hearth:family/education",
            false,
        ),
        ("another reason", Box::new(|m| m["why"]["hearth:family/education"]["en"] = json!("days")), "another reason", false),
        (
            "a section less",
            Box::new(|m| drop(m["why"].as_object_mut().unwrap().remove("hearth:family/education"))),
            "asks no more for hearth:family/education",
            false,
        ),
        (
            "another sentence",
            Box::new(|m| m["templates"][0]["en"] = json!("Not met.")),
            "says \u{201c}Not met.\u{201d}, and said \u{201c}Met.\u{201d}",
            true,
        ),
        ("another sentence in Welsh", Box::new(|m| m["templates"][0]["cy"] = json!("Na.")), "(met)", true),
        ("a sentence less", Box::new(|m| m["templates"] = json!([])), "says no more", false),
        (
            "another setting",
            Box::new(|m| m["settings"]["properties"]["percent"]["default"] = json!(80)),
            "The setting percent is another.",
            false,
        ),
    ];
    for (what, change, says, widens) in cases {
        let difference = changed(&change);
        assert_eq!(difference.widens(), widens, "{what}");
        assert_eq!(difference.sentences().is_empty(), what == "nothing", "{what}");
        assert!(difference.sentences().iter().all(|s| s.contains(says)), "{what}: {:?}", difference.sentences());
    }
}

#[test]
fn what_widens_stands_first_and_is_marked() {
    let difference = changed(|m| {
        m["title"]["en"] = json!("School days");
        m["why"]["hearth:family/offending"] = json!({ "en": "offences", "cy": "troseddau" });
    });
    assert!(difference.sentences()[0].contains("article 10"), "{:?}", difference.sentences());
    assert_eq!(difference.sentences().len(), 2);
}

#[test]
fn its_digest_is_of_these_two_versions_and_of_what_changed() {
    let one = changed(|_| {});
    assert_eq!(one.digest(), changed(|_| {}).digest());
    assert_ne!(one.digest(), changed(|m| m["optional"] = json!([])).digest());
    assert_ne!(one.digest(), changed(|m| m["version"] = json!("1.2.0")).digest());
}
