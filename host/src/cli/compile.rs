//! `hearth compile`: the process that compiles for a host. Nobody types it.

use std::process::ExitCode;

use clap::Args;

use crate::sandbox::compiler::{self, Order, User};

#[derive(Debug, Args)]
pub(super) struct Compile {
    /// Bytes of address space.
    #[arg(long)]
    memory: u64,
    /// Seconds of processor time.
    #[arg(long)]
    processor: u64,
    #[arg(long)]
    user: User,
    /// Try the walls, and say how that went.
    #[arg(long)]
    trial: bool,
}

impl Compile {
    pub(super) fn run(&self) -> ExitCode {
        let Self { memory, processor, user, trial } = *self;
        compiler::run(Order { memory, processor, user, trial })
    }
}
