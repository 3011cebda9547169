//! The digests by which a browser knows the page's own script and style: SHA-256, in base64.
//!
//! Nothing else may be here. `tests/player` compares them with the sources, and prints the ones to
//! be written after a change. Read next: [`super::policy`].

/// Of `super::script`.
pub(super) const SCRIPT: &str = "lUJlnW31BUoKVmu1Hhs6Z8zn15i0o2S2ZOjDqYSdplo=";

/// Of `super::style`.
pub(super) const STYLE: &str = "RNHBHiedIKUs4If0ah4ciJM1qXWRmvqoQoEDWPUyCA8=";
