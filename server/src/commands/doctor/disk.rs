//! Room on this machine, where Weir writes: the state file, and the database if it is here.

use std::path::Path;

use nix::sys::statvfs::statvfs;

use super::report::Report;
use crate::{ended::Ended, print::words};

/// Less than this is told.
const LITTLE: u64 = 1 << 30;
/// And less than this is wrong: databases stop here.
const NOTHING: u64 = 64 << 20;

pub fn look(state_file: &Path, report: &mut Report) -> Result<(), Ended> {
    let dir = state_file.parent().filter(|d| !d.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let shown = dir.display();
    let (free, files) = match statvfs(dir) {
        // Block sizes and counts are as wide as the machine; together they fit 64 bits.
        Ok(stat) => (stat.blocks_available().saturating_mul(stat.fragment_size()), stat.files_available()),
        Err(why) => {
            return report.failed(
                "room",
                format!("{shown} can't be looked at: {why}"),
                "Make the directory of state_file, and let Weir's user into it.",
            );
        }
    };
    let room = format!("{} are free at {shown}", words::bytes(free));
    if free < NOTHING {
        report.failed("room", room, "Make room: Weir can't keep its state, and a database here stops.")?;
    } else if free < LITTLE || files == 0 {
        report.note("room", room, "Make room before it runs out.")?;
    } else {
        report.ok("room", room)?;
    }
    writable(state_file, report)
}

/// Is the state file one that Weir can write?
fn writable(state_file: &Path, report: &mut Report) -> Result<(), Ended> {
    let shown = state_file.display();
    // Opened for appending and not written to.
    match std::fs::OpenOptions::new().append(true).open(state_file) {
        Ok(_) => report.ok("state file", format!("{shown} is there and can be written")),
        Err(why) if why.kind() == std::io::ErrorKind::NotFound => {
            report.ok("state file", format!("{shown} is not there yet: the first start writes it"))
        }
        Err(why) => report.failed(
            "state file",
            format!("{shown} can't be written: {why}"),
            "Let Weir's user write it, or name another one with state_file.",
        ),
    }
}
