//! Rights that are missing, as the command that grants them.

use weir_broker::{Settings, SignIn};

/// A command to copy: it lets this source's user do `operations` on `resource` ("--topic order.placed", "--cluster").
pub(crate) fn grant(settings: &Settings, operations: &[&str], resource: &str) -> String {
    let bootstrap = settings.addresses.first().map_or("localhost:9092", |a| a.as_str());
    let operations: String = operations.iter().map(|o| format!(" --operation {o}")).collect();
    format!(
        "kafka-acls.sh --bootstrap-server {bootstrap} --add --allow-principal {}{operations} {resource}",
        quoted(&principal(settings))
    )
}

pub(crate) fn topic(name: &str) -> String {
    format!("--topic {}", quoted(name))
}

pub(crate) fn group(name: &str) -> String {
    format!("--group {}", quoted(name))
}

/// As Kafka names the user. What only the broker knows stands in angle brackets.
fn principal(settings: &Settings) -> String {
    match (&settings.sasl, &settings.tls) {
        (Some(SignIn::Password(sasl)), _) => format!("User:{}", sasl.username),
        (Some(SignIn::OAuth(_)), _) => "User:<subject of the token>".to_owned(),
        (Some(SignIn::AwsIam(_)), _) => "User:<ARN of the IAM role>".to_owned(),
        (None, Some(tls)) if tls.client_cert_pem.is_some() => "User:<subject of the certificate>".to_owned(),
        (None, _) => "User:ANONYMOUS".to_owned(),
    }
}

/// Who is meant, in a sentence.
pub(crate) fn who(settings: &Settings) -> String {
    match &settings.sasl {
        Some(sign_in) => sign_in.user().to_owned(),
        None if settings.tls.as_ref().is_some_and(|t| t.client_cert_pem.is_some()) => {
            "the client certificate".to_owned()
        }
        None => "who does not sign in".to_owned(),
    }
}

/// For a POSIX shell.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-:/@=,+".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use weir_broker::{Sasl, SaslMechanism, Secret};

    #[test]
    fn a_command_can_be_copied_whatever_the_names() {
        let sasl = Sasl { mechanism: SaslMechanism::Plain, username: "o'weir tap".into(), password: Secret::new("x") };
        let settings = Settings { addresses: vec!["k:9092".into()], sasl: Some(sasl.into()), ..Settings::default() };
        assert_eq!(
            grant(&settings, &["READ", "DESCRIBE"], &topic("order.placed")),
            "kafka-acls.sh --bootstrap-server k:9092 --add --allow-principal 'User:o'\\''weir tap' --operation READ \
             --operation DESCRIBE --topic order.placed"
        );
        assert!(grant(&Settings::default(), &["READ"], &topic("$(rm)")).ends_with("--topic '$(rm)'"));
    }
}
