//! Runs a check on an event loop, and shows how far it is.
//!
//! The only place of `papo check` that drives the loop. Read next: [`crate::check`].

use std::io::{IsTerminal, Write, stderr};

use crate::check::Check;
use crate::check::notice::{Notice, Report};
use crate::cli::Failure;
use crate::console::check::plain;
use crate::console::language::Language;
use crate::event_loop::EventLoop;
use crate::machine::{Output, Terminal, Typed};

/// Where stderr is no terminal, every so many lines of progress one is shown.
const LINES_APART: usize = 5;

/// Takes turns until the check is over, and returns what was found.
///
/// # Errors
///
/// Those of the event loop.
pub(super) fn run(check: Check, language: Language) -> Result<Report, Failure> {
    let watcher = Watcher::new(language);
    let mut event_loop = EventLoop::new(check, watcher).map_err(Failure::event_loop)?;
    event_loop.watch_signals().map_err(Failure::event_loop)?;
    let _ = event_loop.run().map_err(Failure::event_loop)?;
    let watcher = event_loop.terminal();
    watcher.wipe();
    let none = || Report { findings: Vec::new(), edition: None, elapsed_ms: 0 };
    Ok(watcher.report.take().unwrap_or_else(none))
}

/// Shows progress on stderr, and keeps the report.
#[derive(Debug)]
struct Watcher {
    language: Language,
    is_terminal: bool,
    lines: usize,
    report: Option<Report>,
}

impl Watcher {
    fn new(language: Language) -> Self {
        Self { language, is_terminal: stderr().is_terminal(), lines: 0, report: None }
    }

    fn take(&mut self, notice: Notice) {
        match notice {
            Notice::Report(report) => self.report = Some(report),
            Notice::Progress { done, total, rule } => self.show_progress(done, total, rule),
        }
    }

    fn show_progress(&mut self, done: usize, total: usize, rule: &str) {
        self.lines += 1;
        let line = plain::progress(done, total, rule, self.language);
        // That nobody reads stderr is no reason to end.
        let _ = match (self.is_terminal, self.lines % LINES_APART) {
            (true, _) => write!(stderr(), "\r\x1b[K{line}"),
            (false, 0) => writeln!(stderr(), "{line}"),
            (false, _) => Ok(()),
        };
    }

    /// Takes the line of progress away.
    fn wipe(&self) {
        if self.is_terminal && self.lines > 0 {
            let _ = write!(stderr(), "\r\x1b[K");
        }
    }
}

impl Terminal for Watcher {
    type Notice = Notice;

    fn type_bytes(&mut self, _bytes: &[u8]) {}

    fn end_typing(&mut self) {}

    fn next_typed(&mut self) -> Option<Typed> {
        None
    }

    fn show(&mut self, notice: Notice, _output: &mut Output) {
        self.take(notice);
    }

    fn show_skipped(&mut self, _lines: usize, _output: &mut Output) {}
}
