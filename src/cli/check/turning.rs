//! Runs a check on an event loop: starts the program under test, types into it, shows how far it
//! is.
//!
//! The only place of `papo check` that drives the loop. Read next: [`crate::check`].

use std::collections::VecDeque;
use std::io::{IsTerminal, Write, stderr};
use std::time::Duration;

use super::program::{Program, Recipe};
use super::typing::Commands;
use crate::check::notice::{Notice, Report};
use crate::check::{Check, PeerPlan};
use crate::cli::Failure;
use crate::console::check::{by_hand, plain};
use crate::console::language::{Language, Text, text};
use crate::event_loop::{EventLoop, socket};
use crate::machine::{Framing, Output, Terminal, Typed};

/// Where stderr is no terminal, of so many lines of progress one is shown.
const LINES_APART: usize = 5;

/// How often the screen and the end of the program under test are looked at.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// A peer that is to be checked.
#[derive(Clone, Debug)]
pub(super) struct Tested {
    /// How it is started. `None`: a person does it.
    pub(super) recipe: Option<Recipe>,
    /// What is typed into it.
    pub(super) commands: Commands,
}

/// Checks a server, and returns what was found.
///
/// # Errors
///
/// Those of the event loop.
pub(super) fn of_server(check: Check, language: Language) -> Result<Report, Failure> {
    let mut event_loop = begin(check, Watcher::new(language, None, 0))?;
    take_turns(&mut event_loop)
}

/// Checks a peer, and returns what was found. `plan` has the address where the server that the
/// check plays is to listen.
///
/// # Errors
///
/// Where nobody can listen there or the program cannot be started, and those of the event loop.
pub(super) fn of_peer(
    plan: PeerPlan,
    tested: Tested,
    language: Language,
) -> Result<Report, Failure> {
    let wanted = plan.listening;
    let failed = |error| Failure::listen(&wanted.to_string(), error);
    let listener = socket::listen(wanted).map_err(failed)?;
    let listening = listener.local_addr().map_err(failed)?;
    let check = Check::of_peer(PeerPlan { listening, ..plan });
    let mut event_loop = begin(check, Watcher::new(language, Some(tested), listening.port()))?;
    event_loop.listen(listener, Framing::Raw).map_err(Failure::event_loop)?;
    take_turns(&mut event_loop)
}

fn begin(check: Check, watcher: Watcher) -> Result<EventLoop<Check, Watcher>, Failure> {
    let mut event_loop = EventLoop::new(check, watcher).map_err(Failure::event_loop)?;
    event_loop.watch_signals().map_err(Failure::event_loop)?;
    Ok(event_loop)
}

fn take_turns(event_loop: &mut EventLoop<Check, Watcher>) -> Result<Report, Failure> {
    const NO_REPORT: Text = text("nothing was found", "nada foi verificado");
    loop {
        let looks = event_loop.terminal().program.is_some();
        let exit = event_loop.turn(looks.then_some(LOOK_EVERY)).map_err(Failure::event_loop)?;
        let watcher = event_loop.terminal();
        watcher.look_at_program();
        if let Some(failure) = watcher.failure.take() {
            return Err(failure);
        }
        if exit.is_some() {
            watcher.wipe();
            return watcher.report.take().ok_or_else(|| Failure::run(NO_REPORT, &[]));
        }
    }
}

/// Shows progress on stderr, has the program under test, and keeps the report.
#[derive(Debug)]
struct Watcher {
    language: Language,
    is_terminal: bool,
    lines: usize,
    tested: Option<Tested>,
    /// The port of the server that the check plays.
    port: String,
    program: Option<Program>,
    /// What is to be told to the check.
    news: VecDeque<Typed>,
    failure: Option<Failure>,
    report: Option<Report>,
}

impl Watcher {
    fn new(language: Language, tested: Option<Tested>, port: u16) -> Self {
        Self {
            language,
            is_terminal: stderr().is_terminal(),
            lines: 0,
            tested,
            port: port.to_string(),
            program: None,
            news: VecDeque::new(),
            failure: None,
            report: None,
        }
    }

    fn take(&mut self, notice: Notice) {
        match notice {
            Notice::Report(report) => self.report = Some(report),
            Notice::Progress { done, total, rule } => self.show_progress(done, total, rule),
            Notice::Start { name } => self.start(&name),
            Notice::LogIn { line, name } => {
                let line =
                    self.tested.as_ref().map(|it| it.commands.login(line, &name, &self.port));
                self.type_line(&line.unwrap_or_default());
            }
            Notice::Type { what, text, to } => {
                let line = self.tested.as_ref().map(|it| it.commands.line(what, &text, &to));
                self.type_line(&line.unwrap_or_default());
            }
        }
    }

    fn start(&mut self, name: &str) {
        const CANNOT: Text = text("cannot start {command}", "não foi possível iniciar {command}");
        // The one before ends first: its port may be fixed.
        self.program = None;
        let Some(Tested { recipe: Some(recipe), .. }) = &self.tested else {
            return self.tell(&by_hand::start(&self.port, name, self.language));
        };
        match recipe.start(&[("port", &self.port), ("name", name)]) {
            Ok(program) => self.program = Some(program),
            Err(error) => {
                let command = recipe.command.join(" ");
                let failure = Failure::run(CANNOT, &[("command", &command)]);
                self.failure = Some(failure.because(error));
            }
        }
    }

    fn type_line(&mut self, line: &str) {
        match &mut self.program {
            Some(program) => program.type_text(&format!("{line}\n")),
            None => self.tell(&by_hand::type_line(line, self.language)),
        }
    }

    /// Tells the check what the program has written, and that it has ended.
    fn look_at_program(&mut self) {
        let Some(program) = &mut self.program else { return };
        program.flush();
        let has_ended = program.ended_just_now();
        let written = program.written();
        if !written.is_empty() {
            self.news.push_back(Typed::Line(written));
        }
        if has_ended {
            self.news.push_back(Typed::End);
        }
    }

    /// Tells the person who runs the program what to do.
    fn tell(&mut self, line: &str) {
        self.wipe();
        let _ = writeln!(stderr(), "{line}");
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
        self.news.pop_front()
    }

    fn show(&mut self, notice: Notice, _output: &mut Output) {
        self.take(notice);
    }

    fn show_skipped(&mut self, _lines: usize, _output: &mut Output) {}
}
