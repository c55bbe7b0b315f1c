use super::*;
use proptest::prelude::*;
use std::collections::BTreeMap;

fn quotas(partitions: u32, members: u32) -> Vec<u32> {
    (0..members).map(|rank| quota(partitions, members, rank)).collect()
}

proptest! {
    #[test]
    fn parts_are_even_and_add_up(partitions in 0u32..20_000, members in 1u32..50) {
        let parts = quotas(partitions, members);
        prop_assert_eq!(parts.iter().sum::<u32>(), partitions);
        prop_assert!(parts.iter().max().unwrap() - parts.iter().min().unwrap() <= 1);
    }

    /// Whoever joins comes last: the others only give, and so much as the newcomer takes.
    #[test]
    fn a_join_moves_the_newcomers_part_and_no_more(partitions in 0u32..20_000, members in 1u32..50) {
        let (before, after) = (quotas(partitions, members), quotas(partitions, members + 1));
        let given: u32 = before.iter().zip(&after).map(|(b, a)| b.checked_sub(*a).expect("nobody gets more")).sum();
        prop_assert_eq!(given, *after.last().unwrap());
        prop_assert!(given <= partitions.div_ceil(members + 1));
    }

    /// Whoever goes, whatever its place: the others only take, and so much as it held.
    #[test]
    fn a_death_moves_what_the_dead_one_held_and_no_more(partitions in 0u32..20_000, members in 2u32..50, gone: prop::sample::Index) {
        let mut before = quotas(partitions, members);
        let held = before.remove(gone.index(members as usize));
        let after = quotas(partitions, members - 1);
        let taken: u32 = before.iter().zip(&after).map(|(b, a)| a.checked_sub(*b).expect("nobody gives any")).sum();
        prop_assert_eq!(taken, held);
    }

    /// New partitions move none of the old ones.
    #[test]
    fn what_appears_is_taken_and_nothing_given(partitions in 0u32..20_000, more in 1u32..100, members in 1u32..50) {
        let (before, after) = (quotas(partitions, members), quotas(partitions + more, members));
        prop_assert!(before.iter().zip(&after).all(|(b, a)| a >= b));
    }
}

/// Members at work, one beat at a time in any order, each with a delay between giving up and being done with it.
#[derive(Default)]
struct Shop {
    members: Vec<MemberId>,
    holder: BTreeMap<u32, Option<MemberId>>,
    giving: BTreeMap<u32, MemberId>,
    last: i64,
    moves: u32,
}

impl Shop {
    fn join(&mut self) {
        self.last += 1;
        self.members.push(MemberId(self.last));
    }

    fn open(&mut self, count: u32) {
        let next = self.holder.last_key_value().map_or(0, |(n, _)| n + 1);
        self.holder.extend((next..next + count).map(|n| (n, None)));
    }

    fn held(&self, member: MemberId) -> Vec<u32> {
        self.holder.iter().filter(|(_, h)| **h == Some(member)).map(|(n, _)| *n).collect()
    }

    fn beat(&mut self, at: usize) -> Plan {
        let member = self.members[at % self.members.len()];
        // What was given up before this beat is done with.
        let done: Vec<_> = self.giving.iter().filter(|(_, m)| **m == member).map(|(n, _)| *n).collect();
        for n in done {
            self.giving.remove(&n);
            self.holder.insert(n, None);
        }
        let lives = |h: &Option<MemberId>| h.is_some_and(|m| self.members.contains(&m));
        let free: Vec<u32> = self.holder.iter().filter(|(_, h)| !lives(h)).map(|(n, _)| *n).collect();
        let held = self.held(member);
        let beat = Beat {
            members: self.members.clone(),
            partitions: self.holder.len() as u32,
            held: held.len() as u32,
            free: free.len() as u32,
            whole: false,
        };
        let plan = Plan::of(&beat, member, 0);
        for n in free.into_iter().take(plan.take as usize) {
            self.moves += 1;
            self.holder.insert(n, Some(member));
        }
        for n in held.into_iter().take(plan.give as usize) {
            self.giving.insert(n, member);
        }
        plan
    }

    fn settle(&mut self) {
        for round in 0.. {
            // Each of them beats, settled or not.
            let beats: Vec<_> = (0..self.members.len()).map(|at| self.beat(at).settled).collect();
            if beats.iter().all(|settled| *settled) {
                break;
            }
            assert!(round < 6, "no end: {:?} {:?}", self.members, self.holder);
        }
        let parts = quotas(self.holder.len() as u32, self.members.len() as u32);
        for (member, part) in self.members.iter().zip(parts) {
            assert_eq!(self.held(*member).len() as u32, part, "{member:?}");
        }
    }
}

#[derive(Debug, Clone)]
enum Act {
    Join,
    Die(prop::sample::Index),
    Open(u32),
    Close(prop::sample::Index),
    Beat(usize),
}

proptest! {
    #[test]
    fn whatever_happens_in_whatever_order_it_comes_to_rest(acts in prop::collection::vec(prop_oneof![
        2 => Just(Act::Join),
        2 => any::<prop::sample::Index>().prop_map(Act::Die),
        2 => (1u32..30).prop_map(Act::Open),
        1 => any::<prop::sample::Index>().prop_map(Act::Close),
        12 => (0usize..20).prop_map(Act::Beat),
    ], 1..80)) {
        let mut shop = Shop::default();
        shop.join();
        shop.open(24);
        for act in acts {
            match act {
                Act::Join => shop.join(),
                Act::Die(at) if shop.members.len() > 1 => {
                    let gone = shop.members.remove(at.index(shop.members.len()));
                    shop.giving.retain(|_, m| *m != gone);
                }
                Act::Die(_) => {}
                Act::Open(count) => shop.open(count),
                Act::Close(at) => {
                    if let Some(n) = shop.holder.keys().nth(at.index(shop.holder.len().max(1))).copied() {
                        shop.holder.remove(&n);
                        shop.giving.remove(&n);
                    }
                }
                Act::Beat(at) => drop(shop.beat(at)),
            }
        }
        shop.settle();
        // One more or one less moves its part.
        let before = shop.moves;
        shop.join();
        shop.settle();
        let newcomer = *shop.members.last().unwrap();
        prop_assert_eq!(shop.moves - before, shop.held(newcomer).len() as u32);
        let (before, gone) = (shop.moves, shop.members.remove(0));
        let held = shop.held(gone).len() as u32;
        shop.settle();
        prop_assert_eq!(shop.moves - before, held);
    }
}

#[test]
fn a_member_does_nothing_that_is_not_its_part() {
    let beat = |held, free| Beat { members: vec![MemberId(3), MemberId(9)], partitions: 7, held, free, whole: false };
    let plan = |take, give, settled| Plan { take, give, settled };
    assert_eq!(Plan::of(&beat(0, 7), MemberId(3), 0), plan(4, 0, false));
    assert_eq!(Plan::of(&beat(0, 2), MemberId(9), 0), plan(2, 0, false));
    assert_eq!(Plan::of(&beat(7, 0), MemberId(3), 0), plan(0, 3, false));
    assert_eq!(Plan::of(&beat(7, 0), MemberId(3), 3), plan(0, 0, false), "already being given up");
    assert_eq!(Plan::of(&beat(4, 3), MemberId(3), 0), plan(0, 0, true), "the rest is the other one's");
    assert_eq!(Plan::of(&beat(4, 3), MemberId(5), 0), Plan::default(), "no member");
    let whole = Beat { whole: true, ..beat(4, 3) };
    assert_eq!(Plan::of(&whole, MemberId(3), 0), plan(0, 4, false), "an older version reads all of it");
}
