//! A client of OpenMLS, and what the benchmark has it do. What is timed goes from bytes to bytes; files are read before
//! and written after.

use std::collections::HashMap;
use std::error::Error;
use std::fs;

use openmls::prelude::tls_codec::Deserialize as _;
use openmls::prelude::*;
use openmls_basic_credential::SignatureKeyPair;

use crate::line::{bytes, Answer, Unsupported};
use crate::provider::{Provider, Took};

const IDENTITY_LEN: usize = 21; // bytes: all members' leaves are of the same size

pub struct Client {
    provider: Provider,
    ciphersuite: Ciphersuite,
    signer: SignatureKeyPair,
    credential: CredentialWithKey,
    capabilities: Capabilities,
    group: Option<MlsGroup>,
    snapshot: Option<Snapshot>,
}

/// The storage, which has all of a group.
struct Snapshot {
    values: HashMap<Vec<u8>, Vec<u8>>,
    group_id: Option<GroupId>,
}

/// What a Commit has by value.
enum ByValue<'a> {
    Nothing,
    Adds(&'a [Vec<u8>]),
    Remove(LeafNodeIndex),
}

struct Commit {
    message: Vec<u8>,
    welcome: Vec<u8>, // empty: none
}

/// An external Commit is always a PublicMessage; all else of handshakes is a PrivateMessage.
fn config() -> MlsGroupJoinConfig {
    MlsGroupJoinConfig::builder()
        .wire_format_policy(MIXED_CIPHERTEXT_WIRE_FORMAT_POLICY)
        .padding_size(0)
        .build()
}

fn identity(name: &str) -> Result<Vec<u8>, Box<dyn Error>> {
    match name.len() {
        0..=IDENTITY_LEN => Ok(format!("{name:-<IDENTITY_LEN$}").into_bytes()),
        _ => Err("the name is too long".into()),
    }
}

fn read_tree(tree: Option<&[u8]>) -> Result<Option<RatchetTreeIn>, Box<dyn Error>> {
    Ok(tree.map(RatchetTreeIn::tls_deserialize_exact).transpose()?)
}

/// All files of a folder, in the order of their names.
fn read_folder(folder: &str) -> Result<Vec<Vec<u8>>, Box<dyn Error>> {
    let entries: Result<Vec<_>, _> = fs::read_dir(folder)?.collect();
    let mut paths: Vec<_> = entries?.iter().map(fs::DirEntry::path).collect();
    paths.sort();
    let files: Result<Vec<_>, _> = paths.iter().map(fs::read).collect();
    Ok(files?)
}

impl Client {
    pub fn new(name: &str, suite: u16) -> Result<Self, Box<dyn Error>> {
        let provider = Provider::default();
        let ciphersuite = Ciphersuite::try_from(suite)
            .ok()
            .filter(|suite| provider.crypto().supports(*suite).is_ok())
            .ok_or(Unsupported("no such cipher suite"))?;
        let signer = SignatureKeyPair::new(ciphersuite.signature_algorithm())?;
        let credential = CredentialWithKey {
            credential: BasicCredential::new(identity(name)?).into(),
            signature_key: signer.public().into(),
        };
        let capabilities = Capabilities::new(
            Some(&[ProtocolVersion::Mls10]),
            Some(&[ciphersuite]),
            Some(&[]),
            Some(&[]),
            Some(&[CredentialType::Basic]),
        );
        Ok(Self {
            provider,
            ciphersuite,
            signer,
            credential,
            capabilities,
            group: None,
            snapshot: None,
        })
    }

    fn group(&self) -> Result<&MlsGroup, Box<dyn Error>> {
        self.group.as_ref().ok_or_else(|| "no group".into())
    }

    pub fn key_package(&self, out: &str) -> Answer {
        let (took, message) = self.provider.timed(|| {
            let bundle = KeyPackage::builder()
                .leaf_node_capabilities(self.capabilities.clone())
                .build(
                    self.ciphersuite,
                    &self.provider,
                    &self.signer,
                    self.credential.clone(),
                )?;
            Ok(MlsMessageOut::from(bundle.key_package().clone()).to_bytes()?)
        })?;
        fs::write(out, message)?;
        Ok(took.to_string())
    }

    /// A group of one, and the Commit that adds all the others.
    pub fn create(&mut self, folder: &str, out_commit: &str, out_welcome: &str) -> Answer {
        let key_packages = read_folder(folder)?;
        let config = MlsGroupCreateConfig::builder()
            .ciphersuite(self.ciphersuite)
            .capabilities(self.capabilities.clone())
            .wire_format_policy(MIXED_CIPHERTEXT_WIRE_FORMAT_POLICY)
            .padding_size(0)
            .build();
        let (took, group) = self.provider.timed(|| {
            let credential = self.credential.clone();
            Ok(MlsGroup::new(
                &self.provider,
                &self.signer,
                &config,
                credential,
            )?)
        })?;
        self.group = Some(group);
        let (took_commit, commit) = self.make_commit(ByValue::Adds(&key_packages))?;
        fs::write(out_commit, commit.message)?;
        fs::write(out_welcome, commit.welcome)?;
        self.merge_after(took + took_commit)
    }

    pub fn join(&mut self, welcome: &str, tree: Option<&str>) -> Answer {
        let welcome = fs::read(welcome)?;
        let tree = tree.map(fs::read).transpose()?;
        let (took, group) = self.provider.timed(|| {
            let MlsMessageBodyIn::Welcome(welcome) =
                MlsMessageIn::tls_deserialize_exact(&welcome)?.extract()
            else {
                return Err("no Welcome".into());
            };
            let tree = read_tree(tree.as_deref())?;
            let staged = StagedWelcome::new_from_welcome(&self.provider, &config(), welcome, tree)?;
            Ok(staged.into_group(&self.provider)?)
        })?;
        self.group = Some(group);
        Ok(took.to_string())
    }

    pub fn join_external(&mut self, group_info: &str, out: &str, tree: Option<&str>) -> Answer {
        let group_info = fs::read(group_info)?;
        let tree = tree.map(fs::read).transpose()?;
        let (took, (group, message)) = self
            .provider
            .timed(|| self.make_external_commit(&group_info, tree.as_deref()))?;
        self.group = Some(group);
        fs::write(out, message)?;
        Ok(took.to_string())
    }

    fn make_external_commit(
        &self,
        group_info: &[u8],
        tree: Option<&[u8]>,
    ) -> Result<(MlsGroup, Vec<u8>), Box<dyn Error>> {
        let MlsMessageBodyIn::GroupInfo(group_info) =
            MlsMessageIn::tls_deserialize_exact(group_info)?.extract()
        else {
            return Err("no GroupInfo".into());
        };
        let mut builder = MlsGroup::external_commit_builder().with_config(config());
        if let Some(tree) = read_tree(tree)? {
            builder = builder.with_ratchet_tree(tree);
        }
        let leaf = LeafNodeParameters::builder()
            .with_capabilities(self.capabilities.clone())
            .build();
        let provider = &self.provider;
        let (group, messages) = builder
            .build_group(provider, group_info, self.credential.clone())?
            .leaf_node_parameters(leaf)
            .load_psks(provider.storage())?
            .build(provider.rand(), provider.crypto(), &self.signer, |_| true)?
            .finalize(provider)?;
        Ok((group, messages.into_commit().to_bytes()?))
    }

    pub fn group_info(&self, out: &str) -> Answer {
        let group = self.group()?;
        let (took, message) = self.provider.timed(|| {
            let message = group.export_group_info(self.provider.crypto(), &self.signer, true)?;
            Ok(message.to_bytes()?)
        })?;
        fs::write(out, message)?;
        Ok(took.to_string())
    }

    pub fn commit(&mut self, out: &str) -> Answer {
        let (took, commit) = self.make_commit(ByValue::Nothing)?;
        fs::write(out, commit.message)?;
        self.merge_after(took)
    }

    pub fn add(&mut self, key_package: &str, out_commit: &str, out_welcome: &str) -> Answer {
        let key_packages = [fs::read(key_package)?];
        let (took, commit) = self.make_commit(ByValue::Adds(&key_packages))?;
        fs::write(out_commit, commit.message)?;
        fs::write(out_welcome, commit.welcome)?;
        self.merge_after(took)
    }

    pub fn remove(&mut self, leaf: u32, out: &str) -> Answer {
        let (took, commit) = self.make_commit(ByValue::Remove(LeafNodeIndex::new(leaf)))?;
        fs::write(out, commit.message)?;
        self.merge_after(took)
    }

    /// There is a path only where the proposals need one, or there are none.
    fn make_commit(&mut self, by_value: ByValue) -> Result<(Took, Commit), Box<dyn Error>> {
        let group = self.group.as_mut().ok_or("no group")?;
        let (provider, signer) = (&self.provider, &self.signer);
        provider.timed(|| {
            let has_welcome = matches!(by_value, ByValue::Adds(_));
            let builder = match by_value {
                ByValue::Nothing => group.commit_builder(),
                ByValue::Adds(messages) => group
                    .commit_builder()
                    .propose_adds(read_key_packages(provider, messages)?),
                ByValue::Remove(leaf) => group.commit_builder().propose_removals([leaf]),
            };
            let messages = builder
                .load_psks(provider.storage())?
                .use_ratchet_tree_extension(has_welcome)
                .build(provider.rand(), provider.crypto(), signer, |_| true)?
                .stage_commit(provider)?;
            let (message, welcome, _) = messages.into_messages();
            let welcome = welcome.map(|message| message.to_bytes()).transpose()?;
            Ok(Commit {
                message: message.to_bytes()?,
                welcome: welcome.unwrap_or_default(),
            })
        })
    }

    /// Has the own Commit take effect; `took` is what it took to make it.
    fn merge_after(&mut self, took: Took) -> Answer {
        let group = self.group.as_mut().ok_or("no group")?;
        let (took_merge, ()) = self
            .provider
            .timed(|| Ok(group.merge_pending_commit(&self.provider)?))?;
        Ok(format!("{took} {}", took_merge.as_merge()))
    }

    pub fn process(&mut self, message: &str) -> Answer {
        let message = fs::read(message)?;
        let group = self.group.as_mut().ok_or("no group")?;
        let (took, ()) = self
            .provider
            .timed(|| take_commit(&self.provider, group, &message))?;
        Ok(took.to_string())
    }

    pub fn encrypt(&mut self, len: usize, out: &str) -> Answer {
        let data = vec![b'x'; len];
        let group = self.group.as_mut().ok_or("no group")?;
        let (took, message) = self.provider.timed(|| {
            let message = group.create_message(&self.provider, &self.signer, &data)?;
            Ok(message.to_bytes()?)
        })?;
        fs::write(out, message)?;
        Ok(took.to_string())
    }

    pub fn decrypt(&mut self, message: &str) -> Answer {
        let message = fs::read(message)?;
        let group = self.group.as_mut().ok_or("no group")?;
        let (took, data) = self
            .provider
            .timed(|| take_data(&self.provider, group, &message))?;
        Ok(format!("{took} len={}", data.len()))
    }

    pub fn snapshot(&mut self) -> Answer {
        self.snapshot = Some(Snapshot {
            values: self.provider.storage().copy(),
            group_id: self.group.as_ref().map(|group| group.group_id().clone()),
        });
        Ok(String::new())
    }

    pub fn restore(&mut self) -> Answer {
        let snapshot = self.snapshot.as_ref().ok_or("no snapshot")?;
        let storage = self.provider.storage();
        storage.replace(snapshot.values.clone());
        self.group = match &snapshot.group_id {
            Some(id) => Some(MlsGroup::load(storage, id)?.ok_or("not in the storage")?),
            None => None,
        };
        Ok(String::new())
    }

    /// From the storage in memory to a group that can be used.
    pub fn load(&mut self) -> Answer {
        let id = self.group()?.group_id().clone();
        let (took, group) = self.provider.timed(|| {
            let group = MlsGroup::load(self.provider.storage(), &id)?;
            Ok(group.ok_or("not in the storage")?)
        })?;
        self.group = Some(group);
        Ok(took.to_string())
    }

    pub fn state(&self) -> Answer {
        let group = self.group()?;
        Ok(format!(
            "{} {} {}",
            group.epoch().as_u64(),
            group.own_leaf_index().u32(),
            bytes(group.epoch_authenticator().as_slice())
        ))
    }
}

fn read_key_packages(
    provider: &Provider,
    messages: &[Vec<u8>],
) -> Result<Vec<KeyPackage>, Box<dyn Error>> {
    let read = |message: &Vec<u8>| -> Result<KeyPackage, Box<dyn Error>> {
        let MlsMessageBodyIn::KeyPackage(key_package) =
            MlsMessageIn::tls_deserialize_exact(message)?.extract()
        else {
            return Err("no KeyPackage".into());
        };
        Ok(key_package.validate(provider.crypto(), ProtocolVersion::Mls10)?)
    };
    messages.iter().map(read).collect()
}

fn receive(
    provider: &Provider,
    group: &mut MlsGroup,
    message: &[u8],
) -> Result<ProcessedMessageContent, Box<dyn Error>> {
    let message = MlsMessageIn::tls_deserialize_exact(message)?.try_into_protocol_message()?;
    Ok(group.process_message(provider, message)?.into_content())
}

fn take_commit(
    provider: &Provider,
    group: &mut MlsGroup,
    message: &[u8],
) -> Result<(), Box<dyn Error>> {
    match receive(provider, group, message)? {
        ProcessedMessageContent::StagedCommitMessage(commit) => {
            Ok(group.merge_staged_commit(provider, *commit)?)
        }
        _ => Err("no Commit".into()),
    }
}

fn take_data(
    provider: &Provider,
    group: &mut MlsGroup,
    message: &[u8],
) -> Result<Vec<u8>, Box<dyn Error>> {
    match receive(provider, group, message)? {
        ProcessedMessageContent::ApplicationMessage(data) => Ok(data.into_bytes()),
        _ => Err("no application message".into()),
    }
}
