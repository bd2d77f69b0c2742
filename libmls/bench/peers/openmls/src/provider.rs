//! What OpenMLS runs on here, and a stopwatch for its calls.

use std::error::Error;
use std::fmt;
use std::ops::Add;
use std::time::{Duration, Instant};

use openmls_rust_crypto::RustCrypto;
use openmls_traits::OpenMlsProvider;

use crate::storage::TimedStorage;

#[derive(Default)]
pub struct Provider {
    crypto: RustCrypto,
    storage: TimedStorage,
}

impl OpenMlsProvider for Provider {
    type CryptoProvider = RustCrypto;
    type RandProvider = RustCrypto;
    type StorageProvider = TimedStorage;

    fn storage(&self) -> &TimedStorage {
        &self.storage
    }

    fn crypto(&self) -> &RustCrypto {
        &self.crypto
    }

    fn rand(&self) -> &RustCrypto {
        &self.crypto
    }
}

/// What a call has taken, and how much of it was the storage.
#[derive(Clone, Copy, Default)]
pub struct Took {
    total: Duration,
    storage: Duration,
}

impl Provider {
    pub fn timed<T>(
        &self,
        call: impl FnOnce() -> Result<T, Box<dyn Error>>,
    ) -> Result<(Took, T), Box<dyn Error>> {
        let spent = self.storage.spent();
        let start = Instant::now();
        let result = call()?;
        let took = Took {
            total: start.elapsed(),
            storage: self.storage.spent() - spent,
        };
        Ok((took, result))
    }
}

impl Add for Took {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            total: self.total + other.total,
            storage: self.storage + other.storage,
        }
    }
}

impl fmt::Display for Took {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(
            f,
            "{} storage={}",
            self.total.as_nanos(),
            self.storage.as_nanos()
        )
    }
}

impl Took {
    /// The words that tell what it took to merge the own Commit.
    pub fn as_merge(&self) -> String {
        let (total, storage) = (self.total.as_nanos(), self.storage.as_nanos());
        format!("merge={total} merge_storage={storage}")
    }
}
