//! What the person types, and what the server's answers mean for it.
//!
//! The half of [`Peer`] that faces the person.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr, SocketAddrV6};

use super::command::{self, Command, Topic};
use super::lookup::{Answer, Question};
use super::notice::{Fatal, Notice};
use super::{Peer, fail};
use crate::machine::{Actions, Millis};
use crate::wire::name::Name;

impl Peer {
    pub(super) fn on_typed(&mut self, now: Millis, line: &[u8], actions: &mut Actions<Notice>) {
        if self.leaving.is_some() {
            return;
        }
        if self.me.is_none() {
            self.on_typed_name(now, line, actions);
            return;
        }
        match Command::parse(line) {
            Command::List => self.ask(Question::List, actions),
            Command::Chat(name) => self.on_chat(name, actions),
            Command::Message(rest) => self.on_message(now, rest, actions),
            Command::Reply(text) => self.chat.reply(now, text, actions),
            Command::Next => self.chat.switch_to_unread(actions),
            Command::Peers => actions.show(Notice::Conversations(self.chat.rows())),
            Command::Bye(name) => self.chat.bye(now, name, actions),
            Command::Help(topic) => actions.show(Notice::Help(topic)),
            Command::Exit => self.leave(now, actions),
            Command::Unknown(word) => self.refuse(Notice::UnknownCommand(word.to_vec()), actions),
            Command::Misused(topic) => self.refuse(Notice::Usage(topic), actions),
            Command::Text(b"") => {}
            Command::Text(text) => self.chat.say(now, text, actions),
        }
    }

    fn on_typed_name(&mut self, now: Millis, line: &[u8], actions: &mut Actions<Notice>) {
        match (Command::parse(line), Name::parse(line)) {
            (Command::Exit, _) => self.leave(now, actions),
            // Who types a command wants it, and not to be called so. (`papo peer /list` does.)
            (command, _) if !self.scripted && !matches!(command, Command::Text(_)) => {
                actions.show(Notice::NameFirst);
                self.ask_name(actions);
            }
            (_, Ok(name)) => {
                self.me = Some(name);
                self.registration.start(now);
                self.on_tick(now, actions);
            }
            (_, Err(error)) if self.scripted => fail(Fatal::NotAName(error), actions),
            (_, Err(error)) => {
                actions.show(Notice::NotAName(error));
                self.ask_name(actions);
            }
        }
    }

    fn on_chat(&mut self, typed: &[u8], actions: &mut Actions<Notice>) {
        if self.chat.switch_to(typed, actions) {
            return;
        }
        match Name::parse(typed) {
            Ok(name) => self.look_for(name, None, actions),
            Err(error) => self.refuse(Notice::NotAName(error), actions),
        }
    }

    fn on_message(&mut self, now: Millis, rest: &[u8], actions: &mut Actions<Notice>) {
        let rows = self.chat.rows();
        let labels = rows.iter().map(|row| row.who.label.as_bytes());
        let known = labels.chain(self.seen.iter().map(Vec::as_slice));
        let (name, text) = command::split_message(rest, known);
        if text.is_empty() {
            self.refuse(Notice::Usage(Topic::Message), actions);
        } else if !self.chat.say_in(now, name, text, actions) {
            match Name::parse(name) {
                Ok(name) => self.look_for(name, Some(text.to_vec()), actions),
                Err(error) => self.refuse(Notice::NotAName(error), actions),
            }
        }
    }

    fn look_for(&mut self, name: Name, text: Option<Vec<u8>>, actions: &mut Actions<Notice>) {
        if self.me.as_ref() == Some(&name) {
            self.refuse(Notice::Yourself, actions);
        } else if !self.chat.is_calling_to(&name) {
            self.ask(Question::Call { name, text }, actions);
        }
    }

    fn ask(&mut self, question: Question, actions: &mut Actions<Notice>) {
        if self.registration.conn().is_some() {
            self.lookups.push(question);
        } else {
            self.refuse(Notice::NeedsServer, actions);
        }
    }

    pub(super) fn ask_name(&mut self, actions: &mut Actions<Notice>) {
        self.has_asked_name = true;
        actions.show(Notice::AskName);
    }

    pub(super) fn on_answer(
        &mut self,
        now: Millis,
        question: Question,
        answer: Answer,
        actions: &mut Actions<Notice>,
    ) {
        let answer = self.as_reachable(answer);
        match (question, answer) {
            (Question::Check { conn, .. }, answer) => self.chat.on_checked(conn, &answer, actions),
            (_, Answer::Silence) => {
                let unended = self.registration.babble().take_unended();
                let notice = unended.map_or(Notice::ServerSilent, |line| Notice::Unended { line });
                self.refuse(notice, actions);
            }
            (Question::List, Answer::Online { names, more }) => {
                self.on_online(names, more, actions);
            }
            (Question::Call { name, .. }, Answer::NotOnline) => {
                self.refuse(Notice::NotOnline { name }, actions);
            }
            (Question::Call { name, text }, Answer::At(to)) if can_be_called(to) => {
                self.chat.call(now, name, to, text, actions);
            }
            (Question::Call { name, .. }, Answer::At(_) | Answer::Nowhere) => {
                self.refuse(Notice::BadAddress { name }, actions);
            }
            (Question::List, Answer::At(_) | Answer::Nowhere | Answer::NotOnline)
            | (Question::Call { .. }, Answer::Online { .. }) => {
                unreachable!("lookup answers what was asked")
            }
        }
    }

    /// Everybody else, each once.
    fn on_online(&mut self, mut names: Vec<Vec<u8>>, more: usize, actions: &mut Actions<Notice>) {
        let me = self.me.as_ref().map(Name::as_bytes);
        let mut known = BTreeSet::new();
        let are_new: Vec<_> =
            names.iter().map(|name| Some(&name[..]) != me && known.insert(&name[..])).collect();
        let mut are_new = are_new.into_iter();
        names.retain(|_| are_new.next() == Some(true));
        self.seen = names;
        actions.show(Notice::Online(self.seen.clone()));
        if more > 0 {
            actions.show(Notice::MoreOnline { count: more });
        }
    }

    /// An address that means "here" to the server means the server to us, and a link-local one
    /// lies in the zone by which we reach the server.
    fn as_reachable(&self, answer: Answer) -> Answer {
        let zone = zone(self.registration.server());
        let server = self.registration.server().ip().to_canonical();
        let Answer::At(address) = answer else { return answer };
        let ip = address.ip();
        let means_server = ip.is_unspecified() || (ip.is_loopback() && !server.is_loopback());
        let ip = if means_server { server } else { ip };
        Answer::At(match ip {
            IpAddr::V6(ip) if ip.is_unicast_link_local() => {
                SocketAddrV6::new(ip, address.port(), 0, zone).into()
            }
            IpAddr::V4(_) | IpAddr::V6(_) => SocketAddr::new(ip, address.port()),
        })
    }
}

fn zone(server: SocketAddr) -> u32 {
    match server {
        SocketAddr::V6(server) => server.scope_id(),
        SocketAddr::V4(_) => 0,
    }
}

/// Whether anybody can be there at all. No name is looked up and nothing is sent.
fn can_be_called(address: SocketAddr) -> bool {
    let ip = address.ip();
    let broadcast = ip == SocketAddr::from(([255; 4], 0)).ip();
    !(ip.is_multicast() || ip.is_unspecified() || broadcast)
}
