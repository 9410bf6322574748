//! What a form is refused for, each fault with its path.

use serde_json::{Value, json};

use super::{both, form, question, read, refused};

fn group(id: &str, of: Value, items: Value) -> Value {
    let mut group = json!({ "group": id, "title": both(id), "items": items });
    group.as_object_mut().unwrap().extend(of.as_object().unwrap().clone());
    group
}

fn repeat() -> Value {
    json!({ "repeat": { "min": 0, "max": 3, "item-label": both("One") } })
}

/// Five questions and two groups, with `visible` as the first question's condition.
fn shown_when(visible: Value) -> Value {
    let options = json!({ "options": [{ "option": "a", "label": both("A") }, { "option": "b", "label": both("B") }] });
    form(json!([
        question("first", json!("yes-no"), json!({ "visible-when": visible })),
        question("number", json!({ "number": {} }), json!({})),
        question("one", json!({ "single-choice": options }), json!({})),
        question("many", json!({ "multi-choice": options }), json!({})),
        question("pounds", json!("money"), json!({})),
        question("named", json!("name"), json!({})),
        question("reckoned", json!({ "computed": { "value": { "add": [{ "answer": "number" }, { "number": 1 }] } } }), json!({})),
        { "display": "note", "text": both("Note") },
        group("rows", repeat(), json!([question("in-row", json!({ "number": {} }), json!({}))])),
        group("people", json!({ "each-person": {} }), json!([question("of-person", json!({ "number": {} }), json!({}))])),
    ]))
}

#[test]
fn a_condition_is_refused_where_it_is_wrong() {
    let number = json!({ "answer": "number" });
    for (expr, fault) in [
        (json!({ "at-least": [{ "answer": "gone" }, { "number": 3 }] }), "at-least[0].answer: there is no question `gone`"),
        (json!({ "answered": "note" }), "answered: `note` is no question"),
        (number.clone(), ": is a number, and a condition is yes or no"),
        (json!({ "and": [{ "answered": "one" }, number] }), "and[1]: is a number, and what is wanted here is yes or no"),
        (json!({ "equal": [number, { "text": "3" }] }), "equal: compares a number with a text"),
        (json!({ "equal": [{ "answer": "pounds" }, { "number": 3 }] }), "equal: compares an amount of money with a number"),
        (json!({ "equal": [{ "answer": "one" }, { "option": "c" }] }), "equal: can never be equal: c is none of the options a, b"),
        (json!({ "in": [{ "answer": "one" }, ["a", "c"]] }), "in[1][1]: `c` is none of the options"),
        (json!({ "contains": [{ "answer": "many" }, "c"] }), "contains[1]: `c` is none of the options"),
        (json!({ "contains": [{ "answer": "one" }, "a"] }), "contains[0]: is an option, and only chosen options contain one"),
        (
            json!({ "less-than": [{ "answer": "one" }, { "option": "a" }] }),
            "less-than[0]: is an option, and only numbers, money and dates have an order",
        ),
        (
            json!({ "equal": [{ "answer": "named" }, { "text": "x" }] }),
            "equal: is an answer of the kind `name`, which can be asked only whether it was answered",
        ),
        (
            json!({ "more-than": [{ "multiply": [{ "answer": "pounds" }, { "pence": 2 }] }, { "pence": 1 }] }),
            "more-than[0].multiply: multiplies an amount of money by an amount of money",
        ),
        (
            json!({ "equal": [{ "if": [{ "yes-no": true }, number, { "text": "x" }] }, number] }),
            "equal[0].if: is a number or else a text: both must be of one type",
        ),
        (json!({ "and": [] }), "and: is empty"),
        (
            json!({ "more-than": [{ "answer": "in-row" }, { "number": 1 }] }),
            "more-than[0].answer: `in-row` is asked for each item of the group `rows`: read it there, or through count, sum, min, max, any or all",
        ),
        (
            json!({ "more-than": [{ "person": "age" }, { "number": 1 }] }),
            "more-than[0].person: there is no person here: only the items of a group with each-person are about one",
        ),
        (
            json!({ "any": { "group": "rows", "that": { "more-than": [{ "person": "age" }, { "number": 1 }] } } }),
            "any.that.more-than[0].person: there is no person here: only the items of a group with each-person are about one",
        ),
        (
            json!({ "any": { "group": "people", "that": { "more-than": [{ "answer": "in-row" }, { "number": 1 }] } } }),
            "any.that.more-than[0].answer: `in-row` is asked for each item of the group `rows`: read it there, or through count, sum, min, max, any or all",
        ),
        (json!({ "any": { "group": "first", "that": { "yes-no": true } } }), "any.group: there is no group `first`"),
        (
            json!({ "any": { "group": "rows", "that": { "any": { "group": "rows", "that": { "yes-no": true } } } } }),
            "any.that.any: stands in another of its kind: count over one group at a time",
        ),
        (
            json!({ "any": { "group": "rows", "that": { "less-than": [{ "change": "in-row" }, { "number": 1 }] } } }),
            "any.that.less-than[0].change: `in-row` is asked in a repeating group, whose items cannot be told apart from last time's",
        ),
        (
            json!({ "less-than": [{ "previous": "reckoned" }, { "number": 1 }] }),
            "less-than[0].previous: `reckoned` is computed, and earlier answers hold only what was answered",
        ),
        (
            json!({ "less-than": [{ "change": "one" }, { "number": 1 }] }),
            "less-than[0].change: `one` is an option: only numbers, scales and money change by something",
        ),
        (
            json!({ "less-than": [{ "sum": { "group": "rows", "of": { "answer": "in-row" }, "where": { "number": 1 } } }, { "number": 1 }] }),
            "less-than[0].sum.where: is a number, and a condition is yes or no",
        ),
        (
            json!({ "less-than": [{ "sum": { "group": "rows", "of": { "answered": "in-row" } } }, { "number": 1 }] }),
            "less-than[0].sum.of: is yes or no, and only numbers and money are reckoned with",
        ),
    ] {
        let path = "pages[0].items[0].visible-when";
        let expected = if fault.starts_with(':') { format!("{path}{fault}") } else { format!("{path}.{fault}") };
        assert_eq!(refused(shown_when(expr.clone())), expected, "{expr}");
    }
    for (expr, path) in [
        (json!({ "atleast": [] }), "pages[0].items[0].visible-when: unknown variant `atleast`"),
        (json!({ "at-least": [{ "number": 1 }] }), "pages[0].items[0].visible-when.at-least"),
        (json!({ "number": 1.2345 }), "pages[0].items[0].visible-when.number"),
        (json!({ "any": { "group": "rows" } }), "pages[0].items[0].visible-when.any.that"),
    ] {
        let fault = refused(shown_when(expr.clone()));
        assert!(fault.starts_with(path), "{expr}: {fault}");
    }
}

#[test]
fn a_circle_is_named() {
    let hangs_on = |id: &str, on: &str| question(id, json!("yes-no"), json!({ "visible-when": { "answer": on } }));
    assert_eq!(refused(form(json!([hangs_on("a", "b"), hangs_on("b", "a")]))), "pages[0].items[0]: depends on itself: a → b → a");
    assert_eq!(refused(form(json!([hangs_on("a", "a")]))), "pages[0].items[0]: depends on itself: a → a");
    let sum = json!({ "computed": { "value": { "add": [{ "answer": "b" }, { "number": 1 }] } } });
    let twice = json!({ "computed": { "value": { "if": [{ "answered": "a" }, { "number": 1 }, { "number": 2 }] } } });
    assert_eq!(
        refused(form(json!([question("a", sum, json!({})), question("b", twice, json!({}))]))),
        "pages[0].items[0]: depends on itself: a → b → a"
    );
    // A page that shows by an answer on it, a group that shows by one in it.
    let mut page = form(json!([question("a", json!("yes-no"), json!({}))]));
    page["pages"][0]["visible-when"] = json!({ "answer": "a" });
    assert_eq!(refused(page), "pages[0]: depends on itself: page only → a → page only");
    let mut of = repeat();
    of["visible-when"] = json!({ "any": { "group": "rows", "that": { "answer": "a" } } });
    let rows = group("rows", of, json!([question("a", json!("yes-no"), json!({}))]));
    assert_eq!(refused(form(json!([rows]))), "pages[0].items[0]: depends on itself: rows → rows");
    let people =
        group("people", json!({ "each-person": { "where": { "answer": "a" } } }), json!([question("a", json!("yes-no"), json!({}))]));
    assert_eq!(refused(form(json!([people]))), "pages[0].items[0]: depends on itself: people → a → people");
    // What an answer must be like may well speak of itself, and last time's answer decides nothing today.
    let own = json!({
        "valid-when": [{ "that": { "answer": "a" }, "message": both("Yes, please.") }], "required-when": { "answer": "b" },
        "visible-when": { "or-else": [{ "previous": "a" }, { "yes-no": true }] },
    });
    read(form(json!([question("a", json!("yes-no"), own), hangs_on("b", "a")]))).check().unwrap();
}

#[test]
fn each_field_is_checked_and_named() {
    let scale = |change: Value| {
        let mut scale = json!({ "min": 1, "max": 5, "step": 0.5, "direction": "higher-is-better", "domain": "home",
            "anchors": [{ "point": 1, "label": both("Bad") }, { "point": 5, "label": both("Good") }] });
        scale.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        question("q", json!({ "scale": scale }), json!({}))
    };
    let option = |o: &str| json!({ "option": o, "label": both(o) });
    let text = |more: Value| question("q", json!("text"), more);
    let sum = json!({ "computed": { "value": { "number": 1 } } });
    for (item, fault) in [
        (scale(json!({ "step": 0 })), "asks.scale.step: is 0, and must be more than nought"),
        (scale(json!({ "step": 0.3 })), "asks.scale.step: steps of 0.3 from 1 do not end at 5"),
        (scale(json!({ "step": 0.25 })), "asks.scale.step: is 0.25, and is a number of tenths within a thousand"),
        (scale(json!({ "max": 1 })), "asks.scale.max: 1 is not more than min, 1"),
        (scale(json!({ "max": 900, "step": 0.1 })), "asks.scale.step: makes more than 201 points: ask for a number instead"),
        (scale(json!({ "anchors": [{ "point": 1, "label": both("Bad") }] })), "asks.scale.anchors: does not say what 5 means"),
        (scale(json!({ "anchors": [{ "point": 1.2, "label": both("Bad") }] })), "asks.scale.anchors[0].point: the scale has no point 1.2"),
        (scale(json!({ "domain": "Home!" })), "asks.scale.domain: has 2 to 64 small letters, digits and hyphens"),
        (
            scale(json!({ "direction": "up" })),
            "asks.scale.direction: unknown variant `up`, expected `higher-is-better` or `lower-is-better`",
        ),
        (question("Q", json!("text"), json!({})), "question: has 1 to 64 small letters, digits and hyphens"),
        (
            question("q", json!({ "single-choice": {} }), json!({})),
            "asks.single-choice.options: is empty, and no list is named: there is nothing to choose",
        ),
        (
            question("q", json!({ "single-choice": { "list": "colours" } }), json!({})),
            "asks.single-choice.list: there is no code list `colours`",
        ),
        (
            question("q", json!({ "multi-choice": { "options": [option("a"), option("a")] } }), json!({})),
            "asks.multi-choice.options[1].option: `a` stands here twice",
        ),
        (
            question("q", json!({ "single-choice": { "options": [{ "option": "a", "label": both("A"), "exclusive": true }] } }), json!({})),
            "asks.single-choice.options[0].exclusive: means nothing where only one may be chosen",
        ),
        (question("q", json!({ "number": { "min": 3, "max": 2 } }), json!({})), "asks.number.max: 2 is less than min, 3"),
        (
            question("q", json!({ "file": { "types": ["pdf"] } }), json!({})),
            "asks.file.types[0]: `pdf` is not a media type, as application/pdf",
        ),
        (
            question("q", json!({ "declaration": { "statement": both("Yes."), "lawful-basis": "consent" } }), json!({})),
            "asks.declaration.scope: is missing: a consent says what may be shared, with whom and for what",
        ),
        (
            text(json!({ "maps-to": "hunger" })),
            "maps-to: `hunger` is not in the code list problems (crime-and-antisocial-behaviour, school-attendance, children-who-need-help, work-and-money, domestic-abuse, health, early-years-development, substance-use, family-relationships, abuse-and-exploitation, housing)",
        ),
        (text(json!({ "default": { "yes-no": true } })), "default: This asks for `text`, and was answered with `yes-no`."),
        (
            question(
                "q",
                json!({ "declaration": { "statement": both("Yes.") } }),
                json!({ "default": { "declaration": { "agreed": true, "by": "A", "on": "2026-01-01", "how": "said" } } }),
            ),
            "default: a question of the kind `declaration` starts empty, or by prefill",
        ),
        (
            question("q", json!("phone"), json!({ "default": { "phone": "0117 496 0123" } })),
            "default: a question of the kind `phone` starts empty, or by prefill",
        ),
        (text(json!({ "prefill": "person-name" })), "prefill: does not give what a question of the kind `text` asks for"),
        (
            question("q", json!("name"), json!({ "prefill": "person-name" })),
            "prefill: there is no person here: only the items of a group with each-person are about one",
        ),
        (text(json!({ "label": { "en": "Only English" } })), "label.cy: missing field `cy`"),
        (text(json!({ "hint": both(" ") })), "hint.en: is empty"),
        (text(json!({ "colour": "blue" })), "colour: unknown field `colour`"),
        (text(json!({ "items": [] })), "items: unknown field `items`"),
        (
            question("q", sum.clone(), json!({ "required-when": { "yes-no": true } })),
            "required-when: means nothing of a computed value, which nobody answers",
        ),
        (question("q", json!("place"), json!({})), "asks: unknown variant `place`"),
        (json!({ "label": both("Nothing") }), ": has none of the fields `question`, `display` and `group`"),
        (json!({ "display": "d" }), "text: missing field `text`"),
        (json!({ "display": "d", "text": both("D"), "label": both("D") }), "label: unknown field `label`"),
        (group("g", json!({}), json!([text(json!({}))])), ": has neither `repeat` nor `each-person`"),
        (
            group("g", json!({ "repeat": { "max": 101, "item-label": both("G") } }), json!([text(json!({}))])),
            "repeat.max: is 101, and is 1 to 100",
        ),
        (
            group("g", json!({ "repeat": { "min": 4, "max": 3, "item-label": both("G") } }), json!([text(json!({}))])),
            "repeat.min: is 4, more than max, 3",
        ),
        (group("g", repeat(), json!([group("h", repeat(), json!([text(json!({}))]))])), "items[0].group: stands in another group"),
        (group("g", repeat(), json!([])), "items: is empty"),
    ] {
        let refused = refused(form(json!([item])));
        let path = "pages[0].items[0]";
        let expected = if fault.starts_with(':') { format!("{path}{fault}") } else { format!("{path}.{fault}") };
        assert!(refused.starts_with(&expected), "expected {expected}\n     got {refused}");
    }
}

#[test]
fn a_form_has_bounds() {
    let many = |n: usize| (0..n).map(|i| question(&format!("q{i}"), json!("yes-no"), json!({}))).collect::<Vec<_>>();
    read(form(json!(many(300)))).check().unwrap();
    assert_eq!(refused(form(json!(many(301)))), "pages: have 301 questions, and may have 300");

    let mut pages = form(json!(many(1)));
    pages["pages"] = (0..51)
        .map(|i| json!({ "page": format!("p{i}"), "title": both("P"), "items": [question(&format!("q{i}"), json!("text"), json!({}))] }))
        .collect();
    assert_eq!(refused(pages), "pages: has 51 entries, and has 1 to 50");

    let deep = |n: usize| (1..n).fold(json!({ "yes-no": true }), |inner, _| json!({ "not": inner }));
    read(shown_when(deep(16))).check().unwrap();
    assert!(refused(shown_when(deep(17))).ends_with("lies more than 16 deep"));

    // The small form's computed value has three nodes of its own, and `or` is one.
    let wide = |n: usize| json!({ "or": vec![json!({ "yes-no": true }); n] });
    read(shown_when(wide(1_996))).check().unwrap();
    assert!(refused(shown_when(wide(1_997))).ends_with("is one node too many: a form's expressions have 2000 together"));

    // Each of a hundred items looks at each of another hundred: 1 + 100 × (1 + n) steps for each.
    let full = |id: &str, question: Value| group(id, json!({ "repeat": { "max": 100, "item-label": both("One") } }), json!([question]));
    let looks = |n: usize| json!({ "any": { "group": "others", "that": { "or": vec![json!({ "answered": "b" }); n] } } });
    let square = |n| {
        form(json!([
            full("ones", question("a", json!("text"), json!({ "required-when": looks(n) }))),
            full("others", question("b", json!("text"), json!({})))
        ]))
    };
    read(square(98)).check().unwrap();
    assert!(refused(square(99)).ends_with("may take 1000000 steps"), "{}", refused(square(99)));

    // As long a chain as there can be.
    let next =
        |i: usize| question(&format!("q{i}"), json!("yes-no"), json!({ "visible-when": { "answered": format!("q{}", (i + 1).min(299)) } }));
    read(form((0..299).map(next).chain([question("q299", json!("yes-no"), json!({}))]).collect())).check().unwrap();

    assert_eq!(refused(form(json!([many(1)[0], many(1)[0]]))), "pages[0].items[1].question: `q0` stands in the form twice");
    let mut twice = form(json!(many(1)));
    let again = json!({ "page": "only", "title": both("Only"), "items": [question("other", json!("text"), json!({}))] });
    twice["pages"].as_array_mut().unwrap().push(again);
    assert_eq!(refused(twice), "pages[1].page: `only` stands here twice");
}

#[test]
fn a_form_is_written_as_it_was_read_and_its_digest_stays() {
    let form = read(shown_when(json!({ "at-least": [{ "answer": "number" }, { "number": 3.5 }] })));
    let again = read(serde_json::to_value(&form).unwrap());
    assert_eq!(again, form);
    assert_eq!(again.digest(), form.digest());
    // Answers of years ago pin this: a field that forms gain is left out of what is written where it says nothing.
    let smallest = read(super::form(json!([question("a", json!({ "number": { "min": 0.5 } }), json!({}))])));
    assert_eq!(smallest.digest().to_string(), "sha256:8d536808fd4906e8928b05b0a5b92440dd70f57c25c02435a46b82318debd950");
    let mut changed = form.clone();
    changed.title.en.push('!');
    assert_ne!(changed.digest(), form.digest());
}
