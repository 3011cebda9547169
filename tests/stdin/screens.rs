//! Each kind of stdout.

use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::net::SocketAddr;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::{OPTIONS, Watchdog, expect_keeps, expect_leave, is_nonblocking};
use crate::support::fake_server::FakeServer;
use crate::support::{Process, Raw, eventually, proc};

/// Ana's peer with this stdout.
struct Run {
    process: Process,
    server: Raw,
    /// The address for calls.
    address: SocketAddr,
    _watchdog: Watchdog,
}

impl Run {
    fn start(stdout: impl Into<Stdio>) -> Self {
        let fake = FakeServer::start();
        let mut command = Command::new(env!("CARGO_BIN_EXE_papo"));
        command.args(fake.arguments(&OPTIONS)).stdin(Stdio::piped());
        let process = Process::start_as_it_is(command.stdout(stdout).stderr(Stdio::piped()));
        let (server, address) = fake.registered();
        let _watchdog = Watchdog::over(process.id());
        Self { process, server, address, _watchdog }
    }

    fn types(&mut self, text: &str) {
        self.process.type_text(text);
    }

    /// Waits for the end; returns the status and all of stderr.
    #[track_caller]
    fn end(mut self) -> (i32, String) {
        self.process.end_input();
        let (status, _, log) = self.process.finish();
        (status, log.join("\n"))
    }
}

/// `papo peer | head -1`: the status is 0, and stderr is empty.
#[test]
fn a_closed_pipe_ends_the_peer_without_an_error() {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    let mut run = Run::start(writer);
    run.types("/peers\n");
    let mut line = String::new();
    BufReader::new(reader).read_line(&mut line).expect("a line");
    assert_eq!(line, "No open conversations.\n");
    // More than once: a process that another test has just forked may have the reader's end until
    // it calls exec.
    for _ in 0..5 {
        run.types("/peers\n");
        std::thread::park_timeout(Duration::from_millis(50));
    }
    expect_leave(&mut run.server);
    assert_eq!(run.end(), (0, String::new()));
}

/// There is no conversation, so the exit need not wait 1.5 s for a partner. A busy machine may be
/// slow, so one success in five runs is enough.
#[test]
fn a_closed_pipe_ends_the_peer_at_once() {
    let leaves_at_once = |_| {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        let mut run = Run::start(writer);
        drop(reader);
        run.types("/peers\n");
        let start = Instant::now();
        expect_leave(&mut run.server);
        start.elapsed() < Duration::from_secs(1)
    };
    assert!((0..5).any(leaves_at_once), "the exit waits without a partner");
}

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()))
}

/// `>> file`: the old text stays, and the lines of the peer and of other writers follow.
#[test]
fn a_file_is_appended_to() {
    let path = path("appended");
    fs::write(&path, "before\n").expect("a file");
    let append = || OpenOptions::new().append(true).open(&path).expect("the file");
    let mut other = append();
    let mut run = Run::start(append());
    run.types("/peers\n");
    eventually("it is written", || fs::read_to_string(&path).expect("text").contains("No open"));
    other.write_all(b"by somebody else\n").expect("it is written");
    run.types("/bogus\n/exit\n");
    assert_eq!(run.end(), (1, String::new()), "there is no /bogus");
    let text = fs::read_to_string(&path).expect("text");
    fs::remove_file(&path).expect("it was made above");
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines[..3], ["before", "No open conversations.", "by somebody else"]);
    assert!(lines[3].contains("/bogus") && lines.len() == 4, "{text}");
}

/// `(echo first; papo peer; echo last) > file`: all three share one place in the file.
#[test]
fn a_shared_file_is_written_at_the_shared_place() {
    let path = path("shared");
    let mut file = File::create(&path).expect("a file");
    file.write_all(b"first\n").expect("it is written");
    let mut run = Run::start(file.try_clone().expect("a duplicate"));
    run.types("/peers\n/exit\n");
    assert_eq!(run.end().0, 0);
    file.write_all(b"last\n").expect("it is written");
    let text = fs::read_to_string(&path).expect("text");
    fs::remove_file(&path).expect("it was made above");
    assert_eq!(text, "first\nNo open conversations.\nlast\n");
}

/// A pipe into `less`: text that does not fit waits, and KEEP goes on. No text is lost, no flag of
/// the shared description changes, and the wait costs no processor time.
#[test]
fn a_pipe_that_nobody_reads_stops_no_keep() {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    let shared = writer.try_clone().expect("a duplicate");
    let mut run = Run::start(writer);
    for number in 0..2_000 {
        run.types(&format!("/{number:04}\n"));
    }
    expect_keeps(&mut run.server);
    assert!(!is_nonblocking(&shared), "a flag leaked into what others write to");
    let before = proc::processor_ticks(run.process.id());
    expect_keeps(&mut run.server);
    assert!(proc::processor_ticks(run.process.id()) - before < 20, "it spins");
    drop(shared);
    run.types("/exit\n");
    let lines = BufReader::new(reader).lines().map(|line| line.expect("text"));
    for (number, line) in lines.enumerate() {
        assert!(line.contains(&format!("/{number:04}.")), "{line}");
    }
    assert_eq!(run.end(), (1, String::new()), "they are no commands");
}

/// A script whose output is full waits with its next command, and loses nothing.
#[test]
fn a_pipe_that_is_full_gets_every_line_later() {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    let mut run = Run::start(writer);
    // More text than stdout takes, and less than stdin and stdout together.
    let total = 6_000;
    for number in 0..total {
        run.types(&format!("/{number:05}\n"));
    }
    expect_keeps(&mut run.server);
    let mut lines = BufReader::new(reader).lines().map(|line| line.expect("text"));
    for number in 0..total {
        let line = lines.next().expect("every line is answered");
        assert!(line.contains(&format!("/{number:05}")), "{line} for {number}");
    }
    run.types("/peers\n");
    assert_eq!(lines.next().expect("it goes on"), "No open conversations.");
}

/// The partner's messages wait in the kernel, and its writes stop. No message is lost.
#[test]
fn a_pipe_that_nobody_reads_holds_the_partner_back() {
    /// Far more than the buffers of two kernels and of papo.
    const BYTES_MAX: usize = 32 << 20;
    let (reader, writer) = std::io::pipe().expect("a pipe");
    let mut run = Run::start(writer);
    let mut bruno = Raw::connect(run.address);
    bruno.send("USER Bruno\r\n");
    let text = format!("{:>998}\r\n", "x");
    bruno.stream.set_write_timeout(Some(Duration::from_secs(1))).expect("a timeout");
    let mut sent = 0;
    while sent < BYTES_MAX {
        match bruno.stream.write(&text.as_bytes()[sent % text.len()..]) {
            Ok(count) => sent += count,
            Err(error) if error.kind() == ErrorKind::WouldBlock => break,
            Err(error) => panic!("{error} after {sent} bytes"),
        }
    }
    assert!(sent < BYTES_MAX, "it never stops reading");
    expect_keeps(&mut run.server);
    bruno.half_close();
    let lines = BufReader::new(reader).lines().map(|line| line.expect("text"));
    let texts = lines.filter(|line| line.ends_with(" x")).take(sent / text.len());
    assert_eq!(texts.count(), sent / text.len());
}

/// The last text waits for half a second at most.
#[test]
fn a_stuck_screen_does_not_prevent_the_exit() {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    let mut run = Run::start(writer);
    for number in 0..2_000 {
        run.types(&format!("/{number:04}\n"));
    }
    run.types("/exit\n");
    expect_leave(&mut run.server);
    assert_eq!(run.end(), (1, String::new()), "they are no commands");
    drop(reader);
}

#[test]
fn a_full_disk_ends_the_peer_with_an_error() {
    let full = OpenOptions::new().write(true).open("/dev/full").expect("Linux has one");
    let mut run = Run::start(full);
    run.types("/peers\n");
    expect_leave(&mut run.server);
    let (status, log) = run.end();
    assert_eq!(status, 1, "{log}");
    assert!(log.starts_with("papo: cannot write to stdout: No space left"), "{log}");
}

#[test]
fn dev_null_takes_everything() {
    let mut run = Run::start(Stdio::null());
    run.types("/peers\n");
    expect_keeps(&mut run.server);
    run.types("/exit\n");
    assert_eq!(run.end(), (0, String::new()));
}

/// A super-server gives a program such a stdout. A socket cannot be opened again.
#[test]
fn a_socket_is_written_to() {
    let (ours, theirs) = UnixStream::pair().expect("a socket pair");
    let shared = theirs.try_clone().expect("a duplicate");
    let mut run = Run::start(Stdio::from(std::os::fd::OwnedFd::from(theirs)));
    run.types("/peers\n");
    let mut line = String::new();
    BufReader::new(ours).read_line(&mut line).expect("a line");
    assert_eq!(line, "No open conversations.\n");
    assert!(!is_nonblocking(&shared));
    run.types("/exit\n");
    assert_eq!(run.end(), (0, String::new()));
}

/// No flag of the shared socket changes. The text that did not fit follows when there is room,
/// without a KEEP or a command that wakes the program.
#[test]
fn a_socket_that_nobody_reads_stops_no_keep() {
    let (ours, theirs) = UnixStream::pair().expect("a socket pair");
    let shared = theirs.try_clone().expect("a duplicate");
    let mut run = Run::start(Stdio::from(std::os::fd::OwnedFd::from(theirs)));
    let total = 6_000;
    for number in 0..total {
        run.types(&format!("/{number:05}\n"));
    }
    expect_keeps(&mut run.server);
    assert!(!is_nonblocking(&shared), "a flag leaked into what others write to");
    let mut lines = BufReader::new(ours).lines().map(|line| line.expect("text"));
    for number in 0..total {
        let line = lines.next().expect("every line is answered");
        assert!(line.contains(&format!("/{number:05}")), "{line} for {number}");
    }
    run.types("/exit\n");
    assert_eq!(run.end(), (1, String::new()), "they are no commands");
}

/// `papo peer >&-`: there is no stdout.
#[test]
fn a_closed_stdout_disturbs_nothing() {
    let fake = FakeServer::start();
    let mut command = Command::new("sh");
    command.args(["-c", "exec \"$0\" \"$@\" >&-", env!("CARGO_BIN_EXE_papo")]);
    command.args(fake.arguments(&OPTIONS)).stdin(Stdio::piped());
    let mut process = Process::start_as_it_is(&mut command);
    let (mut server, _) = fake.registered();
    process.type_text("/peers\n");
    expect_keeps(&mut server);
    process.end_input();
    assert_eq!(process.wait(), 0);
}

/// The reader of stderr has closed it.
#[test]
fn a_closed_stderr_disturbs_nothing() {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let fake = FakeServer::start();
    let mut command = Command::new(env!("CARGO_BIN_EXE_papo"));
    command.args(fake.arguments(&OPTIONS)).arg("--trace").stdin(Stdio::piped());
    let mut process = Process::start_as_it_is(command.stdout(Stdio::null()).stderr(writer));
    let (mut server, _) = fake.registered();
    expect_keeps(&mut server);
    process.end_input();
    assert_eq!(process.wait(), 0);
}
