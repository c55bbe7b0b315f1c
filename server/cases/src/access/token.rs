//! Secrets that a person carries: 256 random bits as base64url. The store sees only their SHA-256.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rand::{TryRng, rngs::SysRng};
use sha2::{Digest, Sha256};
use weir_domain::CaseError;

const BITS: usize = 256;
/// 43 characters of six bits.
const LENGTH: usize = BITS.div_ceil(6);

/// The one place that asks for randomness. It is the operating system's and no parameter: a seed
/// handed in here could only make tokens guessable.
pub(crate) fn new() -> Result<String, CaseError> {
    let mut bytes = [0u8; BITS / 8];
    SysRng.try_fill_bytes(&mut bytes).map_err(|e| CaseError::Internal(format!("no randomness to be had: {e}")))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

pub(crate) fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// Could this be a token at all? What is not costs no question to the database.
pub(crate) fn well_formed(token: &str) -> bool {
    token.len() == LENGTH && token.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn tokens_are_long_well_formed_and_never_alike() {
        let tokens: HashSet<_> = (0..1000).map(|_| new().unwrap()).collect();
        assert_eq!(tokens.len(), 1000);
        assert!(tokens.iter().all(|t| well_formed(t)));
        for bad in ["", "short", &"a".repeat(44), &"é".repeat(43), &"=".repeat(43)] {
            assert!(!well_formed(bad), "{bad:?}");
        }
    }
}
