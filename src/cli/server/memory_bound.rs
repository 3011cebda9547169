//! The most memory that a server can need with its limits, for operators of small hosts.
//!
//! Arithmetic over the bounds in `docs/LIMITS.md`, which has the formula and its reasons. The
//! kernel's memory for each socket is additional, and does not count for `RLIMIT_AS`.

use crate::buffers::output::SEGMENT_BYTES;
use crate::directory::OLD_LISTS_BYTES_MAX;
use crate::event_loop::READ_BYTES_PER_TURN;
use crate::event_loop::connection::OUTPUT_SOFT_BYTES;
use crate::event_loop::connections::HELD_BYTES_MAX;
use crate::wire::REQUEST_BYTES_MAX;
use crate::wire::name::NAME_BYTES_MAX;

/// The program, its stack, its log and all else that does not grow with clients.
pub const PROCESS_BYTES: u64 = 8 * 1024 * 1024;

/// A client without buffers: its places in the tables of the loop and of the directory, twice the
/// measured size, because tables grow by doubling; and an unfinished line, also twice.
pub const CLIENT_BYTES: u64 = 512 + 2 * REQUEST_BYTES_MAX as u64;

/// Most bytes in the buffers of one client: lines that wait because answers are not out yet, and
/// answers that it does not read.
pub const BUFFERED_BYTES: u64 = (READ_BYTES_PER_TURN + OUTPUT_SOFT_BYTES + SEGMENT_BYTES) as u64;

/// The longest LIST of so many clients: `LIST name:name: … \r\n`.
#[must_use]
pub fn longest_list(clients: u64) -> u64 {
    let line = b"LIST \r\n".len() as u64;
    clients.saturating_mul(NAME_BYTES_MAX as u64 + 1).saturating_add(line)
}

/// Most memory with so many clients, in bytes, if each of them does the worst: it asks for a LIST
/// that no other client received and does not read it, and asks for more than it reads.
#[must_use]
pub fn worst_case(clients: u64) -> u64 {
    let of_clients = clients.saturating_mul(CLIENT_BYTES);
    // One client may go beyond the bound before another is closed for it. Twice: the allocator
    // keeps gaps between buffers (31 MB were measured for 16).
    let buffered = clients.saturating_mul(BUFFERED_BYTES);
    let buffered = buffered.min(HELD_BYTES_MAX as u64 + BUFFERED_BYTES).saturating_mul(2);
    // Two for each client, and the current one.
    let list = longest_list(clients);
    let lists = list.saturating_mul(clients.saturating_mul(2).saturating_add(1));
    let lists = lists.min((OLD_LISTS_BYTES_MAX as u64).saturating_add(list.saturating_mul(2)));
    [of_clients, buffered, lists].into_iter().fold(PROCESS_BYTES, u64::saturating_add)
}

/// The most clients with whom a server stays within so many bytes.
#[must_use]
pub fn clients_within(bytes: u64) -> u64 {
    let (mut fits, mut too_many) = (0, u64::from(u32::MAX));
    while too_many - fits > 1 {
        let middle = fits + (too_many - fits) / 2;
        if worst_case(middle) <= bytes {
            fits = middle;
        } else {
            too_many = middle;
        }
    }
    fits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_is_that_of_its_parts() {
        assert_eq!(longest_list(100), 25_607);
        assert_eq!((CLIENT_BYTES, BUFFERED_BYTES), (1_536, 98_304));
        assert_eq!(worst_case(0), PROCESS_BYTES + 7);
        assert_eq!(worst_case(100), 8_388_608 + 100 * (1_536 + 2 * 98_304) + 201 * 25_607);
        let lists = 16_777_216 + 2 * 2_560_007;
        let buffered = 2 * (16_777_216 + 98_304);
        assert_eq!(worst_case(10_000), 8_388_608 + 15_360_000 + buffered + lists);
        assert_eq!(worst_case(u64::MAX), u64::MAX, "too much is better than a small wrong number");
    }

    #[test]
    fn as_many_as_fit_and_not_one_more() {
        for bytes in [32 << 20, 64 << 20, 1 << 30] {
            let clients = clients_within(bytes);
            assert!(worst_case(clients) <= bytes && worst_case(clients + 1) > bytes);
        }
        assert_eq!(clients_within(PROCESS_BYTES - 1), 0);
    }

    /// The table in the documents, row by row: `| 100 clients | 23 MiB |`.
    #[test]
    fn the_table_in_the_limits_is_what_the_formula_says() {
        let rows = include_str!("../../../docs/LIMITS.md").lines().filter_map(|line| {
            let (clients, rest) = line.strip_prefix("| ")?.split_once(" clients | ")?;
            let number = |text: &str| text.replace(',', "").parse::<u64>().ok();
            Some((number(clients)?, number(rest.split_once(" MiB |")?.0)?))
        });
        let rows: Vec<_> = rows.collect();
        assert!(rows.len() >= 4, "{rows:?}");
        for (clients, mib) in rows {
            assert_eq!(worst_case(clients).div_ceil(1 << 20), mib, "{clients} clients");
        }
    }
}
