//! See the oracle of this name in `tests/fuzz/oracles`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| papo_fuzz::editor::check(bytes));
