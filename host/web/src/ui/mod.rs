//! What pages are put together from: the parts of GOV.UK Frontend that we use, as functions. Everything that is put into them is escaped.

pub mod chart;
pub mod follow;
pub mod form;
pub mod list;
pub mod page;
pub mod schema;
mod sent;
pub mod typed;
pub mod upload;

pub use page::{Crumb, Page};
