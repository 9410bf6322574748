//! How far back this thread or process stands where the processor is short.

use std::io;

use rustix::process::setpriority_process;

/// The lowest priority that Linux knows.
const LOWEST: i32 = 19;

/// Behind all that serve. On Linux a thread has a priority of its own.
pub(super) fn lowest() -> io::Result<()> {
    Ok(setpriority_process(None, LOWEST)?)
}

/// Behind those too: runs while nobody else wants to, and gives way at once.
pub(super) fn idle() -> io::Result<()> {
    lowest()?;
    // Only real-time policies have another.
    let plain = libc::sched_param { sched_priority: 0 };
    // SAFETY: the one pointer is to a value that lives as long as the call.
    #[expect(unsafe_code, reason = "this call of the system has no safe form")]
    let done = unsafe { libc::sched_setscheduler(0, libc::SCHED_IDLE, &raw const plain) };
    if done == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Is this thread one of those?
pub(super) fn is_idle() -> bool {
    // SAFETY: it takes no pointer.
    #[expect(unsafe_code, reason = "this call of the system has no safe form")]
    let policy = unsafe { libc::sched_getscheduler(0) };
    policy == libc::SCHED_IDLE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_goes_back_alone() {
        let went = std::thread::spawn(|| idle().map(|()| is_idle())).join().unwrap();
        assert!(went.unwrap());
        assert!(!is_idle(), "this one stays where it was");
    }
}
