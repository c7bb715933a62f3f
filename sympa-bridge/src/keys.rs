//! The keys that sign room tokens: one signs, and while keys are changed the one before still counts.

use anyhow::{Context as _, Result, bail};
use membership::token::{KeySet, Signer};
use service::secret::Secrets;

use crate::store::Store;

/// The live keys.
#[derive(Debug)]
pub(crate) struct Keys {
    pub(crate) signer: Signer,
    pub(crate) public: KeySet,
}

impl Keys {
    /// From `BRIDGE_KEY_SEED(_FILE)`, else from the own database where a key is made once. The key of
    /// `BRIDGE_KEY_SEED_OLD(_FILE)` is published beside it.
    pub(crate) async fn load(store: &Store, secrets: &Secrets) -> Result<Self> {
        let seed = match secrets.find("BRIDGE_KEY_SEED")? {
            Some(seed) => seed.expose().to_owned(),
            None => store.key_seed().await.context("cannot read the signing key")?,
        };
        let signer = signer(&seed).context("BRIDGE_KEY_SEED must be 64 hex digits")?;
        let mut keys = vec![signer.public().clone()];
        if let Some(old) = secrets.find("BRIDGE_KEY_SEED_OLD")? {
            keys.push(signer_of_old(old.expose())?.public().clone());
        }
        Ok(Self { signer, public: KeySet { keys } })
    }
}

fn signer_of_old(seed: &str) -> Result<Signer> {
    signer(seed).context("BRIDGE_KEY_SEED_OLD must be 64 hex digits")
}

fn signer(seed: &str) -> Result<Signer> {
    Ok(Signer::from_seed(&unhex(seed.trim())?)?)
}

fn unhex(text: &str) -> Result<[u8; 32]> {
    if text.len() != 64 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        bail!("not 64 hex digits");
    }
    let mut bytes = [0; 32];
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * at..2 * at + 2], 16)?;
    }
    Ok(bytes)
}
