//! Rules for all bytes, names, addresses and deadlines, tested with thousands of random inputs.
//!
//! Each test compares the code with a simple model: a framer of ten lines, a vector of bytes, a table
//! of deadlines. If a rule breaks, proptest searches the smallest input that breaks it, and prints it.
//!
//! | file | about |
//! | --- | --- |
//! | [`lines`] | lines from bytes in pieces |
//! | [`messages`] | requests, replies and speech, written and read again |
//! | [`names`] | the names that are not allowed |
//! | [`hostile`] | any bytes |
//! | [`output`] | writes to a full socket |
//! | [`deadlines`] | the timer wheel of the machines |

mod deadlines;
mod hostile;
mod lines;
mod messages;
mod names;
mod output;

use proptest::prelude::ProptestConfig;

/// Enough to find a mistake that needs a few bytes, in about a second.
pub(crate) fn thousands() -> ProptestConfig {
    // No files: a failure that is worth keeping becomes a named test.
    ProptestConfig { cases: 5_000, failure_persistence: None, ..ProptestConfig::default() }
}
