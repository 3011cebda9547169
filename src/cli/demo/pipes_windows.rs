//! The output of the demo's processes, Ctrl-C, and the one wait for both, on Windows.
//! `pipes.rs` has the same for Unix.
//!
//! mio watches named pipes, and no others, so each stream of a process is one. Read next:
//! [`super::stage`].

use std::fs::File;
use std::io::{self, Read};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use mio::windows::NamedPipe;
use mio::{Events, Interest, Poll, Token};

use super::record::{DemoRecord, Speaker, Stream};
use super::script::Actor;
use crate::cli::host::signals::Signals;
use crate::console::device::Device;

/// Most events of one look.
const EVENTS_MAX: usize = 64;

/// How long one look for Ctrl-C lasts at most: what a process says ends one early.
const LOOK: Duration = Duration::from_millis(25);

/// Ctrl-C and the keyboard, which have one waker.
const PERSON: Token = Token(0);

/// The connections to the processes and to the person who started us.
#[derive(Debug)]
pub(super) struct Pipes {
    poll: Poll,
    events: Events,
    signals: Signals,
    /// Opened when the person is first asked for Enter.
    keyboard: Option<Device>,
    /// Bytes that were typed ahead.
    typed: Vec<u8>,
    has_typed_all: bool,
    /// The open streams.
    pipes: Vec<Pipe>,
    /// How many pipes were made: the number is in the name.
    count: usize,
}

/// One stream of one process.
#[derive(Debug)]
struct Pipe {
    speaker: Speaker,
    end: NamedPipe,
}

impl Pipes {
    /// No streams.
    pub(super) fn open() -> io::Result<Self> {
        let poll = Poll::new()?;
        Ok(Self {
            signals: Signals::register(poll.registry(), PERSON)?,
            poll,
            events: Events::with_capacity(EVENTS_MAX),
            keyboard: None,
            typed: Vec::new(),
            has_typed_all: false,
            pipes: Vec::new(),
            count: 0,
        })
    }

    /// Starts a process whose stdout and stderr come here. The command is given up with its ends of
    /// the pipes, so that they end with the process.
    pub(super) fn spawn(&mut self, who: Actor, mut command: Command) -> io::Result<Child> {
        command.stdout(self.pipe(who, Stream::Screen)?).stderr(self.pipe(who, Stream::Log)?);
        command.spawn()
    }

    /// A new pipe: our end is watched, and the other is for the process.
    fn pipe(&mut self, who: Actor, stream: Stream) -> io::Result<Stdio> {
        self.count += 1;
        let name = format!(r"\\.\pipe\papo-demo-{}-{}", std::process::id(), self.count);
        let mut end = NamedPipe::new(&name)?;
        self.poll.registry().register(&mut end, Token(self.count), Interest::READABLE)?;
        match end.connect() {
            Err(error) if error.kind() != io::ErrorKind::WouldBlock => return Err(error),
            Ok(()) | Err(_) => {}
        }
        let theirs = File::options().write(true).open(&name)?;
        self.pipes.push(Pipe { speaker: Speaker::new(who, stream), end });
        Ok(Stdio::from(theirs))
    }

    /// Whether all output of a process is recorded, and its streams have ended.
    pub(super) fn is_over(&self, who: Actor) -> bool {
        !self.pipes.iter().any(|pipe| pipe.speaker.who == who)
    }

    /// Waits for output, at most `within`, and records it. Returns the exit status if Ctrl-C came.
    pub(super) fn wait(
        &mut self,
        within: Duration,
        record: &mut DemoRecord,
    ) -> io::Result<Option<u8>> {
        let status = self.look(within)?;
        // All of them: an event that came during another poll is not reported again.
        self.pipes.retain_mut(|pipe| pipe.read(record));
        Ok(status)
    }

    /// The exit status, if Ctrl-C comes within this time.
    pub(super) fn signal_within(&mut self, time: Duration) -> Option<u8> {
        let looks = time.as_millis().div_ceil(LOOK.as_millis());
        (0..looks).find_map(|_| self.look(LOOK).ok().flatten())
    }

    /// Whether a line was typed within this time, or stdin has ended.
    pub(super) fn is_typed(&mut self, within: Duration) -> io::Result<bool> {
        if self.keyboard.is_none() {
            self.keyboard = Some(Device::open(self.poll.registry(), PERSON)?);
        }
        self.look(within)?;
        self.read_keyboard();
        if let Some(end) = self.typed.iter().position(|&byte| byte == b'\n') {
            self.typed.drain(..=end);
            return Ok(true);
        }
        Ok(self.has_typed_all)
    }

    fn read_keyboard(&mut self) {
        let Some(keyboard) = &mut self.keyboard else { return };
        let mut piece = [0; 4096];
        // That is what has the next piece read.
        keyboard.flush();
        keyboard.on_ready(&[PERSON]);
        while let Some(count) = keyboard.read(&mut piece, self.poll.registry()) {
            self.has_typed_all |= count == 0;
            self.typed.extend_from_slice(&piece[..count]);
        }
    }

    /// Waits for any event, and takes Ctrl-C.
    fn look(&mut self, within: Duration) -> io::Result<Option<u8>> {
        match self.poll.poll(&mut self.events, Some(within)) {
            Err(error) if error.kind() != io::ErrorKind::Interrupted => return Err(error),
            Ok(()) | Err(_) => {}
        }
        let asked = self.signals.take(self.poll.registry());
        Ok(asked.stop.map(|signal| u8::try_from(128 + signal).unwrap_or(u8::MAX)))
    }
}

/// Ends a process. Windows has no signal that would ask it to end in order.
pub(super) fn ask_to_end(child: &mut Child) -> io::Result<()> {
    child.kill()
}

impl Pipe {
    /// Reads what is ready, and records every line. False: the stream has ended.
    fn read(&mut self, record: &mut DemoRecord) -> bool {
        let mut piece = [0; 4096];
        loop {
            let count = match self.end.read(&mut piece) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return true,
                Ok(count) => count,
                // ERROR_BROKEN_PIPE is the end.
                Err(_) => 0,
            };
            record.hear_bytes(&mut self.speaker, &piece[..count]);
            if count == 0 {
                return false;
            }
        }
    }
}
