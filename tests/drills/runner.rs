//! Runs drills, each as a process of its own, and prints their figures.
//!
//! So each drill has its own descriptors, may panic, and can be killed when its time is over, and
//! drills that mostly wait run side by side without threads. [`host::clean_up`] removes all that a
//! drill leaves behind.

use std::fs;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::figure::{Report, quoted};
use crate::host;
use crate::support::{Process, tools};
use crate::table::{self, Outcome, Verdict, say};

/// The most drills that run side by side. So the short run takes as long as its longest drill.
const SIDE_BY_SIDE: usize = 12;

/// One drill, as in `list.rs`.
pub struct Drill {
    /// Its number.
    pub id: &'static str,
    /// The fault, and its victim.
    pub what: &'static str,
    /// The drill itself.
    pub run: fn(&mut Report),
    /// The figures that it must report.
    pub figures: &'static [&'static str],
    /// Its needs of the machine and of the runner.
    pub needs: Needs,
    /// After this time it is killed, and has failed.
    pub limit_s: u64,
}

/// The needs of a drill.
#[derive(Clone, Copy, Default)]
pub struct Needs {
    /// Part of the short run: no rights, little time.
    pub quick: bool,
    /// Other drills would disturb its figures.
    pub alone: bool,
    /// Must be root.
    pub root: bool,
    /// Programs that it needs.
    pub tools: &'static [&'static str],
    /// The most connections that one process has open.
    pub connections: u64,
    /// A cgroup that limits memory.
    pub memory_cgroup: bool,
}

/// A running drill. Its drop kills it and removes all that it has made.
struct Running<'a> {
    drill: &'a Drill,
    process: Process,
    started: Instant,
    tag: String,
}

/// Runs these drills. Returns whether none failed. Writes the figures to the file `json`, too.
pub fn run_all(drills: &[&Drill], full: bool, json: Option<&str>) -> bool {
    host::clean_up_after_the_dead();
    let stop = stop_flag();
    let mut outcomes = Vec::new();
    let (alone, waiting): (Vec<&Drill>, Vec<&Drill>) =
        drills.iter().copied().partition(|drill| full && drill.needs.alone);
    for (queue, width) in [(alone, 1), (waiting, SIDE_BY_SIDE)] {
        run_queue(&queue, width, full, &stop, &mut outcomes);
    }
    let place = |id| drills.iter().position(|drill| drill.id == id);
    outcomes.sort_by_key(|outcome| place(outcome.id));
    table::print(&outcomes);
    if let Some(path) = json {
        let lines: String = outcomes.iter().map(|outcome| outcome.json.clone() + "\n").collect();
        fs::write(path, lines).expect("the figures are written");
    }
    let failed = outcomes.iter().any(|outcome| outcome.verdict == Verdict::Failed);
    !failed && outcomes.len() == drills.len()
}

/// Ctrl-C and SIGTERM set it. Then no further drill begins, and the running ones are killed.
fn stop_flag() -> Arc<AtomicBool> {
    let flag = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
        signal_hook::flag::register(signal, flag.clone()).expect("signals can be watched");
    }
    flag
}

fn run_queue(
    queue: &[&Drill],
    width: usize,
    full: bool,
    stop: &AtomicBool,
    outcomes: &mut Vec<Outcome>,
) {
    let mut queue = queue.iter();
    let mut running: Vec<Running<'_>> = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        while running.len() < width {
            let Some(drill) = queue.next() else { break };
            match reason_to_skip(drill) {
                Some(reason) => outcomes.push(skipped(drill, reason)),
                None => running.push(Running::start(drill, full)),
            }
        }
        if running.is_empty() {
            return;
        }
        let over = running.iter_mut().position(Running::is_over);
        match over {
            Some(place) => outcomes.push(running.swap_remove(place).outcome()),
            None => host::pause(Duration::from_millis(20)),
        }
    }
}

fn reason_to_skip(drill: &Drill) -> Option<String> {
    if drill.needs.root && !host::is_root() {
        return Some("needs root".to_string());
    }
    if let Some(tool) = drill.needs.tools.iter().find(|tool| tools::installed(tool).is_none()) {
        return Some(format!("there is no `{tool}` here"));
    }
    if drill.needs.tools.contains(&"ip") && !host::may_make_hosts() {
        return Some("network namespaces are not allowed here".to_string());
    }
    if drill.needs.memory_cgroup && !host::has_memory_cgroups() {
        return Some("there are no cgroups (version 1) for memory here".to_string());
    }
    // A hundred are for the drill itself.
    let (wanted, limit) = (drill.needs.connections + 100, host::descriptor_limit());
    (wanted > limit).then(|| format!("needs {wanted} descriptors, may have {limit}"))
}

fn skipped(drill: &Drill, reason: String) -> Outcome {
    let (id, text) = (quoted(drill.id), quoted(&reason));
    let json = format!("{{\"drill\":{id},\"result\":\"skipped\",\"reason\":{text}}}");
    say(&json);
    let (id, what) = (drill.id, drill.what);
    Outcome { id, what, verdict: Verdict::Skipped, scale: reason, rows: Vec::new(), json }
}

impl<'a> Running<'a> {
    fn start(drill: &'a Drill, full: bool) -> Self {
        let tag = format!("{}{}-{}", host::TAG_PREFIX, std::process::id(), drill.id);
        let folder = host::folder_of(&tag);
        fs::create_dir(&folder).expect("a folder for the drill");
        let errors = fs::File::create(folder.join("errors")).expect("a file in it");
        let mut command = Command::new(std::env::current_exe().expect("this program"));
        command.args(["--child", drill.id]).args(full.then_some("--all"));
        command.env(host::TAG_VARIABLE, &tag).env("RUST_BACKTRACE", "0").stdin(Stdio::null());
        // A group of its own: Ctrl-C reaches the runner alone.
        command.stdout(Stdio::null()).stderr(errors).process_group(0);
        let process = Process::start_as_it_is(&mut command);
        Self { drill, process, started: Instant::now(), tag }
    }

    fn is_over(&mut self) -> bool {
        let is_late = self.started.elapsed() > Duration::from_secs(self.drill.limit_s);
        is_late || self.process.status().is_some()
    }

    fn outcome(self) -> Outcome {
        let folder = host::folder_of(&self.tag);
        let read = |name| fs::read_to_string(folder.join(name)).unwrap_or_default();
        let (json, rows) = (read("json"), read("rows"));
        let (id, what) = (self.drill.id, self.drill.what);
        if json.is_empty() {
            let seconds = self.started.elapsed().as_secs_f64();
            let json = Report::default().json(id, self.drill.figures, seconds);
            say(&json);
            let rows = Report::default().rows(self.drill.figures);
            let scale = format!("no figures after {seconds:.0} s: {}", last_words(&read("errors")));
            return Outcome { id, what, verdict: Verdict::Failed, scale, rows, json };
        }
        say(&json);
        let held = json.contains("\"result\":\"held\"");
        let verdict = if held { Verdict::Held } else { Verdict::Failed };
        let mut rows = rows.lines().map(str::to_string);
        let scale = rows.next().unwrap_or_default();
        Outcome { id, what, verdict, scale, rows: rows.collect(), json }
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.process.kill();
        host::clean_up(&self.tag);
    }
}

/// In the drill's own process: runs it, and writes its figures to files.
pub fn run_one(drill: &Drill, full: bool) -> bool {
    let started = Instant::now();
    let mut report = Report { full, ..Report::default() };
    (drill.run)(&mut report);
    let folder = host::folder_of(&host::tag());
    let json = report.json(drill.id, drill.figures, started.elapsed().as_secs_f64());
    let rows = [vec![report.scale.clone()], report.rows(drill.figures)].concat().join("\n");
    fs::write(folder.join("rows"), rows).expect("the rows are written");
    // The last file: if it exists, the others do.
    fs::write(folder.join("json"), json).expect("the figures are written");
    report.held(drill.figures)
}

/// The last lines of a drill that has panicked or was killed, as one line.
fn last_words(errors: &str) -> String {
    let lines: Vec<_> = errors.lines().filter(|line| !line.contains("RUST_BACKTRACE")).collect();
    lines[lines.len().saturating_sub(6)..].join(" / ").trim().to_string()
}
