//! The processes of the demo: their start, their stdin, their output, their end.
//!
//! No thread and no sleep: each wait is for the pipes. When the stage is dropped, it kills the
//! processes that still run. Must never know the table. Read next:
//! [`super::Play`], and [`super::pipes`], which has the one wait.

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::pipes::{Pipes, ask_to_end};
use super::record::DemoRecord;
use super::script::Actor;
use crate::cli::Failure;

/// How long one wait lasts at most.
const TURN: Duration = Duration::from_millis(25);

/// Most waits of the whole demo: 25 s, counted without a clock. Each of about a hundred lines ends
/// one wait at most; the others are for a busy machine.
const TURNS_MAX: u32 = 1_000;

/// Why the demo stops.
#[derive(Debug)]
pub(super) enum Interruption {
    /// A signal came. This is the status that a shell expects.
    Signal(u8),
    /// The output cannot be written.
    Failure(Failure),
    /// The processes did not do what the table says.
    Because(String),
}

/// All processes, and their pipes.
#[derive(Debug)]
pub(super) struct Stage {
    program: PathBuf,
    /// The folder of the recordings, where there are any.
    recordings: Option<PathBuf>,
    children: Vec<(Actor, Child)>,
    pipes: Pipes,
    turns_left: u32,
}

impl Stage {
    /// A stage without processes.
    pub(super) fn open(recordings: Option<&Path>) -> Result<Self, Interruption> {
        let program = std::env::current_exe().map_err(failed("cannot find myself"))?;
        let pipes = Pipes::open().map_err(failed("cannot watch signals"))?;
        let (children, recordings) = (Vec::new(), recordings.map(Path::to_path_buf));
        Ok(Self { program, recordings, children, pipes, turns_left: TURNS_MAX })
    }

    /// Starts a process. A peer gets the address of the server.
    pub(super) fn start(&mut self, who: Actor, server: Option<&str>) -> Result<(), Interruption> {
        let mut command = Command::new(&self.program);
        match who {
            Actor::Server => command.args(["server", "--listen", "127.0.0.1:0", "--trace"]),
            // A check of callers would send an ADDR that the table does not have.
            Actor::Ana | Actor::Bruno | Actor::Camila => command
                .args(["peer", "--lang", "pt", "--no-verify", "--trace"])
                .args(["--server", server.unwrap_or_default()]),
        };
        if let Some(folder) = &self.recordings {
            command.arg("--record").arg(folder.join(who.recording()));
        }
        // The environment must not change the log and the options.
        let ours =
            |name: &OsString| name == "RUST_LOG" || name.as_encoded_bytes().starts_with(b"PAPO_");
        for (name, _) in std::env::vars_os().filter(|(name, _)| ours(name)) {
            command.env_remove(name);
        }
        command.stdin(Stdio::piped());
        let child = self.pipes.spawn(who, command).map_err(failed("cannot start a process"))?;
        self.children.push((who, child));
        Ok(())
    }

    /// Types a line. The pipe always has room for the few lines of the table.
    pub(super) fn type_line(&mut self, who: Actor, text: &str) -> Result<(), Interruption> {
        let keyboard = self.child(who)?.stdin.as_mut();
        let typed = keyboard.map_or(Ok(()), |it| it.write_all(format!("{text}\n").as_bytes()));
        typed.map_err(failed("cannot type"))
    }

    /// Asks a process to stop.
    pub(super) fn stop(&mut self, who: Actor) -> Result<(), Interruption> {
        ask_to_end(self.child(who)?).map_err(failed("cannot stop it"))
    }

    /// Whether all output of a process is recorded, and its streams have ended.
    pub(super) fn is_over(&self, who: Actor) -> bool {
        self.pipes.is_over(who)
    }

    /// Waits until a process has ended.
    pub(super) fn await_end(
        &mut self,
        who: Actor,
        record: &mut DemoRecord,
    ) -> Result<(), Interruption> {
        while !self.is_over(who) {
            self.wait(record)?;
        }
        loop {
            let ended = self.child(who)?.try_wait().map_err(failed("cannot wait"))?;
            match ended {
                // 1: a command failed. In the handout's table the last text has no conversation.
                Some(status) if matches!(status.code(), Some(0 | 1)) => return Ok(()),
                Some(status) => {
                    let last_words = record.last_words(who);
                    let text = format!("{} ended with {status}{last_words}", who.name());
                    return Err(Interruption::Because(text));
                }
                // The pipes of a process end shortly before the process itself.
                None => self.wait(record)?,
            }
        }
    }

    /// Waits for output, at most [`TURN`], and records it.
    pub(super) fn wait(&mut self, record: &mut DemoRecord) -> Result<(), Interruption> {
        let spent = || Interruption::Because("it takes too long".to_string());
        self.turns_left = self.turns_left.checked_sub(1).ok_or_else(spent)?;
        match self.pipes.wait(TURN, record).map_err(failed("cannot wait"))? {
            Some(status) => Err(Interruption::Signal(status)),
            None => Ok(()),
        }
    }

    /// Waits for a reader. New lines wait in the pipes meanwhile.
    pub(super) fn pause(&mut self, time: Duration) -> Result<(), Interruption> {
        if time.is_zero() {
            return Ok(());
        }
        self.signal_within(time).map_or(Ok(()), |status| Err(Interruption::Signal(status)))
    }

    /// Waits for a line on stdin, or its end, and records output meanwhile: the pipes would fill.
    pub(super) fn await_enter(&mut self, record: &mut DemoRecord) -> Result<(), Interruption> {
        let turns_left = self.turns_left;
        while !self.pipes.is_typed(TURN).map_err(failed("cannot wait"))? {
            self.turns_left = TURNS_MAX;
            self.wait(record)?;
        }
        self.turns_left = turns_left;
        Ok(())
    }

    /// The exit status of a signal that comes within this time.
    pub(super) fn signal_within(&mut self, time: Duration) -> Option<u8> {
        self.pipes.signal_within(time)
    }

    fn child(&mut self, who: Actor) -> Result<&mut Child, Interruption> {
        let found = self.children.iter_mut().find(|it| it.0 == who);
        let none = || Interruption::Because(format!("{} was not started", who.name()));
        found.map(|it| &mut it.1).ok_or_else(none)
    }
}

impl Drop for Stage {
    /// Kills the processes that still run.
    fn drop(&mut self) {
        for (_, child) in &mut self.children {
            // An error: it has ended already.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn failed(tried: &str) -> impl Fn(io::Error) -> Interruption {
    move |error| Interruption::Because(format!("{tried}: {error}"))
}
