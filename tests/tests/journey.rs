//! How a rule travels, from a charity's desk to two councils' services and back: `make journey`, with few families.

use hearth_tests::{journey, number};

/// Enough for rows of every kind.
const FAMILIES: u64 = 60;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rule_travels_from_a_charitys_desk_to_two_councils_and_a_broken_one_comes_back() {
    let families = number("FAMILIES").unwrap_or(FAMILIES);
    if let Err(wrong) = journey::tell(families).await {
        panic!("{wrong:?}");
    }
}
