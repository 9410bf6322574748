//! Components made to hurt whoever reads or compiles them.

use wasm_encoder::{
    BlockType, CodeSection, Component, ComponentTypeSection, ConstExpr, DataSection, DataSegment, DataSegmentMode, ExportKind,
    ExportSection, Function, FunctionSection, GlobalSection, GlobalType, Instruction, MemorySection, MemoryType, Module, ModuleSection,
    NestedComponentSection, RawSection, RefType, TableSection, TableType, TypeSection, ValType,
};

/// A component with one module in it, which nothing instantiates.
#[must_use]
pub fn around(module: &Module) -> Vec<u8> {
    let mut component = Component::new();
    component.section(&ModuleSection(module));
    component.finish()
}

/// A module of `count` functions, each without arguments and of this body.
#[must_use]
pub fn functions(count: u32, body: &Function) -> Module {
    let (mut types, mut functions, mut code) = (TypeSection::new(), FunctionSection::new(), CodeSection::new());
    types.ty().function([], []);
    for _ in 0..count {
        functions.function(0);
        code.function(body);
    }
    let mut module = Module::new();
    module.section(&types).section(&functions).section(&code);
    module
}

#[must_use]
pub fn empty() -> Function {
    body([], |_| ())
}

/// A function with locals of 64 bits.
pub fn body<const N: usize>(locals: [u32; N], write: impl FnOnce(&mut Function)) -> Function {
    let mut body = Function::new(locals.into_iter().map(|n| (n, ValType::I64)));
    write(&mut body);
    body.instruction(&Instruction::End);
    body
}

/// As many local variables as may be, changed in every one of `blocks` branches: each branch has to say of each of them where it is.
#[must_use]
pub fn tangle(locals: u32, blocks: u32) -> Function {
    body([locals], |code| {
        for _ in 0..blocks {
            code.instruction(&Instruction::Loop(BlockType::Empty));
        }
        for n in 0..blocks {
            let (one, other) = (n % locals, n.wrapping_mul(7) % locals);
            code.instruction(&Instruction::LocalGet(one)).instruction(&Instruction::I64Const(i64::from(n) << 40));
            code.instruction(&Instruction::I64Mul).instruction(&Instruction::LocalSet(other));
            code.instruction(&Instruction::LocalGet(other)).instruction(&Instruction::I32WrapI64);
            code.instruction(&Instruction::BrIf((blocks - n) / 2)).instruction(&Instruction::End);
        }
    })
}

/// So many blocks within each other.
#[must_use]
pub fn blocks(deep: u32) -> Function {
    body([], |code| {
        for _ in 0..deep {
            code.instruction(&Instruction::Block(BlockType::Empty));
        }
        for _ in 0..deep {
            code.instruction(&Instruction::End);
        }
    })
}

/// One jump with so many targets.
#[must_use]
pub fn jump(targets: u32) -> Function {
    body([], |code| {
        code.instruction(&Instruction::I32Const(1));
        code.instruction(&Instruction::BrTable(vec![0; targets as usize].into(), 0));
    })
}

/// Nothing but instructions, so many that the function has more bytes than one may.
#[must_use]
pub fn nops(count: usize) -> Function {
    body([], |code| {
        code.raw(std::iter::repeat_n(1, count));
    })
}

#[must_use]
pub fn tables(count: u32, elements: u64) -> Module {
    let mut tables = TableSection::new();
    for _ in 0..count {
        let of = TableType { element_type: RefType::FUNCREF, minimum: elements, maximum: None, table64: false, shared: false };
        tables.table(of);
    }
    let mut module = Module::new();
    module.section(&tables);
    module
}

/// A memory of so many pages, and data at its end in so many pieces.
#[must_use]
pub fn data(pages: u64, pieces: u32) -> Module {
    let (mut memories, mut data) = (MemorySection::new(), DataSection::new());
    memories.memory(MemoryType { minimum: pages, maximum: None, memory64: false, shared: false, page_size_log2: None });
    let apart = (pages << 16) / u64::from(pieces.max(1));
    for n in 0..pieces {
        let offset = ConstExpr::i32_const((u64::from(n) * apart) as u32 as i32);
        data.segment(DataSegment { mode: DataSegmentMode::Active { memory_index: 0, offset: &offset }, data: [1] });
    }
    let mut module = Module::new();
    module.section(&memories).section(&data);
    module
}

#[must_use]
pub fn types(count: u32) -> Module {
    let mut types = TypeSection::new();
    for n in 0..count {
        types.ty().function((0..20).map(|bit| if n >> bit & 1 == 0 { ValType::I32 } else { ValType::I64 }), []);
    }
    let mut module = Module::new();
    module.section(&types);
    module
}

#[must_use]
pub fn exports(count: u32) -> Module {
    let (mut globals, mut exports) = (GlobalSection::new(), ExportSection::new());
    globals.global(GlobalType { val_type: ValType::I32, mutable: false, shared: false }, &ConstExpr::i32_const(1));
    for n in 0..count {
        exports.export(&format!("e{n}"), ExportKind::Global, 0);
    }
    let mut module = Module::new();
    module.section(&globals).section(&exports);
    module
}

/// The module, instantiated so many times.
#[must_use]
pub fn instances(module: &Module, count: u32) -> Vec<u8> {
    let mut component = Component::new();
    component.section(&ModuleSection(module));
    let mut instances = wasm_encoder::InstanceSection::new();
    for _ in 0..count {
        instances.instantiate(0, std::iter::empty::<(&str, wasm_encoder::ModuleArg)>());
    }
    component.section(&instances);
    component.finish()
}

/// Components within each other.
#[must_use]
pub fn nested(deep: u32) -> Vec<u8> {
    let mut inner = Component::new();
    for _ in 1..deep {
        let mut outer = Component::new();
        outer.section(&NestedComponentSection(&inner));
        inner = outer;
    }
    inner.finish()
}

/// The type of an instance that declares the type of an instance, and so on: three bytes a level.
#[must_use]
pub fn nested_types(deep: usize) -> Vec<u8> {
    const INSTANCE_OF_ONE: [u8; 2] = [0x42, 1];
    const A_TYPE: u8 = 1;
    let mut section = vec![1];
    for _ in 1..deep {
        section.extend(INSTANCE_OF_ONE);
        section.push(A_TYPE);
    }
    section.extend([0x42, 0]);
    let mut component = Component::new();
    component.section(&RawSection { id: 7, data: &section });
    component.finish()
}

/// A list of lists of lists, each by the number of the one before.
#[must_use]
pub fn lists(deep: u32) -> Vec<u8> {
    let mut types = ComponentTypeSection::new();
    types.defined_type().primitive(wasm_encoder::PrimitiveValType::U8);
    for n in 0..deep {
        types.defined_type().list(wasm_encoder::ComponentValType::Type(n));
    }
    component_of(&types)
}

/// A pair of pairs of pairs, each by the number of the one before: written out, it doubles every time.
#[must_use]
pub fn pairs(deep: u32) -> Vec<u8> {
    let mut types = ComponentTypeSection::new();
    types.defined_type().primitive(wasm_encoder::PrimitiveValType::U8);
    for n in 0..deep {
        types.defined_type().tuple([wasm_encoder::ComponentValType::Type(n); 2]);
    }
    component_of(&types)
}

fn component_of(types: &ComponentTypeSection) -> Vec<u8> {
    let mut component = Component::new();
    component.section(types);
    component.finish()
}
