//! Every operation on the engine, and what it means: the seam between the servers and Redis or
//! Valkey.
//!
//! No other file names a command. A model of the engine needs to know what stands here and no
//! more; the same operations run against the model and against a real one.
//!
//! # What is in the engine
//!
//! `PREFIX` is `--directory-prefix`. Numbers are decimal; a server and an epoch are 16 digits of
//! base 16, chosen at random.
//!
//! | key | kind | what |
//! | --- | --- | --- |
//! | `PREFIX:epoch` | hash | `id`: the epoch; `seq`: entries of the stream; `arrival`: the last |
//! | `PREFIX:names` | hash | name → `SERVER ARRIVAL ENDPOINT`: whose a name is |
//! | `PREFIX:changes` | stream | one entry for each claim or release that changed something |
//! | `PREFIX:lease:SERVER` | string | is there for as long as that server lives |
//!
//! An entry has the fields `e` (epoch), `s` (its number, one more than the last one's), `o` (the
//! server), and then for each change `+` (`ARRIVAL ENDPOINT NAME`) or `-` (`NAME`).
//!
//! An *arrival* is the place in LIST: the engine's clock in microseconds, or one more than the
//! last. A person who is claimed again, by whatever server, keeps it.
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
//! | [`Operation::Renew`] | PEXPIRE | [`renewed`]: 1, or 0 where there is no lease any more |
//! | [`Operation::Leases`] | MGET | [`leases`]: for each server, whether it lives |
//! | [`Operation::Follow`] | XREAD BLOCK | [`entries`], or nothing after [`BLOCK_MS`] |
//! | [`Operation::Leave`] | DEL | how many keys there were |
//!
//! Each reply is validated: a reply of another shape is nonsense, and a field or an entry that
//! is not ours is left out.

use std::fmt;
use std::net::SocketAddr;

use redis_protocol::resp2::types::OwnedFrame;

use super::resp::encode_command;
use crate::wire::address;
use crate::wire::name::Name;

/// How long a lease lives that is not renewed, in milliseconds: as long as a client that says no
/// KEEP.
pub const LEASE_MS: u64 = 15_000;

/// How many entries the stream keeps, or some more. A server that is further behind reads
/// everything.
pub const ENTRIES_KEPT: u64 = 16_384;

/// Most names in one claim or release: a script stops the engine for all others.
pub const BATCH_MAX: usize = 64;

/// Most entries in one reply.
pub const ENTRIES_MAX: usize = 64;

/// How many names of the hash one step of a full read looks at.
pub const PAGE_NAMES: usize = 512;

/// How long XREAD waits for an entry, in milliseconds.
pub const BLOCK_MS: u64 = 5_000;

/// Arrivals are below: a script has no larger whole numbers.
pub const ARRIVAL_END: u64 = 1 << 53;

/// Takes or renews the lease, and starts an epoch where there is none. It changes nothing where
/// one of the keys is somebody else's.
///
/// KEYS: epoch, names, changes, the lease. ARGV: a new epoch, LEASE_MS.
/// Returns: epoch, seq, id of the last entry (or `0-0`), 1 where the lease had not ended.
pub const ENTER: &str = "\
for i, kind in ipairs({'hash', 'hash', 'stream', 'string'}) do
  local is = redis.call('TYPE', KEYS[i]).ok
  if is ~= 'none' and is ~= kind then
    return redis.error_reply('WRONGTYPE ' .. KEYS[i] .. ' is a ' .. is .. ' of somebody else')
  end
end
if redis.call('EXISTS', KEYS[1]) == 0 then
  redis.call('HSET', KEYS[1], 'id', ARGV[1], 'seq', '0', 'arrival', '0')
end
local world = redis.call('HMGET', KEYS[1], 'id', 'seq')
if not world[1] or not tonumber(world[2]) then
  return redis.error_reply('WRONGTYPE ' .. KEYS[1] .. ' is a hash of somebody else')
end
local held = redis.call('EXISTS', KEYS[4])
redis.call('SET', KEYS[4], 'papo', 'PX', ARGV[2])
local last = redis.call('XREVRANGE', KEYS[3], '+', '-', 'COUNT', 1)
return {world[1], world[2], last[1] and last[1][1] or '0-0', held}
";

/// Claims names for a server. A name is given where nobody has it, where its owner's lease has
/// ended, or where the owner is this server. A newcomer is also given the name of somebody with the
/// same endpoint: then it is the same person, who has come by another server. (Somebody who has
/// been here for longer is not: the other one may have come later.) Nothing is given without a
/// lease in this epoch.
///
/// KEYS: epoch, names, changes, the lease. ARGV: epoch, server, what leases begin with,
/// ENTRIES_KEPT, `1` where a name that this server has already makes no entry; then for each name:
/// name, endpoint, and `+` for a newcomer, or the arrival, or `0` where it has none yet.
/// Returns: seq, then for each name its arrival, or 0 where it is somebody else's. Only `-1`:
/// there is no lease, or another epoch.
pub const CLAIM: &str = "\
local world = redis.call('HMGET', KEYS[1], 'id', 'seq', 'arrival')
if world[1] ~= ARGV[1] or redis.call('EXISTS', KEYS[4]) == 0 then return {-1} end
local seq, newest = tonumber(world[2]), tonumber(world[3])
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local reply, entry, lives = {seq}, {}, {}
for i = 6, #ARGV, 3 do
  local name, endpoint, arrival = ARGV[i], ARGV[i + 1], tonumber(ARGV[i + 2]) or 0
  local value = redis.call('HGET', KEYS[2], name)
  local owner, since, at
  if value then owner, since, at = string.match(value, '^(%x+) (%d+) (%S+)$') end
  local free = not owner or owner == ARGV[2] or (at == endpoint and ARGV[i + 2] == '+')
  if not free then
    if lives[owner] == nil then lives[owner] = redis.call('EXISTS', ARGV[3] .. owner) == 1 end
    free = not lives[owner]
  end
  if free then
    if arrival == 0 and owner and at == endpoint then arrival = tonumber(since) end
    if arrival == 0 then
      newest = math.max(newest + 1, now)
      arrival = newest
    end
    local text = string.format('%.0f', arrival)
    local new = ARGV[2] .. ' ' .. text .. ' ' .. endpoint
    if new ~= value or ARGV[5] ~= '1' then
      redis.call('HSET', KEYS[2], name, new)
      entry[#entry + 1] = '+'
      entry[#entry + 1] = text .. ' ' .. endpoint .. ' ' .. name
    end
    reply[#reply + 1] = arrival
  else
    reply[#reply + 1] = 0
  end
end
if #entry > 0 then
  seq = seq + 1
  reply[1] = seq
  local number = string.format('%.0f', seq)
  redis.call('HSET', KEYS[1], 'seq', number, 'arrival', string.format('%.0f', newest))
  redis.call('XADD', KEYS[3], 'MAXLEN', '~', ARGV[4], '*',
    'e', ARGV[1], 's', number, 'o', ARGV[2], unpack(entry))
end
return reply
";

/// Gives back names that a server has; those that it does not have stay. Another server's names
/// are given back only where its lease has ended.
///
/// KEYS: epoch, names, changes. ARGV: epoch, the server whose names they are, its lease or nothing
/// where it is the caller, ENTRIES_KEPT; then the names.
/// Returns: seq. `-1`: it is another epoch.
pub const RELEASE: &str = "\
local world = redis.call('HMGET', KEYS[1], 'id', 'seq')
if world[1] ~= ARGV[1] then return -1 end
local seq, entry = tonumber(world[2]), {}
if ARGV[3] ~= '' and redis.call('EXISTS', ARGV[3]) == 1 then return seq end
local owner = ARGV[2] .. ' '
for i = 5, #ARGV do
  local value = redis.call('HGET', KEYS[2], ARGV[i])
  if value and string.sub(value, 1, #owner) == owner then
    redis.call('HDEL', KEYS[2], ARGV[i])
    entry[#entry + 1] = '-'
    entry[#entry + 1] = ARGV[i]
  end
end
if #entry > 0 then
  seq = seq + 1
  local number = string.format('%.0f', seq)
  redis.call('HSET', KEYS[1], 'seq', number)
  redis.call('XADD', KEYS[3], 'MAXLEN', '~', ARGV[4], '*',
    'e', ARGV[1], 's', number, 'o', ARGV[2], unpack(entry))
end
return seq
";

/// One step of a full read. A field that is too long to be a name of ours stays in the engine.
///
/// KEYS: names. ARGV: cursor, PAGE_NAMES.
/// Returns: the next cursor (`0`: that was all), then name, value, name, value...
pub const READ: &str = "\
local page = redis.call('HSCAN', KEYS[1], ARGV[1], 'COUNT', ARGV[2])
local reply = {page[1]}
for i = 1, #page[2], 2 do
  if #page[2][i] <= 255 and #page[2][i + 1] <= 120 then
    reply[#reply + 1] = page[2][i]
    reply[#reply + 1] = page[2][i + 1]
  end
end
return reply
";

/// A script of the engine's.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Script {
    /// [`ENTER`].
    Enter,
    /// [`CLAIM`].
    Claim,
    /// [`RELEASE`].
    Release,
    /// [`READ`].
    Read,
}

/// All scripts, in the order in which they are loaded.
pub const SCRIPTS: [Script; 4] = [Script::Enter, Script::Claim, Script::Release, Script::Read];

impl Script {
    /// Its text.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Enter => ENTER,
            Self::Claim => CLAIM,
            Self::Release => RELEASE,
            Self::Read => READ,
        }
    }
}

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

/// A server, as the others know it: another number at each start.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ServerId(pub u64);

/// Which life of the engine's data it is: after FLUSHALL there is another one.
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

/// The keys of one world.
#[derive(Clone, Debug)]
pub struct Keys {
    epoch: String,
    names: String,
    changes: String,
    leases: String,
    server: ServerId,
}

impl Keys {
    /// Those of `server` in the world of this prefix.
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

/// A name that is wanted.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Claim {
    /// The name.
    pub name: Name,
    /// Where this person awaits calls.
    pub address: SocketAddr,
    /// The place in LIST that this person has already; 0: none.
    pub arrival: u64,
    /// Somebody who has just come.
    pub is_new: bool,
}

impl Claim {
    /// The third word about a claim, beside name and endpoint.
    fn standing(&self) -> String {
        if self.is_new { "+".to_string() } else { self.arrival.to_string() }
    }
}

/// An operation of the engine.
#[derive(Clone, Copy, Debug)]
pub enum Operation<'a> {
    /// Says who we are.
    Authenticate {
        /// Where the engine has users.
        user: Option<&'a str>,
        /// The password.
        password: &'a str,
    },
    /// Chooses one of the numbered databases.
    Select(u32),
    /// Hands a script over.
    Load(Script),
    /// See [`ENTER`].
    Enter {
        /// The epoch to be, where there is none.
        fresh: Epoch,
    },
    /// See [`CLAIM`].
    Claim {
        /// As it was entered.
        epoch: Epoch,
        /// The lease has not ended since the last claims: those that stand make no entry.
        is_quiet: bool,
        /// At most [`BATCH_MAX`].
        claims: &'a [Claim],
    },
    /// See [`RELEASE`].
    Release {
        /// As it was entered.
        epoch: Epoch,
        /// The server that has these names.
        owner: ServerId,
        /// At most [`BATCH_MAX`].
        names: &'a [Name],
    },
    /// See [`READ`].
    Read {
        /// Where the last step ended; 0 at first.
        cursor: u64,
    },
    /// Keeps our lease.
    Renew,
    /// Asks which servers live.
    Leases(&'a [ServerId]),
    /// Waits for what comes behind this entry.
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
    let told = claims.iter().map(|it| (endpoint(it.address), it.standing()));
    let told: Vec<_> = told.collect();
    let mut words_ = vec!["EVALSHA", sha, "4", &keys.epoch, &keys.names, &keys.changes, &mine];
    words_.extend([&*epoch, &*server, &*keys.leases, &*kept, quiet]);
    for (claim, (endpoint, arrival)) in claims.iter().zip(&told) {
        words_.extend([claim.name.as_str(), endpoint, arrival]);
    }
    words(&words_, out);
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
    let mut words_ = vec!["EVALSHA", sha, "3", &keys.epoch, &keys.names, &keys.changes];
    words_.extend([&*epoch, &*owner, &*lease, &*kept]);
    words_.extend(names.iter().map(Name::as_str));
    words(&words_, out);
}

fn words(words: &[&str], out: &mut Vec<u8>) {
    let words: Vec<_> = words.iter().map(|word| word.as_bytes()).collect();
    encode_command(&words, out);
}

/// An endpoint as it stands in the engine: `1.2.3.4:5`, `[::1]:5`.
fn endpoint(address: SocketAddr) -> String {
    let mut text = Vec::new();
    address::encode_bracketed(address.into(), &mut text);
    String::from_utf8(text).expect("an address is ASCII")
}

// The replies. `None`: the reply is nonsense.

/// The reply to [`ENTER`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Entered {
    /// The epoch.
    pub epoch: Epoch,
    /// How many entries the stream has had.
    pub seq: u64,
    /// The last of them.
    pub last: EntryId,
    /// Our lease had not ended.
    pub is_held: bool,
}

impl Entered {
    /// Reads it.
    #[must_use]
    pub fn read(reply: &OwnedFrame) -> Option<Self> {
        let [epoch, seq, last, held] = items(reply)? else { return None };
        Some(Self {
            epoch: Epoch(hex(epoch)?),
            seq: text_of(seq)?.parse().ok()?,
            last: entry_id(last)?,
            is_held: number(held)? == 1,
        })
    }
}

/// The reply to [`CLAIM`].
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Claimed {
    /// There is no lease, or another epoch: enter again.
    Outside,
    /// The result.
    Answered {
        /// How many entries the stream has had.
        seq: u64,
        /// For each name its arrival. `None`: it is somebody else's.
        arrivals: Vec<Option<u64>>,
    },
}

impl Claimed {
    /// Reads it, for so many names.
    #[must_use]
    pub fn read(reply: &OwnedFrame, names: usize) -> Option<Self> {
        let (seq, arrivals) = items(reply)?.split_first()?;
        if number(seq)? == -1 {
            return Some(Self::Outside);
        }
        let seq = u64::try_from(number(seq)?).ok()?;
        let arrival = |it| Some(Some(u64::try_from(number(it)?).ok()?).filter(|&it| it > 0));
        let arrivals: Option<Vec<_>> = arrivals.iter().map(arrival).collect();
        let arrivals = arrivals.filter(|it| it.len() == names)?;
        Some(Self::Answered { seq, arrivals })
    }
}

/// The reply to [`RELEASE`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Released {
    /// There is another epoch: enter again.
    Outside,
    /// How many entries the stream has had.
    At(u64),
}

impl Released {
    /// Reads it.
    #[must_use]
    pub fn read(reply: &OwnedFrame) -> Option<Self> {
        let seq = number(reply)?;
        if seq == -1 { Some(Self::Outside) } else { u64::try_from(seq).ok().map(Self::At) }
    }
}

/// Somebody, as the engine has it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NameRecord {
    /// The name.
    pub name: Name,
    /// Where calls are awaited.
    pub address: SocketAddr,
    /// The place in LIST.
    pub arrival: u64,
}

/// The reply to [`READ`].
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Page {
    /// Where to go on; 0: that was all.
    pub cursor: u64,
    /// People, and the server of each.
    pub people: Vec<(ServerId, NameRecord)>,
    /// How many fields were nobody's that we know.
    pub skipped: u64,
}

impl Page {
    /// Reads it.
    #[must_use]
    pub fn read(reply: &OwnedFrame) -> Option<Self> {
        let (cursor, fields) = items(reply)?.split_first()?;
        let cursor = text_of(cursor)?.parse().ok()?;
        let mut page = Self { cursor, people: Vec::new(), skipped: 0 };
        for field in fields.chunks(2) {
            match field {
                [name, value] => match person(name, value) {
                    Some(person) => page.people.push(person),
                    None => page.skipped += 1,
                },
                _ => return None,
            }
        }
        Some(page)
    }
}

fn person(name: &OwnedFrame, value: &OwnedFrame) -> Option<(ServerId, NameRecord)> {
    let mut words = text_of(value)?.split(' ');
    let (server, arrival) = (words.next()?, words.next()?);
    let record = record(name_of(text_of(name)?)?, arrival, words.next()?)?;
    let is_all = words.next().is_none();
    Some((ServerId(hex_of(server)?), record)).filter(|_| is_all)
}

fn record(name: Name, arrival: &str, endpoint: &str) -> Option<NameRecord> {
    let address = endpoint.parse().ok()?;
    let arrival = arrival.parse().ok().filter(|&it| it < ARRIVAL_END)?;
    Some(NameRecord { name, address, arrival })
}

/// A name exactly as a server writes it.
fn name_of(text: &str) -> Option<Name> {
    Name::parse(text.as_bytes()).ok().filter(|name| name.as_str() == text)
}

/// Whether our lease was still there to be renewed.
#[must_use]
pub fn renewed(reply: &OwnedFrame) -> Option<bool> {
    Some(number(reply)? == 1)
}

/// Which of so many servers live.
#[must_use]
pub fn leases(reply: &OwnedFrame, servers: usize) -> Option<Vec<bool>> {
    let items = items(reply).filter(|it| it.len() == servers)?;
    Some(items.iter().map(|it| *it != OwnedFrame::Null).collect())
}

/// An entry of the stream.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StreamEntry {
    /// Its id.
    pub id: EntryId,
    /// Its news. `None`: somebody else wrote it.
    pub news: Option<News>,
}

/// The news in an entry of ours.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct News {
    /// The epoch in which it was written.
    pub epoch: Epoch,
    /// Its number.
    pub seq: u64,
    /// The server whose names change.
    pub server: ServerId,
    /// How, in order.
    pub changes: Vec<Change>,
}

/// A change of a name.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Change {
    /// It is this server's now.
    Joined(NameRecord),
    /// It is nobody's any more.
    Left(Name),
}

/// The entries of a reply to [`Operation::Follow`]; none where nothing came in time.
#[must_use]
pub fn entries(reply: &OwnedFrame) -> Option<Vec<StreamEntry>> {
    if *reply == OwnedFrame::Null {
        return Some(Vec::new());
    }
    let [stream] = items(reply)? else { return None };
    let [_, entries] = items(stream)? else { return None };
    items(entries)?.iter().map(entry).collect()
}

fn entry(frame: &OwnedFrame) -> Option<StreamEntry> {
    let [id, fields] = items(frame)? else { return None };
    Some(StreamEntry { id: entry_id(id)?, news: items(fields).and_then(news) })
}

fn news(fields: &[OwnedFrame]) -> Option<News> {
    let [e, epoch, s, seq, o, server, changes @ ..] = fields else { return None };
    if [e, s, o].map(text_of) != [Some("e"), Some("s"), Some("o")] || changes.is_empty() {
        return None;
    }
    let changes: Option<Vec<_>> = changes.chunks(2).map(change).collect();
    Some(News {
        epoch: Epoch(hex(epoch)?),
        seq: text_of(seq)?.parse().ok()?,
        server: ServerId(hex(server)?),
        changes: changes?,
    })
}

fn change(pair: &[OwnedFrame]) -> Option<Change> {
    let [field, value] = pair else { return None };
    let value = text_of(value)?;
    match text_of(field)? {
        "+" => {
            let mut words = value.splitn(3, ' ');
            let (arrival, endpoint) = (words.next()?, words.next()?);
            record(name_of(words.next()?)?, arrival, endpoint).map(Change::Joined)
        }
        "-" => name_of(value).map(Change::Left),
        _ => None,
    }
}

fn items(frame: &OwnedFrame) -> Option<&[OwnedFrame]> {
    if let OwnedFrame::Array(items) = frame { Some(items) } else { None }
}

fn text_of(frame: &OwnedFrame) -> Option<&str> {
    match frame {
        OwnedFrame::BulkString(bytes) | OwnedFrame::SimpleString(bytes) => {
            std::str::from_utf8(bytes).ok()
        }
        OwnedFrame::Error(_) | OwnedFrame::Integer(_) | OwnedFrame::Array(_) | OwnedFrame::Null => {
            None
        }
    }
}

fn number(frame: &OwnedFrame) -> Option<i64> {
    if let OwnedFrame::Integer(number) = frame { Some(*number) } else { None }
}

fn entry_id(frame: &OwnedFrame) -> Option<EntryId> {
    let (millis, count) = text_of(frame)?.split_once('-')?;
    Some(EntryId(millis.parse().ok()?, count.parse().ok()?))
}

fn hex(frame: &OwnedFrame) -> Option<u64> {
    hex_of(text_of(frame)?)
}

fn hex_of(text: &str) -> Option<u64> {
    let is_ours = text.len() == 16 && is_hex(text);
    u64::from_str_radix(text, 16).ok().filter(|_| is_ours)
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}
