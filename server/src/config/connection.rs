//! TLS and SASL of a source.

use std::path::PathBuf;

use weir_broker::{AwsIam, OAuth, Sasl, SaslMechanism, Secret, SignIn, Tls, TokenEndpoint, TokenFrom};

use super::{
    files::CredentialFiles,
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
    expected: "\"plain\", \"scram-sha-256\", \"scram-sha-512\", \"oauthbearer\" or \"aws-msk-iam\"",
    example: "mechanism = \"scram-sha-512\"",
};
/// What is said to who asks for Kerberos.
const NO_KERBEROS: Key = Key {
    name: "mechanism",
    expected: "another way in: most clusters with Kerberos can open one more listener (listeners = …) with SCRAM, OAUTHBEARER or mutual TLS for a user that may only read; Weir has no Kerberos client",
    example: "mechanism = \"scram-sha-512\"",
};
const MECHANISMS: [&str; 5] = ["plain", "scram-sha-256", "scram-sha-512", "oauthbearer", "aws-msk-iam"];
const KERBEROS: [&str; 4] = ["gssapi", "kerberos", "krb5", "spnego"];
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

/// Does a text hold such a PEM block?
pub fn is_pem(text: &str, kind: &str) -> bool {
    text.contains("-----BEGIN") && text.contains(kind)
}

/// `files` is told which file each part comes from.
pub fn tls(source: &Section<'_, '_>, files: &mut CredentialFiles) -> Option<Tls> {
    let section = source.child(&TLS)?;
    (files.ca, files.cert, files.key) =
        (path(&section, &CA_FILE), path(&section, &CERT_FILE), path(&section, &KEY_FILE));
    let pem = |key: &Key, kind: &str| {
        let found = section.text(key)?;
        let text = read_text(&section, key, &found)?;
        if is_pem(&text, kind) {
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

const TOKEN_ENDPOINT: Key = Key {
    name: "token_endpoint",
    expected: "the https address where tokens are given for client_id and its secret (or token_file)",
    example: "token_endpoint = \"https://id.example.com/oauth2/token\"",
};
const CLIENT_ID: Key =
    Key { name: "client_id", expected: "the client's id at the token endpoint", example: "client_id = \"weir\"" };
const CLIENT_SECRET: SecretKeys = SecretKeys {
    by_variable: Key {
        name: "client_secret_env",
        expected: "the name of an environment variable that holds the client's secret (or client_secret_file)",
        example: "client_secret_env = \"SHOP_CLIENT_SECRET\"",
    },
    by_file: Key {
        name: "client_secret_file",
        expected: "a file that holds the client's secret and nothing else (or client_secret_env)",
        example: "client_secret_file = \"/run/secrets/shop-client\"",
    },
    inline: "client_secret",
};
const SCOPE: Key = Key { name: "scope", expected: "the scope to ask for", example: "scope = \"kafka\"" };
const TOKEN_CA_FILE: Key = Key {
    name: "token_ca_file",
    expected: "a PEM file of certificate authorities of the token endpoint, instead of the system's",
    example: "token_ca_file = \"id-ca.pem\"",
};
const TOKEN_FILE: Key = Key {
    name: "token_file",
    expected: "a file that something else keeps a valid token in; read for each connection (or token_endpoint)",
    example: "token_file = \"/run/secrets/kafka-token\"",
};
const EXTENSIONS: Key = Key {
    name: "extensions",
    expected: "a list of name=value that is sent along with the token",
    example: "extensions = [\"logicalCluster=lkc-abc\", \"identityPoolId=pool-1\"]",
};
const REGION: Key =
    Key { name: "region", expected: "the AWS region of the cluster", example: "region = \"eu-central-1\"" };
const ACCESS_KEY_ID: Key = Key {
    name: "access_key_id",
    expected: "the id of the access key of an AWS user or role",
    example: "access_key_id = \"AKIA…\"",
};
const SECRET_ACCESS_KEY: SecretKeys = SecretKeys {
    by_variable: Key {
        name: "secret_access_key_env",
        expected: "the name of an environment variable that holds the secret access key (or secret_access_key_file)",
        example: "secret_access_key_env = \"AWS_SECRET_ACCESS_KEY\"",
    },
    by_file: Key {
        name: "secret_access_key_file",
        expected: "a file that holds the secret access key and nothing else (or secret_access_key_env)",
        example: "secret_access_key_file = \"/run/secrets/aws-secret\"",
    },
    inline: "secret_access_key",
};
const SESSION_TOKEN: SecretKeys = SecretKeys {
    by_variable: Key {
        name: "session_token_env",
        expected: "the name of an environment variable that holds the session token of temporary keys",
        example: "session_token_env = \"AWS_SESSION_TOKEN\"",
    },
    by_file: Key {
        name: "session_token_file",
        expected: "a file that holds the session token of temporary keys and nothing else",
        example: "session_token_file = \"/run/secrets/aws-token\"",
    },
    inline: "session_token",
};

/// As [`tls`].
pub fn sasl(source: &Section<'_, '_>, files: &mut CredentialFiles) -> Option<SignIn> {
    let section = source.child(&SASL)?;
    let sign_in = match mechanism(&section) {
        Some("oauthbearer") => oauth(&section, files).map(SignIn::OAuth),
        Some("aws-msk-iam") => {
            if !source.has(&TLS) {
                source.wrong(&TLS, &source.place(), "is missing, and Amazon MSK takes IAM over TLS only");
            }
            aws_iam(&section, files).map(SignIn::AwsIam)
        }
        mechanism => password(&section, mechanism, files).map(SignIn::Password),
    };
    section.end();
    sign_in
}

fn mechanism(section: &Section<'_, '_>) -> Option<&'static str> {
    let kerberos = section.text(&MECHANISM).filter(|f| KERBEROS.contains(&f.value.to_lowercase().as_str()));
    if let Some(found) = kerberos {
        section.wrong(&NO_KERBEROS, &found.place, format!("is {:?}: Kerberos is not offered", found.value));
        return None;
    }
    one_of(section, &MECHANISM, &MECHANISMS)
}

fn password(section: &Section<'_, '_>, mechanism: Option<&str>, files: &mut CredentialFiles) -> Option<Sasl> {
    files.secret = path(section, &PASSWORD.by_file);
    let username = section.needed_text(&USERNAME);
    let password = needed(section, &PASSWORD);
    let mechanism = match mechanism? {
        "plain" => SaslMechanism::Plain,
        "scram-sha-256" => SaslMechanism::ScramSha256,
        _ => SaslMechanism::ScramSha512,
    };
    Some(Sasl { mechanism, username: username?.value, password: password? })
}

fn path(section: &Section<'_, '_>, key: &Key) -> Option<PathBuf> {
    section.text(key).map(|found| section.reading.surroundings.path(&found.value))
}

fn needed(section: &Section<'_, '_>, keys: &SecretKeys) -> Option<Secret> {
    if !keys.said(section) {
        section.missing(&keys.by_variable);
    }
    keys.read(section)
}

fn oauth(section: &Section<'_, '_>, files: &mut CredentialFiles) -> Option<OAuth> {
    let extensions = section.texts(&EXTENSIONS).unwrap_or_default();
    let pair = |found: super::section::Found<String>| match found.value.split_once('=') {
        Some((name, value)) if !name.is_empty() && !value.is_empty() => Some((name.to_owned(), value.to_owned())),
        _ => {
            section.wrong(&EXTENSIONS, &found.place, format!("holds {:?}, which is no name=value", found.value));
            None
        }
    };
    let extensions = extensions.into_iter().filter_map(pair).collect();
    if let Some(file) = section.text(&TOKEN_FILE) {
        if section.has(&TOKEN_ENDPOINT) {
            section.wrong(&TOKEN_FILE, &file.place, "stands beside token_endpoint");
            section.know(&TOKEN_ENDPOINT);
        }
        return Some(OAuth { token: TokenFrom::File(section.reading.surroundings.path(&file.value)), extensions });
    }
    (files.secret, files.token_ca) = (path(section, &CLIENT_SECRET.by_file), path(section, &TOKEN_CA_FILE));
    let url = section.needed_text(&TOKEN_ENDPOINT).filter(|found| {
        let secure = found.value.starts_with("https://")
            || ["http://127.0.0.1", "http://localhost", "http://[::1]"].iter().any(|h| found.value.starts_with(h));
        if !secure {
            section.wrong(&TOKEN_ENDPOINT, &found.place, "does not begin with https://");
        }
        secure
    });
    let client_id = section.needed_text(&CLIENT_ID);
    let client_secret = needed(section, &CLIENT_SECRET);
    let scope = section.text(&SCOPE).map(|f| f.value);
    let ca_pem = section.text(&TOKEN_CA_FILE).and_then(|found| read_text(section, &TOKEN_CA_FILE, &found));
    let (url, client_id, client_secret) = (url?.value, client_id?.value, client_secret?);
    Some(OAuth {
        token: TokenFrom::Endpoint(TokenEndpoint { url, client_id, client_secret, scope, ca_pem }),
        extensions,
    })
}

fn aws_iam(section: &Section<'_, '_>, files: &mut CredentialFiles) -> Option<AwsIam> {
    files.secret = path(section, &SECRET_ACCESS_KEY.by_file);
    files.session_token = path(section, &SESSION_TOKEN.by_file);
    let region = section.needed_text(&REGION);
    let access_key_id = section.needed_text(&ACCESS_KEY_ID);
    let secret_access_key = needed(section, &SECRET_ACCESS_KEY);
    let session_token = SESSION_TOKEN.read(section);
    Some(AwsIam {
        region: region?.value,
        access_key_id: access_key_id?.value,
        secret_access_key: secret_access_key?,
        session_token,
    })
}
