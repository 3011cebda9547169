//! One client of a crowd: what it is, and what has become of it. What it does is in `crowd.rs`.

use std::time::Instant;

use mio::net::TcpStream;

use crate::host::millis;

/// One client.
pub struct Client {
    pub stream: Option<TcpStream>,
    /// Which of the crowd's servers it goes to.
    pub server: usize,
    pub hello: Vec<u8>,
    pub has_greeted: bool,
    /// Whether it says something every interval.
    pub keeps: bool,
    /// Whether it reads what it is sent.
    pub reads: bool,
    /// When the dial began.
    pub dialed_at: Instant,
    /// When it was connected and had said its hello.
    pub greeted_at: Option<Instant>,
    /// When it last said USER or KEEP.
    pub said_at: Instant,
    /// When it found the connection ended.
    pub ended_at: Option<Instant>,
    /// Whether it dials again when it loses its connection.
    pub comes_back: bool,
    /// How often it has tried to come back since it was last connected, and the most it ever did.
    pub attempts: u32,
    pub tried_most: u32,
    pub asked_at: Option<Instant>,
    pub inbox: Vec<u8>,
    /// The last whole line it got.
    pub reply: Vec<u8>,
}

impl Client {
    /// One that dials now, and says `hello` when it is connected.
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

    /// Whether it has lost its connection, and has no new one.
    pub fn is_over(&self) -> bool {
        self.ended_at.is_some()
    }

    /// From the last word to the end, in milliseconds.
    pub fn silent_ms(&self) -> f64 {
        let time = self.ended_at.map(|ended| ended.saturating_duration_since(self.said_at));
        millis(time)
    }
}
