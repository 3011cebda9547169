//! Questions to the operating system that each kind of system answers in its own way: this is
//! Windows. `system.rs` has the same functions for Unix.
//!
//! Must decide nothing.

use std::io::{self, Write};
use std::path::PathBuf;

/// Names that are devices in every folder, whatever ending they have: a file `CON.log` is the
/// console.
const DEVICES: [&str; 6] = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"];

/// And these with one digit behind them.
const NUMBERED_DEVICES: [&str; 2] = ["COM", "LPT"];

/// Whether a line can be drawn while a person types it.
pub(super) const DRAWS: bool = false;

/// Whether the console at stdout and stderr follows escape sequences. It does from now on, if it
/// can: Windows wants to be asked.
pub(super) fn knows_escapes() -> bool {
    anstyle_query::windows::enable_ansi_colors().unwrap_or(false)
}

/// The locale of the person, where the environment names none: `pt-BR`.
pub(super) fn locale() -> Option<String> {
    sys_locale::get_locale()
}

/// Writes to stdout through std, which gives a console UTF-16 whatever its code page is.
///
/// # Errors
///
/// Those of stdout.
pub(super) fn write_to_stdout(bytes: &[u8]) -> io::Result<()> {
    let mut stdout = io::stdout();
    stdout.write_all(bytes)?;
    stdout.flush()
}

/// How many cells a row of stdout has, where it is a console.
pub(super) fn stdout_columns() -> Option<usize> {
    columns(terminal_size::terminal_size_of(io::stdout()))
}

/// The same of stderr.
pub(super) fn stderr_columns() -> Option<usize> {
    columns(terminal_size::terminal_size_of(io::stderr()))
}

fn columns(size: Option<(terminal_size::Width, terminal_size::Height)>) -> Option<usize> {
    size.map(|(width, _)| usize::from(width.0)).filter(|columns| *columns > 0)
}

/// Whether stderr is the screen that is drawn on: nothing is drawn here.
pub(super) fn stderr_is_the_screen() -> bool {
    false
}

/// A path, which is text. U+FFFD stands for what is none, as in half of a pair of UTF-16.
pub(super) fn path_of(bytes: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(bytes).into_owned())
}

/// The folder for the state of programs.
pub(super) fn state_folder() -> Option<PathBuf> {
    std::env::var_os("LOCALAPPDATA").map(PathBuf::from).filter(|it| it.is_absolute())
}

/// A name for who has no login in the variables that Unix has: Windows has its own.
pub(super) fn user_name() -> String {
    std::env::var("USERNAME").ok().filter(|name| !name.is_empty()).unwrap_or("papo".to_string())
}

/// Whether this process may do everything. Nobody asks it here.
pub(super) fn is_root() -> bool {
    false
}

/// The most memory that this process may have: there is no such bound.
pub(super) fn memory_limit() -> Option<u64> {
    None
}

/// As many sockets as a system of Unix lets a program have. Windows has no bound of its own but its
/// memory.
const SOCKETS_MAX: usize = 16 * 1024;

/// How many sockets there may be.
pub(super) fn descriptor_limit() -> usize {
    SOCKETS_MAX
}

/// Whether a file of this name would be a device, in whatever folder.
pub(super) fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_ascii_uppercase();
    let is_numbered = NUMBERED_DEVICES.iter().any(|device| {
        let number = stem.strip_prefix(device).map(|number| number.chars().collect::<Vec<_>>());
        matches!(number.as_deref(), Some(['0'..='9' | '¹' | '²' | '³']))
    });
    is_numbered || DEVICES.contains(&stem.as_str())
}
