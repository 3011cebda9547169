//! Every operation on the engine: the boundary between the servers and Redis or Valkey.
//!
//! No other folder names a command. A model of the engine needs only this folder, and the same
//! operations run against the model and against a real engine.
//!
//! # What is in the engine
//!
//! `PREFIX` is `--directory-prefix`. Numbers are decimal; a server and an epoch are 16 digits of
//! base 16, chosen at random.
//!
//! | key | kind | what |
//! | --- | --- | --- |
//! | `PREFIX:epoch` | hash | `id`: the epoch; `seq`: entries of the stream; `arrival`: the last |
//! | `PREFIX:names` | hash | name → `SERVER ARRIVAL ENDPOINT`: its owner |
//! | `PREFIX:changes` | stream | one entry for each claim or release that changed something |
//! | `PREFIX:lease:SERVER` | string | exists as long as that server lives |
//!
//! An entry has the fields `e` (epoch), `s` (its number, one more than the last entry's), `o` (the
//! server), and then for each change `+` (`ARRIVAL ENDPOINT NAME`) or `-` (`NAME`).
//!
//! An *arrival* is the place in LIST: the engine's clock in microseconds, or one more than the
//! last. A person whose name is claimed again keeps the arrival, at any server.
//!
//! # The operations
//!
//! | operation | command | reply |
//! | --- | --- | --- |
//! | [`Operation::Authenticate`] | AUTH | `+OK` |
//! | [`Operation::Select`] | SELECT | `+OK` |
//! | [`Operation::Load`] | SCRIPT LOAD | the name of the script for EVALSHA |
//! | [`Operation::Enter`] | [`ENTER`] | [`Entered`] |
//! | [`Operation::Claim`] | [`CLAIM`] | [`Claimed`] |
//! | [`Operation::Release`] | [`RELEASE`] | [`Released`] |
//! | [`Operation::Read`] | [`READ`] | [`Page`] |
//! | [`Operation::Renew`] | PEXPIRE | [`renewed`]: 1, or 0 if the lease has ended |
//! | [`Operation::Leases`] | MGET | [`leases`]: for each server, whether it lives |
//! | [`Operation::Follow`] | XREAD BLOCK | [`entries`], or nothing after [`BLOCK_MS`] |
//! | [`Operation::Leave`] | DEL | how many keys there were |
//!
//! Each reply is validated: a reply of another shape is nonsense, and a field or an entry that
//! no server of ours wrote is left out.
//!
//! Read next: `scripts`, then `replies`.

mod replies;
mod scripts;

use std::fmt;
use std::net::SocketAddr;

use redis_protocol::resp2::types::OwnedFrame;

pub use replies::{
    Change, Claimed, Entered, NameRecord, News, Page, Released, StreamEntry, entries, leases,
    renewed,
};
pub use scripts::{CLAIM, ENTER, READ, RELEASE, SCRIPTS, Script};

use super::resp::encode_command;
use crate::wire::address;
use crate::wire::name::Name;
use replies::{is_hex, text_of};

/// How long a lease lasts without a renewal, in milliseconds: as long as a client without KEEP.
pub const LEASE_MS: u64 = 15_000;

/// How many entries the stream keeps at least. A server that lacks older ones reads all names.
pub const ENTRIES_KEPT: u64 = 16_384;

/// Most names in one claim or release: the engine does nothing else while a script runs.
pub const BATCH_MAX: usize = 64;

/// Most entries in one reply.
pub const ENTRIES_MAX: usize = 64;

/// How many names one page of a full read has, roughly.
pub const PAGE_NAMES: usize = 512;

/// How long XREAD waits for an entry, in milliseconds.
pub const BLOCK_MS: u64 = 5_000;

/// Arrivals are less than this: a script has no larger whole numbers.
pub const ARRIVAL_END: u64 = 1 << 53;

/// The names under which the engine knows the scripts: 40 digits of base 16 each.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Loaded([String; SCRIPTS.len()]);

impl Loaded {
    /// Keeps the reply to [`Operation::Load`]. `false`: it is nonsense.
    pub fn keep(&mut self, script: Script, reply: &OwnedFrame) -> bool {
        let name = text_of(reply).filter(|it| it.len() == 40 && is_hex(it));
        self.0[script as usize] = name.unwrap_or_default().to_string();
        name.is_some()
    }

    fn name(&self, script: Script) -> &str {
        &self.0[script as usize]
    }
}

/// The random number of a server, new at each start.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ServerId(pub u64);

/// The random number of the engine's data. After FLUSHALL there is a new one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Epoch(pub u64);

/// The id of an entry of the stream.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct EntryId(pub u64, pub u64);

impl fmt::Display for ServerId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:016x}", self.0)
    }
}

impl fmt::Display for Epoch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:016x}", self.0)
    }
}

impl fmt::Display for EntryId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}-{}", self.0, self.1)
    }
}

/// The keys of one prefix.
#[derive(Clone, Debug)]
pub struct Keys {
    epoch: String,
    names: String,
    changes: String,
    leases: String,
    server: ServerId,
}

impl Keys {
    /// The keys for `server`.
    #[must_use]
    pub fn new(prefix: &str, server: ServerId) -> Self {
        Self {
            epoch: format!("{prefix}:epoch"),
            names: format!("{prefix}:names"),
            changes: format!("{prefix}:changes"),
            leases: format!("{prefix}:lease:"),
            server,
        }
    }

    /// The server that uses them.
    #[must_use]
    pub fn server(&self) -> ServerId {
        self.server
    }

    fn lease(&self, server: ServerId) -> String {
        format!("{}{server}", self.leases)
    }
}

/// A claim of a name.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Claim {
    /// The name.
    pub name: Name,
    /// The person's address for calls.
    pub address: SocketAddr,
    /// The person's place in LIST; 0: none yet.
    pub arrival: u64,
    /// The person is a newcomer.
    pub is_new: bool,
}

impl Claim {
    /// The arrival as an argument of [`CLAIM`].
    fn arrival_argument(&self) -> String {
        if self.is_new { "+".to_string() } else { self.arrival.to_string() }
    }
}

/// An operation of the engine.
#[derive(Clone, Copy, Debug)]
pub enum Operation<'a> {
    /// Logs in.
    Authenticate {
        /// The user, if the engine has users.
        user: Option<&'a str>,
        /// The password.
        password: &'a str,
    },
    /// Chooses one of the numbered databases.
    Select(u32),
    /// Loads a script into the engine.
    Load(Script),
    /// See [`ENTER`].
    Enter {
        /// The epoch to begin if there is none.
        fresh: Epoch,
    },
    /// See [`CLAIM`].
    Claim {
        /// The epoch of [`Entered`].
        epoch: Epoch,
        /// The lease has not ended since the last claims: names that we hold make no entry.
        is_quiet: bool,
        /// At most [`BATCH_MAX`].
        claims: &'a [Claim],
    },
    /// See [`RELEASE`].
    Release {
        /// The epoch of [`Entered`].
        epoch: Epoch,
        /// The server that has these names.
        owner: ServerId,
        /// At most [`BATCH_MAX`].
        names: &'a [Name],
    },
    /// See [`READ`].
    Read {
        /// The cursor of the last page; 0 at first.
        cursor: u64,
    },
    /// Renews our lease.
    Renew,
    /// Asks which servers live.
    Leases(&'a [ServerId]),
    /// Waits for entries after this one.
    Follow(EntryId),
    /// Ends our lease.
    Leave,
}

impl Operation<'_> {
    /// Writes the command.
    pub fn encode(&self, keys: &Keys, loaded: &Loaded, out: &mut Vec<u8>) {
        let mine = keys.lease(keys.server);
        match *self {
            Self::Authenticate { user: None, password } => words(&["AUTH", password], out),
            Self::Authenticate { user: Some(user), password } => {
                words(&["AUTH", user, password], out);
            }
            Self::Select(number) => words(&["SELECT", &number.to_string()], out),
            Self::Load(script) => words(&["SCRIPT", "LOAD", script.text()], out),
            Self::Enter { fresh } => {
                let sha = loaded.name(Script::Enter);
                let (epoch, names, changes) = (&*keys.epoch, &*keys.names, &*keys.changes);
                let (fresh, lease_ms) = (fresh.to_string(), LEASE_MS.to_string());
                let head = ["EVALSHA", sha, "4", epoch, names, changes, &mine];
                words(&[&head[..], &[&fresh, &lease_ms]].concat(), out);
            }
            Self::Claim { epoch, is_quiet, claims } => {
                encode_claim(keys, loaded, epoch, is_quiet, claims, out);
            }
            Self::Release { epoch, owner, names } => {
                encode_release(keys, loaded, epoch, owner, names, out);
            }
            Self::Read { cursor } => {
                let (cursor, count) = (cursor.to_string(), PAGE_NAMES.to_string());
                let sha = loaded.name(Script::Read);
                words(&["EVALSHA", sha, "1", &keys.names, &cursor, &count], out);
            }
            Self::Renew => words(&["PEXPIRE", &mine, &LEASE_MS.to_string()], out),
            Self::Leases(servers) => {
                let leases: Vec<_> = servers.iter().map(|server| keys.lease(*server)).collect();
                let leases = leases.iter().map(String::as_str);
                words(&["MGET"].into_iter().chain(leases).collect::<Vec<_>>(), out);
            }
            Self::Follow(last) => {
                let (count, block) = (ENTRIES_MAX.to_string(), BLOCK_MS.to_string());
                let last = last.to_string();
                let head = ["XREAD", "COUNT", &count, "BLOCK", &block, "STREAMS"];
                words(&[&head[..], &[&keys.changes, &last]].concat(), out);
            }
            Self::Leave => words(&["DEL", &mine], out),
        }
    }
}

fn encode_claim(
    keys: &Keys,
    loaded: &Loaded,
    epoch: Epoch,
    is_quiet: bool,
    claims: &[Claim],
    out: &mut Vec<u8>,
) {
    let (sha, mine) = (loaded.name(Script::Claim), keys.lease(keys.server));
    let (epoch, server, kept) =
        (epoch.to_string(), keys.server.to_string(), ENTRIES_KEPT.to_string());
    let quiet = if is_quiet { "1" } else { "0" };
    let arguments = claims.iter().map(|it| (endpoint(it.address), it.arrival_argument()));
    let arguments: Vec<_> = arguments.collect();
    let mut command = vec!["EVALSHA", sha, "4", &keys.epoch, &keys.names, &keys.changes, &mine];
    command.extend([&*epoch, &*server, &*keys.leases, &*kept, quiet]);
    for (claim, (endpoint, arrival)) in claims.iter().zip(&arguments) {
        command.extend([claim.name.as_str(), endpoint, arrival]);
    }
    words(&command, out);
}

fn encode_release(
    keys: &Keys,
    loaded: &Loaded,
    epoch: Epoch,
    owner: ServerId,
    names: &[Name],
    out: &mut Vec<u8>,
) {
    let sha = loaded.name(Script::Release);
    let lease = if owner == keys.server { String::new() } else { keys.lease(owner) };
    let (epoch, owner, kept) = (epoch.to_string(), owner.to_string(), ENTRIES_KEPT.to_string());
    let mut command = vec!["EVALSHA", sha, "3", &keys.epoch, &keys.names, &keys.changes];
    command.extend([&*epoch, &*owner, &*lease, &*kept]);
    command.extend(names.iter().map(Name::as_str));
    words(&command, out);
}

fn words(words: &[&str], out: &mut Vec<u8>) {
    let words: Vec<_> = words.iter().map(|word| word.as_bytes()).collect();
    encode_command(&words, out);
}

/// An endpoint as the engine has it: `1.2.3.4:5`, `[::1]:5`.
fn endpoint(address: SocketAddr) -> String {
    let mut text = Vec::new();
    address::encode_bracketed(address.into(), &mut text);
    String::from_utf8(text).expect("an address is ASCII")
}
