//! The bare loop: the best that one thread with epoll can do. It has no parser, no table and no clock,
//! and its fixed answer is as long as a real one. The difference to `papo server` is the cost of
//! parsing lines, finding names, expiring clients, and keeping bounds.

use std::io::{ErrorKind, Read, Write};
use std::net::SocketAddr;

use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};
use socket2::{Domain, Socket, Type};

/// As long as an answer to ADDR.
const REPLY: &[u8; 24] = b"ADDR 127.0.0.100:40000\r\n";

const LISTENER: Token = Token(usize::MAX);

/// Its answers.
#[derive(Clone, Copy)]
enum Mode {
    /// [`REPLY`] for every so many lines.
    Canned { lines: usize },
    /// Nothing.
    Silent,
    /// One long line, to each line that begins with `L`.
    List,
}

struct Conn {
    stream: TcpStream,
    /// Bytes of the answer that are not written yet.
    owed: usize,
}

struct Bare {
    poll: Poll,
    mode: Mode,
    /// Writes the owed answers, as often as fits.
    canned: Vec<u8>,
    conns: Vec<Option<Conn>>,
    free: Vec<usize>,
    buffer: Vec<u8>,
}

/// Serves until it is killed, and prints its address. Options: `silent`, `list BYTES`, `lines N`.
pub fn run(options: &[&str]) {
    let number = |text: &str| text.parse::<usize>().expect("a number");
    let (mode, canned) = match options {
        ["silent"] => (Mode::Silent, Vec::new()),
        ["list", bytes] => {
            let mut line = vec![b'x'; number(bytes)];
            line[..5].copy_from_slice(b"LIST ");
            *line.last_mut().expect("not empty") = b'\n';
            (Mode::List, line)
        }
        ["lines", lines] => (Mode::Canned { lines: number(lines) }, REPLY.repeat(4096)),
        _ => (Mode::Canned { lines: 1 }, REPLY.repeat(4096)),
    };
    let poll = Poll::new().expect("a poller");
    let buffer = vec![0; 64 * 1024];
    Bare { poll, mode, canned, conns: Vec::new(), free: Vec::new(), buffer }.serve();
}

impl Bare {
    fn serve(mut self) {
        let mut listener = listen();
        println!("{}", listener.local_addr().expect("bound"));
        let registry = self.poll.registry();
        registry.register(&mut listener, LISTENER, Interest::READABLE).expect("registers");
        let mut events = Events::with_capacity(1024);
        loop {
            match self.poll.poll(&mut events, None) {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                result => result.expect("polls"),
            }
            for event in &events {
                if event.token() == LISTENER {
                    self.accept(&listener);
                } else {
                    self.serve_one(event.token().0, event.is_readable(), event.is_read_closed());
                }
            }
        }
    }

    fn accept(&mut self, listener: &TcpListener) {
        while let Ok((mut stream, _)) = listener.accept() {
            let slot = self.free.pop().unwrap_or_else(|| {
                self.conns.push(None);
                self.conns.len() - 1
            });
            // A short answer always fits the kernel; only a long one has to wait for room.
            let interest = match self.mode {
                Mode::List => Interest::READABLE | Interest::WRITABLE,
                Mode::Canned { .. } | Mode::Silent => Interest::READABLE,
            };
            self.poll.registry().register(&mut stream, Token(slot), interest).expect("registers");
            self.conns[slot] = Some(Conn { stream, owed: 0 });
        }
    }

    fn serve_one(&mut self, slot: usize, is_readable: bool, is_closed: bool) {
        let Some(conn) = self.conns[slot].as_mut() else { return };
        let mut is_over = false;
        let mut goes_on = is_readable;
        while goes_on {
            let result = conn.stream.read(&mut self.buffer);
            // A read that does not fill the buffer has emptied the socket (epoll(7)).
            goes_on = matches!(result, Ok(count) if count == self.buffer.len());
            match result {
                Ok(0) => is_over = true,
                Ok(count) => {
                    conn.owed += owed(self.mode, &self.buffer[..count], self.canned.len());
                    is_over = is_closed;
                }
                Err(error) => is_over = error.kind() != ErrorKind::WouldBlock,
            }
        }
        is_over |= !write_owed(conn, &self.canned, self.mode);
        if is_over {
            self.conns[slot] = None;
            self.free.push(slot);
        }
    }
}

/// How many bytes must be answered.
fn owed(mode: Mode, fresh: &[u8], list_bytes: usize) -> usize {
    let lines = || fresh.iter().filter(|&&byte| byte == b'\n').count();
    match mode {
        Mode::Silent => 0,
        Mode::Canned { lines: wanted } => lines() / wanted * REPLY.len(),
        Mode::List => list_bytes * usize::from(fresh[0] == b'L'),
    }
}

/// Writes what the kernel takes. False: the connection is of no use any more.
fn write_owed(conn: &mut Conn, canned: &[u8], mode: Mode) -> bool {
    let unit = if matches!(mode, Mode::List) { canned.len() } else { REPLY.len() };
    while conn.owed > 0 {
        let phase = (unit - conn.owed % unit) % unit;
        let count = conn.owed.min(canned.len() - phase);
        match conn.stream.write(&canned[phase..phase + count]) {
            Ok(count) => conn.owed -= count,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return true,
            Err(_) => return false,
        }
    }
    true
}

/// With a queue as long as the server's, and no waiting for acknowledgements.
fn listen() -> TcpListener {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
    socket.set_tcp_nodelay(true).expect("no delay");
    socket.set_nonblocking(true).expect("non-blocking");
    socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).expect("any port");
    socket.listen(papo::event_loop::socket::BACKLOG).expect("listens");
    TcpListener::from_std(socket.into())
}
