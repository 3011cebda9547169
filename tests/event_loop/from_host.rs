//! The methods that a host calls.

use std::io::ErrorKind;

use papo::machine::LoopCounts;

use super::{Do, Heard, World};

#[test]
fn a_call_of_the_host_reaches_the_machine_at_once() {
    let (mut world, []) = World::with_clients();
    world.event_loop.output_full(true);
    world.event_loop.output_full(false);
    world.event_loop.stop();
    let heard = [Heard::OutputFull(true), Heard::OutputFull(false), Heard::Stop];
    assert_eq!(world.take_heard(), heard);
}

#[test]
fn a_report_counts_connections_turns_and_what_waits() {
    let (mut world, [reader, gone, _idle]) = World::with_clients();
    world.os().set_room(reader.stream, 3);
    world.command(reader, Do::Send(10));
    world.command(gone, Do::Abort);
    world.take_heard();
    world.event_loop.report();
    // One turn for each accepted connection.
    let figures = LoopCounts { connections: 2, pending_bytes: 7, accepted: 3, shed: 0, turns: 3 };
    assert_eq!(world.take_heard(), [Heard::Report(figures)]);
}

#[test]
fn the_loop_accepts_commands_until_the_machine_refuses_them_or_ends() {
    for what in [Do::Refuse, Do::Exit] {
        let (mut world, [client]) = World::with_clients();
        assert!(world.event_loop.accepts_command());
        world.command(client, what);
        assert!(!world.event_loop.accepts_command(), "{what:?}");
    }
}

#[test]
fn the_host_receives_the_error_of_a_poller() {
    let (mut world, []) = World::with_clients();
    world.os().poll_fails = Some(ErrorKind::InvalidInput);
    let error = world.event_loop.turn(None).expect_err("the poller failed");
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}

/// An error of the socket is about an older datagram, and not about the next one.
#[test]
fn datagrams_are_read_until_the_socket_is_empty() {
    let (mut world, []) = World::with_clients();
    world.event_loop.bind((), false).expect("nothing refuses it");
    world.os().datagrams = [Ok("one"), Err(ErrorKind::ConnectionRefused), Ok("two")].into();
    world.turn(&[]);
    let heard = ["one", "two"].map(|text| Heard::Datagram(text.to_string()));
    assert_eq!(world.take_heard(), heard);
    assert!(!world.has_work(), "the next event says when there are more");
}

/// A socket of IPv6 reaches IPv4 by the mapped address.
#[test]
fn datagrams_that_the_kernel_does_not_take_are_counted() {
    let nobody = papo::machine::ConnId { slot: 0, generation: 0 };
    for (is_v6, to) in [(false, "127.0.0.1:1"), (true, "[::ffff:127.0.0.1]:1")] {
        let (mut world, []) = World::with_clients();
        world.event_loop.bind((), is_v6).expect("nothing refuses it");
        world.event_loop.command(&(nobody, Do::SendTo));
        assert_eq!(world.event_loop.dropped_datagrams(), 0);
        world.os().refuses_datagrams = true;
        world.event_loop.command(&(nobody, Do::SendTo));
        assert_eq!(world.event_loop.dropped_datagrams(), 1);
        assert_eq!(world.os().sent_to[0].to_string(), to);
    }
}
