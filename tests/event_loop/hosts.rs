//! A host with a loop of its own, which waits for the descriptor of ours.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::AsRawFd;
use std::time::Duration;

use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Token};
use papo::event_loop::EventLoop;
use papo::machine::{ConnId, Millis};

use super::sockets::{LONG, listening};
use super::{Do, Heard, Obedient};

struct Host {
    event_loop: EventLoop<Obedient>,
    poll: Poll,
    events: Events,
}

impl Host {
    fn new() -> (Self, SocketAddr) {
        let (event_loop, address) = listening();
        let poll = Poll::new().expect("the host's own");
        let descriptor = event_loop.as_raw_fd();
        let mut source = SourceFd(&descriptor);
        poll.registry().register(&mut source, Token(0), Interest::READABLE).expect("watched");
        (Self { event_loop, poll, events: Events::with_capacity(8) }, address)
    }

    /// Sleeps as long as the loop allows, and then gives it a turn that does not sleep. Returns the
    /// machine's inputs.
    #[track_caller]
    fn turn(&mut self) -> Vec<Heard> {
        let timeout = self.event_loop.timeout().map_or(LONG, |timeout| timeout.min(LONG));
        // The poller reports a change. Registering again makes it check the descriptor again.
        let descriptor = self.event_loop.as_raw_fd();
        let mut source = SourceFd(&descriptor);
        let registry = self.poll.registry();
        registry.reregister(&mut source, Token(0), Interest::READABLE).expect("watched");
        self.poll.poll(&mut self.events, Some(timeout)).expect("the host's poller works");
        let overslept = self.events.is_empty() && timeout == LONG;
        assert!(!overslept, "the loop has work, and let its host sleep");
        self.event_loop.turn(Some(Duration::ZERO)).expect("the loop's poller works");
        self.event_loop.notices().collect()
    }
}

/// 70 KB of questions arrive at once, far more than one turn reads.
#[test]
fn a_host_that_waits_for_the_descriptor_gets_all_work_done() {
    const QUESTIONS: usize = 10_000;
    let (mut host, address) = Host::new();
    let mut client = TcpStream::connect(address).expect("the queue takes it");
    client.set_nonblocking(true).expect("non-blocking");
    let questions = "send 1\n".repeat(QUESTIONS);
    let mut unsent = questions.as_bytes();
    let (mut answered, mut buffer) = (0, [0; 4096]);
    while answered < QUESTIONS {
        if let Ok(count) = client.write(unsent) {
            unsent = &unsent[count..];
        }
        host.turn();
        while let Ok(count @ 1..) = client.read(&mut buffer) {
            answered += count;
        }
    }
    assert_eq!(answered, QUESTIONS);
}

/// Nothing arrives, so only the timeout can wake the host.
#[test]
fn a_host_that_waits_for_the_descriptor_gets_its_tick() {
    let (mut host, _) = Host::new();
    let nobody = ConnId { slot: 0, generation: 0 };
    let deadline = Millis(host.event_loop.now().0 + 100);
    host.event_loop.command(&(nobody, Do::WakeAt(deadline)));
    let heard = std::iter::repeat_with(|| host.turn()).find(|heard| !heard.is_empty());
    let Some([Heard::Tick(at)]) = heard.as_deref() else { panic!("{heard:?}") };
    assert!(*at > deadline, "a tick came at {at:?}, before {deadline:?} had passed");
}
