//! Step 6: timers.
//!
//!     cargo run --example step6_timers -- 127.0.0.1:10000

#![allow(clippy::disallowed_methods, reason = "this program has to read the clock")]

mod directory;
mod line_buffer;
mod out_buffer;
mod sockets;

use std::collections::BTreeMap;
use std::io::{self, ErrorKind, Read};
use std::net::IpAddr;
use std::time::{Duration, Instant};

use directory::Directory;
use line_buffer::LineBuffer;
use mio::net::TcpStream;
use out_buffer::OutBuffer;
use sockets::{LISTENER, Sockets};

struct Client {
    key: usize,
    stream: TcpStream,
    ip: IpAddr,
    lines: LineBuffer,
    out: OutBuffer,
    deadline: Instant, // without a KEEP until then, the client is gone
}

/// As in step 5. USER and KEEP move the deadline: one assignment, and no timer is touched.
fn serve(client: &mut Client, directory: &mut Directory, deadline: Instant) -> io::Result<()> {
    let mut bytes = [0; 1024];
    loop {
        client.out.flush(&mut client.stream)?;
        if client.out.is_full() {
            return Ok(());
        }
        if let Some(line) = client.lines.next_line() {
            client.out.push(&directory.on_line(client.key, client.ip, &line));
            if line == "KEEP" || line.starts_with("USER ") {
                client.deadline = deadline;
            }
            continue;
        }
        match client.stream.read(&mut bytes) {
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(count) => client.lines.push(&bytes[..count]),
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
            Err(error) => return Err(error),
        }
    }
}

fn main() -> io::Result<()> {
    let patience = std::env::args().nth(2).unwrap_or_else(|| "15000".to_string());
    let patience = Duration::from_millis(patience.parse().expect("milliseconds"));
    let (mut sockets, mut directory) = (Sockets::open()?, Directory::default());
    let mut clients: BTreeMap<usize, Client> = BTreeMap::new();
    loop {
        let next = clients.values().map(|client| client.deadline).min();
        let timeout = next.map(|next| next.saturating_duration_since(Instant::now()));
        for key in sockets.wait(timeout)? {
            let deadline = Instant::now() + patience;
            if key == LISTENER {
                while let Some((key, stream, ip)) = sockets.accept()? {
                    let (lines, out) = (LineBuffer::default(), OutBuffer::default());
                    clients.insert(key, Client { key, stream, ip, lines, out, deadline });
                }
            } else if let Some(client) = clients.get_mut(&key)
                && serve(client, &mut directory, deadline).is_err()
            {
                directory.leave(key);
                clients.remove(&key);
            }
        }
        let now = Instant::now(); // after all reading: a KEEP that has arrived counts
        for late in clients.values().filter(|client| client.deadline <= now) {
            directory.leave(late.key);
        }
        clients.retain(|_, client| client.deadline > now);
    }
}
