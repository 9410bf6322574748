//! The interface of `wit/`, bound once for the whole host.
//!
//! One world imports every section and exports every extension point. Its own `EverythingPre` is never used, since it
//! would demand all exports; each extension point's `GuestIndices` is looked up instead, so that a component may offer
//! any of them.
#![allow(clippy::all, clippy::pedantic, reason = "generated; documented in wit/")]

wasmtime::component::bindgen!({
    path: [
        "../wit/family",
        "../wit/platform",
        "../wit/decision",
        "../wit/actions",
        "../wit/outcomes",
        "../wit/assessment",
        "../wit/pathway",
        "../wit/commissioning",
        "../wit/host",
    ],
    world: "hearth:host/everything",
    // A host function that answers `Err` ends the run: the guest cannot catch it. They answer from memory, so none waits.
    imports: { default: trappable },
    exports: { default: async },
    require_store_data_send: true,
    anyhow: true,
});
