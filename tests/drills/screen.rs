//! A person's terminal: a pty whose other end the drill holds.

use std::fs::File;
use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::fs::{OFlags, fcntl_setfl};
use rustix::pty::{OpenptFlags, grantpt, ioctl_tiocgptpeer, openpt, unlockpt};
use rustix::termios::{Termios, tcgetattr};

use crate::host;
use crate::process::PATIENCE;

/// A process on a terminal of its own.
pub struct Screen {
    master: File,
    slave: File,
    child: Child,
    /// Everything that was read from the screen so far.
    pub shown: Vec<u8>,
}

impl Screen {
    /// Starts these words on a new terminal, as the leader of a session there.
    pub fn start(words: &[&str]) -> Self {
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
        let master = openpt(flags).expect("a pty");
        grantpt(&master).expect("granted");
        unlockpt(&master).expect("unlocked");
        let slave = File::from(ioctl_tiocgptpeer(&master, flags).expect("its other end"));
        fcntl_setfl(&master, OFlags::RDWR | OFlags::NONBLOCK).expect("non-blocking");
        let end = || Stdio::from(slave.try_clone().expect("cloned"));
        let mut command = Command::new("setsid");
        command.arg("--ctty").args(words).env("LC_ALL", "C.UTF-8").env("TERM", "xterm");
        command.stdin(end()).stdout(end()).stderr(end());
        let child = command.spawn().expect("setsid starts");
        Self { master: master.into(), slave, child, shown: Vec::new() }
    }

    /// The process's number.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Presses keys.
    pub fn types(&mut self, keys: &str) {
        self.master.write_all(keys.as_bytes()).expect("the terminal takes keys");
    }

    /// Takes what is on the screen by now.
    pub fn look(&mut self) -> String {
        let mut piece = [0; 16 * 1024];
        while let Ok(count) = self.master.read(&mut piece) {
            if count == 0 {
                break;
            }
            self.shown.extend_from_slice(&piece[..count]);
        }
        String::from_utf8_lossy(&self.shown).into_owned()
    }

    /// Reads the screen until it has this text: how long that took.
    pub fn wait_for(&mut self, text: &str, limit: Duration) -> Option<Duration> {
        host::wait_for(limit, || self.look().contains(text))
    }

    /// The same, where anything else is a failure.
    #[track_caller]
    pub fn expect(&mut self, text: &str) {
        let found = self.wait_for(text, PATIENCE);
        assert!(found.is_some(), "no {text:?} on the screen: {:?}", self.look());
    }

    /// How the terminal is set.
    pub fn settings(&self) -> Termios {
        tcgetattr(&self.slave).expect("a terminal has settings")
    }

    /// Waits for the process's end: the status, if it came to that.
    pub fn wait(&mut self, limit: Duration) -> Option<i32> {
        host::wait_for(limit, || {
            self.look();
            self.child.try_wait().expect("waits").is_some()
        })?;
        self.child.wait().expect("waits").code()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
