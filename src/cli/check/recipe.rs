//! How a program under test is started, and what is filled in there.
//!
//! Read next: [`super::program`], which starts it.

use std::path::PathBuf;

/// How a program is started.
#[derive(Clone, Debug)]
pub(super) struct Recipe {
    /// The command, with `{port}` and `{name}` in it.
    pub(super) command: Vec<String>,
    /// Where it is run.
    #[cfg_attr(windows, allow(dead_code, reason = "nothing is run there"))]
    pub(super) folder: Option<PathBuf>,
}

/// Puts values in the place of `{key}`. Other braces stay as they are: they belong to the command.
pub(super) fn filled(text: &str, values: &[(&str, &str)]) -> String {
    let fill =
        |text: String, (key, value): &(&str, &str)| text.replace(&format!("{{{key}}}"), value);
    values.iter().fold(text.to_string(), fill)
}
