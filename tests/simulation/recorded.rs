//! The recordings of a seed: one for each process, from its start to its end.
//!
//! The program's own recorder writes them, so a seed can be played as a real session can. A
//! process that was killed leaves what it had recorded. Read next: `docs/RECORDING.md`.

use std::fs;
use std::io;
use std::path::Path;

use papo::directory::Directory;
use papo::recording::state::Recorded;
use papo::recording::{Header, Recording};

use super::agenda::NodeId;
use super::brain::Brain;
use super::witness::Witness;

/// The recorder of a process, where there is one.
pub(crate) type SimRecorder = Option<Recording<Vec<u8>>>;

impl Recorded for Witness {
    fn directory(&self) -> Option<&Directory> {
        match self.planted().brain() {
            Brain::Directory(directory) => Some(directory),
            Brain::Peer(..) | Brain::Script(_) => None,
        }
    }
}

/// The recording so far.
#[derive(Debug, Default)]
pub(crate) struct Recordings {
    /// Whether anything is to be recorded at all.
    pub(crate) is_on: bool,
    /// Each process that is over, by the name of its file.
    files: Vec<(String, Vec<u8>)>,
    /// How many processes each node has had.
    starts: Vec<usize>,
}

impl Recordings {
    /// A process starts. `now`: by the world's time, which is the Unix time of a seed.
    pub(crate) fn begin(&mut self, node: NodeId, label: &str, now: u64) -> SimRecorder {
        if !self.is_on {
            return None;
        }
        if self.starts.len() <= node {
            self.starts.resize(node + 1, 0);
        }
        self.starts[node] += 1;
        let process = if label == "srv" { "server".to_string() } else { format!("peer {label}") };
        let pid = node as u32;
        let header = Header { process, pid, unix_ms: now, listening: Vec::new() };
        Some(Recording::new(Vec::new(), &header))
    }

    /// A process is over.
    pub(crate) fn keep(&mut self, node: NodeId, lines: Vec<u8>) {
        self.files.push((format!("{node:02}-{}.jsonl", self.starts[node]), lines));
    }

    /// All of them, by the names of their files.
    pub(crate) fn into_files(mut self) -> Vec<(String, Vec<u8>)> {
        self.files.sort();
        self.files
    }
}

/// Writes the files into a folder, which is made where there is none.
pub(crate) fn write(files: &[(String, Vec<u8>)], folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    files.iter().try_for_each(|(name, lines)| fs::write(folder.join(name), lines))
}
