//! The figures of Linux about a running process: its memory, threads, descriptors and time.

use std::process::Command;
use std::{fs, io};

/// Sends a signal by its name, such as `TERM`, `STOP`, `KILL`.
#[track_caller]
pub fn signal(id: u32, name: &str) {
    let done = Command::new("kill").args([&format!("-{name}"), &id.to_string()]).status();
    assert!(done.expect("kill runs").success(), "kill -{name} {id}");
}

/// The process that this one has started, where it has started exactly one.
pub fn child_of(parent: u32) -> Option<u32> {
    let path = format!("/proc/{parent}/task/{parent}/children");
    fs::read_to_string(path).expect("children").split_whitespace().next()?.parse().ok()
}

/// Whether it has ended, even if its parent has not waited for it.
pub fn is_over(id: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{id}/stat"));
    stat.map_or(true, |stat| stat.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with('Z')))
}

/// Whether O_NONBLOCK is set in the open file description, which other processes may share.
pub fn is_nonblocking(id: u32, descriptor: u32) -> bool {
    let info = fs::read_to_string(format!("/proc/{id}/fdinfo/{descriptor}")).expect("it lives");
    let flags = info.lines().find_map(|line| line.strip_prefix("flags:")).expect("flags");
    u32::from_str_radix(flags.trim(), 8).expect("octal") & 0o4000 != 0
}

/// Resident memory, in KiB.
#[track_caller]
pub fn resident_kib(id: u32) -> u64 {
    status(id, "VmRSS:")
}

/// The most memory that was ever resident, in KiB.
#[track_caller]
pub fn peak_kib(id: u32) -> u64 {
    status(id, "VmHWM:")
}

/// Memory of this process alone that was written to, in KiB.
#[track_caller]
pub fn private_dirty_kib(id: u32) -> u64 {
    value(&format!("/proc/{id}/smaps_rollup"), "Private_Dirty:")
}

/// How many threads there are.
pub fn threads(id: u32) -> usize {
    fs::read_dir(format!("/proc/{id}/task")).expect("the process lives").count()
}

/// The target of each open descriptor, such as `socket:[4711]`.
pub fn descriptors(id: u32) -> Vec<String> {
    try_descriptors(id).expect("the process lives")
}

fn try_descriptors(id: u32) -> io::Result<Vec<String>> {
    let entries = fs::read_dir(format!("/proc/{id}/fd"))?;
    // A descriptor may be closed between being listed and being looked at.
    let links = entries.filter_map(|entry| fs::read_link(entry.ok()?.path()).ok());
    Ok(links.map(|link| link.to_string_lossy().into_owned()).collect())
}

/// Whether it listens on this port, over IPv4. A connection to the port would prove less: another
/// program may listen there.
pub fn listens(id: u32, port: u16) -> bool {
    const LISTENING: &str = "0A";
    let own = try_descriptors(id).unwrap_or_default();
    let table = fs::read_to_string(format!("/proc/{id}/net/tcp")).unwrap_or_default();
    let place = format!(":{port:04X}");
    table.lines().any(|row| {
        let fields: Vec<_> = row.split_whitespace().collect();
        let is_listener = fields[1].ends_with(&place) && fields[3] == LISTENING;
        is_listener && own.contains(&format!("socket:[{}]", fields[9]))
    })
}

/// The number of the next descriptor. With this limit, there is no next one.
pub fn next_descriptor(id: u32) -> u64 {
    let is_free = |number: &u64| fs::symlink_metadata(format!("/proc/{id}/fd/{number}")).is_err();
    (0..).find(is_free).expect("there is always one")
}

/// The descriptor of a poller. mio over poll(2) has only the one that wakes it.
const POLLER: &str =
    if cfg!(mio_unsupported_force_poll_poll) { "[eventfd]" } else { "[eventpoll]" };

/// How many of its descriptors are pollers.
pub fn pollers(id: u32) -> usize {
    descriptors(id).iter().filter(|link| link.contains(POLLER)).count()
}

/// How often it has slept so far, and so how often it was woken up.
#[track_caller]
pub fn sleeps(id: u32) -> u64 {
    status(id, "voluntary_ctxt_switches:")
}

/// Processor time so far, in hundredths of a second.
#[track_caller]
pub fn processor_ticks(id: u32) -> u64 {
    let fields = stat(id);
    let number = |place: usize| fields[place].parse::<u64>().expect("a number");
    number(11) + number(12)
}

/// Whether it has been stopped by a signal.
#[track_caller]
pub fn is_stopped(id: u32) -> bool {
    stat(id)[0] == "T"
}

/// The same of a process that is traced: its tracer stops it too.
#[track_caller]
pub fn is_stopped_traced(id: u32) -> bool {
    stat(id)[0].eq_ignore_ascii_case("t")
}

/// The fields of its `stat` behind the name, which is in brackets and may have blanks.
#[track_caller]
fn stat(id: u32) -> Vec<String> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).expect("the process lives");
    let (_, behind_name) = stat.rsplit_once(')').expect("a name in brackets");
    behind_name.split_whitespace().map(String::from).collect()
}

#[track_caller]
fn status(id: u32, key: &str) -> u64 {
    value(&format!("/proc/{id}/status"), key)
}

#[track_caller]
fn value(path: &str, key: &str) -> u64 {
    let text = fs::read_to_string(path).expect("the process lives");
    let value = text.lines().find_map(|line| line.strip_prefix(key)).expect("a line of that key");
    value.split_whitespace().next().and_then(|text| text.parse().ok()).expect("a number")
}

/// How many of its child processes still exist.
pub fn children(id: u32) -> usize {
    let path = format!("/proc/{id}/task/{id}/children");
    fs::read_to_string(path).expect("the process lives").split_whitespace().count()
}
