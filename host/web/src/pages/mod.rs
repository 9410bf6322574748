//! The pages, a file for each kind of work.

mod administration;
mod claims;
mod common;
mod contracts;
mod decisions;
mod families;
mod help;
mod home;
mod intake;
mod our_work;
mod overview;
mod services;
mod sign_in;
mod tasks;

use axum::Router;

use crate::Pages;

pub fn routes() -> Router<Pages> {
    Router::new()
        .merge(sign_in::routes())
        .merge(home::routes())
        .merge(families::routes())
        .merge(tasks::routes())
        .merge(decisions::routes())
        .merge(claims::routes())
        .merge(overview::routes())
        .merge(services::routes())
        .merge(contracts::routes())
        .merge(help::routes())
        .merge(our_work::routes())
        .merge(intake::routes())
        .merge(administration::routes())
}
