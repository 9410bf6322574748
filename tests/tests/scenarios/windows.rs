//! Windows and their edges.

use super::*;

/// 004:L159-L164: in the last six months.
#[tokio::test]
async fn what_happened_counts_from_the_first_day_of_the_window_to_the_last() {
    let lab = lab();
    for (on, inside) in
        [("2026-02-28", false), ("2026-03-01", true), ("2026-03-02", true), ("2026-08-30", true), (AS_OF, true), ("2026-09-01", false)]
    {
        let expected = if inside { ("not-met", Some(10)) } else { ("met", Some(0)) };
        let answer = lab.answer(&engaged(&[CRIME]).offence("mother", on), &progress()).await;
        let found = finding(&answer, "crime-1");
        assert_eq!((found.standing.as_str(), found.now), expected, "an offence on {on}");
        let answer = lab.answer(&engaged(&[CRIME]).incident("mother", on), &progress()).await;
        let found = finding(&answer, "crime-2");
        assert_eq!((found.standing.as_str(), found.now), expected, "an incident on {on}");
    }
    for (on, before, now) in
        [("2025-08-31", 0, 0), ("2025-09-01", 1, 0), ("2026-02-28", 1, 0), ("2026-03-01", 0, 1), (AS_OF, 0, 1), ("2026-09-01", 0, 0)]
    {
        let answer = lab.answer(&engaged(&[CRIME]).callout(on), &progress()).await;
        let found = finding(&answer, "crime-3");
        assert_eq!((found.before, found.now), (Some(before * 10), Some(now * 10)), "a call-out on {on}");
    }
}

/// 004:L159-L167, in months that have no such day.
#[tokio::test]
async fn six_months_to_the_end_of_february_and_of_august_begin_where_they_should() {
    let lab = lab();
    // As-of date; first day of the six months; first day of the six before; looked at again; attendance looked at again.
    for (as_of, first, first_before, again, school_again) in [
        ("2024-02-29", "2023-09-01", "2023-03-01", "2024-03-29", "2024-05-29"),
        ("2024-02-28", "2023-08-29", "2023-02-28", "2024-03-28", "2024-05-28"),
        ("2024-08-31", "2024-03-01", "2023-09-01", "2024-09-30", "2024-11-30"),
        ("2024-08-30", "2024-02-29", "2023-08-29", "2024-09-30", "2024-11-30"),
        ("2024-08-29", "2024-02-29", "2023-08-29", "2024-09-29", "2024-11-29"),
        ("2024-08-28", "2024-02-29", "2023-08-29", "2024-09-28", "2024-11-28"),
        ("2026-02-28", "2025-09-01", "2025-03-01", "2026-03-28", "2026-05-28"),
        ("2026-08-31", "2026-03-01", "2025-09-01", "2026-09-30", "2026-11-30"),
        ("2026-08-30", "2026-02-28", "2025-08-28", "2026-09-30", "2026-11-30"),
        ("2023-11-30", "2023-06-01", "2022-12-01", "2023-12-30", "2024-02-29"),
        ("2024-01-31", "2023-08-01", "2023-02-01", "2024-02-29", "2024-04-30"),
    ] {
        let [first, first_before, last] = [day(first), day(first_before), day(as_of)];
        let family = || Family::engaged("2022-01-10", &[CRIME, SCHOOL]).child("son", "2013-05-01");
        let near = |day: Day, by: i32| day.plus(by).unwrap().to_string();
        for (on, before, now) in [
            (near(first_before, -1), 0, 0),
            (near(first_before, 0), 1, 0),
            (near(first, -1), 1, 0),
            (near(first, 0), 0, 1),
            (near(last, 0), 0, 1),
            (near(last, 1), 0, 0),
        ] {
            let answer = lab.answer(&family().callout(&on).offence("mother", &on).incident("son", &on), &Asked::progress(as_of)).await;
            let found = finding(&answer, "crime-3");
            assert_eq!((found.before, found.now), (Some(before * 10), Some(now * 10)), "{on}, asked about {as_of}");
            for criterion in ["crime-1", "crime-2", "crime-3"] {
                assert_eq!(finding(&answer, criterion).window.to_string(), format!("{first}..{as_of}"), "{criterion}");
            }
            for criterion in ["crime-1", "crime-2"] {
                let found = finding(&answer, criterion);
                assert_eq!(found.standing, if now > 0 { "not-met" } else { "met" }, "{criterion}: {on}, asked about {as_of}");
                assert_eq!(found.look_again, (now > 0).then(|| day(again)), "{criterion}: {on}, asked about {as_of}");
            }
            assert_eq!(finding(&answer, "education-1").look_again, Some(day(school_again)), "asked about {as_of}");
        }
    }
}
