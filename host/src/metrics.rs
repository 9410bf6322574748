//! What the host counts of itself, in the form that Prometheus reads (OpenMetrics 1.0): for whoever keeps the host running. No
//! family, person, token or guest's word is in it; of an authority its ONS code, and no more than how much it used.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

use crate::record::AuthorityId;

/// The media type of what [`Metrics::text`] gives.
pub const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
/// Plugin versions that are told apart; the runs of further ones are counted together as `other`. Uploading is open to every authority, and
/// each label costs whoever collects.
const MOST_PLUGINS: usize = 200;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfPlugin {
    plugin: String,
    version: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfRun {
    plugin: String,
    version: String,
    question: &'static str,
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfAuthority {
    authority: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct TurnedAway {
    authority: String,
    why: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfRequest {
    method: String,
    route: String,
    status: u16,
}

/// One run that is over.
#[derive(Debug, Clone, Copy)]
pub struct RunCounted<'a> {
    pub plugin: &'a str,
    pub version: &'a str,
    pub question: &'static str,
    /// `answered`, or the code of what stopped it.
    pub outcome: &'static str,
    pub instructions: u64,
    pub took: Duration,
    /// In bytes.
    pub peak_memory: usize,
}

/// Everything that is counted since the host started.
pub struct Metrics {
    registry: Registry,
    plugins: Mutex<HashSet<OfPlugin>>,
    runs: Family<OfRun, Counter>,
    instructions: Family<OfPlugin, Counter>,
    seconds: Family<OfPlugin, Histogram, fn() -> Histogram>,
    memory: Family<OfPlugin, Histogram, fn() -> Histogram>,
    charged: Family<OfAuthority, Counter>,
    waiting: Family<OfAuthority, Gauge>,
    waits: Histogram,
    turned_away: Family<TurnedAway, Counter>,
    places: Gauge,
    taken: Gauge,
    parked: Family<OfAuthority, Gauge>,
    undecided: Family<OfAuthority, Gauge>,
    compiling: Histogram,
    requests: Family<OfRequest, Counter>,
    answering: Histogram,
}

impl Default for Metrics {
    fn default() -> Self {
        // A Rust plugin takes 0.1 ms, a Python one 4 ms; a run may take 10 s.
        let run_seconds: fn() -> Histogram = || Histogram::new(exponential_buckets(0.000_1, 4.0, 9));
        // 1 MiB to 64 MiB.
        let run_memory: fn() -> Histogram = || Histogram::new(exponential_buckets(1_048_576.0, 2.0, 7));
        let mut metrics = Self {
            registry: Registry::with_prefix("hearth"),
            plugins: Mutex::default(),
            runs: Family::default(),
            instructions: Family::default(),
            seconds: Family::new_with_constructor(run_seconds),
            memory: Family::new_with_constructor(run_memory),
            charged: Family::default(),
            waiting: Family::default(),
            waits: Histogram::new(exponential_buckets(0.001, 4.0, 8)),
            turned_away: Family::default(),
            places: Gauge::default(),
            taken: Gauge::default(),
            parked: Family::default(),
            undecided: Family::default(),
            compiling: Histogram::new(exponential_buckets(0.05, 2.0, 10)),
            requests: Family::default(),
            answering: Histogram::new(exponential_buckets(0.001, 4.0, 8)),
        };
        metrics.register();
        metrics
    }
}

impl Metrics {
    fn register(&mut self) {
        let all = &mut self.registry;
        all.register("runs", "Runs of plugins, by how they ended", self.runs.clone());
        all.register("run_instructions", "Fuel that runs used", self.instructions.clone());
        all.register("run_seconds", "From a run's first instruction to its end", self.seconds.clone());
        all.register("run_peak_memory_bytes", "What a run had of memory at most", self.memory.clone());
        all.register("authority_instructions", "Fuel charged to an authority, bulk work included", self.charged.clone());
        all.register("questions_waiting", "Questions that wait for their turn, in the authority's own queue", self.waiting.clone());
        all.register("wait_seconds", "How long questions waited for their turn", self.waits.clone());
        all.register("questions_turned_away", "Questions that were not asked, by why", self.turned_away.clone());
        all.register("places", "Runs that may go on at once, bulk work apart", self.places.clone());
        all.register("places_in_use", "Runs that go on, bulk work apart", self.taken.clone());
        all.register("parked_installations", "Installations that are parked because they failed again and again", self.parked.clone());
        all.register(
            "undecided_questions",
            "Questions whose last run failed and that nothing was decided about since",
            self.undecided.clone(),
        );
        all.register("compile_seconds", "How long components took to compile", self.compiling.clone());
        all.register("http_requests", "Requests, by the pattern of their address", self.requests.clone());
        all.register("http_seconds", "How long requests took to answer", self.answering.clone());
    }

    /// All of it, as [`MEDIA_TYPE`] says.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = prometheus_client::encoding::text::encode(&mut text, &self.registry);
        text
    }

    pub fn ran(&self, run: &RunCounted) {
        let of = self.of_plugin(run.plugin, run.version);
        let OfPlugin { plugin, version } = of.clone();
        self.runs.get_or_create(&OfRun { plugin, version, question: run.question, outcome: run.outcome }).inc();
        self.instructions.get_or_create(&of).inc_by(run.instructions);
        self.seconds.get_or_create(&of).observe(run.took.as_secs_f64());
        // Far below 2^52.
        self.memory.get_or_create(&of).observe(run.peak_memory as f64);
    }

    fn of_plugin(&self, plugin: &str, version: &str) -> OfPlugin {
        let of = OfPlugin { plugin: plugin.to_owned(), version: version.to_owned() };
        let mut known = self.plugins.lock().unwrap_or_else(PoisonError::into_inner);
        if known.contains(&of) {
            return of;
        }
        if known.len() < MOST_PLUGINS {
            known.insert(of.clone());
            return of;
        }
        OfPlugin { plugin: "other".to_owned(), version: String::new() }
    }

    pub(crate) fn charged(&self, authority: &AuthorityId, instructions: u64) {
        self.charged.get_or_create(&of(authority)).inc_by(instructions);
    }

    /// One question more (1) or fewer (-1) waits.
    pub(crate) fn waiting(&self, authority: &AuthorityId, by: i64) {
        self.waiting.get_or_create(&of(authority)).inc_by(by);
    }

    pub(crate) fn waited(&self, how_long: Duration) {
        self.waits.observe(how_long.as_secs_f64());
    }

    pub(crate) fn turned_away(&self, authority: &AuthorityId, why: &'static str) {
        self.turned_away.get_or_create(&TurnedAway { authority: authority.as_str().to_owned(), why }).inc();
    }

    pub(crate) fn places(&self, places: usize) {
        self.places.set(i64::try_from(places).unwrap_or(i64::MAX));
    }

    /// One place more (1) or fewer (-1) is in use.
    pub(crate) fn taken(&self, by: i64) {
        self.taken.inc_by(by);
    }

    /// What is read from an authority's store when somebody looks.
    pub fn stands(&self, authority: &AuthorityId, parked: u64, undecided: u64) {
        let count = |n| i64::try_from(n).unwrap_or(i64::MAX);
        self.parked.get_or_create(&of(authority)).set(count(parked));
        self.undecided.get_or_create(&of(authority)).set(count(undecided));
    }

    pub(crate) fn compiled(&self, took: Duration) {
        self.compiling.observe(took.as_secs_f64());
    }

    /// `route` with its gaps; never what stood in them.
    pub fn answered(&self, method: &str, route: &str, status: u16, took: Duration) {
        self.requests.get_or_create(&OfRequest { method: method.to_owned(), route: route.to_owned(), status }).inc();
        self.answering.observe(took.as_secs_f64());
    }
}

fn of(authority: &AuthorityId) -> OfAuthority {
    OfAuthority { authority: authority.as_str().to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run<'a>(plugin: &'a str, version: &'a str) -> RunCounted<'a> {
        let took = Duration::from_millis(2);
        RunCounted { plugin, version, question: "progress", outcome: "answered", instructions: 100, took, peak_memory: 3 << 20 }
    }

    #[test]
    fn a_run_is_counted_once_in_each_series() {
        let metrics = Metrics::default();
        metrics.ran(&run("rules", "1.0.0"));
        metrics.ran(&run("rules", "1.0.0"));
        let text = metrics.text();
        for line in [
            r#"hearth_runs_total{plugin="rules",version="1.0.0",question="progress",outcome="answered"} 2"#,
            r#"hearth_run_instructions_total{plugin="rules",version="1.0.0"} 200"#,
            r#"hearth_run_seconds_count{plugin="rules",version="1.0.0"} 2"#,
            r#"hearth_run_peak_memory_bytes_bucket{le="2097152.0",plugin="rules",version="1.0.0"} 0"#,
            r#"hearth_run_peak_memory_bytes_bucket{le="4194304.0",plugin="rules",version="1.0.0"} 2"#,
        ] {
            assert!(text.lines().any(|l| l == line), "{line} is not in\n{text}");
        }
    }

    #[test]
    fn no_upload_makes_series_without_end() {
        let metrics = Metrics::default();
        for n in 0..MOST_PLUGINS + 50 {
            metrics.ran(&run("rules", &format!("1.0.{n}")));
        }
        metrics.ran(&run("rules", "1.0.0"));
        let text = metrics.text();
        assert_eq!(text.lines().filter(|l| l.starts_with("hearth_runs_total")).count(), MOST_PLUGINS + 1);
        let line = |version: &str, runs: u32| {
            format!(r#"hearth_runs_total{{plugin="rules",version="{version}",question="progress",outcome="answered"}} {runs}"#)
        };
        assert!(text.contains(&line("1.0.0", 2)), "one that is known stays told apart");
        assert!(text.contains(r#"hearth_runs_total{plugin="other",version="",question="progress",outcome="answered"} 50"#), "{text}");
    }
}
