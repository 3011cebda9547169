//! Many connections to one server, in its dialect.

use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use socket2::{Domain, Socket, Type};

use crate::rig::Server;

/// The protocol of a server.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Dialect {
    /// The protocol of `papo server`.
    Papo,
    /// The same, to the bare loop, which answers every line.
    Canned,
    /// RESP: a name is a key, an address its value.
    Redis,
}

/// The number of source addresses: one address has some 28,000 ports, and a used port is blocked for a
/// minute.
const SOURCES: usize = 32;

impl Dialect {
    /// Registers a client and looks it up. The answer proves that it is registered.
    pub fn register(self, number: usize) -> String {
        let (name, lookup) = (name(number), self.lookup(number));
        match self {
            Self::Papo | Self::Canned => format!("USER {name}:40000\r\n{lookup}"),
            Self::Redis => {
                format!("*3\r\n$3\r\nSET\r\n$8\r\n{name}\r\n$17\r\n127.0.0.100:40000\r\n{lookup}")
            }
        }
    }

    /// The number of lines of the answer.
    pub fn register_lines(self) -> usize {
        match self {
            Self::Papo => 1,
            Self::Canned => 2,
            Self::Redis => 3,
        }
    }

    pub fn lookup(self, number: usize) -> String {
        let name = name(number);
        match self {
            Self::Papo | Self::Canned => format!("ADDR {name}\r\n"),
            Self::Redis => format!("*2\r\n$3\r\nGET\r\n$8\r\n{name}\r\n"),
        }
    }

    /// The number of lines of the answer, and the beginning of the first one.
    pub fn answer(self) -> (usize, &'static [u8]) {
        match self {
            Self::Papo | Self::Canned => (1, b"ADDR 127.0.0."),
            Self::Redis => (2, b"$17\r\n"),
        }
    }
}

/// Always eight characters, so that all requests have one length.
fn name(number: usize) -> String {
    format!("u{number:07}")
}

/// A socket that connects to the server, from one of the source addresses.
pub fn socket(server: SocketAddr, number: usize, is_blocking: bool) -> Socket {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
    let host = 2 + u8::try_from(number % SOURCES).expect("small");
    socket.set_tcp_nodelay(true).expect("no delay");
    socket.bind(&SocketAddr::from(([127, 0, 0, host], 0)).into()).expect("a port");
    socket.set_nonblocking(!is_blocking).expect("blocking or not");
    match socket.connect(&server.into()) {
        Err(error) if error.raw_os_error() != Some(IN_PROGRESS) => panic!("{number}: {error}"),
        _ => socket,
    }
}

const IN_PROGRESS: i32 = rustix::io::Errno::INPROGRESS.raw_os_error();

/// Connects and registers `count` clients, the first one with the number `first`.
pub fn open(server: &Server, first: usize, count: usize) -> Vec<TcpStream> {
    open_at(server.address, server.dialect, first, count)
}

/// The same by the address and the dialect of a server.
pub fn open_at(server: SocketAddr, dialect: Dialect, first: usize, count: usize) -> Vec<TcpStream> {
    let one = |number| {
        let stream = TcpStream::from(socket(server, number, true));
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
        (&stream).write_all(dialect.register(number).as_bytes()).expect("a small line");
        let mut reader = BufReader::with_capacity(512, &stream);
        for _ in 0..dialect.register_lines() {
            let mut line = String::new();
            let count = reader.read_line(&mut line).expect("an answer");
            assert!(count > 0, "client {number}: closed");
        }
        stream
    };
    (first..first + count).map(one).collect()
}

/// One read. `None`: it would block.
pub fn read_some(stream: &mut impl std::io::Read, buffer: &mut [u8]) -> Option<usize> {
    match stream.read(buffer) {
        Ok(0) => panic!("the server has closed the connection"),
        Ok(count) => Some(count),
        Err(error) if error.kind() == ErrorKind::WouldBlock => None,
        Err(error) => panic!("{error}"),
    }
}
