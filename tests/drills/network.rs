//! Several hosts on one machine: network namespaces around a router, all of them ours.
//!
//! ```text
//!   host a 10.77.1.2 ──┐
//!   host b 10.77.2.2 ──┼── router (10.77.N.1): loses, slows and cuts
//!   host c 10.77.3.2 ──┘
//! ```
//!
//! All faults are in the router. So a host sees what a real one would see: silence, and no error of
//! its own kernel.

use std::fs::File;
use std::net::IpAddr;
use std::os::fd::AsFd;

use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

use crate::host::{run, tag};

/// The hosts. Its drop removes the namespaces.
pub struct Network {
    hosts: usize,
}

impl Network {
    /// A router with this number of hosts.
    pub fn of(hosts: usize) -> Self {
        let network = Self { hosts };
        let router = network.router();
        run(&["ip", "netns", "add", &router]);
        network.in_router(&["sysctl", "-qw", "net.ipv4.ip_forward=1"]);
        for host in 1..=hosts {
            network.add(host);
        }
        network
    }

    /// The name of a host's namespace.
    pub fn name(&self, host: usize) -> String {
        format!("{}-{host}", tag())
    }

    fn router(&self) -> String {
        self.name(0)
    }

    /// A host's address.
    pub fn address(&self, host: usize) -> IpAddr {
        self.address_text(host).parse().expect("an address")
    }

    fn address_text(&self, host: usize) -> String {
        format!("10.77.{host}.2")
    }

    /// The words that start a program on a host.
    pub fn on(&self, host: usize) -> Vec<String> {
        ["ip", "netns", "exec", &self.name(host)].map(str::to_string).to_vec()
    }

    /// Does something on a host. Sockets that it opens stay on that host.
    pub fn within<T>(&self, host: usize, action: impl FnOnce() -> T) -> T {
        let home = File::open("/proc/self/ns/net").expect("our own namespace");
        let there = File::open(format!("/run/netns/{}", self.name(host))).expect("the host's");
        let network = Some(LinkNameSpaceType::Network);
        move_into_link_name_space(there.as_fd(), network).expect("goes there");
        let result = action();
        move_into_link_name_space(home.as_fd(), network).expect("comes home");
        result
    }

    /// From now on the router drops all packets between two hosts, without an error to either.
    pub fn cut(&self, one: usize, other: usize) {
        for (from, to) in [(one, other), (other, one)] {
            self.rule("add", from, to);
        }
    }

    /// Ends [`cut`](Self::cut).
    pub fn mend(&self, one: usize, other: usize) {
        for (from, to) in [(one, other), (other, one)] {
            self.rule("del", from, to);
        }
    }

    fn rule(&self, what: &str, from: usize, to: usize) {
        let (from, to) = (self.address_text(from), self.address_text(to));
        self.in_router(&["ip", "rule", what, "from", &from, "to", &to, "blackhole"]);
    }

    /// From now on the router drops this share of all packets, in both directions. Needs `nft`.
    pub fn lose(&self, percent: u32) {
        let table = format!(
            "add table ip loss; \
             add chain ip loss forward {{ type filter hook forward priority 0; }}; \
             add rule ip loss forward numgen random mod 100 < {percent} drop"
        );
        self.in_router(&["nft", &table]);
    }

    /// Ends [`lose`](Self::lose).
    pub fn lose_no_more(&self) {
        self.in_router(&["nft", "delete table ip loss"]);
    }

    /// Limits the rate of packets to a host from now on, such as `64kbit`. Needs `tc`.
    pub fn thin(&self, host: usize, rate: &str) {
        let device = format!("to{host}");
        self.in_router(&[
            "tc", "qdisc", "add", "dev", &device, "root", "tbf", "rate", rate, "burst", "4kb",
            "latency", "200ms",
        ]);
    }

    fn in_router(&self, words: &[&str]) {
        run(&[&["ip", "netns", "exec", &self.router()], words].concat());
    }

    fn add(&self, host: usize) {
        let (name, router) = (self.name(host), self.router());
        let (device, gate) = (format!("to{host}"), format!("10.77.{host}.1"));
        run(&["ip", "netns", "add", &name]);
        run(&[
            "ip", "link", "add", "eth0", "netns", &name, "type", "veth", "peer", "name", &device,
            "netns", &router,
        ]);
        let on = |place: &str, words: &[&str]| run(&[&["ip", "-n", place], words].concat());
        on(&name, &["address", "add", &format!("{}/24", self.address_text(host)), "dev", "eth0"]);
        on(&router, &["address", "add", &format!("{gate}/24"), "dev", &device]);
        on(&name, &["link", "set", "eth0", "up"]);
        on(&name, &["link", "set", "lo", "up"]);
        on(&router, &["link", "set", &device, "up"]);
        on(&name, &["route", "add", "default", "via", &gate]);
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        for host in 0..=self.hosts {
            let name = self.name(host);
            let _ = std::process::Command::new("ip").args(["netns", "del", &name]).status();
        }
    }
}
