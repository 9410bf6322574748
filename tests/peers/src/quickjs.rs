//! QuickJS in the process, the rule's modules compiled to bytecode once.

use std::collections::BTreeMap;
use std::rc::Rc;

use anyhow::{Result, anyhow};
use rquickjs::loader::{ImportAttributes, Loader, Resolver};
use rquickjs::module::Declared;
use rquickjs::{CatchResultExt, Context, Ctx, Error, Function, Module, Runtime, WriteOptions};

use crate::{Decided, Peer, conformance};

/// 64 MiB.
const MEMORY: usize = 64 << 20;
const ENTRY: &str = "peer.js";
/// What answers every interface.
const HOST: &str = "host.js";

type Named<T> = Rc<BTreeMap<&'static str, T>>;

/// Every import of an interface leads to the module that answers it.
struct Names;

impl Resolver for Names {
    fn resolve<'js>(&mut self, _: &Ctx<'js>, _: &str, name: &str, _: Option<ImportAttributes<'js>>) -> rquickjs::Result<String> {
        let own = [ENTRY, "plugin.js", "hearth.js", "manifest.js"].into_iter().find(|own| name.rsplit('/').next() == Some(own));
        Ok(own.unwrap_or(HOST).to_owned())
    }
}

struct Sources(Named<String>);

impl Loader for Sources {
    fn load<'js>(&mut self, ctx: &Ctx<'js>, name: &str, _: Option<ImportAttributes<'js>>) -> rquickjs::Result<Module<'js, Declared>> {
        let source = self.0.get(name).ok_or_else(|| Error::new_loading(name))?;
        Module::declare(ctx.clone(), name, source.as_str())
    }
}

struct Bytecode(Named<Vec<u8>>);

impl Loader for Bytecode {
    fn load<'js>(&mut self, ctx: &Ctx<'js>, name: &str, _: Option<ImportAttributes<'js>>) -> rquickjs::Result<Module<'js, Declared>> {
        let bytes = self.0.get(name).ok_or_else(|| Error::new_loading(name))?;
        read(ctx, bytes)
    }
}

fn read<'js>(ctx: &Ctx<'js>, bytes: &[u8]) -> rquickjs::Result<Module<'js, Declared>> {
    // SAFETY: this process's own QuickJS wrote these bytes, in `compiled`, and nothing has changed them since.
    unsafe { Module::load(ctx.clone(), bytes) }
}

fn compiled() -> Result<Named<Vec<u8>>> {
    let kit = conformance()?.join("javascript/kit");
    let sources = [
        (ENTRY, include_str!("../javascript/peer.js").to_owned()),
        (HOST, include_str!("../javascript/host.js").to_owned()),
        ("plugin.js", include_str!("../../conformance/javascript/plugin.js").to_owned()),
        ("hearth.js", std::fs::read_to_string(kit.join("hearth.js"))?),
        ("manifest.js", std::fs::read_to_string(kit.join("manifest.js"))?),
    ];
    let sources: Named<String> = Rc::new(sources.into());
    let runtime = Runtime::new()?;
    runtime.set_loader(Names, Sources(sources.clone()));
    let context = Context::full(&runtime)?;
    let write = |ctx: Ctx<'_>| {
        let bytes = |(name, source): (&&'static str, &String)| {
            let module = Module::declare(ctx.clone(), *name, source.as_str()).catch(&ctx).map_err(|e| anyhow!("{name}: {e}"))?;
            Ok((*name, module.write(WriteOptions::default())?))
        };
        sources.iter().map(bytes).collect::<Result<BTreeMap<_, _>>>()
    };
    Ok(Rc::new(context.with(write)?))
}

fn runtime(compiled: &Named<Vec<u8>>) -> Result<Runtime> {
    let runtime = Runtime::new()?;
    runtime.set_memory_limit(MEMORY);
    runtime.set_loader(Names, Bytecode(compiled.clone()));
    Ok(runtime)
}

/// Loads the rule's modules, and keeps its question where [`ask`] finds it.
fn begin(context: &Context, compiled: &Named<Vec<u8>>) -> Result<()> {
    context.with(|ctx| {
        let begun = || {
            let (module, done) = read(&ctx, &compiled[ENTRY])?.eval()?;
            done.finish::<()>()?;
            ctx.globals().set("progress", module.get::<_, Function<'_>>("progress")?)
        };
        begun().catch(&ctx).map_err(|e| anyhow!("{e}"))
    })
}

fn ask(context: &Context, given: &str) -> Result<Decided> {
    let answer: String = context.with(|ctx| {
        let asked = || ctx.globals().get::<_, Function<'_>>("progress")?.call((given,));
        asked().catch(&ctx).map_err(|e| anyhow!("{e}"))
    })?;
    Ok(Decided::Whole(serde_json::from_str(&answer)?))
}

/// Nothing of one family is left when the next is asked about; in one runtime, but for what the runtime itself keeps.
pub struct Fresh {
    compiled: Named<Vec<u8>>,
    kept: Option<Runtime>,
    given: String,
}

impl Fresh {
    pub fn start(given: &str, in_one_runtime: bool) -> Result<Self> {
        let compiled = compiled()?;
        let kept = in_one_runtime.then(|| runtime(&compiled)).transpose()?;
        Ok(Self { compiled, kept, given: given.into() })
    }
}

impl Peer for Fresh {
    fn ask(&mut self) -> Result<Decided> {
        let runtime = match &self.kept {
            Some(kept) => kept.clone(),
            None => runtime(&self.compiled)?,
        };
        let context = Context::full(&runtime)?;
        begin(&context, &self.compiled)?;
        ask(&context, &self.given)
    }
}

/// What a rule keeps in its variables it keeps for the next family.
pub struct Reused {
    context: Context,
    given: String,
}

impl Reused {
    pub fn start(given: &str) -> Result<Self> {
        let compiled = compiled()?;
        let context = Context::full(&runtime(&compiled)?)?;
        begin(&context, &compiled)?;
        Ok(Self { context, given: given.into() })
    }
}

impl Peer for Reused {
    fn ask(&mut self) -> Result<Decided> {
        ask(&self.context, &self.given)
    }
}
