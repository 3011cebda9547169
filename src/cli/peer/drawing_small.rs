//! Whole lines only: `drawing.rs` has the view of a build with the line editor.

use std::io;

use mio::Registry;

use super::talk_log::TalkLog;
use super::whole_lines;
use crate::cli::Failure;
use crate::cli::arguments::options::{self, Choices};
use crate::cli::host::program::CONSOLE_TOKENS;
use crate::cli::logging::Log;
use crate::console::ability::{BELL_WORDS, COLOR_WORDS};
use crate::console::language::Language;
use crate::console::person::Person;
use crate::console::view::View;
use crate::machine::Millis;

/// The person's view. The options of the other view have no effect here, but their values are
/// checked.
pub(super) fn view(matches: &Choices, language: Language) -> Result<View, Failure> {
    options::one_of(matches, "color", &COLOR_WORDS)?;
    options::one_of(matches, "bell", &BELL_WORDS)?;
    Ok(whole_lines(language))
}

/// The person at this view.
pub(super) fn open(view: View, registry: &Registry, _: &Log) -> io::Result<Person> {
    Person::new(view, registry, CONSOLE_TOKENS)
}

/// Shows nothing: the log is not held.
pub(super) fn show_log(_: &mut Person, _: &Log) {}

/// No clock: nothing in this view shows the time.
#[derive(Default)]
pub(super) struct WallClock {}

/// Does nothing: no view and no log needs the time.
pub(super) fn tell_time(_: &mut Person, _: &mut WallClock, _: Millis, _: Option<&mut TalkLog>) {}
