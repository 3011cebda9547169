//! The server's memory: bounded while clients are there, and given back afterwards.

use std::collections::BTreeMap;

use papo::directory::{Directory, OLD_LISTS_BYTES_MAX, Rules};
use papo::machine::{Action, ConnId, Machine, SharedText};

use super::world::World;
use crate::driver::Driver;

/// Each slow reader may hold another version of LIST. Together they hold 16 MiB at most.
#[test]
fn readers_of_superseded_lists_are_aborted_beyond_the_bound() {
    let mut directory = Driver::new(Directory::new(Rules::default()));
    let mut kept: BTreeMap<ConnId, SharedText> = BTreeMap::new();
    let mut aborted = Vec::new();
    for number in 0..3000 {
        let conn = joins(&mut directory, number);
        for done in directory.take_log() {
            if let Action::Abort { conn } = done.action {
                kept.remove(&conn);
                aborted.push(conn);
            } else if let Action::SendShared { conn, shared } = done.action {
                kept.insert(conn, shared);
            }
        }
        if has_read_all(conn) {
            directory.take_bytes(conn, usize::MAX);
            kept.remove(&conn);
        }
        let in_memory: usize = kept.values().map(|shared| shared.bytes.len()).sum();
        assert!(in_memory < OLD_LISTS_BYTES_MAX + 4 * 200_000, "{in_memory} at {number}");
    }
    assert!(!aborted.is_empty() && !kept.is_empty());
    assert!(aborted.iter().all(|conn| conn.slot >= 1000), "only readers of a LIST are aborted");
    assert!(!aborted.iter().any(|&conn| has_read_all(conn)), "a LIST that was read is not held");
}

/// A client that reads nothing. The first thousand make the LIST long. Each of the others changes
/// the LIST, asks for it, and does not read it.
fn joins(directory: &mut Driver<Directory>, number: usize) -> ConnId {
    let conn = directory.accept(([127, 0, 0, 1], 1).into(), [127, 0, 0, 1].into());
    directory.cable(conn).is_stalled = true;
    directory.line(conn, format!("USER {number:04}{}:1", "é".repeat(28)).as_bytes());
    if number >= 1000 {
        directory.line(conn, b"LIST");
    }
    conn
}

/// Every third client reads its LIST after all.
fn has_read_all(conn: ConnId) -> bool {
    conn.slot.is_multiple_of(3)
}

/// S56.
#[test]
fn ten_thousand_clients_that_come_and_go_leave_no_memory_behind() {
    let mut world = World::default();
    world.plays("0.000 ana registers as Ana:20000");
    for number in 0..10_000 {
        world.play("eve", &format!("registers as Eve {number}:20000"));
        world.play("eve", "breaks");
    }
    world.take_log();
    world.says("ana", b"LIST");
    assert_eq!(world.take_log(), [r"0.000 ana < LIST \r\n"]);
    assert_eq!(world.slots_used(), 2, "one slot, ten thousand times");
    world.wait_until_gone("ana");
    assert_eq!(world.machine.next_deadline(), None, "no key is left in the wheel");
    assert!(world.machine.roster().is_empty());
}

/// Readers that do not read hold the oldest texts. Readers that are slow hold newer texts, and stay.
#[test]
fn the_readers_of_the_oldest_lists_are_aborted_first() {
    let mut directory = Driver::new(Directory::new(Rules::default()));
    let mut aborted = Vec::new();
    for number in 0..2_200 {
        joins(&mut directory, number);
        for done in directory.take_log() {
            if let Action::Abort { conn } = done.action {
                aborted.push(conn.slot);
            } else if let Action::SendShared { shared, .. } = done.action {
                // Never dropped: as if no reader ever read.
                std::mem::forget(shared);
            }
        }
        if !aborted.is_empty() {
            break;
        }
    }
    let asked = 1000..1000 + aborted.len() as u32;
    assert_eq!(aborted, asked.collect::<Vec<_>>(), "the oldest readers, and no others");
    assert!((1..20).contains(&aborted.len()), "{} readers went at once", aborted.len());
}
