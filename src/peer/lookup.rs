//! Questions to the server, one at a time.
//!
//! The handout gives no answer to an ADDR for somebody who is not online, so silence must be
//! told from slowness. Replies come in order, so a LIST sent behind the ADDR is a *fence*: when
//! its answer arrives and the ADDR's has not, there will be none.
//!
//! ```text
//! us      ADDR Bruno ──► (300 ms of silence) ── LIST ──►
//! server                                                 ◄── LIST …   so: Bruno is not online
//! ```
//!
//! Knows requests and replies; must never know connections other than the server's, nor what
//! the answers are for. Read next: [`super::conversation`].

use std::collections::VecDeque;
use std::net::SocketAddr;

use super::notice::Notice;
use crate::machine::{Actions, ConnId, Millis};
use crate::wire::name::Name;
use crate::wire::reply::{self, Reply};
use crate::wire::request::Request;

/// How long an ADDR may stay unanswered before the fence is sent, in milliseconds.
pub const FENCE_AFTER_MS: u64 = 300;

/// How long a question may take in all, in milliseconds.
pub const ANSWER_WITHIN_MS: u64 = 3_000;

/// How long answers to a question that was given up are expected, in milliseconds. Only a
/// server that swallows a LIST makes this matter.
pub const STALE_FOR_MS: u64 = 60_000;

/// Most checks of callers' names that wait. Beyond it callers are not checked.
pub const CHECKS_MAX: usize = 64;

/// Most names of one LIST that are looked at: as many as the longest line has of the longest names.
/// A line of short names would cost forty times its length.
pub const LIST_NAMES_MAX: usize = 64 * 1024;

/// What is asked, and what the answer is for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Question {
    /// Who is online? The person wants to know.
    List,
    /// Where is this person? To be called, and told `text` where there is one.
    Call {
        /// Whom.
        name: Name,
        /// The text of `/msg`.
        text: Option<Vec<u8>>,
    },
    /// Where is the person whose name this caller gave?
    Check {
        /// The name given.
        name: Name,
        /// The caller's connection.
        conn: ConnId,
    },
}

/// How a question ended.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Answer {
    /// These are online.
    Online {
        /// The first [`LIST_NAMES_MAX`] of them.
        names: Vec<Vec<u8>>,
        /// How many more the server named.
        more: usize,
    },
    /// There.
    At(SocketAddr),
    /// Nobody of that name is online.
    NotOnline,
    /// Somewhere that is no address.
    Nowhere,
    /// The server did not answer in time.
    Silence,
}

/// All questions, asked and to be asked.
#[derive(Debug, Default)]
pub struct Lookups {
    waiting: VecDeque<Question>,
    asked: Option<Asked>,
    /// LIST replies still to come for questions that are over. Everything that arrives before
    /// them answers something older than the question that is asked now.
    stale_lists: usize,
    stale_until: Millis,
}

#[derive(Debug)]
struct Asked {
    question: Question,
    /// The LIST is out, as the question itself or as the fence behind it.
    list_sent: bool,
    fence_at: Millis,
    give_up_at: Millis,
}

impl Lookups {
    /// Queues a question: the person's before those of checks.
    pub fn push(&mut self, question: Question) {
        if !is_check(&question) {
            let checks_from = self.waiting.iter().position(is_check).unwrap_or(self.waiting.len());
            self.waiting.insert(checks_from, question);
        } else if self.waiting.len() < CHECKS_MAX {
            self.waiting.push_back(question);
        }
    }

    /// Asks the next question, if none is under way.
    pub fn ask_next(&mut self, now: Millis, server: ConnId, actions: &mut Actions<Notice>) {
        if self.asked.is_some() {
            return;
        }
        let Some(question) = self.waiting.pop_front() else { return };
        if now > self.stale_until {
            self.stale_lists = 0;
        }
        let list_sent = question == Question::List;
        let request = match &question {
            Question::List => Request::List,
            Question::Call { name, .. } | Question::Check { name, .. } => {
                Request::Addr(name.as_bytes())
            }
        };
        actions.send(server, |out| request.encode(out));
        let fence_at = now + FENCE_AFTER_MS;
        let give_up_at = now + ANSWER_WITHIN_MS;
        self.asked = Some(Asked { question, list_sent, fence_at, give_up_at });
    }

    /// Takes a line from the server. Some: it answers the question that was asked.
    pub fn on_reply(&mut self, now: Millis, line: &[u8]) -> Option<(Question, Answer)> {
        match Reply::parse(line)? {
            Reply::List(_) if self.stale_lists > 0 => {
                self.stale_lists -= 1;
                None
            }
            Reply::List(list) => self.on_list(list),
            Reply::Addr { .. } | Reply::BadAddr if self.stale_lists > 0 => None,
            Reply::Addr { name, address } => self.on_addr(now, name, Answer::At(address)),
            Reply::BadAddr => self.on_addr(now, None, Answer::Nowhere),
        }
    }

    /// Looks at the time: sends the fence, or gives up.
    pub fn on_tick(
        &mut self,
        now: Millis,
        server: Option<ConnId>,
        actions: &mut Actions<Notice>,
    ) -> Option<(Question, Answer)> {
        let asked = self.asked.as_mut()?;
        if !asked.list_sent && now >= asked.fence_at {
            asked.list_sent = true;
            // Not given up before the fence had its time, however late this tick comes: what
            // is given up without a fence leaves its answer to the next question.
            asked.give_up_at = asked.give_up_at.max(now + (ANSWER_WITHIN_MS - FENCE_AFTER_MS));
            actions.send(server?, |out| Request::List.encode(out));
        }
        if now < asked.give_up_at {
            return None;
        }
        let asked = self.asked.take()?;
        self.expect_stale(&asked, now);
        Some((asked.question, Answer::Silence))
    }

    /// When to look at the time again.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Millis> {
        let asked = self.asked.as_ref()?;
        Some(if asked.list_sent { asked.give_up_at } else { asked.fence_at })
    }

    /// Forgets everything, because the server is gone: what was asked, and what is to come.
    pub fn fail_all(&mut self) -> Vec<Question> {
        let asked = self.asked.take().map(|asked| asked.question);
        let questions = asked.into_iter().chain(self.waiting.drain(..)).collect();
        *self = Self::default();
        questions
    }

    /// Whether the person waits for an answer.
    #[must_use]
    pub fn person_waits(&self) -> bool {
        let asked = self.asked.as_ref().map(|asked| &asked.question);
        asked.into_iter().chain(&self.waiting).any(|question| !is_check(question))
    }

    fn on_list(&mut self, list: &[u8]) -> Option<(Question, Answer)> {
        if !self.asked.as_ref()?.list_sent {
            return None;
        }
        let asked = self.asked.take()?;
        let answer = match asked.question {
            Question::List => online(list),
            Question::Call { .. } | Question::Check { .. } => Answer::NotOnline,
        };
        Some((asked.question, answer))
    }

    fn on_addr(
        &mut self,
        now: Millis,
        whose: Option<&[u8]>,
        answer: Answer,
    ) -> Option<(Question, Answer)> {
        let wanted = match &self.asked.as_ref()?.question {
            Question::List => return None,
            Question::Call { name, .. } | Question::Check { name, .. } => name,
        };
        if whose.is_some_and(|whose| whose != wanted.as_bytes()) {
            return None;
        }
        let asked = self.asked.take()?;
        self.expect_stale(&asked, now);
        Some((asked.question, answer))
    }

    /// A question is over while the answer to its LIST is still to come.
    fn expect_stale(&mut self, asked: &Asked, now: Millis) {
        if asked.list_sent {
            self.stale_lists += 1;
            self.stale_until = now + STALE_FOR_MS;
        }
    }
}

fn online(list: &[u8]) -> Answer {
    let mut all = reply::names(list);
    let names = all.by_ref().take(LIST_NAMES_MAX).map(<[u8]>::to_vec).collect();
    Answer::Online { names, more: all.count() }
}

fn is_check(question: &Question) -> bool {
    matches!(question, Question::Check { .. })
}
