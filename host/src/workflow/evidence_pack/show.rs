//! A claim's evidence as a page that stands alone: no script, nothing from elsewhere.

use maud::{DOCTYPE, Markup, html};

use super::{Approved, EvidencePack, PackFact, PackFinding};
use crate::record::Day;
use crate::workflow::explain::{decimal_pounds, pounds};

const STYLE: &str = "body{font:1.1875rem/1.4 arial,sans-serif;color:#0b0c0c;max-width:60rem;margin:2rem auto;padding:0 1rem}\
    table{border-collapse:collapse;width:100%;margin:1rem 0}caption{font-weight:bold;text-align:left}\
    th,td{overflow-wrap:anywhere;border-bottom:1px solid #b1b4b6;text-align:left;vertical-align:top;padding:.5rem .75rem .5rem 0}\
    section{border-top:1px solid #b1b4b6;margin-top:2rem}code{overflow-wrap:anywhere}a{color:#1d70b8}";

/// The page of a pack.
#[must_use]
pub fn html(pack: &EvidencePack, approved: Option<&Approved>) -> String {
    let title = format!("Evidence of claim {}", pack.claim.number);
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                style { (STYLE) }
            }
            body { main { h1 { (title) } (claim(pack, approved)) (findings(pack)) (facts(pack)) (known(pack)) (trail(pack)) } }
        }
    };
    page.into_string()
}

fn row(name: &str, value: impl maud::Render) -> Markup {
    html! { tr { th scope="row" { (name) } td { (value) } } }
}

fn days(first: Day, last: Option<Day>) -> String {
    last.map_or_else(|| format!("from {}", first.in_words()), |last| format!("{} to {}", first.in_words(), last.in_words()))
}

fn claim(pack: &EvidencePack, approved: Option<&Approved>) -> Markup {
    let amount = pounds(i64::try_from(pack.claim.amount_pence).unwrap_or(i64::MAX));
    html! {
        table {
            caption { "What is claimed, and by which decision" }
            (row("Authority", pack.authority.as_str()))
            (row("Family", pack.claim.family.to_string()))
            (row("Result", &pack.claim.says))
            (row("Amount", amount))
            (row("Entitled on", pack.claim.entitled_on.in_words()))
            (row("Decision", html! { code { (pack.decision.id) } }))
            (row("It says", &pack.decision.says))
            (row("As of", pack.decision.as_of.in_words()))
            (row("Decided at, by", format!("{}, {}", pack.decision.at, pack.decision.by)))
            (row("Revision of the record", pack.decision.revision.to_string()))
            (row("Rules", format!("{} {}", pack.plugin.name, pack.plugin.version)))
            (row("Their hash", html! { code { (pack.plugin.digest) } }))
            (row("Hash of the record", html! { code { (pack.decision.record) } }))
            (row("Hash of what else was given", html! { code { (pack.decision.given) } }))
            (row("Hash of the answer", html! { code { (pack.decision.answer) } }))
            @if let Some(on) = pack.evidence_erased_on { (row("Evidence", format!("erased on {}", on.in_words()))) }
            @if let Some(approved) = approved {
                (row("Approved at, by", format!("{}, {}", approved.at, approved.by)))
                (row("Hash of the evidence then", html! { code { (approved.digest) } }))
                (row("Is it still that?", if approved.still { "Yes" } else { "No" }))
            }
        }
    }
}

fn findings(pack: &EvidencePack) -> Markup {
    html! {
        section {
            h2 { "What was found" }
            p { "Members of the family are called by their number." }
            @for finding in &pack.findings { (found(finding)) }
        }
    }
}

fn found(finding: &PackFinding) -> Markup {
    let number = |name: &str, value: &Option<String>| html! { @if let Some(value) = value { " " (name) " " (value) "." } };
    html! {
        h3 { (finding.number) ". " (finding.heading) @if let Some(n) = finding.member { ", member " (n) } ": " (finding.says) }
        p {
            (days(finding.first, finding.last)) "."
            (number("Before:", &finding.before)) (number("Now:", &finding.now)) (number("Needed:", &finding.threshold))
            @if finding.claimed { " The claim rests on this." }
        }
        @if !finding.reasons.is_empty() {
            ul {
                @for reason in &finding.reasons {
                    li {
                        (reason.sentence)
                        @for fact in &reason.facts { " " a href=(format!("#fact-{fact}")) { "fact" } }
                        @for besides in &reason.besides { " (" (besides) ")" }
                    }
                }
            }
        }
    }
}

fn facts(pack: &EvidencePack) -> Markup {
    html! {
        section {
            h2 { "Facts that the reasons rest on" }
            @if pack.facts.is_empty() { p { "None." } } @else {
                table {
                    thead { tr { th scope="col" { "What" } th scope="col" { "When" } th scope="col" { "Source" } th scope="col" { "Known since" } } }
                    tbody { @for fact in &pack.facts { (fact_row(fact)) } }
                }
            }
            p { "The plugin was given " @for (i, given) in pack.given.iter().enumerate() { @if i > 0 { ", " } (given.facts) " of " (given.kind.code()) } "." }
        }
    }
}

fn fact_row(fact: &PackFact) -> Markup {
    let details = fact.detail.as_object().into_iter().flatten();
    html! {
        tr id=(format!("fact-{}", fact.id)) {
            td {
                (fact.says) @if let Some(n) = fact.member { ", member " (n) }
                @for (name, value) in details { br; (name) ": " (value.as_str().map_or_else(|| value.to_string(), str::to_owned)) }
                br; code { (fact.id) }
            }
            td { (days(fact.first, fact.last)) }
            td { (fact.source) " (" (fact.source_kind) ")" }
            td { (fact.known_at) }
        }
    }
}

fn known(pack: &EvidencePack) -> Markup {
    html! {
        section {
            h2 { "How well it was known" }
            @if pack.coverage.is_empty() { p { "Nobody said." } } @else {
                table {
                    thead { tr { th scope="col" { "What" } th scope="col" { "Of whom" } th scope="col" { "When" } th scope="col" { "How well" } } }
                    tbody {
                        @for c in &pack.coverage {
                            tr {
                                td { (c.kind.code()) }
                                td { @if let Some(n) = c.member { "member " (n) } @else { "every family" } }
                                td { (days(c.first, c.last)) }
                                td { (c.state) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn trail(pack: &EvidencePack) -> Markup {
    html! {
        section {
            h2 { "What was done to the claim" }
            @if pack.trail.is_empty() { p { "Nothing yet." } } @else {
                ol {
                    @for step in &pack.trail {
                        li {
                            (step.says) @if let Some(stage) = &step.stage { " (" (stage) ")" } ", " (step.at) ", by " (step.by)
                            @if let Some(pence) = step.amount_pence { ": £" (decimal_pounds(pence)) }
                            @if let Some(on) = step.on { " on " (on.in_words()) }
                            @if let Some(reference) = &step.reference { ", reference " (reference) }
                            @if let Some(reason) = &step.reason { ": " (reason) }
                        }
                    }
                }
            }
        }
    }
}
