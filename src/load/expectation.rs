//! The requests of the clients, and the answers that a correct server must give.
//!
//! A client's number determines its name and its port, so no table is needed to check an answer.
//! Knows no connection and no time. Read next: [`super::tally`].

use std::net::{IpAddr, SocketAddr};

use super::rules::Rules;
use super::schedule::NUMBERS;
use crate::wire::name::Name;
use crate::wire::reply::{self, Reply};
use crate::wire::request::Request;

/// Digits of a number in a name.
const DIGITS: usize = 6;

/// A question of a client.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Question {
    /// The address of the client with this number.
    Addr(u32),
    /// The names that are online.
    List,
}

/// Knows the right answers of the server.
#[derive(Debug)]
pub(super) struct Expectation {
    tag: String,
    clients: usize,
    others: bool,
    server: SocketAddr,
    /// The address by which the server knows us. There may be a router between, so the first answer
    /// decides, and all others must have the same.
    seen_as: Option<IpAddr>,
    /// For each client, the last LIST that had it, as a count of `lists`.
    listed_in: Vec<u32>,
    lists: u32,
}

impl Expectation {
    /// Begins without answers.
    pub(super) fn new(rules: &Rules) -> Self {
        Self {
            tag: rules.tag.clone(),
            clients: rules.clients,
            others: rules.others,
            server: rules.server,
            seen_as: None,
            listed_in: vec![0; rules.clients],
            lists: 0,
        }
    }

    /// Writes USER.
    ///
    /// # Panics
    ///
    /// If the tag cannot begin a name. `papo load` has checked it.
    pub(super) fn encode_user(&self, number: u32, out: &mut Vec<u8>) {
        let name = Name::parse(self.name(number).as_bytes()).expect("a tag that begins names");
        Request::User { name, port: port(number) }.encode(out);
    }

    /// Writes a question.
    pub(super) fn encode(&self, question: Question, out: &mut Vec<u8>) {
        match question {
            Question::Addr(number) => Request::Addr(self.name(number).as_bytes()).encode(out),
            Question::List => Request::List.encode(out),
        }
    }

    /// A question in words.
    pub(super) fn words(&self, question: Question) -> String {
        match question {
            Question::Addr(number) => format!("ADDR {}", self.name(number)),
            Question::List => "LIST".to_string(),
        }
    }

    /// Whether a line is the answer to what was asked.
    pub(super) fn is_right(&mut self, client: usize, asked: Option<Question>, line: &[u8]) -> bool {
        match (asked, Reply::parse(line)) {
            (Some(Question::Addr(number)), Some(Reply::Addr { name, address })) => {
                let right_name = name.is_none_or(|name| name == self.name(number).as_bytes());
                right_name && address.port() == port(number) && self.is_our_ip(address.ip())
            }
            (Some(Question::List), Some(Reply::List(list))) => self.is_complete(client, list),
            _ => false,
        }
    }

    fn is_our_ip(&mut self, ip: IpAddr) -> bool {
        let may_be = ip.is_loopback() || !self.server.ip().is_loopback();
        may_be && *self.seen_as.get_or_insert(ip) == ip
    }

    /// Whether a list has every client except the one who asks, each once.
    fn is_complete(&mut self, client: usize, list: &[u8]) -> bool {
        self.lists += 1;
        self.listed_in[client] = self.lists;
        let mut missing = self.clients - 1;
        for name in reply::names(list) {
            match self.client_of(name) {
                Some(client) if self.listed_in[client] != self.lists => {
                    self.listed_in[client] = self.lists;
                    missing -= 1;
                }
                Some(_) => return false,
                None if self.others && !name.starts_with(self.tag.as_bytes()) => {}
                None => return false,
            }
        }
        missing == 0
    }

    /// The client that has this name.
    fn client_of(&self, name: &[u8]) -> Option<usize> {
        let digits = name.strip_prefix(self.tag.as_bytes())?;
        if digits.len() != DIGITS || !digits.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let value = |sum, digit: &u8| 10 * sum + usize::from(digit - b'0');
        Some(digits.iter().fold(0, value)).filter(|&client| client < self.clients)
    }

    fn name(&self, number: u32) -> String {
        let mut name = String::with_capacity(self.tag.len() + DIGITS);
        name.push_str(&self.tag);
        // Without `format!`, which would take a third of the time of a question.
        let mut place = 10_u32.pow(DIGITS as u32 - 1);
        while place > 0 {
            name.push(char::from(b'0' + (number / place % 10) as u8));
            place /= 10;
        }
        name
    }
}

/// The port in a client's USER. Nobody calls it.
fn port(number: u32) -> u16 {
    u16::try_from(1 + number % 65_535).expect("1 to 65535")
}

/// The number of a client that keeps one name.
///
/// # Panics
///
/// If there are more clients than [`NUMBERS`].
pub(super) fn as_number(client: usize) -> u32 {
    assert!(client < NUMBERS, "no more clients than names");
    client as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expectation(others: bool) -> Expectation {
        let server = SocketAddr::from(([127, 0, 0, 1], 10_000));
        Expectation::new(&Rules { clients: 3, others, ..Rules::of(server) })
    }

    #[test]
    fn an_address_is_right_by_its_port_its_name_and_its_host() {
        let mut wanted = expectation(false);
        let mut judge = |line: &str| wanted.is_right(0, Some(Question::Addr(1)), line.as_bytes());
        assert!(!judge("ADDR 10.0.0.9:2"), "a loopback server sees us at loopback");
        assert!(judge("ADDR 127.0.0.1:2"));
        assert!(judge("ADDR load-000001:127.0.0.1:2"), "the newer edition");
        for wrong in [
            "ADDR 127.0.0.2:2",
            "ADDR 127.0.0.1:3",
            "ADDR load-000002:127.0.0.1:2",
            "ADDR ",
            "LIST load-000001",
            "",
        ] {
            assert!(!judge(wrong), "{wrong}");
        }
        assert!(!wanted.is_right(0, None, b"ADDR 127.0.0.1:2"), "nobody asked");
    }

    #[test]
    fn a_list_has_everybody_once_and_nobody_else() {
        let cases = [
            ("LIST load-000000:load-000002", true, true),
            ("LIST load-000002:load-000000", true, true),
            ("LIST load-000000:load-000002:Ana", false, true),
            ("LIST load-000000", false, false),
            ("LIST ", false, false),
            ("LIST load-000000:load-000000", false, false),
            ("LIST load-000000:load-000001:load-000002", false, false),
            ("LIST load-000000:load-000002:load-000003", false, false),
            ("LIST load-000000:load-000002:load-2", false, false),
            ("ADDR 127.0.0.1:1", false, false),
        ];
        for (line, alone, among_others) in cases {
            for (others, right) in [(false, alone), (true, among_others)] {
                let mut wanted = expectation(others);
                let judged = wanted.is_right(1, Some(Question::List), line.as_bytes());
                assert_eq!(judged, right, "{line}, others: {others}");
            }
        }
    }
}
