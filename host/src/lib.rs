pub mod intake;
pub mod record;
pub mod store;
