use super::{BadBlock, Block, BlockBuilder, encode::Entry, flag};

/// The block without the bytes of some events (erasure): their places, and every other event, stay as they are.
///
/// # Errors
/// If the block can't be read or has no such event.
pub fn blank(bytes: &[u8], ordinals: &[usize]) -> Result<Vec<u8>, BadBlock> {
    let block = Block::open(bytes)?;
    for ordinal in ordinals {
        block.key(*ordinal)?;
    }
    let body = block.body()?;
    let mut builder = BlockBuilder::default();
    for i in 0..block.events() {
        let (flags, cut) = block.parts(i)?;
        let erased = ordinals.contains(&i);
        let kept = if erased { None } else { body.event(i)? };
        let flags = if erased { flag::BLANK } else { flags & (flag::BLANK | flag::WITHHELD) };
        builder.push_entry(&match &kept {
            Some(e) => Entry { key: e.key.as_deref(), payload: e.payload.as_deref(), headers: &e.headers, flags, cut },
            // A cut record may name what was erased: it goes too.
            None => Entry { key: None, payload: None, headers: &[], flags, cut: &[] },
        });
    }
    let mut out = Vec::new();
    builder.finish(&mut out).map_err(|_| BadBlock::Damaged("too large to write again"))?;
    Ok(out)
}
