//! The pages, a file for each kind of work.

mod administration;
mod asking;
mod claims;
mod common;
mod contracts;
mod decisions;
mod families;
mod help;
mod home;
mod intake;
mod limits;
mod meetings;
mod our_work;
mod overview;
mod plugins;
mod services;
mod sign_in;
mod tasks;

// Keyworkers and the front door.
pub mod assessments;
mod family;
mod front_door;
mod mine;
mod ranked;
mod sent;

use axum::Router;

use crate::Pages;

#[rustfmt::skip] // one a line, so that two people can add one
pub fn routes() -> Router<Pages> {
    let all = [
        sign_in::routes(),
        home::routes(),
        families::routes(),
        tasks::routes(),
        decisions::routes(),
        plugins::routes(),
        asking::routes(),
        assessments::routes(),
        family::routes(),
        front_door::routes(),
        mine::routes(),
        sent::routes(),
        claims::routes(),
        overview::routes(),
        services::routes(),
        contracts::routes(),
        help::routes(),
        our_work::routes(),
        intake::routes(),
        administration::routes(),
        limits::routes(),
        meetings::routes(),
    ];
    all.into_iter().fold(Router::new(), Router::merge)
}
