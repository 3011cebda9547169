//! Any bytes: no parser panics on them.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use papo::wire::address;
use papo::wire::name::Name;
use papo::wire::reply::{self, Reply};
use papo::wire::request::Request;
use papo::wire::speech::{self, Speech};

use super::thousands;

/// A line of words that parsers look for, and of random bytes.
pub(super) fn hostile_line() -> impl Strategy<Value = Vec<u8>> {
    let words = [
        "USER ",
        "LIST",
        "KEEP",
        "ADDR ",
        "DISC",
        ":",
        " ",
        "\r",
        "\t",
        "\0",
        "Ana",
        "20000",
        "65536",
        "10.0.0.2",
        "[::1]",
        "::ffff:",
        "\u{1b}[2J",
        "\u{202E}",
        "\u{85}",
        "é",
        "٢",
    ];
    let word = select(words.to_vec()).prop_map(|word| word.as_bytes().to_vec());
    let noise = vec(any::<u8>().prop_filter("one line", |&byte| byte != b'\n'), 0..8);
    vec(prop_oneof![4 => word, 1 => noise], 0..10).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(thousands())]

    #[test]
    fn no_bytes_make_a_parser_panic(line in hostile_line()) {
        let _ = Request::parse(&line);
        let _ = Reply::parse(&line).map(|_| reply::names(&line).count());
        let _ = Speech::parse(&line);
        let _ = speech::caller_name(&line);
        let _ = Name::parse(&line);
        let _ = address::parse(&line);
        if let Some(port) = address::parse_port(&line) {
            prop_assert_ne!(port, 0);
        }
    }
}
