//! A program with a terminal of its own, and a model of the screen of that terminal.
//!
//! Read next: `tests/drawn`, which compares such screens, and `tests/pictures`, which draws them.
//! `tests/stdin` and the drills compare the bytes.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{
    Action, LocalModes, OptionalActions, Termios, Winsize, tcflow, tcgetattr, tcsetattr,
    tcsetwinsize,
};

use super::tools::skip;
use super::{PATIENCE, Process, Server};

pub(crate) const PAPO: &str = env!("CARGO_BIN_EXE_papo");

/// Bytes that no program writes.
const END_MARK: &[u8] = b"\0\0end of the program\0\0";

pub(crate) struct Pty {
    process: Process,
    /// Our end: keys go in, and output comes out.
    ours: File,
    /// The program's end, kept open, so that output can be read after the program has ended.
    theirs: OwnedFd,
    /// The settings of the terminal before the program.
    before: Termios,
    drawn: Receiver<Vec<u8>>,
    /// All of it so far.
    seen: Vec<u8>,
    /// The part of it that [`Pty::expect_next`] has found already.
    found: usize,
    screen: vt100::Parser,
}

impl Pty {
    /// `None`, and SKIPPED: there is no `setsid` here.
    pub(crate) fn start(
        program: &str,
        arguments: &[&str],
        columns: u16,
        rows: u16,
    ) -> Option<Self> {
        let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a pseudo-terminal");
        grantpt(&ours).expect("ours");
        unlockpt(&ours).expect("unlocked");
        let name = ptsname(&ours, Vec::new()).expect("a name");
        let name = name.to_str().expect("ASCII");
        let theirs = File::options().read(true).write(true).open(name).expect("the other end");
        tcsetwinsize(&theirs, size(columns, rows)).expect("a size");
        let before = tcgetattr(&theirs).expect("a terminal");
        let end = || Stdio::from(theirs.try_clone().expect("a descriptor"));
        let mut command = Command::new("setsid");
        command.args(["--ctty", program]).args(arguments);
        command.stdin(end()).stdout(end()).stderr(end());
        command.env("TERM", "xterm").env("TZ", zone_of_the_afternoon());
        // The messages of a shell (`Stopped`) and of the program do not depend on the machine.
        command.env("LC_ALL", "C.UTF-8").env_remove("LANGUAGE").env_remove("NO_COLOR");
        let Ok(process) = Process::try_start(&mut command) else {
            skip("there is no `setsid` to give a program its terminal");
            return None;
        };
        let ours = File::from(ours);
        let drawn = listen(ours.try_clone().expect("a descriptor"));
        let screen = vt100::Parser::new(rows, columns, 0);
        let (theirs, seen, found) = (theirs.into(), Vec::new(), 0);
        Some(Self { process, ours, theirs, before, drawn, seen, found, screen })
    }

    /// The screen as it is now. Wait for its contents first.
    pub(crate) fn screen(&self) -> &vt100::Screen {
        self.screen.screen()
    }

    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    pub(crate) fn types(&mut self, keys: &str) {
        self.ours.write_all(keys.as_bytes()).expect("the terminal takes keys");
    }

    /// From now on keys that are typed are not drawn by the terminal itself.
    pub(crate) fn without_echo(&mut self) {
        self.before.local_modes.remove(LocalModes::ECHO);
        tcsetattr(&self.theirs, OptionalActions::Now, &self.before).expect("a terminal");
    }

    /// The terminal takes no output, as after Ctrl-S.
    pub(crate) fn hold(&self) {
        tcflow(&self.theirs, Action::OOff).expect("a terminal");
    }

    /// The terminal takes output again, as after Ctrl-Q.
    pub(crate) fn release(&self) {
        tcflow(&self.theirs, Action::OOn).expect("a terminal");
    }

    pub(crate) fn resize(&mut self, columns: u16, rows: u16) {
        self.screen.screen_mut().set_size(rows, columns);
        tcsetwinsize(&self.ours, size(columns, rows)).expect("a size");
    }

    /// Waits until the screen shows this somewhere.
    #[track_caller]
    pub(crate) fn expect(&mut self, text: &str) {
        self.wait_until(text, |drawing| drawing.contains(text));
    }

    /// Waits until this is the last row with text, with the cursor as `|`.
    #[track_caller]
    pub(crate) fn expect_row(&mut self, row: &str) {
        self.wait_until(row, |drawing| drawing.lines().last() == Some(row));
    }

    /// Waits until the screen is this drawing; times are `HH:MM`.
    #[track_caller]
    pub(crate) fn expect_screen(&mut self, rows: &[&str]) {
        let expected = rows.join("\n");
        self.wait_until(&expected, |drawing| drawing == expected);
    }

    /// Waits until this is written, after all texts that were found before.
    #[track_caller]
    pub(crate) fn expect_next(&mut self, text: &str) {
        let is_there = self.wait_for_next(text, PATIENCE).is_some();
        assert!(is_there, "waited for\n{text}\n\nand the screen is\n{}", self.drawing());
    }

    /// The same with a limit. Returns how long it took.
    pub(crate) fn wait_for_next(&mut self, text: &str, limit: Duration) -> Option<Duration> {
        let start = Instant::now();
        loop {
            let rest = &self.seen[self.found..];
            if let Some(at) = rest.windows(text.len()).position(|it| it == text.as_bytes()) {
                self.found += at + text.len();
                return Some(start.elapsed());
            }
            let bytes = self.drawn.recv_timeout(limit.saturating_sub(start.elapsed())).ok()?;
            self.see(&bytes);
        }
    }

    /// All that was written so far.
    pub(crate) fn written(&mut self) -> String {
        while let Ok(bytes) = self.drawn.try_recv() {
            self.see(&bytes);
        }
        String::from_utf8_lossy(&self.seen).into_owned()
    }

    /// The settings of the terminal, as in `stty -a`.
    pub(crate) fn settings(&self) -> String {
        modes(&tcgetattr(&self.theirs).expect("a terminal"))
    }

    #[track_caller]
    fn wait_until(&mut self, what: &str, is_so: impl Fn(&str) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let drawing = self.drawing();
            if is_so(&drawing) {
                return;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            match self.drawn.recv_timeout(left) {
                Ok(bytes) => self.see(&bytes),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    panic!("waited for\n{what}\n\nand the screen is\n{drawing}");
                }
            }
        }
    }

    fn see(&mut self, bytes: &[u8]) {
        self.seen.extend_from_slice(bytes);
        self.screen.process(bytes);
    }

    /// Whether this was ever written to the screen, in one piece.
    pub(crate) fn has_shown(&self, text: &str) -> bool {
        self.seen.windows(text.len()).any(|bytes| bytes == text.as_bytes())
    }

    /// The rows down to the cursor or the last one with text, `|` where the cursor is.
    fn drawing(&self) -> String {
        let screen = self.screen.screen();
        let (cursor_row, cursor_column) = screen.cursor_position();
        let mut rows = Vec::new();
        for row in 0..screen.size().0 {
            let mut text = String::new();
            for column in 0..=screen.size().1 {
                if (row, column) == (cursor_row, cursor_column) {
                    text.push('|');
                }
                let Some(cell) = screen.cell(row, column) else { continue };
                if !cell.is_wide_continuation() {
                    text.push_str(if cell.has_contents() { cell.contents() } else { " " });
                }
            }
            rows.push(without_time(text.trim_end()));
        }
        while rows.last().is_some_and(String::is_empty) {
            rows.pop();
        }
        rows.join("\n")
    }

    /// Keys come as they are pressed.
    pub(crate) fn is_raw(&self) -> bool {
        let now = tcgetattr(&self.theirs).expect("a terminal");
        !now.local_modes.contains(LocalModes::ICANON)
    }

    /// Waits for the end, and returns the status. Asserts that the terminal has its old settings.
    #[track_caller]
    pub(crate) fn expect_end(&mut self) -> i32 {
        let status = self.wait(PATIENCE);
        self.see_the_rest();
        assert_eq!(self.settings(), modes(&self.before), "the terminal is not as it was");
        assert!(!self.screen.screen().bracketed_paste(), "pasted text is still marked");
        status
    }

    /// Waits for the end, and returns the status.
    #[track_caller]
    pub(crate) fn wait(&mut self, limit: Duration) -> i32 {
        let start = Instant::now();
        loop {
            if let Some(status) = self.process.status() {
                return status;
            }
            assert!(start.elapsed() < limit, "it does not end:\n{}", self.drawing());
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Reads all that the program wrote before its end, up to a mark of our own.
    #[track_caller]
    fn see_the_rest(&mut self) {
        rustix::io::write(&self.theirs, END_MARK).expect("the terminal takes a mark");
        let mut rest = Vec::new();
        while !rest.ends_with(END_MARK) {
            rest.extend(self.drawn.recv_timeout(PATIENCE).expect("the mark comes out"));
        }
        rest.truncate(rest.len() - END_MARK.len());
        self.see(&rest);
    }

    pub(crate) fn marks_pasted(&self) -> bool {
        self.screen.screen().bracketed_paste()
    }
}

/// A peer on a terminal, registered.
pub(crate) fn peer(server: &Server, name: &str, options: &[&str], size: (u16, u16)) -> Option<Pty> {
    let address = server.address.to_string();
    let arguments = ["peer", name, "--server", &address].into_iter().chain(options.iter().copied());
    let arguments: Vec<_> = arguments.collect();
    let mut pty = Pty::start(PAPO, &arguments, size.0, size.1)?;
    // The end of the welcome.
    pty.expect("/help");
    pty.expect_row(&format!("{name}> |"));
    Some(pty)
}

/// A time zone in which it is 14:07 now, so that no midnight comes during a test. In POSIX the sign of
/// a zone is negative east of Greenwich.
fn zone_of_the_afternoon() -> String {
    let since_1970 = SystemTime::UNIX_EPOCH.elapsed().expect("after 1970");
    let second_of_day = i64::try_from(since_1970.as_secs() % 86_400).expect("small");
    let east = (14 * 60 + 7) * 60 - second_of_day;
    let sign = if east < 0 { '+' } else { '-' };
    let (hours, rest) = (east.abs() / 3600, east.abs() % 3600);
    format!("TEST{sign}{hours:02}:{:02}:{:02}", rest / 60, rest % 60)
}

fn size(columns: u16, rows: u16) -> Winsize {
    Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 }
}

/// All settings of `stty -a`.
fn modes(termios: &Termios) -> String {
    let Termios { input_modes, output_modes, control_modes, local_modes, special_codes, .. } =
        termios;
    format!("{input_modes:?} {output_modes:?} {control_modes:?} {local_modes:?} {special_codes:?}")
}

/// The bytes of the terminal, until it closes.
fn listen(mut ours: File) -> Receiver<Vec<u8>> {
    let (sender, drawn) = channel();
    thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(count @ 1..) = ours.read(&mut buffer) {
            if sender.send(buffer[..count].to_vec()).is_err() {
                break;
            }
        }
    });
    drawn
}

/// `HH:MM -- Connected` for `12:34 -- Connected`, and `TIME WARN` for a line of the log.
fn without_time(row: &str) -> String {
    if let Some((stamp, rest)) = row.split_at_checked("12:34:56.789".len())
        && stamp.chars().filter(char::is_ascii_digit).count() == 9
        && stamp.chars().filter(|letter| ":.".contains(*letter)).count() == 3
    {
        return format!("TIME{rest}");
    }
    let is_clock = |text: &str| {
        let bytes = text.as_bytes();
        bytes[2] == b':' && [0, 1, 3, 4].iter().all(|&at| bytes[at].is_ascii_digit())
    };
    match row.split_at_checked(5) {
        Some((clock, rest)) if is_clock(clock) => format!("HH:MM{rest}"),
        _ => row.to_string(),
    }
}
