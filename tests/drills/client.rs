//! One client of a crowd: its state. `crowd.rs` has what it does.

use std::time::Instant;

use mio::net::TcpStream;

use crate::host::millis;

/// One client.
pub struct Client {
    pub stream: Option<TcpStream>,
    /// The number of its server in the crowd's list.
    pub server: usize,
    pub hello: Vec<u8>,
    pub has_greeted: bool,
    /// Whether it sends KEEP every interval.
    pub keeps: bool,
    /// Whether it reads.
    pub reads: bool,
    /// When the dial began.
    pub dialed_at: Instant,
    /// When it was connected and had sent its first line.
    pub greeted_at: Option<Instant>,
    /// When it last sent USER or KEEP.
    pub said_at: Instant,
    /// When it noticed the end of its connection.
    pub ended_at: Option<Instant>,
    /// Whether it dials again when it loses its connection.
    pub comes_back: bool,
    /// How often it has dialed since it was last connected, and the most of all times.
    pub attempts: u32,
    pub tried_most: u32,
    pub asked_at: Option<Instant>,
    pub inbox: Vec<u8>,
    /// The last whole line that it received.
    pub reply: Vec<u8>,
}

impl Client {
    /// A client that dials now, and sends `hello` when it is connected.
    pub fn new(hello: &str, comes_back: bool, now: Instant) -> Self {
        Self {
            stream: None,
            server: 0,
            hello: hello.as_bytes().to_vec(),
            has_greeted: false,
            keeps: true,
            reads: true,
            dialed_at: now,
            greeted_at: None,
            said_at: now,
            ended_at: None,
            comes_back,
            attempts: 0,
            tried_most: 0,
            asked_at: None,
            inbox: Vec::new(),
            reply: Vec::new(),
        }
    }

    /// Whether its connection has ended.
    pub fn is_over(&self) -> bool {
        self.ended_at.is_some()
    }

    /// From its last line to the end of its connection, in milliseconds.
    pub fn silent_ms(&self) -> f64 {
        let time = self.ended_at.map(|ended| ended.saturating_duration_since(self.said_at));
        millis(time)
    }
}
