//! The person's commands, and the server's answers that they wait for.
//!
//! The half of [`Peer`] that faces the person.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr, SocketAddrV6};

use super::chat;
use super::command::Command;
use super::lookup::{Lookup, LookupResult};
use super::notice::{Fatal, Notice};
use super::{Peer, fail};
use crate::machine::{Actions, Millis};
use crate::wire::name::Name;

impl Peer {
    pub(super) fn on_command(
        &mut self,
        now: Millis,
        command: &Command,
        actions: &mut Actions<Notice>,
    ) {
        match command {
            _ if self.leaving.is_some() => {}
            Command::Exit => self.leave(now, actions),
            Command::Typing(is_typing) => self.chat.set_typing(*is_typing),
            Command::InputEnded => self.on_input_ended(now, actions),
            _ if self.me.is_none() => self.on_unnamed(now, command, actions),
            Command::List => self.ask(Lookup::List, actions),
            Command::Chat(name) => self.on_chat(name, actions),
            Command::Message { to, text } => self.on_message(now, to, text, actions),
            Command::Reply(text) => self.chat.reply(now, text, actions),
            Command::Next => self.chat.switch_to_unread(actions),
            Command::Peers => actions.show(Notice::Conversations(self.chat.rows())),
            Command::Bye(name) => self.chat.bye(now, name.as_deref(), actions),
            Command::Say(text) => self.chat.say(now, text, actions),
            Command::SayIn { conversation, text } => {
                self.chat.say_in(now, *conversation, text, actions);
            }
            // Of a mistake the person has been told; a script fails by it.
            Command::Mistake => self.has_failed |= self.is_at_work,
            // There is one already.
            Command::Name(_) => {}
        }
    }

    fn on_input_ended(&mut self, now: Millis, actions: &mut Actions<Notice>) {
        if self.me.is_none() && self.scripted {
            fail(Fatal::NoName, actions);
        } else if self.stays {
            self.is_at_work = false;
        } else {
            self.leave(now, actions);
        }
    }

    /// A name comes before everything else.
    fn on_unnamed(&mut self, now: Millis, command: &Command, actions: &mut Actions<Notice>) {
        let Command::Name(name) = command else {
            actions.show(Notice::NameFirst);
            self.ask_name(actions);
            return;
        };
        match Name::parse(name) {
            Ok(name) => {
                self.me = Some(name);
                self.registration.start(now);
                self.on_tick(now, actions);
            }
            Err(error) if self.scripted => fail(Fatal::NotAName(error), actions),
            Err(error) => {
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

    fn on_message(&mut self, now: Millis, to: &[u8], text: &[u8], actions: &mut Actions<Notice>) {
        if let Some(line) = chat::protocol_line(text) {
            // Nobody is called for it.
            self.refuse(Notice::WouldBeProtocol { line: line.to_vec() }, actions);
            return;
        }
        if self.chat.say_to_label(now, to, text, actions) {
            return;
        }
        match Name::parse(to) {
            Ok(name) => self.look_for(name, Some(text.to_vec()), actions),
            Err(error) => self.refuse(Notice::NotAName(error), actions),
        }
    }

    fn look_for(&mut self, name: Name, text: Option<Vec<u8>>, actions: &mut Actions<Notice>) {
        if self.me.as_ref() == Some(&name) {
            self.refuse(Notice::Yourself, actions);
        } else if !self.chat.is_calling_to(&name) {
            self.chat.withdraw_offers();
            self.ask(Lookup::Call { name, text }, actions);
        }
    }

    fn ask(&mut self, question: Lookup, actions: &mut Actions<Notice>) {
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
        question: Lookup,
        answer: LookupResult,
        actions: &mut Actions<Notice>,
    ) {
        let answer = self.as_reachable(answer);
        match (question, answer) {
            (Lookup::Own, _) => {}
            (Lookup::Check { conn, .. }, answer) => {
                self.chat.on_checked(now, conn, &answer, actions);
            }
            (_, LookupResult::Silence) => {
                let unended = self.registration.babble().take_unended();
                let notice = unended.map_or(Notice::ServerSilent, |line| Notice::Unended { line });
                self.refuse(notice, actions);
            }
            (Lookup::List, LookupResult::Online { names, more }) => {
                self.on_online(names, more, actions);
            }
            (Lookup::Call { name, .. }, LookupResult::NotOnline) => {
                self.refuse(Notice::NotOnline { name }, actions);
            }
            (Lookup::Call { name, text }, LookupResult::At(to))
                if can_be_called(to, self.registration.server()) =>
            {
                self.chat.call(now, name, to, text, actions);
            }
            (Lookup::Call { name, .. }, LookupResult::At(_) | LookupResult::Nowhere) => {
                self.refuse(Notice::BadAddress { name }, actions);
            }
            (
                Lookup::List,
                LookupResult::At(_) | LookupResult::Nowhere | LookupResult::NotOnline,
            )
            | (Lookup::Call { .. }, LookupResult::Online { .. }) => {
                unreachable!("lookup answers what was asked")
            }
        }
    }

    /// Everybody else, each once.
    fn on_online(&self, mut names: Vec<Vec<u8>>, more: usize, actions: &mut Actions<Notice>) {
        let me = self.me.as_ref().map(Name::as_bytes);
        let mut known = BTreeSet::new();
        let are_new: Vec<_> =
            names.iter().map(|name| Some(&name[..]) != me && known.insert(&name[..])).collect();
        let mut are_new = are_new.into_iter();
        names.retain(|_| are_new.next() == Some(true));
        actions.show(Notice::Online(names));
        if more > 0 {
            actions.show(Notice::MoreOnline { count: more });
        }
    }

    /// An address that means "here" to the server means the server to us, and a link-local one
    /// lies in the zone by which we reach the server.
    fn as_reachable(&self, answer: LookupResult) -> LookupResult {
        let zone = zone(self.registration.server());
        let server = self.registration.server().ip().to_canonical();
        let LookupResult::At(address) = answer else { return answer };
        let ip = address.ip();
        let means_server = ip.is_unspecified() || (ip.is_loopback() && !server.is_loopback());
        let ip = if means_server { server } else { ip };
        LookupResult::At(match ip {
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

/// Whether anybody can be there at all, for a server at this address. No name is looked up and
/// nothing is sent.
fn can_be_called(address: SocketAddr, server: SocketAddr) -> bool {
    let ip = address.ip();
    let is_nowhere = match ip {
        // 0/8 is "this network", 240/4 is reserved, and has the broadcast address in it.
        IpAddr::V4(ip) => ip.octets()[0] == 0 || ip.octets()[0] >= 240,
        IpAddr::V6(ip) => ip.is_unspecified(),
    };
    // A link-local address means something on one link only: that of the server, or none of ours.
    let is_of_another_link = is_link_local(ip) && !is_link_local(server.ip());
    !(ip.is_multicast() || is_nowhere || is_of_another_link)
}

fn is_link_local(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_unicast_link_local(),
    }
}
