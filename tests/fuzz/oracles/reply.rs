//! Replies: a second parser, and the peer reads what the server writes.

use std::net::SocketAddr;

use papo::wire::name::Name;
use papo::wire::reply::{self, Edition, Reply};

use super::address;

pub fn check(line: &[u8]) {
    check_parse(line);
    // The same bytes as an answer of ours: a name, and an address.
    let (name, text) = line.split_at(line.iter().position(|&byte| byte == b':').unwrap_or(0));
    if let (Ok(name), Some(at)) = (Name::parse(name), text.get(1..).and_then(address::reference)) {
        check_addr(&name, at);
    }
    let names: Vec<_> = line.split(|&byte| byte == b':').flat_map(Name::parse).collect();
    check_list(&names);
}

fn check_parse(line: &[u8]) {
    let found = Reply::parse(line);
    let shown = line.escape_ascii();
    match line.split_at_checked(4) {
        Some((b"LIST", b"")) => assert_eq!(found, Some(Reply::List(b"")), "{shown}"),
        Some((b"LIST", [b' ', names @ ..])) => {
            assert_eq!(found, Some(Reply::List(names)), "{shown}");
            assert_eq!(reply::names(names).collect::<Vec<_>>(), list(names), "{shown}");
        }
        Some((b"ADDR", [b' ', text @ ..])) => assert_eq!(found, Some(addr(text)), "{shown}"),
        _ => assert_eq!(found, None, "{shown}"),
    }
}

/// The names in a list, cut at each colon.
fn list(text: &[u8]) -> Vec<&[u8]> {
    let pieces = text.split(|&byte| byte == b':').map(trim);
    pieces.filter(|name| !name.is_empty()).collect()
}

/// A whole address, or a name and an address.
fn addr(text: &[u8]) -> Reply<'_> {
    if let Some(address) = address::reference(text) {
        return Reply::Addr { name: None, address };
    }
    let mut pieces = text.splitn(2, |&byte| byte == b':');
    match (pieces.next(), pieces.next().and_then(address::reference)) {
        (Some(name), Some(address)) => Reply::Addr { name: Some(trim(name)), address },
        _ => Reply::BadAddr,
    }
}

fn check_addr(name: &Name, address: SocketAddr) {
    for edition in [Edition::Of2024, Edition::Of2026] {
        let mut bytes = Vec::new();
        reply::encode_addr(edition, name, address.into(), &mut bytes);
        let line = bytes.strip_suffix(b"\r\n").expect("its end");
        let name = Some(name.as_bytes()).filter(|_| edition == Edition::Of2026);
        assert_eq!(Reply::parse(line), Some(Reply::Addr { name, address }));
    }
}

fn check_list(names: &[Name]) {
    let names: Vec<_> = names.iter().map(Name::as_str).collect();
    let line = format!("LIST {}", names.join(":"));
    let Some(Reply::List(list)) = Reply::parse(line.as_bytes()) else { panic!("{line}") };
    let read: Vec<_> = reply::names(list).map(|name| String::from_utf8_lossy(name)).collect();
    assert_eq!(read, names, "who is on a list is read from it");
}

fn trim(bytes: &[u8]) -> &[u8] {
    let is_blank = |byte: &u8| b" \t\n\x0B\x0C\r".contains(byte);
    let start = bytes.iter().take_while(|byte| is_blank(byte)).count();
    let end = bytes[start..].iter().rev().take_while(|byte| is_blank(byte)).count();
    &bytes[start..bytes.len() - end]
}
