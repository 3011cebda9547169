//! Questions to the server, one at a time.
//!
//! The handout has no answer to an ADDR for a person who is not online, and a missing answer looks
//! like a slow one. Replies come in order, so a LIST that is sent behind the ADDR is a *fence*: if
//! its answer comes before the answer to the ADDR, the ADDR has none.
//!
//! ```text
//! us      ADDR Bruno ──► (300 ms of silence) ── LIST ──►
//! server                                                 ◄── LIST …   so: Bruno is not online
//! ```
//!
//! The person did not ask for the check of a caller's name, and a LIST of thousands would be a high
//! price for it. So its fence is `ADDR <own name>`. The peer learns the answer to that before the
//! first check. If the server does not answer it, the fence is a LIST.
//!
//! ```text
//! us      ADDR Bruno ──► (300 ms of silence) ── ADDR Ana ──►
//! server                                                ◄── ADDR 10.0.0.3:20000  so: not online
//! ```
//!
//! Must never know a connection to another peer. Read next: `person/answers.rs`, which uses the
//! answers.

use std::collections::VecDeque;
use std::net::SocketAddr;

use crate::machine::{Actions, ConnId, Millis};
use crate::peer::notice::Notice;
use crate::wire::name::Name;
use crate::wire::reply::{self, Reply};
use crate::wire::request::Request;

/// How long an ADDR may stay unanswered before the fence is sent, in milliseconds.
pub(crate) const FENCE_AFTER_MS: u64 = 300;

/// Longest wait for the answer to a question, in milliseconds.
pub(crate) const ANSWER_WITHIN_MS: u64 = 3_000;

/// How long an answer to a question that was given up is expected, in milliseconds. After it, the
/// server has ignored a LIST.
pub const STALE_FOR_MS: u64 = 60_000;

/// Most names of one LIST that are read. A line of very short names would take forty times its
/// length in memory.
pub const LIST_NAMES_MAX: usize = 64 * 1024;

/// A question to the server, and what its answer is for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Lookup {
    /// Everybody online, for the person.
    List,
    /// Everybody online, for the host.
    Names,
    /// The address of a person to call. `text` is the text of `/msg`.
    Call { name: Name, text: Option<Vec<u8>> },
    /// The address of the person whose name the caller on `conn` has sent.
    Check { name: Name, conn: ConnId },
    /// Our own address.
    Own,
}

/// How a question ended.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum LookupResult {
    /// The first [`LIST_NAMES_MAX`] people online, and how many `more` there are.
    Online {
        names: Vec<Vec<u8>>,
        more: usize,
    },
    At(SocketAddr),
    /// Nobody of that name is online.
    NotOnline,
    /// The server sent something that is no address.
    Nowhere,
    /// The server did not answer in time.
    Silence,
}

/// The question that was asked, and those that wait.
#[derive(Debug, Default)]
pub(crate) struct Lookups {
    /// The person's questions come before checks.
    waiting: VecDeque<Lookup>,
    asked: Option<PendingLookup>,
    own: Own,
    /// How many LIST replies to earlier questions are still expected. A reply that comes before
    /// them answers an earlier question.
    stale_lists: usize,
    /// They are not expected after this time.
    stale_until: Millis,
    /// How many replies to earlier fences with our own name are still expected.
    stale_owns: usize,
}

/// Our own address, as the server knows it.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum Own {
    #[default]
    Unknown,
    /// The server does not answer ADDR with our own name.
    Unanswered,
    At(SocketAddr),
}

#[derive(Debug)]
struct PendingLookup {
    question: Lookup,
    /// ADDR with our own name was sent, as the fence of a check.
    own_sent: bool,
    /// LIST was sent, as the question itself or as a fence.
    list_sent: bool,
    /// When the next fence is due.
    fence_at: Millis,
    give_up_at: Millis,
}

impl Lookups {
    /// Queues a question: one of the person's before all checks.
    pub(crate) fn push(&mut self, question: Lookup) {
        let place = match question.is_check() {
            true => self.waiting.len(),
            false => self.waiting.iter().position(Lookup::is_check).unwrap_or(self.waiting.len()),
        };
        self.waiting.insert(place, question);
    }

    /// Whether no question is asked or waits.
    pub(crate) fn is_idle(&self) -> bool {
        self.asked.is_none() && self.waiting.is_empty()
    }

    /// Asks the next question, if none is asked. `me` is our own name.
    pub(crate) fn ask_next(
        &mut self,
        now: Millis,
        server: ConnId,
        me: &Name,
        actions: &mut Actions<Notice>,
    ) {
        if self.asked.is_some() {
            return;
        }
        let Some(question) = self.next_question() else { return };
        if now > self.stale_until {
            self.stale_lists = 0;
        }
        let request = match &question {
            Lookup::List | Lookup::Names => Request::List,
            Lookup::Own => Request::Addr(me.as_bytes()),
            Lookup::Call { name, .. } | Lookup::Check { name, .. } => {
                Request::Addr(name.as_bytes())
            }
        };
        actions.send(server, |out| request.encode(out));
        self.asked = Some(PendingLookup {
            list_sent: matches!(question, Lookup::List | Lookup::Names),
            own_sent: false,
            question,
            fence_at: now + FENCE_AFTER_MS,
            give_up_at: now + ANSWER_WITHIN_MS,
        });
    }

    /// Before the first check, we ask for our own address: the answer to its fence.
    fn next_question(&mut self) -> Option<Lookup> {
        let next = self.waiting.front()?;
        if next.is_check() && self.own == Own::Unknown {
            return Some(Lookup::Own);
        }
        self.waiting.pop_front()
    }

    /// Reads a line of the server. `Some`: it answers the question that was asked.
    pub(crate) fn on_reply(
        &mut self,
        now: Millis,
        me: &Name,
        line: &[u8],
    ) -> Option<(Lookup, LookupResult)> {
        let (question, answer) = match Reply::parse(line)? {
            Reply::List(_) if self.stale_lists > 0 => {
                self.stale_lists -= 1;
                return None;
            }
            Reply::List(list) => self.on_list(list)?,
            Reply::Addr { .. } | Reply::BadAddr if self.stale_lists > 0 => return None,
            Reply::Addr { name, address } => {
                self.on_addr(now, me, name, LookupResult::At(address))?
            }
            Reply::BadAddr => self.on_addr(now, me, None, LookupResult::Nowhere)?,
        };
        self.keep_own(question, answer)
    }

    /// Keeps the answer to [`Lookup::Own`]. Returns any other.
    fn keep_own(
        &mut self,
        question: Lookup,
        answer: LookupResult,
    ) -> Option<(Lookup, LookupResult)> {
        if question != Lookup::Own {
            return Some((question, answer));
        }
        self.own = match answer {
            LookupResult::At(address) => Own::At(address),
            LookupResult::Online { .. }
            | LookupResult::NotOnline
            | LookupResult::Nowhere
            | LookupResult::Silence => Own::Unanswered,
        };
        None
    }

    /// Looks at the time: sends a fence, or gives up.
    pub(crate) fn on_tick(
        &mut self,
        now: Millis,
        server: Option<ConnId>,
        me: Option<&Name>,
        actions: &mut Actions<Notice>,
    ) -> Option<(Lookup, LookupResult)> {
        self.send_fence_if_due(now, server, me, actions);
        let asked = self.asked.as_ref()?;
        if now < asked.give_up_at {
            return None;
        }
        let question = self.finish(now)?;
        self.keep_own(question, LookupResult::Silence)
    }

    fn send_fence_if_due(
        &mut self,
        now: Millis,
        server: Option<ConnId>,
        me: Option<&Name>,
        actions: &mut Actions<Notice>,
    ) {
        let is_due = |it: &&mut PendingLookup| !it.list_sent && it.fence_at <= now;
        let (Some(asked), Some(server)) = (self.asked.as_mut().filter(is_due), server) else {
            return;
        };
        // The fence has its time even if this tick comes late. Without an answered fence, a late
        // answer would be taken for the answer to the next question.
        asked.give_up_at = asked.give_up_at.max(now + (ANSWER_WITHIN_MS - FENCE_AFTER_MS));
        let is_check = matches!(asked.question, Lookup::Check { .. });
        let may_ask_own = is_check && matches!(self.own, Own::At(_)) && !asked.own_sent;
        if let Some(me) = me.filter(|_| may_ask_own) {
            asked.own_sent = true;
            asked.fence_at = now + FENCE_AFTER_MS;
            actions.send(server, |out| Request::Addr(me.as_bytes()).encode(out));
        } else {
            asked.list_sent = true;
            actions.send(server, |out| Request::List.encode(out));
        }
    }

    /// When to look at the time again.
    pub(crate) fn next_deadline(&self) -> Option<Millis> {
        let asked = self.asked.as_ref()?;
        Some(if asked.list_sent { asked.give_up_at } else { asked.fence_at })
    }

    /// The connection has ended: forgets all questions and expected answers. Returns the questions.
    pub(crate) fn fail_all(&mut self) -> Vec<Lookup> {
        let asked = self.asked.take().map(|asked| asked.question);
        let questions = asked.into_iter().chain(self.waiting.drain(..)).collect();
        *self = Self::default();
        questions
    }

    /// Whether the person waits for an answer.
    pub(crate) fn person_waits(&self) -> bool {
        let asked = self.asked.as_ref().map(|asked| &asked.question);
        asked.into_iter().chain(&self.waiting).any(|question| !question.is_check())
    }

    fn on_list(&mut self, list: &[u8]) -> Option<(Lookup, LookupResult)> {
        if !self.asked.as_ref()?.list_sent {
            return None;
        }
        let asked = self.asked.take()?;
        // Replies come in order, so an earlier one will not come any more.
        self.stale_owns = 0;
        let answer = match asked.question {
            // For a call: these people are online, and the person to call is not.
            Lookup::List | Lookup::Names | Lookup::Call { .. } => online(list),
            Lookup::Check { .. } | Lookup::Own => LookupResult::NotOnline,
        };
        Some((asked.question, answer))
    }

    fn on_addr(
        &mut self,
        now: Millis,
        me: &Name,
        whose: Option<&[u8]>,
        answer: LookupResult,
    ) -> Option<(Lookup, LookupResult)> {
        let is_own = match (whose, &answer, self.own) {
            (Some(whose), _, _) => whose == me.as_bytes(),
            (None, LookupResult::At(address), Own::At(own)) => *address == own,
            (None, _, _) => false,
        };
        if is_own && self.stale_owns > 0 {
            self.stale_owns -= 1;
            return None;
        }
        let asked = self.asked.as_ref()?;
        if is_own && asked.own_sent {
            let question = self.finish_fenced(now)?;
            return Some((question, LookupResult::NotOnline));
        }
        let wanted = match &asked.question {
            Lookup::List | Lookup::Names => return None,
            Lookup::Own => me,
            Lookup::Call { name, .. } | Lookup::Check { name, .. } => name,
        };
        if whose.is_some_and(|whose| whose != wanted.as_bytes()) {
            return None;
        }
        Some((self.finish(now)?, answer))
    }

    /// The question is over, and the answers to its fences are still expected.
    fn finish(&mut self, now: Millis) -> Option<Lookup> {
        self.stale_owns += usize::from(self.asked.as_ref()?.own_sent);
        self.finish_fenced(now)
    }

    /// The same, if the fence with our own name has been answered.
    fn finish_fenced(&mut self, now: Millis) -> Option<Lookup> {
        let asked = self.asked.take()?;
        if asked.list_sent {
            self.stale_lists += 1;
            self.stale_until = now + STALE_FOR_MS;
        }
        Some(asked.question)
    }
}

fn online(list: &[u8]) -> LookupResult {
    let mut all = reply::names(list);
    let names = all.by_ref().take(LIST_NAMES_MAX).map(<[u8]>::to_vec).collect();
    LookupResult::Online { names, more: all.count() }
}

impl Lookup {
    /// Whether it is part of a check, and not a question of the person.
    pub(crate) fn is_check(&self) -> bool {
        matches!(self, Self::Check { .. } | Self::Own)
    }
}
