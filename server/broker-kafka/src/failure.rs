use crate::acl;
use krafka::{KrafkaError, ProtocolErrorKind, error::ErrorCode};
use weir_broker::{BrokerError, Settings};

/// What went wrong while `doing`, to whom, and what to do next. Brokers' texts carry no secrets: they never
/// get a password back, and krafka names settings without their values.
pub(crate) fn explain(error: &KrafkaError, settings: &Settings, doing: &str) -> BrokerError {
    let (name, at) = (&settings.name, settings.addresses.join(", "));
    let user = settings.sasl.as_ref().map_or_else(String::new, |s| format!(" as {:?}", s.user()));
    match error {
        KrafkaError::Auth { message, .. } => BrokerError::Refused(refused(name, &at, &user, settings, message)),
        KrafkaError::Network(e) => network(&e.to_string(), settings, &user),
        KrafkaError::Timeout { .. } => BrokerError::Unreachable(format!(
            "{name} at {at} did not answer in time ({doing}). Check the network and the load of the cluster{}",
            if settings.tls.is_some() { "" } else { "; a listener that wants TLS also stays silent" },
        )),
        KrafkaError::Broker { code, message } => broker(*code, message, settings, doing),
        KrafkaError::Config { message } => BrokerError::Settings(format!("{name}: {message}")),
        KrafkaError::Protocol { kind: ProtocolErrorKind::UnknownApiVersion, message } => BrokerError::Protocol(
            format!("{name} at {at} is too old or no Kafka ({doing}): {message}. Weir needs Kafka 2.1 or later"),
        ),
        KrafkaError::Protocol { kind: ProtocolErrorKind::TruncatedFrame | ProtocolErrorKind::Malformed, message } => {
            BrokerError::Unreachable(format!("{name} at {at} sent a broken answer ({doing}): {message}"))
        }
        other => BrokerError::Protocol(format!("{name} at {at} ({doing}): {other}")),
    }
}

fn broker(code: ErrorCode, message: &str, settings: &Settings, doing: &str) -> BrokerError {
    let (name, at) = (&settings.name, settings.addresses.join(", "));
    let who = settings.sasl.as_ref().map_or_else(|| "this client".to_owned(), |s| format!("{:?}", s.user()));
    match code {
        ErrorCode::SaslAuthenticationFailed
        | ErrorCode::UnsupportedSaslMechanism
        | ErrorCode::IllegalSaslState
        | ErrorCode::SecurityDisabled => {
            BrokerError::Refused(refused(name, &at, &format!(" as {who}"), settings, message))
        }
        ErrorCode::TopicAuthorizationFailed => {
            BrokerError::NotAuthorised(format!("{name}: {who} may not {doing}; grant DESCRIBE and READ on the topic"))
        }
        ErrorCode::ClusterAuthorizationFailed => {
            BrokerError::NotAuthorised(format!("{name}: {who} may not {doing}; grant DESCRIBE on the cluster"))
        }
        ErrorCode::TransactionalIdAuthorizationFailed => BrokerError::NotAuthorised(format!(
            "{name}: {who} may not {doing}; grant DESCRIBE on the transactional ids"
        )),
        code if code.is_retriable() => {
            BrokerError::Unreachable(format!("{name} at {at} can't answer now ({doing}): {code:?}"))
        }
        code => BrokerError::Protocol(format!("{name} at {at} ({doing}): {code:?} {message}")),
    }
}

fn refused(name: &str, at: &str, user: &str, settings: &Settings, why: &str) -> String {
    let check = match (&settings.sasl, &settings.tls) {
        (Some(_), Some(_)) => "Check user, password, mechanism and the certificate authority",
        (Some(_), None) => "Check user, password and mechanism, and whether this listener wants TLS",
        (None, Some(tls)) if tls.client_cert_pem.is_some() => {
            "Check the certificate authority and the client certificate"
        }
        (None, Some(_)) => "Check the certificate authority, and whether this listener wants a client certificate",
        (None, None) => "This listener wants a sign-in or TLS that is not configured",
    };
    format!("{name} at {at} refused the connection{user}: {why}. {check}")
}

/// How a connection failed is only in the text: krafka tries every address and keeps the last one's error.
/// Times as people read them: libraries write "5s".
fn spaced(text: &str) -> String {
    let word = |word: &str| {
        let (number, unit) = word.split_at(word.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(word.len()));
        let time = !number.is_empty() && ["s", "ms"].contains(&unit.trim_end_matches([',', ';', ':', '.']));
        if time { format!("{number} {unit}") } else { word.to_owned() }
    };
    text.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

fn network(error: &str, settings: &Settings, user: &str) -> BrokerError {
    let (name, at) = (&settings.name, settings.addresses.join(", "));
    let why = error.rsplit_once("last error: ").map_or(error, |(_, last)| last);
    if why.contains("fatal alert") {
        // With TLS 1.3 the refusal of a client certificate comes only after the handshake.
        return BrokerError::Refused(refused(name, &at, user, settings, why));
    }
    let hint = match &settings.tls {
        Some(_) if why.contains("handshake eof") => "This listener ends a TLS call; it seems to be one without TLS",
        None if why.contains("message size") => "This listener answers in another protocol; it seems to want TLS",
        Some(_) => "Check that a broker listens there with TLS and that no firewall is in between",
        None => "Check that a broker listens there without TLS and that no firewall is in between",
    };
    BrokerError::Unreachable(format!("{name} can't be reached at {at}: {}. {hint}", spaced(why)))
}

/// A right that is missing on one topic, and the command that grants it.
pub(crate) fn missing_right(settings: &Settings, right: &str, topic: &str) -> String {
    let grant = acl::grant(settings, &[right], &acl::topic(topic));
    format!("not authorised: {} lacks the right {right} on this topic. Grant it: {grant}", acl::who(settings))
}

/// A partition's error code in words; `None` for codes that new metadata will settle.
pub(crate) fn partition_problem(code: ErrorCode) -> Option<String> {
    Some(match code {
        ErrorCode::TopicAuthorizationFailed => "not authorised: grant READ and DESCRIBE on this topic".to_owned(),
        ErrorCode::CorruptMessage => "the broker found corrupt data at this position".to_owned(),
        ErrorCode::KafkaStorageException => "the broker's disk failed".to_owned(),
        ErrorCode::UnsupportedCompressionType => "written with a compression this cluster won't pass on".to_owned(),
        code if code.is_retriable() => return None,
        code => format!("the broker answered {code:?}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_a_space_before_their_unit() {
        assert_eq!(
            spaced("connect to 127.0.0.1:9092 timed out after 5s, 2 of 2.5ms"),
            "connect to 127.0.0.1:9092 timed out after 5 s, 2 of 2.5 ms"
        );
        assert_eq!(spaced(""), "");
    }
}
