//! The system calls that a compiler needs: memory, its three pipes, and to end. All others are answered "not permitted" by the
//! kernel: no file, no socket, no process, no thread, no signal to others, no memory that can be executed.

use std::collections::BTreeMap;

use seccompiler::{BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule};

/// Without restriction: nothing behind them reaches beyond the process.
const FREELY: &[i64] = &[
    libc::SYS_brk,
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_madvise,
    libc::SYS_futex,
    libc::SYS_getrandom,
    libc::SYS_clock_gettime,
    libc::SYS_sched_yield,
    libc::SYS_sigaltstack,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_getpid,
    libc::SYS_gettid,
    libc::SYS_close,
    libc::SYS_exit,
    libc::SYS_exit_group,
];

/// # Errors
/// In words: the kernel takes no filter.
pub(super) fn apply() -> Result<(), String> {
    let failed = |e: &dyn std::fmt::Display| format!("the compiler cannot give up its system calls (seccomp): {e}");
    let program = program().map_err(|e| failed(&e))?;
    seccompiler::apply_filter(&program).map_err(|e| failed(&e))
}

fn program() -> Result<BpfProgram, seccompiler::BackendError> {
    let only = |argument: u8, operation: SeccompCmpOp, value: u64| {
        SeccompCondition::new(argument, SeccompCmpArgLen::Dword, operation, value).and_then(|condition| SeccompRule::new(vec![condition]))
    };
    let handle = |n: u64| only(0, SeccompCmpOp::Eq, n);
    let not_executable = || SeccompCondition::new(2, SeccompCmpArgLen::Dword, SeccompCmpOp::MaskedEq(libc::PROT_EXEC as u64), 0);
    // Of no file, so that nothing that was left open could be read through it.
    let of_no_file = || {
        SeccompCondition::new(3, SeccompCmpArgLen::Dword, SeccompCmpOp::MaskedEq(libc::MAP_ANONYMOUS as u64), libc::MAP_ANONYMOUS as u64)
    };
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> = FREELY.iter().map(|call| (*call, Vec::new())).collect();
    rules.insert(libc::SYS_read, vec![handle(0)?]);
    rules.insert(libc::SYS_write, vec![handle(1)?, handle(2)?]);
    rules.insert(libc::SYS_mmap, vec![SeccompRule::new(vec![not_executable()?, of_no_file()?])?]);
    rules.insert(libc::SYS_mprotect, vec![SeccompRule::new(vec![not_executable()?])?]);
    // To itself alone: how a program aborts.
    rules.insert(libc::SYS_tgkill, vec![only(0, SeccompCmpOp::Eq, u64::from(std::process::id()))?]);
    let refused = SeccompAction::Errno(libc::EPERM as u32);
    SeccompFilter::new(rules, refused, SeccompAction::Allow, std::env::consts::ARCH.try_into()?)?.try_into()
}
