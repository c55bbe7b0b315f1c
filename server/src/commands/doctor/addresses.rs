//! The first steps to any address: its name, its port, TLS.

use std::{net::SocketAddr, sync::Arc};

use rustls::ClientConfig;
use tokio::{
    net::{TcpStream, lookup_host},
    time::timeout,
};

use super::report::Report;
use crate::{
    client::{CONNECT, tls},
    ended::Ended,
};

/// Names of one host that are told, at most.
const TOLD: usize = 3;

/// Does the name resolve, the port open, TLS begin? `true` if all that was asked for did.
pub async fn look(
    host: &str,
    port: u16,
    security: Option<&Arc<ClientConfig>>,
    report: &mut Report,
) -> Result<bool, Ended> {
    let shown = format!("{host}:{port}");
    let found: Vec<SocketAddr> = match timeout(CONNECT, lookup_host((host, port))).await {
        Ok(Ok(found)) => found.collect(),
        Ok(Err(why)) => {
            report.failed(
                "name",
                format!("{host} does not resolve: {why}"),
                "Check how it is spelt, and the name servers of this machine.",
            )?;
            return Ok(false);
        }
        Err(_) => {
            report.failed("name", format!("the name servers do not answer for {host}"), "Check the network.")?;
            return Ok(false);
        }
    };
    // A number needs no resolving, so there is nothing to tell.
    if host.parse::<std::net::IpAddr>().is_err() {
        let ips: Vec<_> = found.iter().take(TOLD).map(|a| a.ip().to_string()).collect();
        report.ok("name", format!("{host} is {}", ips.join(", ")))?;
    }
    let opened = timeout(CONNECT, TcpStream::connect(found.as_slice())).await;
    let stream = match opened {
        Ok(Ok(stream)) => stream,
        Ok(Err(why)) => {
            report.failed(
                "port",
                format!("{shown} does not open: {why}"),
                "Check that something listens there, and that no firewall is in between.",
            )?;
            return Ok(false);
        }
        Err(_) => {
            report.failed(
                "port",
                format!("{shown} does not answer within {} s", CONNECT.as_secs()),
                "A firewall most likely drops the packets; ask who runs the network.",
            )?;
            return Ok(false);
        }
    };
    report.ok("port", format!("{shown} opens"))?;
    let Some(config) = security else { return Ok(true) };
    match tls::hands(config, host, stream).await {
        Ok(_) => {
            report.ok("TLS", format!("{shown} shows a certificate that is trusted"))?;
            Ok(true)
        }
        Err(why) => {
            report.failed(
                "TLS",
                format!("{shown}: {why}"),
                "Check the certificate authority, the name and the port.",
            )?;
            Ok(false)
        }
    }
}
