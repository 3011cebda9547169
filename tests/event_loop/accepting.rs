//! New connections when no descriptor is left for them.

use std::io::ErrorKind;
use std::time::Duration;

use papo::event_loop::listener::{ACCEPT_PAUSE_MS, SHED_MAX};

use super::scripted_os::{Call, Ready, StreamId};
use super::{Heard, World};

/// The error of accept that stands for "all descriptors are in use" here.
const NO_DESCRIPTOR: ErrorKind = ErrorKind::QuotaExceeded;

/// A loop with so many connections that wait, and with these errors of the first calls of accept.
fn with_waiting(count: usize, fails: &[ErrorKind]) -> (World, Vec<StreamId>) {
    let (mut world, []) = World::with_clients();
    let streams = (0..count).map(|_| world.os().call()).collect();
    world.os().accept_fails = fails.iter().copied().collect();
    (world, streams)
}

fn shed(world: &mut World) -> u64 {
    world.take_heard();
    world.event_loop.report();
    let [Heard::Report(figures)] = world.take_heard()[..] else { panic!("one report") };
    figures.shed
}

/// The spare descriptor accepts each of them, so they do not wait in the kernel.
#[test]
fn connections_without_a_descriptor_are_reset_and_counted() {
    let (mut world, streams) = with_waiting(2, &[NO_DESCRIPTOR]);
    world.turn(&[Ready::Listener]);
    let reset = |stream| [Call::Accept(stream), Call::ResetAtClose(stream), Call::Close(stream)];
    let calls: Vec<_> = streams.iter().copied().flat_map(reset).collect();
    assert_eq!(world.os().take_calls(), calls);
    assert_eq!(shed(&mut world), 2);
}

#[test]
fn after_that_the_loop_accepts_nothing_for_a_while() {
    let (mut world, _) = with_waiting(1, &[NO_DESCRIPTOR]);
    world.turn(&[Ready::Listener]);
    let later = world.os().call();
    world.os().forget_calls();
    world.set_clock(ACCEPT_PAUSE_MS - 1);
    world.turn(&[Ready::Listener]);
    assert_eq!(world.os().take_calls(), [], "the pause is not over");
    assert_eq!(world.event_loop.timeout(), Some(Duration::from_millis(1)));
    world.set_clock(ACCEPT_PAUSE_MS);
    world.turn(&[]);
    assert_eq!(world.os().take_calls(), [Call::Accept(later)]);
}

/// The rest of the turn is for the other connections.
#[test]
fn one_turn_resets_a_bounded_number_of_connections() {
    let (mut world, _) = with_waiting(SHED_MAX + 2, &[NO_DESCRIPTOR]);
    world.turn(&[Ready::Listener]);
    assert_eq!(shed(&mut world), SHED_MAX as u64);
    world.set_clock(ACCEPT_PAUSE_MS);
    world.turn(&[]);
    let heard = world.take_heard();
    assert_eq!(heard.iter().filter(|it| matches!(it, Heard::Accepted(_))).count(), 2);
}

#[test]
fn connections_that_the_client_has_ended_before_the_reset_are_counted() {
    let gone = ErrorKind::ConnectionAborted;
    let (mut world, _) = with_waiting(1, &[NO_DESCRIPTOR, gone, gone]);
    world.turn(&[Ready::Listener]);
    assert_eq!(shed(&mut world), 3);
}

/// Another process has taken the spare descriptor. No other event will come for this connection.
#[test]
fn a_connection_that_could_not_be_reset_is_accepted_later() {
    let (mut world, streams) = with_waiting(1, &[NO_DESCRIPTOR, ErrorKind::OutOfMemory]);
    world.turn(&[Ready::Listener]);
    assert_eq!(world.os().take_calls(), []);
    assert_eq!(shed(&mut world), 0);
    world.set_clock(ACCEPT_PAUSE_MS);
    world.turn(&[]);
    assert_eq!(world.os().take_calls(), [Call::Accept(streams[0])]);
}
