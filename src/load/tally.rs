//! Counts operations and mistakes, and measures latencies.
//!
//! Read next: [`super::notice`], which has the results.

use hdrhistogram::Histogram;

use super::notice::{Latency, Progress, Report};
use super::rules::{Mix, Rules};

/// The loop's timer has whole milliseconds, and is late by up to two of them. An operation of a
/// fixed rate that was sent within this time, in microseconds, was in time, and its latency counts
/// from when it was sent. The latency of a later one counts from its planned time plus this, so a
/// delay by the server or by us is in the figure.
pub const TIMER_GRAIN_US: u64 = 2_000;

/// Longer latencies count as this one, in microseconds.
pub const LATENCY_US_MAX: u64 = 600_000_000;

/// Significant digits of a latency.
const DIGITS: u8 = 3;

/// The counts so far.
#[derive(Debug)]
pub(super) struct Tally {
    /// Wrong answers, and lines that were not asked for.
    pub(super) wrong: u64,
    /// Connections that the server ended.
    pub(super) lost: u64,
    /// Questions that were never answered.
    pub(super) unanswered: u64,
    /// KEEPs that were sent during the run.
    pub(super) keeps: u64,
    /// When the run ended.
    pub(super) ended_us: u64,
    /// When the run began. `None`: clients still register.
    began_us: Option<u64>,
    /// The time of the last answer.
    last_us: u64,
    answered: u64,
    late: u64,
    latencies: Histogram<u64>,
    /// The time and the operations of the last progress notice.
    shown: (u64, u64),
}

impl Default for Tally {
    fn default() -> Self {
        let latencies = Histogram::new_with_bounds(1, LATENCY_US_MAX, DIGITS);
        Self {
            wrong: 0,
            lost: 0,
            unanswered: 0,
            keeps: 0,
            ended_us: 0,
            began_us: None,
            last_us: 0,
            answered: 0,
            late: 0,
            latencies: latencies.expect("the bounds are valid"),
            shown: (0, 0),
        }
    }
}

impl Tally {
    /// Begins the run. Earlier mistakes stay counted.
    pub(super) fn begin(&mut self, now_us: u64) {
        self.began_us = Some(now_us);
        self.shown = (now_us, 0);
    }

    /// Notes that an operation of a fixed rate is sent, and returns when its latency begins.
    pub(super) fn sent(&mut self, now_us: u64, due_us: u64) -> u64 {
        let grace_us = due_us + TIMER_GRAIN_US;
        if now_us > grace_us {
            self.late += 1;
        }
        now_us.min(grace_us)
    }

    /// Notes an answer.
    pub(super) fn answered(&mut self, now_us: u64, since_us: u64) {
        self.answered += 1;
        self.last_us = now_us;
        self.latencies.saturating_record(now_us.saturating_sub(since_us).max(1));
    }

    /// The progress since the last call.
    pub(super) fn progress(&mut self, now_us: u64, registered: usize, mix: Mix) -> Progress {
        let operations = self.operations(mix);
        let (shown_us, shown) = std::mem::replace(&mut self.shown, (now_us, operations));
        Progress {
            registered,
            seconds: self.began_us.map(|began_us| now_us.saturating_sub(began_us) as f64 / 1e6),
            per_second: per_second(operations - shown, now_us.saturating_sub(shown_us)),
            mistakes: self.wrong + self.lost,
            latency: self.latency(),
        }
    }

    /// The result.
    pub(super) fn report(&self, rules: &Rules) -> Report {
        let operations = self.operations(rules.mix);
        let took_us = self.ended_us.max(self.last_us).saturating_sub(self.began_us.unwrap_or(0));
        Report {
            mix: rules.mix,
            clients: rules.clients,
            pace: rules.pace,
            seconds: took_us as f64 / 1e6,
            operations,
            per_second: per_second(operations, took_us),
            wrong: self.wrong,
            lost: self.lost,
            unanswered: self.unanswered,
            late: self.late,
            latency: self.latency(),
        }
    }

    /// How many operations have ended. KEEP has no answer, so it ends when it is sent.
    fn operations(&self, mix: Mix) -> u64 {
        if mix == Mix::Keep { self.keeps } else { self.answered }
    }

    /// The latency. `None`: there was no answer.
    fn latency(&self) -> Option<Latency> {
        (!self.latencies.is_empty()).then(|| Latency {
            p50_us: self.latencies.value_at_quantile(0.5),
            p99_us: self.latencies.value_at_quantile(0.99),
            p99_9_us: self.latencies.value_at_quantile(0.999),
            max_us: self.latencies.max(),
        })
    }
}

fn per_second(count: u64, took_us: u64) -> f64 {
    if took_us == 0 { 0.0 } else { count as f64 * 1e6 / took_us as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latency_of_a_late_question_counts_from_its_planned_time() {
        let mut tally = Tally::default();
        assert_eq!(tally.sent(5_000, 4_000), 5_000, "a millisecond is the timer's own");
        assert_eq!(tally.late, 0);
        assert_eq!(tally.sent(900_000, 4_000), 4_000 + TIMER_GRAIN_US);
        assert_eq!(tally.late, 1);
    }

    #[test]
    fn the_slowest_in_a_thousand_is_seen() {
        let mut tally = Tally::default();
        tally.begin(0);
        for _ in 0..998 {
            tally.answered(100, 0);
        }
        for _ in 0..2 {
            tally.answered(50_000, 0);
        }
        let latency = tally.latency().expect("a thousand of them");
        assert_eq!((latency.p50_us, latency.p99_us), (100, 100));
        assert!((50_000..50_100).contains(&latency.p99_9_us), "{latency:?}");
    }
}
