//! Headers in any pieces, and damaged headers.

use proptest::prelude::*;

use super::scene::{PROXY, Scene, v1, v2, v2_client};

/// Headers of every kind, with a first line after them.
fn streams() -> impl Strategy<Value = Vec<u8>> {
    let v6 = "PROXY TCP6 2001:db8::7 2001:db8::1 5 6\r\n".as_bytes().to_vec();
    let unknown = b"PROXY UNKNOWN\r\n".to_vec();
    let extra = [&[10, 0, 0, 7, 10, 9, 0, 50, 1, 1, 1, 1][..], &[4, 0, 9], &[b'\n'; 9]].concat();
    let headers =
        vec![v1("10.0.0.7"), v6, unknown, v2_client(), v2(1, 0x11, &extra), v2(0, 0, &[])];
    let user = b"USER Ana:20000\r\nLIST\r\n";
    prop::sample::select(headers).prop_map(|header| [&header[..], user].concat())
}

/// The result of these pieces.
fn played(pieces: &[&[u8]]) -> Vec<String> {
    let mut scene = Scene::new();
    let caller = scene.accept(PROXY);
    for piece in pieces {
        scene.send(caller, piece);
    }
    scene.end(caller);
    scene.look()
}

/// The pieces of a stream that is cut at these places.
fn cut<'a>(stream: &'a [u8], places: &[prop::sample::Index]) -> Vec<&'a [u8]> {
    let mut places: Vec<_> = places.iter().map(|place| place.index(stream.len())).collect();
    places.sort_unstable();
    let (mut pieces, mut rest, mut at) = (Vec::new(), stream, 0);
    for place in places {
        let (piece, behind) = rest.split_at(place - at);
        pieces.extend((!piece.is_empty()).then_some(piece));
        (rest, at) = (behind, place);
    }
    pieces.push(rest);
    pieces
}

fn cases() -> ProptestConfig {
    ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn the_pieces_in_which_a_header_comes_do_not_matter(
        stream in streams(),
        places in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
    ) {
        prop_assert_eq!(played(&cut(&stream, &places)), played(&[&stream]));
    }

    /// A damaged header is refused, or is another valid header. No byte of it becomes a line, so only
    /// Ana ever joins. The next client is served.
    #[test]
    fn a_damaged_header_does_no_harm(
        stream in streams(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        places in prop::collection::vec(any::<prop::sample::Index>(), 0..4),
    ) {
        let mut damaged = stream.clone();
        let header_len = stream.len() - b"USER Ana:20000\r\nLIST\r\n".len();
        for (place, byte) in damage {
            damaged[place.index(header_len)] = byte;
        }
        let mut scene = Scene::new();
        let caller = scene.accept(PROXY);
        for piece in cut(&damaged, &places) {
            scene.send(caller, piece);
        }
        scene.end(caller);
        let log = scene.look();
        let joins = log.iter().filter(|line| line.contains(" joins at "));
        prop_assert!(joins.clone().count() <= 1, "{:?}", log);
        prop_assert!(joins.clone().all(|line| line.starts_with("Ana joins at ")), "{:?}", log);
        prop_assert!(!scene.is_open(caller), "{:?}", log);
        let bruno = scene.accept(PROXY);
        scene.send(bruno, &[&v1("10.0.0.8")[..], b"USER Bruno:21500\r\n"].concat());
        scene.expect(["Bruno joins at 10.0.0.8:21500"]);
    }

    /// Bytes that are no header.
    #[test]
    fn any_bytes_of_a_proxy_do_no_harm(bytes in prop::collection::vec(any::<u8>(), 1..600)) {
        let log = played(&[&bytes]);
        prop_assert!(log.len() <= 2, "{:?}", log);
        prop_assert!(log.iter().all(|line| !line.contains(" joins at ")), "{:?}", log);
    }
}
