//! Which connection is read when, and how much of it: an edge comes once, and everybody shares one
//! thread.

use papo::event_loop::READ_BYTES_PER_TURN;

use super::scripted_os::{Arrival, Call, Ready};
use super::{Client, World, readable};

/// One byte more than a read takes, in lines of 8 bytes.
fn much() -> String {
    "talking\n".repeat(READ_BYTES_PER_TURN / 8 + 1)
}

fn streams_read(world: &mut World) -> Vec<usize> {
    world.os().take_reads().into_iter().map(|(stream, _)| stream).collect()
}

#[test]
fn a_loud_connection_stops_at_its_budget_and_the_others_are_served_in_the_same_turn() {
    let (mut world, [loud, quiet]) = World::with_clients();
    world.send(loud, &much().repeat(10));
    world.send(quiet, "hello\n");
    world.turn(&[readable(loud), readable(quiet)]);
    let reads = [(loud.stream, READ_BYTES_PER_TURN), (quiet.stream, 6)];
    assert_eq!(world.os().take_reads(), reads);
    assert_eq!(world.take_lines().last().map(String::as_str), Some("hello"));
}

/// The kernel has told once that there is something, and does not tell again.
#[test]
fn a_connection_that_stopped_at_its_budget_is_read_again_without_an_event() {
    let (mut world, [loud]) = World::with_clients();
    world.send(loud, &much());
    world.turn(&[readable(loud)]);
    assert!(world.has_work(), "the loop must not sleep while something is left over");
    assert_eq!(world.take_lines().len(), READ_BYTES_PER_TURN / 8);
    world.turn(&[]);
    assert_eq!(world.take_lines(), ["talking"]);
    assert!(!world.has_work(), "a short read has emptied the socket");
}

#[test]
fn connections_that_stopped_at_their_budget_are_read_in_turn() {
    let (mut world, [one, two, three]) = World::with_clients();
    for client in [one, two, three] {
        world.send(client, &much().repeat(10));
    }
    world.turn(&[readable(one), readable(two), readable(three)]);
    world.os().forget_calls();
    for _ in 0..2 {
        world.turn(&[]);
        assert_eq!(streams_read(&mut world), [one.stream, two.stream, three.stream]);
    }
}

/// Everybody who waits is let in by one event: the kernel does not tell of each.
#[test]
fn one_event_lets_in_all_callers() {
    let (mut world, []) = World::with_clients();
    let callers: Vec<_> = (0..200).map(|_| world.os().call()).collect();
    world.turn(&[Ready::Listener]);
    world.settle();
    let accepted = callers.into_iter().map(Call::Accept).collect::<Vec<_>>();
    assert_eq!(world.os().take_calls(), accepted);
}

/// A read stops in front of an urgent byte, short as it is, although more lies behind.
#[test]
fn bytes_behind_an_urgent_byte_are_read() {
    let (mut world, [client]) = World::with_clients();
    world.send(client, "one\n");
    world.arrive(client, Arrival::Urgent);
    world.send(client, "two\n");
    world.turn(&[Ready::Priority(client.stream)]);
    world.turn(&[]);
    assert_eq!(world.take_lines(), ["one", "two"]);
}

/// Its last bytes and its end come with one event, and a read does not tell both.
#[test]
fn an_end_that_comes_with_the_last_bytes_is_heard() {
    let (mut world, [client]) = World::with_clients();
    world.send(client, "last\n");
    world.arrive(client, Arrival::End);
    world.turn(&[Ready::ReadClosed(client.stream)]);
    world.turn(&[]);
    let Client { conn, .. } = client;
    let heard = [super::Heard::Line(conn, "last".to_string()), super::Heard::End(conn)];
    assert_eq!(world.take_heard(), heard);
}
