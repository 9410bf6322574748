//! Bulk data from partner agencies.
