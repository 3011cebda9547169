//! Programs that a test wants and a machine may lack. The test then prints SKIPPED, and passes.

use std::io::{self, Write};
use std::path::PathBuf;

/// Prints what is not tested, and why. Not `eprintln`, which a test that passes does not show.
pub fn skip(text: &str) {
    let _ = writeln!(io::stderr(), "SKIPPED: {text}");
}

/// The path of the first of these programs that is installed. `None`, and SKIPPED: there is none.
pub fn wanted(programs: &[&str]) -> Option<PathBuf> {
    let found = programs.iter().find_map(|name| installed(name));
    if found.is_none() {
        skip(&format!("there is no {}", programs.join(" and no ")));
    }
    found
}

/// The path of a program, where it is installed. Debian has servers in folders outside of PATH.
pub fn installed(program: &str) -> Option<PathBuf> {
    let path = std::env::var("PATH").unwrap_or_default() + ":/usr/local/sbin:/usr/sbin:/sbin";
    let places = path.split(':').map(|folder| PathBuf::from(folder).join(program));
    places.into_iter().find(|place| place.is_file())
}
