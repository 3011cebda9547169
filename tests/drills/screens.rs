//! A person's terminal: blocked, in the background, attacked by text, and after the program has ended.

use std::time::Duration;

use rustix::process::Signal;

use crate::figure::Report;
use crate::host::{millis, pause, seconds, signal, wait_for};
use crate::process::{PATIENCE, Server, papo};
use crate::support::Raw;
use crate::support::proc::{self, child_of};
use crate::support::pty::Pty;

/// Ana on a terminal, registered with this server, in plain lines.
fn ana(server: &Server) -> Pty {
    let address = server.address.to_string();
    let words = ["peer", "Ana", "--server", &address, "--lang", "en", "--plain"];
    let screen = start(&papo(), &words);
    server.papo.expect_log("event=join name=\"Ana\"");
    screen
}

/// A program on a terminal of its own.
fn start(program: &str, words: &[&str]) -> Pty {
    Pty::start(program, words, 80, 24).expect("the drill needs setsid")
}

/// A caller of Ana, and its connection to the server.
fn call(server: &Server, name: &str) -> (Raw, Raw) {
    let mut registered = Raw::connect(server.address);
    registered.send(&format!("USER {name}:9\r\nADDR Ana\r\n"));
    let line = registered.line();
    let address = line.strip_prefix("ADDR ").and_then(|text| text.parse().ok());
    let mut caller = Raw::connect(address.expect("Ana's address"));
    caller.send(&format!("USER {name}\r\n"));
    (caller, registered)
}

/// D22: the terminal takes no output (Ctrl-S), under a flood of text. KEEP goes on.
pub fn blocked_terminal(report: &mut Report) {
    let time = report.scaled(60.0, 18.0);
    report.say_scale(format!("a terminal that takes nothing for {time} s, under a flood"));
    let server = Server::start();
    let mut screen = ana(&server);
    let (mut caller, _registered) = call(&server, "Eva");
    screen.expect_next("Connected to Eva");
    screen.hold();
    let before = proc::resident_kib(screen.id());
    caller.stream.set_nonblocking(true).expect("non-blocking");
    let text = "water water water water water water water water\r\n".repeat(200);
    let (mut sent, mut most) = (0, before);
    wait_for(seconds(time), || {
        use std::io::Write;
        sent += caller.stream.write(&text.as_bytes()[sent % text.len()..]).unwrap_or(0);
        most = most.max(proc::resident_kib(screen.id()));
        false
    });
    report.exactly("expelled", server.logged("event=leave name=\"Ana\""), 0_usize);
    report.at_least("flood", sent as f64 / 1e6, 2.0, "MB");
    report.at_most("memory grown", (most - before) as f64 / 1024.0, 8.0, "MiB");
    screen.release();
    let told = screen.wait_for_next("lines not shown", seconds(10.0));
    report.at_most("told of lines not shown within", millis(told), 10_000.0, "ms");
    drop(caller);
    screen.types("/list\n");
    let listed = screen.wait_for_next("Online (besides you)", seconds(10.0));
    report.at_most("/list is answered within", millis(listed), 5_000.0, "ms");
}

/// D23: Ctrl-Z, and `fg` a good while later.
pub fn suspended(report: &mut Report) {
    let time = report.scaled(60, 18);
    report.say_scale(format!("Ctrl-Z for {time} s under a shell with job control"));
    let server = Server::start();
    let (program, address) = (papo(), server.address.to_string());
    let script = format!(
        "set -m; '{program}' peer Ana --server {address} --lang en --plain; \
         echo stopped; sleep {time}; echo going on; fg"
    );
    let mut screen = start("bash", &["-c", &script]);
    server.papo.expect_log("event=join name=\"Ana\"");
    screen.expect_next("Hello, Ana");
    screen.types("\x1a");
    screen.expect_next("stopped");
    let gone = wait_for(seconds(18.0), || server.logged("event=leave name=\"Ana\"") == 1);
    report.exactly("taken for gone meanwhile", usize::from(gone.is_some()), 1_usize);
    let going = screen.wait_for_next("going on", Duration::from_secs(time + 10));
    assert!(going.is_some(), "the shell goes on: {:?}", screen.written());
    let back = wait_for(seconds(10.0), || server.logged("event=join name=\"Ana\"") == 2);
    report.at_most("registered again within", millis(back), 2_000.0, "ms");
    screen.types("/exit\n");
    report.exactly("exit status", f64::from(screen.wait(seconds(10.0))), 0.0);
}

/// D30, in plain lines: texts and names of callers. No byte of them may act on the terminal.
pub fn hostile_text(report: &mut Report) {
    let payloads = payloads();
    report.say_scale(format!("{} payloads, plain mode, judged by bytes", payloads.len()));
    let server = Server::start();
    let mut screen = ana(&server);
    let (mut caller, _registered) = call(&server, "Eva");
    screen.expect_next("Connected to Eva");
    for payload in &payloads {
        caller.send_bytes(&[payload, b"\r\n".as_slice()].concat());
    }
    caller.send("the end\r\n");
    screen.expect_next("the end");
    // As the name of a caller.
    for payload in payloads.iter().step_by(9) {
        let mut asker = Raw::connect(server.address);
        asker.send("USER asker:9\r\nADDR Ana\r\n");
        let line = asker.line();
        let address = line.strip_prefix("ADDR ").and_then(|text| text.parse().ok());
        let mut named = Raw::connect(address.expect("Ana's address"));
        named.send_bytes(&[b"USER ", payload.as_slice(), b"\r\n"].concat());
        pause(Duration::from_millis(20));
    }
    let shown = screen.written();
    let lines = shown.lines().filter(|line| line.contains("Eva: ")).count();
    report.exactly("payloads shown", lines, payloads.len() + 1);
    report.exactly("characters that act", shown.chars().filter(|&c| acts(c)).count(), 0_usize);
    report.at_least("of those, seen in the payloads", hostile(&payloads), 300.0, "");
}

fn hostile(payloads: &[Vec<u8>]) -> f64 {
    let texts = payloads.iter().map(|payload| String::from_utf8_lossy(payload).into_owned());
    texts.map(|text| text.chars().filter(|&c| acts(c)).count()).sum::<usize>() as f64
}

/// Whether a character acts on a terminal or on the order of text.
fn acts(character: char) -> bool {
    let is_line_end = matches!(character, '\r' | '\n');
    let reorders = matches!(
        u32::from(character),
        0x61C | 0x200E | 0x200F | 0x202A..=0x202E | 0x2066..=0x2069
    );
    (character.is_control() && !is_line_end) || reorders
}

/// Three hundred ways to act on a terminal.
fn payloads() -> Vec<Vec<u8>> {
    let bodies: [&str; 15] = [
        "[2J",
        "[1;1H",
        "[31m",
        "]0;title\u{7}",
        "]52;c;aGk=\u{7}",
        "P$q\"p\u{1b}\\",
        "c",
        "[?1049h",
        "[6n",
        "[21t",
        "]8;;http://x\u{7}",
        "(0",
        "_G\u{1b}\\",
        "^pm\u{1b}\\",
        "[200~",
    ];
    let openings = ["\u{1b}", "\u{9b}", "\u{9d}", "\u{90}", "\u{1b}\u{1b}"];
    let mut all: Vec<Vec<u8>> = Vec::new();
    for opening in openings {
        all.extend(bodies.iter().map(|body| format!("x{opening}{body}y").into_bytes()));
    }
    // Every control character, alone and doubled, except the line feed, which would make two lines.
    for code in (0..0x20).chain(0x7F..0xA0).filter(|&code| code != 0x0A) {
        let control = char::from_u32(code).expect("a character");
        all.push(format!("a{control}b").into_bytes());
        all.push(format!("{control}{control}[2Jz").into_bytes());
    }
    for code in [0x61C, 0x200E, 0x200F, 0x202A, 0x202B, 0x202D, 0x202E, 0x2066, 0x2068, 0x2069] {
        let mark = char::from_u32(code).expect("a character");
        all.push(format!("a{mark}dcb").into_bytes());
    }
    // Bytes that are no UTF-8, among them C1 controls of eight-bit terminals.
    all.extend((0x80..=0xFF_u8).map(|byte| vec![b'a', byte, b'[', b'2', b'J']));
    all
}

/// D31, in plain lines: ways to leave, and the terminal as it was.
pub fn terminal_left_as_it_was(report: &mut Report) {
    let ways: [(&str, Option<Signal>); 7] = [
        ("/exit\n", None),
        ("\x04", None),
        ("\x03", None),
        ("", Some(Signal::TERM)),
        ("", Some(Signal::HUP)),
        ("", Some(Signal::INT)),
        ("", Some(Signal::QUIT)),
    ];
    report.say_scale("/exit, Ctrl-D, Ctrl-C, SIGTERM, SIGHUP, SIGINT, SIGQUIT; plain mode");
    let (mut same, mut ended) = (0_usize, 0_usize);
    for (keys, how) in ways {
        let server = Server::start();
        let (program, address) = (papo(), server.address.to_string());
        let script = format!("'{program}' peer Ana --server {address} --lang en --plain; sleep 60");
        let mut screen = start("sh", &["-c", &script]);
        // The signal goes to papo, and not to the shell that has the terminal.
        let before = screen.settings();
        server.papo.expect_log("event=join name=\"Ana\"");
        screen.expect_next("Hello, Ana");
        match how {
            None => screen.types(keys),
            Some(which) => signal(child_of(screen.id()).expect("a child"), which),
        }
        let left = wait_for(PATIENCE, || server.logged("event=leave name=\"Ana\"") == 1);
        ended += usize::from(left.is_some());
        same += usize::from(screen.settings() == before);
    }
    report.exactly("ended", ended, ways.len());
    report.exactly("terminal as it was", same, ways.len());
}
