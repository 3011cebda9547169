//! `--log`: each conversation in a file of its own.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;

use crate::support::{Process, Server};

/// A folder that does not exist yet. It is removed after the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        Self(std::env::temp_dir().join(format!("papo-{name}-{}", std::process::id())))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The lines without their times, whose form is checked: `2026-11-21 12:34 Ana: Oi`.
fn lines_of(log: &str) -> Vec<&str> {
    log.lines()
        .map(|line| {
            let (stamp, text) = line.split_at("2026-11-21 12:34 ".len());
            let shape: String =
                stamp.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
            assert_eq!(shape, "0000-00-00 00:00 ");
            text
        })
        .collect()
}

#[test]
fn a_conversation_is_logged_as_it_was_by_both() {
    let mut server = Server::start();
    let (ours, theirs) = (Folder::new("log-ours"), Folder::new("log-theirs"));
    let (our_path, their_path) = (ours.0.join("state"), theirs.0.display().to_string());
    let mut bruno = server.peer("Bruno", &["--no-verify", "--log-dir", &their_path]);
    let address = server.address.to_string();
    let mut command = Command::new(env!("CARGO_BIN_EXE_papo"));
    command.args(["peer", "../Ana", "--server", &address, "--lang", "en", "--log", "--stay"]);
    command.env("XDG_STATE_HOME", &our_path);
    let mut ana = Process::start_command(&mut command);
    ana_is_called(&mut bruno);
    ana.expect_screen("Bruno: um");
    bruno.type_text("//dois\n/dance\nDISC\n/bye\n");
    ana.expect_screen("ended the conversation");
    let said =
        ["-- Connected to Bruno", "Bruno: um", "Bruno: /dois", "-- Bruno ended the conversation"];
    let path = our_path.join("papo/Bruno.log");
    assert_eq!(lines_of(&fs::read_to_string(&path).expect("a log")), said);
    assert_eq!(fs::metadata(&path).expect("a file").permissions().mode() & 0o777, 0o600);
    let folder = path.parent().expect("a folder");
    assert_eq!(fs::metadata(folder).expect("a folder").permissions().mode() & 0o777, 0o700);
    let said = [
        "-- Connected to ../Ana",
        "Bruno: um",
        "Bruno: /dois",
        "-- Conversation with ../Ana ended",
    ];
    let path = theirs.0.join("%2E.%2FAna.log");
    assert_eq!(lines_of(&fs::read_to_string(path).expect("a log")), said);
}

fn ana_is_called(bruno: &mut Process) {
    loop {
        bruno.type_text("/chat ../Ana\n");
        let answer = bruno.expect_screen("../Ana");
        if answer.contains("Connected") {
            break;
        }
    }
    bruno.type_text("um\n");
}

/// There is a link in place of the log: it is not followed, and the conversation goes on.
#[test]
fn a_log_that_cannot_be_written_is_told_once() {
    let mut server = Server::start();
    let folder = Folder::new("log-link");
    fs::create_dir_all(&folder.0).expect("a folder");
    std::os::unix::fs::symlink("elsewhere", folder.0.join("Ana.log")).expect("a link");
    let path = folder.0.display().to_string();
    let mut bruno = server.peer("Bruno", &["--no-verify", "--log-dir", &path]);
    let mut ana = super::person(&server, Some("Ana"), "en");
    ana.type_text("/chat Bruno\num\ndois\n/bye\n");
    bruno.expect_screen("ended the conversation");
    let told = bruno.screen().into_iter().filter(|line| line.contains("cannot be written"));
    assert_eq!(told.count(), 1);
    assert!(bruno.screen().contains(&"Ana: dois".to_string()));
    assert!(!folder.0.join("elsewhere").exists());
}
