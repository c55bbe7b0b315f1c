//! Kafka's jars from Maven, and a class archive that halves its start.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{Child, Error, Result, Spec, cache_dir, place::once, process::run};

pub(super) const VERSION: &str = "4.3.0";
const POM: &str = include_str!("pom.xml");

/// Small and quick to start: this broker serves a test or a demo.
const JVM: [&str; 5] = [
    "-Xmx512m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
];

/// Kafka's classes, ready for `java`.
pub(super) struct Jars {
    dir: PathBuf,
}

/// Finds them in the cache, or fetches them (10 s, or what the network needs).
pub(super) fn fetch() -> Result<Jars> {
    fetch_as(&format!("kafka-{VERSION}"), POM)
}

/// What a pom asks for, in a place of the cache with this name.
pub(super) fn fetch_as(name: &str, pom_text: &str) -> Result<Jars> {
    let dir = cache_dir()?.join(name);
    once(&dir, |unfinished| {
        let pom = unfinished.join("pom.xml");
        fs::write(&pom, pom_text).map_err(Error::path("write", &pom))?;
        let lib = unfinished.join("lib");
        let plugin = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies";
        let output = format!("-DoutputDirectory={}", lib.display());
        let pom = format!("--file={}", pom.display());
        // Maven keeps its own repository and settings in the home directory.
        let home = std::env::var("HOME").unwrap_or_else(|_| unfinished.display().to_string());
        let args = ["--batch-mode", "--quiet", &pom, plugin, "-DincludeScope=runtime", &output];
        run(None, "mvn", args, &[("HOME", &home)], unfinished).map_err(|error| missing(error, "mvn", "maven"))?;
        Ok(())
    })?;
    Ok(Jars { dir })
}

fn missing(error: Error, program: &str, package: &str) -> Error {
    match error {
        Error::Io { source, .. } if source.kind() == std::io::ErrorKind::NotFound => {
            Error::Missing { what: program.into(), install: format!("install Debian's `{package}`") }
        }
        other => other,
    }
}

impl Jars {
    /// Every jar by name, sorted: an archive is good only for the very list it was made with.
    fn class_path(&self) -> Result<String> {
        let lib = self.dir.join("lib");
        let entries = fs::read_dir(&lib).map_err(Error::path("read", &lib))?;
        let mut jars: Vec<String> = entries.flatten().map(|e| e.path().display().to_string()).collect();
        jars.sort_unstable();
        Ok(jars.join(":"))
    }

    /// Runs a class to its end and returns what it printed.
    pub(super) fn tool(&self, class: &str, args: &[&str]) -> Result<String> {
        let class_path = self.class_path()?;
        let start = ["-Xshare:auto", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"];
        let all = start.into_iter().chain(["-cp", &class_path, class]).chain(args.iter().copied());
        run(None, "java", all, &[("LANG", "C.UTF-8")], Path::new("/"))
            .map_err(|error| missing(error, "java", "default-jre-headless"))
    }

    /// Formats a data directory as its properties file says.
    pub(super) fn format(&self, properties: &Path, extra: &[String]) -> Result<()> {
        let mut args =
            vec!["-Xshare:auto".to_owned(), "-cp".into(), self.class_path()?, "kafka.tools.StorageTool".into()];
        args.extend([
            "format".into(),
            "-t".into(),
            super::data::random_id(),
            "-c".into(),
            properties.display().to_string(),
        ]);
        args.extend_from_slice(extra);
        run(None, "java", args, &[("LANG", "C.UTF-8")], Path::new("/"))
            .map_err(|error| missing(error, "java", "default-jre-headless"))
            .map(drop)
    }

    /// Starts a broker on a formatted directory; with the archive when there is one for this Java.
    pub(super) fn launch(
        &self,
        dir: &Path,
        properties: &Path,
        logging: &[String],
        extra_jvm: &[String],
    ) -> Result<Child> {
        let spec = Spec::new("kafka", "java", dir).env("LANG", "C.UTF-8").args(JVM);
        let mut spec = spec.args(logging).args(extra_jvm);
        let archive = self.archive();
        if extra_jvm.is_empty() && archive.is_file() {
            // With `auto` an archive of another Java is passed over.
            spec = spec.args(["-Xshare:auto".to_owned(), format!("-XX:SharedArchiveFile={}", archive.display())]);
        }
        spec = spec.args(["-cp", &self.class_path()?, "kafka.Kafka"]).args([properties]);
        Child::spawn(spec)
    }

    /// Makes the archive by running a broker once (8 s); a Java that cannot is left without.
    pub(super) fn prepare_archive(&self, run_once: impl FnOnce(&[String]) -> Result<()>) -> Result<()> {
        let lock_path = self.dir.join("archive.lock");
        let lock = fs::File::create(&lock_path).map_err(Error::path("make", &lock_path))?;
        lock.lock().map_err(Error::path("lock", &lock_path))?;
        let tried = self.dir.join("archive.tried");
        if tried.exists() {
            return Ok(());
        }
        let unfinished = self.dir.join("unfinished.jsa");
        run_once(&[format!("-XX:ArchiveClassesAtExit={}", unfinished.display())])?;
        // The start is only slower without it.
        let _ = fs::rename(&unfinished, self.archive());
        fs::write(&tried, "").map_err(Error::path("write", &tried))
    }

    fn archive(&self) -> PathBuf {
        self.dir.join("classes.jsa")
    }

    /// A place in the cache that belongs to these jars.
    pub(super) fn cache(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }
}
