//! What outlets reach, whom they trust, and how a test looks.

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use weir::{
    outlets::Outlets,
    vault::{KeyVault, SecretKey},
};
use weir_domain::{
    Timestamp,
    monitors::{Cause, MailTls, Message, Outlet, OutletField, OutletKind, OutletSettings, Sender as _},
};

use crate::{
    START, Turned, WEBHOOK_SECRET, is_signed, made, mail_to,
    receivers::{Certified, certified, http, smtp},
    sender, shown,
};

fn message() -> Message {
    Message::test("On call", "Mara", "0193e7a2-4c1b-7d52-a0f3-000000000009".into(), Timestamp::EPOCH.plus_secs(START))
}

#[tokio::test]
async fn an_outlet_reaches_only_what_it_may_and_follows_nothing() {
    let clock = Arc::new(Turned::default());
    let vault = Arc::new(KeyVault::new(vec![SecretKey::random().unwrap()]));
    let inside = http(None).await;
    let slack = |url: &str| made(&vault, 1, shown(OutletKind::Slack), &[(OutletField::Url, url)]);
    let (closed, open) = (sender(&vault, &clock, false, None), sender(&vault, &clock, true, None));
    let send = async |by: &Outlets, outlet: &Outlet| by.send(outlet, "id", &message()).await;
    for url in [
        &*format!("http://{}/s3cr3t", inside.address),
        &*format!("http://localhost:{}/s3cr3t", inside.address.port()),
        "http://169.254.169.254/latest/meta-data/s3cr3t",
        "http://[::ffff:169.254.169.254]/s3cr3t",
    ] {
        let why = send(&closed, &slack(url)).await.unwrap_err().to_string();
        assert!(why.contains("which outlets may not reach") && !why.contains("s3cr3t"), "{why}");
    }
    let mail = made(&vault, 2, mail_to("127.0.0.1", 25, MailTls::None, None), &[]);
    let why = send(&closed, &mail).await.unwrap_err().to_string();
    assert!(why.contains("which outlets may not reach"), "{why}");
    assert!(inside.requests.all().is_empty());
    // A redirect is told and not followed, and of the answer nothing is told but its status.
    let outlet = slack(&format!("http://{}/s3cr3t", inside.address));
    for (answer, told) in
        [("302 Found", "not followed"), ("404 Not Found", "nothing at this address"), ("500 Odd", "answered 500")]
    {
        inside.answers.lock().unwrap().push_back(answer);
        let why = send(&open, &outlet).await.unwrap_err().to_string();
        assert!(why.contains(told) && !why.contains("secret-in") && !why.contains("s3cr3t"), "{why}");
    }
    send(&open, &outlet).await.unwrap();
    // Sealed with a key that is gone.
    let other = sender(&Arc::new(KeyVault::new(vec![SecretKey::random().unwrap()])), &clock, true, None);
    let why = send(&other, &outlet).await.unwrap_err().to_string();
    assert!(why.contains("Give it again"), "{why}");
}

#[tokio::test]
async fn with_tls_the_receiver_has_to_be_who_it_says() {
    let clock = Arc::new(Turned::default());
    let vault = Arc::new(KeyVault::new(vec![SecretKey::random().unwrap()]));
    let Certified { pem, acceptor } = certified();
    let (hook, post) = (http(Some(acceptor.clone())).await, smtp(Some(acceptor)).await);
    let (trusting, strange) = (sender(&vault, &clock, true, Some(pem)), sender(&vault, &clock, true, None));
    let hook_of = |host: &str| {
        let url = format!("https://{host}:{}/", hook.address.port());
        made(&vault, 1, shown(OutletKind::Webhook), &[(OutletField::Url, &url), (OutletField::Secret, WEBHOOK_SECRET)])
    };
    let mail_of = |host: &str, tls| {
        let settings = mail_to(host, post.address.port(), tls, Some("weir"));
        made(&vault, 2, settings, &[(OutletField::Password, "geheim")])
    };
    let send = async |by: &Outlets, outlet: &Outlet| by.send(outlet, "id", &message()).await.map_err(|e| e.to_string());
    send(&trusting, &hook_of("localhost")).await.unwrap();
    assert!(is_signed(&hook.requests.all()[0]));
    send(&trusting, &mail_of("localhost", MailTls::StartTls)).await.unwrap();
    let letter = post.mails.all().remove(0);
    assert!(letter.encrypted);
    assert_eq!(letter.signed_in.as_deref(), Some(&*STANDARD.encode("\0weir\0geheim")));
    assert!(letter.text.contains("Subject: [notify] Test of the outlet On call"), "{}", letter.text);
    // Not trusted, of another name, or without the encryption that was asked for: nothing is sent.
    for (by, outlet) in [
        (&strange, hook_of("localhost")),
        (&trusting, hook_of("127.0.0.1")),
        (&strange, mail_of("localhost", MailTls::StartTls)),
        (&trusting, mail_of("127.0.0.1", MailTls::StartTls)),
    ] {
        let why = send(by, &outlet).await.unwrap_err();
        assert!(!why.contains("geheim"), "{why}");
    }
    let plain = smtp(None).await;
    let without = made(
        &vault,
        3,
        mail_to("localhost", plain.address.port(), MailTls::StartTls, Some("weir")),
        &[(OutletField::Password, "geheim")],
    );
    let why = send(&trusting, &without).await.unwrap_err();
    assert!(why.contains("STARTTLS"), "{why}");
    assert_eq!((hook.requests.all().len(), post.mails.all().len(), plain.mails.all().len()), (1, 1, 0));
}

#[tokio::test]
async fn a_test_of_pager_duty_begins_and_ends() {
    let clock = Arc::new(Turned::default());
    let vault = Arc::new(KeyVault::new(vec![SecretKey::random().unwrap()]));
    let pager = http(None).await;
    let settings = OutletSettings::PagerDuty { endpoint: format!("http://{}/v2/enqueue", pager.address) };
    let outlet = made(&vault, 1, settings, &[(OutletField::RoutingKey, "r")]);
    sender(&vault, &clock, true, None).send(&outlet, "id", &message()).await.unwrap();
    let all: Vec<_> = pager.requests.all().iter().map(|r| r.json()).collect();
    let actions: Vec<_> = all.iter().map(|e| e["event_action"].as_str().unwrap()).collect();
    assert_eq!((actions, &all[0]["dedup_key"]), (vec!["trigger", "resolve"], &all[1]["dedup_key"]));
    assert_eq!(all[0]["payload"]["severity"], "info");
    assert_eq!(message().cause, Cause::Test);
}

#[tokio::test]
async fn a_recipient_that_is_refused_keeps_mail_from_nobody_else() {
    let clock = Arc::new(Turned::default());
    let vault = Arc::new(KeyVault::new(vec![SecretKey::random().unwrap()]));
    let post = smtp(None).await;
    let outlet = made(&vault, 1, mail_to("127.0.0.1", post.address.port(), MailTls::None, None), &[]);
    let by = sender(&vault, &clock, true, None);
    // The first one has left.
    *post.strangers.lock().unwrap() = vec!["on-call@example.com"];
    let but = by.send(&outlet, "id", &message()).await.unwrap().unwrap();
    assert!(but.starts_with("Not all recipients got it.") && but.contains("on-call@example.com"), "{but}");
    assert!(but.contains("no such user") && !but.contains("lead@example.com"), "{but}");
    let letter = post.mails.wait(1).await.remove(0);
    assert!(letter.to.len() == 1 && letter.to[0].contains("lead@example.com"), "{:?}", letter.to);
    assert_eq!(letter.hello, "weir.example");
    // With nobody left it did not arrive.
    post.strangers.lock().unwrap().push("lead@example.com");
    let why = by.send(&outlet, "id", &message()).await.unwrap_err().to_string();
    assert!(why.contains("on-call@example.com") && why.contains("lead@example.com"), "{why}");
    *post.strangers.lock().unwrap() = Vec::new();
    assert_eq!(by.send(&outlet, "id", &message()).await.unwrap(), None);
    assert_eq!(post.mails.wait(2).await[1].to.len(), 2);
}

#[tokio::test]
async fn a_receiver_says_how_long_to_leave_it_alone() {
    let clock = Arc::new(Turned::default());
    let vault = Arc::new(KeyVault::new(vec![SecretKey::random().unwrap()]));
    let hook = http(None).await;
    let url = format!("http://{}/", hook.address);
    let outlet = made(&vault, 1, shown(OutletKind::Slack), &[(OutletField::Url, &url)]);
    let by = sender(&vault, &clock, true, None);
    for (answer, want) in [
        ("429 Too Many Requests\r\nretry-after: 120", Some(120)),
        ("503 Busy\r\nretry-after: Sun, 22 Nov 2026 13:21:00 GMT", Some(60)),
        ("429 Too Many Requests", None),
        // It is wrong, not busy.
        ("400 Bad Request\r\nretry-after: 120", None),
    ] {
        hook.answers.lock().unwrap().push_back(answer);
        assert_eq!(by.send(&outlet, "id", &message()).await.unwrap_err().asked_s, want, "{answer}");
    }
}
