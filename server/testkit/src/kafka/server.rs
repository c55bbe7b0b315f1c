//! Starting, stopping, killing and restarting it.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    time::Duration,
};

use super::{
    certificates::{self, Secure},
    data,
    jars::{self, Jars},
    properties::{self, Ports, Role, USER},
    ready,
};
use crate::{
    Child, Error, HeldPorts, PrivateDir, Result, TcpProxy, blocking, free_port,
    process::{OfRun, Server, on_free_ports},
};

const LIMIT: Duration = Duration::from_secs(90);
const GRACE: Duration = Duration::from_secs(20);
/// How Kafka says that a port of its own is somebody else's.
const TAKEN: &str = "Address already in use";

/// How a broker is to be started.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Also open the TLS, mutual TLS and SASL listeners; see [`Kafka::secure`].
    pub secure: bool,
    /// Also open a listener behind a [`TcpProxy`]; see [`Kafka::proxy`].
    pub proxied: bool,
    /// A directory that is kept between runs; without one the data is thrown away.
    pub data: Option<PathBuf>,
    /// A port to prefer for the plain listener if it is free.
    pub port: Option<u16>,
    /// More broker properties, as `("log.retention.ms", "1000")`.
    pub properties: Vec<(String, String)>,
    /// Levels of more loggers, as `("kafka.request.logger", "debug")`; what they say is in [`Kafka::log`].
    pub logging: Vec<(String, String)>,
}

impl Options {
    /// Logs every request with its client and listener, and every decision of the authorizer.
    #[must_use]
    pub fn logging_requests(mut self) -> Self {
        for logger in ["kafka.request.logger", "kafka.authorizer.logger"] {
            self.logging.push((logger.to_owned(), "debug".to_owned()));
        }
        self
    }

    /// Adds a broker property.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.properties.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// A running private broker. Dropping it stops it and removes its data unless that is kept.
#[derive(Debug)]
pub struct Kafka {
    // Before `dir`, so that the broker is gone when its directory is removed.
    server: Server,
    ports: Ports,
    properties: PathBuf,
    /// Arguments that make it log more.
    logging: Vec<String>,
    role: Role,
    secure: Option<Secure>,
    proxy: Option<TcpProxy>,
    dir: PrivateDir,
}

impl Kafka {
    /// Starts one (3 s; the first on a machine fetches its jars) and waits until it answers.
    ///
    /// # Errors
    /// When Java or Maven is missing, or the broker does not start.
    pub fn start(options: Options) -> Result<Self> {
        blocking(|| Self::start_now(&options))
    }

    fn start_now(options: &Options) -> Result<Self> {
        let jars = prepare_now()?;
        on_free_ports(TAKEN, || Self::try_start(&jars, options, Role::First))
    }

    /// Starts a second broker of the same cluster, with node id 2 (this one has 1), and waits until it is in it.
    /// It leads what is assigned to it, and nothing else depends on it. End it before this one.
    ///
    /// # Errors
    /// When it does not start.
    pub fn start_second(&self) -> Result<Self> {
        self.start_second_with(Options::default())
    }

    /// The same with options of its own.
    ///
    /// # Errors
    /// When it does not start.
    pub fn start_second_with(&self, options: Options) -> Result<Self> {
        blocking(|| {
            let jars = jars::fetch()?;
            let cluster = data::cluster(&self.dir.path().join("data"))?;
            let role = Role::Second { cluster, controller: self.ports.controller };
            on_free_ports(TAKEN, || Self::try_start(&jars, &options, role.clone()))
        })
    }

    fn try_start(jars: &Jars, options: &Options, role: Role) -> Result<Self> {
        let dir = match &options.data {
            Some(path) => PrivateDir::kept(path)?,
            None => PrivateDir::new("kafka")?,
        };
        let data = dir.path().join("data");
        data::format(jars, &data, options.secure, &role)?;
        let properties = dir.path().join("server.properties");
        // Clients of a kept broker find it where it was.
        let ports = ports(options.port.or_else(|| properties::plain_port(&fs::read_to_string(&properties).ok()?)))?;
        let files = options.secure.then(|| certificates::make(dir.path())).transpose()?;
        let proxy = options.proxied.then(|| TcpProxy::start(loopback(ports.proxied))).transpose()?;
        let advertised = proxy.as_ref().map(|p| p.address().port());
        let text = properties::whole(&role, &data, &ports, files.as_ref(), advertised, &options.properties);
        fs::write(&properties, text).map_err(Error::path("write", &properties))?;
        let secure = match files {
            Some(files) => {
                let read = |path: &Path| fs::read_to_string(path).map_err(Error::path("read", path));
                Some(Secure {
                    tls: loopback(ports.tls),
                    mutual_tls: loopback(ports.mutual_tls),
                    sasl: loopback(ports.sasl),
                    sasl_tls: loopback(ports.sasl_tls),
                    user: USER,
                    ca_pem: read(&files.ca)?,
                    client_cert_pem: read(&files.client_cert)?,
                    client_key_pem: read(&files.client_key)?,
                    other_client: (read(&files.other_client)?, read(&files.other_key)?),
                    files,
                })
            }
            None => None,
        };
        let level = |(logger, level): &(String, String)| format!("-Dorg.slf4j.simpleLogger.log.{logger}={level}");
        let logging: Vec<String> = options.logging.iter().map(level).collect();
        let server = Server::new(launch(jars, dir.path(), &properties, &role, ports.plain, &logging, &[])?);
        Ok(Self { server, ports, properties, logging, role, secure, proxy, dir })
    }

    /// Does everything a first start needs (jars, class archive, format), so that later starts are quick.
    ///
    /// # Errors
    /// When Java or Maven is missing, or the jars cannot be fetched.
    pub fn prepare() -> Result<()> {
        blocking(|| prepare_now().map(drop))
    }

    /// The broker of this test run: the one `WEIR_TEST_KAFKA` names, else one per process, ended with it.
    /// Returns its bootstrap address; use [`unique`](crate::unique) topic and group names.
    ///
    /// # Errors
    /// When none can be started.
    pub fn shared() -> Result<String> {
        static OF_RUN: OfRun<Kafka> = OfRun::new("WEIR_TEST_KAFKA");
        OF_RUN.address(|| Self::start_now(&Options::default()), Self::bootstrap)
    }

    /// The plain listener.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        loopback(self.ports.plain)
    }

    /// The plain listener as clients want it: `127.0.0.1:PORT`.
    #[must_use]
    pub fn bootstrap(&self) -> String {
        self.address().to_string()
    }

    /// The secure listeners, if asked for.
    #[must_use]
    pub fn secure(&self) -> Option<&Secure> {
        self.secure.as_ref()
    }

    /// The network in front of the proxied listener, if asked for. Clients that start at
    /// [`TcpProxy::address`] are told that address for everything, so all they do passes it.
    #[must_use]
    pub fn proxy(&self) -> Option<&TcpProxy> {
        self.proxy.as_ref()
    }

    /// The directory with its data and its log `kafka.log`.
    #[must_use]
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// What it has logged so far.
    ///
    /// # Errors
    /// When its log can't be read.
    pub fn log(&self) -> Result<String> {
        let file = self.dir.path().join("kafka.log");
        let text = fs::read(&file).map_err(Error::path("read", &file))?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    }

    /// Stops it cleanly.
    pub fn stop(&self) {
        self.server.stop(GRACE);
    }

    /// Kills it as a power cut would.
    pub fn kill9(&self) {
        self.server.kill9();
    }

    /// Starts it again on the same ports and data, after [`stop`](Self::stop), [`kill9`](Self::kill9) or neither.
    ///
    /// # Errors
    /// When it does not start.
    pub fn restart(&self) -> Result<()> {
        self.server.restart(GRACE, || {
            let (plain, logging) = (self.ports.plain, &self.logging);
            launch(&jars::fetch()?, self.dir.path(), &self.properties, &self.role, plain, logging, &[])
        })
    }

    /// Freezes it: connections stay open and nothing is answered.
    pub fn sigstop(&self) {
        self.server.sigstop();
    }

    /// Lets it go on.
    pub fn sigcont(&self) {
        self.server.sigcont();
    }
}

impl Drop for Kafka {
    fn drop(&mut self) {
        if self.dir.is_kept() {
            self.server.stop(GRACE);
        }
    }
}

fn prepare_now() -> Result<Jars> {
    let jars = jars::fetch()?;
    jars.prepare_archive(|jvm| {
        let dir = PrivateDir::new("kafka-archive")?;
        let data = dir.path().join("data");
        data::format(&jars, &data, false, &Role::First)?;
        let ports = ports(None)?;
        let properties = dir.path().join("server.properties");
        let text = properties::whole(&Role::First, &data, &ports, None, None, &[]);
        fs::write(&properties, text).map_err(Error::path("write", &properties))?;
        let child = launch(&jars, dir.path(), &properties, &Role::First, ports.plain, &[], jvm)?;
        // The archive is written at the end.
        child.stop(Duration::from_secs(60));
        Ok(())
    })?;
    Ok(jars)
}

fn launch(
    jars: &Jars,
    dir: &Path,
    properties: &Path,
    role: &Role,
    port: u16,
    logging: &[String],
    jvm: &[String],
) -> Result<Child> {
    let child = jars.launch(dir, properties, logging, jvm)?;
    child.await_ready(LIMIT, || ready::is_ready(loopback(port), role.node()))?;
    Ok(child)
}

fn ports(preferred: Option<u16>) -> Result<Ports> {
    let held = HeldPorts::hold(6)?;
    let free = held.numbers()?;
    let [controller, tls, mutual_tls, sasl, sasl_tls, proxied] = free[..] else {
        return Err(Error::failed("finding free ports", "some are missing"));
    };
    let plain = free_port(preferred)?;
    Ok(Ports { plain, controller, tls, mutual_tls, sasl, sasl_tls, proxied })
}

fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}
