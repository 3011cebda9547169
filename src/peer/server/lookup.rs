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
//! A check of a caller's name is nothing that the person asked for, and a LIST of thousands
//! would be a high price for it. Its fence is `ADDR <own name>`. The answer to that is learned
//! before the first check. Only where a server does not answer that, a LIST has to do.
//!
//! ```text
//! us      ADDR Bruno ──► (300 ms of silence) ── ADDR Ana ──►
//! server                                                ◄── ADDR 10.0.0.3:20000  so: nobody
//! ```
//!
//! Knows requests and replies; must never know connections other than the server's, nor what
//! the answers are for.

use std::collections::VecDeque;
use std::net::SocketAddr;

use crate::machine::{Actions, ConnId, Millis};
use crate::peer::notice::Notice;
use crate::wire::name::Name;
use crate::wire::reply::{self, Reply};
use crate::wire::request::Request;

/// How long an ADDR may stay unanswered before the fence is sent, in milliseconds.
pub(crate) const FENCE_AFTER_MS: u64 = 300;

/// How long a question may take in all, in milliseconds.
pub(crate) const ANSWER_WITHIN_MS: u64 = 3_000;

/// How long answers to a question that was given up are expected, in milliseconds. Only a
/// server that swallows a LIST makes this matter.
pub const STALE_FOR_MS: u64 = 60_000;

/// Most names of one LIST that are looked at: as many as the longest line has of the longest names.
/// A line of short names would cost forty times its length.
pub const LIST_NAMES_MAX: usize = 64 * 1024;

/// A question to the server, and the use of its answer.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Lookup {
    /// The person wants to know who is online.
    List,
    /// Where is this person? To be called, and told `text` where there is one.
    Call {
        /// The person to call.
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
    /// Where are we, as the server knows it?
    Own,
}

/// How a question ended.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum LookupResult {
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
pub(crate) struct Lookups {
    /// The person's first.
    waiting: VecDeque<Lookup>,
    asked: Option<PendingLookup>,
    own: Own,
    /// LIST replies still to come for questions that are over. Everything that arrives before
    /// them answers something older than the question that is asked now.
    stale_lists: usize,
    stale_until: Millis,
    /// The same for the answers to fences that ask for our own address.
    stale_owns: usize,
}

/// Our own address, as the server knows it.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum Own {
    #[default]
    Unknown,
    /// The server does not say.
    Unanswered,
    At(SocketAddr),
}

#[derive(Debug)]
struct PendingLookup {
    question: Lookup,
    /// Our own name is out, as the fence of a check.
    own_sent: bool,
    /// The LIST is out, as the question itself or as the fence behind it.
    list_sent: bool,
    /// When the next fence is due.
    fence_at: Millis,
    give_up_at: Millis,
}

impl Lookups {
    /// Queues a question: the person's before those of checks.
    pub(crate) fn push(&mut self, question: Lookup) {
        let place = match question.is_check() {
            true => self.waiting.len(),
            false => self.waiting.iter().position(Lookup::is_check).unwrap_or(self.waiting.len()),
        };
        self.waiting.insert(place, question);
    }

    /// Whether nothing is asked or to be asked: there is time for a check.
    pub(crate) fn is_idle(&self) -> bool {
        self.asked.is_none() && self.waiting.is_empty()
    }

    /// Asks the next question, if none is under way. `me` is our own name.
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
            Lookup::List => Request::List,
            Lookup::Own => Request::Addr(me.as_bytes()),
            Lookup::Call { name, .. } | Lookup::Check { name, .. } => {
                Request::Addr(name.as_bytes())
            }
        };
        actions.send(server, |out| request.encode(out));
        self.asked = Some(PendingLookup {
            list_sent: question == Lookup::List,
            own_sent: false,
            question,
            fence_at: now + FENCE_AFTER_MS,
            give_up_at: now + ANSWER_WITHIN_MS,
        });
    }

    /// Before the first check it must be known what the answer to its fence is.
    fn next_question(&mut self) -> Option<Lookup> {
        let next = self.waiting.front()?;
        if next.is_check() && self.own == Own::Unknown {
            return Some(Lookup::Own);
        }
        self.waiting.pop_front()
    }

    /// Takes a line from the server. Some: it answers the question that was asked.
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

    /// The answer to [`Lookup::Own`] is for here only.
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
        let asked = self.asked.as_mut()?;
        if !asked.list_sent && now >= asked.fence_at {
            let is_check = matches!(asked.question, Lookup::Check { .. });
            let knows_own = matches!(self.own, Own::At(_));
            // Not given up before the fence had its time, however late this tick comes: what
            // is given up without a fence leaves its answer to the next question.
            asked.give_up_at = asked.give_up_at.max(now + (ANSWER_WITHIN_MS - FENCE_AFTER_MS));
            let server = server?;
            if let Some(me) = me.filter(|_| is_check && knows_own && !asked.own_sent) {
                asked.own_sent = true;
                asked.fence_at = now + FENCE_AFTER_MS;
                actions.send(server, |out| Request::Addr(me.as_bytes()).encode(out));
            } else {
                asked.list_sent = true;
                actions.send(server, |out| Request::List.encode(out));
            }
        }
        if now < asked.give_up_at {
            return None;
        }
        let question = self.finish(now)?;
        self.keep_own(question, LookupResult::Silence)
    }

    /// When to look at the time again.
    pub(crate) fn next_deadline(&self) -> Option<Millis> {
        let asked = self.asked.as_ref()?;
        Some(if asked.list_sent { asked.give_up_at } else { asked.fence_at })
    }

    /// Forgets everything, because the server is gone: what was asked, and what is to come.
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
        // Replies come in order: what had not come before this will not come.
        self.stale_owns = 0;
        let answer = match asked.question {
            // Of a call these are all that are, and the person who is wanted is not.
            Lookup::List | Lookup::Call { .. } => online(list),
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
            Lookup::List => return None,
            Lookup::Own => me,
            Lookup::Call { name, .. } | Lookup::Check { name, .. } => name,
        };
        if whose.is_some_and(|whose| whose != wanted.as_bytes()) {
            return None;
        }
        Some((self.finish(now)?, answer))
    }

    /// A question is over, and the answers to its fences are still to come.
    fn finish(&mut self, now: Millis) -> Option<Lookup> {
        self.stale_owns += usize::from(self.asked.as_ref()?.own_sent);
        self.finish_fenced(now)
    }

    /// The same where the fence that asks for our own address has been answered.
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
    /// Whether it is asked for a check of callers, and not for the person.
    pub(crate) fn is_check(&self) -> bool {
        matches!(self, Self::Check { .. } | Self::Own)
    }
}
