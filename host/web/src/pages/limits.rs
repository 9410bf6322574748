//! What the host holds to, for whoever writes another front end: open to everybody, and made of the numbers that it works with.

use axum::Router;
use axum::routing::get;
use maud::html;
use serde::Deserialize;

use crate::Pages;
use crate::ui::page::Frame;
use crate::ui::{Page, list};
use crate::upstream::{Api, Failed, List};

pub fn routes() -> Router<Pages> {
    Router::new().route("/limits", get(limits))
}

#[derive(Deserialize)]
struct Limit {
    limit: String,
    says: String,
    most: u64,
    unit: String,
}

async fn limits(api: Api) -> Result<Page, Failed> {
    let all: List<Limit> = api.get("/v1/limits").await?;
    let rows: Vec<_> =
        all.items.iter().map(|l| vec![html! { (l.says) }, html! { (amount(l.most, &l.unit)) }, html! { code { (l.limit) } }]).collect();
    let body = html! {
        h1 class="govuk-heading-l" { "Limits" }
        p class="govuk-body" { "What this host holds to, as it is set here. Programs read the same from " code { "/v1/limits" } "." }
        (list::table("How often, how large, how long", &["Of what", "At most", "Called"], &rows))
        p class="govuk-body" { "Over a number of requests a minute, the answer is 429, and its " code { "Retry-After" } " says in how many seconds to come back. Each of these numbers fills evenly: a minute’s worth at once, then as fast as it fills. All operations are described in " (list::link("/docs", "the documentation of the API")) "." }
    };
    Ok(Page::new(Frame::default(), "Limits", body))
}

/// As people read it: whole mebibytes, minutes and hours by their names, thousands apart.
fn amount(most: u64, unit: &str) -> String {
    match unit {
        "bytes" if most >= 1 << 20 && most.is_multiple_of(1 << 20) => format!("{} MiB", apart(most >> 20)),
        "bytes" if most >= 1 << 10 && most.is_multiple_of(1 << 10) => format!("{} KiB", apart(most >> 10)),
        "seconds" if most >= 3_600 && most.is_multiple_of(3_600) => format!("{} hours", most / 3_600),
        "seconds" if most >= 120 && most.is_multiple_of(60) => format!("{} minutes", most / 60),
        unit => format!("{} {unit}", apart(most)),
    }
}

fn apart(n: u64) -> String {
    let digits = n.to_string();
    let lead = digits.len() % 3;
    let mut out = digits[..lead].to_owned();
    for (i, digit) in digits[lead..].chars().enumerate() {
        if i % 3 == 0 && !out.is_empty() {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_people_read_them() {
        for (most, unit, reads) in [
            (60_000, "a minute", "60,000 a minute"),
            (50, "entries", "50 entries"),
            (512 << 20, "bytes", "512 MiB"),
            (8 << 10, "bytes", "8 KiB"),
            (1_000, "bytes", "1,000 bytes"),
            (36_000, "seconds", "10 hours"),
            (1_800, "seconds", "30 minutes"),
            (60, "seconds", "60 seconds"),
            (100_000_000, "instructions", "100,000,000 instructions"),
        ] {
            assert_eq!(amount(most, unit), reads);
        }
    }
}
