use super::*;

fn draft(kind: OutletKind, secrets: &[(OutletField, &str)]) -> OutletDraft {
    OutletDraft {
        name: " On call ".into(),
        on: true,
        kind,
        takes: Takes { page: true, notify: false, scope: Scope::everything() },
        server: String::new(),
        tls: MailTls::StartTls,
        user: String::new(),
        from: String::new(),
        to: String::new(),
        secrets: secrets.iter().map(|(f, s)| (*f, Secret::new(*s))).collect(),
    }
}

fn mail(server: &str, user: &str, tls: MailTls) -> OutletDraft {
    OutletDraft {
        server: server.into(),
        user: user.into(),
        tls,
        from: "weir@example.com".into(),
        to: "a@example.com,\n b@example.com".into(),
        ..draft(OutletKind::Mail, &[(OutletField::Password, "geheim")])
    }
}

fn kept(draft: &OutletDraft) -> Outlet {
    let (name, settings) = draft.read(None).unwrap();
    let sealed = Sealed { key_id: "k".into(), bytes: vec![1] };
    let secrets = draft.new_secrets().into_iter().map(|(f, _)| (f, sealed.clone())).collect();
    let (id, takes) = (OutletId("o".into()), draft.takes.clone());
    Outlet { id, name, on: true, takes, settings, secrets, version: 1 }
}

#[test]
fn addresses_are_shown_by_their_host_alone() {
    for (url, want) in [
        ("https://hooks.slack.com/services/T0/B0/secret", Some("https://hooks.slack.com/…")),
        ("http://127.0.0.1:9000/x?token=1", Some("http://127.0.0.1:9000/…")),
        ("https://[::1]:8443", Some("https://[::1]:8443/…")),
        ("https://[::1]", Some("https://[::1]/…")),
        ("https://user:pass@host/", None),
        ("ftp://host/", None),
        ("https://", None),
        ("https:///x", None),
        ("https://host:0/", None),
        ("https://host:99999/", None),
        ("https://ho st/", None),
        ("https://host/#x", None),
        ("https://höst/", None),
        ("//host/", None),
        ("https://host\\@other/", None),
    ] {
        assert_eq!(masked_url(url).as_deref(), want, "{url}");
    }
}

#[test]
fn each_kind_says_what_it_lacks() {
    let slack = draft(OutletKind::Slack, &[(OutletField::Url, "https://hooks.example/services/s3cr3t")]);
    let (name, settings) = slack.read(None).unwrap();
    assert_eq!((name.as_str(), settings.leads_to().as_str()), ("On call", "https://hooks.example/…"));
    for (kind, secrets, lacks) in [
        (OutletKind::Slack, vec![], "address"),
        (OutletKind::Slack, vec![(OutletField::Url, " ")], "address"),
        (OutletKind::Webhook, vec![(OutletField::Url, "https://a.example/")], "secret"),
        (OutletKind::PagerDuty, vec![], "integration key"),
    ] {
        let said = draft(kind, &secrets).read(None).unwrap_err().to_string();
        assert!(said.contains(lacks), "{said}");
    }
    let (_, settings) = draft(OutletKind::PagerDuty, &[(OutletField::RoutingKey, "r")]).read(None).unwrap();
    assert_eq!(settings.leads_to(), PAGERDUTY);
    let none = OutletDraft { takes: Takes { page: false, notify: false, scope: Scope::everything() }, ..slack };
    assert!(none.read(None).is_err());
}

#[test]
fn mail_needs_encryption_for_a_password_and_addresses_that_are_some() {
    let (_, settings) = mail("smtp.example.com:587", "weir", MailTls::StartTls).read(None).unwrap();
    let OutletSettings::Mail { host, port, to, .. } = settings else { panic!("no mail") };
    assert_eq!((host.as_str(), port, to.len()), ("smtp.example.com", 587, 2));
    assert!(mail("smtp.example.com:25", "weir", MailTls::None).read(None).is_err());
    assert!(mail("smtp.example.com:25", "", MailTls::None).read(None).is_ok());
    assert!(mail("smtp.example.com", "weir", MailTls::StartTls).read(None).is_err());
    for bad in ["nobody", "a@", "@b", "a b@c", "a@b@c", "<a@b>"] {
        let draft = OutletDraft { to: bad.into(), ..mail("h:25", "", MailTls::None) };
        assert!(draft.read(None).is_err(), "{bad}");
    }
}

#[test]
fn what_is_kept_is_not_sent_elsewhere() {
    let before = kept(&mail("smtp.example.com:587", "weir", MailTls::StartTls));
    let without = |server: &str, user: &str, tls| OutletDraft { secrets: Vec::new(), ..mail(server, user, tls) };
    assert!(without("smtp.example.com:587", "weir", MailTls::StartTls).read(Some(&before)).is_ok());
    for (server, user, tls) in [
        ("evil.example:587", "weir", MailTls::StartTls),
        ("smtp.example.com:2587", "weir", MailTls::StartTls),
        ("smtp.example.com:587", "other", MailTls::StartTls),
        ("smtp.example.com:587", "weir", MailTls::Implicit),
    ] {
        let said = without(server, user, tls).read(Some(&before)).unwrap_err().to_string();
        assert!(said.contains("password"), "{said}");
    }
    let pager = kept(&draft(OutletKind::PagerDuty, &[(OutletField::RoutingKey, "r")]));
    let moved = OutletDraft { server: "https://evil.example/".into(), ..draft(OutletKind::PagerDuty, &[]) };
    assert!(moved.read(Some(&pager)).is_err());
    assert!(draft(OutletKind::PagerDuty, &[]).read(Some(&pager)).is_ok());
    assert!(draft(OutletKind::Slack, &[]).read(Some(&pager)).is_err(), "another kind");
}
