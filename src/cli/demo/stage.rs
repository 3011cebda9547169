//! The processes of the demo: they are started, typed into, waited for, and ended.
//!
//! No thread, no sleep: the pipes say all that there is to know. No process is left behind: leaving
//! the stage ends every process that is still on it. Must never know the table. Read next:
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

/// How often the whole demo may wait: 25 s at most, counted without a clock. Each line that is said
/// ends one wait at most, and there are some hundred of them; all the others are patience with a
/// busy machine.
const TURNS_MAX: u32 = 1_000;

/// Why the demo does not go on.
#[derive(Debug)]
pub(super) enum Interruption {
    /// A signal, and the status that a shell expects after it.
    Signal(u8),
    /// The output cannot be written.
    Failure(Failure),
    /// Something is not as it should be.
    Because(String),
}

/// All processes and what connects us to them.
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
    /// An empty one.
    pub(super) fn open(recordings: Option<&Path>) -> Result<Self, Interruption> {
        let program = std::env::current_exe().map_err(failed("cannot find myself"))?;
        let pipes = Pipes::open().map_err(failed("cannot watch signals"))?;
        let (children, recordings) = (Vec::new(), recordings.map(Path::to_path_buf));
        Ok(Self { program, recordings, children, pipes, turns_left: TURNS_MAX })
    }

    /// Starts a process. The peers are told where the server listens.
    pub(super) fn start(&mut self, who: Actor, server: Option<&str>) -> Result<(), Interruption> {
        let mut command = Command::new(&self.program);
        match who {
            Actor::Server => command.args(["server", "--listen", "127.0.0.1:0", "--trace"]),
            // The check of a caller's name would be one ADDR more than the table has.
            Actor::Ana | Actor::Bruno | Actor::Camila => command
                .args(["peer", "--lang", "pt", "--no-verify", "--trace"])
                .args(["--server", server.unwrap_or_default()]),
        };
        if let Some(folder) = &self.recordings {
            command.arg("--record").arg(folder.join(who.recording()));
        }
        // The demo chooses its log and options; the environment does not.
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

    /// Types a line. The pipe has room for it: nobody types more than a few.
    pub(super) fn type_line(&mut self, who: Actor, text: &str) -> Result<(), Interruption> {
        let keyboard = self.child(who)?.stdin.as_mut();
        let typed = keyboard.map_or(Ok(()), |it| it.write_all(format!("{text}\n").as_bytes()));
        typed.map_err(failed("cannot type"))
    }

    /// Asks a process to end in order.
    pub(super) fn stop(&mut self, who: Actor) -> Result<(), Interruption> {
        ask_to_end(self.child(who)?).map_err(failed("cannot stop it"))
    }

    /// Whether a process has said its last word, and all of it has been recorded.
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
                // 1: something could not be done, as the handout's last text has nobody to go to.
                Some(status) if matches!(status.code(), Some(0 | 1)) => return Ok(()),
                Some(status) => {
                    let last_words = record.last_words(who);
                    let text = format!("{} ended with {status}{last_words}", who.name());
                    return Err(Interruption::Because(text));
                }
                // Between the end of its pipes and its own lie a few instructions of the kernel.
                None => self.wait(record)?,
            }
        }
    }

    /// Waits a moment for anybody to say something, and records it.
    pub(super) fn wait(&mut self, record: &mut DemoRecord) -> Result<(), Interruption> {
        let spent = || Interruption::Because("it takes too long".to_string());
        self.turns_left = self.turns_left.checked_sub(1).ok_or_else(spent)?;
        match self.pipes.wait(TURN, record).map_err(failed("cannot wait"))? {
            Some(status) => Err(Interruption::Signal(status)),
            None => Ok(()),
        }
    }

    /// Lets a reader read. New lines wait in the pipes meanwhile.
    pub(super) fn pause(&mut self, time: Duration) -> Result<(), Interruption> {
        if time.is_zero() {
            return Ok(());
        }
        self.signal_within(time).map_or(Ok(()), |status| Err(Interruption::Signal(status)))
    }

    /// Waits for a line on stdin, or its end, and records what is said meanwhile: the processes go
    /// on, and their pipes are not endless.
    pub(super) fn await_enter(&mut self, record: &mut DemoRecord) -> Result<(), Interruption> {
        let turns_left = self.turns_left;
        while !self.pipes.is_typed(TURN).map_err(failed("cannot wait"))? {
            self.turns_left = TURNS_MAX;
            self.wait(record)?;
        }
        self.turns_left = turns_left;
        Ok(())
    }

    /// The status to end with, if within this time a signal has come.
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
    /// Ends who is left, in every case: an error, a signal, a step that the table lacks.
    fn drop(&mut self) {
        for (_, child) in &mut self.children {
            // Where it has ended already there is nothing to do, and that is no mistake.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn failed(tried: &str) -> impl Fn(io::Error) -> Interruption {
    move |error| Interruption::Because(format!("{tried}: {error}"))
}
