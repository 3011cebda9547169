//! Runs a check on an event loop: starts the program under test, types into it, and shows progress.
//!
//! The only place of `papo check` that drives the loop. Read next: [`crate::check`].

use std::io::{IsTerminal, Write, stderr};
use std::net::SocketAddr;
use std::time::Duration;

use log::LevelFilter;
use mio::Token;

use super::program::ChildProgram;
use super::recipe::Recipe;
use super::typing::Commands;
use crate::check::notice::{Met, Notice, Order, PairsNotice, Report};
use crate::check::pairs::{Pairs, PairsPlan};
use crate::check::{Check, Command, PeerPlan};
use crate::cli::Failure;
use crate::cli::host::listening::{Listener, listen};
use crate::cli::host::program::{CONSOLE_TOKENS, Program};
use crate::cli::host::service::Service;
use crate::cli::logging;
use crate::cli::system::terminal;
use crate::console::check::{matrix, plain};
use crate::console::language::{Language, Text, text};
use crate::event_loop::EventLoop;
use crate::machine::{Framing, Machine};
use crate::wire::REQUEST_LIMIT;

/// Where stderr is no terminal, one of this many lines of progress is shown, unless it would repeat
/// the line before it.
const LINES_APART: usize = 5;

/// How often programs are examined for their end: a terminal does not always report it.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Most programs that run at once.
const SEATS: usize = 2;

/// The sentence for a person who runs the program by hand.
const START: Text = text!(
    "→ start your program (again), with the server 127.0.0.1:{port} and the name {name}",
    "→ inicie (de novo) o seu programa, com o servidor 127.0.0.1:{port} e o nome {name}",
);
const TYPE: Text = text!("→ type into it: {line}", "→ digite nele: {line}");

/// A peer that is to be checked.
#[derive(Clone, Debug)]
pub(super) struct Tested {
    /// How it is started. `None`: a person starts it.
    pub(super) recipe: Option<Recipe>,
    /// The lines to type into it.
    pub(super) commands: Commands,
}

/// Checks a server, and returns the report.
pub(super) fn of_server(check: Check, language: Language) -> Result<Report, Failure> {
    let event_loop = EventLoop::new(check).map_err(Failure::event_loop)?;
    Host::new(event_loop, language, Vec::new(), 0)?.take_turns()
}

/// Checks a peer, and returns the report. `plan` has the address for the server that the check
/// plays.
pub(super) fn of_peer(
    plan: PeerPlan,
    tested: Tested,
    language: Language,
) -> Result<Report, Failure> {
    let (server, listening) = listen_as_server(plan.listening)?;
    let (people_listener, people) = listen(SocketAddr::new(listening.ip(), 0))?;
    let plan = PeerPlan { listening, people, ..plan };
    let mut event_loop = EventLoop::new(Check::of_peer(plan)).map_err(Failure::event_loop)?;
    event_loop.listen(server, Framing::Raw).map_err(Failure::event_loop)?;
    event_loop.listen(people_listener, Framing::Raw).map_err(Failure::event_loop)?;
    Host::new(event_loop, language, vec![tested], listening.port())?.take_turns()
}

/// The loop of a check, and the programs under test.
struct Host<M: Machine> {
    event_loop: EventLoop<M>,
    program: Program,
    language: Language,
    is_terminal: bool,
    progress: Progress,
    tested: Vec<Tested>,
    /// The programs that run.
    programs: Vec<Option<ChildProgram>>,
    /// The port of the server that the check plays.
    port: String,
}

/// Lets the programs of a class meet, and returns the result of each meeting. `names` are for the
/// line of progress.
pub(super) fn of_pairs(
    plan: PairsPlan,
    at: SocketAddr,
    tested: Vec<Tested>,
    names: &[String],
    language: Language,
) -> Result<Vec<Met>, Failure> {
    let (server, address) = listen_as_server(at)?;
    let mut event_loop = EventLoop::new(Pairs::new(plan)).map_err(Failure::event_loop)?;
    event_loop.listen(server, Framing::Lines(REQUEST_LIMIT)).map_err(Failure::event_loop)?;
    Host::new(event_loop, language, tested, address.port())?.take_turns(names)
}

/// Listens for the server that the check plays. A server that runs often has the usual port.
fn listen_as_server(at: SocketAddr) -> Result<(Listener, SocketAddr), Failure> {
    const OTHER: Text = text!(
        "Stop the server that runs there, or play this one at another port: --port 0 takes a free \
         one, and {port} in COMMAND stands for it",
        "Pare o servidor que roda ali, ou use outra porta para este: --port 0 usa uma livre, e \
         {port} em COMANDO a representa",
    );
    listen(at).map_err(|failure| failure.hint(OTHER, &[("port", &"{port}")]))
}

impl Host<Pairs> {
    fn take_turns(&mut self, names: &[String]) -> Result<Vec<Met>, Failure> {
        let mut met = Vec::new();
        self.turn_to_end(|host, notice| {
            if let PairsNotice::Report(report) = notice {
                met = report;
                return Ok(());
            }
            host.take(notice, names)
        })?;
        Ok(met)
    }

    fn take(&mut self, notice: PairsNotice, names: &[String]) -> Result<(), Failure> {
        match notice {
            PairsNotice::Progress { done, total, one, other } => {
                let line = matrix::progress(done, total, &names[one], &names[other], self.language);
                self.show_progress(&line);
            }
            PairsNotice::Order { seat, program, order } => self.obey(seat, program, order)?,
            PairsNotice::End => self.programs.iter_mut().for_each(|program| *program = None),
            PairsNotice::Directory(_) | PairsNotice::Report(_) => {}
        }
        Ok(())
    }
}

impl Host<Check> {
    fn take_turns(&mut self) -> Result<Report, Failure> {
        const NO_REPORT: Text = text!("nothing was found", "nada foi verificado");
        let mut report = None;
        self.turn_to_end(|host, notice| host.take(notice, &mut report))?;
        report.ok_or_else(|| Failure::run(NO_REPORT, &[]))
    }

    /// Ends the program, and says why the check waits.
    fn end_for_now(&mut self) {
        const WAITS: Text = text!(
            "the program has a fixed port, which the system frees after a minute: waiting",
            "o programa tem porta fixa, que o sistema libera após um minuto: esperando",
        );
        if self.programs[0].take().is_some() {
            self.tell(WAITS.of(self.language));
        }
    }

    fn take(&mut self, notice: Notice, report: &mut Option<Report>) -> Result<(), Failure> {
        match notice {
            Notice::Report(found) => *report = Some(found),
            Notice::Progress { done, total, rule } => {
                let line = plain::progress(done, total, rule, self.language);
                self.show_progress(&line);
            }
            Notice::Order(order) => self.obey(0, 0, order)?,
            Notice::End => self.end_for_now(),
        }
        Ok(())
    }
}

impl<M: Machine<Command = Command>> Host<M> {
    fn new(
        event_loop: EventLoop<M>,
        language: Language,
        tested: Vec<Tested>,
        port: u16,
    ) -> Result<Self, Failure> {
        let log = logging::start(LevelFilter::Warn, false);
        let program = Program::start(&event_loop, &log, Service::default());
        Ok(Self {
            event_loop,
            program: program.map_err(Failure::event_loop)?,
            language,
            is_terminal: stderr().is_terminal() && terminal::obeys_escapes(),
            progress: Progress::default(),
            programs: std::iter::repeat_with(|| None).take(SEATS).collect(),
            tested,
            port: port.to_string(),
        })
    }

    /// Turns the loop until the check is over, and gives each notice to `take`.
    fn turn_to_end(
        &mut self,
        mut take: impl FnMut(&mut Self, M::Notice) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        loop {
            let has_ended = self.turn()?;
            let notices: Vec<_> = self.event_loop.notices().collect();
            notices.into_iter().try_for_each(|notice| take(self, notice))?;
            if has_ended {
                self.wipe();
                return Ok(());
            }
        }
    }

    /// One turn of the loop, and a look at the programs. True: it was the last.
    fn turn(&mut self) -> Result<bool, Failure> {
        let running = self.programs.iter().flatten();
        let sleep = running.map(|it| if it.has_more { Duration::ZERO } else { LOOK_EVERY }).min();
        let turn = self.program.turn(&mut self.event_loop, sleep).map_err(Failure::event_loop)?;
        if turn.exit.is_none() {
            self.look_at_programs();
        }
        Ok(self.program.end_turn(&mut self.event_loop, &turn).is_some())
    }

    /// Gives the check what the programs have written, and which have ended.
    fn look_at_programs(&mut self) {
        for (number, program) in self.programs.iter_mut().enumerate() {
            let Some(program) = program else { continue };
            program.flush();
            let has_ended = program.ended_just_now();
            let bytes = program.written();
            if !bytes.is_empty() {
                self.event_loop.command(&Command::Written { program: number, bytes });
            }
            if has_ended {
                self.event_loop.command(&Command::Ended { program: number });
            }
        }
    }

    fn obey(&mut self, seat: usize, number: usize, order: Order) -> Result<(), Failure> {
        match order {
            Order::Start { name } => return self.start(seat, number, &name),
            Order::LogIn { line, name } => {
                let line = self.tested[number].commands.login(line, &name, &self.port);
                self.type_line(seat, &line);
            }
            Order::Type { what, text, to } => {
                let line = self.tested[number].commands.line(what, &text, &to);
                self.type_line(seat, &line);
            }
        }
        Ok(())
    }

    /// Starts the program with this number on a seat, anew.
    fn start(&mut self, seat: usize, number: usize, name: &str) -> Result<(), Failure> {
        const CANNOT: Text = text!("cannot start {command}", "não foi possível iniciar {command}");
        // The program before it ends first: its port may be fixed.
        self.programs[seat] = None;
        let Some(recipe) = self.tested[number].recipe.clone() else {
            self.tell(&START.fill(self.language, &[("port", &self.port), ("name", &name)]));
            return Ok(());
        };
        let values = [("port", &*self.port), ("name", name)];
        let token = Token(CONSOLE_TOKENS.0 + seat);
        let started = recipe.start(&values, self.event_loop.registry(), token);
        let command = recipe.command.join(" ");
        let failed = |error| Failure::run(CANNOT, &[("command", &command)]).because(error);
        self.programs[seat] = Some(started.map_err(failed)?);
        Ok(())
    }

    fn type_line(&mut self, seat: usize, line: &str) {
        match &mut self.programs[seat] {
            Some(program) => program.type_text(&format!("{line}\n")),
            None => self.tell(&TYPE.fill(self.language, &[("line", &line)])),
        }
    }

    /// Tells the person who runs the program what to do.
    fn tell(&mut self, line: &str) {
        self.wipe();
        let _ = writeln!(stderr(), "{line}");
    }

    fn show_progress(&mut self, line: &str) {
        // The check goes on also where stderr takes nothing.
        let is_due = self.progress.is_due(line);
        if self.is_terminal {
            let _ = write!(stderr(), "\r\x1b[K{}", cut(line));
        } else if is_due {
            let _ = writeln!(stderr(), "{line}");
        }
    }

    /// Removes the line of progress.
    fn wipe(&self) {
        if self.is_terminal && self.progress.lines > 0 {
            let _ = write!(stderr(), "\r\x1b[K");
        }
    }
}

/// The lines of progress so far.
#[derive(Debug, Default)]
struct Progress {
    lines: usize,
    shown: String,
}

impl Progress {
    /// Whether this line is one to show where stderr is no terminal.
    fn is_due(&mut self, line: &str) -> bool {
        self.lines += 1;
        let is_due = self.lines.is_multiple_of(LINES_APART) && self.shown != line;
        if is_due {
            self.shown = line.to_string();
        }
        is_due
    }
}

/// The beginning of a line that fits the terminal: `\r` goes back only in the last row of a wrapped
/// line.
fn cut(line: &str) -> String {
    let columns = terminal::stderr_columns().unwrap_or(80);
    line.chars().take(columns.saturating_sub(1)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_progress_is_shown_once() {
        let mut progress = Progress::default();
        let lines = ["2 of 41"; 12].into_iter().chain(["18 of 41"; 8]).chain(["26 of 41"; 5]);
        let shown: Vec<_> = lines.filter(|line| progress.is_due(line)).collect();
        assert_eq!(shown, ["2 of 41", "18 of 41", "26 of 41"]);
    }
}
