//! Record x sandbox → decision, actions.
