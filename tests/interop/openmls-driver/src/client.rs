//! A client of OpenMLS, and what the line protocol has it do.

use std::error::Error;

use openmls::component::{ComponentData, ComponentId};
use openmls::prelude::tls_codec::{Deserialize as _, Serialize as _};
use openmls::prelude::*;
use openmls::schedule::PreSharedKeyId;
use openmls_basic_credential::SignatureKeyPair;
use openmls_rust_crypto::{MemoryStorage, OpenMlsRustCrypto};

use crate::line::{bytes, Answer, Line, Unsupported};

pub struct Client {
    provider: OpenMlsRustCrypto, // one each: its storage knows groups by their id alone
    ciphersuite: Ciphersuite,
    signer: SignatureKeyPair,
    credential: CredentialWithKey,
    capabilities: Capabilities,
    key_package: Option<KeyPackage>, // the last one
    group: Option<MlsGroup>,
}

/// What a Commit has by value, and whether it is to have a path anyway.
#[derive(Default)]
struct ByValue {
    added: Vec<KeyPackage>,
    removed: Vec<LeafNodeIndex>,
    extensions: Option<Extensions<GroupContext>>,
    others: Vec<Proposal>,
    force_path: bool,
}

/// What a group is run with; both forms of handshake messages are taken.
fn config(is_public: bool) -> MlsGroupJoinConfig {
    let policy = match is_public {
        true => MIXED_PLAINTEXT_WIRE_FORMAT_POLICY,
        false => MIXED_CIPHERTEXT_WIRE_FORMAT_POLICY,
    };
    MlsGroupJoinConfig::builder()
        .wire_format_policy(policy)
        .max_past_epochs(5)
        .padding_size(16)
        .build()
}

/// The tree that came beside a message; none where the GroupInfo has it.
fn read_tree(tree: &[u8]) -> Result<Option<RatchetTreeIn>, Box<dyn Error>> {
    match tree {
        [] => Ok(None),
        _ => Ok(Some(RatchetTreeIn::tls_deserialize_exact(tree)?)),
    }
}

/// The logic of all components: an update is the new data.
fn apply_updates<'a>(
    updater: &mut AppDataDictionaryUpdater,
    proposals: impl Iterator<Item = &'a AppDataUpdateProposal>,
) {
    for proposal in proposals {
        let component = proposal.component_id();
        match proposal.operation() {
            AppDataUpdateOperation::Update(data) => {
                updater.set(ComponentData::from_parts(component, data.clone()))
            }
            AppDataUpdateOperation::Remove => updater.remove(&component),
        }
    }
}

/// Reads the elements of `Extension extensions<V>`, without the length before them.
fn read_extensions(line: &mut Line) -> Result<Extensions<GroupContext>, Box<dyn Error>> {
    let encoded = VLBytes::new(line.bytes()?).tls_serialize_detached()?;
    Ok(Extensions::tls_deserialize_exact(encoded)?)
}

/// Reads of which group and epoch somebody outside speaks.
fn read_outside(line: &mut Line) -> Result<(GroupId, GroupEpoch), Box<dyn Error>> {
    let group_id = GroupId::from_slice(&line.bytes()?);
    let epoch = GroupEpoch::from(line.number::<u64>()?);
    line.bytes()?; // the GroupInfo, which is not needed
    Ok((group_id, epoch))
}

impl Client {
    pub fn new(name: &str, suite: u16, grease: bool) -> Result<Self, Box<dyn Error>> {
        let provider = OpenMlsRustCrypto::default();
        let ciphersuite = Ciphersuite::try_from(suite)?;
        provider.crypto().supports(ciphersuite)?;
        let signer = SignatureKeyPair::new(ciphersuite.signature_algorithm())?;
        let credential = CredentialWithKey {
            credential: BasicCredential::new(name.into()).into(),
            signature_key: signer.public().into(),
        };
        let extensions = [ExtensionType::AppDataDictionary];
        let proposals = [ProposalType::AppDataUpdate, ProposalType::SelfRemove];
        let mut capabilities =
            Capabilities::new(None, None, Some(&extensions), Some(&proposals), None);
        if grease {
            capabilities = capabilities.with_grease(provider.rand());
        }
        Ok(Self {
            provider,
            ciphersuite,
            signer,
            credential,
            capabilities,
            key_package: None,
            group: None,
        })
    }

    fn group(&self) -> Result<&MlsGroup, Box<dyn Error>> {
        self.group.as_ref().ok_or_else(|| "no group".into())
    }

    pub fn key_package(&mut self) -> Answer {
        let bundle = KeyPackage::builder()
            .leaf_node_capabilities(self.capabilities.clone())
            .build(
                self.ciphersuite,
                &self.provider,
                &self.signer,
                self.credential.clone(),
            )?;
        self.key_package = Some(bundle.key_package().clone());
        let message = MlsMessageOut::from(bundle.key_package().clone());
        Ok(bytes(&message.to_bytes()?))
    }

    pub fn signature_key(&self) -> Answer {
        Ok(bytes(self.signer.public()))
    }

    pub fn add_psk(&self, id: Vec<u8>, secret: Vec<u8>) -> Answer {
        PreSharedKeyId::external(id, Vec::new()).store(&self.provider, &secret)?;
        Ok(String::new())
    }

    pub fn create(&mut self, group_id: Vec<u8>) -> Answer {
        let config = MlsGroupCreateConfig::builder()
            .ciphersuite(self.ciphersuite)
            .capabilities(self.capabilities.clone())
            .max_past_epochs(5)
            .padding_size(16)
            .build();
        self.group = Some(MlsGroup::new_with_group_id(
            &self.provider,
            &self.signer,
            &config,
            GroupId::from_slice(&group_id),
            self.credential.clone(),
        )?);
        Ok(String::new())
    }

    pub fn join(&mut self, welcome: &[u8], tree: &[u8]) -> Answer {
        let MlsMessageBodyIn::Welcome(welcome) =
            MlsMessageIn::tls_deserialize_exact(welcome)?.extract()
        else {
            return Err("no Welcome".into());
        };
        let staged = StagedWelcome::new_from_welcome(
            &self.provider,
            &config(false),
            welcome,
            read_tree(tree)?,
        )?;
        self.group = Some(staged.into_group(&self.provider)?);
        Ok(String::new())
    }

    /// A leaf with the own signature key is replaced: OpenMLS takes that for the same client. So the word
    /// `resync` says nothing new. The group is joined at once; `merge` has nothing left to do.
    pub fn join_external(&mut self, group_info: &[u8], tree: &[u8]) -> Answer {
        let MlsMessageBodyIn::GroupInfo(group_info) =
            MlsMessageIn::tls_deserialize_exact(group_info)?.extract()
        else {
            return Err("no GroupInfo".into());
        };
        let mut builder = MlsGroup::external_commit_builder().with_config(config(false));
        if let Some(tree) = read_tree(tree)? {
            builder = builder.with_ratchet_tree(tree);
        }
        let leaf = LeafNodeParameters::builder()
            .with_capabilities(self.capabilities.clone())
            .build();
        let (group, messages) = builder
            .build_group(&self.provider, group_info, self.credential.clone())?
            .leaf_node_parameters(leaf)
            .load_psks(self.provider.storage())?
            .build(
                self.provider.rand(),
                self.provider.crypto(),
                &self.signer,
                |_| true,
            )?
            .finalize(&self.provider)?;
        self.group = Some(group);
        Ok(bytes(&messages.into_commit().to_bytes()?))
    }

    pub fn group_info(&self, with_tree: bool) -> Answer {
        let message =
            self.group()?
                .export_group_info(self.provider.crypto(), &self.signer, with_tree)?;
        Ok(bytes(&message.to_bytes()?))
    }

    pub fn tree(&self) -> Answer {
        let tree = self.group()?.export_ratchet_tree();
        Ok(bytes(&tree.tls_serialize_detached()?))
    }

    fn read_key_package(&self, message: &[u8]) -> Result<KeyPackage, Box<dyn Error>> {
        let MlsMessageBodyIn::KeyPackage(key_package) =
            MlsMessageIn::tls_deserialize_exact(message)?.extract()
        else {
            return Err("no KeyPackage".into());
        };
        Ok(key_package.validate(self.provider.crypto(), ProtocolVersion::Mls10)?)
    }

    fn psk_id(&self, id: Vec<u8>) -> Result<PreSharedKeyId, Box<dyn Error>> {
        let nonce = self
            .provider
            .rand()
            .random_vec(self.ciphersuite.hash_length())?;
        Ok(PreSharedKeyId::external(id, nonce))
    }

    pub fn propose(&mut self, is_public: bool, line: &mut Line) -> Answer {
        let proposal = match line.word()? {
            "add" => Propose::Add(self.read_key_package(&line.bytes()?)?),
            "remove" => Propose::Remove(line.number()?),
            "psk" => Propose::PreSharedKey(self.psk_id(line.bytes()?)?),
            "update" => Propose::Update(LeafNodeParameters::default()),
            "extensions" => Propose::GroupContextExtensions(read_extensions(line)?),
            "self_remove" => return self.leave(),
            "app_data" => Propose::UpdateAppDataComponent {
                component_id: line.number()?,
                update: line.bytes()?,
            },
            "reinit" => return Err(Unsupported("no group can be reinitialised").into()),
            _ => return Err("no such proposal".into()),
        };
        let group = self.group.as_mut().ok_or("no group")?;
        group.set_configuration(self.provider.storage(), &config(is_public))?;
        let (message, _) = group.propose(
            &self.provider,
            &self.signer,
            proposal,
            ProposalOrRefType::Reference,
        )?;
        Ok(bytes(&message.to_bytes()?))
    }

    fn leave(&mut self) -> Answer {
        let group = self.group.as_mut().ok_or("no group")?;
        group.set_configuration(self.provider.storage(), &config(true))?;
        let message = group.leave_group_via_self_remove(&self.provider, &self.signer)?;
        Ok(bytes(&message.to_bytes()?))
    }

    pub fn ask_to_join(&self, line: &mut Line) -> Answer {
        let (group_id, epoch) = read_outside(line)?;
        let key_package = self.key_package.clone().ok_or("no KeyPackage")?;
        let message =
            JoinProposal::new::<MemoryStorage>(key_package, group_id, epoch, &self.signer)?;
        Ok(bytes(&message.to_bytes()?))
    }

    pub fn propose_external(&self, line: &mut Line) -> Answer {
        let (group_id, epoch) = read_outside(line)?;
        let sender = SenderExtensionIndex::new(0);
        let message = match line.word()? {
            "add" => ExternalProposal::new_add::<OpenMlsRustCrypto>(
                self.read_key_package(&line.bytes()?)?,
                group_id,
                epoch,
                &self.signer,
                sender,
            )?,
            "remove" => ExternalProposal::new_remove::<OpenMlsRustCrypto>(
                LeafNodeIndex::new(line.number()?),
                group_id,
                epoch,
                &self.signer,
                sender,
            )?,
            _ => return Err("no such proposal".into()),
        };
        Ok(bytes(&message.to_bytes()?))
    }

    fn read_by_value(&self, line: &mut Line) -> Result<ByValue, Box<dyn Error>> {
        let mut read = ByValue::default();
        while !line.at_end() {
            match line.word()? {
                "add" => read.added.push(self.read_key_package(&line.bytes()?)?),
                "remove" => read.removed.push(LeafNodeIndex::new(line.number()?)),
                "psk" => {
                    let proposal = PreSharedKeyProposal::new(self.psk_id(line.bytes()?)?);
                    read.others.push(Proposal::PreSharedKey(Box::new(proposal)));
                }
                "extensions" => read.extensions = Some(read_extensions(line)?),
                "app_data" => {
                    let component = line.number()?;
                    let proposal = AppDataUpdateProposal::update(component, line.bytes()?);
                    read.others
                        .push(Proposal::AppDataUpdate(Box::new(proposal)));
                }
                "reinit" => return Err(Unsupported("no group can be reinitialised").into()),
                "path" => read.force_path = true,
                _ => return Err("no such proposal".into()),
            }
        }
        Ok(read)
    }

    pub fn commit(&mut self, is_public: bool, with_tree: bool, line: &mut Line) -> Answer {
        let by_value = self.read_by_value(line)?;
        let group = self.group.as_mut().ok_or("no group")?;
        group.set_configuration(self.provider.storage(), &config(is_public))?;
        let mut builder = group
            .commit_builder()
            .propose_adds(by_value.added)
            .propose_removals(by_value.removed)
            .add_proposals(by_value.others)
            .force_self_update(by_value.force_path);
        if let Some(extensions) = by_value.extensions {
            builder = builder.propose_group_context_extensions(extensions)?;
        }
        let mut builder = builder
            .load_psks(self.provider.storage())?
            .use_ratchet_tree_extension(with_tree);
        let mut updater = builder.app_data_dictionary_updater();
        apply_updates(&mut updater, builder.app_data_update_proposals());
        let changes = updater.changes();
        builder.with_app_data_dictionary_updates(changes);
        let messages = builder
            .build(
                self.provider.rand(),
                self.provider.crypto(),
                &self.signer,
                |_| true,
            )?
            .stage_commit(&self.provider)?;
        let welcome = match messages.to_welcome_msg() {
            Some(message) => message.to_bytes()?,
            None => Vec::new(),
        };
        let commit = messages.into_commit().to_bytes()?;
        Ok(format!("{} {}", bytes(&commit), bytes(&welcome)))
    }

    pub fn merge(&mut self) -> Answer {
        let group = self.group.as_mut().ok_or("no group")?;
        group.merge_pending_commit(&self.provider)?;
        Ok(String::new())
    }

    pub fn receive(&mut self, message: &[u8]) -> Answer {
        let message = MlsMessageIn::tls_deserialize_exact(message)?.try_into_protocol_message()?;
        let group = self.group.as_mut().ok_or("no group")?;
        let content = group
            .process_message(&self.provider, message)?
            .into_content();
        let content = match content {
            ProcessedMessageContent::UnresolvedAppDataCommit(commit) => {
                let mut updater = group.app_data_dictionary_updater();
                apply_updates(&mut updater, commit.app_data_update_proposals());
                let changes = updater.changes();
                let staged = group.stage_app_data_commit(&self.provider, *commit, changes)?;
                ProcessedMessageContent::StagedCommitMessage(Box::new(staged))
            }
            content => content,
        };
        match content {
            ProcessedMessageContent::ApplicationMessage(message) => {
                Ok(format!("application {}", bytes(&message.into_bytes())))
            }
            ProcessedMessageContent::ProposalMessage(proposal)
            | ProcessedMessageContent::ExternalJoinProposalMessage(proposal) => {
                group.store_pending_proposal(self.provider.storage(), *proposal)?;
                Ok("proposal".to_string())
            }
            ProcessedMessageContent::StagedCommitMessage(commit) => {
                let answer = match commit.self_removed() {
                    true => "removed",
                    false => "commit",
                };
                group.merge_staged_commit(&self.provider, *commit)?;
                Ok(answer.to_string())
            }
            _ => Err("not a message that the protocol has".into()),
        }
    }

    pub fn encrypt(&mut self, data: &[u8], authenticated_data: Vec<u8>) -> Answer {
        let group = self.group.as_mut().ok_or("no group")?;
        group.set_aad(authenticated_data);
        let message = group.create_message(&self.provider, &self.signer, data)?;
        Ok(bytes(&message.to_bytes()?))
    }

    pub fn state(&self) -> Answer {
        let group = self.group()?;
        let mut answer = format!(
            "{} {} {}",
            group.epoch().as_u64(),
            group.own_leaf_index().u32(),
            bytes(group.epoch_authenticator().as_slice())
        );
        for member in group.members() {
            let credential = BasicCredential::try_from(member.credential)?;
            let name = std::str::from_utf8(credential.identity())?;
            answer.push_str(&format!(" {}={}", member.index.u32(), name));
        }
        Ok(answer)
    }

    pub fn export(&self, label: &str, context: &[u8], len: usize) -> Answer {
        let crypto = self.provider.crypto();
        Ok(bytes(
            &self.group()?.export_secret(crypto, label, context, len)?,
        ))
    }

    pub fn safe_export(&mut self, component: ComponentId) -> Answer {
        let group = self.group.as_mut().ok_or("no group")?;
        let secret =
            group.safe_export_secret(self.provider.crypto(), self.provider.storage(), component)?;
        Ok(bytes(&secret))
    }
}
