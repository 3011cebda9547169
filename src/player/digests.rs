//! The digests by which a browser knows the page's own script and style: SHA-256, in base64.
//!
//! Nothing else may be here. `tests/player` compares them with the sources, and prints the ones to
//! be written after a change. Read next: [`super::policy`].

/// Of `super::script`.
pub(super) const SCRIPT: &str = "73vLjjIKBAKy2yj1ARtAYRl+64ICe6dFQmAzOUGK+k4=";

/// Of `super::style`.
pub(super) const STYLE: &str = "IxYeNSP+gc5Lx6qvsireHNTexMn/GwJRrtKJ+DBuFuQ=";
