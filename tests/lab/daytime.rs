//! `papo lab daytime`: RFC 867, and the lecture's exercise with the twenty seconds.

#![allow(clippy::disallowed_methods, reason = "real sockets want a real clock")]

use std::net::SocketAddr;
use std::process::Command;
use std::time::{Duration, Instant};

use papo::lab::WallClock;
use papo::lab::daytime::Daytime;
use papo::lab::source_filter::SourceFilter;
use papo::machine::Input;

use super::{Service, recv_all};
use crate::driver::Driver;
use crate::support::{Process, eventually};

/// `Tuesday, February 22, 1982 17:37:43-PST`.
pub(crate) fn check_form(text: &str) {
    let words: Vec<_> = text.strip_suffix("\r\n").expect("one line").split(' ').collect();
    let [day, month, date, year, time] = words[..] else { panic!("five words: {text}") };
    assert!(day.ends_with("day,") && date.ends_with(','), "{text}");
    assert!(month.chars().all(char::is_alphabetic) && year.parse::<u32>().is_ok(), "{text}");
    let (clock, zone) = time.split_at(8);
    assert!(clock.split(':').all(|part| part.len() == 2) && zone.len() >= 3, "{text}");
}

/// The lecture's TCP client copies until the end: `io.Copy(os.Stdout, conn)`.
#[test]
fn the_tcp_client_gets_one_line_and_the_end() {
    let service = Service::start(&["daytime"]);
    let text = String::from_utf8(recv_all(&mut service.connect())).expect("ASCII");
    check_form(&text);
}

/// "And any data received is thrown away": also if it comes before the answer is read.
#[test]
fn a_client_that_sends_much_gets_its_line() {
    let service = Service::start(&["daytime"]);
    for _ in 0..20 {
        let mut raw = service.connect();
        raw.send(&"data e hora, por favor ".repeat(2000));
        raw.half_close();
        // A reset instead of an end would be an error here.
        check_form(&String::from_utf8(recv_all(&mut raw)).expect("ASCII"));
    }
}

/// The lecture's UDP client writes "data e hora, por favor" and reads once; the RFC's may be empty.
#[test]
fn any_datagram_is_answered() {
    let service = Service::start(&["daytime"]);
    let socket = service.datagrams();
    for question in [b"data e hora, por favor".as_slice(), b"", &[0xff; 65_507]] {
        socket.send(question).expect("leaves");
        let mut buffer = [0; 1024];
        let count = socket.recv(&mut buffer).expect("the time");
        check_form(std::str::from_utf8(&buffer[..count]).expect("ASCII"));
    }
}

/// Compared with `date` in the same zone: with a name, with a number, unknown, and empty.
#[test]
fn the_time_is_the_local_one() {
    for (zone, name) in [
        ("PST8PDT,M3.2.0,M11.1.0", "-P"),
        ("<-03>3", "-03"),
        ("No/Such_Place", "-UTC"),
        ("", "-UTC"),
    ] {
        let words = ["lab", "daytime", "--listen", "127.0.0.1:0"];
        let mut process = Process::start_after(&format!("export TZ='{zone}'"), &words);
        let line = process.expect_log(" listens on ");
        let address = line.rsplit(' ').next().and_then(|text| text.parse().ok());
        let date = || {
            let mut date = Command::new("date");
            let said = date.args(["+%A, %B %-d, %Y %H:%M"]).env("TZ", zone).env("LC_ALL", "C");
            String::from_utf8(said.output().expect("date runs").stdout).expect("ASCII")
        };
        let before = date();
        let mut raw = crate::support::Raw::connect(address.expect("its address"));
        let text = raw.line_or_end().expect("the time");
        let is_now = [before, date()].iter().any(|date| text.starts_with(date.trim_end()));
        assert!(is_now && text.contains(name), "{text}");
    }
}

/// The exercise: with a sleep in `handleConn` of the lecture's first server, each client waits for all
/// clients before it.
#[test]
fn clients_wait_side_by_side_and_not_one_after_the_other() {
    let service = Service::start(&["daytime", "--delay", "1s"]);
    let start = Instant::now();
    let mut clients: Vec<_> = (0..50).map(|_| service.connect()).collect();
    for client in &mut clients {
        check_form(&String::from_utf8(recv_all(client)).expect("ASCII"));
        assert!(start.elapsed() >= Duration::from_secs(1), "no client is answered early");
    }
    assert!(start.elapsed() < Duration::from_secs(15), "{:?} for fifty", start.elapsed());
}

/// `nc -N localhost 13000 </dev/null`.
#[test]
fn a_client_that_has_ended_its_stream_still_gets_its_answer() {
    let service = Service::start(&["daytime", "--delay", "0.5"]);
    let mut raw = service.connect();
    raw.half_close();
    check_form(&String::from_utf8(recv_all(&mut raw)).expect("ASCII"));
}

#[test]
fn a_client_that_does_not_close_is_closed() {
    let service = Service::start(&["daytime"]);
    let descriptors = || crate::support::proc::descriptors(service.process.id()).len();
    let mut staying: Vec<_> = (0..50).map(|_| service.connect()).collect();
    for raw in &mut staying {
        check_form(&String::from_utf8(recv_all(raw)).expect("ASCII"));
    }
    eventually("it closes", || descriptors() < 32);
}

struct At(i64);

impl WallClock for At {
    fn unix_seconds(&self) -> i64 {
        self.0
    }
}

/// The answer at this second, in this zone.
fn text_at(unix_seconds: i64, zone: &str) -> String {
    let zone = tz::TimeZone::from_posix_tz(zone).expect("a zone");
    let machine = Daytime::new(At(unix_seconds), zone, 0, SourceFilter::default());
    let mut daytime = Driver::new(machine);
    let from = SocketAddr::from(([127, 0, 0, 1], 40_000));
    daytime.handle(Input::Datagram { from, bytes: b"" });
    String::from_utf8(daytime.take_sent()).expect("ASCII")
}

/// Except for the day: 22 February 1982 was a Monday.
#[test]
fn the_example_of_the_rfc() {
    let cases = [
        (383_276_263, "PST8PDT", "Monday, February 22, 1982 17:37:43-PST\r\n"),
        (383_276_263, "<-03>3", "Monday, February 22, 1982 22:37:43-03\r\n"),
        (1_750_000_000, "UTC0", "Sunday, June 15, 2025 15:06:40-UTC\r\n"),
        // The second in which summer time begins, and the one before.
        (1_772_953_199, "EST5EDT,M3.2.0,M11.1.0", "Sunday, March 8, 2026 01:59:59-EST\r\n"),
        (1_772_953_200, "EST5EDT,M3.2.0,M11.1.0", "Sunday, March 8, 2026 03:00:00-EDT\r\n"),
        (i64::MAX, "UTC0", "9223372036854775807 seconds since 1970-UTC\r\n"),
    ];
    for (unix_seconds, zone, expected) in cases {
        assert_eq!(text_at(unix_seconds, zone), expected);
    }
}
