//! The output of the demo's processes, signals, and the one wait for both, on Unix.
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
    /// The open streams.
    pipes: Vec<Pipe>,
    /// The exit status of each signal, and the socket that becomes readable when it comes.
    signals: Vec<(u8, UnixStream)>,
}

/// One stream of one process.
#[derive(Debug)]
struct Pipe {
    speaker: Speaker,
    end: OwnedFd,
}

impl Pipes {
    /// No streams.
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

    /// Whether all output of a process is recorded, and its streams have ended.
    pub(super) fn is_over(&self, who: Actor) -> bool {
        !self.pipes.iter().any(|pipe| pipe.speaker.who == who)
    }

    /// Waits for output, at most `within`, and records it. Returns the exit status of a signal that
    /// came.
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
        // One read for each: poll(2) reports again what is left.
        self.pipes.retain_mut(|pipe| is_ready.next() != Some(&true) || pipe.read(record));
        Ok(None)
    }

    /// The exit status of a signal that comes within this time.
    pub(super) fn signal_within(&mut self, time: Duration) -> Option<u8> {
        let signals = self.signals.iter().map(|it| PollFd::new(&it.1, PollFlags::IN));
        let ready = ready(signals, time).ok()?;
        let at = ready.iter().position(|is_ready| *is_ready)?;
        Some(self.signals[at].0)
    }

    /// Whether a line was typed within this time, or stdin has ended.
    pub(super) fn is_typed(&mut self, within: Duration) -> io::Result<bool> {
        let stdin = rustix::stdio::stdin();
        let watched = std::iter::once(PollFd::from_borrowed_fd(stdin, PollFlags::IN));
        if !ready(watched, within)?[0] {
            return Ok(false);
        }
        // A byte at a time: text typed ahead is for the next rows.
        let mut byte = [0];
        let count = rustix::io::retry_on_intr(|| rustix::io::read(stdin, &mut byte)).unwrap_or(0);
        Ok(count == 0 || byte[0] == b'\n')
    }
}

/// Asks a process to stop.
pub(super) fn ask_to_end(child: &mut Child) -> io::Result<()> {
    Ok(kill_process(Pid::from_child(child), Signal::TERM)?)
}

impl Pipe {
    fn new(who: Actor, stream: Stream, end: impl Into<OwnedFd>) -> Self {
        Self { speaker: Speaker::new(who, stream), end: end.into() }
    }

    /// Reads once, and records every line. False: the stream has ended.
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

/// Which of them are readable. After `within`, none.
fn ready<'a>(watched: impl Iterator<Item = PollFd<'a>>, within: Duration) -> io::Result<Vec<bool>> {
    let mut watched: Vec<_> = watched.collect();
    let within = Timespec::try_from(within).ok();
    // The handler of a signal has written its byte before poll is called again.
    rustix::io::retry_on_intr(|| poll(&mut watched, within.as_ref()))?;
    Ok(watched.iter().map(|it| !it.revents().is_empty()).collect())
}

/// A socket for each signal. A signal must not end the demo before its processes, so its handler
/// only writes a byte.
fn watch_signals() -> io::Result<Vec<(u8, UnixStream)>> {
    let mut watched = Vec::new();
    for (signal, status) in [(SIGHUP, 129), (SIGINT, 130), (SIGTERM, 143)] {
        let (ours, written_by_handler) = UnixStream::pair()?;
        pipe::register(signal, written_by_handler)?;
        watched.push((status, ours));
    }
    Ok(watched)
}
