//! The output of `papo who`: one name in each line, or one JSON object.
//!
//! Strangers chose the names, and a server may pass them on unchecked.

use std::net::SocketAddr;

use super::json_string::string;
use super::visible::visible;

/// One name in each line, made harmless.
#[must_use]
pub fn lines(names: &[Vec<u8>]) -> String {
    names.iter().map(|name| visible(name) + "\n").collect()
}

/// `{"server":"127.0.0.1:10000","online":["Ana","Bruno"]}`, and a line end. Bytes that are no
/// UTF-8 become U+FFFD: JSON has no others.
#[must_use]
pub fn json(server: SocketAddr, names: &[Vec<u8>]) -> String {
    let names: Vec<_> = names.iter().map(|name| string(&String::from_utf8_lossy(name))).collect();
    format!("{{\"server\":\"{server}\",\"online\":[{}]}}\n", names.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&[u8]]) -> Vec<Vec<u8>> {
        names.iter().map(|name| name.to_vec()).collect()
    }

    #[test]
    fn each_name_is_one_harmless_line() {
        let names = names(&["José".as_bytes(), b"A\x1b[2J"]);
        assert_eq!(lines(&names), "José\nA^[[2J\n");
        assert_eq!(lines(&[]), "");
    }

    #[test]
    fn any_name_becomes_valid_json() {
        let server = SocketAddr::from(([127, 0, 0, 1], 10_000));
        let strange = names(&[b"Ana", b"\"\\\x1b\xff"]);
        let expected = "{\"server\":\"127.0.0.1:10000\",\
                        \"online\":[\"Ana\",\"\\\"\\\\\\u001b\u{fffd}\"]}\n";
        assert_eq!(json(server, &strange), expected);
        let nobody = "{\"server\":\"127.0.0.1:10000\",\"online\":[]}\n";
        assert_eq!(json(server, &[]), nobody);
    }
}
