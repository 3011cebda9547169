//! The account that the program runs under, on Windows: `account.rs` has the same for Unix.

use std::path::PathBuf;

/// The locale of the person, where the environment names none: `pt-BR`.
pub(crate) fn locale() -> Option<String> {
    sys_locale::get_locale()
}

/// The folder for the state of programs.
pub(crate) fn state_folder() -> Option<PathBuf> {
    std::env::var_os("LOCALAPPDATA").map(PathBuf::from).filter(|it| it.is_absolute())
}

/// The login name: Windows has another variable for it than Unix.
pub(crate) fn user_name() -> String {
    std::env::var("USERNAME").ok().filter(|name| !name.is_empty()).unwrap_or("papo".to_string())
}

/// Whether this process has all privileges. Windows is not asked.
pub(crate) fn is_root() -> bool {
    false
}
