//! Eight public programs of the exercise, as clients that a test can run.
//!
//! Read first: [`super::habits`].

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};

use super::habits::{Habits, Heard, Naming, Parting};
use crate::support::{PATIENCE, Raw};

/// The size of one `recv`, in all of these programs.
const RECV_BYTES: usize = 1024;

/// One of these programs, running.
pub(crate) struct Client {
    habits: Habits,
    name: String,
    server: TcpStream,
    listener: TcpListener,
    /// The connection that it accepted.
    accepted: Option<TcpStream>,
    /// The connection that it opened.
    opened: Option<TcpStream>,
    heard: VecDeque<Heard>,
}

impl Client {
    /// Starts it: it listens, and registers.
    pub(crate) fn start(habits: Habits, name: &str, server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("bound").port();
        let mut stream = connect(server);
        let keep = if habits.hurries { "KEEP\r\n" } else { "" };
        write(&mut stream, &format!("USER {name}:{port}\r\n{keep}"));
        Self {
            habits,
            name: name.to_string(),
            server: stream,
            listener,
            accepted: None,
            opened: None,
            heard: VecDeque::new(),
        }
    }

    /// The names that its person sees. Most of these programs cut after the blank, and crash
    /// without it.
    pub(crate) fn list(&mut self) -> Vec<String> {
        write(&mut self.server, "LIST\r\n");
        let reply = recv(&mut self.server).expect("a reply, and not the end");
        let (word, names) = reply.split_once(' ').expect("without a blank this program crashes");
        assert_eq!(word, "LIST", "any other line is taken for the answer");
        let names = names.trim().split(':').filter(|name| !name.is_empty());
        names.map(str::to_string).collect()
    }

    /// An address, read in the form of its edition.
    pub(crate) fn look_up(&mut self, name: &str) -> SocketAddr {
        write(&mut self.server, &format!("ADDR {name}\r\n"));
        let reply = recv(&mut self.server).expect("a reply, and not the end");
        let reply = reply.trim().strip_prefix("ADDR ").expect("an ADDR");
        let fields: Vec<_> = reply.split(':').collect();
        let address = match (self.habits.edition, &fields[..]) {
            ("2024", [ip, port]) => format!("{ip}:{port}"),
            ("2026", [whose, ip, port]) if *whose == name => format!("{ip}:{port}"),
            _ => panic!("this program does not understand {reply}"),
        };
        address.parse().expect("an address")
    }

    /// Accepts a call. Returns what it takes for the caller's name.
    pub(crate) fn accept(&mut self) -> String {
        let mut stream = Raw::accept(&self.listener).stream;
        let chunk = recv(&mut stream).expect("a name");
        self.accepted = Some(stream);
        chunk.trim().strip_prefix("USER ").unwrap_or(&chunk).to_string()
    }

    /// Calls somebody.
    pub(crate) fn call(&mut self, name: &str) {
        self.call_and_say(name, "");
    }

    /// Calls somebody, and sends a text in the same segment.
    pub(crate) fn call_and_say(&mut self, name: &str, text: &str) {
        let mut stream = connect(self.look_up(name));
        let introduction = match self.habits.naming {
            Naming::User => format!("USER {}\r\n", self.name),
            Naming::UserWithoutEnd => format!("USER {}", self.name),
            Naming::BareName => self.name.clone(),
            Naming::Nothing => String::new(),
        };
        write(&mut stream, &format!("{introduction}{text}"));
        self.opened = Some(stream);
    }

    /// Sends a text on the connection that this program uses for texts.
    pub(crate) fn say(&mut self, text: &str) {
        let text = format!("{text}{}", self.habits.text_end);
        write(self.speaking(), &text);
    }

    /// The next thing that its person sees.
    pub(crate) fn hear(&mut self) -> Heard {
        self.try_hear().expect("strict UTF-8")
    }

    /// The next thing that its person sees.
    ///
    /// # Errors
    ///
    /// If it crashes because a `recv` returned only a part of a character.
    pub(crate) fn try_hear(&mut self) -> Result<Heard, String> {
        while self.heard.is_empty() {
            let chunk = recv_bytes(self.listening()).map(String::from_utf8).transpose();
            self.take(chunk.map_err(|error| error.to_string())?.as_deref());
        }
        Ok(self.heard.pop_front().expect("there is something"))
    }

    /// Ends the conversation in its own way.
    pub(crate) fn leave(&mut self) {
        match self.habits.parting {
            Parting::Disc => write(self.speaking(), "DISC\r\n"),
            Parting::DiscWithoutEnd => write(self.speaking(), "DISC"),
            Parting::EndOfStream => self.close(),
            Parting::Bye => {
                if !self.habits.one_way || self.opened.is_some() {
                    self.say("/bye");
                }
                self.close();
            }
        }
    }

    /// Sends a line to the server.
    pub(crate) fn tell_server(&mut self, line: &str) {
        write(&mut self.server, line);
    }

    /// Closes every connection to other people.
    pub(crate) fn close(&mut self) {
        for stream in [self.accepted.take(), self.opened.take()].into_iter().flatten() {
            // The other side may have closed already.
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    fn take(&mut self, chunk: Option<&str>) {
        self.heard = chunk.map_or(vec![Heard::End], |chunk| self.habits.take(chunk)).into();
    }

    fn speaking(&mut self) -> &mut TcpStream {
        let other = if self.habits.one_way { None } else { self.accepted.as_mut() };
        self.opened.as_mut().or(other).expect("a connection to speak over")
    }

    fn listening(&mut self) -> &mut TcpStream {
        let other = if self.habits.one_way { None } else { self.opened.as_mut() };
        self.accepted.as_mut().or(other).expect("a connection to listen to")
    }
}

fn connect(to: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(to).expect("it listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    stream
}

fn write(stream: &mut TcpStream, text: &str) {
    stream.write_all(text.as_bytes()).expect("the other side is there");
}

/// One `recv`, decoded. `None`: the end.
fn recv(stream: &mut TcpStream) -> Option<String> {
    recv_bytes(stream).map(|chunk| String::from_utf8(chunk).expect("strict UTF-8"))
}

/// One `recv`. `None`: the end.
fn recv_bytes(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut chunk = [0; RECV_BYTES];
    match stream.read(&mut chunk) {
        Ok(0) => None,
        Ok(count) => Some(chunk[..count].to_vec()),
        Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => None,
        Err(error) => panic!("nothing came: {error}"),
    }
}
