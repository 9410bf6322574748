//! A few random components; `make smith` and `make fuzz` try as many as are wanted.

use hearth_tests::number;
use hearth_tests::smith::Smith;

#[test]
fn random_components_are_taken_or_refused_and_never_break_inspection() {
    let many = number("N").unwrap_or(2_000);
    let counts = Smith::new(1).unwrap().validated(0..many, |_| ()).unwrap();
    assert_eq!(counts.values().sum::<u64>(), many);
    assert!(counts.get("taken").is_some_and(|taken| *taken > many / 4), "most of one half have a plugin's shape: {counts:?}");
}

#[tokio::test]
async fn random_code_in_the_sandbox_ends_as_documented() {
    let many = number("N").unwrap_or(2_000).div_ceil(40);
    let counts = Smith::new(1).unwrap().run(0..many, |_| ()).await.unwrap();
    let ran: u64 = counts.iter().filter(|(end, _)| end.starts_with("plugin-") || *end == "answered").map(|(_, count)| count).sum();
    assert!(ran > many, "most of them are asked both questions: {counts:?}");
}
