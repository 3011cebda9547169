//! The person: the commands that it gives, and the server's answers that it waits for.
//!
//! | file | what it knows |
//! | --- | --- |
//! | here | what each command does |
//! | [`command`] | the commands |
//! | `answers` | what the server's answers mean for the person, and which addresses can be called |
//!
//! Both files are parts of [`Peer`]. Must never know a connection. Read next: [`command`].

mod answers;
pub mod command;

use super::chat::protocol_line;
use super::notice::{Fatal, Notice};
use super::server::lookup::Lookup;
use super::{Peer, fail};
use crate::machine::{Actions, Millis};
use crate::wire::name::Name;
use command::Command;

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
            Command::Servers(found) => self.registration.on_found(now, found, actions),
            _ if self.me.is_none() => self.on_unnamed(now, command, actions),
            Command::List => self.ask(Lookup::List, actions),
            Command::Names => self.ask(Lookup::Names, actions),
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
            // The host has shown the mistake to the person.
            Command::Mistake => self.has_failed |= self.is_at_work,
            // The peer has a name.
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

    /// Without a name, no other command is possible.
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
        if let Some(line) = protocol_line(text) {
            // Checked first, so that nobody is called for it.
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
        } else if question == Lookup::Names {
            actions.show(Notice::Names(Vec::new()));
        } else {
            self.refuse(Notice::NeedsServer, actions);
        }
    }

    pub(super) fn ask_name(&mut self, actions: &mut Actions<Notice>) {
        self.has_asked_name = true;
        actions.show(Notice::AskName);
    }
}
