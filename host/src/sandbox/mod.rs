//! The sandbox: runs a plugin's exported function over one family, in a fresh instance that is then thrown away.
//!
//! A component goes through three types. [`Sandbox::compile`] turns bytes into a [`Compiled`]; [`Sandbox::prepare`] links
//! it to what an authority granted and nothing else, giving a [`Prepared`]; [`Sandbox::ask`] gives that a [`Given`] and
//! has back what it said, or the [`Fault`] that ended it. All that a guest is ever told is in the `Given`, so the same
//! `Given` has the same answer, byte for byte, for ever.

pub mod admit;
pub mod answer;
mod artefacts;
mod bindings;
mod compile;
pub mod compiler;
mod earlier;
mod engine;
mod exports;
mod fault;
#[cfg(test)]
pub(crate) mod for_tests;
mod given;
mod grants;
mod guests;
mod image;
mod lends;
pub mod limits;
pub mod matter;
mod pace;
mod priority;
mod question;
mod releases;
mod run;
mod sections;
mod share;
mod turns;
mod vocabulary;
pub mod wasi;

use std::sync::Arc;
use std::time::{Duration, Instant};

use exports::{Exports, Said};
use guests::{Guests, NoPlace};
use tokio::sync::Semaphore;
use wasmtime::component::{Component, InstancePre};
use wasmtime::{Engine, Store, Trap, WasmBacktrace};

pub use answer::{Answer, Verdict};
pub use artefacts::{Artefacts, LARGEST_CACHE};
pub use compiler::Compiler;
pub use fault::{Blame, Fault};
pub use given::{
    AudienceGiven, Calendar, Context, EarlierClaim, FORMAT as CONTEXT_FORMAT, FeedCoverage, Given, PlaceGiven, PriceGiven, RowGiven,
    ServiceGiven, TableGiven, Term,
};
pub use grants::{Grants, INTERFACES, Interface, Purpose, interface};
pub use limits::Limits;
pub use matter::Matter;
pub use question::{ExtensionPoint, MIGRATION, Question};
pub use releases::{INTERFACE_VERSION, SERVED, all_served, served};
pub use run::{Log, LogLine};
pub use share::Share;
pub(crate) use turns::processor_time;
pub use vocabulary::{ArgDeclared, ArgType, Sort, Template, Unit, Vocabulary};

use crate::metrics::Metrics;
use crate::record::AuthorityId;
use fault::Stop;
use run::Run;

/// Why a component cannot be run at all: said at upload or at installation, never in the middle of a request.
#[derive(Debug, thiserror::Error)]
pub enum Unfit {
    /// Names as in `wit/`, without version.
    #[error("the plugin needs {}, which the authority has not granted", .0.join(", "))]
    NotGranted(Vec<String>),
    #[error("the plugin does not export {0}")]
    NotOffered(&'static str),
    #[error("the component does not fit the interface: {0}")]
    Interface(String),
    #[error("the component cannot be compiled: {0}")]
    Compile(String),
    #[error("the component needs {what}, and may have {most}")]
    TooBig { what: String, most: u64 },
    #[error("compiling the component takes more than {most} {of}")]
    TooHard { of: &'static str, most: u64 },
    /// Not the plugin's fault.
    #[error("this host cannot look at it now: {0}")]
    Host(String),
}

/// A compiled component; nothing of it has run.
#[derive(Clone)]
pub struct Compiled {
    component: Component,
    /// Of compiled code.
    bytes: u64,
}

impl Compiled {
    /// What it imports, by name without version, in the component's order.
    #[must_use]
    pub fn imports(&self) -> Vec<String> {
        let bare = |name: &str| name.split_once('@').map_or(name, |(name, _)| name).to_owned();
        self.component.component_type().imports(self.component.engine()).map(|(name, _)| bare(name)).collect()
    }
}

/// What the manifest says of a component that linking and checking need.
#[derive(Debug, Clone, Default)]
pub struct Words {
    /// Interfaces with functions that it imports, by name without version.
    pub imports: Vec<String>,
    /// Those of them that may stay ungranted.
    pub optional: Vec<String>,
    pub offers: Vec<ExtensionPoint>,
    pub vocabulary: Arc<Vocabulary>,
}

/// A component linked to what was granted, ready to be asked any number of times.
pub struct Prepared {
    pre: InstancePre<Run>,
    bytes: u64,
    exports: Exports,
    vocabulary: Arc<Vocabulary>,
}

/// How a run went, whether or not it answered.
#[derive(Debug, Clone)]
pub struct Outcome {
    pub result: Result<Answer, Fault>,
    /// Fuel used. Recorded, never compared: it changes with the engine's version.
    pub instructions: u64,
    pub took: Duration,
    /// Bytes over all memories.
    pub peak_memory: usize,
    pub log: Log,
}

/// The engine, the guests' threads, and the cache of compiled components.
pub struct Sandbox {
    engine: Engine,
    guests: Guests,
    artefacts: Option<Artefacts>,
    compiler: Compiler,
    limits: Limits,
    share: Share,
    uploads: Arc<Semaphore>,
    metrics: Arc<Metrics>,
}

impl Sandbox {
    /// # Errors
    /// Where the machine cannot give the address space or the threads.
    pub fn start(artefacts: Option<Artefacts>, compiler: Compiler, limits: Limits) -> anyhow::Result<Arc<Self>> {
        Self::shared(artefacts, compiler, limits, Share::default())
    }

    /// With what each authority may use of it.
    ///
    /// # Errors
    /// As [`Sandbox::start`].
    pub fn shared(artefacts: Option<Artefacts>, compiler: Compiler, limits: Limits, share: Share) -> anyhow::Result<Arc<Self>> {
        let engine = engine::running()?;
        if let Some(artefacts) = &artefacts
            && let Err(e) = artefacts.tidy(&engine)
        {
            tracing::warn!("the folder of compiled components is not tidied: {e}");
        }
        let metrics = Arc::new(Metrics::default());
        let guests = Guests::start(share, metrics.clone())?;
        let uploads = Arc::new(Semaphore::new(1));
        Ok(Arc::new(Self { engine, guests, artefacts, compiler, limits, share, uploads, metrics }))
    }

    /// What this host counts of itself.
    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// For measuring a run against wasmtime alone with the same settings.
    #[must_use]
    pub const fn engine(&self) -> &Engine {
        &self.engine
    }

    #[must_use]
    pub const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Links a component to what was granted and nothing else.
    ///
    /// # Errors
    /// [`Unfit`]: required imports that were not granted, all of them named; what does not fit the interface.
    pub fn prepare(&self, compiled: &Compiled, words: &Words, grants: &Grants) -> Result<Prepared, Unfit> {
        let missing = |name: &&String| {
            let asked = interface(name).is_some_and(Interface::is_granted_by_the_authority);
            asked && !grants.has(name) && !words.optional.contains(name)
        };
        let missing: Vec<String> = words.imports.iter().filter(missing).cloned().collect();
        if !missing.is_empty() {
            return Err(Unfit::NotGranted(missing));
        }
        // The second wall: whatever the list of imports said, only what was granted is there to be linked.
        let does_not_fit = |e: wasmtime::Error| {
            let why = format!("{e:#}");
            if of_the_machine(&e) { Unfit::Host(why) } else { Unfit::Interface(why) }
        };
        let mut linker = grants::linker(&compiled.component, grants, &words.optional).map_err(does_not_fit)?;
        wasi::link(&mut linker, &compiled.component).map_err(does_not_fit)?;
        let pre = linker.instantiate_pre(&compiled.component).map_err(does_not_fit)?;
        let exports = Exports::find(&compiled.component, &words.offers)?;
        Ok(Prepared { pre, bytes: compiled.bytes, exports, vocabulary: words.vocabulary.clone() })
    }

    /// Instantiates once in a throw-away store and checks the types of what it exports: wasmtime looks at them only then.
    ///
    /// # Errors
    /// [`Unfit::Interface`] where a type differs, or where starting up already fails.
    pub async fn try_out(self: &Arc<Self>, prepared: Arc<Prepared>, given: Given) -> Result<(), Unfit> {
        let this = self.clone();
        let work = async move {
            let mut store = this.store(&prepared, given);
            let started = async {
                let instance = prepared.pre.instantiate_async(&mut store).await?;
                prepared.exports.check(&mut store, &instance)
            };
            match tokio::time::timeout(this.limits.wall, started).await {
                Ok(Ok(())) => Ok(()),
                Ok(Err(_)) if store.data().meter.refused => {
                    let what = format!("more than {} bytes of memory, or more elements of tables, to start", this.limits.memory);
                    Err(Unfit::TooBig { what, most: this.limits.memory as u64 })
                }
                Ok(Err(e)) if of_the_machine(&e) => Err(Unfit::Host(format!("{e:#}"))),
                Ok(Err(e)) => Err(Unfit::Interface(format!("{e:#}"))),
                Err(_) => Err(Unfit::Interface(format!("it does not start within {} ms", this.limits.wall.as_millis()))),
            }
        };
        match self.guests.spawn(work) {
            Some(handle) => handle.await.unwrap_or_else(|e| Err(Unfit::Host(e.to_string()))),
            None => Err(Unfit::Host("it is stopping".into())),
        }
    }

    /// Asks once, on the guests' threads, in the authority's turn.
    pub async fn ask(self: &Arc<Self>, authority: &AuthorityId, prepared: Arc<Prepared>, given: Given) -> Outcome {
        self.ask_within(self.limits.wall, authority, prepared, given).await.0
    }

    /// The same where nobody waits at a screen: a busy machine has ten times as long. Says also what processor time the run took.
    pub async fn ask_patiently(self: &Arc<Self>, authority: &AuthorityId, prepared: Arc<Prepared>, given: Given) -> (Outcome, Duration) {
        self.ask_within(self.limits.wall * 10, authority, prepared, given).await
    }

    async fn ask_within(
        self: &Arc<Self>,
        wall: Duration,
        authority: &AuthorityId,
        prepared: Arc<Prepared>,
        given: Given,
    ) -> (Outcome, Duration) {
        let none = |outcome| (outcome, Duration::ZERO);
        let place = match self.guests.place(authority).await {
            Ok(place) => place,
            Err(why) => return none(Outcome::never_begun(self.no_place(&why))),
        };
        let (this, queue) = (self.clone(), self.guests.queue(authority));
        let work = async move {
            let (outcome, used) = turns::counted(this.ask_or_again(wall, &prepared, given)).await;
            place.leave(outcome.instructions);
            (outcome, used)
        };
        match self.guests.run(queue, work) {
            Some(answer) => answer.await.unwrap_or_else(|_| none(Outcome::of_host("the run was lost"))),
            None => none(Outcome::of_host("this host is stopping")),
        }
    }

    fn no_place(&self, why: &NoPlace) -> Fault {
        match why {
            NoPlace::QueueFull => Fault::QueueFull { most: self.share.waiting },
            NoPlace::OverBudget { again } => {
                Fault::OverBudget { a_minute: self.share.instructions_a_minute, again_seconds: again.as_secs() + 1 }
            }
            NoPlace::Host => Fault::Host { what: "every place is taken; try again shortly".into() },
        }
    }

    /// Asks once as part of bulk work, on the guests' thread that it is on already: it takes no place, is charged all the same, and
    /// waits while the authority has less than half a minute's budget left.
    pub async fn ask_in_bulk(&self, authority: &AuthorityId, prepared: &Prepared, given: Given) -> Outcome {
        let queue = self.guests.queue(authority);
        queue.until_bulk().await;
        let outcome = self.ask_or_again(self.limits.wall, prepared, given).await;
        queue.charge(outcome.instructions);
        outcome
    }

    /// What this host could not run, it tries once more.
    async fn ask_or_again(&self, wall: Duration, prepared: &Prepared, given: Given) -> Outcome {
        let outcome = self.run(wall, prepared, given.clone()).await;
        match outcome.result {
            Err(Fault::Host { .. }) => self.run(wall, prepared, given).await,
            _ => outcome,
        }
    }

    /// Does an authority's bulk evaluation on the guests' threads, behind all questions; it asks with [`Sandbox::ask_in_bulk`] there.
    pub fn in_bulk<T: Send + 'static>(
        &self,
        authority: &AuthorityId,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Option<tokio::task::JoinHandle<T>> {
        self.guests.spawn(turns::in_bulk(Box::pin(work), self.guests.queue(authority)))
    }

    /// Does what an upload asks for on the guests' threads, behind all questions.
    pub fn for_an_upload<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> Option<tokio::task::JoinHandle<T>> {
        self.guests.spawn(work)
    }

    /// Asks once on the calling thread, charged to nobody: for work that is on the guests' threads already.
    pub async fn ask_here(&self, prepared: &Prepared, given: Given) -> Outcome {
        self.run(self.limits.wall, prepared, given).await
    }

    async fn run(&self, wall: Duration, prepared: &Prepared, given: Given) -> Outcome {
        let started = Instant::now();
        let question = given.question;
        let mut store = self.store(prepared, given);
        let answered = tokio::time::timeout(wall, prepared.call(&mut store, question)).await;
        let fuel_left = store.get_fuel().unwrap_or(0);
        let mut run = store.into_data();
        run.end_output();
        let result = match answered {
            // A guest whose memory was refused may answer all the same: what it answers then is not an answer.
            _ if run.meter.refused => Err(Fault::OutOfMemory { bytes: self.limits.memory }),
            Err(_) => Err(Fault::OutOfTime { millis: millis(wall) }),
            Ok(Err(e)) => Err(self.fault(&e, &run)),
            Ok(Ok(said)) => run.answer(question, said).map_err(|e| fault_of(&e)),
        };
        Outcome {
            result,
            instructions: self.limits.instructions.saturating_sub(fuel_left),
            took: started.elapsed(),
            peak_memory: run.meter.peak_memory(),
            log: run.log,
        }
    }

    fn store(&self, prepared: &Prepared, given: Given) -> Store<Run> {
        let mut store = Store::new(&self.engine, Run::new(given, prepared.vocabulary.clone(), self.limits));
        store.limiter(|run| &mut run.meter);
        store.set_hostcall_fuel(limits::HOST_CALL_BYTES);
        store.set_max_component_handles(limits::COMPONENT_HANDLES);
        // Neither can fail: the engine consumes fuel and the interval is not zero.
        if store.set_fuel(self.limits.instructions).and_then(|()| store.fuel_async_yield_interval(Some(limits::YIELD_EVERY))).is_err() {
            tracing::error!("the engine does not consume fuel: a run would not be bounded");
        }
        store
    }

    fn fault(&self, error: &wasmtime::Error, run: &Run) -> Fault {
        if let Some(stop) = error.downcast_ref::<Stop>() {
            return match (fault_of_stop(stop), run.last_words()) {
                (Fault::Trapped { message: Some(message), place, code }, Some(words)) => {
                    Fault::Trapped { message: Some(format!("{message}: {words}")), place, code }
                }
                (fault, _) => fault,
            };
        }
        match error.downcast_ref::<Trap>() {
            Some(Trap::OutOfFuel) => Fault::OutOfInstructions { budget: self.limits.instructions },
            Some(trap) => {
                let message = match trap {
                    Trap::UnreachableCodeReached => run.last_words(),
                    other => Some(other.to_string()),
                };
                let frames = error.downcast_ref::<WasmBacktrace>().map(WasmBacktrace::frames).unwrap_or_default();
                let named = frames.iter().find(|f| f.func_name().is_some());
                let place = named.and_then(|f| f.func_name().map(str::to_owned));
                // Where the file names none, by number.
                let code = named.or(frames.first()).map(|f| (f.func_index(), f.func_offset()));
                Fault::Trapped { message, place, code }
            }
            None => {
                let text = format!("{error:#}");
                if text.contains("too much data is being copied") {
                    Fault::TooMuch { what: "bytes in one call of the host".into(), most: limits::HOST_CALL_BYTES }
                } else if text.contains("store handle limit exceeded") {
                    Fault::TooMuch { what: "resource handles".into(), most: limits::COMPONENT_HANDLES }
                } else if error.downcast_ref::<wasmtime::PoolConcurrencyLimitError>().is_some() {
                    Fault::Host { what: text }
                } else {
                    Fault::Trapped { message: Some(text), place: None, code: None }
                }
            }
        }
    }
}

/// Did the system refuse something (memory, handles)? Then the component is not at fault.
fn of_the_machine(error: &wasmtime::Error) -> bool {
    error.chain().any(|cause| cause.is::<std::io::Error>() || cause.is::<rustix::io::Errno>())
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn fault_of_stop(stop: &Stop) -> Fault {
    match stop {
        Stop::Nonsense(what) => Fault::Nonsense { what: what.clone() },
        Stop::TooMuch { what, most } => Fault::TooMuch { what: (*what).to_owned(), most: *most },
        Stop::Exited => Fault::Trapped { message: Some(stop.to_string()), place: None, code: None },
    }
}

fn fault_of(error: &anyhow::Error) -> Fault {
    error.downcast_ref::<Stop>().map_or_else(|| Fault::Host { what: error.to_string() }, fault_of_stop)
}

impl Outcome {
    fn of_host(what: &str) -> Self {
        Self::never_begun(Fault::Host { what: what.to_owned() })
    }

    /// What was not asked.
    #[must_use]
    pub fn never_begun(fault: Fault) -> Self {
        Self { result: Err(fault), instructions: 0, took: Duration::ZERO, peak_memory: 0, log: Log::default() }
    }
}

impl Prepared {
    async fn call(&self, store: &mut Store<Run>, question: Question) -> wasmtime::Result<Said> {
        let instance = self.pre.instantiate_async(&mut *store).await?;
        self.exports.ask(store, &instance, question).await
    }

    /// Bytes of compiled code that it keeps in memory.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Can it be asked that?
    #[must_use]
    pub fn answers(&self, question: Question) -> bool {
        self.exports.of(question).is_some()
    }

    /// For measuring only: the same component, engine and host functions with nothing of ours around them: no limiter, no time
    /// limit, no check of the answer.
    ///
    /// # Errors
    /// The guest trapped or refused.
    pub async fn raw(&self, engine: &Engine, given: &Given) -> anyhow::Result<()> {
        let mut store = Store::new(engine, Run::new(given.clone(), self.vocabulary.clone(), Limits::default()));
        store.set_fuel(u64::MAX)?;
        let said = self.call(&mut store, given.question).await?;
        anyhow::ensure!(said.is_ok(), "refused");
        Ok(())
    }
}

impl Run {
    /// Everything that was said, once the exported function has come back.
    fn answer(&mut self, question: Question, said: Said) -> anyhow::Result<Answer> {
        let result = match said {
            Ok(code) => Verdict::Answered(run::code("answer", question.answers(), code)?),
            Err(failure) => Verdict::Refused(self.failure(failure)?),
        };
        Ok(Answer {
            question,
            result,
            findings: std::mem::take(&mut self.findings),
            claims: std::mem::take(&mut self.claims),
            tasks: std::mem::take(&mut self.tasks),
            reported: std::mem::take(&mut self.reported),
            actions: std::mem::take(&mut self.actions),
            delivered: self.delivered.iter().copied().collect(),
        })
    }
}
