//! The directory: it knows who is online. It knows the protocol, and no socket.
//!
//! Steps 4 to 6 use it. directory.py is the same in Python, and the real one is
//! src/directory/mod.rs.

use std::collections::BTreeMap;
use std::io::{Write, stdout};
use std::net::IpAddr;

#[derive(Default)]
pub(crate) struct Directory {
    /// The key of a connection, with the name and the `ip:port` of its user.
    online: BTreeMap<usize, (String, String)>,
}

impl Directory {
    /// Does what one line asks for. Returns the answer: empty where the protocol has none.
    pub(crate) fn on_line(&mut self, key: usize, ip: IpAddr, line: &str) -> String {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "USER" => {
                let (name, port) = rest.rsplit_once(':').unwrap_or((rest, "0"));
                self.online.insert(key, (name.to_string(), format!("{ip}:{port}")));
                say(&format!("{name} is online"));
                String::new()
            }
            "LIST" => {
                let others = self.online.iter().filter(|(other, _)| **other != key);
                let names: Vec<_> = others.map(|(_, (name, _))| name.as_str()).collect();
                format!("LIST {}\r\n", names.join(":"))
            }
            "ADDR" => {
                let found = self.online.values().find(|(name, _)| name == rest);
                found.map(|(_, address)| format!("ADDR {address}\r\n")).unwrap_or_default()
            }
            _ => String::new(), // KEEP
        }
    }

    pub(crate) fn leave(&mut self, key: usize) {
        if let Some((name, _)) = self.online.remove(&key) {
            say(&format!("{name} has left"));
        }
    }
}

/// Prints one line. If nobody reads it, the server goes on.
pub(crate) fn say(text: &str) {
    let _ = writeln!(stdout(), "{text}");
}
