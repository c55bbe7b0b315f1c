//! People, invitations, one's own account and requests for access, as browsers use them: plain forms over HTTP.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test ends at its first surprise")]

mod common;

use common::{
    PASSWORD, World,
    client::{Answer, Ask, Stream, open},
};

struct Office {
    world: World,
    admin: String,
}

async fn office() -> Office {
    let world = World::start().await;
    let admin = world.administrator().await;
    Office { world, admin }
}

/// A person's id and the token of the link that the page shows this once.
struct Link {
    id: String,
    token: String,
}

impl Office {
    async fn page(&self, path: &str) -> Answer {
        self.world.ask(Ask::get(path).cookie(&self.admin)).await
    }
    async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.world.ask(Ask::form(path, fields).cookie(&self.admin)).await
    }

    async fn invite(&self, login: &str, role: &str, pattern: &str) -> Link {
        let fields = [
            ("login", login),
            ("name", login),
            ("role", role),
            ("environment", ""),
            ("source", ""),
            ("pattern", pattern),
        ];
        let answer = self.post("/people/new", &fields).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        self.link(login, &answer).await
    }

    async fn link(&self, login: &str, answer: &Answer) -> Link {
        let text = answer.text();
        let (_, rest) = text.split_once("/invite#token=").unwrap_or_else(|| panic!("no link in {text}"));
        let id = self.world.sql(&format!("select id from person where login = '{login}'")).await;
        Link { id, token: rest.chars().take(43).collect() }
    }

    async fn accept(&self, link: &Link, name: &str) -> Answer {
        let fields = [("token", &*link.token), ("name", name), ("password", PASSWORD)];
        self.world.ask(Ask::form("/invite", &fields)).await
    }

    /// Somebody who is signed in: their id and cookie.
    async fn hire(&self, login: &str, role: &str) -> (String, String) {
        let link = self.invite(login, role, "*").await;
        let answer = self.accept(&link, login).await;
        assert_eq!((answer.status, answer.header("location")), (303, "/"), "{}", answer.text());
        (link.id, answer.cookie())
    }

    async fn version(&self, id: &str) -> String {
        self.world.sql(&format!("select version from person where id = '{id}'")).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_is_shown_once_and_works_once() {
    let o = office().await;
    let link = o.invite("bob", "support", "order.*").await;
    let page = o.page(&format!("/people/{}", link.id)).await.text();
    assert!(page.contains("order.*") && page.contains("INVITED") && !page.contains(&link.token), "{page}");
    let list = o.page("/people").await.text();
    assert!(list.contains("Invited, not here yet") && list.contains("order.* everywhere"), "{list}");

    assert_eq!(o.world.ask(Ask::get("/invite")).await.status, 200);
    let told = o.world.ask(Ask::form("/invite", &[("token", &link.token)])).await;
    assert_eq!((told.status, told.header("set-cookie")), (200, ""));
    let text = told.text();
    assert!(text.contains("value=\"bob\"") && text.contains("Mara Lindqvist invites you"), "{text}");
    // What won't do is told on the same page, and the link still holds.
    let fields = [("token", &*link.token), ("name", "Bob Miller"), ("password", "short")];
    let short = o.world.ask(Ask::form("/invite", &fields)).await;
    assert_eq!((short.status, short.header("set-cookie")), (400, ""));
    assert!(short.text().contains("password is too short") && short.text().contains("value=\"Bob Miller\""));
    let joined = o.accept(&link, "Bob Miller").await;
    assert_eq!((joined.status, joined.header("location")), (303, "/"), "{}", joined.text());
    let me = o.world.ask(Ask::get("/api/access/me").cookie(&joined.cookie())).await.json();
    assert_eq!((me["name"].as_str(), me["roles"][0].as_str()), (Some("Bob Miller"), Some("support")));

    for fields in [vec![("token", &*link.token)], vec![("token", &*link.token), ("name", "x"), ("password", PASSWORD)]]
    {
        let again = o.world.ask(Ask::form("/invite", &fields)).await;
        assert_eq!((again.status, again.header("set-cookie")), (400, ""), "{}", again.text());
        assert!(again.text().contains("This link is not valid"), "{}", again.text());
    }
    assert_eq!(o.world.sql("select count(*) from person_link").await, "0");
    o.world.running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_ran_out_was_replaced_or_taken_back_leads_nowhere() {
    let o = office().await;
    let stale = async |link: &Link| {
        let answer = o.accept(link, "x").await;
        assert!(answer.status == 400 && answer.text().contains("This link is not valid"), "{}", answer.text());
        assert_eq!(answer.header("set-cookie"), "");
    };
    let late = o.invite("late", "viewer", "*").await;
    o.world.sql("update person_link set expires = now() - interval '1 second'").await;
    stale(&late).await;
    assert!(o.page("/people").await.text().contains("RUN OUT"));
    let again = o.post(&format!("/people/{}/reset", late.id), &[]).await;
    assert_eq!(again.status, 200, "{}", again.text());
    let newer = o.link("late", &again).await;
    stale(&late).await;
    let newest = o.link("late", &o.post(&format!("/people/{}/reset", late.id), &[]).await).await;
    stale(&newer).await;
    let back = o.post(&format!("/people/{}/revoke", late.id), &[]).await;
    assert_eq!((back.status, back.header("location")), (303, "/people?done=revoked"));
    stale(&newest).await;
    assert_eq!(o.page(&format!("/people/{}", late.id)).await.status, 404);
    let incomplete = o.world.ask(Ask::form("/invite", &[])).await;
    assert_eq!((incomplete.status, incomplete.header("location")), (303, "/invite?error=invite"));
    o.world.running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_come_and_go_without_a_script_and_mistakes_keep_what_was_typed() {
    let o = office().await;
    let row = |pattern: &'static str| [("environment", ""), ("source", ""), ("pattern", pattern)];
    let typed = [&[("login", "bob"), ("name", "Bob"), ("role", "support")], &row("a.*")[..], &row("b.*")[..]].concat();
    let added = o.post("/people/new", &[&typed[..], &[("row", "add")]].concat()).await;
    let text = added.text();
    assert_eq!((added.status, text.matches("name=\"pattern\"").count()), (200, 3));
    assert!(text.contains("value=\"a.*\"") && text.contains("value=\"bob\""), "{text}");
    let removed = o.post("/people/new", &[&typed[..], &[("row", "remove-0")]].concat()).await.text();
    assert_eq!(removed.matches("name=\"pattern\"").count(), 1);
    assert!(removed.contains("value=\"b.*\"") && !removed.contains("value=\"a.*\""));
    assert_eq!(o.world.sql("select count(*) from person").await, "1", "nothing was made");

    for (more, about) in [
        (vec![("role", "root")], "There is no role"),
        (vec![("environment", "1"), ("source", ""), ("pattern", "")], "names no channel"),
        (
            vec![("environment", "99"), ("source", ""), ("pattern", "*")],
            "Grant 3 names an environment or source that is gone",
        ),
        (vec![("environment", "x"), ("source", ""), ("pattern", "*")], "no number"),
    ] {
        let wrong = o.post("/people/new", &[&typed[..], &more[..]].concat()).await;
        let text = wrong.text();
        assert!(wrong.status == 400 && text.contains(about), "{about}: {} {text}", wrong.status);
        assert!(text.contains("value=\"Bob\"") && text.contains("value=\"a.*\""), "{text}");
    }
    let taken = o.post("/people/new", &[("login", "MARA"), ("name", "Mara")]).await;
    assert!(taken.status == 409 && taken.text().contains("has this log-in name already"), "{}", taken.text());
    assert_eq!(o.world.sql("select count(*) from person").await, "1");
    o.world.running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_of_two_tabs_is_told_who_was_first() {
    let o = office().await;
    let (bob, cookie) = o.hire("bob", "viewer").await;
    let version = o.version(&bob).await;
    let path = format!("/people/{bob}");
    let change =
        |name: &'static str| [("version", version.clone()), ("name", name.to_owned()), ("role", "support".to_owned())];
    let send = async |fields: [(&str, String); 3]| {
        let fields: Vec<_> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
        o.post(&path, &fields).await
    };
    let first = send(change("Robert")).await;
    assert_eq!((first.status, first.header("location")), (303, &*format!("{path}?done=changed")), "{}", first.text());
    let second = send(change("Bobby")).await;
    assert_eq!(second.status, 409);
    assert!(second.text().contains("Mara Lindqvist changed this person at"), "{}", second.text());
    assert!(second.text().contains("value=\"Bobby\""), "what was typed stays");
    assert!(o.page(&path).await.text().contains("value=\"Robert\""));
    let me = o.world.ask(Ask::get("/api/access/me").cookie(&cookie)).await.json();
    assert_eq!(
        (me["roles"][0].as_str(), me["environments"].as_array().unwrap().len()),
        (Some("support"), 0),
        "at once"
    );
    let none = o.post(&path, &[("name", "x")]).await;
    assert!(none.status == 400 && none.text().contains("which state"), "{}", none.text());
    o.world.running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_who_may_edit_people_stays_whoever_comes_at_once() {
    let o = office().await;
    let mara = o.world.sql("select id from person").await;
    let alone = o.post(&format!("/people/{mara}/deactivate"), &[]).await;
    assert!(
        alone.status == 409 && alone.text().contains("Nobody who may edit people would be left"),
        "{}",
        alone.text()
    );
    let (bob, bobs) = o.hire("bob", "admin").await;
    // Each goes for the other, at the same moment.
    let at_mara = Ask::form(&format!("/people/{mara}/deactivate"), &[]).cookie(&bobs);
    let at_bob = Ask::form(&format!("/people/{bob}/deactivate"), &[]).cookie(&o.admin);
    let (a, b) = tokio::join!(o.world.ask(at_mara), o.world.ask(at_bob));
    let done = [a.status, b.status].iter().filter(|s| **s == 303).count();
    // Whoever came second is not signed in any more (303 to the sign-in page), or found to be no administrator.
    let turned = [&a, &b].iter().filter(|x| x.status == 403 || x.header("location").starts_with("/sign-in")).count();
    assert!(turned == 1 && (1..=2).contains(&done), "{} {}: {} {}", a.status, b.status, a.text(), b.text());
    let left = "select count(*) from person p join person_role r on r.person_id = p.id where active and role = 'admin'";
    assert_eq!(o.world.sql(left).await, "1");
    o.world.running.end().await;
}

async fn follow(world: &World, cookie: &str) -> Stream {
    let mut stream = open(world.address, Ask::get("/live?topics=overview").cookie(cookie)).await.unwrap();
    assert_eq!(stream.status, 200);
    stream.next_of("overview").await.unwrap();
    stream
}

/// Until the stream says goodbye; frames come every 5 s while nothing happens, so that few of them are at most 30 s.
async fn bye(stream: &mut Stream) -> String {
    for _ in 0..8 {
        let event = stream.next().await.expect("ended without a word");
        if event.event == "bye" {
            assert_eq!(stream.next().await, None, "nothing comes after");
            return event.data;
        }
    }
    panic!("it goes on");
}

#[tokio::test(flavor = "multi_thread")]
async fn deactivating_ends_open_streams_here_and_in_another_process() {
    let o = office().await;
    let other = o.world.neighbour().await;
    let (bob, cookie) = o.hire("bob", "viewer").await;
    let (mut here, mut there) = (follow(&o.world, &cookie).await, follow(&other, &cookie).await);
    let done = o.post(&format!("/people/{bob}/deactivate"), &[]).await;
    assert_eq!((done.status, done.header("location")), (303, &*format!("/people/{bob}?done=deactivated")));
    assert_eq!(other.ask(Ask::get("/api/access/me").cookie(&cookie)).await.status, 401, "calls everywhere, at once");
    assert_eq!(here.next().await.unwrap().data, "{\"reason\":\"signed_out\"}", "here at once");
    assert_eq!(bye(&mut there).await, "{\"reason\":\"signed_out\"}");
    let fields = [("login", "bob"), ("password", PASSWORD)];
    assert!(o.world.ask(Ask::form("/sign-in", &fields)).await.header("location").contains("error=credentials"));

    o.post(&format!("/people/{bob}/reactivate"), &[]).await;
    assert_eq!(
        o.world.ask(Ask::get("/api/access/me").cookie(&cookie)).await.status,
        401,
        "the old session stays ended"
    );
    let signed_in = o.world.ask(Ask::form("/sign-in", &fields)).await;
    let mut again = follow(&o.world, &signed_in.cookie()).await;
    // A role that goes ends the topic, here at once.
    let version = o.version(&bob).await;
    o.post(&format!("/people/{bob}"), &[("version", &version), ("name", "Bob"), ("role", "auditor")]).await;
    assert_eq!(bye(&mut again).await, "{\"reason\":\"not_allowed\",\"topic\":\"overview\"}");
    // A new link for a password ends the rest.
    let reset = o.post(&format!("/people/{bob}/reset"), &[]).await;
    assert_eq!(reset.status, 200, "{}", reset.text());
    assert_eq!(o.world.ask(Ask::get("/api/access/me").cookie(&signed_in.cookie())).await.status, 401);
    let link = o.link("bob", &reset).await;
    let told = o.world.ask(Ask::form("/invite", &[("token", &link.token)])).await;
    assert!(told.text().contains("Choose a new password"), "{}", told.text());
    assert_eq!(o.accept(&link, "").await.status, 303);
    other.running.end().await;
    o.world.running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ones_own_password_name_and_sessions() {
    let o = office().await;
    let other = o.world.log_in().await;
    let text = o.page("/account").await.text();
    assert!(text.contains("this one") && text.contains("every channel everywhere"), "{text}");
    let wrong = [("present_password", "not the present one"), ("new_password", "another long sentence")];
    let refused = o.post("/account/password", &wrong).await;
    assert_eq!(refused.status, 400);
    assert!(refused.text().contains("present password is wrong") && !refused.text().contains("another long sentence"));
    let right = [("present_password", PASSWORD), ("new_password", "another long sentence")];
    assert_eq!(o.post("/account/password", &right).await.header("location"), "/account?done=password");
    assert_eq!(o.world.ask(Ask::get("/api/access/me").cookie(&other)).await.status, 401);
    assert_eq!(o.post("/account/name", &[("name", "Mara L.")]).await.header("location"), "/account?done=renamed");
    let fields = [("login", "mara"), ("password", "another long sentence")];
    let third = o.world.ask(Ask::form("/sign-in", &fields)).await.cookie();
    let sessions = o.world.ask(Ask::get("/api/access/sessions").cookie(&third)).await.json();
    let own = sessions.as_array().unwrap().iter().find(|s| s["present"] == true).unwrap()["id"].to_string();
    assert_eq!(o.post("/account/sessions", &[("session", &own)]).await.header("location"), "/account?done=ended");
    assert_eq!(o.world.ask(Ask::get("/api/access/me").cookie(&third)).await.status, 401);
    assert_eq!(o.post("/account/sessions", &[("session", "x")]).await.status, 400);
    let me = o.page("/api/access/me").await.json();
    assert_eq!(me["name"], "Mara L.");
    o.world.running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_asks_and_an_administrator_answers() {
    let o = office().await;
    let (bob, bobs) = o.hire("bob", "viewer").await;
    let as_bob = |ask: Ask| o.world.ask(ask.cookie(&bobs));
    // Refused everywhere, and told whom to ask for what.
    let page = as_bob(Ask::get("/people")).await.text();
    assert!(page.contains("people.edit") && !page.contains("mara"), "{page}");
    assert!(page.contains("/account/ask?role=admin&amp;for=people.edit&amp;at=/people"), "{page}");
    for path in ["list", "requests", "detail?person=x"] {
        let call = as_bob(Ask::get(&format!("/api/people/{path}"))).await;
        assert_eq!((call.status, call.json()["ask"].as_str()), (403, Some("role=admin&for=people.edit")), "{path}");
    }
    for act in [
        "new",
        "answer",
        &bob,
        &format!("{bob}/deactivate"),
        &format!("{bob}/reactivate"),
        &format!("{bob}/reset"),
        &format!("{bob}/revoke"),
    ] {
        let fields = [("login", "eve"), ("name", "Eve"), ("version", "1"), ("role", "admin"), ("answer", "give")];
        let refused = as_bob(Ask::form(&format!("/people/{act}"), &fields)).await;
        assert!(refused.status == 403 && refused.text().contains("people.edit"), "{act}: {}", refused.status);
    }
    assert_eq!(o.world.sql("select count(*) from person").await, "2");

    let form = as_bob(Ask::get("/account/ask?role=support&for=events.payload&at=/events/1-2")).await.text();
    assert!(form.contains("for events.payload") && form.contains("value=\"/events/1-2\""), "{form}");
    assert!(!form.contains("value=\"operator\""), "only roles that would help");
    let fields =
        [("role", "support"), ("for", "events.payload"), ("at", "/events?key=ord-4711"), ("reason", "<b>an order</b>")];
    assert_eq!(as_bob(Ask::form("/account/ask", &fields)).await.header("location"), "/account?done=asked");
    let twice = as_bob(Ask::form("/account/ask", &fields)).await;
    assert!(twice.status == 409 && twice.text().contains("nobody has answered yet"), "{}", twice.text());
    assert!(o.world.sql("select path from access_request").await == "/events", "without the key");

    let seen = o.page("/people").await.text();
    assert!(
        seen.contains("asks for the role") && seen.contains("&lt;b&gt;an order") && !seen.contains("<b>an order"),
        "{seen}"
    );
    assert_eq!(o.page("/api/access/me").await.json()["requests"], 1);
    let id = o.world.sql("select id from access_request").await;
    let silent = o.post("/people/answer", &[("request", &id), ("answer", "decline"), ("word", "")]).await;
    assert!(silent.status == 400 && silent.text().contains("with a word"), "{}", silent.text());
    let given = o.post("/people/answer", &[("request", &id), ("answer", "give"), ("word", "for this week")]).await;
    assert_eq!(given.header("location"), "/people?done=given");
    let me = as_bob(Ask::get("/api/access/me")).await.json();
    assert!(me["permissions"].as_array().unwrap().iter().any(|p| p == "events.payload"), "{me}");
    let own = as_bob(Ask::get("/account")).await.text();
    assert!(own.contains("GIVEN") && own.contains("for this week"), "{own}");
    assert_eq!(o.page("/api/access/me").await.json()["requests"], 0);
    o.world.running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_that_the_browser_asks_for_is_whole_even_where_it_refuses() {
    let o = office().await;
    let (_, bobs) = o.hire("bob", "viewer").await;
    let drawn = o.world.ask(Ask::get("/api/access/page?address=%2Fpeople").cookie(&bobs)).await;
    assert_eq!(drawn.status, 200);
    let html = drawn.json()["html"].as_str().unwrap().to_owned();
    assert!(
        html.contains("<h1") && html.contains("/account/ask?role=admin&amp;for=people.edit&amp;at=/people"),
        "{html}"
    );
    assert_eq!(o.world.ask(Ask::get("/api/access/page?address=%2Fpeople")).await.status, 401);
    o.world.running.end().await;
}
