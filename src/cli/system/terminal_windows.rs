//! stdout and stderr as consoles, on Windows: `terminal.rs` has the same for Unix.

use std::io::{self, Write};

use terminal_size::{Height, Width, terminal_size_of};

/// Whether a line can be drawn while a person types it.
pub(crate) const DRAWS: bool = false;

/// Whether the console at stdout and stderr obeys escape sequences. Windows obeys them only after
/// this call.
pub(crate) fn obeys_escapes() -> bool {
    anstyle_query::windows::enable_ansi_colors().unwrap_or(false)
}

/// Writes to stdout through std, which gives a console UTF-16 whatever its code page is.
pub(crate) fn write_to_stdout(bytes: &[u8]) -> io::Result<()> {
    let mut stdout = io::stdout();
    stdout.write_all(bytes)?;
    stdout.flush()
}

/// The width of stdout in cells. `None`: it is no console.
pub(crate) fn stdout_columns() -> Option<usize> {
    columns(terminal_size_of(io::stdout()))
}

/// The width of stderr in cells. `None`: it is no console.
pub(crate) fn stderr_columns() -> Option<usize> {
    columns(terminal_size_of(io::stderr()))
}

fn columns(size: Option<(Width, Height)>) -> Option<usize> {
    size.map(|(width, _)| usize::from(width.0)).filter(|columns| *columns > 0)
}

/// Whether stderr is the screen that is drawn on: nothing is drawn here.
pub(crate) fn stderr_is_the_screen() -> bool {
    false
}
