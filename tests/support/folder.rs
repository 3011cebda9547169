//! A folder of one test, removed when the test ends.

use std::fs;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// See the module's own documentation. It serves as its own [`Path`].
pub struct Folder(PathBuf);

/// The number of folders that this test program has made.
static MADE: AtomicU32 = AtomicU32::new(0);

impl Folder {
    /// A new and empty folder. No other test has the same one, whatever the name.
    pub fn new(name: &str) -> Self {
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let place = format!("papo-{name}-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(place);
        // An earlier process with our number may have been killed.
        let _ = fs::remove_dir_all(&path);
        fs::create_dir(&path).expect("a new folder");
        Self(path)
    }

    /// The path of a file in it, as text.
    pub fn file(&self, name: &str) -> String {
        self.join(name).to_str().expect("UTF-8").to_string()
    }

    /// Writes a file in it, with the folders above the file.
    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.join(name);
        fs::create_dir_all(path.parent().expect("our folder")).expect("folders");
        fs::write(&path, bytes).expect("is written");
        path
    }
}

impl Deref for Folder {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
