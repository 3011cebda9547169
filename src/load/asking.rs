//! The half of the load generator that makes the load: its clients connect and ask.
//!
//! The other half, in [`super`], takes the answers. Read next: [`super::schedule`].

use super::clients::OpenQuestion;
use super::expectation;
use super::expectation::Question;
use super::notice::Notice;
use super::schedule::Pace;
use super::{Load, LoadState, Mix};
use crate::machine::{Action, Actions, Framing};
use crate::wire::{REPLY_LIMIT, SERVER_GIVE_UP};

impl<W: Fn() -> u64> Load<W> {
    /// Lets more clients connect, at most [`super::DIALS_AT_ONCE_MAX`] at once.
    pub(super) fn dial_more(&mut self, actions: &mut Actions<Notice>) {
        while let Some(client) = self.clients.take_undialed() {
            self.connect(client, self.now_us, actions);
        }
    }

    /// Connects a client. With the mix `churn` it gets a new number each time.
    pub(super) fn connect(&mut self, client: usize, since_us: u64, actions: &mut Actions<Notice>) {
        let number = if self.rules.mix == Mix::Churn {
            self.schedule.next_number()
        } else {
            expectation::as_number(client)
        };
        let dial = self.clients.dial(client, number, since_us);
        actions.push(Action::Dial {
            dial,
            to: self.rules.server,
            framing: Framing::Lines(REPLY_LIMIT),
            give_up: SERVER_GIVE_UP,
        });
    }

    /// Connects clients again whose connections the server has closed. This happens at a tick, so a
    /// server that closes every connection gets no endless stream of dials.
    pub(super) fn wake_resting(&mut self, actions: &mut Actions<Notice>) {
        let is_closed_loop = matches!(self.rules.pace, Pace::Pipeline(_));
        if !is_closed_loop || self.rules.mix != Mix::Churn {
            return;
        }
        while let Some(client) = self.clients.take_resting() {
            self.connect(client, self.now_us, actions);
        }
    }

    /// Sends the next batch of questions of a closed loop, when the last batch is answered.
    pub(super) fn ask_next_batch(&mut self, client: usize, actions: &mut Actions<Notice>) {
        let Pace::Pipeline(depth) = self.rules.pace else { return };
        if self.clients.unanswered(client) > 0 {
            return;
        }
        for _ in 0..depth {
            let question = self.next_question();
            self.ask(client, question, self.now_us, actions);
        }
    }

    /// Sends the questions of an open loop that are due, even while others are unanswered.
    pub(super) fn ask_what_is_due(&mut self, actions: &mut Actions<Notice>) {
        let is_running = matches!(self.state, LoadState::Running { .. });
        if !is_running || self.rules.mix == Mix::Keep {
            return;
        }
        while let Some(due_us) = self.schedule.peek_due(self.now_us) {
            let Some(client) = self.clients.next_free(self.rules.mix) else { return };
            self.schedule.take_due();
            let since_us = self.tally.sent(self.now_us, due_us);
            if self.rules.mix == Mix::Churn {
                self.connect(client, since_us, actions);
            } else {
                let question = self.next_question();
                self.ask(client, question, since_us, actions);
            }
        }
    }

    fn next_question(&mut self) -> Question {
        match self.rules.mix {
            Mix::List => Question::List,
            Mix::Lookup | Mix::Keep | Mix::Churn => {
                Question::Addr(self.schedule.any_of(self.rules.clients))
            }
        }
    }

    pub(super) fn ask(
        &mut self,
        client: usize,
        question: Question,
        since_us: u64,
        actions: &mut Actions<Notice>,
    ) {
        let Some(conn) = self.clients.ask(client, OpenQuestion { question, since_us }) else {
            return;
        };
        actions.send(conn, |out| self.expectation.encode(question, out));
    }
}
