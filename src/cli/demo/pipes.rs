//! The output of the demo's processes, signals, and the one wait for both: this is Unix.
//!
//! One loop over `poll(2)`. `pipes_windows.rs` has the same for Windows. Read next:
//! [`super::stage`].

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{Pid, Signal, kill_process};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::low_level::pipe;

use super::record::{DemoRecord, Speaker, Stream};
use super::script::Actor;

/// The connections to the processes and to the person who started us.
#[derive(Debug)]
pub(super) struct Pipes {
    /// Those that are still open.
    pipes: Vec<Pipe>,
    /// The status to end with, and where it shows that the signal came.
    signals: Vec<(u8, UnixStream)>,
}

/// One stream of one process.
#[derive(Debug)]
struct Pipe {
    speaker: Speaker,
    end: OwnedFd,
}

impl Pipes {
    /// None yet.
    pub(super) fn open() -> io::Result<Self> {
        Ok(Self { pipes: Vec::new(), signals: watch_signals()? })
    }

    /// Starts a process whose stdout and stderr come here.
    pub(super) fn spawn(&mut self, who: Actor, mut command: Command) -> io::Result<Child> {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        self.pipes.extend(child.stdout.take().map(|end| Pipe::new(who, Stream::Screen, end)));
        self.pipes.extend(child.stderr.take().map(|end| Pipe::new(who, Stream::Log, end)));
        Ok(child)
    }

    /// Whether a process has said its last word, and all of it has been recorded.
    pub(super) fn is_over(&self, who: Actor) -> bool {
        !self.pipes.iter().any(|pipe| pipe.speaker.who == who)
    }

    /// Waits a moment for anybody to say something, and records it. The status to end with, where
    /// a signal has come.
    pub(super) fn wait(
        &mut self,
        within: Duration,
        record: &mut DemoRecord,
    ) -> io::Result<Option<u8>> {
        let signals = self.signals.iter().map(|it| PollFd::new(&it.1, PollFlags::IN));
        let pipes = self.pipes.iter().map(|pipe| PollFd::new(&pipe.end, PollFlags::IN));
        let ready = ready(signals.chain(pipes), within)?;
        let (signals, pipes) = ready.split_at(self.signals.len());
        if let Some(at) = signals.iter().position(|is_ready| *is_ready) {
            return Ok(Some(self.signals[at].0));
        }
        let mut is_ready = pipes.iter();
        // One read each: what is left shows at the next poll.
        self.pipes.retain_mut(|pipe| is_ready.next() != Some(&true) || pipe.read(record));
        Ok(None)
    }

    /// The status to end with, if within this time a signal has come.
    pub(super) fn signal_within(&mut self, time: Duration) -> Option<u8> {
        let signals = self.signals.iter().map(|it| PollFd::new(&it.1, PollFlags::IN));
        let ready = ready(signals, time).ok()?;
        let at = ready.iter().position(|is_ready| *is_ready)?;
        Some(self.signals[at].0)
    }

    /// Whether a line was typed within this time, or none ever will be.
    pub(super) fn is_typed(&mut self, within: Duration) -> io::Result<bool> {
        let stdin = rustix::stdio::stdin();
        let watched = std::iter::once(PollFd::from_borrowed_fd(stdin, PollFlags::IN));
        if !ready(watched, within)?[0] {
            return Ok(false);
        }
        // A byte at a time: what was typed ahead is for the rows that follow.
        let mut byte = [0];
        let count = rustix::io::retry_on_intr(|| rustix::io::read(stdin, &mut byte)).unwrap_or(0);
        Ok(count == 0 || byte[0] == b'\n')
    }
}

/// Asks a process to end in order.
pub(super) fn ask_to_end(child: &mut Child) -> io::Result<()> {
    Ok(kill_process(Pid::from_child(child), Signal::TERM)?)
}

impl Pipe {
    fn new(who: Actor, stream: Stream, end: impl Into<OwnedFd>) -> Self {
        Self { speaker: Speaker::new(who, stream), end: end.into() }
    }

    /// Reads once, and records every line. False: that was the end.
    fn read(&mut self, record: &mut DemoRecord) -> bool {
        let mut piece = [0; 4096];
        let count = match rustix::io::read(&self.end, &mut piece) {
            Err(Errno::INTR) => return true,
            Ok(count) => count,
            Err(_) => 0,
        };
        record.hear_bytes(&mut self.speaker, &piece[..count]);
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
