//! Searching events: the language of the query bar, and what it means.
//!
//! A [`Query`] is read from text ([`Query::parse`]) and written as text (`to_string`, which reads back as the same
//! query). What it means is told by [`Query::judge_plainly`]; a [`Matcher`] says the same quickly. [`Query::needs`] tells
//! which permissions its answer takes, [`Query::bounds`] what a store may leave out unread, [`Completion`] what could be
//! written at the cursor, [`Query::hints`] what may have been meant otherwise.
//!
//! # Grammar
//!
//! ```text
//! query      = [ any ] ;                                  (* nothing: every event *)
//! any        = all , { "OR" , all } ;
//! all        = not , { [ "AND" ] , not } ;                (* two terms side by side: both *)
//! not        = ( "NOT" | "-" ) , not | "(" , any , ")" | term ;
//! term       = comparison | word | phrase ;
//!
//! comparison = field , operator , value ;                 (* white space around the operator, but not around ":" *)
//! operator   = ":" | "=" | "!=" | ">" | ">=" | "<" | "<=" ;
//! value      = word | phrase ;
//!
//! field      = "type" | "channel" | "source" | "environment" | "key" | "time" | "captured"
//!            | "partition" | "offset" | "size" | "payload"
//!            | "header" , "." , name , { "." , name }
//!            | path ;
//! path       = [ "payload" , "." ] , name , { step } | "payload" , index , { step } ;
//! step       = "." , name | index ;
//! index      = "[" , [ number | "*" ] , "]" ;             (* "[]" is "[*]" *)
//! name       = sign , { sign } | phrase ;                 (* sign: letter, digit, "_", "-", "$" or "@" *)
//!
//! word       = { character | "\" , mark | "*" } ;         (* up to white space, a bracket or a quote *)
//! phrase     = '"' , { character | "\" , mark | "\n" | "\r" | "\t" } , '"' ;
//! ```
//!
//! `AND`, `OR` and `NOT` are written in capitals; `NOT` binds closest, then `AND`, then `OR`. `-` is `NOT` right before a
//! word, quote or bracket. A path's first name begins with a letter, `_`, `$` or `@`, or stands in quotes; a first name
//! that is a field of the event takes `payload.` before it. In a word, `*` stands for anything; in quotes, and after a
//! backslash, every mark (no letter, no digit) stands for itself. At most 64 KiB, 1,024 terms, 64 levels, 32 steps a path,
//! and 16 wildcards and 4,096 bytes a word: see [`LONGEST`], [`MOST_TERMS`], [`DEEPEST`], [`MOST_STEPS`],
//! [`MOST_WILDCARDS`], [`LONGEST_TEXT`].
//!
//! # Examples
//!
//! | query | finds |
//! |---|---|
//! | `declined` | the word, in any case, in key, headers (names too) or payload |
//! | `"card declined"` | the words in this order with one space between them |
//! | `declin*`, `*clined` | words that begin or end so; inside, `*` goes over all but white space and quotes |
//! | `type:payment.failed`, `type:payment.*` | events of this type, of these types |
//! | `channel:orders.* source:shop environment:production` | what travels there |
//! | `key:ord-4711`, `key:ord-*`, `key:hex:00ff` | the whole key, letter by letter; as bytes |
//! | `header.tenant:acme`, `header.retries>3`, `header.trace:*` | a header's value; that it is there |
//! | `partition:3 offset>=120000 offset<130000` | a stretch of a partition |
//! | `size>1MB` | large events; `KB`, `MB`, `GB` are thousands, `KiB`, `MiB`, `GiB` are 1,024 |
//! | `time:2026-11-22`, `time>=2026-11-22T14:30` | a day; from a minute on; UTC, or with `Z`, `+01:00` |
//! | `data.amount>900`, `data.amount:900` | numbers by value, exactly: 900, 900.0 and 9e2 are the same |
//! | `data.city:lyon`, `data.city=Lyon` | the whole value in any case; letter by letter |
//! | `data.note:*urgent*` | a value that has it somewhere |
//! | `data.at>=2026-11-22` | texts in the order of their letters, as dates are written |
//! | `data.paid:true data.reason:null` | JSON's words |
//! | `data.code:"900"` | the text as it is written: no number |
//! | `data.items.sku:HB-1`, `data.items[0].sku:HB-1` | any element, the first |
//! | `data.reason:*`, `NOT data.reason:*` | there is such a member, whatever it holds; there is none |
//! | `data.state!=done`, `NOT data.state=done` | it is there and none is `done`; it is not `done`, or not there |
//! | `payload:*`, `NOT payload:*` | no tombstone; tombstones |
//! | `payload.type:order` | the member `type` of the payload |
//! | `(type:a OR type:b) -test` | brackets, and without a word |
//!
//! # Meaning
//!
//! - **Words** are runs of letters and digits. A free word or phrase that begins or ends with one is not found inside a
//!   longer word; signs count as they are. It is looked for in the bytes of key, header names, header values and payload
//!   as they are, and in the strings of a JSON payload with their escapes read.
//! - **Payloads that are packed or no JSON** are looked into as they read, too ([`Decoded`]): unpacked, and as JSON where they
//!   are XML, MessagePack or CBOR. What can't be unpacked is unknown.
//! - **Case** is no matter for free words, for `:` and for names of headers; it is for `=`, `!=`, for keys and for names
//!   in paths. Letters are compared one by one in lower case: `É` is `é`, `ß` is not `ss`.
//! - **Values** are compared whole. A value without quotes that is written as JSON writes a number is one: it is equal to
//!   every number of that value, and above or below numbers and texts that are written as numbers. Any other value is a
//!   text: it is equal to what is written so, be it a text, number, `true`, `false` or `null`, and above or below texts.
//! - **Several values** may stand at one place: arrays on the way and at the end are looked through, a name may stand in
//!   an object more than once, a header too. One that fits is enough. `!=` holds where there is a value and none is equal.
//!   `[n]` and `[*]` want an array right there.
//! - **Payloads** are read forgivingly: JSON that is cut off or broken counts as far as it can be read. What does not begin
//!   with `{` or `[` has no paths.
//! - **What can't be looked into**, because it is masked or not stored, makes a comparison *unknown*; `NOT` of unknown is
//!   unknown, and an event matches only where the answer does not hang on it ([`Verdict`]).
//!
//! What begins with [`CEL_MARK`] is none of this: an expression of CEL, read by the server (`server/cel`) into a [`Formula`].

mod bounds;
mod complete;
mod condition;
mod decimal;
mod decoded;
mod error;
mod event;
mod fields;
mod find;
mod formula;
mod hints;
mod letters;
mod matcher;
mod meaning;
mod parse;
mod paths;
mod pattern;
mod print;
mod query;
mod relaxed;
mod scan;
mod skip;
mod term;
mod text;
mod times;
mod tree;
mod value_test;
mod values;
mod words;
mod written;
mod zones;

pub use bounds::{Atom, Bounds, NameTest, Need, Range, Ranges};
pub use complete::{Completion, Wanted};
pub use condition::{NameField, NumberField};
pub use decoded::{Decoded, Decoder, says_packed};
pub use error::{QueryError, Span};
pub use event::{HeaderBytes, Part, Searched, Verdict};
pub use fields::{FIELDS, FieldHelp};
pub use formula::{CEL_MARK, Expression, Formula};
pub use hints::Hint;
pub use matcher::{Matcher, Scratch};
pub use parse::{DEEPEST, LONGEST, MOST_TERMS};
pub use query::{Comparison, Expr, Field, Needs, Node, Op, Path, Query, Step};
pub use term::{LONGEST_TEXT, MOST_STEPS, MOST_WILDCARDS};
pub use tree::{Value as Tree, read as read_tree};
pub use words::{EXPONENT, event_words, word_hash, words};
pub use written::{Pattern, Text};
pub use zones::{Zones, may_hold};
