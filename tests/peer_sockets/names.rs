//! The servers' names on the real resolver: each peer has a hosts file of its own.
//!
//! The file is mounted over `/etc/hosts` in a mount namespace, which wants `unshare` and the right
//! to use it. Where either is missing, these tests say so and do nothing.

use std::process::{Command, Stdio};

use crate::support::{Folder, Process, Server, proc, quiet_address, tools};

/// The name of the server.
const NAME: &str = "papo-server.test";

/// A folder with the files that a peer has in `/etc`.
struct Hosts {
    folder: Folder,
}

impl Hosts {
    /// A hosts file without names. `None`, and SKIPPED: there are no namespaces here.
    fn new(test: &str) -> Option<Self> {
        let hosts = Self { folder: Folder::new(test) };
        hosts.write("");
        hosts.folder.write("nsswitch.conf", "hosts: files\n");
        let tried = hosts.command("true").stderr(Stdio::null()).status();
        if !tried.is_ok_and(|status| status.success()) {
            tools::skip("there is no mount namespace (unshare) here");
            return None;
        }
        Some(hosts)
    }

    /// From now on the server's name has this address. It is the same file, because it is mounted.
    fn lead_to(&self, ip: &str) {
        self.write(&format!("{ip} {NAME}\n"));
    }

    fn write(&self, text: &str) {
        self.folder.write("hosts", text);
    }

    /// A command that sees these files.
    fn command(&self, program: &str) -> Command {
        let mount = |file: &str| format!("mount --bind {} /etc/{file}", self.folder.file(file));
        let script =
            format!("{} && {} && exec \"$0\" \"$@\"", mount("hosts"), mount("nsswitch.conf"));
        let mut command = Command::new("unshare");
        command.args(["--map-root-user", "--mount", "sh", "-c", &script, program]);
        command
    }

    /// Ana, with the server by its name.
    fn peer(&self, port: u16, options: &[&str]) -> Process {
        let mut command = self.command(env!("CARGO_BIN_EXE_papo"));
        command.args(["peer", "Ana", "--server", &format!("{NAME}:{port}"), "--lang", "en"]);
        Process::start_command_with(command.args(options), Stdio::piped())
    }
}

/// E5: a service that is started before the resolver is up.
#[test]
fn a_peer_that_stays_waits_until_its_servers_name_is_known() {
    let Some(hosts) = Hosts::new("known-later") else { return };
    let mut server = Server::start();
    let mut ana = hosts.peer(server.address.port(), &["--stay"]);
    ana.expect_screen(&format!("Cannot find {NAME}:{} yet.", server.address.port()));
    hosts.lead_to("127.0.0.1");
    server.process.expect_log("event=join name=\"Ana\"");
    ana.expect_screen("Back online.");
}

/// E5: the server has moved to another address.
#[test]
fn a_peer_follows_its_servers_name_to_another_address() {
    let Some(hosts) = Hosts::new("moved") else { return };
    hosts.lead_to("127.0.0.1");
    // The same port must be free at another address of loopback.
    let first = Server::start_at(quiet_address(), &[]);
    let port = first.address.port();
    let mut ana = hosts.peer(port, &[]);
    let mut bruno = Process::start(&["peer", "Bruno", "--server", &first.address.to_string()]);
    ana.type_text("/list\n");
    ana.expect_screen("Online");
    drop(first);
    ana.expect_screen("Lost the server at 127.0.0.1");
    hosts.lead_to("127.0.0.2");
    let mut second = Server::start_at(([127, 0, 0, 2], port).into(), &[]);
    second.process.expect_log("event=join name=\"Ana\"");
    ana.expect_screen(&format!("Back online, at the server 127.0.0.2:{port} now."));
    // The process that has looked the name up has ended.
    assert_eq!(proc::children(ana.id()), 0);
    bruno.signal("TERM");
    bruno.wait();
}

/// Without `--stay`: most likely the name is wrong.
#[test]
fn a_server_name_that_does_not_resolve_is_an_error() {
    let Some(hosts) = Hosts::new("unknown") else { return };
    let (status, screen, log) = hosts.peer(10_000, &[]).finish();
    assert_eq!((status, screen.len(), log.len()), (1, 0, 1), "{log:?}");
    assert!(log[0].contains(&format!("cannot find {NAME}")), "{log:?}");
}
