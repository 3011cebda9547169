//! `--record`: real recordings held against their schema, and what may go wrong with the place
//! where they go.

mod places;
mod schema;
mod sessions;

use std::path::Path;

use crate::support::Process;

/// A recording that is finished, held against the schema.
fn checked(path: impl AsRef<Path>) -> schema::Checked {
    schema::check(&std::fs::read_to_string(path).expect("a recording of UTF-8"))
}

/// Ends a process in order.
#[track_caller]
fn end(process: &mut Process) {
    process.signal("TERM");
    process.wait();
}
