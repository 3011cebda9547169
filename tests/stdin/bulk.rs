//! Much input, and input that has to wait.

use std::fs::{self, File};
use std::io::{PipeWriter, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use rustix::io::ioctl_fionread;

use super::{OPTIONS, Watchdog, expect_keeps};
use crate::support::fake_server::{FakeServer, words};
use crate::support::{Process, Raw, eventually, proc};

/// Least number of typed bytes.
const MEGABYTE: usize = 1024 * 1024;

/// Lines come as fast as the pipe takes them. Meanwhile a call is accepted, its message is shown,
/// and KEEP goes on.
#[test]
fn a_megabyte_of_lines_starves_neither_a_caller_nor_keep() {
    let fake = FakeServer::start();
    let (reader, mut writer) = std::io::pipe().expect("a pipe");
    let mut process = Process::start_with(&words(&fake.arguments(&OPTIONS)), Stdio::from(reader));
    let _watchdog = Watchdog::over(process.id());
    let (mut server, address) = fake.registered();
    let enough = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&enough);
    let flood = thread::Builder::new().spawn(move || {
        let mut typed = 0;
        while typed < MEGABYTE || !told.load(Ordering::Relaxed) {
            writer.write_all(b"/peers\n").expect("papo reads");
            typed += 7;
        }
    });
    process.expect_screen("No open conversations.");
    let mut camila = Raw::connect(address);
    camila.send("USER Camila\r\nOi no meio\r\n");
    process.expect_screen("Camila: Oi no meio");
    expect_keeps(&mut server);
    enough.store(true, Ordering::Relaxed);
    flood.expect("a thread").join().expect("everything was typed");
    assert_eq!(camila.line(), "DISC");
    drop(camila);
    assert_eq!(process.wait(), 0);
}

/// A listener whose connections have a small receive buffer.
fn small_listener() -> TcpListener {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let socket = socket2::SockRef::from(&listener);
    socket.set_recv_buffer_size(16 * 1024).expect("a small buffer");
    listener
}

/// Answers ADDR with this listener, and accepts the call.
fn answer_addr(server: &mut Raw, listener: &TcpListener) -> Raw {
    loop {
        match server.line().as_str() {
            "KEEP" => {}
            "ADDR Bruno" => break,
            other => panic!("what is {other}?"),
        }
    }
    let port = listener.local_addr().expect("bound").port();
    server.send(&format!("ADDR 127.0.0.1:{port}\r\n"));
    let mut call = Raw::accept(listener);
    assert_eq!(call.line(), "USER Ana");
    call
}

fn numbered_lines() -> String {
    (0..60_000).map(|number| format!("{number:06} {}\n", "x".repeat(99))).collect()
}

/// Six megabytes, more than any kernel keeps, for somebody who does not read: the script waits,
/// KEEP goes on, a caller is heard, and no processor time is spent on a file that is "always
/// ready". Then everything arrives, whole and in order.
#[test]
fn a_file_that_has_to_wait_costs_nothing_and_stops_nothing() {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("a lot of text");
    fs::write(&path, format!("/chat Bruno\n{}", numbered_lines())).expect("a file");
    let file = File::open(&path).expect("the file");
    let fake = FakeServer::start();
    let mut process = Process::start_with(&words(&fake.arguments(&OPTIONS)), Stdio::from(file));
    let (mut server, address) = fake.registered();
    let listener = small_listener();
    let mut bruno = answer_addr(&mut server, &listener);
    let mut unread = [0; 8 * 1024];
    eventually("the file has to wait", || {
        bruno.stream.peek(&mut unread).is_ok_and(|count| count == unread.len())
    });
    let mut camila = Raw::connect(address);
    camila.send("USER Camila\r\nOi\r\n");
    process.expect_screen("Camila: Oi");
    expect_keeps(&mut server);
    let before = proc::processor_ticks(process.id());
    expect_keeps(&mut server);
    let spent = proc::processor_ticks(process.id()) - before;
    assert!(spent < 20, "{spent} hundredths of a second, for nothing");
    for line in numbered_lines().lines() {
        assert_eq!(bruno.line(), line);
    }
    assert_eq!(bruno.line(), "DISC");
    drop((bruno, camila));
    assert_eq!(process.wait(), 0);
}

/// Types text until the peer reads no more.
fn type_until_it_waits(writer: &mut PipeWriter) {
    let line = format!("{}\n", "x".repeat(4_000));
    let mut looks = 0;
    while looks < 20 {
        if ioctl_fionread(&*writer).expect("a pipe") < 32 * 1024 {
            writer.write_all(line.as_bytes()).expect("there is room");
            looks = 0;
        } else {
            looks += 1;
            thread::park_timeout(Duration::from_millis(5));
        }
    }
}

/// The same for a pipe whose writer has closed it. The peer must not spin, and must send the text
/// that is still in the pipe before it leaves.
#[test]
fn an_ended_pipe_that_has_to_wait_costs_nothing() {
    let fake = FakeServer::start();
    let (reader, mut writer) = std::io::pipe().expect("a pipe");
    let mut process = Process::start_with(&words(&fake.arguments(&OPTIONS)), Stdio::from(reader));
    let _watchdog = Watchdog::over(process.id());
    let (mut server, _) = fake.registered();
    let listener = small_listener();
    writer.write_all(b"/chat Bruno\n").expect("papo reads");
    let mut bruno = answer_addr(&mut server, &listener);
    type_until_it_waits(&mut writer);
    drop(writer);
    expect_keeps(&mut server);
    let before = proc::processor_ticks(process.id());
    expect_keeps(&mut server);
    let spent = proc::processor_ticks(process.id()) - before;
    assert!(spent < 20, "{spent} hundredths of a second, for nothing");
    while bruno.line() != "DISC" {}
    drop(bruno);
    assert_eq!(process.wait(), 0);
}
