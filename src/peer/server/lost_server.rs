//! The reaction of the peer when the connection to the server has ended.
//!
//! A part of [`Peer`]. Must never decide what the end meant: [`super::registration`] does. Read
//! next: [`super::lookup`].

use super::lookup::Lookup;
use super::registration::Lost;
use crate::machine::{Actions, CloseReason, Millis};
use crate::peer::notice::{Fatal, Notice};
use crate::peer::{Peer, fail};
use crate::wire::name::Name;

impl Peer {
    pub(crate) fn on_server_lost(
        &mut self,
        now: Millis,
        reason: CloseReason,
        actions: &mut Actions<Notice>,
    ) {
        let unanswered = self.lookups.fail_all();
        let lost = self.registration.on_lost(now, reason, actions);
        if unanswered.contains(&Lookup::Names) {
            actions.show(Notice::Names(Vec::new()));
        }
        if unanswered.iter().any(|it| matches!(it, Lookup::List | Lookup::Call { .. })) {
            self.refuse(Notice::NeedsServer, actions);
        }
        // While conversations are open, a line for them would be taken for a name.
        let may_ask = !self.scripted && self.chat.rows().is_empty();
        match (lost, self.me.clone()) {
            (Lost::NameRefused, Some(name)) => self.on_name_refused(now, name, actions),
            (Lost::TurnedAway, _) if self.scripted && !self.stays => {
                fail(self.registration.failure(), actions);
            }
            (Lost::TurnedAway, _) if !self.scripted => self.ask_other_name(actions),
            (Lost::NameTaken, Some(name)) if may_ask => {
                actions.show(Notice::NameLost { name });
                self.ask_other_name(actions);
            }
            (Lost::Offline | Lost::Ghost | Lost::NameGivenAway | Lost::NameTaken, _)
                if self.exits_on_disconnect =>
            {
                self.has_failed = true;
                self.leave(now, actions);
            }
            (Lost::NameGivenAway | Lost::NameTaken, Some(name))
                if self.registration.reports_name_lost() =>
            {
                actions.show(Notice::NameLost { name });
            }
            _ => {}
        }
    }

    fn on_name_refused(&mut self, now: Millis, name: Name, actions: &mut Actions<Notice>) {
        if let Some(other) = self.spare_names.as_mut().and_then(|it| it.next(&name)) {
            self.me = Some(other);
            self.registration.start(now);
        } else if !self.scripted {
            self.ask_other_name_than(name, actions);
        } else if !self.stays {
            fail(Fatal::NameRefused { name }, actions);
        } else if self.registration.try_again(now, actions) {
            actions.show(Notice::NameRefused { name });
        }
    }

    fn ask_other_name_than(&mut self, name: Name, actions: &mut Actions<Notice>) {
        actions.show(Notice::NameRefused { name });
        self.ask_other_name(actions);
    }

    fn ask_other_name(&mut self, actions: &mut Actions<Notice>) {
        self.registration.rest();
        self.me = None;
        self.ask_name(actions);
    }
}
