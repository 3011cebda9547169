//! The checks of the rules: every quarter of a second, and at the end of a round.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use super::rules::Rule;
use super::world::{CHECK_EVERY_MS, GONE_WITHIN_MS, LIST_WITHIN_MS, LISTED_WITHIN_MS, Node, World};
use crate::schedule::{Event, NodeId};

/// A person in a LIST.
type Listed = (String, SocketAddr);

impl World {
    pub(super) fn check(&mut self) {
        self.network.schedule.plan_in(CHECK_EVERY_MS, Event::Check);
        self.check_answers();
        let (now, engine) = (self.now(), self.engine());
        if let Node::Engine(process) = &self.nodes[engine]
            && now % 1_000 < CHECK_EVERY_MS
        {
            self.old_data = process.event_loop.machine().model.as_kept();
        }
        if self.calm_ms() >= LISTED_WITHIN_MS {
            self.check_owners();
            self.check_living();
        }
        if self.calm_ms() >= GONE_WITHIN_MS {
            self.check_gone();
        }
    }

    /// All registered people, with their servers.
    fn registered(&self) -> Vec<(NodeId, Listed)> {
        let of = |node: NodeId| {
            self.held[node].iter().map(move |(name, held)| (node, (name.clone(), held.address)))
        };
        (0..self.servers).flat_map(of).collect()
    }

    /// The person of this name in the roster of one server.
    fn find(&self, node: NodeId, name: &str) -> Option<Listed> {
        let Node::Server(process) = &self.nodes[node] else { return None };
        let roster = process.event_loop.machine().machine.directory().roster();
        roster.find(name.as_bytes()).map(|it| (name.to_string(), it.address()))
    }

    fn check_answers(&mut self) {
        for node in self.engine() + 1..self.nodes.len() {
            let Node::Member(process) = &self.nodes[node] else { continue };
            let (member, now) = (process.event_loop.machine(), process.event_loop.now());
            let (texts_due, server) = (member.owed_ms(now), member.server());
            let was_still = self.disturbed_at[server] + texts_due >= self.now();
            if texts_due > LIST_WITHIN_MS && !was_still && !matches!(self.nodes[server], Node::Off)
            {
                let found = format!("node {node} waits for {texts_due} ms at server {server}");
                self.break_rule(Rule::ListAnswered, found);
            }
        }
    }

    fn check_owners(&mut self) {
        let mut names = BTreeSet::new();
        for (node, (name, _)) in self.registered() {
            if !names.insert(name.clone()) {
                self.break_rule(Rule::OneOwner, format!("{name}, at server {node} too"));
            }
        }
    }

    fn check_living(&mut self) {
        let now = self.now();
        for (at, listed) in self.registered() {
            // The change may still be on its way.
            let since = self.held[at].get(&listed.0).map_or(now, |held| held.since);
            if since + 1_000 > now {
                continue;
            }
            for node in 0..self.servers {
                if self.find(node, &listed.0).as_ref() != Some(&listed) {
                    let found = format!("{listed:?} of server {at} is not listed at {node}");
                    self.break_rule(Rule::LivePeopleListed, found);
                }
            }
        }
    }

    fn check_gone(&mut self) {
        let living: BTreeSet<_> = self.registered().into_iter().map(|(_, it)| it).collect();
        for node in 0..self.servers {
            for name in self.names.clone() {
                if let Some(ghost) = self.find(node, &name).filter(|it| !living.contains(it)) {
                    self.break_rule(
                        Rule::GonePeopleNotListed,
                        format!("{ghost:?} at server {node}"),
                    );
                }
            }
        }
    }

    /// At the end of a round nothing is in progress.
    pub(super) fn check_rest(&mut self) {
        self.check_order();
        self.check_engine();
        let has_rivals = self.names.iter().collect::<BTreeSet<_>>().len() < self.names.len();
        for (number, name) in self.names.clone().into_iter().enumerate() {
            let is_there = !matches!(self.nodes[self.engine() + 1 + number], Node::Off);
            if is_there && !self.held.iter().any(|held| held.contains_key(&name)) {
                self.break_rule(Rule::WantedNamesRegistered, name);
            }
        }
        for node in 0..self.servers {
            let Node::Server(process) = &self.nodes[node] else { continue };
            let sharing = process.event_loop.machine().machine.sharing();
            // Of two people who want one name, one claims it again and again.
            let claims = if has_rivals { 0 } else { sharing.claims };
            let work = claims + sharing.releases;
            if !sharing.has_lease || sharing.lag > 0 || work > 0 {
                self.break_rule(Rule::ServersSettle, format!("server {node}: {sharing:?}"));
            }
        }
    }

    /// All last LISTs are the same, except for the two askers.
    fn check_order(&mut self) {
        let lists = self.lists();
        let without = |list: &[String], names: [&str; 2]| -> Vec<String> {
            list.iter().filter(|it| !names.contains(&it.as_str())).cloned().collect()
        };
        for pair in lists.windows(2) {
            let [(one, first), (other, second)] = pair else { continue };
            let askers = [one.as_str(), other.as_str()];
            let (first, second) = (without(first, askers), without(second, askers));
            if first != second {
                self.break_rule(Rule::OneOrder, format!("{first:?} and {second:?}"));
            }
        }
    }

    /// The members with a last LIST: the name, and the names in the answer.
    fn lists(&self) -> Vec<(String, Vec<String>)> {
        let list = |node: &Node| match node {
            Node::Member(process) => process.event_loop.machine().list(),
            Node::Server(_) | Node::Engine(_) | Node::Off => None,
        };
        self.nodes.iter().filter_map(list).collect()
    }

    fn check_engine(&mut self) {
        let engine = self.engine();
        let Node::Engine(process) = &self.nodes[engine] else { return };
        let value = |(name, value): (&String, &String)| {
            let (owner, _, at) = super::model::parts(value);
            format!("{name} {owner} {at}")
        };
        let known: BTreeSet<_> =
            process.event_loop.machine().model.names().iter().map(value).collect();
        let told = |(node, (name, at)): (NodeId, Listed)| format!("{name} {} {at}", self.ids[node]);
        let living: BTreeSet<_> = self.registered().into_iter().map(told).collect();
        if known != living {
            let wrong: Vec<_> = known.symmetric_difference(&living).collect();
            self.break_rule(Rule::EngineAgrees, format!("{wrong:?}"));
        }
    }
}
