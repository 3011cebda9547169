//! The digests by which a browser knows the page's own script and style: SHA-256, in base64.
//!
//! Nothing else may be here. `tests/player` compares them with the sources, and prints the new ones
//! after a change. Read next: [`super::policy`].

/// The digest of `super::script`.
pub(super) const SCRIPT: &str = "t7INsezL24TWcR8kumaaBQ+dOCA18To1DJWwlROVhCc=";

/// The digest of `super::style`.
pub(super) const STYLE: &str = "MaYF64xdzWBrQ2k+6xhRChjLXlR3KVNyQtSz8qVxESg=";
