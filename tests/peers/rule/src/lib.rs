//! The rule of `tests/conformance/rust`, its source unchanged, with `hearth` answered from memory in place of the host's interface:
//! as a native function, and for Extism's plugin.

pub mod given;
pub mod hearth;
pub mod reckoning;

pub use given::{Answer, Given};

/// What `wit_bindgen::generate!` would make is [`hearth`] here.
mod wit_bindgen {
    macro_rules! generate {
        ($($world:tt)*) => {};
    }
    pub(crate) use generate;
}

pub mod exports {
    pub mod hearth {
        pub mod outcomes {
            pub mod rules {
                use crate::hearth::decision::messages::Failure;

                pub trait Guest {
                    fn eligibility() -> Result<String, Failure>;
                    fn progress() -> Result<String, Failure>;
                }
            }
        }
    }
}

macro_rules! export {
    ($plugin:ident) => {
        /// Asks about progress.
        #[must_use]
        pub fn progress(given: std::rc::Rc<Given>) -> Answer {
            given::asked(given, $plugin::progress)
        }
    };
}

include!(concat!(env!("OUT_DIR"), "/src/rule.rs"));
