//! How a source is reached: addresses, TLS, who.

use super::{
    fields::{Line, area, choice, line, part, secret},
    values::Values,
};
use leptos::prelude::*;
use weir_domain::sources::SecretField;

pub fn addresses(values: &Values, number: u8) -> AnyView {
    let body = view! {
        {area(
            values,
            "addresses",
            "Addresses",
            "host:port, one a line; two or three of one cluster are enough, the others are learnt from them.",
            3,
        )}
        {line(
            values,
            "rack",
            "Rack or zone of this server",
            Line {
                hint: "Optional. As the brokers name theirs (broker.rack): they then point Weir to their nearest replica.",
                placeholder: "eu-central-1a",
                ..Line::default()
            },
        )}
    };
    part(number, "Where is it?", body.into_any())
}

pub fn security(values: &Values, number: u8) -> AnyView {
    let body = view! {
        {choice(
            values,
            "tls",
            "Encryption",
            &[
                ("on", "TLS", "the broker shows a certificate"),
                ("mutual", "Mutual TLS", "Weir shows one too"),
                ("off", "None", "whoever is on the way can read along"),
            ],
        )}
        <div class="only only--tls stack stack--lg">
            {area(
                values,
                "ca_pem",
                "Certificate authority",
                "PEM text of your own authority. Empty: those of the system are trusted.",
                3,
            )}
        </div>
        <div class="only only--mutual stack stack--lg">
            {area(values, "client_cert_pem", "Client certificate", "PEM text, with its chain.", 3)}
            {secret(values, SecretField::ClientKey, "Private key of the client certificate")}
        </div>
    };
    part(number, "Is the way there safe?", body.into_any())
}

pub fn who(values: &Values, number: u8) -> AnyView {
    let mono = Line { mono: true, ..Line::default() };
    let body = view! {
        {choice(
            values,
            "sign_in",
            "Sign in",
            &[
                ("none", "Not at all", "or by the client certificate alone"),
                ("scram-sha-512", "SCRAM-SHA-512", "user and password"),
                ("scram-sha-256", "SCRAM-SHA-256", "user and password"),
                ("plain", "PLAIN", "user and password, sent as they are: with TLS only"),
                ("oauthbearer", "OAUTHBEARER", "a token by the client-credentials grant"),
                ("aws-msk-iam", "AWS MSK IAM", "keys of an AWS user or role"),
            ],
        )}
        <div class="only only--password stack stack--lg">
            {line(values, "username", "User", Line::default())}
            {secret(values, SecretField::Password, "Password")}
        </div>
        <div class="only only--oauth stack stack--lg">
            {line(
                values,
                "oauth_endpoint",
                "Token endpoint",
                Line { placeholder: "https://id.example.com/oauth2/token", ..mono },
            )}
            {line(values, "client_id", "Client id", Line::default())}
            {secret(values, SecretField::ClientSecret, "Client secret")}
            {line(values, "scope", "Scope", Line { hint: "Optional.", ..Line::default() })}
            {area(
                values,
                "extensions",
                "SASL extensions",
                "Optional. name=value, one a line (logicalCluster=lkc-…).",
                2,
            )}
        </div>
        <div class="only only--iam stack stack--lg">
            {line(values, "region", "Region", Line { placeholder: "eu-central-1", ..Line::default() })}
            {line(values, "access_key_id", "Access key id", mono)}
            {secret(values, SecretField::SecretAccessKey, "Secret access key")}
            {secret(values, SecretField::SessionToken, "Session token, if the keys are temporary")}
        </div>
        <p class="small muted">
            "Weir needs no more than DESCRIBE and READ on the topics, and DESCRIBE on the cluster to tell sizes; no consumer group. Kerberos is not offered: open one more listener with one of these for it."
        </p>
    };
    part(number, "As whom does Weir sign in?", body.into_any())
}
