//! A connection that the machine has paused: its bytes wait in the kernel, and the sender notices.

use super::scripted_os::{Arrival, Ready};
use super::{Client, Do, Heard, World, readable};

/// The machine pauses a connection in the middle of a batch of lines.
fn paused() -> (World, Client) {
    let (mut world, [client]) = World::with_clients();
    world.send(client, "pause\none\ntwo\n");
    world.turn(&[readable(client)]);
    (world, client)
}

fn line(client: Client, text: &str) -> Heard {
    Heard::Line(client.conn, text.to_string())
}

#[test]
fn bytes_read_before_a_pause_are_handed_over_after_it() {
    let (mut world, client) = paused();
    assert_eq!(world.settle(), [line(client, "pause")]);
    world.command(client, Do::Resume);
    assert_eq!(world.settle(), [line(client, "one"), line(client, "two")]);
}

#[test]
fn a_paused_connection_is_not_read_and_its_end_waits() {
    let (mut world, client) = paused();
    world.os().forget_calls();
    world.send(client, "three\n");
    world.arrive(client, Arrival::End);
    world.turn(&[Ready::ReadClosed(client.stream)]);
    assert_eq!(world.settle(), [line(client, "pause")]);
    assert_eq!(world.os().take_reads(), []);
}

/// The edges of the bytes that arrived meanwhile have come, and no other edge will.
#[test]
fn a_connection_that_is_resumed_is_read_without_an_event() {
    let (mut world, client) = paused();
    world.send(client, "three\n");
    world.arrive(client, Arrival::End);
    world.turn(&[Ready::ReadClosed(client.stream)]);
    world.settle();
    world.command(client, Do::Resume);
    let rest = ["one", "two", "three"].map(|text| line(client, text));
    assert_eq!(world.settle(), [&rest[..], &[Heard::End(client.conn)]].concat());
}

#[test]
fn a_paused_connection_is_written_to() {
    let (mut world, client) = paused();
    world.os().forget_calls();
    world.command(client, Do::Send(10));
    assert_eq!(world.os().take_calls(), [super::scripted_os::Call::Write(client.stream, 10)]);
}
