//! Attacks by a plugin that has more parts than one: further core modules, with memories and tables of their own, beside those of the
//! hostile plugin in Rust. They start before anything is asked.

use wasm_encoder::{ComponentSection, InstanceSection, ModuleArg, RawSection};
use wasmparser::{Parser, Payload};

use super::guests::{Beside, limits};
use super::{ANSWERED, Attack, INSTRUCTIONS, MEMORY, Row, STOPPED};
use crate::lab::plugin;

/// What is tried and how it ends, and the modules that do it: so many of this text.
const ATTACKS: &[(Attack, usize, &str)] = &[
    (("a module beside its own", ANSWERED, "none-yet"), 1, "(module (memory 1) (table 1 funcref))"),
    // 62 MiB with what the plugin has itself: each alone would be allowed twice over.
    (("memories beside its own, up to the bound", ANSWERED, "none-yet"), 3, "(module (memory 320))"),
    (("memories beside its own", MEMORY, "67108864 bytes"), 3, "(module (memory 352))"),
    (
        ("memories that grow, one after the other", MEMORY, "67108864 bytes"),
        3,
        "(module (memory 1) (func $grow (drop (memory.grow (i32.const 399)))) (start $grow))",
    ),
    (
        ("memories that grow, page by page", MEMORY, "67108864 bytes"),
        3,
        "(module (memory 1) (func $grow (loop $more (br_if $more (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))) (start $grow))",
    ),
    (("tables beside its own", MEMORY, ""), 2, "(module (table 60000 funcref))"),
    (
        ("tables that grow", MEMORY, ""),
        2,
        "(module (table 1 funcref) (func $grow (drop (table.grow (ref.null func) (i32.const 59999)))) (start $grow))",
    ),
    (
        ("a table that grows by all there is", INSTRUCTIONS, "500000000 instructions"),
        1,
        "(module (table 1 funcref) (func $grow (drop (table.grow (ref.null func) (i32.const -1)))) (start $grow))",
    ),
    (("a start that never ends", INSTRUCTIONS, "500000000 instructions"), 1, "(module (func $loop (loop $more (br $more))) (start $loop))"),
    (("a start that stops", STOPPED, "in stop"), 1, "(module (func $stop unreachable) (start $stop))"),
    (
        ("a memory filled again and again", INSTRUCTIONS, "500000000 instructions"),
        1,
        "(module (memory 256) (func $fill (loop $more (memory.fill (i32.const 0) (i32.const 7) (i32.const 16777216)) (br $more))) (start $fill))",
    ),
];

/// A component with further modules at its end, each instantiated.
///
/// # Panics
/// Where the text or the component is not sound.
#[must_use]
pub fn with_modules(component: &[u8], modules: impl Iterator<Item = Vec<u8>>) -> Vec<u8> {
    let mut depth = 0;
    let mut next = 0;
    for payload in Parser::new(0).parse_all(component) {
        match payload.unwrap() {
            Payload::ModuleSection { .. } => {
                next += u32::from(depth == 0);
                depth += 1;
            }
            Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth -= 1,
            _ => {}
        }
    }
    let mut whole = component.to_vec();
    for module in modules {
        RawSection { id: 1, data: &module }.append_to_component(&mut whole);
        let mut instances = InstanceSection::new();
        instances.instantiate(next, std::iter::empty::<(&str, ModuleArg)>());
        instances.append_to_component(&mut whole);
        next += 1;
    }
    whole
}

/// # Panics
/// Where the plugins were not built.
pub async fn attacked() -> Vec<Row> {
    let mut rows = Vec::new();
    for ((attack, end, says), many, text) in ATTACKS {
        let module = wat::parse_str(text).unwrap();
        let bytes = with_modules(&plugin("hostile"), std::iter::repeat_n(module, *many));
        let beside = Beside::of(&bytes, &[], limits()).await;
        rows.push(beside.one("text", attack, "none", (end, says)).await);
    }
    rows
}
