//! The means of the machine (rights, namespaces, cgroups), and all that a drill leaves behind.
//!
//! All that a drill makes has its tag (`papo-drill-<runner>-<id>`): in the names of its folder,
//! network namespaces and cgroups, and in the environment of its processes. So [`clean_up`] finds all
//! of it after any end.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Resource, Signal};

/// The environment variable with the tag.
pub const TAG_VARIABLE: &str = "DRILL_TAG";

/// The beginning of each tag.
pub const TAG_PREFIX: &str = "papo-drill-";

/// Where version 1 of cgroups keeps memory limits.
const CGROUP_MEMORY_V1: &str = "/sys/fs/cgroup/memory";

/// This drill's own tag.
pub fn tag() -> String {
    std::env::var(TAG_VARIABLE).expect("the runner gives a tag")
}

/// The folder of a tag.
pub fn folder_of(tag: &str) -> PathBuf {
    std::env::temp_dir().join(tag)
}

/// A new file in this drill's own folder.
pub fn fresh_path(name: &str) -> PathBuf {
    let folder = folder_of(&tag());
    let path = |number| folder.join(format!("{name}.{number}"));
    let number = (0..).find(|&number| !path(number).exists()).expect("a free number");
    fs::write(path(number), "").expect("a file in the drill's folder");
    path(number)
}

/// Sleeps.
pub fn pause(time: Duration) {
    std::thread::sleep(time);
}

/// Seconds as a duration.
pub fn seconds(count: f64) -> Duration {
    Duration::from_secs_f64(count)
}

/// Waits until something is so. Returns how long that took, or `None` if the limit came first.
pub fn wait_for(limit: Duration, mut is_so: impl FnMut() -> bool) -> Option<Duration> {
    let start = Instant::now();
    loop {
        if is_so() {
            return Some(start.elapsed());
        }
        if start.elapsed() > limit {
            return None;
        }
        pause(Duration::from_millis(2));
    }
}

/// That time as a figure: milliseconds, or not a number.
pub fn millis(time: Option<Duration>) -> f64 {
    time.map_or(f64::NAN, |time| time.as_secs_f64() * 1000.0)
}

/// Whether this process is root.
pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Whether network namespaces are allowed: in a container they often are not, even for root.
pub fn may_make_hosts() -> bool {
    let status = Command::new("unshare").args(["--net", "true"]).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

/// Whether there are cgroups of the kind that [`memory_cgroup`] makes.
pub fn has_memory_cgroups() -> bool {
    Path::new(CGROUP_MEMORY_V1).join("memory.limit_in_bytes").exists()
}

/// How many descriptors a process may have, once it has asked for all it can get.
pub fn descriptor_limit() -> u64 {
    rustix::process::getrlimit(Resource::Nofile).maximum.unwrap_or(u64::MAX)
}

/// Runs a tool, which must end with status 0.
#[track_caller]
pub fn run(words: &[&str]) {
    let output = Command::new(words[0]).args(&words[1..]).stdin(Stdio::null()).output();
    let output = output.unwrap_or_else(|error| panic!("{words:?}: {error}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{words:?}: {said}");
}

/// Sends a signal to a process, which may have ended already.
pub fn signal(id: u32, signal: Signal) {
    let pid = i32::try_from(id).ok().and_then(Pid::from_raw).expect("a process number");
    let _ = rustix::process::kill_process(pid, signal);
}

/// A cgroup of this drill with a memory limit. A process enters it by writing its number to the file
/// `cgroup.procs` there.
pub fn memory_cgroup(bytes: u64) -> PathBuf {
    let folder = Path::new(CGROUP_MEMORY_V1).join(tag());
    fs::create_dir(&folder).expect("a cgroup");
    fs::write(folder.join("memory.limit_in_bytes"), bytes.to_string()).expect("a limit");
    folder
}

/// How many processes of this cgroup the kernel has killed because of the limit.
pub fn memory_kills(cgroup: &Path) -> f64 {
    let text = fs::read_to_string(cgroup.join("memory.oom_control")).unwrap_or_default();
    let kills = text.lines().find_map(|line| line.strip_prefix("oom_kill "));
    kills.and_then(|count| count.trim().parse().ok()).unwrap_or(f64::NAN)
}

/// Removes all that has this tag: processes, mounts, namespaces, cgroups, the folder.
pub fn clean_up(tag: &str) {
    let is_gone = wait_for(seconds(5.0), || kill_all(tag) == 0);
    let folder = folder_of(tag);
    for mount in mounts_below(&folder) {
        let _ = Command::new("umount").args(["-l", &mount]).status();
    }
    for entry in fs::read_dir("/run/netns").into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with(&format!("{tag}-")) {
            let _ = Command::new("ip").args(["netns", "del", &name]).status();
        }
    }
    // A cgroup is busy until the last of its processes is gone.
    let cgroup = Path::new(CGROUP_MEMORY_V1).join(tag);
    wait_for(seconds(5.0), || !cgroup.exists() || fs::remove_dir(&cgroup).is_ok());
    let _ = fs::remove_dir_all(folder);
    assert!(is_gone.is_some(), "processes of {tag} do not go away");
}

/// Removes all that earlier runs have left behind because they were killed.
pub fn clean_up_after_the_dead() {
    let places = [std::env::temp_dir(), PathBuf::from(CGROUP_MEMORY_V1)];
    let entries = places.iter().filter_map(|place| fs::read_dir(place).ok()).flatten().flatten();
    for entry in entries.collect::<Vec<_>>() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let runner = name.strip_prefix(TAG_PREFIX).and_then(|rest| rest.split('-').next());
        let is_dead = |id: &str| !Path::new("/proc").join(id).exists();
        if runner.is_some_and(|id| id.parse::<u32>().is_ok() && is_dead(id)) {
            clean_up(&name);
        }
    }
}

/// Kills every process that has the tag. Returns how many there were.
fn kill_all(tag: &str) -> usize {
    let marker = format!("{TAG_VARIABLE}={tag}");
    let mut count = 0;
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Ok(id) = entry.file_name().to_string_lossy().parse::<u32>() else { continue };
        let environment = fs::read(entry.path().join("environ")).unwrap_or_default();
        let carries = environment.split(|&byte| byte == 0).any(|one| one == marker.as_bytes());
        if carries && id != std::process::id() {
            signal(id, Signal::KILL);
            count += 1;
        }
    }
    count
}

fn mounts_below(folder: &Path) -> Vec<String> {
    let mounts = fs::read_to_string("/proc/mounts").unwrap_or_default();
    let places = mounts.lines().filter_map(|line| line.split(' ').nth(1));
    places.filter(|place| Path::new(place).starts_with(folder)).map(str::to_string).collect()
}
