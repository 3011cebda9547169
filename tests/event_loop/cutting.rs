//! A connection of raw bytes whose machine wants lines from now on: behind the header of a load
//! balancer, for one.

use papo::machine::Framing;

use super::scripted_os::{Arrival, Ready};
use super::{Client, Do, Heard, World, readable};

/// A connection that has brought `lines:`, at which the machine turns to lines, and this behind it.
fn cut(behind: &str) -> (World, Client) {
    let (mut world, [client]) = World::with_clients_framed(Framing::Raw);
    let text = format!("lines:{behind}");
    world.send(client, &text);
    world.turn(&[readable(client)]);
    let bytes = Heard::Bytes(client.conn, text);
    assert_eq!(world.take_heard(), [bytes], "raw bytes come as they were read");
    (world, client)
}

fn line(client: Client, text: &str) -> Heard {
    Heard::Line(client.conn, text.to_string())
}

#[test]
fn bytes_read_with_the_header_are_cut_into_lines() {
    let (mut world, client) = cut("one\ntwo\n");
    assert_eq!(world.settle(), [line(client, "one"), line(client, "two")]);
}

/// Later bytes belong behind those that were read with the header, whatever comes first in the
/// turn.
#[test]
fn a_line_may_lie_across_the_turn_to_lines() {
    let (mut world, client) = cut("one\ntw");
    world.send(client, "o\nthree\n");
    world.turn(&[readable(client)]);
    assert_eq!(world.settle(), ["one", "two", "three"].map(|text| line(client, text)));
}

#[test]
fn a_header_with_nothing_behind_it_costs_no_turn() {
    let (mut world, client) = cut("");
    assert!(!world.has_work());
    world.send(client, "one\n");
    world.turn(&[readable(client)]);
    assert_eq!(world.settle(), [line(client, "one")]);
}

#[test]
fn the_end_of_the_stream_waits_for_the_lines_before_it() {
    let (mut world, [client]) = World::with_clients_framed(Framing::Raw);
    world.send(client, "lines:one\ntwo");
    world.arrive(client, Arrival::End);
    world.turn(&[Ready::ReadClosed(client.stream)]);
    let mut heard = world.settle();
    heard.remove(0);
    let rest = Heard::Rest(client.conn, "two".to_string());
    assert_eq!(heard, [line(client, "one"), rest, Heard::End(client.conn)]);
}

#[test]
fn a_pause_among_the_lines_holds_back_those_behind_it() {
    let (mut world, client) = cut("pause\none\n");
    assert_eq!(world.settle(), [line(client, "pause")]);
    world.command(client, Do::Resume);
    assert_eq!(world.settle(), [line(client, "one")]);
}

/// The limit of lines is that of the turn to lines: the listener had none.
#[test]
fn a_line_behind_the_header_has_a_limit() {
    let (mut world, client) = cut(&"x".repeat(super::LIMIT.close + 1));
    let closed = Heard::Closed(client.conn, papo::machine::CloseReason::LineTooLong);
    assert_eq!(world.settle(), [closed]);
}

/// Two events in one turn, and an urgent byte between the two reads.
#[test]
fn what_was_put_back_comes_before_what_is_read_in_the_same_turn() {
    let (mut world, [client]) = World::with_clients_framed(Framing::Raw);
    world.send(client, "lines:one\n");
    world.arrive(client, Arrival::Urgent);
    world.send(client, "two\n");
    world.turn(&[readable(client), readable(client)]);
    let mut heard = world.take_heard();
    heard.extend(world.settle());
    let lines = ["one", "two"].map(|line| Heard::Line(client.conn, line.to_string()));
    assert_eq!(heard[heard.len() - 2..], lines, "{heard:?}");
}
