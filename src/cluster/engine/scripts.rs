//! The scripts for the engine, in Lua. The engine runs one script at a time, so no data changes
//! meanwhile.
//!
//! Read next: [`super::Operation`], which calls them.

/// Takes or renews the lease, and starts an epoch if there is none. It changes nothing if another
/// program has written one of the keys.
///
/// KEYS: epoch, names, changes, the lease. ARGV: a new epoch, LEASE_MS.
/// Returns: epoch, seq, id of the last entry (or `0-0`), 1 if the lease had not ended.
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

/// Claims names for a server. A claim succeeds if the name has no owner, if its owner's lease has
/// ended, or if the owner is this server. The claim of a newcomer also succeeds if the owner has
/// the same endpoint: it is the same person, who now uses another server. (An older client's claim
/// does not: the other may be newer.) No claim succeeds without a lease in this epoch.
///
/// KEYS: epoch, names, changes, the lease. ARGV: epoch, server, the beginning of all leases,
/// ENTRIES_KEPT, `1` if a name that this server already has makes no entry; then for each name:
/// name, endpoint, and `+` for a newcomer, or the arrival, or `0` if it has none yet.
/// Returns: seq, then for each name its arrival, or 0 if another person has it. Only `-1`:
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

/// Releases names of a server, and ignores names that it does not have. Another server's names are
/// released only if its lease has ended.
///
/// KEYS: epoch, names, changes. ARGV: epoch, the owner of the names, its lease or an empty string
/// if it is the caller, ENTRIES_KEPT; then the names.
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

/// One page of a full read, without fields that are too long to be a name.
///
/// KEYS: names. ARGV: cursor, PAGE_NAMES.
/// Returns: the next cursor (`0`: this was the last page), then name, value, name, value...
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

/// A script.
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
