//! What can be called in an expression, for people who write one.

/// Where a function's first value stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// In its brackets: `int(x)`.
    Before,
    /// Before a dot: `x.trim()`.
    Behind,
    Either,
}

/// A function or a macro.
#[derive(Debug, Clone, Copy)]
pub struct Callable {
    pub name: &'static str,
    pub written: Written,
    pub what: &'static str,
    /// A condition in which it stands.
    pub example: &'static str,
}

const fn before(name: &'static str, what: &'static str, example: &'static str) -> Callable {
    Callable { name, written: Written::Before, what, example }
}

const fn behind(name: &'static str, what: &'static str, example: &'static str) -> Callable {
    Callable { name, written: Written::Behind, what, example }
}

pub const CALLABLE: &[Callable] = &[
    before("has", "there is such a member", "has(data.reason)"),
    Callable {
        name: "size",
        written: Written::Either,
        what: "letters, bytes, elements or members",
        example: "size(headers) > 2",
    },
    before("int", "as a whole number; of a text its figures, of a time seconds", "int(headers.retries) > 3"),
    before("uint", "as a whole number that is not negative", "uint(data.count) > 3u"),
    before("double", "as a number with a fraction", "double(data.amount) > 9.5"),
    before("string", "as a text", "string(data.amount).endsWith(\"00\")"),
    before("bool", "a text as true or false", "bool(headers.test)"),
    before("bytes", "a text as its bytes", "size(bytes(type)) > 10"),
    before("type", "of what kind a value is", "type(data.amount) == int"),
    before("timestamp", "a time: RFC 3339, or seconds since 1970", "time > timestamp(\"2026-01-01T00:00:00Z\")"),
    before("duration", "so long: 90s, 5m, 2h", "captured - time > duration(\"5m\")"),
    behind("contains", "has the text somewhere", "data.note.contains(\"urgent\")"),
    behind("startsWith", "begins so", "key.startsWith(\"ord-\")"),
    behind("endsWith", "ends so", "type.endsWith(\".failed\")"),
    behind("matches", "a pattern (RE2) fits", "data.reason.matches(\"^E[0-9]+$\")"),
    behind("lowerAscii", "in small letters", "data.city.lowerAscii() == \"lyon\""),
    behind("upperAscii", "in capitals", "data.city.upperAscii() == \"LYON\""),
    behind("trim", "without white space around it", "data.note.trim() == \"\""),
    behind("exists", "one element, for which it holds", "data.items.exists(i, i.qty > 4)"),
    behind("exists_one", "exactly one such element", "data.items.exists_one(i, i.qty > 4)"),
    behind("all", "it holds for all elements", "data.items.all(i, i.qty > 0)"),
    behind("filter", "the elements for which it holds", "size(data.items.filter(i, i.qty == 0)) >= 3"),
    behind("map", "what comes of each element", "data.items.map(i, i.sku) == [\"HB-1\"]"),
    behind("getFullYear", "the year, in UTC or in the zone given", "time.getFullYear() == 2026"),
    behind("getMonth", "the month, from 0", "time.getMonth() == 11"),
    behind("getDate", "the day of the month, from 1", "time.getDate() == 24"),
    behind("getDayOfMonth", "the day of the month, from 0", "time.getDayOfMonth() == 23"),
    behind("getDayOfWeek", "the day of the week, Sunday is 0", "time.getDayOfWeek() == 0"),
    behind("getDayOfYear", "the day of the year, from 0", "time.getDayOfYear() == 0"),
    behind("getHours", "the hour, or whole hours of a duration", "time.getHours(\"+01:00\") < 6"),
    behind("getMinutes", "the minute, or whole minutes of a duration", "(captured - time).getMinutes() > 5"),
    behind("getSeconds", "the second, or whole seconds of a duration", "(captured - time).getSeconds() > 90"),
    behind("getMilliseconds", "the milliseconds", "time.getMilliseconds() == 0"),
];
