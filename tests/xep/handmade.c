#include "handmade.h"
#include "base64.h"
#include "envelope.h"
#include "key_packages.h"
#include "stanza.h"

#include <stdio.h>
#include <stdlib.h>

#define NS_PUBSUB "http://jabber.org/protocol/pubsub"
#define NS_DISCO "http://jabber.org/protocol/disco#info"

enum { SLICE = 75000 /* bytes of a part */ };

static void must(mls_status_t status)
{
    if (status == MLS_OK)
        return;
    fprintf(stderr, "cannot be made: %s\n", mls_status_text(status));
    exit(1);
}

static void *allocate(mls_arena_t *arena, size_t len)
{
    void *memory = mls_arena_alloc(arena, len);
    if (memory == NULL)
        abort();
    return memory;
}

static const char *keep_xml(play_t *play, mod_mls_xml_writer_t *xml)
{
    must(mod_mls_xml_finish(xml));
    return play_keep(play, &xml->text);
}

/* ---- service discovery ---------------------------------------------------------------------------- */

static void begin_iq(mod_mls_xml_writer_t *xml, const char *type, const char *id, const char *from,
                     const char *to)
{
    mod_mls_xml_open(xml, "iq", NULL);
    mod_mls_xml_put(xml, "type", type);
    mod_mls_xml_put(xml, "id", id);
    mod_mls_xml_put(xml, "from", from);
    mod_mls_xml_put(xml, "to", to);
}

static void add_identity(mod_mls_xml_writer_t *xml, const char *category, const char *type, const char *name)
{
    mod_mls_xml_open(xml, "identity", NULL);
    mod_mls_xml_put(xml, "category", category);
    mod_mls_xml_put(xml, "type", type);
    mod_mls_xml_put(xml, "name", name);
    mod_mls_xml_close(xml);
}

static void add_features(mod_mls_xml_writer_t *xml, const char *const *features)
{
    for (; *features != NULL; features++) {
        mod_mls_xml_open(xml, "feature", NULL);
        mod_mls_xml_put(xml, "var", *features);
        mod_mls_xml_close(xml);
    }
}

const char *handmade_disco_client(play_t *play)
{
    static const char *const features[] = { "http://jabber.org/protocol/caps", NS_DISCO, MOD_MLS_NAMESPACE,
                                            MOD_MLS_NAMESPACE_DEVICES_NOTIFY, NULL };
    mod_mls_xml_writer_t xml = { 0 };
    begin_iq(&xml, "result", "info1", play->alice->full_jid, play->bob->full_jid);
    mod_mls_xml_open(&xml, "query", NS_DISCO);
    add_identity(&xml, "client", "console", "mls-chat");
    add_features(&xml, features);
    return keep_xml(play, &xml);
}

/* ---- room messages ------------------------------------------------------------------------------- */

const char *handmade_inner(play_t *play, const char *origin_id, mls_view_t message, bool is_application)
{
    mod_mls_xml_writer_t xml;
    must(mod_mls_stanza_group(&xml, PLAY_ROOM, origin_id, message, is_application));
    /* Without the tags of the message itself. */
    const char *start = strchr(xml.text.data, '>') + 1, *end = strrchr(start, '<');
    mod_mls_text_t inner = { 0 };
    mod_mls_text_add_bytes(&inner, start, (size_t)(end - start));
    mod_mls_text_clear(&xml.text);
    return play_keep(play, &inner);
}

const char *handmade_element(play_t *play, const char *element, const char *attributes, const char *origin_id,
                             mls_view_t content)
{
    mod_mls_text_t inner = { 0 };
    mod_mls_text_add_char(&inner, '<');
    mod_mls_text_add(&inner, element);
    mod_mls_text_add(&inner, " xmlns='" MOD_MLS_NAMESPACE "'");
    mod_mls_text_add(&inner, attributes);
    mod_mls_text_add_char(&inner, '>');
    mod_mls_text_add_base64(&inner, content);
    mod_mls_text_add(&inner, "</");
    mod_mls_text_add(&inner, element);
    mod_mls_text_add(&inner, "><origin-id xmlns='urn:xmpp:sid:0' id='");
    mod_mls_text_add(&inner, origin_id);
    mod_mls_text_add(&inner, "'/><store xmlns='urn:xmpp:hints'/>");
    return play_keep(play, &inner);
}

/* ---- the devices of an account -------------------------------------------------------------------- */

static const mod_mls_device_key_t *key_of(const sim_client_t *client)
{
    return &client->mls->self.key;
}

static mls_view_t public_key_of(const sim_client_t *client)
{
    return mls_view(key_of(client)->public_key, MOD_MLS_DEVICE_KEY_LEN);
}

static const char *encode(play_t *play, mls_codec_fn *visit, const void *object)
{
    mls_bytes_t encoded;
    mod_mls_text_t text = { 0 };
    must(mls_encode(&encoded, visit, object));
    mod_mls_text_add_base64(&text, mls_bytes_view(&encoded));
    mls_bytes_clear(&encoded);
    return play_keep(play, &text);
}

/* The signature goes into `signature`, which must live as long as the result. */
static mod_mls_endorsement_t endorse(const sim_client_t *endorser, const sim_client_t *endorsed,
                                     uint8_t signature[MOD_MLS_SIGNATURE_LEN])
{
    const mod_mls_endorsement_t e = { .account = mls_view_text(endorser->account),
                                      .endorser = public_key_of(endorser),
                                      .device_key = public_key_of(endorsed),
                                      .created = endorser->sim->now,
                                      .signature = mls_view(signature, MOD_MLS_SIGNATURE_LEN) };
    must(mod_mls_device_sign(signature, endorser->mls->crypto, key_of(endorser), MOD_MLS_LABEL_ENDORSEMENT,
                             mod_mls_codec_endorsement_tbs, &e));
    return e;
}

const char *handmade_endorsement(play_t *play, const sim_client_t *endorser, const sim_client_t *endorsed)
{
    uint8_t signature[MOD_MLS_SIGNATURE_LEN];
    const mod_mls_endorsement_t e = endorse(endorser, endorsed, signature);
    return encode(play, mod_mls_codec_endorsement, &e);
}

const char *handmade_revocation(play_t *play, const sim_client_t *revoker, const sim_client_t *revoked)
{
    uint8_t signature[MOD_MLS_SIGNATURE_LEN];
    const mod_mls_revocation_t r = { .account = mls_view_text(revoker->account),
                                     .revoker = public_key_of(revoker),
                                     .device_key = public_key_of(revoked),
                                     .reason = MOD_MLS_REVOCATION_LOST,
                                     .created = play->sim.now,
                                     .signature = mls_view(signature, sizeof signature) };
    must(mod_mls_device_sign(signature, revoker->mls->crypto, key_of(revoker), MOD_MLS_LABEL_REVOCATION,
                             mod_mls_codec_revocation_tbs, &r));
    return encode(play, mod_mls_codec_revocation, &r);
}

const char *handmade_endorsement_id(play_t *play, const sim_client_t *endorser, const sim_client_t *endorsed)
{
    mod_mls_text_t id = { 0 };
    mod_mls_text_add(&id, key_of(endorsed)->id);
    mod_mls_text_add(&id, " of ");
    mod_mls_text_add(&id, key_of(endorser)->id);
    return play_keep(play, &id);
}

const char *handmade_revocation_id(play_t *play, const sim_client_t *revoked)
{
    mod_mls_text_t id = { 0 };
    mod_mls_text_add(&id, "revoked-");
    mod_mls_text_add(&id, key_of(revoked)->id);
    return play_keep(play, &id);
}

static void add_field(mod_mls_xml_writer_t *xml, const char *name, const char *type, const char *value)
{
    mod_mls_xml_open(xml, "field", NULL);
    mod_mls_xml_put(xml, "var", name);
    mod_mls_xml_put(xml, "type", type);
    mod_mls_xml_leaf(xml, "value", NULL, value);
    mod_mls_xml_close(xml);
}

const char *handmade_publish(play_t *play, const char *id, const char *item_id, const char *element,
                             const char *content)
{
    mod_mls_xml_writer_t xml = { 0 };
    begin_iq(&xml, "set", id, NULL, NULL);
    mod_mls_xml_open(&xml, "pubsub", NS_PUBSUB);
    mod_mls_xml_open(&xml, "publish", NULL);
    mod_mls_xml_put(&xml, "node", "urn:xmpp:mls:0:devices");
    mod_mls_xml_open(&xml, "item", NULL);
    mod_mls_xml_put(&xml, "id", item_id);
    mod_mls_xml_leaf(&xml, element, MOD_MLS_NAMESPACE, content);
    mod_mls_xml_close(&xml);
    mod_mls_xml_close(&xml);
    mod_mls_xml_open(&xml, "publish-options", NULL);
    mod_mls_xml_open(&xml, "x", "jabber:x:data");
    mod_mls_xml_put(&xml, "type", "submit");
    add_field(&xml, "FORM_TYPE", "hidden", NS_PUBSUB "#publish-options");
    add_field(&xml, "pubsub#persist_items", NULL, "1");
    add_field(&xml, "pubsub#access_model", NULL, "open");
    return keep_xml(play, &xml);
}

/* ---- joining by request --------------------------------------------------------------------------- */

typedef struct endorsed_signer {
    const sim_client_t *client, *endorser;
} endorsed_signer_t;

/* Signs a leaf of a KeyPackage as mod_mls_leaf_sign() does, and puts a sibling's endorsement into it. */
static mls_status_t sign_endorsed_leaf(void *arg, mls_leaf_draft_t *draft)
{
    const endorsed_signer_t *signer = arg;
    const sim_client_t *client = signer->client;
    uint8_t hash[MOD_MLS_SHA256_LEN], signature[MOD_MLS_SIGNATURE_LEN], by_sibling[MOD_MLS_SIGNATURE_LEN];
    mod_mls_endorsement_t endorsement = endorse(signer->endorser, client, by_sibling);
    const mod_mls_xmpp_device_t device = { .device_key = public_key_of(client),
                                           .serial = client->sim->now,
                                           .init_key_hash = mls_view(hash, sizeof hash),
                                           .endorsements = { &endorsement, 1 },
                                           .signature = mls_view(signature, sizeof signature) };
    const mod_mls_xmpp_device_tbs_t tbs = { .cipher_suite = draft->cipher_suite,
                                            .signature_key = draft->signature_key,
                                            .encryption_key = draft->encryption_key,
                                            .account = draft->identity,
                                            .device_key = device.device_key,
                                            .serial = device.serial,
                                            .leaf_node_source = (uint8_t)draft->source,
                                            .init_key_hash = device.init_key_hash };
    mls_bytes_t data;
    must(mod_mls_sha256(client->mls->crypto, hash, draft->init_key));
    must(mod_mls_device_sign(signature, client->mls->crypto, key_of(client), MOD_MLS_LABEL_LEAF,
                             mod_mls_codec_xmpp_device_tbs, &tbs));
    must(mls_encode(&data, mod_mls_codec_xmpp_device, &device));
    const mls_status_t status =
        mls_leaf_draft_set_extension(draft, MOD_MLS_EXTENSION_DEVICE, mls_bytes_view(&data));
    mls_bytes_clear(&data);
    return status;
}

mls_key_package_t *handmade_key_package(const sim_client_t *client, const sim_client_t *endorser)
{
    enum { HOUR = 3600, DAY = 24 * HOUR };
    uint16_t suites[3], extensions[] = { MOD_MLS_EXTENSION_DEVICE, MOD_MLS_EXTENSION_ROOM };
    mls_key_package_t *key_package;
    endorsed_signer_t signer = { client, endorser };
    const uint64_t now = client->sim->now / 1000;
    const mls_key_package_params_t params = {
        .cipher_suite = MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519,
        .identity = mls_view_text(client->account),
        .capabilities = { .cipher_suites = { suites, mod_mls_preferred_suites(suites, 3) },
                          .extensions = { extensions, 2 } },
        .not_before = now - HOUR,
        .not_after = now + 14 * DAY,
        .grease = true,
        .leaf_hook = { sign_endorsed_leaf, &signer },
    };
    must(mls_key_package_new(&key_package, client->mls->crypto, &params));
    return key_package;
}

/* A KeyPackage is in the struct without the header of its MLSMessage. */
static mls_view_t without_header(const mls_key_package_t *key_package)
{
    enum { HEADER = 4 }; /* version, wire_format */
    const mls_view_t message = mls_key_package_message(key_package);
    return mls_view(message.data + HEADER, message.len - HEADER);
}

mls_bytes_t handmade_join_request(const sim_client_t *client, const insider_t *member,
                                  const mls_key_package_t *key_package)
{
    uint8_t signature[MOD_MLS_SIGNATURE_LEN];
    mls_bytes_t encoded;
    const mod_mls_join_request_t request = { .room = mls_view_text(PLAY_ROOM),
                                             .group_id = mls_group_id(member->group),
                                             .account = mls_view_text(client->account),
                                             .device_key = public_key_of(client),
                                             .reason = MOD_MLS_JOIN_NEW_DEVICE,
                                             .epoch = mls_group_epoch(member->group),
                                             .key_package_encoded = without_header(key_package),
                                             .signature = mls_view(signature, sizeof signature) };
    must(mod_mls_device_sign(signature, client->mls->crypto, key_of(client), MOD_MLS_LABEL_JOIN,
                             mod_mls_codec_join_request_tbs, &request));
    must(mls_encode(&encoded, mod_mls_codec_join_request, &request));
    return encoded;
}

mls_bytes_t handmade_welcome(insider_t *member, const mls_key_package_t *key_package)
{
    const mls_proposal_spec_t add = { .type = MLS_PROPOSAL_ADD,
                                      .key_package = mls_key_package_message(key_package) };
    uint8_t hash[MOD_MLS_SHA256_LEN];
    const mod_mls_xmpp_anchor_t anchor = { .commit = mls_view(hash, sizeof hash) };
    mls_bytes_t commit = insider_commit_signed(member, &add, 1), data, welcome;
    mls_pending_commit_t *pending = NULL;
    for (size_t n = 0; mls_group_pending_commit(member->group, n) != NULL; n++)
        pending = mls_group_pending_commit(member->group, n);
    must(mod_mls_sha256(member->client->mls->crypto, hash, mls_bytes_view(&commit)));
    must(mls_encode(&data, mod_mls_codec_xmpp_anchor, &anchor));
    mls_extension_t extension = { MOD_MLS_EXTENSION_ANCHOR, mls_bytes_view(&data) };
    const mls_extensions_t extensions = { &extension, 1 };
    const mls_group_info_options_t options = { .extensions = &extensions, .with_tree = true };
    must(mls_pending_commit_group_info(pending, &options));
    must(mls_pending_commit_welcome(pending, &welcome, NULL, 0));
    mls_bytes_clear(&data);
    mls_bytes_clear(&commit);
    return welcome;
}

/* ---- policies ------------------------------------------------------------------------------------ */

/* A Commit that puts a policy in the place of the present one. */
static mls_bytes_t commit_policy(insider_t *in, const mod_mls_xmpp_room_t *policy)
{
    mls_view_t required;
    mls_bytes_t encoded;
    must(mls_encode(&encoded, mod_mls_codec_xmpp_room, policy));
    must(
        mls_extensions_find(&required, mls_group_extensions(in->group), MLS_EXTENSION_REQUIRED_CAPABILITIES));
    mls_extension_t items[] = { { MLS_EXTENSION_REQUIRED_CAPABILITIES, required },
                                { MOD_MLS_EXTENSION_ROOM, mls_bytes_view(&encoded) } };
    const mls_extensions_t extensions = { items, 2 };
    const mls_proposal_spec_t change = { .type = MLS_PROPOSAL_GROUP_CONTEXT_EXTENSIONS,
                                         .extensions = &extensions };
    mls_bytes_t commit = insider_commit_signed(in, &change, 1);
    mls_bytes_clear(&encoded);
    return commit;
}

mls_bytes_t handmade_policy_commit(insider_t *member)
{
    mls_arena_t arena = { 0 };
    mod_mls_xmpp_room_t policy;
    must(mod_mls_policy_room(&policy, &arena, mls_group_extensions(member->group)));
    policy.may_change = MOD_MLS_EVERYBODY;
    mls_bytes_t commit = commit_policy(member, &policy);
    mls_arena_clear(&arena);
    return commit;
}

/* A policy with `num` admins beside the first. */
static mls_bytes_t commit_with_admins(insider_t *admin, size_t num)
{
    enum { LONG_JID = 128 };
    mls_arena_t arena = { 0 };
    mod_mls_xmpp_room_t policy;
    must(mod_mls_policy_room(&policy, &arena, mls_group_extensions(admin->group)));
    mls_view_t *admins = allocate(&arena, (num + 1) * sizeof *admins);
    admins[0] = policy.admins.items[0];
    for (size_t i = 1; i <= num; i++) {
        char *jid = allocate(&arena, LONG_JID);
        (void)snprintf(jid, LONG_JID,
                       "delegate-%04zu.of.the.assembly@delegations.assembly-of-gardeners.example.org", i);
        admins[i] = mls_view_text(jid);
    }
    policy.admins = (mod_mls_views_t){ admins, num + 1 };
    mls_bytes_t commit = commit_policy(admin, &policy);
    mls_arena_clear(&arena);
    return commit;
}

mls_bytes_t handmade_large_commit(insider_t *admin)
{
    enum { FEW = 500, LAST_SLICE = 120 /* at least, in bytes */ };
    mls_bytes_t one = commit_with_admins(admin, FEW), two = commit_with_admins(admin, FEW + 1);
    const size_t step = two.len - one.len;
    const size_t num = FEW + (SLICE + LAST_SLICE - one.len + step - 1) / step;
    mls_bytes_clear(&one);
    mls_bytes_clear(&two);
    return commit_with_admins(admin, num);
}

/* ---- application messages ------------------------------------------------------------------------- */

mls_bytes_t handmade_message(insider_t *member, const char *body)
{
    mod_mls_text_t envelope;
    mls_bytes_t data = insider_authenticated_data(member), message;
    must(mod_mls_envelope_write(&envelope, body, member->client->sim->now));
    must(mls_group_encrypt(member->group, &message, mls_view(envelope.data, envelope.len),
                           mls_bytes_view(&data), true));
    mls_bytes_clear(&data);
    mod_mls_text_clear(&envelope);
    return message;
}
