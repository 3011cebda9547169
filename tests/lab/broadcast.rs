//! `papo lab broadcast`: the lecture's chat server.

use crate::Service;
use crate::support::{Raw, eventually};

/// A client who has been told its address.
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
fn a_strangers_control_characters_reach_no_screen() {
    let service = Service::start(&["broadcast"]);
    let (mut ana, ana_id) = entered(&service);
    ana.send("a\x1b[2J\u{9b}1mb\tc\n");
    hears(&mut ana, &format!("{ana_id}: a?[2J?1mb?c"));
}

/// In the lecture's version this reader stops everybody else.
#[test]
fn a_reader_who_does_not_read_is_dropped_and_the_others_hear_everything() {
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
        // 64 KiB here, as much again in the kernel, and some on the way.
        assert!(said < 150, "the mute one is not dropped");
    }
    service.process.expect_log("it does not read");
    let grown = service.resident_kib().saturating_sub(before);
    assert!(grown < 2048, "{grown} KiB for {said} lines");
}

#[test]
fn who_sends_a_line_without_end_is_closed_alone() {
    let mut service = Service::start(&["broadcast"]);
    let (mut ana, _) = entered(&service);
    let (mut bruno, bruno_id) = entered(&service);
    hears(&mut ana, &format!("{bruno_id} entrou"));
    bruno.send(&"x".repeat(100_000));
    hears(&mut ana, &format!("{bruno_id} saiu"));
    service.process.expect_log("its line was too long");
}

#[test]
fn a_hundred_people_hear_each_other() {
    let service = Service::start(&["broadcast"]);
    let mut people: Vec<_> = (0..100).map(|_| entered(&service)).collect();
    people[0].0.send("a todos\n");
    let expected = format!("{}: a todos\n", people[0].1);
    for (raw, _) in &mut people {
        let mut is_there = || raw.line_or_end().expect("a line") == expected;
        eventually("everybody hears it", &mut is_there);
    }
}
