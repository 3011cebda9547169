//! The digests by which a browser knows the page's own script and style: SHA-256, in base64.
//!
//! Nothing else may be here. `tests/player` compares them with the sources, and prints the ones to
//! be written after a change. Read next: [`super::policy`].

/// Of `super::script`.
pub(super) const SCRIPT: &str = "7nm89n3ovMElL8417aoIQNqqE7TMMEZlL/9m1YL0NTo=";

/// Of `super::style`.
pub(super) const STYLE: &str = "q5sn4F/tjZZjadeN97fV6hPfERy/A6f806/WMXJSPa0=";
