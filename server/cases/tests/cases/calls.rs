//! How to call each use case, by name. A name that is not here makes the access test fail.

mod lag;

use crate::world::{
    BANK, CHANNELS, LOGIN, PASSWORD, PRODUCTION, SHOP, STAGING, TRIAL, World, event_id, expired, settings,
};
use async_trait::async_trait;
use futures::StreamExt;
use serde_json::{Value, json};
use weir_cases::{
    Frame, Recheck,
    audit::Exported,
    events::{self, BrokerAsked, Wanted},
    holds::place::Wanted as Held,
    links::add::TemplateDraft,
    sources::TrialDraft,
    tokens::Asked,
};
use weir_domain::{
    CaseError, ChannelId, ErasureId, HoldId, LinkId, PersonId, RequestId, Secret, SessionId, TemplateId, Timestamp,
    TokenId,
    access::{Caller, Role},
    audit::{EntryId, Question},
    capture::{CaptureMode, ChannelPolicy},
    erasures::{Subject, SubjectKind},
    events::{BrokerLimits, BrokerRange, Column, EventFilter, KeyList, TimeRange},
    links::LinkTemplate,
    searches::EventsAddress,
    sources::{EnvironmentChoice, SecretField, SourceChange, SourceDraft},
    tokens::TokenShown,
};

/// Everything a use case answers over the whole world, as JSON; the first refusal ends it.
pub async fn call(name: &str, world: &World, caller: &Caller, token: &str) -> Result<Value, CaseError> {
    let cases = &world.cases;
    let mut answers = Vec::new();
    match name {
        "access/log_in" => {
            cases.access.log_in(LOGIN, PASSWORD, "192.0.2.1").await?;
        }
        "access/log_out" => {
            let own = cases.access.log_in(LOGIN, PASSWORD, "192.0.2.1").await?;
            cases.access.log_out(&own.token, "r".into()).await?;
            assert!(cases.access.caller(&own.token, None, "r".into()).await?.is_none());
        }
        "access/set_up" => {
            // Somebody exists: it may be called by anybody and does nothing.
            let refused = cases.access.set_up(token, "eve", "Eve", PASSWORD, &"r".into()).await;
            assert!(matches!(refused, Err(CaseError::Conflict { .. })), "{refused:?}");
            assert!(world.accounts.people().iter().all(|p| p.login != "eve"));
        }
        "access/me" => answers.push(json!(cases.access.me(caller).await?)),
        "access/page" => answers.push(json!(cases.access.page(caller).await?)),
        "access/account" => answers.push(json!(cases.access.account(caller).await?)),
        "access/rename" => answers.push(json!(cases.access.rename(caller, &caller.name).await?)),
        "access/password" => {
            // Anybody may try; this one is too short, and so costs no hashing.
            let refused = cases.access.password(caller, PASSWORD, "short", "192.0.2.1").await;
            assert!(matches!(refused, Err(CaseError::Invalid { .. })), "{refused:?}");
        }
        "access/sessions" => answers.push(json!(cases.access.sessions(caller).await?)),
        "access/end_session" => answers.push(json!(cases.access.end_session(caller, Some(SessionId(-1))).await?)),
        "access/ask" => {
            let role = Role::ALL.iter().find(|r| !caller.roles.contains(r)).map_or("", |r| r.as_str());
            let asked = cases.access.ask(caller, role, "events.payload", "/events?key=key-100", "to help").await;
            match asked {
                Err(CaseError::Invalid { .. }) => assert!(role.is_empty(), "{role}"),
                asked => drop(asked?),
            }
        }
        "people/list" => answers.push(json!(cases.people.list(caller, "").await?)),
        "people/detail" => {
            answers.push(json!(cases.people.detail(caller, &caller.person).await?));
            answers.push(json!(cases.people.detail(caller, &PersonId("nobody".into())).await?));
            answers.push(json!(cases.people.places(caller).await?));
        }
        "people/invite" => {
            let login = format!("new{}", world.accounts.people().len());
            let link = cases.people.invite(caller, &login, "New", &["viewer".into()], Vec::new()).await?;
            assert!(!format!("{link:?}").contains(&link.token));
        }
        "people/change" => cases.people.change(caller, &caller.person, 1, "Mara", &[], Vec::new()).await?,
        "people/deactivate" => cases.people.deactivate(caller, &PersonId("other".into())).await?,
        "people/reactivate" => cases.people.reactivate(caller, &PersonId("other".into())).await?,
        "people/reset" => drop(cases.people.reset(caller, &PersonId("other".into())).await?),
        "people/revoke_invite" => cases.people.revoke_invite(caller, &PersonId("other".into())).await?,
        "people/accept" => {
            // Anybody may, and without a link nobody gets anywhere.
            for link in ["", "guess", token] {
                let refused = cases.people.accept(link, "Eve", PASSWORD, &"r".into()).await.map(drop);
                assert!(matches!(refused, Err(CaseError::Invalid { .. })), "{refused:?}");
            }
        }
        "people/requests" => answers.push(json!(cases.people.requests(caller).await?)),
        "people/answer_request" => {
            cases.people.answer_request(caller, &RequestId("none".into()), true, "").await?;
        }
        "capture/list" => answers.push(json!(cases.capture.list(caller, None).await?)),
        "capture/detail" => {
            for (channel, ..) in CHANNELS {
                answers.push(json!(cases.capture.detail(caller, ChannelId(channel)).await?));
            }
        }
        "capture/budget" => answers.push(json!(cases.capture.budget(caller).await?)),
        "capture/set_budget" => {
            // Of all channels: who does not see them all is refused after the door.
            let before = world.ports.budget.lock().unwrap().setting.bytes;
            let after = before.is_none().then_some(20_000_000_000);
            match cases.capture.set_budget(caller, Some(before), after).await {
                Err(CaseError::Conflict { .. }) => {}
                done => answers.push(json!(done?)),
            }
        }
        "capture/set" => {
            for (channel, ..) in CHANNELS {
                // Always another one than it is.
                let before = world.ports.policy(ChannelId(channel));
                let mode = match before.mode {
                    CaptureMode::Full => CaptureMode::Metadata,
                    _ => CaptureMode::Full,
                };
                let after = ChannelPolicy { mode, ..before };
                answers.push(json!(cases.capture.set(caller, ChannelId(channel), Some(&before), &after).await?));
            }
        }
        "events/missing" => {
            for (channel, ..) in CHANNELS {
                answers.push(json!(cases.events.missing(caller, event_id(channel, 1)).await?));
            }
        }
        "events/gone" => {
            for (channel, ..) in CHANNELS {
                answers.push(json!(cases.events.gone(caller, event_id(channel, 7)).await?));
            }
        }
        "events/from_broker" => {
            // What is kept away is read from the broker.
            let kept = std::mem::take(&mut world.ports.data.lock().unwrap().events);
            world.ports.data.lock().unwrap().events = kept.iter().cloned().map(expired).collect();
            let all = async {
                for (channel, ..) in CHANNELS {
                    let asked = BrokerAsked {
                        channel: ChannelId(channel),
                        query: None,
                        range: BrokerRange::default(),
                        limits: BrokerLimits::USUAL,
                        after: None,
                    };
                    answers.push(json!(cases.events.from_broker(caller, asked).await?));
                }
                Ok::<_, CaseError>(())
            };
            let done = all.await;
            world.ports.data.lock().unwrap().events = kept;
            done?;
        }
        "events/links" => {
            for (channel, ..) in CHANNELS {
                answers.push(json!(cases.events.links(caller, event_id(channel, 1)).await?));
            }
        }
        "catalog/complete" => {
            for text in ["", "orders", "payments", "kafka", "order.placed", "key-100", "source:", "channel:#100"] {
                answers.push(json!(cases.catalog.complete(caller, text).await?));
            }
        }
        "catalog/channel" => {
            for (channel, ..) in CHANNELS {
                answers.push(json!(cases.catalog.channel(caller, ChannelId(channel)).await?));
            }
        }
        "changes/list" => answers.push(json!(cases.changes.list(caller, Default::default(), None, 50).await?)),
        "changes/report" => {
            let report = weir_cases::changes::Report { subject: "billing".into(), ..Default::default() };
            answers.push(json!(cases.changes.report(caller, report).await?));
        }
        "overview/summary" => answers.push(json!(cases.overview.summary(caller).await?)),
        "overview/live" => {
            let mut frames = cases.overview.live(caller, std::sync::Arc::new(Same(caller.clone()))).await?;
            match frames.next().await {
                Some(Frame::Data(summary)) => answers.push(json!(summary)),
                other => panic!("{other:?}"),
            }
        }
        "events/list" => {
            answers.push(json!(cases.events.list(caller, EventFilter::default(), None, 50).await?));
            let page = cases.events.list_wanted(caller, Wanted::default(), None, 50).await?;
            assert_eq!(answers, [json!(page)], "by ids and by names it is one question");
        }
        "events/around" => {
            for (channel, ..) in CHANNELS {
                answers.push(json!(cases.events.around(caller, event_id(channel, 1)).await?));
            }
        }
        "events/breakdown" => {
            answers.push(json!(cases.events.breakdown(caller, EventFilter::default(), None).await?));
            let named = cases.events.breakdown_wanted(caller, Wanted::default(), None).await?;
            assert_eq!(answers, [json!(named)], "by ids and by names it is one question");
        }
        "events/table" => {
            let columns = Column::list("time,key,summary,header.trace,data.name").unwrap();
            let whole = events::TableAsked { columns, fields: true, ..Default::default() };
            for asked in [whole, Default::default()] {
                let table = cases.events.table(caller, EventFilter::default(), asked, None, 50).await?;
                answers.push(json!({ "hidden_channels": table.page.hidden_channels, "table": table }));
            }
        }
        "events/keys" => {
            let list = KeyList::new(CHANNELS.map(|(channel, ..)| format!("key-{channel}"))).unwrap();
            let mut answer = cases.events.keys(caller, &list, Wanted::default()).await?;
            // What was asked is told back; here it is about what was found.
            answer.keys.retain(|line| line.found.is_some());
            answers.push(json!(answer));
        }
        "events/detail" => {
            for (channel, ..) in CHANNELS {
                answers.push(json!(cases.events.detail(caller, event_id(channel, 1)).await?));
            }
        }
        "backfill/list" => {
            for source in [SHOP, BANK, TRIAL] {
                let listed = cases.backfill.list(caller, source).await?;
                answers.push(json!(listed.map(|l| (l.backfills, l.fillable, l.contents))));
            }
        }
        "backfill/start" | "backfill/pause" | "backfill/stop" => {
            for (channel, name_of, ..) in CHANNELS {
                let (channel, backfill) = (ChannelId(channel), &cases.backfill);
                let found = match name {
                    "backfill/start" => backfill.start(caller, channel, 1 << 20).await?,
                    "backfill/pause" => backfill.pause(caller, channel).await?,
                    _ => backfill.stop(caller, channel).await?,
                };
                answers.push(json!(found.map(|_| name_of)));
            }
        }
        "backfill/content" => {
            for (channel, ..) in CHANNELS {
                let range = Some(TimeRange { from: Some(Timestamp(0)), to: Some(Timestamp(1)) });
                let found = cases.backfill.content(caller, ChannelId(channel), range).await?;
                answers.push(json!(found.map(|f| (f.name, f.lacking))));
            }
        }
        "backfill/fill_content" | "backfill/pause_content" | "backfill/stop_content" => {
            for (channel, name_of, ..) in CHANNELS {
                let (channel, backfill) = (ChannelId(channel), &cases.backfill);
                let range = TimeRange { from: Some(Timestamp(0)), to: Some(Timestamp(1)) };
                let found = match name {
                    "backfill/fill_content" => backfill.fill_content(caller, channel, range, 1 << 20).await?,
                    "backfill/pause_content" => backfill.pause_content(caller, channel).await?,
                    _ => backfill.stop_content(caller, channel).await?,
                };
                answers.push(json!(found.map(|()| name_of)));
            }
        }
        "verify/list" => {
            for source in [SHOP, BANK, TRIAL] {
                answers.push(json!(cases.verify.list(caller, source).await?));
            }
        }
        "verify/run" => {
            for source in [SHOP, BANK, TRIAL] {
                let done = cases.verify.run(caller, source, Default::default()).await?;
                answers.push(json!(done.map(|d| (d.compared, d.unread))));
            }
        }
        "events/live" => {
            // What is kept away is read from the broker.
            let kept = std::mem::take(&mut world.ports.data.lock().unwrap().events);
            world.ports.data.lock().unwrap().events = kept.iter().cloned().map(expired).collect();
            let all = async {
                for (channel, ..) in CHANNELS {
                    answers.push(json!(cases.events.live(caller, event_id(channel, 1)).await?));
                }
                Ok::<_, CaseError>(())
            };
            let done = all.await;
            world.ports.data.lock().unwrap().events = kept;
            done?;
        }
        "events/payload" => {
            for (channel, ..) in CHANNELS {
                let bytes = cases.events.payload(caller, event_id(channel, 1)).await?;
                answers.push(json!(bytes.map(|b| String::from_utf8(b).unwrap())));
            }
        }
        "events/export" => {
            let same = std::sync::Arc::new(Same(caller.clone()));
            let mut parts = cases.events.export(caller, Wanted::default(), None, 1000, same).await?;
            let mut events = Vec::new();
            while let Some(part) = parts.next().await {
                match part? {
                    events::Exported::Events(more) => events.extend(more.iter().map(|e| format!("{e:?}"))),
                    events::Exported::End(end) => {
                        assert_eq!((end.matches, end.next), (events.len() as u64, None));
                        answers.push(json!({ "events": events, "hidden_channels": end.hidden_channels }));
                    }
                }
            }
        }
        "events/tail" => {
            let recheck = std::sync::Arc::new(Same(caller.clone()));
            // After nothing at all: the whole world comes as news.
            let after = Some(Default::default());
            let mut frames = cases.events.tail(caller, EventFilter::default(), after, recheck).await?;
            match frames.next().await {
                Some(Frame::Data((frame, _))) => answers.push(json!(frame)),
                other => panic!("{other:?}"),
            }
        }
        "sources/list" => answers.push(json!(cases.sources.list(caller).await?)),
        "sources/detail" => {
            for id in [SHOP, BANK, TRIAL] {
                answers.push(json!(cases.sources.detail(caller, id).await?));
            }
        }
        "sources/pause" | "sources/resume" => {
            for id in [SHOP, BANK, TRIAL] {
                let done = match name {
                    "sources/pause" => cases.sources.pause(caller, id).await,
                    _ => cases.sources.resume(caller, id).await,
                };
                answers.push(match done {
                    // Permitted, but not for channels beyond the grants: the table tells which.
                    Err(CaseError::NotAllowed { needs, .. }) if needs.contains("every channel") => {
                        json!("partly hidden")
                    }
                    done => json!(done?),
                });
            }
        }
        "sources/settings" | "sources/edit" | "sources/policy" | "sources/remove" => {
            for id in [SHOP, BANK, TRIAL] {
                let change = || SourceChange {
                    version: version(world, id),
                    environment: EnvironmentChoice::Existing(if id == TRIAL { STAGING } else { PRODUCTION }),
                    settings: settings(),
                    secrets: Vec::new(),
                };
                let done = match name {
                    "sources/settings" => cases.sources.settings(caller, id).await.map(|d| json!(d)),
                    "sources/edit" => cases.sources.edit(caller, id, change()).await.map(|d| json!(d.is_some())),
                    "sources/policy" => {
                        let version = version(world, id);
                        cases.sources.policy(caller, id, version, settings().policy).await.map(|d| json!(d.is_some()))
                    }
                    _ => cases.sources.remove(caller, id).await.map(|d| json!(d)),
                };
                answers.push(unless_partly_hidden(done)?);
            }
        }
        "sources/examine" | "sources/preview" => {
            for of in [None, Some(SHOP), Some(BANK), Some(TRIAL)] {
                // Without a source of one's own the secret has to be given.
                let secrets = vec![(SecretField::Password, Secret::new("given"))];
                let draft = TrialDraft { of, name: "new".into(), settings: settings(), secrets };
                let done = match name {
                    "sources/examine" => {
                        cases.sources.examine(caller, draft).await.map(|d| json!(d.or_invalid().is_ok()))
                    }
                    _ => cases.sources.preview(caller, draft).await.map(|d| json!(d.or_invalid().is_ok())),
                };
                answers.push(unless_partly_hidden(done)?);
            }
        }
        "sources/add" => {
            for environment in [PRODUCTION, STAGING] {
                let draft = SourceDraft {
                    name: "quite-new".into(),
                    environment: EnvironmentChoice::Existing(environment),
                    settings: settings(),
                    secrets: vec![(SecretField::Password, Secret::new("given"))],
                };
                let done = cases.sources.add(caller, draft).await.map(|d| json!(d.or_invalid().is_ok()));
                answers.push(unless_partly_hidden(done)?);
            }
        }
        "tokens/list" => answers.push(json!(names(&cases.tokens.list(caller).await?))),
        "tokens/create" => match caller.roles.first() {
            Some(role) => {
                let asked =
                    Asked { name: format!("call {}", world.accounts.tokens_made()), days: 1, roles: vec![*role] };
                let made = cases.tokens.create(caller, asked).await?;
                let program = cases.tokens.caller(&made.text, None, "r".into(), "access/me").await?.unwrap();
                assert_eq!((program.roles, &program.grants), (vec![*role], &caller.grants));
                assert!(cases.tokens.revoke(caller, &made.id).await?);
            }
            None => {
                let asked = Asked { name: "without a role".into(), days: 1, roles: Vec::new() };
                let refused = cases.tokens.create(caller, asked).await;
                assert!(matches!(refused, Err(CaseError::Invalid { .. })), "{refused:?}");
            }
        },
        "tokens/revoke" => {
            assert!(!cases.tokens.revoke(caller, &TokenId("0193-nobody's".into())).await?);
            // Kept by its person's side of the store, so that there is one to revoke.
            let id = world.accounts.a_token_of(&caller.person);
            assert!(cases.tokens.revoke(caller, &id).await?);
        }
        "searches/list" => {
            let found = cases.searches.list(caller).await?;
            answers.push(json!(found.iter().map(|s| s.name.as_str()).collect::<Vec<_>>()));
        }
        "searches/save" => {
            let name = format!("call {}", world.searches.kept.lock().unwrap().len());
            // Its owner does not matter here; without one of the earlier there is room.
            world.searches.kept.lock().unwrap().clear();
            let address = EventsAddress::new("q=declined".into()).unwrap();
            cases.searches.save(caller, &name, address, false).await?;
        }
        "searches/rename" | "searches/share" | "searches/remove" => {
            let id = world.searches.one_of(&caller.person, false);
            let done = match name {
                "searches/rename" => cases.searches.rename(caller, &id, &format!("renamed {}", id.0)).await?,
                "searches/share" => cases.searches.share(caller, &id, true).await?,
                _ => cases.searches.remove(caller, &id).await?,
            };
            assert!(done);
        }
        "links/keep" => {
            cases.links.keep(caller, EventsAddress::new("q=declined".into()).unwrap()).await?;
        }
        "links/open" => {
            let kept = world.links.kept.lock().unwrap().first().map(|k| k.id.clone());
            let id = kept.unwrap_or(LinkId("111111111111".into()));
            answers.push(json!(cases.links.open(caller, &id).await?.map(|l| l.address.as_str().to_owned())));
        }
        "links/templates" => {
            let all = cases.links.templates(caller).await?;
            answers.push(json!(all.iter().map(|t| t.name.as_str()).collect::<Vec<_>>()));
        }
        "links/add" => {
            // Without one of the earlier calls' there is room.
            world.links.templates.lock().unwrap().truncate(3);
            let draft = TemplateDraft {
                name: "CRM".into(),
                field: "data.orderId".into(),
                channels: String::new(),
                target: "https://crm.example/{value}".into(),
            };
            cases.links.add(caller, &draft).await?;
        }
        "links/remove" => {
            let parts = ("CRM", "data.orderId", "", "https://crm.example/{value}");
            let id = TemplateId("0193-template-to-go".into());
            let one = LinkTemplate::read(id.clone(), parts, crate::world::NOW).unwrap();
            world.links.templates.lock().unwrap().push(one);
            assert!(cases.links.remove(caller, &id).await?);
        }
        "erasures/list" => {
            let all = cases.erasures.list(caller).await?;
            answers.push(json!(all.iter().map(|e| e.id.0.as_str()).collect::<Vec<_>>()));
        }
        "erasures/detail" => {
            let page = cases.erasures.detail(caller, &ErasureId("0193-erasure".into())).await?.unwrap();
            answers.push(json!(page.counted.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>()));
        }
        "erasures/ask" => {
            let key = Subject::read(SubjectKind::Key, "customer-77").unwrap();
            let asked = cases.erasures.ask(caller, &key, &[], "They asked for it").await;
            answers.push(unless_partly_hidden(asked.map(|id| json!(id.0.len())))?);
        }
        "erasures/approve" | "erasures/decline" | "erasures/withdraw" => {
            let id = ErasureId("0193-erasure".into());
            let done = match name {
                "erasures/approve" => cases.erasures.approve(caller, &id).await,
                "erasures/decline" => cases.erasures.decline(caller, &id, "Not theirs").await,
                _ => cases.erasures.withdraw(caller, &id).await,
            };
            answers.push(unless_partly_hidden(done.map(|d| json!(d)))?);
        }
        "holds/list" => {
            let (all, _) = cases.holds.list(caller).await?;
            answers.push(json!(all.into_iter().map(|h| h.channel_name).collect::<Vec<_>>()));
        }
        "holds/place" => {
            let ends = crate::world::NOW.plus_secs(86_400);
            cases.holds.place(caller, "Case 12", &Held::Key("customer-77".into()), "A court asked", ends).await?;
        }
        "holds/end" => assert!(cases.holds.end(caller, &HoldId("0193-hold-100".into())).await?),
        name if name.starts_with("monitors/") => answers.push(crate::monitor_calls::call(name, world, caller).await?),
        "audit/list" => answers.push(json!(cases.audit.list(caller, &Question::default(), None, 200).await?.entries)),
        "audit/detail" => {
            for (channel, ..) in CHANNELS {
                answers.push(json!(cases.audit.detail(caller, EntryId(channel)).await?));
            }
        }
        "audit/export" => {
            let same = std::sync::Arc::new(Same(caller.clone()));
            let mut parts = cases.audit.export(caller, Question::default(), None, same).await?;
            while let Some(part) = parts.next().await {
                match part? {
                    Exported::Entries(entries) => answers.push(json!(entries)),
                    more => panic!("{more:?}"),
                }
            }
        }
        name if name.starts_with("lag/") => answers.extend(lag::call(name, world, caller).await?),
        unknown => panic!("the access test does not know how to call {unknown}"),
    }
    Ok(Value::Array(answers))
}

fn names(tokens: &[TokenShown]) -> Vec<&str> {
    tokens.iter().map(|t| t.name.as_str()).collect()
}

/// Permitted, but not for channels beyond the grants: the table tells which.
pub fn unless_partly_hidden(done: Result<Value, CaseError>) -> Result<Value, CaseError> {
    match done {
        Err(CaseError::NotAllowed { needs, .. }) if needs.contains("every channel") => Ok(json!("partly hidden")),
        done => done,
    }
}

fn version(world: &World, id: weir_domain::SourceId) -> i64 {
    world.ports.data.lock().unwrap().made.iter().find(|m| m.id == id).unwrap().version
}

/// Nothing has changed.
pub struct Same(pub Caller);

#[async_trait]
impl Recheck for Same {
    async fn caller(&self) -> Result<Option<Caller>, CaseError> {
        Ok(Some(self.0.clone()))
    }
}
