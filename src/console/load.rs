//! The output of the load generator: progress and errors for stderr, the report for stdout.
//!
//! The report is one text, which is kept until the end. Read next: [`crate::load::notice`], which
//! has the facts.

use std::fmt::Write;

use crate::directory::notice::EXCERPT_BYTES_MAX;
use crate::load::notice::{Failure, Latency, Notice, Progress, Report};
use crate::load::rules::Mix;
use crate::load::schedule::Pace;

/// Turns a load generator's notices into text.
#[derive(Debug)]
pub struct LoadOutput {
    json: bool,
    report: String,
}

impl LoadOutput {
    /// `json`: the report is one JSON object. Otherwise it is a table for people.
    #[must_use]
    pub fn new(json: bool) -> Self {
        Self { json, report: String::new() }
    }

    /// The report. Empty before the end.
    #[must_use]
    pub fn report(&self) -> &str {
        &self.report
    }

    /// A line for stderr. `None`: the notice was the report, which is kept.
    pub fn line(&mut self, notice: Notice) -> Option<String> {
        Some(match notice {
            Notice::Report(report) => {
                self.report = if self.json { json(&report) } else { table(&report) };
                return None;
            }
            Notice::Registered { clients } => format!("{clients} clients registered"),
            Notice::Progress(progress) => progress_line(&progress),
            Notice::Wrong { asked, line } => wrong(asked.as_deref(), &line),
            Notice::Failed(why) => format!("papo: {}", failure(why)),
        })
    }
}

fn progress_line(progress: &Progress) -> String {
    let Progress { registered, seconds, per_second, mistakes, latency } = progress;
    let mut line = match seconds {
        Some(seconds) => format!("{seconds:5.1} s  {per_second:9.0} ops/s"),
        None => format!("{registered} clients registered so far"),
    };
    if let Some(Latency { p50_us, p99_us, .. }) = latency {
        let _ = write!(line, "  p50 {}  p99 {}", ms(*p50_us), ms(*p99_us));
    }
    if *mistakes > 0 {
        let _ = write!(line, "  {mistakes} wrong");
    }
    line
}

fn wrong(asked: Option<&str>, line: &[u8]) -> String {
    let cut = &line[..line.len().min(EXCERPT_BYTES_MAX)];
    let rest = if cut.len() < line.len() { "..." } else { "" };
    let asked = asked.unwrap_or("nothing");
    format!("wrong: asked {asked}, answered \"{}\"{rest}", cut.escape_ascii())
}

fn failure(why: Failure) -> String {
    match why {
        Failure::CannotConnect { connected, error } => {
            let hint = if error == std::io::ErrorKind::AddrNotAvailable {
                ". This machine has no port left towards the server; on Linux one address has \
                 about 28,000 of them (net.ipv4.ip_local_port_range)"
            } else {
                ""
            };
            format!("cannot connect: {error}, with {connected} clients connected{hint}")
        }
        Failure::TurnedAway { registered } => {
            format!(
                "the server closed a connection without an answer after {registered} clients: \
                 it may be full (papo server --max-clients), or let no more in from one address \
                 (--per-address)"
            )
        }
        Failure::NoAnswer { registered } => {
            format!("no answer from the server after {registered} clients")
        }
        Failure::AllLost => "the server has closed all connections".to_string(),
        Failure::Stopped => "stopped before all clients were registered".to_string(),
    }
}

/// Microseconds, in milliseconds.
fn ms(micros: u64) -> String {
    format!("{:.3} ms", micros as f64 / 1e3)
}

fn mix_word(mix: Mix) -> &'static str {
    match mix {
        Mix::Lookup => "lookup",
        Mix::List => "list",
        Mix::Keep => "keep",
        Mix::Churn => "churn",
    }
}

fn table(report: &Report) -> String {
    let Report { mix, clients, seconds, operations, per_second, .. } = report;
    let mut text = format!(
        "{} by {clients} clients, {}: {operations} operations in {seconds:.1} s\n\
         ops/s   {per_second:.0}\n",
        mix_word(*mix),
        pace_words(report),
    );
    if let Some(Latency { p50_us, p99_us, p99_9_us, max_us }) = report.latency {
        for (name, value) in [("p50", p50_us), ("p99", p99_us), ("p99.9", p99_9_us)] {
            let _ = writeln!(text, "{name:<7} {}", ms(value));
        }
        let _ = writeln!(text, "longest {}", ms(max_us));
    }
    if report.late > 0 {
        let _ = writeln!(text, "late    {} were sent later than planned", report.late);
    }
    let Report { wrong, lost, unanswered, .. } = report;
    let _ = writeln!(
        text,
        "wrong   {} ({wrong} wrong answers, {lost} lost connections, {unanswered} without answer)",
        report.mistakes()
    );
    text
}

fn pace_words(report: &Report) -> String {
    match report.pace {
        _ if report.mix == Mix::Keep => "each at its interval".to_string(),
        Pace::Pipeline(depth) => format!("each with {depth} at once"),
        Pace::Rate(rate) => format!("{rate} a second in all"),
    }
}

/// One object in one line. It has no text of strangers, so nothing needs escapes.
fn json(report: &Report) -> String {
    let (mut pipeline, mut rate) = ("null".to_string(), "null".to_string());
    match report.pace {
        _ if report.mix == Mix::Keep => {}
        Pace::Pipeline(depth) => pipeline = depth.to_string(),
        Pace::Rate(wanted) => rate = wanted.to_string(),
    }
    let latency = report.latency.map_or("null".to_string(), |it| {
        format!(
            r#"{{"p50":{},"p99":{},"p99_9":{},"max":{}}}"#,
            it.p50_us, it.p99_us, it.p99_9_us, it.max_us
        )
    });
    let Report { mix, clients, seconds, operations, per_second, .. } = report;
    let Report { wrong, lost, unanswered, late, .. } = report;
    format!(
        concat!(
            r#"{{"mix":"{}","clients":{},"pipeline":{},"rate":{},"seconds":{:.3},"#,
            r#""operations":{},"operations_per_second":{:.1},"latency_us":{},"late":{},"#,
            r#""wrong":{},"lost":{},"unanswered":{}}}"#,
            "\n"
        ),
        mix_word(*mix),
        clients,
        pipeline,
        rate,
        seconds,
        operations,
        per_second,
        latency,
        late,
        wrong,
        lost,
        unanswered
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        let latency = Latency { p50_us: 150, p99_us: 2_000, p99_9_us: 3_000, max_us: 4_000 };
        Report {
            mix: Mix::Lookup,
            clients: 50,
            pace: Pace::Pipeline(16),
            seconds: 10.0,
            operations: 1_000_000,
            per_second: 100_000.0,
            wrong: 1,
            lost: 2,
            unanswered: 3,
            late: 0,
            latency: Some(latency),
        }
    }

    #[test]
    fn a_report_for_programs() {
        let expected = concat!(
            r#"{"mix":"lookup","clients":50,"pipeline":16,"rate":null,"seconds":10.000,"#,
            r#""operations":1000000,"operations_per_second":100000.0,"#,
            r#""latency_us":{"p50":150,"p99":2000,"p99_9":3000,"max":4000},"late":0,"#,
            r#""wrong":1,"lost":2,"unanswered":3}"#,
            "\n"
        );
        assert_eq!(json(&report()), expected);
        let silent = Report { mix: Mix::Keep, latency: None, ..report() };
        assert!(json(&silent).contains(r#""pipeline":null,"rate":null"#));
        assert!(json(&silent).contains(r#""latency_us":null"#));
    }

    #[test]
    fn a_refused_crowd_reads_about_the_servers_limits() {
        let told = failure(Failure::TurnedAway { registered: 64 });
        assert!(told.contains("after 64 clients") && told.contains("--per-address"), "{told}");
    }

    #[test]
    fn a_report_for_people() {
        let expected = "lookup by 50 clients, each with 16 at once: 1000000 operations in 10.0 s\n\
            ops/s   100000\np50     0.150 ms\np99     2.000 ms\np99.9   3.000 ms\n\
            longest 4.000 ms\n\
            wrong   6 (1 wrong answers, 2 lost connections, 3 without answer)\n";
        assert_eq!(table(&report()), expected);
    }

    #[test]
    fn bytes_of_strangers_stay_one_ascii_line() {
        let text = wrong(None, &[b"\x1b[2J\n".as_slice(), &[b'x'; 400]].concat());
        assert!(text.is_ascii() && !text.chars().any(char::is_control), "{text}");
        assert!(text.len() < 200 && text.ends_with("..."), "{text}");
    }
}
