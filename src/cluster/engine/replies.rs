//! The replies of the engine, validated. `None`: the reply has another shape than the command's.
//!
//! Must not know the connection of a reply. Read next: [`crate::cluster::session`].

use std::net::SocketAddr;

use redis_protocol::resp2::types::OwnedFrame;

use super::{ARRIVAL_END, EntryId, Epoch, ServerId};
use crate::wire::name::Name;

/// The reply to [`super::ENTER`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Entered {
    /// The epoch.
    pub epoch: Epoch,
    /// How many entries the stream has had.
    pub seq: u64,
    /// The last of them.
    pub last: EntryId,
    /// Our lease had not ended before.
    pub is_held: bool,
}

impl Entered {
    /// Reads the reply.
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

/// The reply to [`super::CLAIM`].
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Claimed {
    /// There is no lease, or another epoch: enter again.
    Outside,
    /// The result.
    Answered {
        /// How many entries the stream has had.
        seq: u64,
        /// For each name its arrival. `None`: another person has it.
        arrivals: Vec<Option<u64>>,
    },
}

impl Claimed {
    /// Reads the reply to a claim of this many names.
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

/// The reply to [`super::RELEASE`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Released {
    /// There is another epoch: enter again.
    Outside,
    /// How many entries the stream has had.
    At(u64),
}

impl Released {
    /// Reads the reply.
    #[must_use]
    pub fn read(reply: &OwnedFrame) -> Option<Self> {
        let seq = number(reply)?;
        if seq == -1 { Some(Self::Outside) } else { u64::try_from(seq).ok().map(Self::At) }
    }
}

/// A name and its person in the engine.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NameRecord {
    /// The name.
    pub name: Name,
    /// The address for calls.
    pub address: SocketAddr,
    /// The place in LIST.
    pub arrival: u64,
}

/// The reply to [`super::READ`].
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Page {
    /// The cursor of the next page; 0: this was the last.
    pub cursor: u64,
    /// People, and the server of each.
    pub people: Vec<(ServerId, NameRecord)>,
    /// How many fields no server of ours wrote.
    pub skipped: u64,
}

impl Page {
    /// Reads the reply.
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

/// A name in exactly the form in which a server writes it.
fn name_of(text: &str) -> Option<Name> {
    Name::parse(text.as_bytes()).ok().filter(|name| name.as_str() == text)
}

/// Whether our lease had not ended.
#[must_use]
pub fn renewed(reply: &OwnedFrame) -> Option<bool> {
    Some(number(reply)? == 1)
}

/// For each server, whether it lives.
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
    /// Its news. `None`: no server of ours wrote it.
    pub news: Option<News>,
}

/// The news in an entry.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct News {
    /// The epoch of the entry.
    pub epoch: Epoch,
    /// Its number.
    pub seq: u64,
    /// The server whose names change.
    pub server: ServerId,
    /// The changes, in order.
    pub changes: Vec<Change>,
}

/// A change of a name.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Change {
    /// The server has claimed it.
    Joined(NameRecord),
    /// The server has released it.
    Left(Name),
}

/// The entries of a reply to [`super::Operation::Follow`]. There may be none.
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

pub(super) fn text_of(frame: &OwnedFrame) -> Option<&str> {
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

pub(super) fn is_hex(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}
