//! The programs of docs/TUTORIAL.md: each step passes its own test, and the step before fails it.
//!
//! Steps 1 to 3 are in Python, and are SKIPPED where there is no python3. Steps 4 to 6 are
//! examples of this package. A program of your own is tried with `make tutorial STEP=4
//! PROGRAM='python3 mine.py'`.

#![allow(clippy::disallowed_methods, reason = "real sockets want a real clock")]
#![allow(clippy::print_stdout, reason = "prints what was tried")]

use std::fs;
use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use socket2::{Domain, Socket, Type};

use super::examples::example;
use super::root;
use crate::support::{PATIENCE, Process, proc, tools};

/// How long a step that must fail may take: it would not pass later either.
const SHORT: Duration = Duration::from_secs(3);

/// The silence after which step 6 closes a client, in milliseconds. The handout has 15 s.
const EXPIRY_MS: &str = "3000";

const PROGRAMS: [&str; 6] = [
    "step1_threads.py",
    "step2_one_thread.py",
    "step3_readiness.py",
    "step4_line_buffer",
    "step5_output_buffer",
    "step6_timers",
];

/// The result of a step's test. `Err` has the reason.
type Seen = Result<(), String>;

/// One running server.
struct Server {
    process: Process,
    address: SocketAddr,
    patience: Duration,
}

impl Server {
    /// `program` gets an address and a number of milliseconds as its arguments.
    fn start(program: &str, patience: Duration) -> Self {
        let mut command = Command::new("sh");
        command.args(["-c", &format!("exec {program} \"$@\"")]);
        command.args(["sh", "127.0.0.1:0", EXPIRY_MS]).current_dir(root());
        // Otherwise python3 writes files next to the programs.
        command.env("PYTHONDONTWRITEBYTECODE", "1");
        let mut process = Process::start_command_with(&mut command, Stdio::null());
        let line = process.expect_screen("listening on ");
        let address = line.rsplit(' ').next().expect("an address").parse().expect("an address");
        Self { process, address, patience }
    }

    fn connect(&self) -> Client {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
        // Some kernels keep 32 MB for a client that does not read: test 5 would wait for all of it.
        socket.set_recv_buffer_size(64 * 1024).expect("a bounded buffer");
        socket.connect(&self.address.into()).expect("connects");
        let stream = TcpStream::from(socket);
        stream.set_read_timeout(Some(self.patience)).expect("a timeout");
        stream.set_write_timeout(Some(self.patience)).expect("a timeout");
        stream.set_nodelay(true).expect("no delay");
        Client { reader: BufReader::new(stream.try_clone().expect("a copy")), stream }
    }

    /// USER has no answer, so the line that the server prints shows that it was read.
    fn register(&mut self, name: &str) -> Result<Client, String> {
        let mut client = self.connect();
        client.send(&format!("USER {name}:20000\r\n"));
        self.wait_for(&format!("{name} is online"))?;
        Ok(client)
    }

    fn wait_for(&mut self, text: &str) -> Seen {
        let start = Instant::now();
        while !self.process.screen().iter().any(|line| line == text) {
            if start.elapsed() > self.patience {
                return Err(format!("the server does not print: {text}"));
            }
            std::thread::park_timeout(Duration::from_millis(5));
        }
        Ok(())
    }
}

struct Client {
    stream: TcpStream,
    reader: BufReader<TcpStream>,
}

impl Client {
    fn send(&mut self, text: &str) {
        let _ = self.stream.write_all(text.as_bytes());
    }

    fn expect(&mut self, wanted: &str) -> Seen {
        let mut line = Vec::new();
        let result = self.reader.read_until(b'\n', &mut line);
        let line = String::from_utf8_lossy(&line).into_owned();
        let wanted = format!("{wanted}\r\n");
        match result {
            Ok(_) if line == wanted => Ok(()),
            Ok(0) => Err("the end of the connection".to_string()),
            Ok(_) => Err(format!("{:?}", first_letters(&line))),
            Err(error) if error.kind() == ErrorKind::ConnectionReset => Err("a reset".to_string()),
            Err(_) if line.is_empty() => Err("nothing".to_string()),
            Err(_) => Err(format!("{:?} and no more", first_letters(&line))),
        }
        .map_err(|received| format!("expected {:?}, received {received}", first_letters(&wanted)))
    }

    fn is_closed(&mut self) -> bool {
        matches!(self.reader.read_until(b'\n', &mut Vec::new()), Ok(0))
    }
}

fn first_letters(text: &str) -> String {
    text.chars().take(40).collect()
}

/// Step 1: two people find each other's addresses.
fn two_people_find_each_other(server: &mut Server) -> Seen {
    let mut ana = server.register("Ana")?;
    let mut bruno = server.register("Bruno")?;
    ana.send("LIST\r\n");
    ana.expect("LIST Bruno")?;
    bruno.send("ADDR Ana\r\n");
    bruno.expect("ADDR 127.0.0.1:20000")?;
    drop(ana);
    server.wait_for("Ana has left")?;
    bruno.send("LIST\r\n");
    bruno.expect("LIST ")
}

/// Step 2: the server has one thread for all connections.
fn one_thread_is_enough(server: &mut Server) -> Seen {
    let _ana = server.register("Ana")?;
    let _others: Vec<_> = (0..5).map(|_| server.connect()).collect();
    match proc::threads(server.process.id()) {
        1 => Ok(()),
        count => Err(format!("{count} threads")),
    }
}

/// Step 3: Ana is silent, and Bruno is served.
fn nobody_waits_for_a_silent_client(server: &mut Server) -> Seen {
    let _ana = server.register("Ana")?;
    let mut bruno = server.register("Bruno")?;
    bruno.send("LIST\r\n");
    bruno.expect("LIST Ana")
}

/// Step 4: TCP has no messages. One `send` brings a line and a half, the next one the rest.
fn half_a_line_waits_for_its_other_half(server: &mut Server) -> Seen {
    let mut ana = server.connect();
    ana.send("USER Ana:20000\r\nLI");
    server.wait_for("Ana is online")?;
    ana.send("ST\r\nADDR Ana\r\n");
    ana.expect("LIST ")?;
    ana.expect("ADDR 127.0.0.1:20000")
}

/// Step 5: Ana asks for 20 MB of answers and does not read them. Bruno is served meanwhile, and
/// then Ana gets every byte.
fn a_slow_reader_loses_nothing(server: &mut Server) -> Seen {
    const ASKED: usize = 2000;
    let names: Vec<_> = (10..60).map(|number| "x".repeat(200) + &number.to_string()).collect();
    let mut others = Vec::new();
    for name in &names {
        others.push(server.register(name)?);
    }
    let mut ana = server.register("Ana")?;
    ana.send(&"LIST\r\n".repeat(ASKED));
    // Ana's questions became ready before Bruno's, so the server has answered hers first: it has
    // tried to write more than the kernel takes.
    let bruno = &mut others[0];
    bruno.send(&format!("ADDR {}\r\n", names[0]));
    bruno.expect("ADDR 127.0.0.1:20000")?;
    let list = format!("LIST {}", names.join(":"));
    (0..ASKED).try_for_each(|_| ana.expect(&list))
}

/// Step 6: Ana is silent without closing. Bruno sends KEEP and stays.
fn a_silent_client_expires(server: &mut Server) -> Seen {
    let mut ana = server.register("Ana")?;
    let mut bruno = server.register("Bruno")?;
    let start = Instant::now();
    ana.stream.set_read_timeout(Some(Duration::from_millis(100))).expect("a timeout");
    while !ana.is_closed() {
        if start.elapsed() > server.patience {
            return Err("Ana is silent, and her connection stays".to_string());
        }
        bruno.send("KEEP\r\n");
    }
    bruno.send("LIST\r\n");
    bruno.expect("LIST ")
}

/// The test of each step, with its name.
type Check = fn(&mut Server) -> Seen;

const CHECKS: [(&str, Check); 6] = [
    ("two people find each other", two_people_find_each_other),
    ("one thread is enough", one_thread_is_enough),
    ("nobody waits for a silent client", nobody_waits_for_a_silent_client),
    ("half a line waits for its other half", half_a_line_waits_for_its_other_half),
    ("a slow reader loses nothing", a_slow_reader_loses_nothing),
    ("a silent client expires", a_silent_client_expires),
];

/// The command that starts a step. `None`, and SKIPPED: there is no Python.
fn program(step: usize) -> Option<String> {
    let name = PROGRAMS[step - 1];
    if name.ends_with(".py") {
        return tools::wanted(&["python3"]).map(|_| format!("python3 docs/tutorial/{name}"));
    }
    Some(format!("'{}'", example(name).display()))
}

fn try_check(check: usize, program: &str, patience: Duration) -> Seen {
    let (_, run) = CHECKS[check - 1];
    run(&mut Server::start(program, patience))
}

/// The tests that a step passes. Step 2 serves one client at a time, so it fails the test of step 1.
fn checks_of(step: usize) -> Vec<usize> {
    if step == 2 { vec![2] } else { (1..=step).collect() }
}

#[track_caller]
fn expect_step(step: usize) {
    if let Some(program) = program(step) {
        for check in checks_of(step) {
            let seen = try_check(check, &program, PATIENCE);
            assert_eq!(seen, Ok(()), "step {step}, test {check}");
        }
    }
    if let Some(before) = (step > 1).then(|| program(step - 1)).flatten() {
        let seen = try_check(step, &before, SHORT);
        assert!(seen.is_err(), "step {} passes the test of step {step}", step - 1);
    }
}

#[test]
fn step_1_serves_two_people() {
    expect_step(1);
}

#[test]
fn step_2_has_one_thread_and_step_1_has_more() {
    expect_step(2);
}

#[test]
fn step_3_serves_bruno_while_ana_is_silent_and_step_2_does_not() {
    expect_step(3);
}

#[test]
fn step_4_joins_half_a_line_and_step_3_does_not() {
    expect_step(4);
}

#[test]
fn step_5_loses_nothing_for_a_slow_reader_and_step_4_does() {
    expect_step(5);
}

#[test]
fn step_6_expels_a_silent_client_and_step_5_does_not() {
    expect_step(6);
}

/// `make tutorial STEP=4 PROGRAM='python3 mine.py'`. Without PROGRAM there is nothing to try.
#[test]
fn a_program_of_your_own() {
    let (Ok(program), Ok(step)) = (std::env::var("PROGRAM"), std::env::var("STEP")) else { return };
    let step = step.parse().expect("STEP is a number");
    assert!((1..=6).contains(&step), "STEP is from 1 to 6");
    for check in checks_of(step) {
        let name = CHECKS[check - 1].0;
        match try_check(check, &program, Duration::from_secs(5)) {
            Ok(()) => println!("test {check} passed: {name}"),
            Err(why) => panic!("test {check} failed: {name}: {why}"),
        }
    }
}

/// The files that are typed for each step. The others are copied.
const TYPED: [&[&str]; 6] = [
    &["directory.py", "step1_threads.py"],
    &["step2_one_thread.py"],
    &["step3_readiness.py"],
    &["step4_line_buffer.rs"],
    &["step5_output_buffer.rs"],
    &["step6_timers.rs"],
];

/// Thirty words of five letters.
const LETTERS_PER_MINUTE: usize = 150;

/// The lines of some files, without blank ones and without indentation.
fn lines(files: &[&str]) -> Vec<String> {
    let read = |file: &&str| super::read(format!("docs/tutorial/{file}"));
    let text = files.iter().map(read).collect::<String>();
    text.lines().map(|line| line.trim().to_string()).filter(|line| !line.is_empty()).collect()
}

/// The new lines of a step, their letters, and the minutes that it takes to type them.
fn size_of(step: usize) -> (usize, usize, usize) {
    let mut before = if step == 1 || step == 4 { Vec::new() } else { lines(TYPED[step - 2]) };
    let mut new = lines(TYPED[step - 1]);
    new.retain(|line| match before.iter().position(|it| it == line) {
        Some(place) => {
            before.remove(place);
            false
        }
        None => true,
    });
    let letters = new.iter().map(|line| line.chars().count()).sum::<usize>();
    (new.len(), letters, letters.div_ceil(LETTERS_PER_MINUTE))
}

#[test]
fn each_step_has_the_right_amount_to_type_and_takes_twenty_minutes_at_most() {
    let (english, portuguese) =
        (super::read("docs/TUTORIAL.md"), super::read("docs/TUTORIAL.pt.md"));
    for step in 1..=6 {
        let (lines, letters, minutes) = size_of(step);
        assert!(minutes <= 20, "step {step} takes {minutes} minutes to type");
        let said = format!("**To type:** {lines} lines, {letters} characters, {minutes} minutes.");
        assert!(english.contains(&said), "docs/TUTORIAL.md, step {step}: {said}");
        let said =
            format!("**Para digitar:** {lines} linhas, {letters} caracteres, {minutes} minutos.");
        assert!(portuguese.contains(&said), "docs/TUTORIAL.pt.md, step {step}: {said}");
    }
}

#[test]
fn every_file_has_fewer_than_80_lines() {
    let files = fs::read_dir(root().join("docs/tutorial")).expect("the tutorial's programs");
    let files: Vec<_> = files.map(|file| file.expect("a file").path()).collect();
    let sources = files.iter().filter(|file| file.is_file());
    for file in sources.clone() {
        let text = fs::read_to_string(file).expect("a source");
        let lines = text.lines().filter(|line| !line.trim().is_empty()).count();
        assert!(lines < 80, "{} has {lines} lines", file.display());
    }
    assert!(sources.count() > PROGRAMS.len(), "the programs are found: {files:?}");
}
