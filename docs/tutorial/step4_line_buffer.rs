//! Step 4: the line buffer, with mio instead of `selectors`.
//!
//!     cargo run --example step4_line_buffer -- 127.0.0.1:10000

mod directory;

use std::collections::BTreeMap;
use std::io::{self, ErrorKind, Read, Write};
use std::net::IpAddr;

use directory::{Directory, say};
use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};

const LISTENER: Token = Token(0);

struct Client {
    key: usize,
    stream: TcpStream,
    ip: IpAddr,
    unfinished: Vec<u8>, // what has arrived and is not answered yet
}

/// Reads until a read would block, and answers each whole line. An error: the client has left.
fn serve(client: &mut Client, directory: &mut Directory) -> io::Result<()> {
    let mut bytes = [0; 1024];
    loop {
        match client.stream.read(&mut bytes) {
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(count) => client.unfinished.extend_from_slice(&bytes[..count]),
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
            Err(error) => return Err(error),
        }
        while let Some(line) = next_line(&mut client.unfinished) {
            let answer = directory.on_line(client.key, client.ip, &line);
            client.stream.write_all(answer.as_bytes())?; // is there always room?
        }
    }
}

/// Takes the first whole line out of the buffer. `None`: its end has not arrived yet.
fn next_line(unfinished: &mut Vec<u8>) -> Option<String> {
    let end = unfinished.iter().position(|&byte| byte == b'\n')?;
    let line: Vec<u8> = unfinished.drain(..=end).collect();
    Some(String::from_utf8_lossy(&line).trim_end().to_string())
}

fn main() -> io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:10000".to_string());
    let mut listener = TcpListener::bind(address.parse().expect("ADDRESS:PORT"))?;
    say(&format!("listening on {}", listener.local_addr()?));
    let (mut poll, mut events) = (Poll::new()?, Events::with_capacity(64));
    poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
    let (mut directory, mut clients, mut last_key) = (Directory::default(), BTreeMap::new(), 0);
    loop {
        match poll.poll(&mut events, None) {
            Err(error) if error.kind() != ErrorKind::Interrupted => return Err(error),
            _ => {} // the only call that waits is over; a signal may end it, too
        }
        for event in &events {
            let key = event.token().0;
            if event.token() == LISTENER {
                while let Ok((mut stream, from)) = listener.accept() {
                    last_key += 1;
                    poll.registry().register(&mut stream, Token(last_key), Interest::READABLE)?;
                    let (key, ip, unfinished) = (last_key, from.ip(), Vec::new());
                    clients.insert(key, Client { key, stream, ip, unfinished });
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
