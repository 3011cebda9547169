//! `--record`: real recordings held against their schema, and what may go wrong with the place
//! where they go.

mod places;
mod schema;
mod sessions;

use std::path::{Path, PathBuf};

use crate::support::Process;

/// A folder of a test's own, which goes with it.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("papo-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir(&path).expect("a new folder");
        Self(path)
    }

    fn file(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

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
