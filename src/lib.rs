//! papo
pub mod conn_map;
pub mod directory;
pub mod machine;
pub mod timer_wheel;
pub mod wire;
