//! Mail by SMTP.

use std::net::{IpAddr, SocketAddr};

use lettre::{
    message::{
        Mailbox, Message as Mail,
        header::{ContentType, HeaderName, HeaderValue},
    },
    transport::smtp::{
        Error as Refusal,
        authentication::{Credentials, Mechanism},
        client::{AsyncSmtpConnection, Certificate, CertificateStore, TlsParameters},
        commands::{Data, Mail as MailFrom, Rcpt},
        extension::{ClientId, MailBodyParameter, MailParameter},
    },
};
use weir_domain::{
    Secret,
    monitors::{Cause, MailTls, Message, NotSent, OutletSettings},
};

use super::{Outlets, WITHIN, not_reached};

/// Characters of what a server says that are told.
const TOLD: usize = 200;

pub(super) async fn send(
    outlets: &Outlets,
    settings: &OutletSettings,
    password: Option<&Secret>,
    id: &str,
    message: &Message,
) -> Result<Option<String>, NotSent> {
    let OutletSettings::Mail { host, port, tls, user, from, to } = settings else {
        return Err(NotSent::because("It is no outlet for mail."));
    };
    let mail = compose(from, to, id, message, &outlets.link(message))?;
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let address = format!("{host}:{port}");
    let found = outlets.reach.resolve(&address, WITHIN).await.map_err(|why| not_reached(host, &why))?;
    let refused = found.iter().find_map(|(at, why)| why.map(|why| (at.ip(), why)));
    let allowed: Vec<SocketAddr> = found.iter().filter(|(_, why)| why.is_none()).map(|(at, _)| *at).collect();
    if let (true, Some((address, why))) = (allowed.is_empty(), refused) {
        return Err(not_reached(host, &weir_broker::NotReached::NotAllowed { address, why }));
    }
    let said = |what: &str, error: Refusal| NotSent::because(words(host, what, &error));
    let hello = hello(&outlets.base);
    let parameters = parameters(bare, outlets.ca_pem.as_deref()).map_err(|e| said("TLS", e))?;
    // Connected to just those addresses that were judged: none is looked up again.
    let at_once = (*tls == MailTls::Implicit).then(|| parameters.clone());
    let connected = AsyncSmtpConnection::connect_tokio1(allowed.as_slice(), Some(WITHIN), &hello, at_once, None).await;
    let mut connection = connected.map_err(|e| said("the connection", e))?;
    if *tls == MailTls::StartTls {
        // Without it nothing goes on: neither the password nor the mail.
        connection.starttls(parameters, &hello).await.map_err(|e| said("STARTTLS", e))?;
    }
    if let (Some(user), Some(password)) = (user, password) {
        let credentials = Credentials::new(user.clone(), password.expose().to_owned());
        let mechanisms = [Mechanism::Plain, Mechanism::Login];
        connection.auth(&mechanisms, &credentials).await.map_err(|e| said("signing in", e))?;
    }
    let refused = hand_over(&mut connection, &mail, &said).await?;
    // It has it: how it says goodbye does not matter.
    let _ = connection.quit().await;
    Ok(refused.map(|refused| format!("Not all recipients got it. {refused}")))
}

/// Recipient by recipient: one that is refused (somebody has left) keeps it from nobody else. What was said to those that
/// were; an error if all were.
async fn hand_over(
    connection: &mut AsyncSmtpConnection,
    mail: &Mail,
    said: &impl Fn(&str, Refusal) -> NotSent,
) -> Result<Option<String>, NotSent> {
    let (envelope, text) = (mail.envelope(), mail.formatted());
    let eight_bits = (!text.is_ascii()).then_some(MailParameter::Body(MailBodyParameter::EightBitMime));
    let begin = MailFrom::new(envelope.from().cloned(), eight_bits.into_iter().collect());
    connection.command(begin).await.map_err(|e| said("the sender", e))?;
    let (mut taken, mut refused) = (0, Vec::new());
    for to in envelope.to() {
        match connection.command(Rcpt::new(to.clone(), Vec::new())).await {
            Ok(_) => taken += 1,
            // It answered, and goes on.
            Err(why) if why.status().is_some() => refused.push(said(to.as_ref(), why).why),
            Err(why) => return Err(said(to.as_ref(), why)),
        }
    }
    let refused = (!refused.is_empty()).then(|| refused.join(" "));
    if taken == 0 {
        return Err(NotSent::because(refused.unwrap_or_else(|| "It has no recipient.".into())));
    }
    connection.command(Data).await.map_err(|e| said("the mail", e))?;
    connection.message(&text).await.map_err(|e| said("the mail", e))?;
    Ok(refused)
}

/// Servers look at who says hello: the host that Weir is reached at.
fn hello(base: &str) -> ClientId {
    let authority = base.parse::<http::Uri>().ok().and_then(|uri| uri.authority().cloned());
    let host = authority.as_ref().map_or("weir", |a| a.host());
    match host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => ClientId::Ipv4(address),
        Ok(IpAddr::V6(address)) => ClientId::Ipv6(address),
        Err(_) => ClientId::Domain(host.to_owned()),
    }
}

fn parameters(host: &str, ca_pem: Option<&str>) -> Result<TlsParameters, Refusal> {
    let mut builder = TlsParameters::builder(host.to_owned());
    if let Some(pem) = ca_pem {
        builder = builder
            .certificate_store(CertificateStore::None)
            .add_root_certificate(Certificate::from_pem(pem.as_bytes())?);
    }
    builder.build_rustls()
}

fn compose(from: &str, to: &[String], id: &str, message: &Message, link: &str) -> Result<Mail, NotSent> {
    let mailbox = |text: &str| {
        text.parse::<Mailbox>().map_err(|_| NotSent::because(format!("{text:?} is no mail address that can be used.")))
    };
    let mut mail = Mail::builder()
        .from(mailbox(from)?)
        .subject(format!("[{}] {}", message.severity.as_str(), one_line(&message.title)))
        // The same for each attempt, so that one that arrived twice is shown once.
        .message_id(Some(format!("<{id}@weir>")));
    for recipient in to {
        mail = mail.to(mailbox(recipient)?);
    }
    // What hangs together stands together.
    if let Some(thread) = message.threads.first() {
        mail = mail.references(format!("<{thread}@weir>"));
        if message.cause != Cause::Opened {
            mail = mail.in_reply_to(format!("<{thread}@weir>"));
        }
    }
    // Nobody's holiday answers this.
    let name = HeaderName::new_from_ascii_str("Auto-Submitted");
    mail = mail.raw_header(HeaderValue::new(name, "auto-generated".into()));
    let text = format!("{}\n\n{link}\n", message.body);
    mail.header(ContentType::TEXT_PLAIN)
        .body(text)
        .map_err(|why| NotSent::because(format!("The mail can't be written: {why}.")))
}

/// Names come from brokers.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// What went wrong. What the server said is told where it spoke SMTP.
fn words(host: &str, what: &str, error: &Refusal) -> String {
    let text: String = error.to_string().chars().filter(|c| !c.is_control()).take(TOLD).collect();
    format!("{host}: {what} failed: {}.", text.trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_hello_as_the_host_it_is_reached_at() {
        for (base, want) in [
            ("https://weir.example:8443/console", "weir.example"),
            ("http://127.0.0.1:7300", "[127.0.0.1]"),
            ("http://[::1]:7300", "[IPv6:::1]"),
            ("", "weir"),
        ] {
            assert_eq!(hello(base).to_string(), want, "{base}");
        }
    }
}
