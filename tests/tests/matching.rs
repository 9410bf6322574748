//! Rows of people made up with known truth are matched with those whom they are about. In full: `make proofs`.

use hearth::matching::Thresholds;
use hearth_tests::matching::{Index, score};
use hearth_tests::people::generated;

#[test]
fn the_machine_is_right_ninety_nine_times_and_finds_ninety_five_of_a_hundred() {
    let generated = generated(1, 5_000, 10_000);
    let index = Index::of(&generated);
    let (score, known) = score(&generated, &index, Thresholds::USUAL, |_| true);
    assert!(score.precision() >= 0.99, "{score:?}");
    assert!(score.recall(known) >= 0.95, "{score:?} of {known}");
}

#[test]
fn a_number_that_is_missing_costs_little() {
    let generated = generated(2, 5_000, 10_000);
    let index = Index::of(&generated);
    let (score, known) = score(&generated, &index, Thresholds::USUAL, |told| told.identifiers.is_empty());
    assert!(score.precision() >= 0.99 && score.recall(known) >= 0.93, "{score:?} of {known}");
}
