//! What the server keeps is bounded while somebody is there, and let go when they are not.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use papo::directory::{Directory, OLD_LISTS_BYTES_MAX, Rules};
use papo::machine::{Action, Actions, ConnId, Input, LineEnd, Machine, Millis, Shared};

use super::world::World;

/// Each slow reader may be reading another LIST; together they keep 16 MiB at most.
#[test]
fn who_is_behind_with_a_list_of_before_goes_when_there_are_too_many_of_them() {
    let mut directory = Directory::new(Rules::default());
    let mut actions = Actions::default();
    let mut kept: BTreeMap<ConnId, Shared> = BTreeMap::new();
    let mut aborted = Vec::new();
    for slot in 0..3000 {
        let conn = ConnId { slot, generation: 0 };
        let from = SocketAddr::from(([127, 0, 0, 1], 1));
        directory.handle(
            Millis(0),
            Input::Accepted {
                listener: papo::machine::ListenerId(0),
                conn,
                from,
                reached: from.ip(),
            },
            &mut actions,
        );
        let user = format!("USER {slot:04}{}:1", "é".repeat(28));
        for line in [user.as_bytes(), b"LIST"].into_iter().take(if slot < 1000 { 1 } else { 2 }) {
            let input = Input::Line { conn, line, end: LineEnd::Terminator };
            directory.handle(Millis(0), input, &mut actions);
        }
        while let Some(action) = actions.pop() {
            if let Action::Abort { conn } = action {
                kept.remove(&conn);
                aborted.push(conn);
            } else if let Action::SendShared { conn, shared } = action {
                kept.insert(conn, shared);
            }
        }
        directory.handle(Millis(0), Input::Backlog { conn, bytes: 1 }, &mut actions);
        if has_read_all(conn) {
            directory.handle(Millis(0), Input::Backlog { conn, bytes: 0 }, &mut actions);
            kept.remove(&conn);
        }
        let in_memory: usize = kept.values().map(|shared| shared.bytes.len()).sum();
        assert!(in_memory < OLD_LISTS_BYTES_MAX + 4 * 200_000, "{in_memory} at {slot}");
    }
    assert!(!aborted.is_empty() && !kept.is_empty());
    assert!(aborted.iter().all(|conn| conn.slot >= 1000), "who asked for no LIST holds none");
    assert!(!aborted.iter().any(|&conn| has_read_all(conn)), "who has read all holds none");
}

/// Every third one was behind, and is not any more.
fn has_read_all(conn: ConnId) -> bool {
    conn.slot.is_multiple_of(3)
}

/// S56.
#[test]
fn ten_thousand_who_come_and_go_leave_nothing_behind() {
    let mut world = World::default();
    world.plays("0.000 ana registers as Ana:20000");
    for number in 0..10_000 {
        world.play("eve", &format!("registers as Eve {number}:20000"));
        world.play("eve", "breaks");
    }
    world.take_log();
    world.says("ana", b"LIST");
    assert_eq!(world.take_log(), [r"0.000 ana < LIST \r\n"]);
    assert_eq!(world.slots.len(), 2, "one slot, ten thousand times");
    world.wait_until_gone("ana");
    assert_eq!(world.directory.next_deadline(), None, "no key is left in the wheel");
    assert!(world.directory.roster().is_empty());
}

/// Row C12 of the trials: readers that do not read hold the oldest texts. Readers that are slow,
/// but read, hold younger ones and stay.
#[test]
fn the_readers_of_the_oldest_lists_go_first() {
    let mut directory = Directory::new(Rules::default());
    let mut actions = Actions::default();
    let mut aborted = Vec::new();
    for slot in 0..2_200 {
        let conn = ConnId { slot, generation: 0 };
        let from = SocketAddr::from(([127, 0, 0, 1], 1));
        let listener = papo::machine::ListenerId(0);
        let accepted = Input::Accepted { listener, conn, from, reached: from.ip() };
        directory.handle(Millis(0), accepted, &mut actions);
        let user = format!("USER {slot:04}{}:1", "é".repeat(28));
        // The first thousand make the LIST long; each of the others changes it, asks and is behind.
        for line in [user.as_bytes(), b"LIST"].into_iter().take(if slot < 1000 { 1 } else { 2 }) {
            let input = Input::Line { conn, line, end: LineEnd::Terminator };
            directory.handle(Millis(0), input, &mut actions);
        }
        directory.handle(Millis(0), Input::Backlog { conn, bytes: 1 }, &mut actions);
        let mut held = Vec::new();
        while let Some(action) = actions.pop() {
            if let Action::Abort { conn } = action {
                aborted.push(conn.slot);
            } else if let Action::SendShared { shared, .. } = action {
                held.push(shared);
            }
        }
        // Never dropped: as if no reader ever read.
        std::mem::forget(held);
        if !aborted.is_empty() {
            break;
        }
    }
    let asked = 1000..1000 + aborted.len() as u32;
    assert_eq!(aborted, asked.collect::<Vec<_>>(), "the oldest readers, and no others");
    assert!((1..20).contains(&aborted.len()), "{} readers went at once", aborted.len());
}
