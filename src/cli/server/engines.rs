//! `--directory`: the addresses and the logins of the engines.
//!
//! Names are looked up here, once: a lookup blocks, so it is before the loop starts. Read next:
//! [`super`].

use crate::cli::Failure;
use crate::cli::arguments::addresses;
use crate::cli::arguments::options::Choices;
use crate::cli::system::random_number;
use crate::cluster::engine::ServerId;
use crate::cluster::rules::{Engine, Rules};
use crate::console::language::{Text, text};

/// The default host and port of Redis and Valkey.
const ENGINE_PLACE: (&str, u16) = ("127.0.0.1", 6379);

/// The default beginning of the keys.
const PREFIX: &str = "papo";

/// Most bytes of a prefix: it is in every key.
const PREFIX_BYTES_MAX: usize = 64;

const SCHEME: &str = "redis://";

/// The user, the password and the database of an engine.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
struct Login {
    user: Option<String>,
    password: Option<String>,
    database: u32,
}

/// The rules of a server that shares its directory. `None`: it does not.
pub(super) fn rules(matches: &Choices) -> Result<Option<Rules>, Failure> {
    let Some(wanted) = matches.opt_str("directory") else { return Ok(None) };
    let mut engines = Vec::new();
    for (host, Login { user, password, database }) in split(matches, &wanted)? {
        for address in addresses::resolve(&host, ENGINE_PLACE)? {
            let (user, password) = (user.clone(), password.clone());
            engines.push(Engine { address, user, password, database });
        }
    }
    let server = ServerId(random_number());
    Ok(Some(Rules { engines, prefix: prefix(matches)?, server }))
}

fn prefix(matches: &Choices) -> Result<String, Failure> {
    let text = matches.opt_str("directory-prefix").unwrap_or_else(|| PREFIX.to_string());
    let is_good = |byte: u8| byte.is_ascii_graphic();
    if text.len() <= PREFIX_BYTES_MAX && text.bytes().all(is_good) {
        return Ok(text);
    }
    Err(matches.wrong("directory-prefix", "1-64 letters", &text))
}

/// The hosts, each with its login. A host without one has that of the host before.
fn split(matches: &Choices, wanted: &str) -> Result<Vec<(String, Login)>, Failure> {
    let mut engines = Vec::new();
    let mut login = Login::default();
    for part in wanted.split(',') {
        let parsed = part_of(part, &login).ok_or_else(|| wrong(matches, part))?;
        login = parsed.1.clone();
        engines.push(parsed);
    }
    if wanted.starts_with(SCHEME) { Ok(engines) } else { Err(wrong(matches, wanted)) }
}

/// The failure for a wrong URL. It does not repeat a password.
fn wrong(matches: &Choices, part: &str) -> Failure {
    const WRONG: Text = text!(
        "{option} takes redis://[user:password@]HOST[:PORT][/DB], several with commas, not {text}",
        "{option} aceita redis://[user:password@]HOST[:PORT][/DB], com vírgulas, e não {text}",
    );
    const TLS: Text = text!(
        "{option} speaks no TLS: let a tunnel do that, and name its end with redis://",
        "{option} não usa TLS: deixe isso com um túnel, e indique a ponta dele com redis://",
    );
    let option = matches.spelled("directory");
    if part.starts_with("rediss://") {
        return Failure::usage(TLS, &[("option", &option)]);
    }
    let text = part.rsplit_once('@').map_or(part, |(_, behind)| behind);
    Failure::usage(WRONG, &[("option", &option), ("text", &text)])
}

fn part_of(part: &str, before: &Login) -> Option<(String, Login)> {
    let is_whole = part.starts_with(SCHEME);
    let rest = part.strip_prefix(SCHEME).unwrap_or(part);
    if rest.contains("//") {
        return None;
    }
    let (login, place) = match rest.rsplit_once('@') {
        Some((login, place)) => (Some(login), place),
        None => (None, rest),
    };
    let (host, database) = match place.split_once('/') {
        Some((host, "")) => (host, None),
        Some((host, number)) => (host, Some(number.parse().ok()?)),
        None => (place, None),
    };
    let mut parsed = if is_whole { Login::default() } else { before.clone() };
    if let Some(login) = login {
        let (user, password) = login.split_once(':')?;
        parsed.user = Some(decoded(user)?).filter(|user| !user.is_empty());
        parsed.password = Some(decoded(password)?);
    }
    parsed.database = database.unwrap_or(parsed.database);
    (!host.is_empty()).then(|| (host.to_string(), parsed))
}

/// Decodes `%40` to `@`: a password may contain the characters that separate the parts.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&byte, behind)) = rest.split_first() {
        rest = behind;
        if byte == b'%' {
            let digits = std::str::from_utf8(rest.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &rest[2..];
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn login(user: Option<&str>, password: Option<&str>, database: u32) -> Login {
        let owned = |text: &str| text.to_string();
        Login { user: user.map(owned), password: password.map(owned), database }
    }

    #[test]
    fn an_engine_is_a_host_with_what_lets_us_in() {
        let none = Login::default();
        let cases = [
            ("redis://db", "db", login(None, None, 0)),
            ("redis://db:7000/3", "db:7000", login(None, None, 3)),
            ("redis://:secret@db/", "db", login(None, Some("secret"), 0)),
            ("redis://papo:a%40b%3a@[::1]:7/2", "[::1]:7", login(Some("papo"), Some("a@b:"), 2)),
        ];
        for (text, host, expected) in cases {
            assert_eq!(part_of(text, &none), Some((host.to_string(), expected)), "{text}");
        }
        let before = login(Some("u"), Some("p"), 4);
        assert_eq!(part_of("other:7", &before), Some(("other:7".to_string(), before.clone())));
        for wrong in
            ["redis://", "redis://db/x", "redis://secret@db", "http://db", "", "redis://%zz:x@db"]
        {
            assert_eq!(part_of(wrong, &none), None, "{wrong}");
        }
    }
}
