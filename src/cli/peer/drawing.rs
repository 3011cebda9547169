//! How a person's line is drawn: which view there is, and what only a view that draws needs.
//!
//! `drawing_small.rs` is for a build without the line editor. Read next: [`crate::console::live`].

use std::io::{self, IsTerminal};

use mio::Registry;

use super::talk_log::TalkLog;
use super::whole_lines;
use crate::cli::Failure;
use crate::cli::arguments::options::{self, Choices};
use crate::cli::host::program::CONSOLE_TOKENS;
use crate::cli::logging::Log;
use crate::cli::system::terminal;
use crate::console::ability::{self, BELL_WORDS, COLOR_WORDS};
use crate::console::language::Language;
use crate::console::live::{Live, Style};
use crate::console::person::Person;
use crate::console::view::View;
pub(super) use crate::console::wall_clock::WallClock;
use crate::machine::Millis;

/// The person's view, as the options and the terminal allow it.
pub(super) fn view(matches: &Choices, language: Language) -> Result<View, Failure> {
    let color = options::one_of(matches, "color", &COLOR_WORDS)?.unwrap_or_default();
    let bell = options::one_of(matches, "bell", &BELL_WORDS)?.unwrap_or_default();
    let (term, no_color) = (std::env::var("TERM").ok(), std::env::var("NO_COLOR").ok());
    let [stdin, stdout] = [io::stdin().is_terminal(), io::stdout().is_terminal()];
    let plain = matches.is_on("plain")?;
    if !terminal::DRAWS || !ability::draws(stdin, stdout, plain, term.as_deref()) {
        return Ok(whole_lines(language));
    }
    let paints = ability::paints(color, no_color.as_deref(), term.as_deref());
    Ok(View::Live(Box::new(Live::new(Style { language, paints, bell }))))
}

/// The person at this view. While a line is drawn, the log is held.
pub(super) fn open(view: View, registry: &Registry, log: &Log) -> io::Result<Person> {
    let draws = matches!(view, View::Live(_));
    let mut person = Person::new(view, registry, CONSOLE_TOKENS)?;
    if draws {
        if terminal::stderr_is_the_screen() {
            log.hold();
        }
        person.draw_on_terminal(registry)?;
    }
    Ok(person)
}

/// Shows the log lines that were held, above the line being typed.
pub(super) fn show_log(person: &mut Person, log: &Log) {
    if let Some((lines, dropped)) = log.take_held() {
        person.show_log(&lines, dropped);
    }
}

/// Tells the view and the log of conversations the time on the wall.
pub(super) fn tell_time(
    person: &mut Person,
    clock: &mut WallClock,
    now: Millis,
    log: Option<&mut TalkLog>,
) {
    let Some(time) = clock.read(now) else { return };
    if let Some(live) = person.live() {
        live.set_time(time);
    }
    if let Some(log) = log {
        log.tell_time(time);
    }
}
