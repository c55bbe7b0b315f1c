//! How to call the use cases of events, and of pages over them.

use crate::{
    calls::Same,
    world::{CHANNELS, World, event_id, expired},
};
use futures::StreamExt as _;
use serde_json::{Value, json};
use weir_cases::{
    Frame,
    events::{self, BrokerAsked, Wanted},
};
use weir_domain::{
    CaseError, ChannelId, access::Caller, events::BrokerLimits, events::BrokerRange, events::Column,
    events::EventFilter, events::KeyList,
};

pub async fn call(name: &str, world: &World, caller: &Caller) -> Result<Vec<Value>, CaseError> {
    let cases = &world.cases;
    let mut answers = Vec::new();
    match name {
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
        unknown => panic!("the access test does not know how to call {unknown}"),
    }
    Ok(answers)
}
