//! The log: the server serves whatever happens to stderr (drills D20 and D21), and clients cannot
//! make the log long.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, pipe};
use std::process::{Command, Stdio};
use std::time::Instant;

use super::{AT_ONCE, member, server_with};
use crate::support::{Process, Raw, Server, eventually, proc, quiet_address};

/// So many lines of the protocol that the queue of the log overflows.
const KEEPS: usize = 20_000;

/// Asks so many questions, in pieces, that the queue of the log overflows. Each answer comes at
/// once. Returns how many lines of the protocol crossed the socket.
fn talk(ana: &mut Raw) -> usize {
    let pieces = 20;
    for _ in 0..pieces {
        ana.send(&"KEEP\r\n".repeat(KEEPS / pieces));
        let start = Instant::now();
        ana.list();
        assert!(start.elapsed() < AT_ONCE, "Ana waits {:?}", start.elapsed());
    }
    KEEPS + 2 * pieces
}

/// The number in `N lines dropped`.
fn dropped(line: &str) -> Option<usize> {
    line.strip_suffix(" lines dropped")?.rsplit(' ').next()?.parse().ok()
}

#[test]
fn a_log_that_nobody_reads_stops_nothing_and_its_gap_is_told() {
    let (reader, writer) = pipe().expect("a pipe");
    let (mut server, address) = server_with(writer, &["--trace"]);
    let mut ana = member(address, "Ana");
    // USER, LIST and its answer, in `member`.
    let spoken = talk(&mut ana) + 3;

    let mut traced = 0;
    let mut lines = BufReader::new(reader).lines().map(|line| line.expect("whole lines of UTF-8"));
    let gap = lines.find_map(|line| {
        traced += usize::from(line.contains(" wire "));
        dropped(&line)
    });
    let gap = gap.expect("the gap is told");
    assert!(gap > KEEPS / 2, "{gap} lines dropped");
    assert_eq!(traced + gap, spoken, "every line is there or counted");

    server.signal("TERM");
    assert!(lines.any(|line| line.contains("event=stopped")), "and the log goes on");
    assert_eq!(server.wait(), 0);
}

#[test]
fn a_full_disk_stops_nothing_and_ends_nothing() {
    let full = OpenOptions::new().write(true).open("/dev/full").expect("it is there");
    let (mut server, address) = server_with(full, &["--trace"]);
    talk(&mut member(address, "Ana"));
    let grown = proc::resident_kib(server.id());
    assert!(grown < 16 * 1024, "{grown} KiB");
    server.signal("TERM");
    assert_eq!(server.wait(), 0);
}

/// A limit on the length of files stands for a full disk, until it is raised.
#[test]
fn when_there_is_room_again_the_log_goes_on() {
    let path = std::env::temp_dir().join(format!("papo-log-{}", std::process::id()));
    let limited = "trap '' XFSZ; ulimit -S -f 8; exec \"$0\" \"$@\"";
    let address = quiet_address();
    let mut command = Command::new("sh");
    command.args(["-c", limited, env!("CARGO_BIN_EXE_papo")]);
    command.args(["server", "--trace", "--listen", &address.to_string()]);
    let file = File::create(&path).expect("a file for the log");
    let mut server = Process::start_as_it_is(command.stdin(Stdio::null()).stderr(file));
    eventually("it listens", || std::net::TcpStream::connect(address).is_ok());
    let mut ana = member(address, "Ana");
    talk(&mut ana);
    let before = std::fs::metadata(&path).expect("the log").len();
    assert!(before <= 8 * 1024, "{before} bytes");

    let id = server.id().to_string();
    let raised = Command::new("prlimit").args(["--pid", &id, "--fsize=unlimited"]).status();
    assert!(raised.expect("prlimit runs").success());
    eventually("the gap is told", || {
        let log = std::fs::read(&path).expect("the log");
        String::from_utf8_lossy(&log).lines().any(|line| dropped(line).is_some())
    });
    server.signal("TERM");
    assert_eq!(server.wait(), 0);
    std::fs::remove_file(&path).expect("removes its file");
}

#[test]
fn a_log_whose_reader_is_gone_ends_nothing() {
    let (reader, writer) = pipe().expect("a pipe");
    drop(reader);
    let (mut server, address) = server_with(writer, &["--trace"]);
    talk(&mut member(address, "Ana"));
    server.signal("TERM");
    assert_eq!(server.wait(), 0);
}

/// At its end the peer waits for the reader of stderr, but only for a moment.
#[cfg(feature = "peer")]
#[test]
fn a_peer_whose_stderr_is_full_ends_all_the_same() {
    let server = Server::start();
    let _ana = member(server.address, "Ana");
    let (_reader, mut writer) = pipe().expect("a pipe");
    std::io::Write::write_all(&mut writer, &[b'x'; 65_536]).expect("as much as a pipe holds");
    let mut command = Command::new(env!("CARGO_BIN_EXE_papo"));
    command.args(["peer", "Ana", "--server", &server.address.to_string()]);
    let mut peer =
        Process::start_as_it_is(command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(writer));
    assert_eq!(peer.wait(), 1, "the name is refused");
}

/// Ten lines of a kind in a second, and one line with the number of the others.
#[test]
fn a_flood_of_connections_is_few_lines() {
    let start = Instant::now();
    let mut server = Server::start();
    let count = 400;
    for _ in 0..count {
        let mut stranger = server.connect();
        stranger.send("GET / HTTP/1.1\r\n");
        assert_eq!(stranger.line_or_end(), None);
    }
    let refusals = |log: &[String]| -> (usize, usize) {
        let said = log.iter().filter(|line| line.contains("reason=not_user from=")).count();
        let told = log
            .iter()
            .filter_map(|line| line.split(" event=refuse reason=not_user suppressed=").nth(1));
        (said, told.map(|number| number.parse::<usize>().expect("a number")).sum())
    };
    eventually("every line is there or counted", || {
        let (said, told) = refusals(&server.process.log());
        said + told == count
    });
    // A window is a second at least; the first and the last may be cut.
    let windows = 2 + usize::try_from(start.elapsed().as_secs()).expect("few");
    let lines = server.process.log().iter().filter(|line| line.contains("event=refuse")).count();
    assert!(lines <= 10 * windows, "{lines} lines in {windows} seconds");
}

/// A class joins at once, and its teacher looks for each name in the log.
#[test]
fn forty_who_join_at_once_are_all_named() {
    let mut server = Server::start();
    let class: Vec<_> = (0..40).map(|number| server.join(&format!("Aluno {number}"), 1)).collect();
    // In any order: a poller reports them in any order.
    for number in 0..class.len() {
        let join = format!("event=join name=\"Aluno {number}\"");
        let is_named = || server.process.log().iter().any(|line| line.contains(&join));
        eventually("each is named", is_named);
    }
    drop(class);
    eventually("every leave is logged", || {
        let log = server.process.log();
        log.iter().filter(|line| line.contains("event=leave name=\"Aluno ")).count() == 40
    });
    assert!(!server.process.log().iter().any(|line| line.contains("suppressed")));
}

/// `--trace` has no limit.
#[test]
fn a_trace_is_not_held_back() {
    let mut server = Server::start_with(&["--trace"]);
    let mut ana = member(server.address, "Ana");
    ana.send(&"KEEP\r\n".repeat(100));
    ana.list();
    eventually("all of it is there", || {
        server.process.log().iter().filter(|line| line.ends_with(r"< KEEP\r\n")).count() == 100
    });
}
