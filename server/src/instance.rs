//! The instance id (decision 17): in the database and in a state file beside the configuration. A copy of the database
//! must not tap as if it were the original.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use weir_domain::InstanceId;

/// What the state file and the database say of each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Belonging {
    /// They agree, or this is the first start.
    Ours,
    /// Taps stay off until `weir adopt`; the reason is for a person.
    NotOurs(String),
}

/// Compares, and writes the state file if the database is new. `fresh`: no server has ever used this database.
pub fn belonging(file: &Path, database: &InstanceId, fresh: bool) -> Belonging {
    let adopt = "Run `weir adopt` if this installation is the one that should read; if it is one more process of the \
                 one that does, give it that one's state file.";
    match read(file) {
        Ok(Some(id)) if id == *database => Belonging::Ours,
        _ if fresh => match write(file, database) {
            Ok(()) => Belonging::Ours,
            Err(error) => Belonging::NotOurs(format!(
                "The state file {} can't be written ({error}), so this installation can't tell itself from a copy. \
                 Make it writable, or set state_file.",
                file.display()
            )),
        },
        Ok(Some(_)) => Belonging::NotOurs(format!(
            "The database belongs to another installation than {}: it is a copy, or was restored here. {adopt}",
            file.display()
        )),
        Ok(None) => Belonging::NotOurs(format!(
            "The database was used before, and {} is not there: the database may be a copy. {adopt}",
            file.display()
        )),
        Err(error) => Belonging::NotOurs(format!(
            "The state file {} can't be read ({error}). Make it readable, or run `weir adopt`.",
            file.display()
        )),
    }
}

/// What a state file says by itself.
pub enum Known {
    Id(InstanceId),
    /// It is not there.
    Nothing,
    Unreadable(io::Error),
}

/// Looks, and writes nothing.
pub fn known(file: &Path) -> Known {
    match read(file) {
        Ok(Some(id)) => Known::Id(id),
        Ok(None) => Known::Nothing,
        Err(error) => Known::Unreadable(error),
    }
}

const HEAD: &str =
    "# Weir's instance id. Keep it with the configuration, and do not copy it to another installation.\n";

fn read(file: &Path) -> io::Result<Option<InstanceId>> {
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let id = toml_edit::Document::parse(text.as_str())
        .ok()
        .and_then(|d| d.as_table().get("instance").and_then(|i| i.as_str()).map(|s| InstanceId(s.to_owned())));
    id.map(Some).ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "it does not hold instance = \"…\""))
}

/// Writes the whole file or nothing.
///
/// # Errors
/// When its directory can't be written.
pub fn write(file: &Path, id: &InstanceId) -> io::Result<()> {
    let beside: PathBuf = file.with_extension("state.new");
    fs::write(&beside, format!("{HEAD}instance = {:?}\n", id.0))?;
    fs::rename(&beside, file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_told_from_the_original() {
        let dir = weir_testkit::PrivateDir::new("state").unwrap();
        let file = dir.path().join("weir.state");
        let (ours, theirs) = (InstanceId("a1".into()), InstanceId("b2".into()));
        assert!(matches!(belonging(&file, &ours, false), Belonging::NotOurs(_)), "a used database and no state file");
        assert_eq!(belonging(&file, &ours, true), Belonging::Ours, "the first start");
        assert_eq!(belonging(&file, &ours, false), Belonging::Ours);
        assert!(matches!(belonging(&file, &theirs, false), Belonging::NotOurs(_)), "another database");
        assert_eq!(belonging(&file, &theirs, true), Belonging::Ours, "a new database in place of the old one");
        assert_eq!(belonging(&file, &theirs, false), Belonging::Ours);
        fs::write(&file, "nonsense").unwrap();
        assert!(matches!(belonging(&file, &ours, false), Belonging::NotOurs(_)));
        write(&file, &ours).unwrap();
        assert_eq!(belonging(&file, &ours, false), Belonging::Ours);
        let nowhere = dir.path().join("missing/weir.state");
        assert!(matches!(belonging(&nowhere, &ours, true), Belonging::NotOurs(_)), "a place that can't be written");
    }
}
