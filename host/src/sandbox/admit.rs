//! What a component may consist of. Counted from the file alone, in one pass that keeps nothing and never calls itself, before a
//! validator or a compiler sees any of it: both take memory and time by these numbers, and both trust that types are not nested a
//! million deep.
//!
//! The bounds are several times what today's toolchains make (Rust, JavaScript on QuickJS and on StarlingMonkey, Python: `cargo test --test
//! compile_attacks -- --nocapture` prints each figure). Of Python's 18.8 MB: 38 modules, 13,500 functions, 427 kB in the largest.

use wasmparser::{
    BinaryReader, BinaryReaderError, ComponentAlias, ComponentExternName, ComponentImport, ComponentType, ComponentTypeRef, CoreType,
    Parser, Payload,
};

use super::Unfit;
use super::engine::{LARGEST_MEMORY, LARGEST_TABLE};

/// Bytes of a component.
pub const LARGEST: usize = 64 << 20;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Bytes,
    Levels,
    TypeLevels,
    Modules,
    Components,
    Instances,
    Types,
    Imports,
    Exports,
    Functions,
    FunctionBytes,
    Locals,
    Tables,
    TableElements,
    Memories,
    MemoryPages,
    Globals,
    ElementSegments,
    DataSegments,
    Adapters,
    CustomSections,
    CustomBytes,
}

/// How many of each, over the whole file with all that is nested in it; where it says "one", of the largest; of
/// levels, the deepest.
pub const BOUNDS: &[(Part, &str, u64)] = &[
    (Part::Bytes, "bytes", LARGEST as u64),
    (Part::Levels, "components nested in each other", 12),
    (Part::TypeLevels, "types nested in each other", 16),
    (Part::Modules, "modules", 200),
    (Part::Components, "components", 200),
    (Part::Instances, "instances", 1_000),
    (Part::Types, "types", 20_000),
    (Part::Imports, "imports", 20_000),
    (Part::Exports, "exports", 40_000),
    (Part::Functions, "functions", 100_000),
    (Part::FunctionBytes, "bytes in one function", 2 << 20),
    (Part::Locals, "local variables in one function", 10_000),
    (Part::Tables, "tables", 100),
    (Part::TableElements, "elements of one table to start", LARGEST_TABLE as u64),
    (Part::Memories, "memories", 100),
    (Part::MemoryPages, "pages of 64 KiB of one memory to start", LARGEST_MEMORY as u64 >> 16),
    (Part::Globals, "globals", 20_000),
    (Part::ElementSegments, "element segments", 10_000),
    (Part::DataSegments, "data segments", 50_000),
    (Part::Adapters, "adapted functions and aliases", 20_000),
    (Part::CustomSections, "custom sections", 1_000),
    (Part::CustomBytes, "bytes in custom sections", 24 << 20),
];

/// How many of each were found.
#[derive(Debug, Clone, Default)]
pub struct Counts([u64; BOUNDS.len()]);

/// Counts what a component consists of.
///
/// # Errors
/// [`Unfit::TooBig`] naming what there is too much of, as soon as that is known; [`Unfit::Compile`] where it cannot be read.
pub fn admit(bytes: &[u8]) -> Result<Counts, Unfit> {
    let mut counts = Counts::default();
    counts.largest(Part::Bytes, bytes.len() as u64)?;
    let mut level = 0;
    for payload in Parser::new(0).parse_all(bytes) {
        let payload = payload.map_err(damaged)?;
        match &payload {
            Payload::Version { .. } => {
                level += 1;
                counts.largest(Part::Levels, level)?;
            }
            Payload::End(_) => level = level.saturating_sub(1),
            Payload::CodeSectionEntry(body) => {
                counts.largest(Part::FunctionBytes, body.as_bytes().len() as u64)?;
                let mut locals = 0;
                for group in body.get_locals_reader().map_err(damaged)? {
                    locals += u64::from(group.map_err(damaged)?.0);
                }
                counts.largest(Part::Locals, locals)?;
            }
            Payload::CustomSection(section) => {
                counts.add(Part::CustomSections, 1)?;
                counts.add(Part::CustomBytes, section.data().len() as u64)?;
            }
            Payload::TableSection(section) => {
                counts.add(Part::Tables, u64::from(section.count()))?;
                for table in section.clone() {
                    counts.largest(Part::TableElements, table.map_err(damaged)?.ty.initial)?;
                }
            }
            Payload::MemorySection(section) => {
                counts.add(Part::Memories, u64::from(section.count()))?;
                for memory in section.clone() {
                    counts.largest(Part::MemoryPages, memory.map_err(damaged)?.initial)?;
                }
            }
            Payload::ComponentTypeSection(section) => {
                counts.add(Part::Types, u64::from(section.count()))?;
                let section = bytes.get(section.range()).unwrap_or_default();
                types(section, &mut counts)?;
            }
            other => {
                if let Some((part, count)) = counted(other) {
                    counts.add(part, count)?;
                }
            }
        }
    }
    Ok(counts)
}

impl Counts {
    #[must_use]
    pub const fn of(&self, part: Part) -> u64 {
        self.0[part as usize]
    }

    fn add(&mut self, part: Part, more: u64) -> Result<(), Unfit> {
        self.largest(part, self.of(part).saturating_add(more))
    }

    fn largest(&mut self, part: Part, found: u64) -> Result<(), Unfit> {
        let (_, what, most) = BOUNDS[part as usize];
        if found > most {
            return Err(Unfit::TooBig { what: format!("{found} {what}"), most });
        }
        self.0[part as usize] = self.of(part).max(found);
        Ok(())
    }
}

/// A section that says itself how many it has.
fn counted(payload: &Payload<'_>) -> Option<(Part, u64)> {
    let (part, count) = match payload {
        Payload::ModuleSection { .. } => (Part::Modules, 1),
        Payload::ComponentSection { .. } => (Part::Components, 1),
        Payload::InstanceSection(s) => (Part::Instances, s.count()),
        Payload::ComponentInstanceSection(s) => (Part::Instances, s.count()),
        Payload::TypeSection(s) => (Part::Types, s.count()),
        Payload::CoreTypeSection(s) => (Part::Types, s.count()),
        Payload::ImportSection(s) => (Part::Imports, s.count()),
        Payload::ComponentImportSection(s) => (Part::Imports, s.count()),
        Payload::ExportSection(s) => (Part::Exports, s.count()),
        Payload::ComponentExportSection(s) => (Part::Exports, s.count()),
        Payload::FunctionSection(s) => (Part::Functions, s.count()),
        Payload::GlobalSection(s) => (Part::Globals, s.count()),
        Payload::ElementSection(s) => (Part::ElementSegments, s.count()),
        Payload::DataSection(s) => (Part::DataSegments, s.count()),
        Payload::ComponentAliasSection(s) => (Part::Adapters, s.count()),
        Payload::ComponentCanonicalSection(s) => (Part::Adapters, s.count()),
        _ => return None,
    };
    Some((part, u64::from(count)))
}

/// The first byte of the type of a component, and of an instance: those that have declarations within, which may be types again.
const COMPONENT: u8 = 0x41;
const INSTANCE: u8 = 0x42;

/// Goes through a section of types with a list of its own of what is still open, where a reader would call itself.
fn types(section: &[u8], counts: &mut Counts) -> Result<(), Unfit> {
    let mut reader = BinaryReader::new(section, 0);
    // Declarations left, the types of the section itself first.
    let mut open = vec![reader.read_var_u32().map_err(damaged)?];
    while let Some(left) = open.last_mut() {
        if *left == 0 {
            open.pop();
            continue;
        }
        *left -= 1;
        // In the section itself there are types alone; within a type a byte says what is declared.
        let declared = if open.len() == 1 { TYPE } else { reader.read_u8().map_err(damaged)? };
        if declared != TYPE {
            if !declaration(declared, &mut reader).map_err(damaged)? {
                return Err(Unfit::Compile(format!("a type declares what nobody knows (0x{declared:02x})")));
            }
            continue;
        }
        if open.len() > 1 {
            counts.add(Part::Types, 1)?;
        }
        let mut ahead = reader.clone();
        match ahead.read_u8().map_err(damaged)? {
            COMPONENT | INSTANCE => {
                open.push(ahead.read_var_u32().map_err(damaged)?);
                counts.largest(Part::TypeLevels, open.len() as u64 - 1)?;
                reader = ahead;
            }
            _ => {
                reader.read::<ComponentType<'_>>().map_err(damaged)?;
            }
        }
    }
    Ok(())
}

const TYPE: u8 = 0x01;

/// What else may be declared within a type: it holds no types, so a reader goes through it. False where there is no such thing.
fn declaration(kind: u8, reader: &mut BinaryReader<'_>) -> Result<bool, BinaryReaderError> {
    match kind {
        0x00 => {
            reader.read::<CoreType<'_>>()?;
        }
        0x02 => {
            reader.read::<ComponentAlias<'_>>()?;
        }
        0x03 => {
            reader.read::<ComponentImport<'_>>()?;
        }
        0x04 => {
            reader.read::<ComponentExternName<'_>>()?;
            reader.read::<ComponentTypeRef>()?;
        }
        _ => return Ok(false),
    }
    Ok(true)
}

fn damaged(e: BinaryReaderError) -> Unfit {
    Unfit::Compile(e.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_has_its_bound() {
        for (place, (part, ..)) in BOUNDS.iter().enumerate() {
            assert_eq!(*part as usize, place);
        }
    }
}
