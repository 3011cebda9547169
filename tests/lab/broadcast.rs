//! `papo lab broadcast`: the lecture's chat server.

use std::net::SocketAddr;

use papo::lab::broadcast::{Broadcast, CATCH_UP_MS, CAUGHT_UP_BYTES, UNREAD_BYTES_MAX};
use papo::machine::{Action, CloseReason, ConnId, Machine, Millis};

use super::Service;
use crate::driver::Driver;
use crate::support::{Raw, eventually};

/// A client that has received its address.
fn entered(service: &Service) -> (Raw, String) {
    let mut raw = service.connect();
    let line = raw.line_or_end().expect("a greeting");
    let own = line.strip_prefix("ID: ").expect("its address").trim_end().to_string();
    assert_eq!(own, raw.stream.local_addr().expect("an address").to_string());
    (raw, own)
}

#[track_caller]
fn hears(raw: &mut Raw, expected: &str) {
    assert_eq!(raw.line_or_end(), Some(format!("{expected}\n")));
}

#[test]
fn the_lectures_dialogue() {
    let mut service = Service::start(&["broadcast"]);
    let (mut ana, ana_id) = entered(&service);
    let (mut bruno, bruno_id) = entered(&service);
    hears(&mut ana, &format!("{bruno_id} entrou"));
    bruno.send("Olá, Ana!\r\n");
    for client in [&mut ana, &mut bruno] {
        hears(client, &format!("{bruno_id}: Olá, Ana!"));
    }
    drop(bruno);
    hears(&mut ana, &format!("{bruno_id} saiu"));
    for said in [format!("{ana_id} entered"), format!("{bruno_id} left")] {
        service.process.expect_log(&said);
    }
}

#[test]
fn control_characters_of_a_client_reach_no_screen() {
    let service = Service::start(&["broadcast"]);
    let (mut ana, ana_id) = entered(&service);
    ana.send("a\x1b[2J\u{9b}1mb\tc\n");
    hears(&mut ana, &format!("{ana_id}: a?[2J?1mb?c"));
}

/// In the lecture's program this client blocks all others.
#[test]
fn a_client_that_does_not_read_is_dropped_and_the_others_receive_everything() {
    let mut service = Service::start(&["broadcast"]);
    let before = service.resident_kib();
    let mut mute = Raw::connect_narrow(service.address);
    mute.line_or_end().expect("a greeting");
    let (mut ana, ana_id) = entered(&service);
    let line = "x".repeat(4000);
    let mut said = 0;
    loop {
        ana.send(&format!("{line}\n"));
        let heard = ana.line_or_end().expect("a line");
        if heard.ends_with(" saiu\n") {
            break;
        }
        assert_eq!(heard, format!("{ana_id}: {line}\n"));
        said += 1;
        // 64 KiB in our queue, and about as much in each of the two kernel buffers.
        assert!(said < 150, "the client that does not read is not dropped");
    }
    service.process.expect_log("it does not read");
    let grown = service.resident_kib().saturating_sub(before);
    assert!(grown < 2048, "{grown} KiB for {said} lines");
}

#[test]
fn a_client_with_an_endless_line_is_closed_alone() {
    let mut service = Service::start(&["broadcast"]);
    let (mut ana, _) = entered(&service);
    let (mut bruno, bruno_id) = entered(&service);
    hears(&mut ana, &format!("{bruno_id} entrou"));
    bruno.send(&"x".repeat(100_000));
    hears(&mut ana, &format!("{bruno_id} saiu"));
    service.process.expect_log("its line was too long");
}

#[test]
fn a_line_reaches_a_hundred_clients() {
    let service = Service::start(&["broadcast"]);
    let mut people: Vec<_> = (0..100).map(|_| entered(&service)).collect();
    people[0].0.send("a todos\n");
    let expected = format!("{}: a todos\n", people[0].1);
    for (raw, _) in &mut people {
        let mut is_there = || raw.line_or_end().expect("a line") == expected;
        eventually("everybody hears it", &mut is_there);
    }
}

/// A crowd without sockets. The kernel takes as many bytes as a test says.
struct Crowd {
    driver: Driver<Broadcast>,
    people: Vec<ConnId>,
}

impl Crowd {
    fn new(count: usize) -> Self {
        let mut crowd = Self { driver: Driver::new(Broadcast::default()), people: Vec::new() };
        (0..count).for_each(|_| crowd.add());
        crowd
    }

    fn add(&mut self) {
        let port = 10_000 + u16::try_from(self.people.len()).expect("few");
        let from = SocketAddr::from(([192, 0, 2, 1], port));
        let conn = self.driver.accept(from, [192, 0, 2, 2].into());
        self.driver.cable(conn).is_stalled = true;
        self.people.push(conn);
    }

    fn is_read(&mut self, number: usize) -> bool {
        !self.driver.cable(self.people[number]).is_paused
    }

    fn are_read<const COUNT: usize>(&mut self) -> [bool; COUNT] {
        std::array::from_fn(|number| self.is_read(number))
    }

    /// The clients that were dropped since the last call.
    fn dropped(&mut self) -> Vec<usize> {
        let place = |conn| self.people.iter().position(|&it| it == conn).expect("one of them");
        let log = self.driver.take_log().into_iter();
        log.filter_map(|done| match done.action {
            Action::Abort { conn } => Some(place(conn)),
            _ => None,
        })
        .collect()
    }

    /// The first client sends lines until it is paused. The kernel takes everything for all clients
    /// but the last one, which does not read. Returns the number of lines.
    fn speak(&mut self) -> usize {
        let mut lines = 0;
        while self.is_read(0) && lines < 100_000 {
            self.driver.line(self.people[0], b"");
            lines += 1;
            for number in 0..self.people.len() - 1 {
                self.take_all(number);
            }
        }
        lines
    }

    /// The kernel takes all output of this client.
    fn take_all(&mut self, number: usize) {
        self.driver.take_bytes(self.people[number], usize::MAX);
    }

    fn awaits_drain(&mut self, number: usize) -> bool {
        self.driver.cable(self.people[number]).awaits_drain
    }

    fn unread(&mut self, number: usize) -> usize {
        self.driver.cable(self.people[number]).unsent
    }
}

#[test]
fn all_clients_are_paused_while_one_is_behind_and_none_is_dropped_for_it() {
    let mut crowd = Crowd::new(3);
    for _ in 0..10 {
        let lines = crowd.speak();
        assert!((1000..10_000).contains(&lines), "{lines} lines");
        assert!(crowd.unread(2) < UNREAD_BYTES_MAX + 100);
        assert_eq!(crowd.are_read(), [false; 3], "the others wait, too");
        let left = crowd.unread(2) - CAUGHT_UP_BYTES;
        crowd.driver.take_bytes(crowd.people[2], left - 1);
        assert_eq!(crowd.are_read(), [false; 3], "one is still behind");
        // The kernel takes one byte more, and that is enough.
        crowd.driver.take_bytes(crowd.people[2], 1);
        assert_eq!(crowd.are_read(), [true; 3]);
        crowd.take_all(2);
    }
    assert!(crowd.dropped().is_empty());
}

#[test]
fn the_pause_lasts_until_no_client_is_behind() {
    let mut crowd = Crowd::new(3);
    for _ in 0..100 {
        if !crowd.is_read(0) {
            break;
        }
        crowd.driver.line(crowd.people[0], &[b'x'; 4000]);
        crowd.take_all(0);
    }
    assert_eq!([0, 1, 2].map(|one| crowd.awaits_drain(one)), [false, true, true], "two are behind");
    crowd.take_all(1);
    assert_eq!(crowd.are_read(), [false; 3]);
    crowd.take_all(2);
    assert_eq!(crowd.are_read(), [true; 3]);
}

/// A kernel that takes everything at once reports no backlog.
#[test]
fn a_reader_whose_kernel_takes_everything_is_never_behind_for_long() {
    let mut crowd = Crowd::new(2);
    crowd.speak();
    assert!(crowd.awaits_drain(1));
    crowd.take_all(1);
    assert_eq!(crowd.are_read(), [true; 2]);
}

#[test]
fn a_reader_that_does_not_catch_up_is_dropped_in_time_and_the_others_go_on() {
    let mut crowd = Crowd::new(3);
    crowd.speak();
    crowd.driver.wait(CATCH_UP_MS - 1);
    assert!(crowd.dropped().is_empty() && !crowd.is_read(0));
    let at = crowd.driver.machine.next_deadline().expect("a deadline");
    assert!(at < Millis(CATCH_UP_MS + 100), "{at:?}");
    // It is closed in this turn, and not counted twice.
    crowd.driver.wait(100);
    assert_eq!((crowd.dropped(), crowd.is_read(0)), (vec![2], true));
}

#[test]
fn the_pause_ends_when_the_client_that_is_behind_leaves() {
    let mut crowd = Crowd::new(3);
    crowd.speak();
    crowd.add();
    assert!(!crowd.is_read(3), "a new client waits with the others");
    crowd.driver.close(crowd.people[2], CloseReason::Asked);
    assert!(crowd.is_read(0) && crowd.is_read(1) && crowd.is_read(3));
}

/// 100 kB of empty lines are 1.8 MB for each of the others.
#[test]
fn a_hundred_thousand_empty_lines_reach_all_clients_that_read() {
    const LINES: usize = 100_000;
    let service = Service::start(&["broadcast"]);
    let (mut loud, loud_id) = entered(&service);
    let readers: Vec<_> = (0..5).map(|_| entered(&service).0).collect();
    let heard: Vec<_> = readers
        .into_iter()
        .chain([Raw::over(loud.stream.try_clone().expect("a second handle"))])
        .map(|mut raw| {
            let line = format!("{loud_id}: \n");
            let count = move || {
                let mut lines = 0;
                while lines < LINES {
                    let heard = raw.line_or_end().expect("it is not dropped");
                    lines += usize::from(heard == line);
                }
            };
            std::thread::Builder::new().spawn(count).expect("a thread")
        })
        .collect();
    loud.send(&"\n".repeat(LINES));
    for reader in heard {
        reader.join().expect("it has received everything");
    }
}
