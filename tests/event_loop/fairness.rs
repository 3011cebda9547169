//! Which connection is read when, and how many bytes of it: an edge comes once, and all connections
//! share one thread.

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

/// The edge came once, and does not come again.
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

/// The listener has one edge for all connections that wait.
#[test]
fn one_event_accepts_all_connections_that_wait() {
    let (mut world, []) = World::with_clients();
    let callers: Vec<_> = (0..200).map(|_| world.os().call()).collect();
    world.turn(&[Ready::Listener]);
    world.settle();
    let accepted = callers.into_iter().map(Call::Accept).collect::<Vec<_>>();
    assert_eq!(world.os().take_calls(), accepted);
}

/// A read stops before an urgent byte. This short read does not prove that the socket is empty.
#[test]
fn bytes_after_an_urgent_byte_are_read() {
    let (mut world, [client]) = World::with_clients();
    world.send(client, "one\n");
    world.arrive(client, Arrival::Urgent);
    world.send(client, "two\n");
    world.turn(&[Ready::Priority(client.stream)]);
    world.turn(&[]);
    assert_eq!(world.take_lines(), ["one", "two"]);
}

/// The last bytes and the end come with one event, and one read returns only the bytes.
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
