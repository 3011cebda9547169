//! Reads what `--trace` prints.

use std::net::SocketAddr;

/// The lines of the protocol in a peer's log, in order, such as `server > USER Ana:PORT`. Ports
/// are the system's choice and hidden; KEEP depends on how long the test takes, and is left out.
pub(crate) fn wire(log: &[String], server: SocketAddr) -> Vec<String> {
    let traced = log.iter().filter_map(|line| line.split_once(" wire ").map(|(_, rest)| rest));
    let lines = traced.map(|line| {
        let mut words = line.splitn(3, ' ');
        let other = words.next().expect("an address");
        let direction = words.next().expect("a direction");
        let other = if other == server.to_string() { "server" } else { "peer" };
        let text = words.next().unwrap_or_default();
        let text = text.strip_suffix(r"\r\n").expect("each of our lines ends in CR LF");
        format!("{other} {direction} {}", without_port(text))
    });
    lines.filter(|line| line != "server > KEEP").collect()
}

/// `USER Ana:20000` and `ADDR 127.0.0.1:20000` with `PORT` for the number.
fn without_port(line: &str) -> String {
    let is_instruction = line.starts_with("USER ") || line.starts_with("ADDR ");
    match line.rsplit_once(':') {
        Some((before, port)) if is_instruction && port.parse::<u16>().is_ok() => {
            format!("{before}:PORT")
        }
        _ => line.to_string(),
    }
}
