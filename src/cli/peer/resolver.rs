//! The servers' names, looked up again while the event loop goes on.
//!
//! The lookup of the C library blocks, and the loop has one thread. So a second process of this
//! program looks the names up ([`run`]), and its stdout is a source of the loop's poller.
//! Must know no peer. `resolver_windows.rs` is for Windows. Read next:
//! [`crate::cli::arguments::addresses`].

use std::io::{self, Read};
use std::net::SocketAddr;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use mio::unix::pipe::Receiver;
use mio::{Interest, Registry, Token};

use crate::cli::arguments::{addresses, server_list};
use crate::cli::{Failure, STATUS_OK, print};
use crate::machine::Millis;

/// The subcommand of the second process. It is only for this program, so no help names it.
pub(crate) const COMMAND: &str = "__resolve";

/// How long a lookup may take, in milliseconds: the C library asks three name servers twice, and
/// waits 5 s for each.
pub(crate) const LOOKUP_WITHIN_MS: u64 = 30_000;

/// Most bytes of an answer: a thousand addresses.
pub(crate) const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// How often a process that was killed is tried to be reaped, in milliseconds.
const REAP_AGAIN_MS: u64 = 50;

/// The servers of a list, and the process of a running lookup.
#[derive(Debug)]
pub(crate) struct Resolver {
    servers: String,
    token: Token,
    running: Option<Running>,
    /// It has answered or was killed, and is not reaped yet.
    ending: Option<Child>,
}

#[derive(Debug)]
struct Running {
    child: Child,
    output: Receiver,
    answer: Vec<u8>,
    by: Millis,
}

impl Resolver {
    /// For the servers of a list such as `a.example,b.example:7000`. Nothing is looked up yet.
    pub(crate) fn new(servers: String, token: Token) -> Self {
        Self { servers, token, running: None, ending: None }
    }

    /// Begins a lookup, unless one is running. If no process can be started, there is no answer,
    /// and the next pause asks again.
    pub(crate) fn begin(&mut self, now: Millis, registry: &Registry) {
        self.reap();
        if self.running.is_none() && self.ending.is_none() {
            match self.start(now, registry) {
                Ok(running) => self.running = Some(running),
                Err(error) => log::warn!("cannot look names up: {error}"),
            }
        }
    }

    fn start(&self, now: Millis, registry: &Registry) -> io::Result<Running> {
        let mut command = Command::new(this_program()?);
        command.arg0("papo").args([COMMAND, &self.servers]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn()?;
        let output = child.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
        let by = now + LOOKUP_WITHIN_MS;
        let mut running = Running { child, output: output.into(), answer: Vec::new(), by };
        running.output.set_nonblocking(true)?;
        registry.register(&mut running.output, self.token, Interest::READABLE)?;
        Ok(running)
    }

    /// How long the loop may sleep before this resolver needs a turn.
    pub(crate) fn timeout(&self, now: Millis) -> Option<Duration> {
        let ends_in = self.running.as_ref().map(|running| running.by.since(now));
        let reaps_in = self.ending.as_ref().map(|_| REAP_AGAIN_MS);
        ends_in.into_iter().chain(reaps_in).min().map(Duration::from_millis)
    }

    /// The addresses of each server, once a lookup has ended. A server whose name is not known has
    /// none.
    pub(crate) fn take_found(&mut self, now: Millis) -> Option<Vec<Vec<SocketAddr>>> {
        self.reap();
        let is_over = |running: &mut Running| running.has_ended() || now >= running.by;
        let Running { mut child, answer, .. } = self.running.take_if(is_over)?;
        // It has ended, or is killed. Nothing waits for its end.
        let _ = child.kill();
        self.ending = Some(child);
        self.reap();
        Some(parsed(&self.servers, &answer))
    }

    fn reap(&mut self) {
        self.ending.take_if(|child| !matches!(child.try_wait(), Ok(None)));
    }
}

impl Drop for Resolver {
    /// A running lookup ends with its program.
    fn drop(&mut self) {
        if let Some(running) = &mut self.running {
            let _ = running.child.kill();
        }
    }
}

impl Running {
    /// Reads what is ready. True: the answer has ended, or is too long.
    fn has_ended(&mut self) -> bool {
        let mut piece = [0; 4096];
        loop {
            match self.output.read(&mut piece) {
                Ok(count) if count > 0 && self.answer.len() < ANSWER_BYTES_MAX => {
                    self.answer.extend_from_slice(&piece[..count]);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return false,
                Ok(_) | Err(_) => return true,
            }
        }
    }
}

/// The file of this program, even if another file has replaced it since the start.
fn this_program() -> io::Result<PathBuf> {
    if cfg!(target_os = "linux") { Ok("/proc/self/exe".into()) } else { std::env::current_exe() }
}

/// The second process. It prints a line for each server as soon as it is found, so that an
/// interrupted lookup still has the first servers.
///
/// # Errors
///
/// If stdout is closed.
pub(crate) fn run(words: &[String]) -> Result<u8, Failure> {
    for server in words.iter().flat_map(|servers| server_list::listed(servers)) {
        let found = addresses::resolve(server, addresses::SERVER_PLACE).unwrap_or_default();
        let found: Vec<_> = found.iter().map(SocketAddr::to_string).collect();
        print(&(found.join(" ") + "\n"))?;
    }
    Ok(STATUS_OK)
}

/// The lines of [`run`], one for each server. A line that is missing or not whole has no address.
fn parsed(servers: &str, answer: &[u8]) -> Vec<Vec<SocketAddr>> {
    let answer = String::from_utf8_lossy(answer);
    let mut lines = answer.split_inclusive('\n').map_while(|line| line.strip_suffix('\n'));
    let addresses = |line: &str| line.split(' ').filter_map(|it| it.parse().ok()).collect();
    let next = |_| lines.next().map(addresses).unwrap_or_default();
    server_list::listed(servers).map(next).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_found_in_time_counts() {
        let answer = b"10.0.0.1:7 [fe80::1%3]:8\n\n10.0.0.";
        let found = parsed("a:7,b,c", answer);
        let found: Vec<_> = found.iter().map(|of_one| format!("{of_one:?}")).collect();
        assert_eq!(found, ["[10.0.0.1:7, [fe80::1%3]:8]", "[]", "[]"]);
    }
}
