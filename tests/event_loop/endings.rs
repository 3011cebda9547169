//! How a connection ends, and which inputs about it still come.

use std::io::ErrorKind;
use std::net::Shutdown;

use papo::machine::CloseReason;

use super::scripted_os::{Arrival, Call, Ready};
use super::{Do, Heard, World, readable};

#[test]
fn a_half_close_waits_for_the_output_and_reading_goes_on() {
    let (mut world, [client]) = World::with_clients();
    world.os().set_room(client.stream, 4);
    world.command(client, Do::Send(10));
    world.command(client, Do::HalfClose);
    assert_eq!(world.os().take_calls(), [Call::Write(client.stream, 4)]);
    world.os().set_room(client.stream, usize::MAX);
    world.turn(&[Ready::Writable(client.stream)]);
    let calls = [Call::Write(client.stream, 6), Call::Shutdown(client.stream, Shutdown::Write)];
    assert_eq!(world.os().take_calls(), calls);
    world.send(client, "still talking\n");
    world.turn(&[readable(client)]);
    assert_eq!(world.take_lines(), ["still talking"]);
}

#[test]
fn a_close_waits_for_the_output_and_reads_nothing_more() {
    let (mut world, [client]) = World::with_clients();
    world.os().set_room(client.stream, 4);
    world.command(client, Do::Send(10));
    world.command(client, Do::Close);
    world.send(client, "not heard\n");
    world.turn(&[readable(client)]);
    assert_eq!(world.take_lines(), [""; 0]);
    world.os().take_calls();
    world.os().set_room(client.stream, usize::MAX);
    world.turn(&[Ready::Writable(client.stream)]);
    assert_eq!(
        world.os().take_calls(),
        [Call::Write(client.stream, 6), Call::Close(client.stream)]
    );
    assert_eq!(world.take_heard(), [Heard::Closed(client.conn, CloseReason::Asked)]);
}

/// The other side sent its last lines and then a reset, because it closed without reading. Our write
/// fails first.
#[test]
fn received_bytes_are_read_although_a_write_fails() {
    let (mut world, [client]) = World::with_clients();
    world.send(client, "one\nDISC");
    world.arrive(client, Arrival::Error(ErrorKind::ConnectionReset));
    world.os().break_writing(client.stream, ErrorKind::BrokenPipe);
    world.command(client, Do::Send(10));
    let heard = world.settle();
    let words =
        [Heard::Line(client.conn, "one".to_string()), Heard::Rest(client.conn, "DISC".to_string())];
    assert_eq!(heard[..2], words);
    assert!(matches!(heard[2..], [Heard::Closed(_, CloseReason::Failed(_))]), "{heard:?}");
}

#[test]
fn an_unfinished_line_comes_before_a_reset() {
    let (mut world, [client]) = World::with_clients();
    world.send(client, "last words");
    world.turn(&[readable(client)]);
    world.arrive(client, Arrival::Error(ErrorKind::ConnectionReset));
    world.turn(&[Ready::ReadClosed(client.stream)]);
    let heard = [
        Heard::Rest(client.conn, "last words".to_string()),
        Heard::Closed(client.conn, CloseReason::Failed(ErrorKind::ConnectionReset)),
    ];
    assert_eq!(world.take_heard(), heard);
}

/// A writable event does not prove that a dial has ended, or that it succeeded.
#[test]
fn the_socket_and_not_the_event_has_the_result_of_a_dial() {
    let (mut world, []) = World::with_clients();
    let nobody = papo::machine::ConnId { slot: 0, generation: 0 };
    world.event_loop.command(&(nobody, Do::Dial));
    let stream = world.os().last_stream();
    world.turn(&[Ready::Writable(stream)]);
    assert_eq!(world.take_heard(), [], "it has not ended");
    world.os().dial_ends = Some(Err(ErrorKind::ConnectionRefused));
    world.turn(&[Ready::Writable(stream)]);
    assert_eq!(world.take_heard(), [Heard::Dialed(Err(ErrorKind::ConnectionRefused))]);
    assert_eq!(world.os().take_calls(), [Call::Close(stream)]);
}

/// A shutdown before it would end the stream in order.
#[test]
fn a_reset_shuts_nothing_down() {
    let (mut world, [client]) = World::with_clients();
    world.os().set_room(client.stream, 0);
    world.command(client, Do::Send(10));
    world.os().take_calls();
    world.command(client, Do::Reset);
    let calls = [Call::ResetAtClose(client.stream), Call::Close(client.stream)];
    assert_eq!(world.os().take_calls(), calls);
    let heard = world.take_heard();
    assert_eq!(heard.last(), Some(&Heard::Closed(client.conn, CloseReason::Asked)));
}

#[test]
fn a_dial_that_is_given_up_ends_at_once() {
    let (mut world, []) = World::with_clients();
    let nobody = papo::machine::ConnId { slot: 0, generation: 0 };
    world.event_loop.command(&(nobody, Do::Dial));
    let stream = world.os().last_stream();
    world.event_loop.command(&(nobody, Do::Abandon));
    assert_eq!(world.take_heard(), [Heard::Dialed(Err(ErrorKind::TimedOut))]);
    assert_eq!(world.os().take_calls(), [Call::Close(stream)]);
    world.event_loop.command(&(nobody, Do::Abandon));
    assert_eq!(world.take_heard(), [], "it is given up once");
}

/// A signal came during the read, and no other event will come.
#[test]
fn a_read_that_was_interrupted_is_tried_again() {
    let (mut world, [client]) = World::with_clients();
    world.arrive(client, Arrival::Error(ErrorKind::Interrupted));
    world.send(client, "still here\n");
    world.turn(&[readable(client)]);
    assert_eq!(world.settle(), [Heard::Line(client.conn, "still here".to_string())]);
}
