//! The table at the end of a run, for the screen.

/// How a drill came out.
pub struct Outcome {
    /// Which drill.
    pub id: &'static str,
    /// Its description.
    pub what: &'static str,
    /// Whether it held.
    pub verdict: Verdict,
    /// How large it was, or why it was skipped.
    pub scale: String,
    /// Its figures: name, value, bound and verdict, with tabs between them.
    pub rows: Vec<String>,
    /// The same as one line of JSON, for `docs/drills.jsonl`.
    pub json: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Every figure is there and within its bound.
    Held,
    /// A figure is missing or out of its bound.
    Failed,
    /// It could not run here, which is no pass.
    Skipped,
}

/// Prints the findings of the run.
pub fn print(outcomes: &[Outcome]) {
    say("");
    for outcome in outcomes {
        let verdict = word(outcome.verdict);
        say(&format!("{:<4} {verdict:<8} {} ({})", outcome.id, outcome.what, outcome.scale));
        for row in &outcome.rows {
            let mut cells = row.split('\t');
            let mut cell = || cells.next().unwrap_or_default();
            let (name, value, bound, held) = (cell(), cell(), cell(), cell());
            say(&format!("     {name:<46} {value:>14}   {bound:<16} {held}"));
        }
    }
    let count = |verdict| outcomes.iter().filter(|one| one.verdict == verdict).count();
    let (held, failed) = (count(Verdict::Held), count(Verdict::Failed));
    say(&format!("\n{held} held, {failed} failed, {} skipped", count(Verdict::Skipped)));
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Held => "held",
        Verdict::Failed => "FAILED",
        Verdict::Skipped => "SKIPPED",
    }
}

/// A line of the run's own output.
#[allow(clippy::print_stdout, reason = "the output of a run")]
pub fn say(line: &str) {
    println!("{line}");
}
