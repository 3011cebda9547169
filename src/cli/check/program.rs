//! A program under test: a process group of its own, on a terminal of its own.
//!
//! It is a pseudo-terminal, so that the program asks, echoes and buffers as it does for a person.
//! It is a source of the same poller as all sockets. `setsid`(1) makes it the controlling terminal;
//! without `setsid` the program has only a process group of its own. `program_windows.rs` is for
//! Windows, where no program is started. Must know nothing of the protocol. Read next:
//! [`super::turning`], which types into it.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

use mio::unix::SourceFd;
use mio::{Interest, Registry, Token};
use rustix::process::{Pid, Signal, kill_process_group};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

use super::recipe::{Recipe, filled};
use crate::cli::Failure;

/// The width of the terminal: no program wraps a line.
const COLUMNS: u16 = 1000;
const ROWS: u16 = 50;

/// Most bytes read from the terminal in one turn: a flood must not delay the deadlines of the
/// check.
const READ_BYTES_MAX: usize = 64 * 1024;

/// Most typed bytes that wait while the program does not read.
const UNREAD_BYTES_MAX: usize = 64 * 1024;

/// A program that runs. When this value is dropped, the program and its process group are killed.
#[derive(Debug)]
pub(super) struct ChildProgram {
    child: Child,
    /// Our side of its terminal.
    screen: File,
    registry: Registry,
    token: Token,
    untyped: Vec<u8>,
    /// More may be ready to read, and no further event will tell.
    pub(super) has_more: bool,
    has_ended: bool,
}

impl Recipe {
    /// Starts the program, and registers its terminal.
    pub(super) fn start(
        &self,
        values: &[(&str, &str)],
        registry: &Registry,
        token: Token,
    ) -> io::Result<ChildProgram> {
        let words: Vec<_> = self.command.iter().map(|word| filled(word, values)).collect();
        let (screen, terminal) = open_terminal()?;
        let spawned = self.spawn(Command::new("setsid").arg("--ctty").args(&words), &terminal);
        let child = match (spawned, words.split_first()) {
            (Err(error), Some((program, rest))) if error.kind() == io::ErrorKind::NotFound => {
                self.spawn(Command::new(program).args(rest).process_group(0), &terminal)?
            }
            (spawned, _) => spawned?,
        };
        let program = ChildProgram {
            child,
            screen,
            registry: registry.try_clone()?,
            token,
            untyped: Vec::new(),
            has_more: true,
            has_ended: false,
        };
        let both = Interest::READABLE | Interest::WRITABLE;
        registry.register(&mut SourceFd(&program.screen.as_raw_fd()), token, both)?;
        Ok(program)
    }

    fn spawn(&self, command: &mut Command, terminal: &File) -> io::Result<Child> {
        let end = || terminal.try_clone().map(Stdio::from);
        command.stdin(end()?).stdout(end()?).stderr(end()?).env("TERM", "xterm");
        if let Some(folder) = &self.folder {
            command.current_dir(folder);
        }
        command.spawn()
    }
}

/// Both sides of a new pseudo-terminal. Ours does not block.
fn open_terminal() -> io::Result<(File, File)> {
    let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY)?;
    grantpt(&ours)?;
    unlockpt(&ours)?;
    let name = ptsname(&ours, Vec::new())?.into_string().map_err(io::Error::other)?;
    let theirs = File::options().read(true).write(true).open(name)?;
    let size = Winsize { ws_row: ROWS, ws_col: COLUMNS, ws_xpixel: 0, ws_ypixel: 0 };
    tcsetwinsize(&theirs, size)?;
    rustix::io::ioctl_fionbio(&ours, true)?;
    Ok((File::from(ours), theirs))
}

/// Whether programs can be started on terminals: on Unix they can.
pub(super) fn expect_terminals() -> Result<(), Failure> {
    Ok(())
}

impl ChildProgram {
    /// Types text. It is dropped if too much text waits already.
    pub(super) fn type_text(&mut self, text: &str) {
        if self.untyped.len() < UNREAD_BYTES_MAX {
            self.untyped.extend_from_slice(text.as_bytes());
        }
        self.flush();
    }

    /// Writes what waits to the terminal.
    pub(super) fn flush(&mut self) {
        while !self.untyped.is_empty() {
            match self.screen.write(&self.untyped) {
                Ok(count) if count > 0 => drop(self.untyped.drain(..count)),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // The terminal is full, or the program has ended, which is seen elsewhere.
                Ok(_) | Err(_) => return,
            }
        }
    }

    /// The bytes that the program has written since the last call.
    pub(super) fn written(&mut self) -> Vec<u8> {
        let mut written = Vec::new();
        let mut piece = [0; 4096];
        while written.len() < READ_BYTES_MAX {
            match self.screen.read(&mut piece) {
                Ok(count) if count > 0 => written.extend_from_slice(&piece[..count]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // Nothing more is ready, or the other side is closed.
                Ok(_) | Err(_) => {
                    self.has_more = false;
                    if !written.is_empty() {
                        self.watch_again();
                    }
                    return written;
                }
            }
        }
        self.has_more = true;
        written
    }

    /// Registers the terminal again: mio's poller over poll(2) reports a descriptor only once after
    /// each registration.
    fn watch_again(&self) {
        // WRITABLE only while text waits: an idle terminal always has room.
        let interest = if self.untyped.is_empty() {
            Interest::READABLE
        } else {
            Interest::READABLE | Interest::WRITABLE
        };
        // An error: the terminal is gone. `turning` looks at the program in each turn anyway.
        let mut source = SourceFd(&self.screen.as_raw_fd());
        let _ = self.registry.reregister(&mut source, self.token, interest);
    }

    /// Whether it has ended since the last call. True only once.
    pub(super) fn ended_just_now(&mut self) -> bool {
        let ends = !self.has_ended && matches!(self.child.try_wait(), Ok(Some(_)));
        self.has_ended |= ends;
        ends
    }
}

impl Drop for ChildProgram {
    /// Kills it with its whole process group.
    fn drop(&mut self) {
        // The terminal may be gone.
        let _ = self.registry.deregister(&mut SourceFd(&self.screen.as_raw_fd()));
        // If the group is gone, no other group has its number yet, because the child is not reaped
        // before this.
        let _ = kill_process_group(Pid::from_child(&self.child), Signal::KILL);
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
