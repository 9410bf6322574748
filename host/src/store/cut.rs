//! For tests: cuts a host off at a chosen point on its way to the database, as if it had been killed there, or its database had gone.
//! Points are what writes, and both sides of a commit. A test that uses this runs in a process of its own, as nextest has it.

use std::sync::{LazyLock, Mutex, PoisonError};

use tokio::sync::Notify;

/// What happens at the point that is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    /// Nothing more is done.
    Killed,
    /// From here on every statement fails, until it is mended.
    Gone,
}

#[derive(Debug, Default)]
struct State {
    /// Points that were passed since the beginning, by name; none: nobody looks.
    passed: Option<Vec<String>>,
    at: Option<(usize, How)>,
    gone: bool,
}

static STATE: Mutex<State> = Mutex::new(State { passed: None, at: None, gone: false });
static REACHED: LazyLock<Notify> = LazyLock::new(Notify::new);

fn state() -> std::sync::MutexGuard<'static, State> {
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// From now on points are counted; at the one of that number, from 0, it happens.
pub(crate) fn begin(at: Option<(usize, How)>) {
    *state() = State { passed: Some(Vec::new()), at, gone: false };
}

/// Nobody looks any more, and nothing is gone. The names of the points that were passed.
pub(crate) fn end() -> Vec<String> {
    std::mem::take(&mut *state()).passed.unwrap_or_default()
}

/// Waits until a host was killed.
pub(crate) async fn killed() {
    REACHED.notified().await;
}

pub(super) async fn at(point: &str) -> Result<(), sqlx::Error> {
    let how = {
        let mut state = state();
        let Some(passed) = &mut state.passed else { return Ok(()) };
        let number = passed.len();
        passed.push(point.to_owned());
        let how = state.at.filter(|(at, _)| *at == number).map(|(_, how)| how);
        state.gone |= how == Some(How::Gone);
        how
    };
    if how == Some(How::Killed) {
        REACHED.notify_one();
        std::future::pending::<()>().await;
    }
    if state().gone { Err(sqlx::Error::PoolClosed) } else { Ok(()) }
}

/// A statement that writes, by its first words.
pub(super) async fn at_statement(sql: &str, writes: bool) -> Result<(), sqlx::Error> {
    if writes {
        let name: Vec<&str> = sql.split_whitespace().take_while(|w| *w != "VALUES" && !w.starts_with('(')).take(6).collect();
        return at(&name.join(" ")).await;
    }
    if state().gone { Err(sqlx::Error::PoolClosed) } else { Ok(()) }
}
