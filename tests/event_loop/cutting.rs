//! A raw connection whose machine wants lines from now on, for example after the header of a load
//! balancer.

use papo::machine::Framing;

use super::scripted_os::{Arrival, Ready};
use super::{Client, Do, Heard, World, readable};

/// A connection that has sent `lines:`, at which the machine changes to lines, and this text after it.
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

/// Later bytes come after those that were read with the header, in whatever order the turn has them.
#[test]
fn a_line_may_begin_with_the_header_and_end_in_a_later_read() {
    let (mut world, client) = cut("one\ntw");
    world.send(client, "o\nthree\n");
    world.turn(&[readable(client)]);
    assert_eq!(world.settle(), ["one", "two", "three"].map(|text| line(client, text)));
}

#[test]
fn a_header_without_a_line_after_it_takes_no_extra_turn() {
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
fn a_pause_among_the_lines_holds_back_the_lines_after_it() {
    let (mut world, client) = cut("pause\none\n");
    assert_eq!(world.settle(), [line(client, "pause")]);
    world.command(client, Do::Resume);
    assert_eq!(world.settle(), [line(client, "one")]);
}

/// The limit comes with the change to lines: the listener had none.
#[test]
fn a_line_after_the_header_has_a_limit() {
    let (mut world, client) = cut(&"x".repeat(super::LIMIT.close + 1));
    let closed = Heard::Closed(client.conn, papo::machine::CloseReason::LineTooLong);
    assert_eq!(world.settle(), [closed]);
}

/// Two events in one turn, and an urgent byte between the two reads.
#[test]
fn bytes_that_were_put_back_come_before_bytes_read_in_the_same_turn() {
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
