//! OpenMLS' storage in memory, and how long it takes. OpenMLS stores a group with each operation: what that costs is
//! told beside the operation's time, since other libraries store a group by a call of its own.

use std::cell::Cell;
use std::collections::HashMap;
use std::time::{Duration, Instant};

use openmls_rust_crypto::MemoryStorage;
use openmls_traits::storage::{traits, StorageProvider, CURRENT_VERSION};

type Values = HashMap<Vec<u8>, Vec<u8>>;

#[derive(Default)]
pub struct TimedStorage {
    storage: MemoryStorage,
    spent: Cell<Duration>,
}

impl TimedStorage {
    /// How long all calls so far have taken.
    pub fn spent(&self) -> Duration {
        self.spent.get()
    }

    pub fn copy(&self) -> Values {
        self.storage.values.read().expect("one thread").clone()
    }

    pub fn replace(&self, values: Values) {
        *self.storage.values.write().expect("one thread") = values;
    }

    fn timed<T>(&self, call: impl FnOnce(&MemoryStorage) -> T) -> T {
        let start = Instant::now();
        let result = call(&self.storage);
        self.spent.set(self.spent.get() + start.elapsed());
        result
    }
}

/// Methods of the trait that hand their arguments on to the storage.
macro_rules! timed_methods {
    ($(fn $name:ident<$($type:ident: $bound:ident),*>($($argument:ident: $of:ty),*) -> $result:ty;)*) => {
        $(fn $name<$($type: traits::$bound<CURRENT_VERSION>),*>(
            &self,
            $($argument: $of),*
        ) -> Result<$result, Self::Error> {
            type Storage = MemoryStorage;
            self.timed(|storage| {
                <Storage as StorageProvider<CURRENT_VERSION>>::$name::<$($type),*>(storage, $($argument),*)
            })
        })*
    };
}

impl StorageProvider<CURRENT_VERSION> for TimedStorage {
    type Error = <MemoryStorage as StorageProvider<CURRENT_VERSION>>::Error;

    timed_methods! {
        fn write_mls_join_config<G: GroupId, V: MlsGroupJoinConfig>(group: &G, value: &V) -> ();
        fn append_own_leaf_node<G: GroupId, V: LeafNode>(group: &G, value: &V) -> ();
        fn queue_proposal<G: GroupId, R: ProposalRef, V: QueuedProposal>(group: &G, key: &R, value: &V) -> ();
        fn write_tree<G: GroupId, V: TreeSync>(group: &G, value: &V) -> ();
        fn write_interim_transcript_hash<G: GroupId, V: InterimTranscriptHash>(group: &G, value: &V) -> ();
        fn write_context<G: GroupId, V: GroupContext>(group: &G, value: &V) -> ();
        fn write_confirmation_tag<G: GroupId, V: ConfirmationTag>(group: &G, value: &V) -> ();
        fn write_group_state<V: GroupState, G: GroupId>(group: &G, value: &V) -> ();
        fn write_message_secrets<G: GroupId, V: MessageSecrets>(group: &G, value: &V) -> ();
        fn write_resumption_psk_store<G: GroupId, V: ResumptionPskStore>(group: &G, value: &V) -> ();
        fn write_own_leaf_index<G: GroupId, V: LeafNodeIndex>(group: &G, value: &V) -> ();
        fn write_group_epoch_secrets<G: GroupId, V: GroupEpochSecrets>(group: &G, value: &V) -> ();

        fn write_signature_key_pair<K: SignaturePublicKey, V: SignatureKeyPair>(key: &K, value: &V) -> ();
        fn write_encryption_key_pair<K: EncryptionKey, V: HpkeKeyPair>(key: &K, value: &V) -> ();
        fn write_encryption_epoch_key_pairs<G: GroupId, K: EpochKey, V: HpkeKeyPair>(
            group: &G, epoch: &K, leaf: u32, values: &[V]) -> ();
        fn write_key_package<K: HashReference, V: KeyPackage>(key: &K, value: &V) -> ();
        fn write_psk<K: PskId, V: PskBundle>(key: &K, value: &V) -> ();

        fn mls_group_join_config<G: GroupId, V: MlsGroupJoinConfig>(group: &G) -> Option<V>;
        fn own_leaf_nodes<G: GroupId, V: LeafNode>(group: &G) -> Vec<V>;
        fn queued_proposal_refs<G: GroupId, V: ProposalRef>(group: &G) -> Vec<V>;
        fn queued_proposals<G: GroupId, R: ProposalRef, V: QueuedProposal>(group: &G) -> Vec<(R, V)>;
        fn tree<G: GroupId, V: TreeSync>(group: &G) -> Option<V>;
        fn group_context<G: GroupId, V: GroupContext>(group: &G) -> Option<V>;
        fn interim_transcript_hash<G: GroupId, V: InterimTranscriptHash>(group: &G) -> Option<V>;
        fn confirmation_tag<G: GroupId, V: ConfirmationTag>(group: &G) -> Option<V>;
        fn group_state<V: GroupState, G: GroupId>(group: &G) -> Option<V>;
        fn message_secrets<G: GroupId, V: MessageSecrets>(group: &G) -> Option<V>;
        fn resumption_psk_store<G: GroupId, V: ResumptionPskStore>(group: &G) -> Option<V>;
        fn own_leaf_index<G: GroupId, V: LeafNodeIndex>(group: &G) -> Option<V>;
        fn group_epoch_secrets<G: GroupId, V: GroupEpochSecrets>(group: &G) -> Option<V>;

        fn signature_key_pair<K: SignaturePublicKey, V: SignatureKeyPair>(key: &K) -> Option<V>;
        fn encryption_key_pair<V: HpkeKeyPair, K: EncryptionKey>(key: &K) -> Option<V>;
        fn encryption_epoch_key_pairs<G: GroupId, K: EpochKey, V: HpkeKeyPair>(
            group: &G, epoch: &K, leaf: u32) -> Vec<V>;
        fn key_package<K: HashReference, V: KeyPackage>(key: &K) -> Option<V>;
        fn psk<V: PskBundle, K: PskId>(key: &K) -> Option<V>;

        fn remove_proposal<G: GroupId, R: ProposalRef>(group: &G, key: &R) -> ();
        fn delete_own_leaf_nodes<G: GroupId>(group: &G) -> ();
        fn delete_group_config<G: GroupId>(group: &G) -> ();
        fn delete_tree<G: GroupId>(group: &G) -> ();
        fn delete_confirmation_tag<G: GroupId>(group: &G) -> ();
        fn delete_group_state<G: GroupId>(group: &G) -> ();
        fn delete_context<G: GroupId>(group: &G) -> ();
        fn delete_interim_transcript_hash<G: GroupId>(group: &G) -> ();
        fn delete_message_secrets<G: GroupId>(group: &G) -> ();
        fn delete_all_resumption_psk_secrets<G: GroupId>(group: &G) -> ();
        fn delete_own_leaf_index<G: GroupId>(group: &G) -> ();
        fn delete_group_epoch_secrets<G: GroupId>(group: &G) -> ();
        fn clear_proposal_queue<G: GroupId, R: ProposalRef>(group: &G) -> ();

        fn delete_signature_key_pair<K: SignaturePublicKey>(key: &K) -> ();
        fn delete_encryption_key_pair<K: EncryptionKey>(key: &K) -> ();
        fn delete_encryption_epoch_key_pairs<G: GroupId, K: EpochKey>(group: &G, epoch: &K, leaf: u32) -> ();
        fn delete_key_package<K: HashReference>(key: &K) -> ();
        fn delete_psk<K: PskId>(key: &K) -> ();
    }
}
