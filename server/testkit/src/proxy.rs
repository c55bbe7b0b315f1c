//! A bad network on demand: a TCP proxy in front of a server.

use std::{
    net::{Ipv4Addr, SocketAddr},
    thread,
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpSocket, TcpStream, tcp},
    sync::{oneshot, watch},
    task::JoinSet,
};

use crate::{Error, Result};

/// What the network does to connections through a [`TcpProxy`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Network {
    /// Passes everything on.
    #[default]
    Good,
    /// Passes everything on, each piece this much later, in each direction.
    Slow(Duration),
    /// Established connections stay open and no byte passes; new ones are taken and get no answer.
    Stalled,
    /// Established connections are cut, new ones refused: the server is away.
    Away,
}

/// A proxy on a free loopback port of its own, with its own thread, so that a busy or blocked test does not
/// hold it up. It ends on drop.
#[derive(Debug)]
pub struct TcpProxy {
    address: SocketAddr,
    network: watch::Sender<Network>,
    listening: watch::Receiver<bool>,
    _end: oneshot::Sender<()>,
}

impl TcpProxy {
    /// Starts one in front of `target`; it is not connected to before somebody connects here.
    ///
    /// # Errors
    /// When there is no free port or no thread.
    pub fn start(target: SocketAddr) -> Result<Self> {
        let (network, state) = watch::channel(Network::Good);
        let (up, listening) = watch::channel(true);
        let (end, ended) = oneshot::channel::<()>();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(Error::io("start the proxy's runtime"))?;
        let listener = {
            let _in_runtime = runtime.enter();
            listen(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).map_err(Error::io("listen for the proxy"))?
        };
        let address = listener.local_addr().map_err(Error::io("read the proxy's port"))?;
        thread::Builder::new()
            .name("tcp-proxy".into())
            .spawn(move || {
                runtime.block_on(async {
                    tokio::select! {
                        _ = ended => {}
                        () = serve(listener, address, target, state, up) => {}
                    }
                });
            })
            .map_err(Error::io("start the proxy's thread"))?;
        Ok(Self { address, network, listening, _end: end })
    }

    /// Where clients connect.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Changes the network, and waits until the change is in force for new connections.
    pub async fn set(&self, network: Network) {
        self.network.send_replace(network);
        let mut listening = self.listening.clone();
        // An error means that the proxy's thread is gone, and then nobody is listening.
        let _ = listening.wait_for(|up| *up == (network != Network::Away)).await;
    }

    /// Cuts every established connection now; new ones are served as before.
    pub async fn cut(&self) {
        let before = *self.network.borrow();
        self.set(Network::Away).await;
        self.set(before).await;
    }
}

fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(256)
}

async fn serve(
    listener: TcpListener,
    address: SocketAddr,
    target: SocketAddr,
    mut network: watch::Receiver<Network>,
    up: watch::Sender<bool>,
) {
    let mut listener = Some(listener);
    let mut connections = JoinSet::new();
    loop {
        let away = *network.borrow_and_update() == Network::Away;
        if away {
            listener = None;
            connections.shutdown().await;
        } else if listener.is_none() {
            listener = listen(address).ok();
        }
        up.send_replace(listener.is_some());
        tokio::select! {
            changed = network.changed() => if changed.is_err() { return },
            accepted = accept(listener.as_ref()) => {
                if let Ok((client, _)) = accepted {
                    connections.spawn(connect(client, target, network.clone()));
                }
            }
            // Another socket may sit on our port for a moment: try again.
            () = tokio::time::sleep(Duration::from_millis(20)), if listener.is_none() && !away => {}
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn accept(listener: Option<&TcpListener>) -> std::io::Result<(TcpStream, SocketAddr)> {
    match listener {
        Some(listener) => listener.accept().await,
        None => std::future::pending().await,
    }
}

async fn connect(client: TcpStream, target: SocketAddr, network: watch::Receiver<Network>) {
    let Ok(server) = TcpStream::connect(target).await else { return };
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    // The first side that ends takes the other with it.
    tokio::select! {
        () = pass(from_client, to_server, network.clone()) => {}
        () = pass(from_server, to_client, network) => {}
    }
}

async fn pass(mut from: tcp::OwnedReadHalf, mut to: tcp::OwnedWriteHalf, mut network: watch::Receiver<Network>) {
    let mut piece = vec![0; 64 * 1024];
    loop {
        let Ok(length @ 1..) = from.read(&mut piece).await else { return };
        if network.wait_for(|n| *n != Network::Stalled).await.is_err() {
            return;
        }
        let state = *network.borrow();
        if let Network::Slow(delay) = state {
            tokio::time::sleep(delay).await;
        }
        if to.write_all(&piece[..length]).await.is_err() {
            return;
        }
    }
}
