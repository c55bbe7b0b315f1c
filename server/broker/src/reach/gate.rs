//! A SOCKS 5 proxy (RFC 1928, 1929) on this machine, for a client that looks names up by itself: the client hands the
//! name over, and the gate looks it up, judges the address and connects to just that one.

use super::{AddressRule, NotReached, dial};
use std::{
    collections::BTreeMap,
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::timeout,
};
use tokio_util::task::AbortOnDropHandle;

/// Connections through one gate at once.
const CONNECTIONS: usize = 512;
const GREETING: Duration = Duration::from_secs(5);
const CONNECT: Duration = Duration::from_secs(5);
/// Refusals that are remembered, to be told.
const REFUSALS: usize = 64;

/// One client's way out. It ends when this is dropped.
#[derive(Debug)]
pub struct Gate {
    address: SocketAddr,
    name: String,
    password: String,
    refusals: Arc<Refusals>,
    _task: AbortOnDropHandle<()>,
}

type Refusals = Mutex<BTreeMap<String, String>>;

impl Gate {
    /// Opens one on a free port of this machine. `password` must be hard to guess: whoever else is on this machine
    /// must not get out through it.
    ///
    /// # Errors
    /// When there is no port.
    pub async fn open(rule: Arc<AddressRule>, password: String) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let refusals = Arc::new(Refusals::default());
        let way = Arc::new(Way { rule, password: password.clone(), refusals: refusals.clone() });
        let task = AbortOnDropHandle::new(tokio::spawn(serve(listener, way)));
        Ok(Self { address, name: NAME.to_owned(), password, refusals, _task: task })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }
    pub fn name(&self) -> &str {
        &self.name
    }
    pub fn password(&self) -> &str {
        &self.password
    }

    /// Why the last way to this `host:port` was not taken, if it was not.
    pub fn refusal(&self, address: &str) -> Option<String> {
        self.refusals.lock().unwrap_or_else(PoisonError::into_inner).get(address).cloned()
    }
}

const NAME: &str = "weir";

struct Way {
    rule: Arc<AddressRule>,
    password: String,
    refusals: Arc<Refusals>,
}

async fn serve(listener: TcpListener, way: Arc<Way>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    // Ends with this task, and so do the connections.
    let mut connections = tokio::task::JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((client, _)) = accepted else {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                };
                let Ok(place) = places.clone().try_acquire_owned() else { continue };
                let way = way.clone();
                connections.spawn(async move {
                    // What fails here, the client sees and tells.
                    let _ = way.pass(client).await;
                    drop(place);
                });
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

impl Way {
    async fn pass(&self, mut client: TcpStream) -> io::Result<()> {
        client.set_nodelay(true)?;
        let address = timeout(GREETING, self.greet(&mut client)).await.map_err(io::Error::from)??;
        let way = dial::look_up(&address, CONNECT).await;
        let judged = way.map(|found| found.into_iter().map(|at| (at, self.rule.refuses(at.ip()))).collect::<Vec<_>>());
        let connected = match judged {
            Ok(judged) => dial::connect(judged, CONNECT).await,
            Err(error) => Err(error),
        };
        self.remember(&address, connected.as_ref().err());
        match connected {
            Ok(mut server) => {
                server.set_nodelay(true)?;
                client.write_all(&reply(0)).await?;
                copy_bidirectional(&mut client, &mut server).await.map(drop)
            }
            Err(error) => {
                let code = match error {
                    NotReached::NotAllowed { .. } => 2,
                    NotReached::NoName(_) | NotReached::Failed(_) => 4,
                    NotReached::Refused => 5,
                    NotReached::Silent(_) => 6,
                };
                client.write_all(&reply(code)).await
            }
        }
    }

    fn remember(&self, address: &str, error: Option<&NotReached>) {
        let mut refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
        match error {
            None => drop(refusals.remove(address)),
            Some(error) => {
                if refusals.len() >= REFUSALS && !refusals.contains_key(address) {
                    refusals.pop_first();
                }
                refusals.insert(address.to_owned(), format!("{error}. {}", error.what_to_do()));
            }
        }
    }

    /// Until the client has said who it is and where it wants to go.
    async fn greet(&self, client: &mut TcpStream) -> io::Result<String> {
        let odd = || io::Error::new(io::ErrorKind::InvalidData, "no SOCKS 5 client");
        if client.read_u8().await? != 5 {
            return Err(odd());
        }
        let mut methods = vec![0; client.read_u8().await?.into()];
        client.read_exact(&mut methods).await?;
        // By name and password, or not at all.
        if !methods.contains(&2) {
            client.write_all(&[5, 0xff]).await?;
            return Err(odd());
        }
        client.write_all(&[5, 2]).await?;
        let version = client.read_u8().await?;
        let (name, password) = (text(client).await?, text(client).await?);
        let known = version == 1 && name == NAME.as_bytes() && alike(&password, self.password.as_bytes());
        client.write_all(&[1, u8::from(!known)]).await?;
        if !known {
            return Err(odd());
        }
        let mut head = [0; 4];
        client.read_exact(&mut head).await?;
        let [5, 1, _, kind] = head else { return Err(odd()) };
        let host = match kind {
            1 => IpAddr::V4(Ipv4Addr::from_bits(client.read_u32().await?)).to_string(),
            3 => String::from_utf8(text(client).await?).map_err(|_| odd())?,
            4 => format!("[{}]", Ipv6Addr::from_bits(client.read_u128().await?)),
            _ => return Err(odd()),
        };
        Ok(format!("{host}:{}", client.read_u16().await?))
    }
}

/// A length and so many bytes.
async fn text(client: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut text = vec![0; client.read_u8().await?.into()];
    client.read_exact(&mut text).await?;
    Ok(text)
}

/// Takes as long for a near miss as for a far one.
fn alike(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |sum, (x, y)| sum | (x ^ y)) == 0
}

/// An answer with a bound address that nobody looks at.
const fn reply(code: u8) -> [u8; 10] {
    [5, code, 0, 1, 0, 0, 0, 0, 0, 0]
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn ask(gate: &Gate, password: &str, host: &[u8], port: u16) -> io::Result<TcpStream> {
        let mut stream = TcpStream::connect(gate.address()).await?;
        stream.write_all(&[5, 1, 2]).await?;
        let mut two = [0; 2];
        stream.read_exact(&mut two).await?;
        assert_eq!(two, [5, 2]);
        let length = |t: &[u8]| u8::try_from(t.len()).unwrap();
        let mut said = vec![1, length(gate.name().as_bytes())];
        said.extend(gate.name().as_bytes());
        said.push(length(password.as_bytes()));
        said.extend(password.as_bytes());
        stream.write_all(&said).await?;
        stream.read_exact(&mut two).await?;
        if two[1] != 0 {
            return Err(io::Error::other("who?"));
        }
        let mut wish = vec![5, 1, 0, 3, length(host)];
        wish.extend(host);
        wish.extend(port.to_be_bytes());
        stream.write_all(&wish).await?;
        let mut answer = [0; 10];
        stream.read_exact(&mut answer).await?;
        if answer[1] == 0 { Ok(stream) } else { Err(io::Error::other(answer[1].to_string())) }
    }

    #[tokio::test]
    async fn one_gets_out_to_what_is_allowed_only_and_only_with_the_password() {
        let echo = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = echo.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = echo.accept().await {
                let (mut from, mut to) = stream.split();
                let _ = tokio::io::copy(&mut from, &mut to).await;
            }
        });
        let open = |loopback| Gate::open(Arc::new(AddressRule { allow: Vec::new(), loopback }), "hard to guess".into());
        let gate = open(true).await.unwrap();
        let mut stream = ask(&gate, "hard to guess", b"localhost", port).await.unwrap();
        stream.write_all(b"hello").await.unwrap();
        let mut back = [0; 5];
        stream.read_exact(&mut back).await.unwrap();
        assert_eq!(&back, b"hello");
        assert_eq!(ask(&gate, "guessed", b"localhost", port).await.unwrap_err().to_string(), "who?");
        assert_eq!(ask(&gate, "hard to guess", b"169.254.169.254", 80).await.unwrap_err().to_string(), "2");
        let why = gate.refusal("169.254.169.254:80").unwrap();
        assert!(why.contains("allow_addresses"), "{why}");
        let closed = open(false).await.unwrap();
        assert_eq!(ask(&closed, "hard to guess", b"localhost", port).await.unwrap_err().to_string(), "2");
        assert_eq!(ask(&closed, "hard to guess", b"no-such-host.invalid", port).await.unwrap_err().to_string(), "4");
        // The gate and what passes through it end together.
        drop(gate);
        assert_eq!(stream.read(&mut back).await.unwrap_or(0), 0);
    }
}
