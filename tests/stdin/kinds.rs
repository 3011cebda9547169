//! Each kind of stdin.

use std::fs::{self, File, OpenOptions};
use std::io::{PipeWriter, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use rustix::fs::{CWD, FileType, Mode, mknodat};

use super::{OPTIONS, expect_keeps, expect_leave, is_nonblocking};
use crate::support::Process;
use crate::support::fake_server::{FakeServer, words};

/// A kind of stdin to which the test writes: the test's end, the peer's end, and a duplicate of the
/// peer's end, as the shell that starts a program has one.
struct Source {
    ours: Box<dyn Write>,
    theirs: OwnedFd,
    shared: OwnedFd,
}

fn source(ours: impl Write + 'static, theirs: OwnedFd) -> Source {
    let shared = theirs.try_clone().expect("a duplicate");
    Source { ours: Box::new(ours), theirs, shared }
}

fn pipe() -> Source {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    source(writer, reader.into())
}

fn socket_pair() -> Source {
    let (ours, theirs) = UnixStream::pair().expect("a socket pair");
    source(ours, theirs.into())
}

/// A path for one test, which removes its file.
fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()))
}

fn fifo() -> Source {
    let path = path("fifo");
    mknodat(CWD, &path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).expect("a FIFO");
    // An open for both directions does not wait for the other end.
    let both = OpenOptions::new().read(true).write(true).open(&path).expect("the FIFO");
    let writer = OpenOptions::new().write(true).open(&path).expect("its writing end");
    let reader = File::open(&path).expect("its reading end");
    drop(both);
    fs::remove_file(&path).expect("it was made above");
    source(writer, reader.into())
}

/// Types commands in pieces, and leaves by the end of the input.
fn converse(mut source: Source) {
    let fake = FakeServer::start();
    let stdin = Stdio::from(source.theirs);
    let mut process = Process::start_with(&words(&fake.arguments(&OPTIONS)), stdin);
    let (mut ana, _) = fake.registered();
    source.ours.write_all(b"/peers\n/bo").expect("papo reads");
    process.expect_screen("No open conversations.");
    assert!(!is_nonblocking(&source.shared), "a flag leaked into what the shell shares");
    expect_keeps(&mut ana);
    source.ours.write_all(b"gus\n").expect("papo reads");
    process.expect_screen("Unknown command: /bogus");
    drop(source.ours);
    expect_leave(&mut ana);
    assert_eq!(process.finish().0, 1, "there is no /bogus");
    assert!(!is_nonblocking(&source.shared), "a flag was left behind");
}

#[test]
fn a_pipe_is_read_to_its_end() {
    converse(pipe());
}

#[test]
fn a_fifo_is_read_to_its_end() {
    converse(fifo());
}

/// A super-server (inetd) gives a program such a stdin.
#[test]
fn a_socket_pair_is_read_to_its_end() {
    converse(socket_pair());
}

/// A shell with job control gives each pipeline a process group of its own.
#[test]
fn a_pipe_is_read_in_another_process_group() {
    let fake = FakeServer::start();
    let (reader, mut writer) = std::io::pipe().expect("a pipe");
    let mut command = Command::new(env!("CARGO_BIN_EXE_papo"));
    command.args(fake.arguments(&OPTIONS)).process_group(0).stdin(reader).stdout(Stdio::null());
    let mut process = Process::start_as_it_is(&mut command);
    let (mut ana, _) = fake.registered();
    expect_keeps(&mut ana);
    writer.write_all(b"/exit\n").expect("papo reads");
    expect_leave(&mut ana);
    assert_eq!(process.wait(), 0);
}

/// Runs a peer with this file as stdin, and returns its screen.
fn with_file(text: &str, name: &str) -> Vec<String> {
    let path = path(name);
    fs::write(&path, text).expect("a file");
    let fake = FakeServer::start();
    let file = File::open(&path).expect("the file");
    fs::remove_file(&path).expect("it was made above");
    let shared = file.try_clone().expect("a duplicate");
    let process = Process::start_with(&words(&fake.arguments(&OPTIONS)), Stdio::from(file));
    let (mut ana, _) = fake.registered();
    expect_leave(&mut ana);
    let (status, screen, _) = process.finish();
    let is_wrong = |line: &String| line.starts_with("Unknown command");
    assert_eq!(status, i32::from(screen.iter().any(is_wrong)));
    assert!(!is_nonblocking(&shared));
    screen
}

/// epoll refuses files, because they are always ready.
#[test]
fn a_regular_file_is_read_to_its_end() {
    let screen = with_file("/peers\n/um\n/dois\n", "file");
    assert_eq!(screen[0], "No open conversations.");
    assert!(screen[1].contains("/um") && screen[2].contains("/dois"), "{screen:?}");
    assert_eq!(with_file("", "empty"), [""; 0]);
}

/// A person who pipes a file in means all of it.
#[test]
fn a_last_line_without_its_end_counts() {
    assert_eq!(with_file("/peers", "unended"), ["No open conversations."]);
    let fake = FakeServer::start();
    let mut process = Process::start(&words(&fake.arguments(&OPTIONS)));
    let (mut ana, _) = fake.registered();
    process.type_text("/peers");
    process.end_input();
    expect_leave(&mut ana);
    assert_eq!(process.finish().1, ["No open conversations."]);
}

/// Windows ends lines in this way.
#[test]
fn a_file_with_cr_lf_is_read_like_any_other() {
    assert_eq!(with_file("/peers\r\n/peers\r\n", "crlf"), ["No open conversations."; 2]);
}

#[test]
fn nul_and_control_characters_do_not_end_the_input() {
    let screen = with_file("/a\0b\u{1b}[2J\n/peers\n", "bytes");
    assert!(screen[0].contains("/a^@b^[[2J"), "{screen:?}");
    assert_eq!(screen[1], "No open conversations.");
}

#[test]
fn dev_null_is_the_end_of_input() {
    let fake = FakeServer::start();
    let process = Process::start_with(&words(&fake.arguments(&OPTIONS)), Stdio::null());
    expect_leave(&mut fake.registered().0);
    let (status, screen, log) = process.finish();
    assert_eq!((status, screen, log), (0, Vec::new(), Vec::new()));
}

/// `papo peer <&-`: there is no stdin.
#[test]
fn a_closed_stdin_is_the_end_of_input() {
    let fake = FakeServer::start();
    let process = Process::start_after("exec <&-", &words(&fake.arguments(&OPTIONS)));
    expect_leave(&mut fake.registered().0);
    let (status, screen, log) = process.finish();
    assert_eq!((status, screen, log), (0, Vec::new(), Vec::new()));
}

/// Two processes read the same pipe, as in a shell script. The peer reads no more after its exit.
#[test]
fn input_after_the_exit_stays_for_the_next_process() {
    let fake = FakeServer::start();
    let (reader, mut writer): (_, PipeWriter) = std::io::pipe().expect("a pipe");
    let rest = reader.try_clone().expect("a duplicate");
    let mut process = Process::start_with(&words(&fake.arguments(&OPTIONS)), Stdio::from(reader));
    let _server = fake.registered();
    writer.write_all(b"/exit\n").expect("papo reads");
    assert_eq!(process.wait(), 0);
    writer.write_all(b"for the next\n").expect("there is room");
    drop(writer);
    assert_eq!(std::io::read_to_string(rest).expect("text"), "for the next\n");
}
