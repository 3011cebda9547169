//! `papo demo`: the handout's conversation, live.
//!
//! It starts processes that use real sockets: one `papo server` and the peers Ana, Bruno and
//! Camila. It prints in the columns of the handout's table what they do, and compares it with the
//! table to the letter. A line that is missing, different or additional is a failure.
//!
//! | file | has |
//! | --- | --- |
//! | `script.rs` | the handout's table, as data: read this first |
//! | `record.rs` | the output of the processes, compared with the table; pure |
//! | `recordings.rs` | `--record` and `--page` |
//! | `stage.rs` | the processes |
//! | `pipes.rs` | their output, signals, and the one wait for both |
//! | `columns.rs` | the layout |
//! | `pace.rs` | the pauses between entries |
//!
//! Must hold no protocol: the demo sends nothing, and reads only the traces of the processes.

mod columns;
mod pace;
#[cfg_attr(windows, path = "pipes_windows.rs")]
mod pipes;
mod record;
#[cfg_attr(not(feature = "full"), path = "recordings_small.rs")]
mod recordings;
mod script;
mod stage;

use std::io::{self, IsTerminal};
use std::mem;
use std::path::Path;
use std::time::Duration;

use crate::cli::arguments::help::{Opt, option};
use crate::cli::arguments::language::check_lang;
use crate::cli::arguments::options;
use crate::cli::system::terminal;
use crate::cli::{Failure, STATUS_OK, print};
use crate::console::language::{Language, Text, text};
use columns::{CellKind, Columns};
use pace::DemoPace;
use record::DemoRecord;
use recordings::Recordings;
use script::{Actor, ScriptStep, TABLE};
use stage::{Interruption, Stage};

const BRIEF: Text = text!(
    "Usage: papo demo [OPTIONS]\n\n\
     Plays the handout's whole conversation, live: one server and the peers Ana,\n\
     Bruno and Camila, as real processes over real sockets, on free ports of this\n\
     machine. Ends by itself, with 1 where anything went otherwise than there. On a\n\
     terminal it goes at a reading pace, which takes about a minute.",
    "Uso: papo demo [OPÇÕES]\n\n\
     Mostra a conversa inteira do enunciado, ao vivo: um servidor central e os pares\n\
     Ana, Bruno e Camila, processos e sockets de verdade, em portas livres desta\n\
     máquina. Encerra sozinho, com 1 se algo não foi como no enunciado. Em um\n\
     terminal, segue no ritmo da leitura, e leva cerca de um minuto.",
);

/// The options of `papo demo`.
const OPTIONS: &[Opt] = &[
    option(
        "--step  wait for Enter before each row of the table",
        "--step  espera por Enter antes de cada linha da tabela",
    ),
    #[cfg(feature = "full")]
    option(
        "--record FOLDER  record each process there: see docs/RECORDING.md",
        "--record PASTA  grava ali cada processo: veja docs/RECORDING.md",
    ),
    #[cfg(feature = "full")]
    option(
        "--page FILE  write a page that plays all of it in a browser",
        "--page ARQUIVO  escreve uma página que reproduz tudo no navegador",
    ),
    option(
        "--lang pt|en  the language of all texts but the table",
        "--lang pt|en  o idioma dos textos, menos o da tabela",
    ),
];

/// The last line, where all went well.
const EPILOGUE: Text = text!(
    "All of it happened as in the handout's table.",
    "Tudo aconteceu como na tabela do enunciado.",
);

/// How long after a failure the demo waits for a signal that caused it.
const SIGNAL_WITHIN: Duration = Duration::from_millis(100);

/// Plays the handout's table from its first USER to its last `/exit`.
pub fn run(language: Language, arguments: &[String]) -> Result<u8, Failure> {
    const OTHERWISE: Text = text!(
        "the demo went otherwise than the handout: {reason}",
        "a demonstração não foi como o enunciado: {reason}",
    );
    let parsed = options::parse(language, BRIEF.of(language), OPTIONS, arguments)?;
    let Some(matches) = parsed else { return Ok(STATUS_OK) };
    check_lang(&matches)?;
    matches.expect_words(0, "demo")?;
    let pace = DemoPace::new(io::stdout().is_terminal(), matches.is_on("step")?);
    let mut recordings = Recordings::of(&matches)?;
    let played = Play::open(language, pace, recordings.folder()).and_then(Play::perform);
    if played.is_err() {
        recordings.tell_unwritten(language);
    }
    match played {
        Ok(()) => recordings.write_page(&Actor::ALL.map(Actor::recording)).map(|()| STATUS_OK),
        Err(Interruption::Signal(status)) => Ok(status),
        Err(Interruption::Failure(failure)) => Err(failure),
        Err(Interruption::Because(reason)) => Err(Failure::run(OTHERWISE, &[("reason", &reason)])),
    }
}

/// The demo while it runs the steps of the table.
struct Play {
    /// The language of the person. The table itself is in the handout's.
    language: Language,
    stage: Stage,
    record: DemoRecord,
    columns: Columns,
    /// Text that is printed after the next step with a trace: an action has no trace of its own,
    /// and the steps after it prove it.
    held: String,
    pace: DemoPace,
}

impl Play {
    fn open(
        language: Language,
        pace: DemoPace,
        recordings: Option<&Path>,
    ) -> Result<Self, Interruption> {
        let is_colored = io::stdout().is_terminal()
            && std::env::var_os("NO_COLOR").is_none()
            && terminal::obeys_escapes();
        let columns = Columns::new(is_colored, terminal::stdout_columns());
        const STEP: Text = text!("Enter: next row", "Enter: próxima linha");
        let step = if pace == DemoPace::Step { STEP.of(language) } else { "" };
        let held = columns.head(language, step);
        let stage = Stage::open(recordings)?;
        Ok(Self { language, stage, record: DemoRecord::default(), columns, held, pace })
    }

    fn perform(mut self) -> Result<(), Interruption> {
        let result = self.play();
        // Ctrl-C reaches all processes at once, and the end of another may be seen first.
        let signal = result.as_ref().err().and_then(|_| self.stage.signal_within(SIGNAL_WITHIN));
        signal.map_or(result, |status| Err(Interruption::Signal(status)))
    }

    fn play(&mut self) -> Result<(), Interruption> {
        for (number, row) in TABLE.iter().enumerate() {
            if self.pace == DemoPace::Step && number > 0 {
                self.stage.await_enter(&mut self.record)?;
            }
            self.held.push_str(&self.columns.rule());
            for step in row.iter().filter(|step| step.can_be_seen()) {
                self.take(*step).map_err(|why| why.at(*step))?;
            }
        }
        if let Some(line) = self.record.first_unread() {
            return Err(Interruption::Because(format!("more than the table has: {line}")));
        }
        self.held.push_str(&self.columns.rule());
        self.held.push_str(EPILOGUE.of(self.language));
        self.held.push('\n');
        self.print_held()
    }

    /// Does a step, waits for its trace, and prints it.
    fn take(&mut self, step: ScriptStep) -> Result<(), Interruption> {
        match step {
            ScriptStep::Starts(who) => self.stage.start(who, self.record.server())?,
            ScriptStep::Types(who, text) => self.stage.type_line(who, text)?,
            ScriptStep::Stops(who) => self.stage.stop(who)?,
            ScriptStep::Ends(who) => self.stage.await_end(who, &mut self.record)?,
            ScriptStep::Shows(..)
            | ScriptStep::Sends(..)
            | ScriptStep::Says(..)
            | ScriptStep::Logs(..)
            | ScriptStep::Does(..) => {}
        }
        while !self.record.take(step).map_err(Interruption::Because)? {
            if let Some(who) = step.places().find(|who| self.stage.is_over(*who)) {
                let last_words = self.record.last_words(who);
                return Err(Interruption::Because(format!("{} ended{last_words}", who.name())));
            }
            self.stage.wait(&mut self.record)?;
        }
        self.print(step)
    }

    fn print(&mut self, step: ScriptStep) -> Result<(), Interruption> {
        let entry = match step {
            ScriptStep::Types(who, text) => Some((who, CellKind::Typed, text)),
            ScriptStep::Shows(who, text) => Some((who, CellKind::Screen, text)),
            ScriptStep::Sends(who, _, text) => Some((who, CellKind::Protocol, text)),
            ScriptStep::Does(who, text) => Some((who, CellKind::Action, text)),
            // A text was printed when it was typed.
            ScriptStep::Says(..)
            | ScriptStep::Logs(..)
            | ScriptStep::Starts(_)
            | ScriptStep::Stops(_)
            | ScriptStep::Ends(_) => None,
        };
        if let Some((who, kind, text)) = entry {
            let text = self.record.fill_in(text);
            self.held.push_str(&self.columns.entry(who, kind, &text));
        }
        if matches!(step, ScriptStep::Does(..)) { Ok(()) } else { self.print_held() }
    }

    /// Prints the held text, with pauses for a reader.
    fn print_held(&mut self) -> Result<(), Interruption> {
        for line in mem::take(&mut self.held).split_inclusive('\n') {
            print(line).map_err(Interruption::Failure)?;
            self.stage.pause(self.pace.pause(line))?;
        }
        Ok(())
    }
}

impl Interruption {
    /// Adds the step of the table.
    fn at(self, step: ScriptStep) -> Self {
        match self {
            Self::Because(reason) => {
                Self::Because(format!("{reason}, where the table has: {step}"))
            }
            Self::Signal(_) | Self::Failure(_) => self,
        }
    }
}
