//! What a process gives up before it reads what was uploaded. In this order: each needs what the later ones take away.

use std::{fs, io};

use rustix::process::{
    Pid, Resource, Rlimit, Signal, geteuid, getppid, getpriority_process, getrlimit, getuid, set_parent_process_death_signal, setrlimit,
};
use rustix::thread::{Gid, Uid, UnshareFlags, set_no_new_privs, set_thread_groups, set_thread_res_gid, set_thread_res_uid, unshare_unsafe};

use super::super::priority;
use super::filter;
use super::{Bounds, User};

/// Standard input, output and error.
const OWN_HANDLES: u32 = 3;

/// What stands, read back from the system. Behind the filter nothing can be asked any more.
#[derive(Debug, Clone, Copy)]
pub(super) struct Up {
    /// The host; none where it is in another world of processes.
    pub host: Option<Pid>,
    pub user: u32,
    /// Another user than the host's: only the superuser can become somebody else.
    pub other_user: bool,
    pub nice: i32,
    /// It runs while nobody else wants to.
    pub idle: bool,
    /// Bytes of address space, seconds of processor time, bytes of a file.
    pub memory: Option<u64>,
    pub processor: Option<u64>,
    pub file: Option<u64>,
    /// A network of its own, with nothing in it. Without it the filter is what refuses sockets.
    pub own_network: bool,
    /// Where memory runs out, the kernel takes this process first.
    pub first_to_go: bool,
}

/// Those walls that not every machine permits are said in the answer; all others are up, or nothing is compiled.
///
/// # Errors
/// In words: which wall this machine does not permit.
pub(super) fn put_up(bounds: Bounds, user: User) -> Result<Up, String> {
    let wall = |what: &'static str| move |e: rustix::io::Errno| format!("the compiler cannot {what}: {e}");
    close_what_is_not_its_own().map_err(|e| format!("the compiler cannot close what it inherited: {e}"))?;
    let first_to_go = fs::write("/proc/self/oom_score_adj", "1000").is_ok();
    priority::idle().map_err(|e| format!("the compiler cannot lower its priority: {e}"))?;
    let own_network = leave_the_network();
    let other_user = geteuid().is_root();
    if other_user {
        let (user, group) = (Uid::from_raw(user.user), Gid::from_raw(user.group));
        set_thread_groups(&[]).map_err(wall("leave its groups"))?;
        set_thread_res_gid(group, group, group).map_err(wall("change its group"))?;
        set_thread_res_uid(user, user, user).map_err(wall("become another user"))?;
    }
    // After the change of user, which takes it away again. A host that was killed leaves no compiler behind.
    set_parent_process_death_signal(Some(Signal::KILL)).map_err(wall("ask to end with the host"))?;
    set_no_new_privs(true).map_err(wall("give up new privileges"))?;
    for (resource, most) in [
        (Resource::As, bounds.memory),
        (Resource::Cpu, bounds.processor),
        (Resource::Fsize, 0),
        (Resource::Core, 0),
        (Resource::Nofile, 0),
        (Resource::Nproc, 0),
        (Resource::Memlock, 0),
    ] {
        // At the first bound of time the process is told, and dies of that; at the second it is killed, as by anybody.
        let maximum = if resource == Resource::Cpu { most + 2 } else { most };
        setrlimit(resource, Rlimit { current: Some(most), maximum: Some(maximum) }).map_err(wall("bound what it uses"))?;
    }
    let up = Up {
        host: getppid(),
        user: getuid().as_raw(),
        other_user,
        nice: getpriority_process(None).map_err(wall("see its priority"))?,
        idle: priority::is_idle(),
        memory: getrlimit(Resource::As).current,
        processor: getrlimit(Resource::Cpu).current,
        file: getrlimit(Resource::Fsize).current,
        own_network,
        first_to_go,
    };
    filter::apply()?;
    Ok(up)
}

/// Whoever started the host may have left files open across it. Ours are closed by themselves when a program is started.
fn close_what_is_not_its_own() -> io::Result<()> {
    // SAFETY: nothing in this process has opened a file yet, so nothing owns the handles.
    #[expect(unsafe_code, reason = "handles that nobody owns have no safe way to be closed")]
    let done = unsafe { libc::syscall(libc::SYS_close_range, OWN_HANDLES, u32::MAX, 0) };
    if done == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Into a network of its own, with nothing in it: as the superuser, or as one within a world of its own where that is permitted.
fn leave_the_network() -> bool {
    let network = UnshareFlags::NEWNET;
    [network, network | UnshareFlags::NEWUSER].into_iter().any(|flags| {
        // SAFETY: what can go wrong is leaving the table of open files, which neither flag does.
        #[expect(unsafe_code, reason = "unsafe for the sake of another flag")]
        unsafe { unshare_unsafe(flags) }.is_ok()
    })
}
