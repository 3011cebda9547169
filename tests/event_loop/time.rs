//! When a tick comes, and how long the loop may sleep.
//!
//! A tick removes clients that were silent for too long. So it must come after the reading of its
//! turn, and its time must be one whose arrivals have all been read.

use std::time::Duration;

use papo::event_loop::{READ_BYTES_PER_TURN, TICK_WAITS_MS_MAX};
use papo::machine::Millis;

use super::scripted_os::Arrival;
use super::{Client, Do, Heard, World, readable};

/// A client, and a machine that wants a tick at 100 ms.
fn waiting_for_a_tick() -> (World, Client) {
    let (mut world, [client]) = World::with_clients();
    world.command(client, Do::WakeAt(Millis(100)));
    (world, client)
}

fn ticks(world: &mut World) -> usize {
    let heard = world.take_heard();
    heard.iter().filter(|heard| matches!(heard, Heard::Tick(_))).count()
}

#[test]
fn a_tick_comes_after_the_reading_of_its_turn() {
    let (mut world, client) = waiting_for_a_tick();
    world.set_clock(150);
    world.send(client, "KEEP\n");
    world.turn(&[readable(client)]);
    let heard = [Heard::Line(client.conn, "KEEP".to_string()), Heard::Tick(Millis(150))];
    assert_eq!(world.take_heard(), heard);
}

/// The process is stopped for a minute in the middle of a poll. What arrived meanwhile has not
/// been read when the poll returns, so the time at which the poll *began* decides.
#[test]
fn a_tick_goes_by_the_time_when_the_poll_began() {
    let (mut world, client) = waiting_for_a_tick();
    world.set_clock(50);
    world.os().poll_takes_ms = 60_000;
    world.turn(&[]);
    assert_eq!(ticks(&mut world), 0, "a KEEP may wait in the kernel");
    world.send(client, "KEEP\n");
    world.turn(&[readable(client)]);
    let heard = [Heard::Line(client.conn, "KEEP".to_string()), Heard::Tick(Millis(60_050))];
    assert_eq!(world.take_heard(), heard);
}

/// A poll that a signal interrupts brings no events, although some may wait.
#[test]
fn a_poll_that_was_interrupted_brings_no_tick() {
    let (mut world, client) = waiting_for_a_tick();
    world.set_clock(150);
    world.os().poll_is_interrupted = true;
    world.turn(&[]);
    assert_eq!(ticks(&mut world), 0, "a KEEP may wait in the kernel");
    world.send(client, "KEEP\n");
    world.turn(&[readable(client)]);
    let heard = [Heard::Line(client.conn, "KEEP".to_string()), Heard::Tick(Millis(150))];
    assert_eq!(world.take_heard(), heard);
}

/// While connections are on the list of pending reads, a KEEP may wait after the bytes that were read.
#[test]
fn a_tick_waits_for_the_reading_to_catch_up_and_no_longer_than_its_bound() {
    let (mut world, client) = waiting_for_a_tick();
    let endless = "talking\n".repeat(READ_BYTES_PER_TURN / 8 * 100);
    world.arrive(client, Arrival::Bytes(endless.into_bytes()));
    world.set_clock(150);
    world.turn(&[readable(client)]);
    assert_eq!(ticks(&mut world), 0, "the reading is behind");
    world.set_clock(150 + TICK_WAITS_MS_MAX - 1);
    world.turn(&[]);
    assert_eq!(ticks(&mut world), 0, "the tick may wait still");
    world.set_clock(150 + TICK_WAITS_MS_MAX);
    world.turn(&[]);
    assert_eq!(ticks(&mut world), 1, "a busy client must not delay ticks for ever");
}

#[test]
fn the_loop_sleeps_until_the_deadline_and_a_millisecond_more() {
    let (mut world, _client) = waiting_for_a_tick();
    world.set_clock(40);
    // The clock cuts off the part of a millisecond.
    assert_eq!(world.event_loop.timeout(), Some(Duration::from_millis(61)));
    world.turn(&[]);
    assert_eq!(world.os().last_timeout, Some(Duration::from_millis(61)));
    world.set_clock(101);
    world.turn(&[]);
    assert_eq!(ticks(&mut world), 1);
    assert_eq!(world.event_loop.timeout(), None, "nothing is left to wait for");
}

/// The host may want to be back earlier than the loop.
#[test]
fn the_loop_sleeps_no_longer_than_the_host_allows() {
    let (mut world, _client) = waiting_for_a_tick();
    world.os().poll_brings(&[]);
    world.event_loop.turn(Some(Duration::from_millis(7))).expect("the poller works");
    assert_eq!(world.os().last_timeout, Some(Duration::from_millis(7)));
}

/// Ten clients, and each read takes 10 ms. The eighth reads the clock, so that no input has a time
/// that is long over.
#[test]
fn a_long_turn_reads_the_clock_every_eight_connections() {
    let (mut world, clients) = World::with_clients::<10>();
    for client in clients {
        world.send(client, "KEEP\n");
    }
    world.set_clock(1_000);
    world.os().read_takes_ms = 10;
    world.turn(&clients.map(readable));
    assert_eq!(world.event_loop.now(), Millis(1_080));
}
