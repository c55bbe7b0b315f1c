//! The block codec: what goes in comes out, and nothing that comes in can hurt.

use proptest::prelude::*;
use weir_domain::{
    Position,
    capture::{CapturedEvent, Header, HeaderType, TimeKind, Withheld, WithheldBy},
    events::RawEvent,
};
use weir_store::block::{BadBlock, Block, BlockBuilder, MAX_EVENTS, MAX_RAW, blank};

fn event(key: Option<Vec<u8>>, headers: Vec<Header>, payload: Option<Vec<u8>>) -> CapturedEvent {
    CapturedEvent {
        position: Position(0),
        time_kind: TimeKind::Absent,
        broker_ms: None,
        ce_time: None,
        event_type: String::new(),
        key,
        headers,
        payload,
        withheld: None,
        possible_duplicate: false,
    }
}

fn build(events: &[CapturedEvent]) -> Vec<u8> {
    let mut builder = BlockBuilder::default();
    events.iter().for_each(|e| builder.push(e));
    let mut out = Vec::new();
    let (_, stored) = builder.finish(&mut out).unwrap();
    assert_eq!(stored, out.len());
    out
}

fn read(bytes: &[u8]) -> Result<Vec<Option<RawEvent>>, BadBlock> {
    let block = Block::open(bytes)?;
    let body = block.body()?;
    (0..block.events()).map(|i| body.event(i)).collect()
}

fn raw(e: &CapturedEvent) -> Option<RawEvent> {
    e.withheld.is_none().then(|| RawEvent {
        key: e.key.clone(),
        headers: e.headers.clone(),
        payload: e.payload.clone(),
    })
}

fn bytes(most: usize) -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![proptest::collection::vec(any::<u8>(), 0..most), proptest::collection::vec(Just(b'a'), 0..most)]
}

fn any_event() -> impl Strategy<Value = CapturedEvent> {
    let header = (bytes(20), 0..3_u8, proptest::option::of(bytes(40))).prop_map(|(name, kind, value)| {
        let kind = [HeaderType::Bytes, HeaderType::Text, HeaderType::Amqp][kind as usize];
        Header { name, kind, value }
    });
    (
        proptest::option::of(bytes(40)),
        proptest::collection::vec(header, 0..6),
        proptest::option::of(bytes(900)),
        proptest::bool::weighted(0.1),
    )
        .prop_map(|(key, headers, payload, withheld)| {
            let mut e = event(key, headers, payload);
            e.withheld = withheld.then_some(Withheld { size: 12, tombstone: false, by: WithheldBy::Ceiling });
            e
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn what_goes_in_comes_out(events in proptest::collection::vec(any_event(), 0..40)) {
        let block = build(&events);
        prop_assert_eq!(read(&block).unwrap(), events.iter().map(raw).collect::<Vec<_>>());
        let opened = Block::open(&block).unwrap();
        for (i, e) in events.iter().enumerate() {
            prop_assert_eq!(opened.absent(i).unwrap(), e.withheld.is_some());
            if e.withheld.is_none() {
                prop_assert_eq!(opened.key(i).unwrap(), e.key.as_deref());
                let prefix = opened.body_prefix(opened.reach(i, 100)).unwrap();
                let head = e.payload.as_ref().map(|p| &p[..p.len().min(100)]);
                prop_assert_eq!(prefix.payload_head(i, 100).unwrap(), head);
            }
        }
    }

    #[test]
    fn blanking_takes_one_event_and_no_other(
        events in proptest::collection::vec(any_event(), 1..20), pick in any::<proptest::sample::Index>()
    ) {
        let at = pick.index(events.len());
        let blanked = blank(&build(&events), &[at]).unwrap();
        let mut want: Vec<_> = events.iter().map(raw).collect();
        want[at] = None;
        prop_assert_eq!(read(&blanked).unwrap(), want);
        // Twice is as once.
        prop_assert_eq!(blank(&blanked, &[at]).unwrap(), blanked);
    }

    #[test]
    fn a_damaged_block_is_an_error_or_still_the_truth(
        events in proptest::collection::vec(any_event(), 1..10), at in any::<proptest::sample::Index>(), to in any::<u8>()
    ) {
        let mut block = build(&events);
        let at = at.index(block.len());
        block[at] = to;
        // No panic, and no allocation beyond the declared bounds; raw parts carry no checksum of their own.
        if let Ok(read) = read(&block) {
            prop_assert!(read.len() <= MAX_EVENTS);
        }
    }

    #[test]
    fn any_prefix_is_refused_or_gives_a_prefix(events in proptest::collection::vec(any_event(), 1..10), at in any::<proptest::sample::Index>()) {
        let block = build(&events);
        let cut = at.index(block.len());
        match Block::open(&block[..cut]) {
            Err(e) => prop_assert_eq!(e, BadBlock::TooShort),
            Ok(opened) => {
                prop_assert!(cut == block.len() || opened.body().is_err() || events.iter().all(|e| e.withheld.is_some()));
                let prefix = opened.body_prefix(usize::MAX).unwrap();
                for (i, e) in events.iter().enumerate() {
                    if let (None, Some(p)) = (e.withheld, &e.payload) {
                        prop_assert!(p.starts_with(prefix.payload_head(i, usize::MAX).unwrap().unwrap()));
                    }
                }
            }
        }
    }

    #[test]
    fn noise_is_refused(mut noise in proptest::collection::vec(any::<u8>(), 0..200)) {
        if let Some(version) = noise.first_mut() {
            *version = 1;
        }
        if noise.len() > 28 {
            noise[3..8].fill(0);
            noise[9..12].fill(0);
        }
        if let Ok(block) = Block::open(&noise) {
            let _ = block.body_prefix(1000);
        }
    }
}

#[test]
fn a_bomb_is_refused_without_being_unpacked() {
    // 100 MB of zeros in a few KB, declared as 10 bytes; and 10 bytes declared as 600 MB.
    let bomb = zstd::bulk::compress(&vec![0; 100 << 20], 1).unwrap();
    let small = zstd::bulk::compress(&[0; 10], 1).unwrap();
    for (packed, declared) in [(&bomb, 10_u32), (&small, 600 << 20), (&small, u32::MAX)] {
        let mut block = vec![1, 1, 0, 0, 0, 0, 0, 0];
        for n in [1_u32, declared, packed.len() as u32, 0, 0] {
            block.extend_from_slice(&n.to_le_bytes());
        }
        block.extend_from_slice(packed);
        assert!(matches!(Block::open(&block), Err(BadBlock::Damaged(_))));
    }
}

#[test]
fn unknown_formats_and_keys_are_named() {
    let mut block = build(&[event(None, Vec::new(), Some(b"x".to_vec()))]);
    block[0] = 2;
    assert_eq!(Block::open(&block).err(), Some(BadBlock::Format(2)));
    block[0] = 1;
    block[4] = 7;
    assert_eq!(Block::open(&block).err(), Some(BadBlock::Encrypted(7)));
}

#[test]
fn a_block_closes_at_its_limits() {
    let mut builder = BlockBuilder::default();
    assert!(builder.fits(usize::MAX), "an event of any size is a block of its own");
    for _ in 0..MAX_EVENTS {
        assert!(builder.fits(1));
        builder.push(&event(None, Vec::new(), Some(b"x".to_vec())));
    }
    assert!(!builder.fits(0));
    builder.clear();
    builder.push(&event(Some(vec![0; MAX_RAW / 2]), Vec::new(), None));
    assert!(builder.fits(MAX_RAW / 2) && !builder.fits(MAX_RAW / 2 + 1));
}

#[test]
fn compression_is_worth_it_and_never_costs_much() {
    let json: Vec<_> = (0..250)
        .map(|i| {
            event(
                Some(format!("ord-{i}").into_bytes()),
                Vec::new(),
                Some(format!("{{\"orderId\":\"ord-{i}\",\"city\":\"Lyon\",\"amount\":{i}}}").into_bytes()),
            )
        })
        .collect();
    let raw: usize = json.iter().map(CapturedEvent::raw_size).sum();
    assert!(build(&json).len() * 3 < raw);
    let noise: Vec<u8> =
        (0..100_000_u32).flat_map(|i| i.wrapping_mul(2_654_435_761).rotate_left(i % 31).to_le_bytes()).collect();
    assert!(build(&[event(None, Vec::new(), Some(noise.clone()))]).len() < noise.len() + 100);
}
