//! Has a file changed? Told by what the file system keeps of it, so that nothing is read in vain. A link counts as what
//! it leads to: that is how secrets are mounted and replaced in containers.

use std::{
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    time::Duration,
};

/// Between two looks.
pub const EVERY: Duration = Duration::from_secs(2);

/// One look at a file; `None` if it is not there or may not be seen.
type Look = Option<(u64, u64, u64, (i64, i64), (i64, i64))>;

fn look(path: &Path) -> Look {
    let m = std::fs::metadata(path).ok()?;
    // The change time too: rights that were put right change nothing else.
    Some((m.dev(), m.ino(), m.size(), (m.mtime(), m.mtime_nsec()), (m.ctime(), m.ctime_nsec())))
}

/// Several files that belong together.
pub struct Files {
    paths: Vec<PathBuf>,
    seen: Vec<Look>,
    /// As they were when they were last read.
    read: Vec<Look>,
}

impl Files {
    /// They count as read now.
    pub fn new(paths: Vec<PathBuf>) -> Self {
        let seen: Vec<_> = paths.iter().map(|p| look(p)).collect();
        Self { paths, read: seen.clone(), seen }
    }

    /// Has any of them changed since they were read, and stood still between two looks? A certificate and its key are
    /// seldom replaced in one step. They count as read when this says so.
    pub fn changed(&mut self) -> bool {
        let now: Vec<_> = self.paths.iter().map(|p| look(p)).collect();
        let stands_still = now == self.seen;
        self.seen = now;
        if !stands_still || self.seen == self.read {
            return false;
        }
        self.read.clone_from(&self.seen);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_change_is_told_once_when_it_is_over() {
        let dir = weir_testkit::PrivateDir::new("look").unwrap();
        let [one, other] = ["one", "other"].map(|name| dir.path().join(name));
        fs::write(&one, "1").unwrap();
        let mut files = Files::new(vec![one.clone(), other.clone()]);
        assert!(!files.changed() && !files.changed());
        fs::write(&one, "22").unwrap();
        assert!(!files.changed(), "it may not be over");
        fs::write(&other, "3").unwrap();
        assert!(!files.changed());
        assert!(files.changed());
        assert!(!files.changed(), "told already");
        fs::remove_file(&one).unwrap();
        assert!(!files.changed());
        assert!(files.changed(), "that it is gone is a change");
        // A directory that is swapped, as secrets are in containers.
        for (name, text) in [("v1", "a"), ("v2", "b")] {
            fs::create_dir(dir.path().join(name)).unwrap();
            fs::write(dir.path().join(name).join("secret"), text).unwrap();
        }
        let link = dir.path().join("data");
        std::os::unix::fs::symlink("v1", &link).unwrap();
        let mut files = Files::new(vec![link.join("secret")]);
        fs::remove_file(&link).unwrap();
        std::os::unix::fs::symlink("v2", &link).unwrap();
        assert!(!files.changed() && files.changed());
    }
}
