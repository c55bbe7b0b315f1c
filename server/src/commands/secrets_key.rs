use crate::{
    cli::{Failure, say},
    vault::SecretKey,
};

/// `weir secrets-key`: a new key, and nothing else, so that it can be written to a file.
pub fn run() -> Result<(), Failure> {
    let key = SecretKey::random().ok_or("this system gives no random bytes")?;
    say(&key.to_base64())
}
