//! stdout and stderr as terminals, on Unix.

use std::fs::File;
use std::io::{self, Write};

/// Whether a line can be drawn while a person types it.
pub(crate) const DRAWS: bool = true;

/// Whether a terminal at stdout and stderr obeys escape sequences. On Unix all of them do.
pub(crate) fn obeys_escapes() -> bool {
    true
}

/// Writes to stdout without std's buffer, lock and flush at the end: they would be 2 kB of the
/// program.
pub(crate) fn write_to_stdout(bytes: &[u8]) -> io::Result<()> {
    File::from(rustix::stdio::stdout().try_clone_to_owned()?).write_all(bytes)
}

/// The width of stdout in cells. `None`: it is no terminal.
pub(crate) fn stdout_columns() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(rustix::stdio::stdout()).ok()?;
    Some(usize::from(size.ws_col)).filter(|columns| *columns > 0)
}

/// The width of stderr in cells. `None`: it is no terminal.
pub(crate) fn stderr_columns() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(rustix::stdio::stderr()).ok()?;
    Some(usize::from(size.ws_col)).filter(|columns| *columns > 0)
}

/// Whether stderr is the terminal of stdin and stdout. A person who sends stderr to another
/// terminal wants to read the log there.
pub(crate) fn stderr_is_the_screen() -> bool {
    use rustix::stdio::{stderr, stdout};
    let device = |end| rustix::fs::fstat(end).map(|stat| stat.st_rdev);
    // /dev/tty is the same terminal under another name. `tcgetpgrp` works only on the terminal
    // that controls this process.
    let is_ours = rustix::termios::tcgetpgrp(stderr()).is_ok();
    rustix::termios::isatty(stderr()) && (is_ours || device(stderr()) == device(stdout()))
}
