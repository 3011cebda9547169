//! The lectures' own client programs, compiled and run as they stand in `lectures/`: to the letter,
//! but for host and port, and for the braces and underscores that the slides have lost.
//!
//! Where a language is not installed, the test prints `SKIPPED: there is no go`. What such a client
//! sends is then only checked by replay, in the file of its service. Replay is not enough: Java's
//! client sends each letter in a write of its own, which only running it has shown.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::Service;
use super::daytime::check_form;
use crate::support::{Folder, tools};

/// One program in a folder of its own, ready to run.
struct Program {
    folder: Folder,
    file: PathBuf,
}

impl Program {
    fn new(name: &str, text: &str, changes: &[(&str, &str)]) -> Self {
        let mut text = text.to_string();
        for (from, to) in changes {
            assert!(text.contains(from), "{name} has no {from}");
            text = text.replace(from, to);
        }
        let folder = Folder::new("lecture");
        Self { file: folder.write(name, text), folder }
    }

    /// The text that it prints. `None`, and SKIPPED: the language is not installed.
    fn run(&self, language: &str, words: &[&str], typed: &str) -> Option<String> {
        let mut command = Command::new("timeout");
        command.arg("120").args(words).arg(&self.file).current_dir(&*self.folder);
        command.env("GO111MODULE", "off").env("GOFLAGS", "").env("GOCACHE", self.folder.join("go"));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("timeout runs");
        // One that is not there reads nothing.
        let _ = child.stdin.take().expect("piped").write_all(typed.as_bytes());
        let output = child.wait_with_output().expect("it ends");
        // timeout(1): the command cannot be found. pyenv has a name for what is not there.
        if output.status.code() == Some(127) {
            tools::skip(&format!("there is no {language}"));
            return None;
        }
        assert!(output.status.success(), "{output:?}");
        Some(String::from_utf8(output.stdout).expect("text"))
    }
}

fn port(service: &Service) -> String {
    service.address.port().to_string()
}

#[test]
fn the_go_clients_receive_the_time() {
    let service = Service::start(&["daytime"]);
    let changes = [("localhost:13000", &*service.address.to_string())];
    let over_tcp = Program::new("tcp.go", include_str!("lectures/daytime_tcp.go"), &changes);
    if let Some(printed) = over_tcp.run("go", &["go", "run"], "") {
        check_form(&printed);
    }
    let over_udp = Program::new("udp.go", include_str!("lectures/daytime_udp.go"), &changes);
    if let Some(printed) = over_udp.run("go", &["go", "run"], "") {
        // `fmt.Println` adds its own.
        check_form(printed.strip_suffix('\n').expect("a line"));
    }
}

#[test]
fn the_java_client_gets_all_of_its_sentence() {
    let service = Service::start(&["upper"]);
    let to = format!("\"127.0.0.1\", {}", port(&service));
    let changes = [("\"hostname\", 6789", &*to)];
    let both = ["sh", "-c", "javac -encoding UTF-8 \"$0\" && exec java TCPClient"];
    let program = Program::new("TCPClient.java", include_str!("lectures/TCPClient.java"), &changes);
    if let Some(printed) = program.run("javac", &both, "uma frase em minúsculas\n") {
        // `writeBytes` keeps the low byte of each letter, which is no UTF-8 for "ú".
        let (start, end) = ("FROM SERVER: UMA FRASE EM MIN", "SCULAS\n");
        assert!(printed.starts_with(start) && printed.ends_with(end), "{printed}");
    }
}

#[test]
fn the_python_2_clients_get_their_sentences() {
    let service = Service::start(&["upper"]);
    let port = format!("serverPort = {}", port(&service));
    let changes = [("serverPort = 12000", &*port)];
    let asked = "Input lowercase sentence:";
    for (name, text, from) in [
        ("tcp.py", include_str!("lectures/upper_tcp.py"), "From Server:".to_string()),
        (
            "udp.py",
            include_str!("lectures/upper_udp.py"),
            format!("From Server ('127.0.0.1', {}):", service.address.port()),
        ),
    ] {
        let program = Program::new(name, text, &changes);
        if let Some(printed) = program.run("python2.7", &["python2.7"], "uma frase\n") {
            assert_eq!(printed, format!("{asked}{from} UMA FRASE\n"));
        }
    }
}
