//! The log cannot be written: a full disk, or a pipe without a reader. The service goes on.

use std::fs::{self, File};
use std::io::Read;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::crowd::Crowd;
use crate::figure::Report;
use crate::host::{folder_of, run, seconds, tag, wait_for};
use crate::process::{Papo, Server, papo_after};
use crate::support::{Raw, quiet_address};

/// D20: stderr is a file on a disk that fills up; later there is room again.
pub fn full_disk(report: &mut Report) {
    report.say_scale("a tmpfs of 128 KiB, three quarters taken, 3,000 connections");
    let folder = folder_of(&tag()).join("disk");
    fs::create_dir(&folder).expect("a folder");
    let place = folder.to_string_lossy().into_owned();
    run(&["mount", "-t", "tmpfs", "-o", "size=128k", "none", &place]);
    let filler = folder.join("filler");
    fs::write(&filler, vec![0; 96 * 1024]).expect("three quarters of it is taken");
    let log = folder.join("log");
    let stderr = File::options().create(true).append(true).open(&log).expect("a log");
    let mut server = start(stderr.into(), log.clone());
    let (mut crowd, probe) = company(&server);
    let is_full = || fs::metadata(&log).is_ok_and(|log| log.len() >= 32 * 1024);
    let calm = come_and_go(&mut crowd, &server, 3_000);
    assert!(is_full(), "the disk did not fill up: {:?}", fs::metadata(&log));
    expect_service(report, (&mut crowd, &mut server, probe), calm);
    let _ = fs::remove_file(filler);
    crowd.run_for(seconds(2.0));
    come_and_go(&mut crowd, &server, 20);
    let told = wait_for(seconds(3.0), || server.papo.log().contains("drop"));
    let told = usize::from(told.is_some());
    report.exactly("told that lines were dropped", told, 1_usize);
}

/// D21: stderr is a pipe whose reader has stopped.
pub fn stopped_reader(report: &mut Report) {
    let time = report.scaled(30.0, 8.0);
    report.say_scale(format!("a pipe that nobody reads, 3,000 connections and {time} s"));
    let (mut reader, writer) = std::io::pipe().expect("a pipe");
    let address = quiet_address();
    // No flood limit holds the trace back.
    let arguments = ["server", "--trace", "--listen", &address.to_string()].map(str::to_string);
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let mut command: Command = papo_after(&[], &arguments);
    let papo = Papo::start_logging_to(&mut command, Stdio::null(), writer.into(), PathBuf::new());
    drop(command);
    let listens = wait_for(seconds(5.0), || std::net::TcpStream::connect(address).is_ok());
    assert!(listens.is_some(), "the server does not listen");
    let mut server = Server { papo, address };
    let (mut crowd, probe) = company(&server);
    let calm = come_and_go(&mut crowd, &server, 3_000);
    crowd.run_for(seconds(time));
    expect_service(report, (&mut crowd, &mut server, probe), calm);
    // The reader reads what was kept for it.
    let mut said = vec![0; 65_536];
    let first = reader.read(&mut said).unwrap_or(0);
    report.at_least("log kept for the reader", first, 4_096.0, "bytes");
}

fn start(stderr: Stdio, log: PathBuf) -> Server {
    // No flood limit holds the trace back.
    let arguments = ["server", "--trace", "--listen", "127.0.0.1:0"];
    let command = &mut papo_after(&[], &arguments);
    Server::of(Papo::start_logging_to(command, Stdio::null(), stderr, log))
}

/// Twenty clients that must not notice the fault. One of them asks for LIST all the time.
fn company(server: &Server) -> (Crowd, usize) {
    let mut crowd = Crowd::of(server.address);
    crowd.register("live", 20);
    let probe = crowd.probe("probe", Duration::from_millis(20));
    crowd.run_for(seconds(1.0));
    (crowd, probe)
}

/// Connections whose first line is refused and logged. Returns how many of them were closed.
fn come_and_go(crowd: &mut Crowd, server: &Server, count: usize) -> usize {
    let mut served = 0;
    for number in 0..count {
        let mut raw = Raw::connect(server.address);
        raw.stream.set_read_timeout(Some(seconds(0.5))).expect("a timeout");
        raw.send(&format!("HELLO {number}, a line that is not of this protocol\r\n"));
        // The server closes on another protocol. If it does not, it is blocked, and the others would
        // only wait.
        let is_closed = matches!(raw.stream.read(&mut [0; 64]), Ok(0))
            || raw.stream.take_error().is_ok_and(|error| error.is_some());
        served += usize::from(is_closed);
        if !is_closed {
            return served;
        }
        if number % 50 == 0 {
            crowd.run_for(Duration::from_millis(5));
        }
    }
    served
}

fn expect_service(
    report: &mut Report,
    (crowd, server, probe): (&mut Crowd, &mut Server, usize),
    served: usize,
) {
    report.exactly("strangers served", served, 3_000_usize);
    crowd.take_p99();
    crowd.run_for(seconds(2.0));
    let p99 = crowd.take_p99();
    report.at_most("LIST p99 of the others", p99, report.scaled(50.0, 250.0), "ms");
    let listed = crowd.count_listed(probe, seconds(2.0)).unwrap_or(0);
    report.exactly("still listed", listed, 20_usize);
    report.exactly("server alive", usize::from(server.papo.status().is_none()), 1_usize);
}
