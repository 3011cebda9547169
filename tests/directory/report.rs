//! The server's own figures.

use super::world::plays;

/// Each refused client is counted once. A silent client that was online has expired; a silent client
/// without a name was refused.
#[test]
fn a_report_counts_clients_online_refused_and_expired() {
    plays(
        r"
         0.000  server  is asked
         0.000  log     0 online, 0 refused, 0 expired
         0.000  ana     registers as Ana:20000
         1.000  eve     connects
         1.000  dora    connects
         1.000  ivo     connects from 10.0.0.9
         1.000  ivo     > USER Ana:1
         1.000  log     10.0.0.9 refused: Ana is taken
         1.000  ivo     is closed
         2.000  bruno   registers as Bruno:21500
         2.000  bruno   hangs up
         2.000  log     Bruno leaves: Closed, 1 online
         2.000  bruno   is closed
        15.008  log     Ana leaves: Expired, 0 online
        15.008  ana     is aborted
        16.016  log     10.0.0.1 refused: silent
        16.016  dora    is aborted
        16.016  log     10.0.0.1 refused: silent
        16.016  eve     is aborted
        17.000  server  is asked
        17.000  log     0 online, 3 refused, 1 expired
        ",
    );
}
