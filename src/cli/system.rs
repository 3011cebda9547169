//! Questions to the operating system that each kind of system answers in its own way: this is Unix.
//!
//! `system_windows.rs` has the same functions for Windows. Each is a few lines: what takes more is
//! a file of its own with a twin beside it. Must decide nothing.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use rustix::process::{Resource, Rlimit};

/// Whether a line can be drawn while a person types it.
pub(super) const DRAWS: bool = true;

/// Whether a terminal at stdout and stderr follows escape sequences: all of them do.
pub(super) fn knows_escapes() -> bool {
    true
}

/// The locale of the person, where the environment names none.
pub(super) fn locale() -> Option<String> {
    None
}

/// Writes to stdout, not through std's own: its buffer, lock and flushing at the end are 2 kB.
///
/// # Errors
///
/// Those of stdout.
pub(super) fn write_to_stdout(bytes: &[u8]) -> io::Result<()> {
    File::from(rustix::stdio::stdout().try_clone_to_owned()?).write_all(bytes)
}

/// How many cells a row of stdout has, where it is a terminal.
pub(super) fn stdout_columns() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(rustix::stdio::stdout()).ok()?;
    Some(usize::from(size.ws_col)).filter(|columns| *columns > 0)
}

/// The same of stderr.
pub(super) fn stderr_columns() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(rustix::stdio::stderr()).ok()?;
    Some(usize::from(size.ws_col)).filter(|columns| *columns > 0)
}

/// Whether stderr is the terminal that stdin and stdout are. Where it is another one, somebody
/// wants to see the log there.
pub(super) fn stderr_is_the_screen() -> bool {
    use rustix::stdio::{stderr, stdout};
    let device = |end| rustix::fs::fstat(end).map(|stat| stat.st_rdev);
    // By another name, such as /dev/tty: only of the terminal that rules us may this be asked.
    let is_ours = rustix::termios::tcgetpgrp(stderr()).is_ok();
    rustix::termios::isatty(stderr()) && (is_ours || device(stderr()) == device(stdout()))
}

/// A path, which may be any bytes.
pub(super) fn path_of(bytes: &[u8]) -> PathBuf {
    PathBuf::from(OsStr::from_bytes(bytes))
}

/// The folder for the state of programs, as XDG has it.
pub(super) fn state_folder() -> Option<PathBuf> {
    let absolute = |name| std::env::var_os(name).map(PathBuf::from).filter(|it| it.is_absolute());
    let home = || absolute("HOME").map(|home| home.join(".local/state"));
    absolute("XDG_STATE_HOME").or_else(home)
}

/// A name for who has no login: the user's number.
pub(super) fn user_name() -> String {
    format!("uid{}", rustix::process::getuid().as_raw())
}

/// Whether this process may do everything.
pub(super) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// The most memory that this process may have, in bytes, where there is a bound.
pub(super) fn memory_limit() -> Option<u64> {
    rustix::process::getrlimit(Resource::As).current
}

/// Descriptors that macOS grants to one process: `OPEN_MAX` of its `sys/syslimits.h`.
const OPEN_MAX: u64 = 10_240;

/// How many descriptors there may be, after asking for as many as the system lets us have.
pub(super) fn descriptor_limit() -> usize {
    let limit = rustix::process::getrlimit(Resource::Nofile);
    let raise = |current| {
        let raised = Rlimit { current, maximum: limit.maximum };
        rustix::process::setrlimit(Resource::Nofile, raised).is_ok().then_some(current)
    };
    // macOS calls its limit infinite, and refuses to grant more than its OPEN_MAX.
    let raised = raise(limit.maximum).or_else(|| raise(limit.current.max(Some(OPEN_MAX))));
    let current = raised.unwrap_or(limit.current);
    // No limit at all: as many as places in the slab.
    current.and_then(|count| usize::try_from(count).ok()).unwrap_or(u32::MAX as usize)
}

/// Whether a file of this name would be a device, in whatever folder: none is.
pub(super) fn is_device(_: &str) -> bool {
    false
}
