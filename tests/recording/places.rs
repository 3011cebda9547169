//! The file of a recording: its mode, a full disk, and a pipe that no program reads.

use std::fs::{self, OpenOptions, Permissions};
use std::io::{Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::process::Command;

use super::schema::{self, count_of};
use super::sessions::echo;
use super::{checked, end};
use crate::support::{Folder, Process, Server};

fn mode(path: &str) -> u32 {
    fs::metadata(path).expect("it is there").permissions().mode() & 0o777
}

#[test]
fn only_its_owner_may_read_a_recording() {
    let folder = Folder::new("mode");
    let [new, old] = ["new", "old"].map(|name| folder.file(name));
    fs::write(&old, "an older and much longer text\n".repeat(1000)).expect("a file");
    fs::set_permissions(&old, Permissions::from_mode(0o644)).expect("a mode");
    for file in [&new, &old] {
        let mut server = Server::start_with(&["--record", file]);
        assert_eq!(mode(file), 0o600);
        end(&mut server.process);
        assert_eq!(checked(file).process, "server", "the old text is gone");
    }
}

#[test]
fn a_file_that_cannot_be_made_is_an_error_before_the_start() {
    for (language, told) in [("en", "cannot record into"), ("pt", "não é possível gravar em")] {
        let options = ["--lang", language, "--listen", "127.0.0.1:0"];
        let arguments = [&["server"], &options[..], &["--record", "/no/such/folder/x"]].concat();
        let (status, _, log) = Process::start(&arguments).finish();
        assert!(status == 1 && log.iter().any(|line| line.contains(told)), "{log:?}");
    }
}

#[test]
fn a_full_disk_ends_the_recording_and_nothing_else() {
    let mut server = Server::start_with(&["--record", "/dev/full"]);
    let mut raw = server.join("Ana", 20_000);
    raw.send("LIST\r\n");
    assert_eq!(raw.line(), "LIST ");
    let address = server.address.to_string();
    let arguments =
        ["peer", "Bruno", "--server", &address, "--lang", "pt", "--record", "/dev/full"];
    let mut bruno = Process::start(&arguments);
    bruno.expect_log("a gravação em /dev/full termina aqui");
    server.process.expect_log("name=\"Bruno\"");
    bruno.type_text("/list\n");
    bruno.expect_screen("Ana");
    raw.send("LIST\r\n");
    assert_eq!(raw.line(), "LIST Bruno");
    end(&mut server.process);
    let told = server.process.log().iter().filter(|it| it.contains("recording_ended")).count();
    assert_eq!(told, 1);
}

/// The reader of the pipe does not read. The turns that it misses are counted.
#[test]
fn the_loop_never_waits_for_a_pipe() {
    let folder = Folder::new("fifo");
    let fifo = folder.file("fifo");
    assert!(Command::new("mkfifo").arg(&fifo).status().expect("mkfifo runs").success());
    // The pipe has no reader yet.
    let (mut echo, mut raw) = echo(&["--record", &fifo]);
    let mut reader = OpenOptions::new()
        .read(true)
        .custom_flags(rustix::fs::OFlags::NONBLOCK.bits() as i32)
        .open(&fifo)
        .expect("a reader");
    let mut say = |text: &[u8]| {
        raw.stream.write_all(text).expect("is read");
        raw.stream.read_exact(&mut vec![0; text.len()]).expect("an echo");
    };
    // Each is some 10 kB of recording: in all 5 MB.
    (0..500).for_each(|_| say(&[1; 1024]));
    let mut recording = Vec::new();
    let mut piece = vec![0; 65_536];
    while !String::from_utf8_lossy(&recording).contains("\"gap\"") {
        while let Ok(count) = reader.read(&mut piece) {
            if count == 0 {
                break;
            }
            recording.extend_from_slice(&piece[..count]);
        }
        // The next turn writes the waiting bytes again.
        say(b"more");
    }
    end(&mut echo);
    while let Ok(count) = reader.read(&mut piece) {
        if count == 0 {
            break;
        }
        recording.extend_from_slice(&piece[..count]);
    }
    assert!(recording.len() > 1 << 20, "a mebibyte waits, {} bytes", recording.len());
    let checked = schema::check(&String::from_utf8(recording).expect("UTF-8"));
    let last = count_of(checked.turns.last().expect("turns"), "turn");
    assert!(checked.gaps > 100, "{} turns are missing", checked.gaps);
    assert!(checked.turns.len() as u64 + checked.gaps <= last + 1);
}
