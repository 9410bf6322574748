//! The same rule as an Extism plugin: JSON in, JSON out.

use extism_pdk::{FnResult, plugin_fn};

#[plugin_fn]
pub fn progress(given: Vec<u8>) -> FnResult<Vec<u8>> {
    let answer = rule::progress(serde_json::from_slice::<rule::Given>(&given)?.into());
    Ok(serde_json::to_vec(&answer)?)
}
