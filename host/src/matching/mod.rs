//! Are these two the same person? Pure: what is known of one and of another goes in, levels of agreement with their weight and an answer
//! come out.
//!
//! The method is Fellegi and Sunter's (*A Theory for Record Linkage*, JASA 64, 1969): each thing that is compared agrees at one of a few
//! levels, each level weighs log2(m/u) bits, where m is how often it is found between two statements about one person and u between
//! statements about two, and the bits are added. Names are compared as Winkler does (*String Comparator Metrics …*, 1990). What the
//! method takes for granted, that names, birth dates and addresses err independently, is untrue of families: they share surnames and
//! addresses, and twins a birth date. So a few rules stand above the sum ([`decide`]).
//!
//! The room has no I/O. The store keeps [`keys`] beside each person, so that whoever may be the same is found by an index.

pub mod decide;
pub mod keys;
pub mod names;
pub mod profile;
pub mod weigh;

pub use decide::{Answer, Candidate, Thresholds, decide};
pub use profile::{Place, Profile};
pub use weigh::{Agreement, Level, compare};
