//! The log of a program that draws on the terminal at stderr.

use std::io::Write;
use std::net::TcpListener;

use papo::cli::host::program::CONSOLE_TOKENS;
use papo::cli::logging;
use papo::console::live::{Live, Style};
use papo::console::person::Person;
use papo::console::view::View;
use papo::event_loop::EventLoop;
use papo::machine::{Actions, Input, Machine, Millis};
use papo::peer::command::Command;
use papo::peer::notice::Notice;

use super::session::expect_no_wake_ups;
use crate::support::proc::signal;
use crate::support::pty::{PAPO, Pty, peer};
use crate::support::{Raw, Server};

/// No KEEP is sent during a test, so no log line comes between two others.
const QUIET: [&str; 2] = ["--keepalive", "3600"];

/// `--trace` in a small session: each line of the protocol appears above the row.
#[test]
fn a_traced_session() {
    let server = Server::start();
    let options = ["--lang", "en", "--no-verify", "--trace", QUIET[0], QUIET[1]];
    let Some(mut ana) = peer(&server, "Ana", &options, (90, 16)) else { return };
    ana.types("\x0c/list\rhalf a line\x1b[D\x1b[D");
    ana.expect("< LIST");
    let mut bruno = Raw::connect(server.address_of("Ana"));
    bruno.send("USER Bruno\r\n");
    ana.expect("< USER");
    bruno.send("oi \x1b[2J\r\n");
    ana.expect("< oi");
    let here = bruno.stream.local_addr().expect("an address");
    let at = server.address;
    let screen = [
        "HH:MM > /list",
        &format!(r"TIME wire {at} > LIST\r\n"),
        &format!(r"TIME wire {at} < LIST \r\n"),
        "HH:MM -- Online (besides you): nobody",
        &format!(r"TIME wire {here} < USER Bruno\r\n"),
        "HH:MM -- Connected to Bruno",
        &format!(r"TIME wire {here} < oi \u{{1b}}[2J\r\n"),
        "HH:MM Bruno: oi ^[[2J",
    ];
    // The line was begun without a target, so Bruno does not get it (A7).
    ana.expect_screen(&[&screen[..], &["Ana [*Bruno]> half a li|ne"]].concat());
    ana.types("\x05\x15/chat Bruno\rhalf a line\r");
    assert_eq!(bruno.line(), "half a line");
    ana.expect("> half a line");
    ana.types("/exit\r");
    assert_eq!(bruno.line(), "DISC");
    drop(bruno);
    assert_eq!(ana.expect_end(), 0);
    let end = [
        "HH:MM > /chat Bruno",
        "HH:MM -- Talking to Bruno",
        "HH:MM Ana → Bruno: half a line",
        &format!(r"TIME wire {here} > half a line\r\n"),
        "HH:MM > /exit",
        &format!(r"TIME wire {here} > DISC\r\n"),
        "|",
    ];
    ana.expect_screen(&[&screen[..], &end].concat());
}

/// A warning without `--trace`: more callers than descriptors.
#[test]
fn a_warning_does_not_change_a_half_line() {
    let server = Server::start();
    let script = format!(
        "ulimit -n 24; exec {PAPO} peer Ana --server {} --lang en --no-verify --keepalive 3600",
        server.address
    );
    let Some(mut ana) = Pty::start("sh", &["-c", &script], 90, 16) else { return };
    ana.expect("/help");
    let address = server.address_of("Ana");
    ana.types("half a line\x1b[D\x1b[D");
    ana.expect_row("Ana> half a li|ne");
    let callers: Vec<_> = (0..40).map(|_| Raw::connect(address)).collect();
    ana.expect("TIME WARN event=accept_paused");
    ana.types("X");
    ana.expect_row("Ana> half a liX|ne");
    drop(callers);
}

/// After the end, the last log line is on the screen, in a row of its own.
#[test]
fn no_log_line_is_lost_when_a_signal_ends_the_program() {
    let server = Server::start();
    let options = ["--no-verify", "--trace", QUIET[0], QUIET[1]];
    let Some(mut ana) = peer(&server, "Ana", &options, (90, 16)) else { return };
    let mut bruno = Raw::connect(server.address_of("Ana"));
    bruno.send("USER Bruno\r\n");
    ana.expect("< USER");
    ana.types("\x0chalf a line");
    ana.expect_screen(&["Ana → Bruno> half a line|"]);
    signal(ana.id(), "TERM");
    assert_eq!(bruno.line(), "DISC");
    drop(bruno);
    assert_eq!(ana.expect_end(), 0);
    ana.expect("> DISC");
    ana.expect_row("|");
}

/// A server sends more lines than one turn can hold. They appear only as log lines, and those that
/// are left out are counted.
#[test]
fn a_flood_of_log_lines_is_cut_and_counted() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    let arguments = ["peer", "Ana", "--server", &address, "--lang", "en", "--trace"];
    let Some(mut ana) = Pty::start(PAPO, &arguments, 90, 16) else { return };
    let mut server = Raw::accept(&listener);
    ana.types("half a line");
    ana.expect_row("Ana> half a line|");
    // 14 kB in one read, and 120 kB of log.
    server.send(&"HELLO\r\n".repeat(2_000));
    ana.expect("lines not shown");
    server.send("AND ON\r\n");
    ana.expect("< AND ON");
    ana.expect_row("Ana> half a line|");
    assert!(ana.has_shown("< HELLO"), "the lines that there was room for");
}

#[test]
fn a_file_at_stderr_gets_the_log_and_the_screen_does_not() {
    let server = Server::start();
    let file = std::env::temp_dir().join(format!("papo-drawn-log-{}", std::process::id()));
    let script = format!(
        "exec {PAPO} peer Ana --server {} --lang en --trace 2>{}",
        server.address,
        file.display()
    );
    let Some(mut ana) = Pty::start("sh", &["-c", &script], 90, 16) else { return };
    ana.expect("/help");
    ana.types("/list\r");
    ana.expect("besides you): nobody");
    ana.types("/exit\r");
    assert_eq!(ana.expect_end(), 0);
    assert!(!ana.has_shown("wire"));
    let written = std::fs::read_to_string(&file).expect("a log");
    std::fs::remove_file(file).expect("it was there");
    let words = ["> USER Ana:", "> LIST", "< LIST"];
    assert!(words.iter().all(|word| written.contains(word)), "{written}");
}

/// The log must not wake a program that has nothing to show.
#[test]
fn an_idle_terminal_with_a_trace_costs_nothing() {
    let server = Server::start();
    let options = ["--trace", QUIET[0], QUIET[1]];
    let Some(mut ana) = peer(&server, "Ana", &options, (90, 16)) else { return };
    ana.types("/list\r");
    ana.expect("< LIST");
    std::thread::sleep(std::time::Duration::from_millis(500));
    expect_no_wake_ups(&ana);
}

/// A machine that logs a typed line, and then panics.
struct Panicking;

impl Machine for Panicking {
    type Notice = Notice;
    type Command = Command;

    fn handle(&mut self, _: Millis, input: Input<'_, Command>, _: &mut Actions<Notice>) {
        if let Input::Command(Command::Say(line)) = input {
            log::warn!("event=typed line={}", line.escape_ascii());
            panic!("the machine broke");
        }
    }

    fn next_deadline(&self) -> Option<Millis> {
        None
    }
}

/// This variable is set in the process that must panic.
const PANICS: &str = "PAPO_DRAWN_PANICS";

/// Not a test, but the program that the next test runs on a terminal.
#[test]
#[ignore = "panics on purpose, in a process that the next test starts"]
fn the_panic() {
    if std::env::var_os(PANICS).is_none() {
        return;
    }
    // As with `panic = "abort"`, no value is dropped.
    std::panic::set_hook(Box::new(|panic| {
        let _ = writeln!(std::io::stderr(), "said: {panic}");
        std::process::exit(101);
    }));
    let log = logging::start(log::LevelFilter::Warn, false);
    let view = View::Live(Box::new(Live::new(Style::default())));
    let mut event_loop = EventLoop::new(Panicking).expect("a loop");
    let registry = event_loop.registry();
    let mut person = Person::new(view, registry, CONSOLE_TOKENS).expect("a console");
    log.hold();
    person.draw_on_terminal(registry).expect("a terminal");
    loop {
        person.flush();
        let timeout = person.timeout(event_loop.now(), true);
        let turn = event_loop.turn(timeout).expect("the poller works");
        person.read(&turn.host_ready, event_loop.registry(), true);
        while let Some(command) = person.next_command() {
            event_loop.command(&command);
        }
    }
}

/// The terminal is restored, then the log lines come, and then the text of the panic.
#[test]
fn a_panic_leaves_the_terminal_and_the_log() {
    let this = std::env::current_exe().expect("a path");
    let this = this.to_str().expect("UTF-8");
    let set = format!("{PANICS}=1");
    let run = ["drawn::log::the_panic", "--exact", "--ignored", "--nocapture", "--test-threads=1"];
    let arguments = [&[&set[..], this], &run[..]].concat();
    let Some(mut papo) = Pty::start("env", &arguments, 90, 16) else { return };
    papo.expect_row("> |");
    papo.types("oi");
    papo.expect_row("> oi|");
    assert!(papo.is_raw() && papo.marks_pasted());
    papo.types("\r");
    assert_eq!(papo.expect_end(), 101);
    papo.expect("TIME WARN event=typed line=oi\nsaid: ");
    papo.expect("the machine broke");
}
