//! What an upload may do to whoever reads and compiles it: nothing. Each attack ends in its documented error, most before a compiler
//! sees it, the others in a process of its own; the host serves on, and has about the memory that it had before.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use cap_std::ambient_authority;
use cap_std::fs::Dir;
use hearth::plugins::{Refused, inspect};
use hearth::record::{Day, Digest, FamilyId, Snapshot};
use hearth::sandbox::admit::{BOUNDS, admit};
use hearth::sandbox::compiler::{Apart, Bounds};
use hearth::sandbox::{Artefacts, Compiler, Context, Given, Grants, Limits, Question, Sandbox, Unfit, Words};
use hearth_tests::bombs;
use hearth_tests::host::Host;
use hearth_tests::lab::plugin;
use hearth_tests::program::{compiler, hearth};
use serde_json::json;

/// A component, and a piece of what its author is told.
type Attack = (&'static str, Vec<u8>, &'static str);

/// What is refused for what it consists of, before anything compiles it.
fn too_big() -> Vec<Attack> {
    let million = 1_000_000;
    vec![
        (
            "one huge function",
            bombs::around(&bombs::functions(1, &bombs::nops(3 << 20))),
            "3145730 bytes in one function, and may have 2097152",
        ),
        ("a million functions", bombs::around(&bombs::functions(million, &bombs::empty())), "1000000 functions, and may have 100000"),
        (
            "a million locals",
            bombs::around(&bombs::functions(1, &bombs::body([million], |_| ()))),
            "1000000 local variables in one function",
        ),
        ("many tables", bombs::around(&bombs::tables(101, 1)), "101 tables, and may have 100"),
        (
            "a giant table",
            bombs::instances(&bombs::tables(1, 1 << 31), 1),
            "2147483648 elements of one table to start, and may have 100000",
        ),
        ("a giant memory", bombs::instances(&bombs::data(65_536, 0), 1), "65536 pages of 64 KiB of one memory to start, and may have 8192"),
        ("data all over a giant memory", bombs::instances(&bombs::data(65_536, 40_000), 1), "pages of 64 KiB of one memory to start"),
        ("many pieces of data", bombs::around(&bombs::data(1_000, 60_000)), "60000 data segments, and may have 50000"),
        ("a huge type section", bombs::around(&bombs::types(million)), "1000000 types, and may have 20000"),
        ("a million exports", bombs::around(&bombs::exports(million)), "1000000 exports, and may have 40000"),
        ("a jump to everywhere", bombs::around(&bombs::functions(1, &bombs::jump(3 * million))), "bytes in one function"),
        ("components within each other", bombs::nested(50), "13 components nested in each other, and may have 12"),
        ("types within each other", bombs::nested_types(million as usize), "17 types nested in each other, and may have 16"),
        ("instances of instances", bombs::instances(&bombs::tables(1, 1), 2_000), "2000 instances, and may have 1000"),
        ("a component of nothing but padding", vec![0; 65 << 20], "68157440 bytes, and may have 67108864"),
    ]
}

/// What only compiling or loading shows.
fn refused_later() -> Vec<Attack> {
    let import = r#"(component (import "m" (core module)) (core instance (instantiate 0)))"#;
    vec![
        ("a large memory", bombs::instances(&bombs::data(8_000, 0), 1), "524288000 bytes of memory to start, and may have 67108864"),
        ("more memories than a run has places for", bombs::instances(&bombs::data(1, 0), 5), "cannot be compiled"),
        ("locals beyond counting", bombs::around(&bombs::functions(1, &bombs::body([u32::MAX; 9], |_| ()))), "too many locals"),
        ("a jump with a million targets", bombs::around(&bombs::functions(1, &bombs::jump(1_000_000))), "1000000 targets"),
        ("lists of lists", bombs::lists(10_000), "cannot be compiled"),
        ("pairs of pairs", bombs::pairs(90), "cannot be compiled"),
        ("an import of a core module", wat::parse_str(import).unwrap(), "imports a core module"),
    ]
}

/// What is odd and does no harm.
fn harmless() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("blocks within each other", bombs::around(&bombs::functions(1, &bombs::blocks(10_000)))),
        ("types as deep as may be", bombs::nested_types(16)),
        ("components as deep as may be", bombs::nested(12)),
        ("data all over a memory", bombs::instances(&bombs::data(1_000, 10_000), 1)),
    ]
}

fn sandbox(bounds: Bounds) -> Arc<Sandbox> {
    Sandbox::start(None, Compiler::Apart(Apart::of(hearth()).within(bounds)), Limits::default()).unwrap()
}

/// Compiles, and says what came of it.
fn attempt(sandbox: &Sandbox, bytes: &[u8]) -> Option<Unfit> {
    sandbox.compile(Digest::of(bytes), bytes).err()
}

/// Bytes that this process has in memory.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|l| l.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() << 10
}

#[test]
fn what_todays_toolchains_make_is_well_within_what_may_be() {
    for name in ["bristol-outcomes", "leeds-abuse-hub", "closed-world-javascript", "hampshire-voluntary-sector", "closed-world-python"] {
        let counts = admit(&plugin(name)).unwrap();
        for (part, what, most) in BOUNDS {
            println!("{name:28} {:>10} of at most {most} {what}", counts.of(*part));
            assert!(counts.of(*part) * 3 <= *most, "{name} has {} {what} already", counts.of(*part));
        }
    }
}

#[test]
fn what_consists_of_too_much_is_refused_before_it_is_compiled() {
    // Whoever compiled it would have to be started first.
    let nobody = Compiler::Apart(Apart::of("/no/such/compiler".into()));
    let sandbox = Sandbox::start(None, nobody, Limits::default()).unwrap();
    for (attack, bytes, says) in too_big() {
        let refused = attempt(&sandbox, &bytes).expect(attack);
        assert!(matches!(refused, Unfit::TooBig { .. }), "{attack}: {refused}");
        assert!(refused.to_string().contains(says), "{attack}: {refused}");
        if bytes.starts_with(b"\0asm") {
            let refused = inspect(&bytes).expect_err(attack);
            assert!(matches!(&refused, Refused::TooBig(_)) && refused.to_string().contains(says), "{attack}: {refused}");
        }
    }
}

#[test]
fn what_needs_too_much_is_refused_once_it_is_compiled_and_the_memory_was_not_the_hosts() {
    let sandbox = sandbox(Bounds::default());
    assert!(attempt(&sandbox, &bombs::nested(2)).is_none());
    let before = resident();
    for (attack, bytes, says) in refused_later() {
        let refused = attempt(&sandbox, &bytes).expect(attack);
        assert!(refused.to_string().contains(says), "{attack}: {refused}");
        assert!(!matches!(refused, Unfit::Host(_)), "{attack} is the component's fault: {refused}");
    }
    for (attack, bytes) in harmless() {
        let refused = attempt(&sandbox, &bytes);
        assert!(refused.is_none(), "{attack}: {refused:?}");
    }
    let after = resident();
    assert!(after < before + (64 << 20), "{} MiB before, {} MiB after", before >> 20, after >> 20);
}

#[tokio::test]
async fn memories_that_are_too_much_together_are_told_as_that() {
    let sandbox = sandbox(Bounds::default());
    let bytes = bombs::instances(&bombs::data(400, 0), 4);
    let digest = Digest::of(&bytes);
    let compiled = sandbox.compile(digest, &bytes).unwrap();
    let prepared = Arc::new(sandbox.prepare(&compiled, &Words::default(), &Grants::default()).unwrap());
    let given = Given {
        question: Question::Eligibility,
        context: Arc::new(Context::new(digest, Grants::default(), Day::LAST)),
        snapshot: Arc::new(Snapshot::build(FamilyId::fresh(), 0, &[], &[])),
        matter: Arc::default(),
        claims: Vec::new(),
    };
    let refused = sandbox.try_out(prepared, given).await.unwrap_err();
    assert!(matches!(refused, Unfit::TooBig { most: 67_108_864, .. }), "{refused}");
}

#[test]
fn what_takes_the_compiler_long_is_stopped_by_its_processor_time() {
    let sandbox = sandbox(Bounds { processor: 1, ..Bounds::default() });
    let bomb = bombs::around(&bombs::functions(40, &bombs::tangle(2_000, 4_000)));
    let refused = attempt(&sandbox, &bomb).expect("it takes longer");
    assert!(matches!(refused, Unfit::TooHard { of: "seconds of processor time", most: 1 }), "{refused}");
    assert!(attempt(&sandbox, &bombs::nested(2)).is_none(), "the host serves on");
}

#[test]
fn what_takes_the_compiler_long_is_stopped_by_the_clock_too() {
    let sandbox = sandbox(Bounds { wall: Duration::from_secs(1), ..Bounds::default() });
    let bomb = bombs::around(&bombs::functions(40, &bombs::tangle(2_000, 4_000)));
    let refused = attempt(&sandbox, &bomb).expect("it takes longer");
    assert!(matches!(refused, Unfit::TooHard { of: "seconds", most: 1 }), "{refused}");
}

#[test]
fn what_takes_the_compiler_much_memory_is_stopped_there() {
    let sandbox = sandbox(Bounds { memory: 400 << 20, ..Bounds::default() });
    let bomb = bombs::around(&bombs::functions(1, &bombs::tangle(10_000, 60_000)));
    let before = resident();
    let refused = attempt(&sandbox, &bomb).expect("it takes more");
    assert!(matches!(refused, Unfit::TooHard { of: "bytes of memory", most } if most == 400 << 20), "{refused}");
    assert!(resident() < before + (64 << 20), "the compiler took the memory, not the host");
}

#[test]
fn a_component_cut_short_or_damaged_anywhere_is_refused_or_does_no_harm() {
    let sandbox = sandbox(Bounds::default());
    let whole = bombs::instances(&bombs::functions(3, &bombs::tangle(3, 5)), 2);
    assert!(attempt(&sandbox, &whole).is_none());
    let mut refused = 0;
    // What ends after its first line, or between its two sections, is whole too.
    let instances = bombs::instances(&bombs::tables(1, 1), 2).len() - bombs::around(&bombs::tables(1, 1)).len();
    let border = whole.len() - instances;
    for at in (0..whole.len()).step_by(2) {
        match attempt(&sandbox, &whole[..at]) {
            Some(Unfit::Compile(_)) => {}
            None if at == 8 || at == border => {}
            None => panic!("cut at {at}, and taken"),
            Some(other) => panic!("cut at {at}: {other}"),
        }
        let mut flipped = whole.clone();
        flipped[at] ^= 1 << (at % 8);
        match attempt(&sandbox, &flipped) {
            Some(Unfit::Host(why)) => panic!("bit {} of byte {at}: the host's fault? {why}", at % 8),
            Some(_) => refused += 1,
            None => {}
        }
    }
    assert!(refused * 4 > whole.len(), "{refused} of {} were refused", whole.len() / 2);
    // And of a real one, as far as it is read without compiling.
    let real = plugin("bristol-outcomes");
    for n in 0..400 {
        let at = real.len() / 400 * n;
        let mut flipped = real.clone();
        flipped[at] ^= 1 << (n % 8);
        let _ = (inspect(&flipped), inspect(&real[..at]).expect_err("cut short"));
    }
}

#[test]
fn what_was_compiled_elsewhere_is_no_component() {
    let sandbox = sandbox(Bounds::default());
    let code = sandbox.engine().precompile_component(&bombs::nested(2)).unwrap();
    let refused = attempt(&sandbox, &code).expect("native code");
    assert!(refused.to_string().contains("upload the component that they were made from"), "{refused}");
    assert!(matches!(inspect(&code), Err(Refused::NotWasm)));
}

#[test]
fn a_compiler_that_cannot_start_or_is_killed_is_not_the_plugins_fault() {
    let of = |program: &str| Sandbox::start(None, Compiler::Apart(Apart::of(program.into())), Limits::default()).unwrap();
    for (program, says) in [("/no/such/compiler", "cannot be started"), ("/bin/true", "the compiler stopped")] {
        let refused = attempt(&of(program), &bombs::nested(2)).unwrap();
        assert!(refused.to_string().contains(says), "{refused}");
    }
    assert!(matches!(attempt(&of("/no/such/compiler"), &bombs::nested(2)), Some(Unfit::Host(_))));
}

#[test]
fn the_compiler_has_no_file_no_network_no_process_and_no_other_user_to_reach() {
    let trial = Apart::of(hearth()).trial().unwrap();
    assert!(trial.walls.len() >= 20, "{trial:?}");
    for wall in trial.walls.iter().filter(|w| !w.optional) {
        assert!(wall.holds, "{}: {}", wall.against, wall.said);
    }
    assert!(trial.holds());
}

#[tokio::test]
async fn a_compilation_that_nobody_waits_for_keeps_its_turn_and_is_there_for_the_next() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let cache = Artefacts::new(Dir::open_ambient_dir(folder.path(), ambient_authority())?, [1; 32]);
    let sandbox = Sandbox::start(Some(cache), compiler(), Limits::default())?;
    let slow = bombs::around(&bombs::functions(1, &bombs::tangle(100, 1_000)));
    let digest = Digest::of(&slow);
    let gone = tokio::time::timeout(Duration::from_millis(1), sandbox.compile_apart(digest, slow)).await;
    assert!(gone.is_err(), "starting a process alone takes longer");
    // The next turn comes when that one is over.
    sandbox.apart(|| ()).await?;
    assert!(sandbox.load(digest)?.is_some());
    Ok(())
}

#[tokio::test]
async fn an_upload_that_is_a_bomb_is_answered_and_the_next_one_is_taken() -> Result<()> {
    let host = Host::start().await?;
    let council = host.council("E06000023", "Bristol").await?;
    for (attack, bytes, says) in too_big().into_iter().filter(|(_, bytes, _)| bytes.len() < 10 << 20 && bytes.starts_with(b"\0asm")) {
        let answered = council.upload(bytes).await?;
        assert_eq!(
            (answered.status, &answered.body["type"]),
            (422, &json!("/problems/plugin-needs-too-much")),
            "{attack}: {}",
            answered.body
        );
        assert!(answered.body["detail"].to_string().contains(says), "{attack}: {}", answered.body);
    }
    assert_eq!(council.upload(plugin("bristol-outcomes")).await?.status, 201);
    host.stop().await;
    Ok(())
}
