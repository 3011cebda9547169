//! A slot is used again after its connection is closed. No event and no action of the old connection
//! may reach the next one.

use std::net::Shutdown;

use papo::machine::CloseReason;

use super::scripted_os::{Call, Ready};
use super::{Client, Do, Heard, World, readable};

/// A closed connection, and the next one in its slot.
fn old_and_new() -> (World, Client, Client) {
    let (mut world, [old]) = World::with_clients();
    world.command(old, Do::Abort);
    let new = world.accept();
    assert_eq!(old.conn.slot, new.conn.slot, "the slot is used again");
    world.os().forget_calls();
    (world, old, new)
}

#[test]
fn an_action_for_a_closed_connection_does_not_reach_the_next_one_in_its_slot() {
    let (mut world, old, _new) = old_and_new();
    for what in [Do::Send(5), Do::SendShared(5), Do::HalfClose, Do::Close, Do::Abort, Do::Reset] {
        world.command(old, what);
        assert_eq!(world.os().take_calls(), [], "{what:?}");
    }
}

#[test]
fn a_pause_of_a_closed_connection_does_not_stop_the_next_one_in_its_slot() {
    let (mut world, old, new) = old_and_new();
    world.command(old, Do::Pause);
    world.send(new, "hello\n");
    world.turn(&[readable(new)]);
    assert_eq!(world.take_lines(), ["hello"]);
}

/// An event has a slot and no generation. This is safe because a slot becomes free only when all
/// events of a turn have been served.
#[test]
fn an_event_of_a_closed_connection_does_not_reach_the_next_one_in_its_slot() {
    let (mut world, [old]) = World::with_clients();
    world.send(old, "abort\n");
    let stream = world.os().call();
    world.turn(&[Ready::Listener, readable(old), Ready::ReadClosed(old.stream)]);
    let Some(Heard::Accepted(new)) =
        world.take_heard().into_iter().find(|heard| matches!(heard, Heard::Accepted(_)))
    else {
        panic!("the connection was not accepted")
    };
    assert_ne!(new.slot, old.conn.slot, "the slot is not free before the end of the turn");
    let new = Client { stream, conn: new };
    world.send(new, "hello\n");
    world.turn(&[readable(new)]);
    assert_eq!(world.take_lines(), ["hello"]);
}

/// Until then it is only marked as closed.
#[test]
fn a_connection_is_removed_only_when_the_turn_ends() {
    let (mut world, [leaver, other]) = World::with_clients();
    world.send(leaver, "abort\nnot heard any more\n");
    world.send(other, "hello\n");
    world.turn(&[readable(leaver), readable(other)]);
    let calls = [
        Call::Read(leaver.stream, 25),
        Call::Shutdown(leaver.stream, Shutdown::Both),
        Call::Read(other.stream, 6),
        Call::Close(leaver.stream),
    ];
    assert_eq!(world.os().take_calls(), calls);
    let heard = [
        Heard::Line(leaver.conn, "abort".to_string()),
        Heard::Line(other.conn, "hello".to_string()),
        Heard::Closed(leaver.conn, CloseReason::Asked),
    ];
    assert_eq!(world.take_heard(), heard);
}
