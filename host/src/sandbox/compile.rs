//! From bytes to a [`Compiled`]: out of the cache, or by the compiler, one at a time.

use std::sync::Arc;
use std::time::Instant;

use wasmtime::Engine;
use wasmtime::component::Component;

use super::admit::admit;
use super::{Compiled, Sandbox, Unfit, of_the_machine};
use crate::record::Digest;

impl Sandbox {
    /// [`Sandbox::compile`] on a thread of its own, at the guests' priority. It goes on where whoever asked stops waiting: the next one
    /// who asks finds it done.
    ///
    /// # Errors
    /// As [`Sandbox::compile`].
    pub async fn compile_apart(self: &Arc<Self>, digest: Digest, bytes: Vec<u8>) -> Result<Compiled, Unfit> {
        let this = self.clone();
        self.apart(move || this.compile(digest, &bytes)).await?
    }

    /// Slow work on what was uploaded, on a thread of its own at the guests' priority, one at a time: a few large uploads at once
    /// would take the machine's memory.
    ///
    /// # Errors
    /// [`Unfit::Host`] where the host is stopping, or the work died.
    pub async fn apart<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Unfit> {
        let stopping = || Unfit::Host("it is stopping".into());
        let turn = self.uploads.clone().acquire_owned().await.map_err(|_| stopping())?;
        let work = move || {
            // The turn is the work's, not that of whoever waits for it: they may be gone before it is done.
            let done = work();
            drop(turn);
            done
        };
        let started = self.guests.spawn_blocking(work).ok_or_else(stopping)?;
        started.await.map_err(|e| Unfit::Host(e.to_string()))
    }

    /// From the cache alone: a Rust plugin 1 ms, a Python one 50.
    ///
    /// # Errors
    /// [`Unfit::Host`] where the machine has no memory or handles for it now.
    pub fn load(&self, digest: Digest) -> Result<Option<Compiled>, Unfit> {
        self.artefacts.as_ref().map_or(Ok(None), |artefacts| artefacts.load(&self.engine, digest))
    }

    /// From the cache if it is there; otherwise compiles and keeps. Slow: a Rust plugin 0.2 s, a Python one 10 s.
    ///
    /// # Errors
    /// [`Unfit`] where the bytes are not a component, need more than a run may have or more than compiling may take.
    pub fn compile(&self, digest: Digest, bytes: &[u8]) -> Result<Compiled, Unfit> {
        if let Some(compiled) = self.load(digest)? {
            return Ok(compiled);
        }
        if Engine::detect_precompiled(bytes).is_some() {
            return Err(Unfit::Compile("these are compiled artefacts of wasmtime; upload the component that they were made from".into()));
        }
        admit(bytes)?;
        let started = Instant::now();
        let image = self.compiler.compile(&self.engine, bytes)?;
        self.metrics.compiled(started.elapsed());
        // SAFETY: the compiler answered these bytes just now, through a pipe that nobody else holds: what wasmtime made of the component.
        #[expect(unsafe_code, reason = "loading compiled code has no safe form")]
        let loaded = unsafe { image.load(&self.engine) };
        let compiled = loaded.map_err(|e| {
            let why = format!("{e:#}");
            // Otherwise it needs more places than there are for one instance.
            if of_the_machine(&e) { Unfit::Host(why) } else { Unfit::Compile(why) }
        })?;
        self.fits(&compiled.component)?;
        if let Some(artefacts) = &self.artefacts
            && let Err(e) = artefacts.save(&self.engine, digest, &image)
        {
            tracing::warn!("the compiled component is not kept: {e}");
        }
        Ok(compiled)
    }

    /// Does each memory and table fit into what a run may have? Whether all of them together do is seen when it is started
    /// ([`Sandbox::try_out`]), by the same limiter as in a run: a module may be instantiated more than once.
    fn fits(&self, component: &Component) -> Result<(), Unfit> {
        let needs = component.resources_required().ok_or_else(|| Unfit::Interface("it imports a core module or a component".into()))?;
        let memory = needs.max_initial_memory_size.unwrap_or(0).saturating_mul(wasm_page());
        if memory > self.limits.memory as u64 {
            return Err(Unfit::TooBig { what: format!("{memory} bytes of memory to start"), most: self.limits.memory as u64 });
        }
        let table = needs.max_initial_table_size.unwrap_or(0);
        if table > self.limits.table_elements as u64 {
            return Err(Unfit::TooBig { what: format!("a table of {table} elements"), most: self.limits.table_elements as u64 });
        }
        Ok(())
    }
}

const fn wasm_page() -> u64 {
    64 << 10
}
