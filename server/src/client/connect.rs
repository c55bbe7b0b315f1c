//! A connection for one question.

use std::{error::Error, sync::Arc, time::Duration};

use hyper::{
    body::Body,
    client::conn::http1::{self, SendRequest},
};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::timeout,
};

use super::{address::Address, tls};
/// For each step of connecting.
pub const CONNECT: Duration = Duration::from_secs(5);

/// `B` is the kind of body that will be sent.
///
/// # Errors
/// Why not, in words that go on after a colon.
pub async fn connect<B>(address: &Address, tls: Option<&Arc<ClientConfig>>) -> Result<SendRequest<B>, String>
where
    B: Body<Data: Send, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static,
{
    let opened = timeout(CONNECT, TcpStream::connect((address.bare_host(), address.port))).await;
    let stream = match opened {
        Ok(Ok(stream)) => stream,
        Ok(Err(why)) => return Err(why.to_string()),
        Err(_) => return Err(format!("no connection within {} s", CONNECT.as_secs())),
    };
    // Costs no more than some speed.
    let _ = stream.set_nodelay(true);
    match tls {
        None => speak(stream).await,
        Some(config) => speak(tls::hands(config, address.bare_host(), stream).await?).await,
    }
}

async fn speak<S, B>(stream: S) -> Result<SendRequest<B>, String>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    B: Body<Data: Send, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static,
{
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(|why| why.to_string())?;
    // Ends with the question; what goes wrong is told to whoever reads the answer.
    tokio::spawn(connection);
    Ok(sender)
}
