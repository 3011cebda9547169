//! The rules for all bytes, names, addresses and deadlines, tried with thousands of them.
//!
//! Each test states a rule, makes inputs by chance, and compares with something so plain that
//! it can be believed at sight: a framer of ten lines, a vector of bytes, a table of deadlines.
//! When a rule breaks, proptest looks for the smallest input that breaks it, and prints that.
//!
//! | file | about |
//! | --- | --- |
//! | [`lines`] | lines out of pieces |
//! | [`messages`] | requests, replies and speech, there and back |
//! | [`names`] | which names are none |
//! | [`hostile`] | strangers' bytes |
//! | [`output`] | bytes into a full socket |
//! | [`deadlines`] | the timer wheel, which the machines share |

mod deadlines;
mod hostile;
mod lines;
mod messages;
mod names;
mod output;

use proptest::prelude::ProptestConfig;

/// Enough to find what a few bytes can break, and few enough to be done in a breath.
pub(crate) fn thousands() -> ProptestConfig {
    // No files: a failure that is worth keeping becomes a test with a name.
    ProptestConfig { cases: 5_000, failure_persistence: None, ..ProptestConfig::default() }
}
