//! A directory inside a host's own poll(2) loop.
//!
//! The host waits for its own sources and for the directory's descriptor, at most as long as
//! `timeout` says. Then it gives the directory one turn that does not wait. The host's own source
//! is stdin: after each typed line it prints who is online, and the end of stdin ends the program.
//!
//! ```sh
//! cargo run --example directory_in_poll -- 127.0.0.1:10000
//! ```

use std::io::{BufRead, ErrorKind, Write, stdin, stdout};
use std::time::Duration;

use papo::directory::{Directory, Rules};
use papo::event_loop::{EventLoop, socket};
use papo::machine::Framing;
use papo::wire::REQUEST_LIMIT;
use popol::{Sources, Timeout, interest};

#[derive(Clone, Debug, Eq, PartialEq)]
enum Source {
    Keyboard,
    Directory,
}

fn main() -> std::io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:10000".to_string());
    let listener = socket::listen(address.parse().expect("ADDRESS:PORT"))?;
    writeln!(stdout(), "listening on {}", listener.local_addr()?)?;
    let mut directory = EventLoop::new(Directory::new(Rules::default()))?;
    directory.listen(listener, Framing::Lines(REQUEST_LIMIT))?;
    let mut sources = Sources::new();
    sources.register(Source::Keyboard, &stdin(), interest::READ);
    sources.register(Source::Directory, &directory, interest::READ);
    loop {
        let timeout = directory.timeout().map_or(Timeout::Never, Timeout::After);
        let mut ready = Vec::new();
        match sources.poll(&mut ready, timeout) {
            // The directory has a deadline or work left over, so it gets a turn.
            Err(error) if error.kind() == ErrorKind::TimedOut => {}
            result => {
                result?;
            }
        }
        if ready.iter().any(|event| event.key == Source::Keyboard) {
            if stdin().lock().read_line(&mut String::new())? == 0 {
                return Ok(());
            }
            print_online(&directory)?;
        }
        directory.turn(Some(Duration::ZERO))?;
        for notice in directory.notices() {
            writeln!(stdout(), "{notice:?}")?;
        }
    }
}

fn print_online(directory: &EventLoop<Directory>) -> std::io::Result<()> {
    for member in directory.machine().roster().iter() {
        writeln!(stdout(), "{} at {}", member.name, member.address())?;
    }
    Ok(())
}
