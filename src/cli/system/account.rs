//! The account that the program runs under, on Unix. Read next: [`super::files`].

use std::path::PathBuf;

/// The locale of the person, where the environment names none.
pub(crate) fn locale() -> Option<String> {
    None
}

/// The folder for the state of programs, as XDG has it.
pub(crate) fn state_folder() -> Option<PathBuf> {
    let absolute = |name| std::env::var_os(name).map(PathBuf::from).filter(|it| it.is_absolute());
    let home = || absolute("HOME").map(|home| home.join(".local/state"));
    absolute("XDG_STATE_HOME").or_else(home)
}

/// A name for an account without a login name: the user's number.
pub(crate) fn user_name() -> String {
    format!("uid{}", rustix::process::getuid().as_raw())
}

/// Whether this process has all privileges.
pub(crate) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}
