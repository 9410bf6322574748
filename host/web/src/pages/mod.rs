//! The pages, a file for each kind of work.

mod decisions;
mod families;
mod home;
mod sign_in;
mod tasks;

// Keyworkers and the front door.
pub mod assessments;
mod codes;
mod family;
mod front_door;
mod mine;
mod ranked;
mod sent;

use axum::Router;

use crate::Pages;

pub fn routes() -> Router<Pages> {
    let first = Router::new().merge(sign_in::routes()).merge(home::routes()).merge(families::routes()).merge(tasks::routes());
    let work = Router::new()
        .merge(assessments::routes())
        .merge(family::routes())
        .merge(front_door::routes())
        .merge(mine::routes())
        .merge(sent::routes());
    first.merge(decisions::routes()).merge(work)
}
