//! TLS and SASL of a source.

use weir_broker::{Sasl, SaslMechanism, Secret, Tls};

use super::{
    secret::{SecretKeys, read_text},
    section::{Key, Section},
    source::one_of,
};

const TLS: Key = Key {
    name: "tls",
    expected: "a table; empty for TLS with the system's certificate authorities",
    example: "tls = { ca_file = \"ca.pem\" }",
};
const CA_FILE: Key = Key {
    name: "ca_file",
    expected: "a PEM file of certificate authorities to trust instead of the system's",
    example: "ca_file = \"ca.pem\"",
};
const CERT_FILE: Key = Key {
    name: "cert_file",
    expected: "a PEM file with the client's certificate, together with key_file (mutual TLS)",
    example: "cert_file = \"client.pem\"\nkey_file = \"client.key\"",
};
const KEY_FILE: Key = Key {
    name: "key_file",
    expected: "a PEM file with the client's private key, together with cert_file (mutual TLS)",
    example: "cert_file = \"client.pem\"\nkey_file = \"client.key\"",
};
const SASL: Key = Key {
    name: "sasl",
    expected: "a table with mechanism, username and a way to get the password",
    example: "sasl = { mechanism = \"scram-sha-512\", username = \"weir\", password_env = \"SHOP_PASSWORD\" }",
};
const MECHANISM: Key = Key {
    name: "mechanism",
    expected: "\"plain\", \"scram-sha-256\" or \"scram-sha-512\"",
    example: "mechanism = \"scram-sha-512\"",
};
const USERNAME: Key = Key { name: "username", expected: "the name to sign in with", example: "username = \"weir\"" };
const PASSWORD: SecretKeys = SecretKeys {
    by_variable: Key {
        name: "password_env",
        expected: "the name of an environment variable that holds the password (or password_file)",
        example: "password_env = \"SHOP_PASSWORD\"",
    },
    by_file: Key {
        name: "password_file",
        expected: "a file that holds the password and nothing else (or password_env)",
        example: "password_file = \"/run/secrets/shop-password\"",
    },
    inline: "password",
};

pub fn tls(source: &Section<'_, '_>) -> Option<Tls> {
    let section = source.child(&TLS)?;
    let pem = |key: &Key, kind: &str| {
        let found = section.text(key)?;
        let text = read_text(&section, key, &found)?;
        if text.contains("-----BEGIN") && text.contains(kind) {
            Some(text)
        } else {
            section.wrong(
                key,
                &found.place,
                format!("names {}, which holds no PEM {}", found.value, kind.to_lowercase()),
            );
            None
        }
    };
    let tls = Tls {
        ca_pem: pem(&CA_FILE, "CERTIFICATE"),
        client_cert_pem: pem(&CERT_FILE, "CERTIFICATE"),
        client_key_pem: pem(&KEY_FILE, "PRIVATE KEY").map(Secret::new),
    };
    match (section.has(&CERT_FILE), section.has(&KEY_FILE)) {
        (true, false) => section.missing(&KEY_FILE),
        (false, true) => section.missing(&CERT_FILE),
        _ => {}
    }
    section.end();
    Some(tls)
}

pub fn sasl(source: &Section<'_, '_>) -> Option<Sasl> {
    let section = source.child(&SASL)?;
    let mechanism = one_of(&section, &MECHANISM, &["plain", "scram-sha-256", "scram-sha-512"]);
    let username = section.needed_text(&USERNAME);
    if !PASSWORD.said(&section) {
        section.missing(&PASSWORD.by_variable);
    }
    let password = PASSWORD.read(&section);
    section.end();
    let mechanism = match mechanism? {
        "plain" => SaslMechanism::Plain,
        "scram-sha-256" => SaslMechanism::ScramSha256,
        _ => SaslMechanism::ScramSha512,
    };
    Some(Sasl { mechanism, username: username?.value, password: password? })
}
