//! papo
pub mod cli;
pub mod conn_map;
pub mod directory;
pub mod event_loop;
pub mod machine;
pub mod peer;
pub mod terminal;
pub mod timer_wheel;
pub mod wire;
