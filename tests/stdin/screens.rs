//! Every kind of stdout.

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
    /// Where she awaits calls.
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

/// `papo peer | head -1`: nobody reads any more, so leave, in order and without a complaint.
#[test]
fn a_pipe_that_is_closed_early_ends_it_quietly() {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    let mut run = Run::start(writer);
    run.types("/peers\n");
    let mut line = String::new();
    BufReader::new(reader).read_line(&mut line).expect("a line");
    assert_eq!(line, "No open conversations.\n");
    // More than once: a process that another test has just begun may hold the reader's end until
    // it is another program.
    for _ in 0..5 {
        run.types("/peers\n");
        std::thread::park_timeout(Duration::from_millis(50));
    }
    expect_leave(&mut run.server);
    assert_eq!(run.end(), (0, String::new()));
}

/// Nobody is talked to, so there is nothing to wait for: the second and a half of an exit is for
/// people who have not closed yet. A busy machine may be slow; once in five is enough.
#[test]
fn a_pipe_that_is_closed_early_ends_it_at_once() {
    let leaves_at_once = |_| {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        let mut run = Run::start(writer);
        drop(reader);
        run.types("/peers\n");
        let start = Instant::now();
        expect_leave(&mut run.server);
        start.elapsed() < Duration::from_secs(1)
    };
    assert!((0..5).any(leaves_at_once), "it waits for nobody");
}

/// The same as people write it, with the status that a shell sees.
#[test]
fn head_gets_its_line_and_papo_ends_with_status_0() {
    let fake = FakeServer::start();
    let mut shell = Command::new("sh")
        .args(["-c", "{ \"$0\" \"$@\"; echo \"status $?\" >&2; } | head -1"])
        .arg(env!("CARGO_BIN_EXE_papo"))
        .args(fake.arguments(&OPTIONS))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("sh runs");
    let (mut server, _) = fake.registered();
    let mut stdin = shell.stdin.take().expect("piped");
    // With every KEEP another line, until head has gone and papo notices. The last KEEP may be
    // read when all have gone.
    stdin.write_all(b"/peers\n").expect("papo reads");
    eventually("papo has gone", || {
        let _ = stdin.write_all(b"/peers\n");
        server.line_or_end().is_none()
    });
    let output = shell.wait_with_output().expect("it ends");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "No open conversations.\n");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "status 0\n");
}

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()))
}

/// `>> file`: what stood there stays, what is said is added, and other writers' lines too.
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
fn a_file_is_written_where_the_others_left_off() {
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

/// A pipe into `less`: what does not fit waits, and KEEP goes on. Nothing is lost, no flag is
/// left on what others write to as well, and no time is spent on waiting.
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
    // More than fits into stdout, less than fits into stdin besides.
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

/// The partner's texts wait in the kernel then, and the partner notices. Nothing is lost.
#[test]
fn a_pipe_that_nobody_reads_holds_the_partner_back() {
    /// Far more than two kernels keep, and papo besides.
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
    assert!(sent < BYTES_MAX, "it goes on reading and reading");
    expect_keeps(&mut run.server);
    bruno.half_close();
    let lines = BufReader::new(reader).lines().map(|line| line.expect("text"));
    let texts = lines.filter(|line| line.ends_with(" x")).take(sent / text.len());
    assert_eq!(texts.count(), sent / text.len());
}

/// Somebody at a stuck screen can still leave: the last words wait for half a second, no more.
#[test]
fn a_stuck_screen_does_not_hold_the_exit_up() {
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

/// A full disk is nobody to talk to: it leaves in order, and says why.
#[test]
fn a_full_disk_ends_it_in_order_and_is_told() {
    let full = OpenOptions::new().write(true).open("/dev/full").expect("Linux has one");
    let mut run = Run::start(full);
    run.types("/peers\n");
    expect_leave(&mut run.server);
    let (status, log) = run.end();
    assert_eq!(status, 1, "{log}");
    assert!(log.starts_with("papo: cannot write to stdout: No space left"), "{log}");
}

/// Output that nobody wants.
#[test]
fn dev_null_takes_everything() {
    let mut run = Run::start(Stdio::null());
    run.types("/peers\n");
    expect_keeps(&mut run.server);
    run.types("/exit\n");
    assert_eq!(run.end(), (0, String::new()));
}

/// As a super-server gives it: a socket cannot be opened again, and is written to as it is.
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

/// The same where nobody reads it. Other writers of the socket go on as they were, and what did not
/// fit comes when there is room, without a KEEP or a command to wake the program.
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

/// `papo peer >&-`: there is no stdout at all.
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

/// A stderr that nobody reads any more is no reason to fail either.
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
