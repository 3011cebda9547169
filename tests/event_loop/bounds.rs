//! How much output may wait for one connection.

use papo::event_loop::connection::{OUTPUT_HARD_BYTES, OUTPUT_SOFT_BYTES};
use papo::event_loop::connections::HELD_BYTES_MAX;
use papo::machine::CloseReason;

use super::scripted_os::Ready;
use super::{Client, Do, Heard, World, readable};

/// A client that reads nothing. Its kernel takes no more bytes.
fn mute() -> (World, Client) {
    let (mut world, [client]) = World::with_clients();
    world.os().set_room(client.stream, 0);
    (world, client)
}

fn is_closed(world: &mut World, client: Client) -> bool {
    world.take_heard().contains(&Heard::Closed(client.conn, CloseReason::SlowReader))
}

#[test]
fn output_closes_the_connection_beyond_the_hard_bound_and_not_at_it() {
    let (mut world, client) = mute();
    for _ in 0..OUTPUT_HARD_BYTES / OUTPUT_SOFT_BYTES {
        world.command(client, Do::Send(OUTPUT_SOFT_BYTES));
    }
    assert!(!is_closed(&mut world, client), "at the bound");
    world.command(client, Do::Send(1));
    assert!(is_closed(&mut world, client), "beyond the bound");
}

/// If one LIST is longer than a quarter of the bound, four of them may wait.
#[test]
fn four_of_the_longest_answers_may_wait_whatever_their_length() {
    let (mut world, client) = mute();
    for _ in 0..4 {
        world.command(client, Do::SendShared(OUTPUT_HARD_BYTES));
        assert!(!is_closed(&mut world, client));
    }
    world.command(client, Do::Send(1));
    assert!(is_closed(&mut world, client));
}

/// Its requests are put back, and are not answered before it has read.
#[test]
fn a_client_that_does_not_read_its_answers_is_not_read() {
    let (mut world, client) = mute();
    world.send(client, &format!("send {OUTPUT_SOFT_BYTES}\none\ntwo\n"));
    world.turn(&[readable(client)]);
    assert_eq!(world.take_lines(), [format!("send {OUTPUT_SOFT_BYTES}")]);
    world.send(client, "three\n");
    world.os().forget_calls();
    world.turn(&[readable(client)]);
    assert_eq!(world.os().take_reads(), []);
    // It reads at last. The edge of `three` is spent, and no other comes.
    world.os().set_room(client.stream, usize::MAX);
    world.turn(&[Ready::Writable(client.stream)]);
    let lines = ["one", "two", "three"].map(|line| Heard::Line(client.conn, line.to_string()));
    let heard = world.settle();
    assert_eq!(heard[heard.len() - 3..], lines, "{heard:?}");
}

/// One input for each write that leaves bytes, and one when none are left.
#[test]
fn a_backlog_is_reported_until_it_is_empty() {
    let (mut world, client) = mute();
    world.command(client, Do::Send(100));
    world.os().set_room(client.stream, 30);
    world.turn(&[Ready::Writable(client.stream)]);
    world.os().set_room(client.stream, usize::MAX);
    world.turn(&[Ready::Writable(client.stream)]);
    world.turn(&[Ready::Writable(client.stream)]);
    let told = [100, 70, 0].map(|bytes| Heard::Backlog(client.conn, bytes));
    assert_eq!(world.take_heard(), told);
}

/// In a later turn, so that one stream cannot fill a turn.
#[test]
fn drained_comes_in_the_next_turn_to_all_that_wait_for_it() {
    let (mut world, [first, second]) = World::with_clients();
    for client in [first, second] {
        world.command(client, Do::Send(10));
        world.command(client, Do::AwaitDrain);
    }
    assert_eq!(world.take_heard(), [], "not in the same turn");
    assert!(world.has_work());
    world.turn(&[]);
    assert_eq!(world.take_heard(), [Heard::Drained(first.conn), Heard::Drained(second.conn)]);
    assert!(!world.has_work());
}

/// All connections together have a bound, too. Memory of closed connections does not count.
#[test]
fn if_all_connections_hold_too_much_the_one_that_holds_most_is_closed() {
    let (mut world, mut clients) = World::with_clients::<100>();
    for client in clients {
        world.os().set_room(client.stream, 0);
    }
    // Much more than the bound, but in one connection after the other.
    for _ in 0..100 {
        world.command(clients[0], Do::Send(200_000));
        world.command(clients[0], Do::Abort);
        let aborted = Heard::Closed(clients[0].conn, CloseReason::Asked);
        assert_eq!(world.take_heard().last(), Some(&aborted));
        clients[0] = world.accept();
        world.os().set_room(clients[0].stream, 0);
    }
    world.command(clients[50], Do::Send(200_000));
    let others = clients.into_iter().filter(|it| it.conn != clients[50].conn);
    let others = others.take((HELD_BYTES_MAX - 200_000) / 180_000);
    for client in others.clone() {
        world.command(client, Do::Send(180_000));
    }
    let closed = |heard: &Heard| matches!(heard, Heard::Closed(..));
    assert!(!world.take_heard().iter().any(closed), "at the bound");
    world.command(clients[99], Do::Send(180_000));
    let heard: Vec<_> = world.take_heard().into_iter().filter(closed).collect();
    assert_eq!(heard, [Heard::Closed(clients[50].conn, CloseReason::SlowReader)]);
}

/// The first reason counts.
#[test]
fn a_slow_reader_that_the_machine_aborts_as_well_is_closed_as_a_slow_reader() {
    let (mut world, client) = mute();
    world.command(client, Do::SendAndAbort(OUTPUT_HARD_BYTES + 1));
    assert_eq!(world.take_heard(), [Heard::Closed(client.conn, CloseReason::SlowReader)]);
}
