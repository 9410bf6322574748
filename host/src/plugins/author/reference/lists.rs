//! Pages that list things: the beginning, every function, the code lists, limits and errors.

use maud::{Markup, html};

use super::interfaces::table;
use super::page::page;
use super::text::prose;
use super::{Page, file, interfaces};
use crate::record::KnownAt;
use crate::record::codes::{self, List};
use crate::sandbox::limits;
use crate::sandbox::{ExtensionPoint, Fault, Limits};
use crate::settings::grouped;

pub(super) fn index() -> Page {
    let mut packages: Vec<&str> = interfaces().map(|known| known.package()).collect();
    packages.dedup();
    let main = html! {
        h1 { "Write a plugin" }
        p class="lede" {
            "A plugin is a council’s own way of working as one file: its forms, its rules for what counts as progress, its pathways, its \
             buying of help. It reads what the authority granted, says what it found and why, and proposes what should follow. It changes nothing \
             itself, and it can reach nothing else."
        }
        p { a class="button" href="first-plugin.html" { "A first plugin in ten minutes" } }
        h2 id="what-it-may-offer" { "What it may offer" }
        ul {
            @for point in ExtensionPoint::ALL {
                li { a href={ (point.code()) ".html" } { (point.code()) } ": " (point.asks()) }
            }
        }
        h2 id="guides" { "Guides" }
        ul {
            li { a href="manifest.html" { "The manifest" } ": what a plugin says about itself" }
            li { a href="forms.html" { "Forms" } ": questions, conditions, answers" }
            li { a href="scenarios.html" { "Scenarios" } ": a family in a few lines, and what must come back" }
            li { a href="codes.html" { "Code lists" } ": every word that the interface is spoken in, in English and Welsh" }
            li { a href="limits.html" { "Limits" } ": what one run may use" }
            li { a href="errors.html" { "Errors" } ": refusals, absences and faults" }
            li { a href="wasi.html" { "The closed world" } ": what a language’s runtime finds where it looks for a computer" }
        }
        h2 id="the-interface" { "The interface" }
        p {
            "An import is a permission: what a plugin’s world imports is what an authority is asked to grant. "
            a href="functions.html" { "Every function" } " on one page."
        }
        @for package in packages {
            h3 { a href={ (package) ".html" } { "hearth:" (package) } }
            (table(package))
        }
    };
    Page::html("index.html", page("Write a plugin", None, &main))
}

pub(super) fn functions() -> Page {
    let mut all: Vec<_> = interfaces().flat_map(|known| known.functions().map(move |function| (function.name.as_str(), known))).collect();
    all.sort_by_key(|(name, known)| (*name, known.name()));
    let main = html! {
        h1 { "Every function" }
        p { (all.len()) " functions, by name." }
        ul class="columns" {
            @for (name, known) in all {
                li { a href={ (file(known)) "#" (name) } { (name) } " " span class="of" { (known.name()) } }
            }
        }
    };
    Page::html("functions.html", page("Every function", None, &main))
}

pub(super) fn codes() -> Page {
    let mut lists: Vec<&List> = codes::all().collect();
    lists.sort_by_key(|list| &list.list);
    let main = html! {
        h1 { "Code lists" }
        p { "The words that the interface is spoken in, and their meaning in English and in Welsh. Lists only grow: no word changes its meaning." }
        ul class="columns" {
            @for list in &lists { li { a href={ "#" (list.list) } { (list.list) } } }
        }
        @for list in &lists {
            section id=(list.list) {
                h2 { a href={ "#" (list.list) } { (list.list) } }
                p { (list.says) }
                (words(list))
            }
        }
    };
    Page::html("codes.html", page("Code lists", None, &main))
}

fn words(list: &List) -> Markup {
    let sections = list.codes.iter().any(|code| code.section.is_some());
    html! {
        div class="wide" tabindex="0" {
            table {
                thead {
                    tr {
                        th scope="col" { "Word" }
                        @if sections { th scope="col" { "Section" } }
                        th scope="col" { "English" }
                        th scope="col" { "Welsh" }
                    }
                }
                tbody {
                    @for code in &list.codes {
                        tr {
                            th scope="row" { code { (code.code) } }
                            @if sections { td { (code.section.as_deref().unwrap_or_default()) } }
                            td { (code.en) }
                            td lang="cy" { (code.cy) }
                        }
                    }
                }
            }
        }
    }
}

pub(super) fn limits() -> Page {
    let run = Limits::default();
    let over = || Fault::TooMuch { what: String::new(), most: 0 }.code();
    let trapped = || Fault::Trapped { message: None, place: None, code: None }.code();
    let memory = || Fault::OutOfMemory { bytes: 0 }.code();
    let refused = Fault::Nonsense { what: String::new() }.code();
    let rows = [
        ("Instructions", grouped(run.instructions), Fault::OutOfInstructions { budget: 0 }.code()),
        ("Time, as the second net", format!("{} s", run.wall.as_secs()), Fault::OutOfTime { millis: 0 }.code()),
        ("Memory, over all memories", size(run.memory), memory()),
        ("Table elements, over all tables", grouped(run.table_elements as u64), memory()),
        ("Stack", size(limits::STACK), trapped()),
        ("Calls of the host", grouped(run.host_calls.into()), over()),
        ("Rows read", grouped(run.rows as u64), over()),
        ("Bytes in one call of the host", size(limits::HOST_CALL_BYTES), over()),
        ("Log lines, settings, tables and WASI’s output moved", size(run.text), over()),
        ("Findings of a run", grouped(limits::MOST_FINDINGS as u64), over()),
        ("Other reports of a run", grouped(limits::MOST_REPORTS as u64), over()),
        ("Reasons of one finding or report", grouped(limits::MOST_REASONS as u64), over()),
        ("What one reason rests on", grouped(limits::MOST_BASES as u64), over()),
        ("Proposed actions of a run", grouped(limits::MOST_PROPOSALS as u64), over()),
        ("Kinds of organisation invited to one meeting", grouped(limits::MOST_INVITED as u64), over()),
        ("Answers that a migration carries over", grouped(limits::MOST_PUTS as u64), over()),
        ("Findings, reports, claims and proposals together", size(run.said), over()),
        ("Items of a list that is handed to the host", grouped(limits::LONGEST_LIST as u64), over()),
        ("Bytes of a code, key or id", grouped(limits::LONGEST_WORD as u64), refused),
        ("Rows of one reference table", size(limits::LONGEST_TABLE), over()),
        ("A claim or payment line", format!("£{}", grouped(limits::LARGEST_CLAIM.unsigned_abs() / 100)), refused),
        ("Log lines of a run", grouped(limits::MOST_LOG_LINES as u64), "dropped, without failing"),
        ("Bytes of one log line", grouped(limits::LONGEST_LOG_LINE as u64), "cut, without failing"),
    ];
    let main = html! {
        h1 { "What one run may use" }
        p {
            "Each question is asked of a fresh instance. Going over a limit ends the run in the error beside it: nothing is decided, the family’s \
             record is untouched, and the next run is as if nothing had been."
        }
        div class="wide" tabindex="0" {
            table {
                thead { tr { th scope="col" { "Limit" } th scope="col" class="number" { "At most" } th scope="col" { "Else" } } }
                tbody {
                    @for (what, most, error) in rows {
                        tr {
                            th scope="row" { (what) }
                            td class="number" { (most) }
                            td { @if error.contains(' ') { (error) } @else { a href={ "errors.html#" (error) } { (error) } } }
                        }
                    }
                }
            }
        }
        p {
            "A plugin’s file may have 64 MiB, and its manifest 1 MiB. In Rust a question over a hundred facts takes about 120,000 instructions, in \
             JavaScript three million, in Python two."
        }
    };
    Page::html("limits.html", page("Limits", None, &main))
}

fn size(bytes: usize) -> String {
    if bytes.is_multiple_of(1 << 20) { format!("{} MiB", bytes >> 20) } else { format!("{} KiB", bytes >> 10) }
}

pub(super) fn errors() -> Page {
    let main = html! {
        h1 { "Refusals, absences and faults" }
        p {
            "A plugin that cannot answer says so, and that is an answer: it is kept with its reasons. A section that gives no answer says why. What goes \
             wrong inside a plugin is neither: it is a fault, and nothing is decided."
        }
        h2 id="refusals" { "To refuse" }
        p { "An exported function answers with a word, or refuses with a word of " a href="codes.html#failures" { "failures" } "." }
        @for list in codes::all().filter(|list| list.list == "failures") { (words(list)) }
        h2 id="absences" { "Where a section gives no answer" }
        p { "The word is from " a href="codes.html#absences" { "absences" } ". An empty list is no absence: nothing is recorded, which is not the same as nothing happened." }
        @for list in codes::all().filter(|list| list.list == "absences") { (words(list)) }
        h2 id="faults" { "Faults" }
        p { "The code is the end of the problem’s " code { "type" } ", and what the failed run is kept as. The plugin’s own last words stay with the run, for its author." }
        @for fault in faults() {
            section id=(fault.code()) {
                h3 { a href={ "#" (fault.code()) } { (fault.code()) } }
                (prose(says(&fault)))
            }
        }
        h2 id="before-it-runs" { "Refused before it runs" }
        p {
            "What is wrong with the file is said at upload, and by " code { "hearth plugin inspect" } ", with the interface and the function: an import that this \
             host does not lend, a function that is missing or has another shape, a manifest that is not sound, with the path of its first fault."
        }
    };
    Page::html("errors.html", page("Errors", None, &main))
}

/// One of each.
fn faults() -> [Fault; 10] {
    [
        Fault::Trapped { message: None, place: None, code: None },
        Fault::OutOfInstructions { budget: 0 },
        Fault::OutOfTime { millis: 0 },
        Fault::OutOfMemory { bytes: 0 },
        Fault::TooMuch { what: String::new(), most: 0 },
        Fault::Nonsense { what: String::new() },
        Fault::Host { what: String::new() },
        Fault::QueueFull { most: 0 },
        Fault::OverBudget { a_minute: 0, again_seconds: 0 },
        Fault::Parked { since: KnownAt::from_millis(0), why: String::new() },
    ]
}

/// What it means to an author, and what to do.
const fn says(fault: &Fault) -> &'static str {
    match fault {
        Fault::Trapped { .. } => {
            "It stopped itself: a panic, an uncaught error, a wrong type, a missing number, or a stack that grew too deep. The message names the file and \
             the line: the kit writes them to the log before the run ends."
        }
        Fault::OutOfInstructions { .. } => {
            "It used up its instructions without answering: most often a loop that never ends. The same family costs the same each time."
        }
        Fault::OutOfTime { .. } => {
            "It did not answer in time. Instructions run out first on all but the busiest machine, so look for the same causes."
        }
        Fault::OutOfMemory { .. } => "It asked for more memory than a run may have: most often a list that is copied again and again.",
        Fault::TooMuch { .. } => {
            "It said or asked for more than a run may; the message says what, and how much there may be. See [limits](limits.html)."
        }
        Fault::Nonsense { .. } => {
            "It said what cannot be: a fact that it was not given, a sentence that its manifest does not have, a word of no list, a day before the as-of date, a \
             finding without a reason. The message says which."
        }
        Fault::Host { .. } => {
            "The host could not run it, and the plugin is not at fault. Ask again; whoever runs the host finds the cause in its log."
        }
        Fault::QueueFull { .. } | Fault::OverBudget { .. } => {
            "It was not asked: the authority used up its share of the host, and the questions wait. A plugin that uses fewer instructions leaves more for others."
        }
        Fault::Parked { .. } => {
            "It was not asked: it failed again and again, or its publisher’s key was compromised, and it is parked until somebody brings it back or another version is activated. The installation says why, and its runs how it failed."
        }
    }
}
