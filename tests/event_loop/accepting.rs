//! Callers, when no descriptor is left for them.

use std::io::ErrorKind;
use std::time::Duration;

use papo::event_loop::listener::{ACCEPT_PAUSE_MS, SHED_MAX};

use super::scripted_os::{Call, Ready, StreamId};
use super::{Heard, World};

/// All descriptors are in use, as `accept_fault` of the scripted system has it.
const NO_DESCRIPTOR: ErrorKind = ErrorKind::QuotaExceeded;

/// A loop with so many callers that wait, and with these answers to the first calls of accept.
fn called_by(count: usize, fails: &[ErrorKind]) -> (World, Vec<StreamId>) {
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

/// They are not left waiting: each is accepted with the spare descriptor and reset.
#[test]
fn callers_without_a_descriptor_are_reset_and_counted() {
    let (mut world, streams) = called_by(2, &[NO_DESCRIPTOR]);
    world.turn(&[Ready::Listener]);
    let reset = |stream| [Call::Accept(stream), Call::ResetAtClose(stream), Call::Close(stream)];
    let calls: Vec<_> = streams.iter().copied().flat_map(reset).collect();
    assert_eq!(world.os().take_calls(), calls);
    assert_eq!(shed(&mut world), 2);
}

#[test]
fn behind_that_nobody_is_let_in_for_a_while() {
    let (mut world, _) = called_by(1, &[NO_DESCRIPTOR]);
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

/// Others are to be served as well.
#[test]
fn so_many_are_sent_away_at_once_and_no_more() {
    let (mut world, _) = called_by(SHED_MAX + 2, &[NO_DESCRIPTOR]);
    world.turn(&[Ready::Listener]);
    assert_eq!(shed(&mut world), SHED_MAX as u64);
    world.set_clock(ACCEPT_PAUSE_MS);
    world.turn(&[]);
    let heard = world.take_heard();
    assert_eq!(heard.iter().filter(|it| matches!(it, Heard::Accepted(_))).count(), 2);
}

/// Callers that hung up before they could be sent away are counted, too.
#[test]
fn callers_that_are_gone_already_are_counted() {
    let gone = ErrorKind::ConnectionAborted;
    let (mut world, _) = called_by(1, &[NO_DESCRIPTOR, gone, gone]);
    world.turn(&[Ready::Listener]);
    assert_eq!(shed(&mut world), 3);
}

/// The spare was taken by another process. Somebody still waits, and no other event will come.
#[test]
fn a_caller_that_could_not_be_sent_away_is_let_in_later() {
    let (mut world, streams) = called_by(1, &[NO_DESCRIPTOR, ErrorKind::OutOfMemory]);
    world.turn(&[Ready::Listener]);
    assert_eq!(world.os().take_calls(), []);
    assert_eq!(shed(&mut world), 0);
    world.set_clock(ACCEPT_PAUSE_MS);
    world.turn(&[]);
    assert_eq!(world.os().take_calls(), [Call::Accept(streams[0])]);
}
