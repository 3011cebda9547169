//! A whole check of our own directory without sockets: two machines, and bytes between them.
//!
//! Time is a number here. So a quarter of a minute of KEEPs and expiries is over in a moment, and
//! every run is the same.

#![allow(clippy::wildcard_enum_match_arm, reason = "the two ask for nothing else that matters")]

use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use papo::buffers::lines::LineBuffer;
use papo::check::notice::{Notice, Report};
use papo::check::rule::Verdict;
use papo::check::{Check, Plan};
use papo::directory::{Directory, Rules};
use papo::machine::{
    Action, Actions, CloseReason, ConnId, DialId, Input, ListenerId, Machine, Millis,
};
use papo::wire::REQUEST_LIMIT;

const HOME: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// Something that one of the two machines is told next.
enum News {
    Dialed(DialId),
    ToServer(ConnId, Vec<u8>),
    ToCheck(ConnId, Vec<u8>),
    EndForServer(ConnId),
    EndForCheck(ConnId),
    ClosedForServer(ConnId, CloseReason),
    ClosedForCheck(ConnId),
}

struct World {
    now: Millis,
    server: Directory,
    check: Check,
    /// The unfinished line of each connection that is open at the server.
    open: BTreeMap<ConnId, LineBuffer>,
    dialed: u32,
    news: VecDeque<News>,
    report: Option<Report>,
    /// The number of rules, each time that it was told how many are decided.
    totals: Vec<usize>,
}

impl World {
    fn new(rules: Rules) -> Self {
        let target = SocketAddr::new(HOME, 10_000);
        let plan = Plan { target, edition: None, only: Vec::new(), tag: 7 };
        Self {
            now: Millis(1),
            server: Directory::new(rules),
            check: Check::of_server(plan),
            open: BTreeMap::new(),
            dialed: 0,
            news: VecDeque::new(),
            report: None,
            totals: Vec::new(),
        }
    }

    /// Until the check has its report.
    fn run(mut self) -> Report {
        loop {
            while let Some(news) = self.news.pop_front() {
                self.tell(news);
            }
            if let Some(report) = self.report {
                // Those too that are decided by what the others bring.
                let is_all = |total: &usize| *total == report.findings.len();
                assert!(
                    self.totals.len() > 5 && self.totals.iter().all(is_all),
                    "{:?}",
                    self.totals
                );
                return report;
            }
            let deadlines = [self.server.next_deadline(), self.check.next_deadline()];
            let next = deadlines.into_iter().flatten().min().expect("somebody waits for a time");
            assert!(self.now < Millis(60_000), "a check is over long before a minute");
            self.now = next.max(self.now + 1);
            if self.server.next_deadline().is_some_and(|at| at <= self.now) {
                self.tell_server(Input::Tick);
            }
            if self.check.next_deadline().is_some_and(|at| at <= self.now) {
                self.tell_check(Input::Tick);
            }
        }
    }

    fn tell(&mut self, news: News) {
        match news {
            News::Dialed(dial) => self.connect(dial),
            News::ToServer(conn, bytes) => self.read(conn, &bytes),
            News::ToCheck(conn, bytes) => self.tell_check(Input::Bytes { conn, bytes: &bytes }),
            News::EndForServer(conn) if self.open.contains_key(&conn) => {
                self.tell_server(Input::EndOfStream { conn });
            }
            News::EndForServer(_) => {}
            News::EndForCheck(conn) => self.tell_check(Input::EndOfStream { conn }),
            News::ClosedForServer(conn, reason) => {
                if self.open.remove(&conn).is_some() {
                    self.tell_server(Input::Closed { conn, reason });
                }
            }
            News::ClosedForCheck(conn) => {
                self.tell_check(Input::Closed { conn, reason: CloseReason::Asked });
            }
        }
    }

    fn connect(&mut self, dial: DialId) {
        let conn = ConnId { slot: self.dialed, generation: 0 };
        self.dialed += 1;
        self.open.insert(conn, LineBuffer::new(REQUEST_LIMIT));
        let from = SocketAddr::new(HOME, 40_000);
        self.tell_server(Input::Accepted { listener: ListenerId(0), conn, from, reached: HOME });
        self.tell_check(Input::Dialed { dial, result: Ok(conn) });
    }

    fn read(&mut self, conn: ConnId, bytes: &[u8]) {
        let mut rest = bytes;
        while let Some(mut buffer) = self.open.remove(&conn) {
            let Ok((used, line)) = buffer.next_line(rest) else {
                self.open.insert(conn, buffer);
                self.news.push_back(News::EndForCheck(conn));
                self.news.push_back(News::ClosedForServer(conn, CloseReason::LineTooLong));
                return;
            };
            let line = line.map(|line| (line.bytes.to_vec(), line.end));
            self.open.insert(conn, buffer);
            let Some((line, end)) = line else { return };
            self.tell_server(Input::Line { conn, line: &line, end });
            rest = &rest[used..];
        }
    }

    fn tell_server<'a>(&mut self, input: Input<'a, <Directory as Machine>::Command>) {
        let mut actions = Actions::default();
        self.server.handle(self.now, input, &mut actions);
        while let Some(action) = actions.pop() {
            match action {
                Action::Send { conn, span } => {
                    self.news.push_back(News::ToCheck(conn, actions.bytes(&span).to_vec()));
                }
                Action::SendShared { conn, shared } => {
                    let (skip, bytes) = (shared.skip, &shared.bytes);
                    let bytes = [&bytes[..skip.start], &bytes[skip.end..]].concat();
                    self.news.push_back(News::ToCheck(conn, bytes));
                }
                Action::Close { conn } | Action::Abort { conn } | Action::HalfClose { conn } => {
                    self.news.push_back(News::EndForCheck(conn));
                    self.news.push_back(News::ClosedForServer(conn, CloseReason::Asked));
                }
                _ => {}
            }
        }
    }

    fn tell_check(&mut self, input: Input<'_, papo::check::Command>) {
        let mut actions = Actions::default();
        self.check.handle(self.now, input, &mut actions);
        while let Some(action) = actions.pop() {
            match action {
                Action::Dial { dial, .. } => self.news.push_back(News::Dialed(dial)),
                Action::Send { conn, span } => {
                    self.news.push_back(News::ToServer(conn, actions.bytes(&span).to_vec()));
                }
                Action::HalfClose { conn } => self.news.push_back(News::EndForServer(conn)),
                Action::Close { conn } | Action::Abort { conn } => {
                    self.news.push_back(News::EndForServer(conn));
                    self.news.push_back(News::ClosedForCheck(conn));
                }
                Action::Show(Notice::Report(report)) => self.report = Some(report),
                Action::Show(Notice::Progress { done, total, .. }) => {
                    assert!(done < total, "{done} of {total}");
                    self.totals.push(total);
                }
                _ => {}
            }
        }
    }
}

/// The rules that do not hold.
fn not_held(report: &Report) -> Vec<&str> {
    let bad = report.findings.iter().filter(|finding| finding.verdict != Verdict::Held);
    bad.map(|finding| finding.rule).collect()
}

#[test]
fn our_own_directory_keeps_every_rule() {
    let report = World::new(Rules::default()).run();
    assert_eq!(not_held(&report), [""; 0], "{:#?}", report.findings);
    assert!(report.elapsed_ms < 25_000, "a check takes less than 25 s: {}", report.elapsed_ms);
}

/// The same machine with another time of expiry: so the marks are seen to depend on it.
#[test]
fn the_marks_of_an_expiry_go_by_its_time() {
    for (keep_interval_ms, expected) in [(4_900, "✗"), (5_100, "✓"), (6_000, "⚠"), (9_000, "✗")]
    {
        let report = World::new(Rules { keep_interval_ms, ..Rules::default() }).run();
        let expiry = report.findings.iter().find(|finding| finding.rule == "expiry");
        let mark = match expiry.expect("a finding").verdict {
            Verdict::Held => "✓",
            Verdict::Weak(_) => "⚠",
            Verdict::Broken(_) => "✗",
            Verdict::Untried(_) => "–",
        };
        assert_eq!(mark, expected, "three times {keep_interval_ms} ms");
        assert!(report.elapsed_ms < 25_000, "{}", report.elapsed_ms);
    }
}
