//! A whole check of our own directory without sockets: two machines, and bytes between them.
//!
//! Time is a number, so 15 seconds of KEEPs and expiries take a moment, and every run is the same.

#![allow(clippy::wildcard_enum_match_arm, reason = "the two ask for nothing else that matters")]

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use papo::check::notice::{Notice, Report};
use papo::check::rule::Verdict;
use papo::check::{Check, Plan};
use papo::directory::{Directory, Rules};
use papo::machine::{Action, ConnId, Framing, Input, Machine, Millis};
use papo::wire::REQUEST_LIMIT;

use crate::driver::{Done, Driver};

const HOME: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

struct World {
    server: Driver<Directory>,
    check: Driver<Check>,
    cables: Vec<Cable>,
    report: Option<Report>,
    /// How many rules are decided, from each notice of progress.
    totals: Vec<usize>,
}

/// A connection between the two.
#[derive(Clone, Copy)]
struct Cable {
    server: ConnId,
    check: ConnId,
    /// The check knows that the server has closed it.
    has_ended: bool,
}

impl World {
    fn new(rules: Rules) -> Self {
        let target = SocketAddr::new(HOME, 10_000);
        let plan = Plan { target, edition: None, only: Vec::new(), tag: 7 };
        let mut server = Driver::new(Directory::new(rules));
        server.framing = Framing::Lines(REQUEST_LIMIT);
        let check = Driver::new(Check::of_server(plan));
        Self { server, check, cables: Vec::new(), report: None, totals: Vec::new() }
    }

    /// Until the check has its report.
    fn run(mut self) -> Report {
        let mut now = Millis(1);
        loop {
            while self.carry() {}
            if let Some(report) = self.report {
                // Also the rules that other rules decide.
                let is_all = |total: &usize| *total == report.findings.len();
                assert!(
                    self.totals.len() > 5 && self.totals.iter().all(is_all),
                    "{:?}",
                    self.totals
                );
                return report;
            }
            let deadlines =
                [self.server.machine.next_deadline(), self.check.machine.next_deadline()];
            let next = deadlines.into_iter().flatten().min().expect("somebody waits for a time");
            assert!(now < Millis(60_000), "a check is over long before a minute");
            now = next.max(now + 1);
            self.server.wait(now.since(self.server.now));
            self.check.wait(now.since(self.check.now));
        }
    }

    /// Performs the actions of both machines. False: there were none.
    fn carry(&mut self) -> bool {
        let (of_server, of_check) = (self.server.take_log(), self.check.take_log());
        let is_busy = !of_server.is_empty() || !of_check.is_empty();
        for done in of_server {
            let cable = self.cables.iter().find(|it| Some(it.server) == done.conn());
            let open = cable.map(|it| it.check).filter(|&conn| self.check.is_open(conn));
            if let Some(conn) = open.filter(|_| !done.bytes.is_empty()) {
                self.check.arrive(conn, &done.bytes);
            }
        }
        for done in of_check {
            self.tell_server(done);
        }
        // The end of a stream comes after all its bytes.
        is_busy || self.tell_ends()
    }

    fn tell_server(&mut self, done: Done<Notice>) {
        let cable = self.cables.iter().find(|it| Some(it.check) == done.conn());
        let open = cable.map(|it| it.server).filter(|&conn| self.server.is_open(conn));
        match done.action {
            Action::Dial { dial, .. } => {
                let server = self.server.accept(SocketAddr::new(HOME, 40_000), HOME);
                let check = self.check.answer(dial);
                self.cables.push(Cable { server, check, has_ended: false });
            }
            Action::Send { .. } => {
                open.into_iter().for_each(|conn| self.server.arrive(conn, &done.bytes));
            }
            Action::HalfClose { .. }
            | Action::Close { .. }
            | Action::Abort { .. }
            | Action::Reset { .. } => {
                open.into_iter().for_each(|conn| self.server.end(conn));
            }
            Action::Show(Notice::Report(report)) => self.report = Some(report),
            Action::Show(Notice::Progress { done, total, .. }) => {
                assert!(done < total, "{done} of {total}");
                self.totals.push(total);
            }
            _ => {}
        }
    }

    /// Tells the check of each connection that the server has closed.
    fn tell_ends(&mut self) -> bool {
        let is_over = |it: &&mut Cable| !it.has_ended && !self.server.is_open(it.server);
        let Some(cable) = self.cables.iter_mut().find(is_over) else { return false };
        cable.has_ended = true;
        let conn = cable.check;
        if self.check.is_open(conn) {
            self.check.handle(Input::EndOfStream { conn });
        }
        true
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

/// The same machine with other expiry times, so that the test shows that the verdicts depend on
/// them.
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
