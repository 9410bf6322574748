//! Which function is answered how. Linked for the functions that a component imports and no others, so a release of WASI
//! with one more function is no release that this host must know of.

use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, ComponentNamedList, ComponentType, Lift, Linker, LinkerInstance, Lower, Resource, ResourceType, Val};

use super::is_wasi;
use crate::sandbox::fault::{Stop, nonsense};
use crate::sandbox::limits::{LONGEST_RANDOM, LONGEST_WRITE, MOST_RANDOM};
use crate::sandbox::run::{Run, short_list};

/// Handles that a guest can come to have. What they stand for is in their type and number; behind none is anything.
enum InputStream {}
enum OutputStream {}
enum Pollable {}
enum Network {}
/// Handles that no guest ever has: nothing gives one out.
enum Never {}

/// The numbers behind the two output streams.
const OUT: u32 = 0;
const ERR: u32 = 1;

#[derive(ComponentType, Lower)]
#[component(variant)]
enum StreamError {
    #[component(name = "last-operation-failed")]
    #[expect(dead_code, reason = "nothing fails: a stream is open or it has ended")]
    Failed(Resource<Never>),
    #[component(name = "closed")]
    Closed,
}

#[derive(ComponentType, Lower)]
#[component(record)]
struct Datetime {
    seconds: u64,
    nanoseconds: u32,
}

#[derive(ComponentType, Lift, Clone, Copy)]
#[component(enum)]
#[repr(u8)]
#[expect(dead_code, reason = "either is refused")]
enum AddressFamily {
    #[component(name = "ipv4")]
    V4,
    #[component(name = "ipv6")]
    V6,
}

/// `wasi:sockets/network`'s list, whole since it is the type's.
#[derive(ComponentType, Lower, Clone, Copy)]
#[component(enum)]
#[repr(u8)]
#[expect(dead_code, reason = "one of them is the answer")]
enum NetworkError {
    #[component(name = "unknown")]
    Unknown,
    #[component(name = "access-denied")]
    AccessDenied,
    #[component(name = "not-supported")]
    NotSupported,
    #[component(name = "invalid-argument")]
    InvalidArgument,
    #[component(name = "out-of-memory")]
    OutOfMemory,
    #[component(name = "timeout")]
    Timeout,
    #[component(name = "concurrency-conflict")]
    ConcurrencyConflict,
    #[component(name = "not-in-progress")]
    NotInProgress,
    #[component(name = "would-block")]
    WouldBlock,
    #[component(name = "invalid-state")]
    InvalidState,
    #[component(name = "new-socket-limit")]
    NewSocketLimit,
    #[component(name = "address-not-bindable")]
    AddressNotBindable,
    #[component(name = "address-in-use")]
    AddressInUse,
    #[component(name = "remote-unreachable")]
    RemoteUnreachable,
    #[component(name = "connection-refused")]
    ConnectionRefused,
    #[component(name = "connection-reset")]
    ConnectionReset,
    #[component(name = "connection-aborted")]
    ConnectionAborted,
    #[component(name = "datagram-too-large")]
    DatagramTooLarge,
    #[component(name = "name-unresolvable")]
    NameUnresolvable,
    #[component(name = "temporary-resolver-failure")]
    TemporaryResolverFailure,
    #[component(name = "permanent-resolver-failure")]
    PermanentResolverFailure,
}

/// What a socket, or a name, is answered.
type Refused = Result<Resource<Never>, NetworkError>;
const REFUSED: Refused = Err(NetworkError::AccessDenied);

/// Links the WASI interfaces that a component imports. Without any, nothing is done.
///
/// # Errors
/// It imports a function or a kind of handle that this host has no answer to, by its name.
pub(in crate::sandbox) fn link(linker: &mut Linker<Run>, component: &Component) -> wasmtime::Result<()> {
    let engine = component.engine();
    for (import, item) in component.component_type().imports(engine) {
        let ComponentItem::ComponentInstance(instance) = item.ty else { continue };
        if !is_wasi(import) {
            continue;
        }
        let interface = import.split('@').next().unwrap_or(import);
        let mut at = linker.instance(import)?;
        for (name, item) in instance.exports(engine) {
            let known = match item.ty {
                ComponentItem::ComponentFunc(_) => link_function(&mut at, interface, name)?,
                ComponentItem::Resource(_) => link_handle(&mut at, name)?,
                _ => true,
            };
            wasmtime::ensure!(known, "it imports {name} of {import}, which this host has no answer to (wit/wasi.md lists what it has)");
        }
    }
    Ok(())
}

/// Kinds of handles, which WASI names once over all its interfaces. Dropping one does nothing.
fn link_handle(at: &mut LinkerInstance<'_, Run>, name: &str) -> wasmtime::Result<bool> {
    let handle = match name {
        "input-stream" => ResourceType::host::<InputStream>(),
        "output-stream" => ResourceType::host::<OutputStream>(),
        "pollable" => ResourceType::host::<Pollable>(),
        "network" => ResourceType::host::<Network>(),
        _ if NEVER_GIVEN.contains(&name) => ResourceType::host::<Never>(),
        _ => return Ok(false),
    };
    at.resource(name, handle, |_, _| Ok(()))?;
    Ok(true)
}

/// No directory, socket, terminal or failed stream exists, so neither do their handles.
const NEVER_GIVEN: &[&str] = &[
    "error",
    "descriptor",
    "directory-entry-stream",
    "terminal-input",
    "terminal-output",
    "tcp-socket",
    "udp-socket",
    "incoming-datagram-stream",
    "outgoing-datagram-stream",
    "resolve-address-stream",
];

/// Does calling it take a handle that is never given? wasmtime refuses a call with a handle that the guest has not.
fn takes_what_is_never_given(name: &str) -> bool {
    let of = name.strip_prefix("[method]").and_then(|method| method.split('.').next());
    of.is_some_and(|handle| NEVER_GIVEN.contains(&handle)) || ["filesystem-error-code", "network-error-code"].contains(&name)
}

/// False where there is no answer.
fn link_function(at: &mut LinkerInstance<'_, Run>, interface: &str, name: &str) -> wasmtime::Result<bool> {
    match (interface, name) {
        ("wasi:cli/environment", "get-environment") => answer(at, name, |_, ()| Ok((Vec::<(String, String)>::new(),))),
        ("wasi:cli/environment", "get-arguments") => answer(at, name, |_, ()| Ok((Vec::<String>::new(),))),
        ("wasi:cli/environment", "initial-cwd") => answer(at, name, |_, ()| Ok((None::<String>,))),
        ("wasi:cli/exit", "exit") => answer(at, name, |_, (_,): (Result<(), ()>,)| exit()),
        ("wasi:cli/exit", "exit-with-code") => answer(at, name, |_, (_,): (u8,)| exit()),
        ("wasi:cli/stdin", "get-stdin") => answer(at, name, |_, ()| Ok((Resource::<InputStream>::new_own(0),))),
        ("wasi:cli/stdout", "get-stdout") => answer(at, name, |_, ()| Ok((Resource::<OutputStream>::new_own(OUT),))),
        ("wasi:cli/stderr", "get-stderr") => answer(at, name, |_, ()| Ok((Resource::<OutputStream>::new_own(ERR),))),
        ("wasi:cli/terminal-stdin", "get-terminal-stdin")
        | ("wasi:cli/terminal-stdout", "get-terminal-stdout")
        | ("wasi:cli/terminal-stderr", "get-terminal-stderr") => answer(at, name, |_, ()| Ok((None::<Resource<Never>>,))),

        ("wasi:clocks/monotonic-clock", "now") => answer(at, name, |_, ()| Ok((0_u64,))),
        ("wasi:clocks/monotonic-clock", "resolution") => answer(at, name, |_, ()| Ok((1_u64,))),
        ("wasi:clocks/monotonic-clock", "subscribe-instant" | "subscribe-duration") => answer(at, name, |_, (_,): (u64,)| ready()),
        ("wasi:clocks/wall-clock", "now") => answer(at, name, |run, ()| Ok((run.midnight(),))),
        ("wasi:clocks/wall-clock", "resolution") => answer(at, name, |_, ()| Ok((Datetime { seconds: 1, nanoseconds: 0 },))),

        ("wasi:filesystem/preopens", "get-directories") => answer(at, name, |_, ()| Ok((Vec::<(Resource<Never>, String)>::new(),))),

        ("wasi:io/poll", "poll") => answer(at, name, |_, (waited,): (Vec<Resource<Pollable>>,)| all_of(&waited)),
        ("wasi:io/poll", "[method]pollable.ready") => answer(at, name, |_, (_,): (Resource<Pollable>,)| Ok((true,))),
        ("wasi:io/poll", "[method]pollable.block") => answer(at, name, |_, (_,): (Resource<Pollable>,)| Ok(())),

        ("wasi:io/streams", "[method]input-stream.read" | "[method]input-stream.blocking-read") => {
            answer(at, name, |_, (_, _): (Resource<InputStream>, u64)| Ok((Err::<Vec<u8>, _>(StreamError::Closed),)))
        }
        ("wasi:io/streams", "[method]input-stream.skip" | "[method]input-stream.blocking-skip") => {
            answer(at, name, |_, (_, _): (Resource<InputStream>, u64)| Ok((Err::<u64, _>(StreamError::Closed),)))
        }
        ("wasi:io/streams", "[method]input-stream.subscribe") => answer(at, name, |_, (_,): (Resource<InputStream>,)| ready()),
        ("wasi:io/streams", "[method]output-stream.check-write") => {
            answer(at, name, |_, (_,): (Resource<OutputStream>,)| Ok((Ok::<_, StreamError>(LONGEST_WRITE),)))
        }
        ("wasi:io/streams", "[method]output-stream.write" | "[method]output-stream.blocking-write-and-flush") => {
            answer(at, name, |run, (to, bytes): (Resource<OutputStream>, Vec<u8>)| run.write(&to, &bytes))
        }
        ("wasi:io/streams", "[method]output-stream.write-zeroes" | "[method]output-stream.blocking-write-zeroes-and-flush") => {
            answer(at, name, |run, (_, len): (Resource<OutputStream>, u64)| run.write_zeroes(len))
        }
        ("wasi:io/streams", "[method]output-stream.flush" | "[method]output-stream.blocking-flush") => {
            answer(at, name, |_, (_,): (Resource<OutputStream>,)| Ok((Ok::<(), StreamError>(()),)))
        }
        ("wasi:io/streams", "[method]output-stream.subscribe") => answer(at, name, |_, (_,): (Resource<OutputStream>,)| ready()),
        // There is nothing to splice: the one stream that can be read has ended.
        ("wasi:io/streams", "[method]output-stream.splice" | "[method]output-stream.blocking-splice") => {
            answer(at, name, |_, (_, _, _): (Resource<OutputStream>, Resource<InputStream>, u64)| Ok((Err::<u64, _>(StreamError::Closed),)))
        }

        ("wasi:random/random", "get-random-bytes") | ("wasi:random/insecure", "get-insecure-random-bytes") => {
            answer(at, name, |run, (len,): (u64,)| run.random_bytes(len))
        }
        ("wasi:random/random", "get-random-u64") | ("wasi:random/insecure", "get-insecure-random-u64") => {
            answer(at, name, |run, ()| Ok((run.world().0.random.number(),)))
        }
        ("wasi:random/insecure-seed", "insecure-seed") => answer(at, name, |run, ()| {
            let random = &mut run.world().0.random;
            Ok(((random.number(), random.number()),))
        }),

        ("wasi:sockets/instance-network", "instance-network") => answer(at, name, |_, ()| Ok((Resource::<Network>::new_own(0),))),
        ("wasi:sockets/ip-name-lookup", "resolve-addresses") => {
            answer(at, name, |run, (_, host): (Resource<Network>, String)| run.count_text(host.len()).map(|()| (REFUSED,)))
        }
        ("wasi:sockets/tcp-create-socket", "create-tcp-socket") | ("wasi:sockets/udp-create-socket", "create-udp-socket") => {
            answer(at, name, |_, (_,): (AddressFamily,)| Ok((REFUSED,)))
        }

        _ if takes_what_is_never_given(name) => {
            at.func_new(name, |_, _, _: &[Val], _| nonsense("a WASI handle that was never given").map_err(wasmtime::Error::from_anyhow))
        }
        _ => return Ok(false),
    }?;
    Ok(true)
}

/// A function with an answer, counted as a call of the host.
fn answer<P, R>(
    at: &mut LinkerInstance<'_, Run>,
    name: &str,
    how: impl Fn(&mut Run, P) -> anyhow::Result<R> + Send + Sync + 'static,
) -> wasmtime::Result<()>
where
    P: ComponentNamedList + Lift + 'static,
    R: ComponentNamedList + Lower + 'static,
{
    at.func_wrap(name, move |mut store, arguments: P| {
        let run: &mut Run = store.data_mut();
        run.count_call().and_then(|()| how(run, arguments)).map_err(wasmtime::Error::from_anyhow)
    })
}

fn exit() -> anyhow::Result<()> {
    Err(Stop::Exited.into())
}

/// Whatever is waited for is over already: nothing here takes time.
fn ready() -> anyhow::Result<(Resource<Pollable>,)> {
    Ok((Resource::new_own(0),))
}

fn all_of(waited: &[Resource<Pollable>]) -> anyhow::Result<(Vec<u32>,)> {
    if waited.is_empty() {
        return nonsense("a poll that waits for nothing");
    }
    short_list("pollables", waited)?;
    Ok(((0..).take(waited.len()).collect(),))
}

type Written = anyhow::Result<(Result<(), StreamError>,)>;

impl Run {
    /// The as-of date at 00:00 UTC. WASI's clock begins in 1970, and so do earlier dates.
    fn midnight(&self) -> Datetime {
        let days = u64::try_from(self.given.context.as_of.number()).unwrap_or(0);
        Datetime { seconds: days * 24 * 60 * 60, nanoseconds: 0 }
    }

    fn write(&mut self, to: &Resource<OutputStream>, bytes: &[u8]) -> Written {
        self.count_text(bytes.len())?;
        // Or a million short lines in one call would cost the host as many, and the guest nothing.
        let lines = bytes.iter().filter(|b| **b == b'\n').count();
        self.count_calls(u32::try_from(lines).unwrap_or(u32::MAX))?;
        let (world, log) = self.world();
        if to.rep() == ERR {
            world.err.write(bytes, log);
            world.last_words.write(bytes);
        } else {
            world.out.write(bytes, log);
        }
        Ok((Ok(()),))
    }

    /// Zeroes are no text: they are counted and say nothing.
    fn write_zeroes(&mut self, len: u64) -> Written {
        self.count_text(bounded_len("bytes written to a stream at once", len, LONGEST_WRITE)?)?;
        Ok((Ok(()),))
    }

    fn random_bytes(&mut self, len: u64) -> anyhow::Result<(Vec<u8>,)> {
        let len = bounded_len("random bytes in one call", len, LONGEST_RANDOM)?;
        let random = &mut self.world().0.random;
        if random.drawn() + len > MOST_RANDOM {
            return Err(Stop::TooMuch { what: "random bytes", most: MOST_RANDOM }.into());
        }
        Ok((random.bytes(len),))
    }
}

fn bounded_len(what: &'static str, len: u64, most: u64) -> anyhow::Result<usize> {
    // Either bound fits into 32 bits.
    let (len, most) = (usize::try_from(len).unwrap_or(usize::MAX), usize::try_from(most).unwrap_or(usize::MAX));
    if len > most { Err(Stop::TooMuch { what, most }.into()) } else { Ok(len) }
}

#[cfg(test)]
mod tests {
    use super::super::ANSWERED;
    use super::*;
    use wasmtime::Engine;

    /// Interface and function, or handle, of each word of the table in `wit/wasi.md`.
    fn documented() -> Vec<(&'static str, &'static str)> {
        let table = include_str!("../../../../wit/wasi.md").lines().filter(|line| line.starts_with("| `"));
        let quoted = |cell: &'static str| cell.split('`').skip(1).step_by(2);
        let rows = table.map(|row| row.split('|').skip(1).take(2).map(quoted));
        rows.flat_map(|mut cells| {
            let interface = cells.next().and_then(|mut c| c.next()).unwrap();
            cells.next().unwrap().map(move |function| (interface, function))
        })
        .collect()
    }

    #[test]
    fn every_function_of_the_published_list_has_an_answer_and_no_interface_is_missing() {
        let mut linker = Linker::<Run>::new(&Engine::default());
        let mut interfaces = Vec::new();
        for (interface, word) in documented() {
            interfaces.push(interface);
            let mut at = linker.instance(&format!("{interface}@0.2.3/{word}")).unwrap();
            let method = if NEVER_GIVEN.contains(&word) { format!("[method]{word}.any") } else { format!("[method]{word}") };
            let function = if word.contains('.') || NEVER_GIVEN.contains(&word) { &method } else { word };
            assert!(link_function(&mut at, interface, function).unwrap(), "{interface} {word}");
            assert!(!link_function(&mut at, interface, "unheard-of").unwrap(), "{interface}");
        }
        interfaces.dedup();
        assert_eq!(interfaces, ANSWERED);
    }
}
