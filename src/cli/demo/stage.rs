//! The processes of the demo, their pipes, and the one wait.
//!
//! One loop over `poll(2)`, no thread, no sleep: the pipes say all that there is to know.
//! No process is left behind: leaving the stage ends every process that is still on it.
//! Must never know the table. Read next: [`super::Play`].

use std::ffi::OsString;
use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{Pid, Signal, kill_process};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::low_level::pipe;

use super::super::Failure;
use super::record::{Record, Stream};
use super::script::Who;

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
    children: Vec<(Who, Child)>,
    /// Those that are still open.
    pipes: Vec<Pipe>,
    /// The status to end with, and where it shows that the signal came.
    signals: Vec<(u8, UnixStream)>,
    turns_left: u32,
}

/// One stream of one process.
#[derive(Debug)]
struct Pipe {
    who: Who,
    stream: Stream,
    end: OwnedFd,
    unfinished: Vec<u8>,
}

impl Stage {
    /// An empty one.
    ///
    /// # Errors
    ///
    /// Where the operating system lacks something.
    pub(super) fn open(recordings: Option<&Path>) -> Result<Self, Interruption> {
        let program = std::env::current_exe().map_err(failed("cannot find myself"))?;
        let signals = watch_signals().map_err(failed("cannot watch signals"))?;
        let (children, pipes) = (Vec::new(), Vec::new());
        let recordings = recordings.map(Path::to_path_buf);
        Ok(Self { program, recordings, children, pipes, signals, turns_left: TURNS_MAX })
    }

    /// Starts a process. The peers are told where the server listens.
    ///
    /// # Errors
    ///
    /// Where the operating system cannot.
    pub(super) fn start(&mut self, who: Who, server: Option<&str>) -> Result<(), Interruption> {
        let mut command = Command::new(&self.program);
        match who {
            Who::Server => command.args(["server", "--listen", "127.0.0.1:0", "--trace"]),
            // The check of a caller's name would be one ADDR more than the table has.
            Who::Ana | Who::Bruno | Who::Camila => command
                .args(["peer", "--lang", "pt", "--no-verify", "--trace"])
                .args(["--server", server.unwrap_or_default()]),
        };
        if let Some(folder) = &self.recordings {
            command.arg("--record").arg(folder.join(who.recording()));
        }
        // The demo chooses its log and options; the environment does not.
        let ours = |name: &OsString| name == "RUST_LOG" || name.as_bytes().starts_with(b"PAPO_");
        for (name, _) in std::env::vars_os().filter(|(name, _)| ours(name)) {
            command.env_remove(name);
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(failed("cannot start a process"))?;
        self.pipes.extend(child.stdout.take().map(|end| Pipe::new(who, Stream::Screen, end)));
        self.pipes.extend(child.stderr.take().map(|end| Pipe::new(who, Stream::Log, end)));
        self.children.push((who, child));
        Ok(())
    }

    /// Types a line. The pipe has room for it: nobody types more than a few.
    ///
    /// # Errors
    ///
    /// Where nobody reads it any more.
    pub(super) fn type_line(&mut self, who: Who, text: &str) -> Result<(), Interruption> {
        let keyboard = self.child(who)?.stdin.as_mut();
        let typed = keyboard.map_or(Ok(()), |it| it.write_all(format!("{text}\n").as_bytes()));
        typed.map_err(failed("cannot type"))
    }

    /// Asks a process to end in order.
    ///
    /// # Errors
    ///
    /// Where there is none.
    pub(super) fn stop(&mut self, who: Who) -> Result<(), Interruption> {
        let id = Pid::from_child(self.child(who)?);
        kill_process(id, Signal::TERM).map_err(|errno| failed("cannot stop it")(errno.into()))
    }

    /// Whether a process has said its last word, and all of it has been recorded.
    pub(super) fn is_over(&self, who: Who) -> bool {
        !self.pipes.iter().any(|pipe| pipe.who == who)
    }

    /// Waits until a process has ended.
    ///
    /// # Errors
    ///
    /// Where it ends in another way than a script does, or not in time.
    pub(super) fn await_end(&mut self, who: Who, record: &mut Record) -> Result<(), Interruption> {
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
    ///
    /// # Errors
    ///
    /// When the demo has taken too long, or a signal asks it to end.
    pub(super) fn wait(&mut self, record: &mut Record) -> Result<(), Interruption> {
        let spent = || Interruption::Because("it takes too long".to_string());
        self.turns_left = self.turns_left.checked_sub(1).ok_or_else(spent)?;
        let signals = self.signals.iter().map(|it| PollFd::new(&it.1, PollFlags::IN));
        let pipes = self.pipes.iter().map(|pipe| PollFd::new(&pipe.end, PollFlags::IN));
        let ready = ready(signals.chain(pipes), TURN).map_err(failed("cannot wait"))?;
        let (signals, pipes) = ready.split_at(self.signals.len());
        if let Some(at) = signals.iter().position(|is_ready| *is_ready) {
            return Err(Interruption::Signal(self.signals[at].0));
        }
        let mut is_ready = pipes.iter();
        // One read each: what is left shows at the next poll.
        self.pipes.retain_mut(|pipe| is_ready.next() != Some(&true) || pipe.read(record));
        Ok(())
    }

    /// Lets a reader read. New lines wait in the pipes meanwhile.
    ///
    /// # Errors
    ///
    /// When a signal asks the demo to end.
    pub(super) fn pause(&self, time: Duration) -> Result<(), Interruption> {
        if time.is_zero() {
            return Ok(());
        }
        self.signal_within(time).map_or(Ok(()), |status| Err(Interruption::Signal(status)))
    }

    /// Waits for a line on stdin, or its end, and records what is said meanwhile: the processes go
    /// on, and their pipes are not endless.
    ///
    /// # Errors
    ///
    /// When a signal asks the demo to end.
    pub(super) fn await_enter(&mut self, record: &mut Record) -> Result<(), Interruption> {
        let turns_left = self.turns_left;
        while !is_typed(TURN)? {
            self.turns_left = TURNS_MAX;
            self.wait(record)?;
        }
        self.turns_left = turns_left;
        Ok(())
    }

    /// The status to end with, if within this time a signal has come.
    pub(super) fn signal_within(&self, time: Duration) -> Option<u8> {
        let signals = self.signals.iter().map(|it| PollFd::new(&it.1, PollFlags::IN));
        let ready = ready(signals, time).ok()?;
        let at = ready.iter().position(|is_ready| *is_ready)?;
        Some(self.signals[at].0)
    }

    fn child(&mut self, who: Who) -> Result<&mut Child, Interruption> {
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

impl Pipe {
    fn new(who: Who, stream: Stream, end: impl Into<OwnedFd>) -> Self {
        Self { who, stream, end: end.into(), unfinished: Vec::new() }
    }

    /// Reads once, and records every line. False: that was the end.
    fn read(&mut self, record: &mut Record) -> bool {
        let mut piece = [0; 4096];
        let count = match rustix::io::read(&self.end, &mut piece) {
            Err(Errno::INTR) => return true,
            Ok(count) => count,
            Err(_) => 0,
        };
        if count == 0 && !self.unfinished.is_empty() {
            self.unfinished.push(b'\n');
        }
        self.unfinished.extend_from_slice(&piece[..count]);
        while let Some(end) = self.unfinished.iter().position(|&byte| byte == b'\n') {
            let line = String::from_utf8_lossy(&self.unfinished[..end]).into_owned();
            self.unfinished.drain(..=end);
            record.hear(self.who, self.stream, line);
        }
        count > 0
    }
}

/// Which of them have something to read. None has, when the time is over.
fn ready<'a>(watched: impl Iterator<Item = PollFd<'a>>, within: Duration) -> io::Result<Vec<bool>> {
    let mut watched: Vec<_> = watched.collect();
    let within = Timespec::try_from(within).ok();
    // A signal that was caught has its byte in its pipe by the time we look again.
    rustix::io::retry_on_intr(|| poll(&mut watched, within.as_ref()))?;
    Ok(watched.iter().map(|it| !it.revents().is_empty()).collect())
}

/// Whether a line was typed within this time, or none ever will be.
fn is_typed(within: Duration) -> Result<bool, Interruption> {
    let stdin = rustix::stdio::stdin();
    let watched = std::iter::once(PollFd::from_borrowed_fd(stdin, PollFlags::IN));
    if !ready(watched, within).map_err(failed("cannot wait"))?[0] {
        return Ok(false);
    }
    // A byte at a time: what was typed ahead is for the rows that follow.
    let mut byte = [0];
    let count = rustix::io::retry_on_intr(|| rustix::io::read(stdin, &mut byte)).unwrap_or(0);
    Ok(count == 0 || byte[0] == b'\n')
}

/// A signal that ends us must not leave the processes behind, so it is only noted here.
fn watch_signals() -> io::Result<Vec<(u8, UnixStream)>> {
    let mut watched = Vec::new();
    for (signal, status) in [(SIGHUP, 129), (SIGINT, 130), (SIGTERM, 143)] {
        let (ours, written_by_handler) = UnixStream::pair()?;
        pipe::register(signal, written_by_handler)?;
        watched.push((status, ours));
    }
    Ok(watched)
}

fn failed(tried: &str) -> impl Fn(io::Error) -> Interruption {
    move |error| Interruption::Because(format!("{tried}: {error}"))
}
