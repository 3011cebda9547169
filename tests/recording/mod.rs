//! `--record`: recordings of real processes against their schema, and faults of the files and pipes
//! that they are written to.

mod places;
mod schema;
mod sessions;

use std::path::Path;

use crate::support::Process;

/// A finished recording, checked against the schema.
fn checked(path: impl AsRef<Path>) -> schema::Checked {
    schema::check(&std::fs::read_to_string(path).expect("a recording of UTF-8"))
}

/// Ends a process in order.
#[track_caller]
fn end(process: &mut Process) {
    process.signal("TERM");
    process.wait();
}
