//! Finding and reading events.

mod absence;
mod around;
mod breakdown;
mod broker_search;
mod gone;
mod key_list;
mod live;
mod payload;
mod port;
mod query;
mod shown;
mod table;
mod time;

pub use absence::{Absence, readable_at_broker};
pub use around::{Around, Neighbours, StoredAround};
pub use breakdown::{Bins, Breakdown, ChannelShare, FieldValues, StoredBreakdown};
pub use broker_search::{
    BrokerFound, BrokerLimits, BrokerRange, BrokerRecord, BrokerRow, BrokerSearched, BrokerStretch, KeptAway,
    PartitionSearched,
};
pub use gone::{Fate, Gone};
pub use key_list::{FEW_KEYS, KeyList, KeyListError, LONGEST_LISTED, MOST_KEYS, any_of_keys};
pub use live::{EventLive, LiveAnswer, LiveRead, LiveReads, LiveRecord, LiveShown};
pub use payload::{JsonNode, JsonNodeKind, NotJson, json_tree};
pub use port::{
    EventRows, KeyStanding, LARGEST_OF_MANY, News, NewsFeed, Positions, RawEvent, StoredEvent, StoredKeys, StoredRow,
    Stretch,
};
pub use query::{EventFilter, HEX_MARK, KeyHash, PageCursor, RangeError, TimeRange, hex, key_line};
pub use shown::{
    Capped, EventDetail, EventPage, EventRow, HeaderShown, KeyFound, KeyLine, KeysFound, KeysScanned, Masked,
    PayloadShown, PayloadView, Scanned, TailFrame, Unshown,
};
pub use table::{Cell, Column, ColumnsError, EventTable, MOST_COLUMNS, Sort};
pub use time::{TimeMark, sort_time};
