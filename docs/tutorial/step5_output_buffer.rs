//! Step 5: the output buffer.
//!
//!     cargo run --example step5_output_buffer -- 127.0.0.1:10000

mod directory;
mod line_buffer;
mod sockets;

use std::collections::BTreeMap;
use std::io::{self, ErrorKind, Read, Write};
use std::net::IpAddr;

use directory::Directory;
use line_buffer::LineBuffer;
use mio::net::TcpStream;
use sockets::{LISTENER, Sockets};

/// A client with more unsent bytes than this is not read.
const OUT_BYTES_MAX: usize = 64 * 1024;

struct Client {
    key: usize,
    stream: TcpStream,
    ip: IpAddr,
    lines: LineBuffer,
    out: Vec<u8>, // what the kernel has not taken yet
}

/// Does all that can be done for a client without waiting. An error: the client has left.
fn serve(client: &mut Client, directory: &mut Directory) -> io::Result<()> {
    let mut bytes = [0; 1024];
    loop {
        flush(client)?;
        if client.out.len() > OUT_BYTES_MAX {
            return Ok(()); // it does not read, so we do not read it: a writable event will come
        }
        if let Some(line) = client.lines.next_line() {
            let answer = directory.on_line(client.key, client.ip, &line);
            client.out.extend_from_slice(answer.as_bytes());
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

/// Writes until all is sent, or until a write would block.
fn flush(client: &mut Client) -> io::Result<()> {
    while !client.out.is_empty() {
        match client.stream.write(&client.out) {
            Ok(count) => drop(client.out.drain(..count)),
            Err(error) if error.kind() == ErrorKind::WouldBlock => break,
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn main() -> io::Result<()> {
    let (mut sockets, mut directory) = (Sockets::open()?, Directory::default());
    let mut clients = BTreeMap::new();
    loop {
        for key in sockets.wait(None)? {
            if key == LISTENER {
                while let Some((key, stream, ip)) = sockets.accept()? {
                    let (lines, out) = (LineBuffer::default(), Vec::new());
                    clients.insert(key, Client { key, stream, ip, lines, out });
                }
            } else if let Some(client) = clients.get_mut(&key)
                && serve(client, &mut directory).is_err()
            {
                directory.leave(key);
                clients.remove(&key); // this closes the socket
            }
        }
    }
}
