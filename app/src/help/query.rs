use leptos::prelude::*;
use weir_domain::search::FIELDS;

/// What can be asked, by example, in the order in which people come to need it.
const EXAMPLES: &[(&[&str], &str)] = &[
    (&["declined"], "the word, in any case, in key, headers or payload; never inside a longer word"),
    (&["\"card declined\""], "the words in this order, one space apart"),
    (&["declin*", "*clined"], "words that begin or end so"),
    (&["key:ord-4711", "key:ord-*", "key:hex:00ff"], "the whole key, letter by letter; its beginning; its bytes"),
    (&["type:payment.failed", "type:payment.*"], "events of one type, of several"),
    (&["channel:orders.* source:shop"], "what travels there"),
    (&["header.tenant:acme", "header.retries>3", "header.trace:*"], "a header's value; that it is there"),
    (&["data.amount>900", "data.amount:900"], "numbers by value: 900, 900.0 and 9e2 are the same"),
    (&["data.city:lyon", "data.city=Lyon"], "the whole value in any case; letter by letter"),
    (&["data.note:*urgent*"], "a value that has it somewhere"),
    (&["data.at>=2026-11-22"], "texts in the order of their letters, as dates are written"),
    (&["data.paid:true", "data.reason:null", "data.code:\"900\""], "JSON's words; a text that looks like a number"),
    (&["data.items.sku:HB-1", "data.items[0].sku:HB-1"], "any element of a list, the first one"),
    (&["data.reason:*", "NOT data.reason:*"], "there is such a member; there is none"),
    (&["data.state!=done"], "it is there, and it is not done"),
    (&["payload:*", "NOT payload:*"], "no tombstone; tombstones"),
    (&["time:2026-11-22", "time>=2026-11-22T14:30"], "a day; from a minute on; UTC, or with Z, +01:00"),
    (&["partition:3 offset>=120000 offset<130000"], "a stretch of a partition"),
    (&["size>1MB"], "large events; KB is 1,000, KiB is 1,024"),
    (&["refused type:payment.failed"], "both: AND may be left out"),
    (&["(type:a OR type:b) -test"], "either, in brackets; without a word, like NOT test"),
];

/// The same of expressions.
const EXPRESSIONS: &[(&str, &str)] = &[
    ("cel: data.amount > data.limit", "two members of one payload, compared"),
    ("cel: type == \"payment.failed\" && data.amount > 900 && size(headers) > 2", "conditions, all of which must hold"),
    ("cel: data.items.exists(i, i.sku == \"HB-1\" && i.qty > 4)", "one element for which both hold"),
    ("cel: data.items.all(i, i.price * i.qty < 1000)", "all elements; what is computed of them"),
    ("cel: size(data.items.filter(i, i.qty == 0)) >= 3", "how many there are"),
    ("cel: has(data.reason) && data.reason.matches(\"^E[0-9]+$\")", "a pattern (RE2), where there is such a member"),
    ("cel: data.note.lowerAscii().contains(\"urgent\")", "part of a text"),
    ("cel: headers.tenant == \"acme\" && int(headers.retries) > 3", "headers: their values are texts"),
    ("cel: key.startsWith(\"ord-\") || key in [\"a\", \"b\"]", "keys"),
    ("cel: captured - time > duration(\"5m\")", "what came more than five minutes late"),
    ("cel: time.getHours() < 6 && time.getDayOfWeek() == 0", "Sunday nights, in UTC; getHours(\"+01:00\") elsewhere"),
    ("cel: payload == null", "tombstones"),
];

/// The reference of the query bar.
#[component]
pub(super) fn QueryReference() -> impl IntoView {
    let examples = EXAMPLES.iter().map(|(queries, finds)| {
        let queries = queries.iter().map(|query| {
            let mut address = String::from("/events?q=");
            crate::events::encode(query, &mut address);
            view! { <a class="mono" href=address>{*query}</a> " " }
        });
        view! {
            <dt>{queries.collect_view()}</dt>
            <dd>{*finds}</dd>
        }
    });
    let expressions = EXPRESSIONS.iter().map(|(expression, finds)| {
        let mut address = String::from("/events?q=");
        crate::events::encode(expression, &mut address);
        view! {
            <dt>
                <a class="mono" href=address>
                    {*expression}
                </a>
            </dt>
            <dd>{*finds}</dd>
        }
    });
    let fields = FIELDS.iter().map(|f| {
        view! {
            <dt class="mono">{f.name}</dt>
            <dd>{f.what} ", as in " <code>{f.example}</code></dd>
        }
    });
    view! {
        <section class="panel" aria-labelledby="query">
            <div class="panel__head">
                <h2 class="panel__title" id="query">
                    "What the query bar understands"
                </h2>
                <span class="panel__note">"the same by program: query= of /api/v1/events, weir search"</span>
            </div>
            <dl class="panel__body meanings meanings--wide">{examples.collect_view()}</dl>
            <div class="panel__body prose">
                <ul>
                    <li>
                        <b class="strong">"A name before : is a field of the event, or a path into its JSON payload. "</b>
                        "Where a payload has a member called like a field of the event, write payload before it: "
                        <code>"payload.type:order"</code> "."
                    </li>
                    <li>
                        <b class="strong">"Payloads are read as the inspector reads them: "</b>
                        "what is packed by gzip, zstd or snappy is unpacked, and XML, MessagePack and CBOR have paths and words as JSON has. What can't be unpacked within the limits is not found, and counted above the list where it had to be looked into. Words are looked for in the bytes as they were sent, too."
                    </li>
                    <li>
                        <b class="strong">"AND, OR and NOT are written in capitals. "</b>
                        "NOT binds closest, then AND, then OR. In quotes, and after a backslash, every sign stands for itself."
                    </li>
                    <li>
                        <b class="strong">"Case "</b>
                        "does not matter for words, after : and in names of headers. It does after = and !=, in keys and in names of members."
                    </li>
                    <li>
                        <b class="strong">"What can't be looked into, "</b>
                        "because it was not kept or you may not see it, is neither found nor ruled out: such an event matches only where the answer does not hang on it, under NOT too."
                    </li>
                    <li>
                        <b class="strong">"At most "</b>
                        "64 KiB, 1,024 terms and 64 brackets in one another. A mistake is told with the place where it stands."
                    </li>
                </ul>
            </div>
            <dl class="panel__body meanings">{fields.collect_view()}</dl>
            <div class="panel__head">
                <h3 class="panel__title" id="cel">
                    "Expressions: what begins with cel:"
                </h3>
                <span class="panel__note">"the same by program: weir events --cel 'EXPRESSION'"</span>
            </div>
            <dl class="panel__body meanings meanings--wide">{expressions.collect_view()}</dl>
            <div class="panel__body prose">
                <ul>
                    <li>
                        <b class="strong">"What the query bar can't say, "</b>
                        "the Common Expression Language can. An event is found where the expression is true. The query bar's own language is quicker, and has indexes for words and numbers; of an expression, names and a whole key that must be equal ("
                        <code>"type == \"a\" && …"</code> ") narrow the search, the rest is read event by event."
                    </li>
                    <li>
                        <b class="strong">"Names "</b>
                        "are offered while you type behind cel:, and all of them are on a "
                        <a href="/expressions">"page of their own"</a> ": type, channel, source, environment, key, headers, time, captured, partition, offset (or position), size and payload; each also as event.type and so on. Any other name is a member of the payload: data.amount is payload.data.amount. A member called like one of them is payload.type. Names that are no words stand in brackets: payload[\"a-b\"]."
                    </li>
                    <li>
                        <b class="strong">"What is not there fails, "</b>
                        "and so does what does not go together, such as a text above a number. Such an event is not found, and the line above the list says how many there were. "
                        <code>"has(data.reason) && …"</code>
                        " asks first; with || and && what decides is enough, whatever fails beside it. What is not stored is left out as with any other query."
                    </li>
                    <li>
                        <b class="strong">"Numbers "</b>
                        "are compared by value, whatever they are written like; headers are texts until int(…) or double(…) makes numbers of them. Where a payload has a name twice, the last one counts."
                    </li>
                    <li>
                        <b class="strong">"What you may not see "</b>
                        "can't be asked for: an expression that reads key, headers or payload needs the role that shows them, wherever they stand in it."
                    </li>
                    <li>
                        <b class="strong">"At most "</b>
                        "4,096 bytes, 32 brackets in one another, three of all, exists, map and filter in one another, and 100,000 steps an event. A search that takes far too many is ended, and says so. Functions: size, contains, startsWith, endsWith, matches, lowerAscii, upperAscii, trim, int, uint, double, string, bool, bytes, type, timestamp, duration, and getFullYear to getMilliseconds."
                    </li>
                </ul>
            </div>
        </section>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use weir_domain::search::{Field, Query};

    #[test]
    fn every_example_is_a_query_that_means_what_it_looks_like() {
        let examples = EXAMPLES.iter().flat_map(|(queries, _)| queries.iter());
        for query in examples.chain(FIELDS.iter().map(|f| &f.example)) {
            let read = Query::parse(query).unwrap_or_else(|e| panic!("{query}: {e}"));
            assert!(read.root.is_some() && read.hints().is_empty(), "{query}");
        }
    }

    #[test]
    fn every_expression_can_be_read() {
        for (expression, _) in EXPRESSIONS {
            assert!(weir_cases::events::readable(expression).is_ok(), "{expression}");
        }
    }

    #[test]
    fn every_field_has_an_example() {
        let all = EXAMPLES.iter().flat_map(|(queries, _)| queries.iter()).copied().collect::<Vec<_>>().join(" ");
        for field in FIELDS.iter().filter(|f| !["environment", "captured"].contains(&f.name)) {
            assert!(all.contains(field.name), "{}", field.name);
        }
        assert_eq!(Field::Size.name(), "size");
    }
}
