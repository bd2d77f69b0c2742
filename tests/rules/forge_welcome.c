#include "forge_welcome.h"
#include "bytes.h"
#include "private_message.h"
#include "tree_codec.h"

test_room_t *flat_room(test_context_t *t, size_t count, const mls_group_config_t *config)
{
    test_room_t *room = test_room(t, 1, config);
    while (room->count < count)
        test_add_member(room, 0, false);
    return room;
}

test_room_t *flat_room_with(test_context_t *t, size_t count, const mls_extensions_t *extensions)
{
    test_room_t *room = test_room(t, 1, NULL);
    mls_key_package_t *key_package = test_own_key_package(t);
    mls_group_free(room->members[0].group);
    assert_ok(mls_group_create(&room->members[0].group, t->crypto, &room->config, key_package,
                               mls_view_text("a room"), extensions));
    mls_key_package_free(key_package);
    while (room->count < count)
        test_add_member(room, 0, false);
    return room;
}

/* ---- taking apart -------------------------------------------------------------------------------- */

static void take_node(forged_welcome_t *f, const mls_tree_overlay_t *overlay, uint32_t n)
{
    test_context_t *t = f->room->t;
    const mls_node_index_t node = { n };
    forged_node_t *to = &f->nodes[n];
    mls_bytes_t parent = { 0 };
    if (mls_tree_is_blank(overlay, node))
        return;
    to->present = true;
    if (mls_node_is_leaf(node)) {
        to->leaf_encoded = forge_copy(t, mls_tree_leaf_encoded(mls_tree_leaf(overlay, n / 2)));
        assert_ok(mls_leaf_node_decode(&to->leaf, to->leaf_encoded));
    } else {
        assert_ok(mls_tree_parent_encode(&parent, mls_tree_parent(overlay, node)));
        assert_ok(
            mls_decode(&to->parent, sizeof to->parent, mls_codec_parent_node, test_keep(t, &parent), NULL));
    }
}

void forge_welcome(forged_welcome_t *f, test_room_t *room, bool with_path)
{
    *f = (forged_welcome_t){ .room = room, .config = room->config };
    f->key_package = test_own_key_package(room->t);
    const mls_proposal_spec_t add = test_add(f->key_package);
    const mls_commit_options_t options = { .proposals = &add, .num_proposals = 1, .force_path = with_path };
    assert_ok(mls_group_commit(test_group(room, FORGER), &f->pending, &options));
    const mls_staged_commit_t *staged = f->pending->staged;
    f->num_nodes = mls_num_nodes(staged->overlay.summary.end);
    assert_true(f->num_nodes <= FORGE_MAX_NODES);
    for (uint32_t n = 0; n < f->num_nodes; n++)
        take_node(f, &staged->overlay, n);
    f->context = staged->next->context;
    f->signer = FORGER;
    f->signature_key = &test_group(room, FORGER)->epoch->signature_key;
    f->secrets.joiner_secret = mls_secret_view(&staged->joiner.joiner_secret);
    f->psk_secret = staged->joiner.psk_secret;
    for (size_t i = 0; with_path && i < f->pending->path.count && !f->secrets.has_path_secret; i++) {
        f->secrets.has_path_secret = mls_node_covers(f->pending->path.steps[i].node, f->num_nodes / 2);
        f->secrets.path_secret = mls_secret_view(&f->pending->path_secrets.steps[i]);
    }
    f->cipher_suite = room->t->suite->id;
    f->new_member = mls_key_package_ref(f->key_package);
}

void forge_welcome_sign_leaf(forged_welcome_t *f, uint32_t leaf)
{
    f->nodes[2 * leaf].leaf_encoded = forge_leaf_sign(f->room, leaf, &f->nodes[2 * leaf].leaf);
}

/* ---- putting together ---------------------------------------------------------------------------- */

static void write_nodes(mls_codec_t *codec, void *object)
{
    forged_welcome_t *f = object;
    for (uint32_t n = 0; n < f->num_nodes; n++) {
        uint8_t present = f->nodes[n].present, type = n % 2 == 0 ? 1 : 2;
        mls_codec_u8(codec, &present);
        if (present == 0)
            continue;
        mls_codec_u8(codec, &type);
        if (n % 2 == 0)
            mls_codec_fixed(codec, &f->nodes[n].leaf_encoded, f->nodes[n].leaf_encoded.len);
        else
            mls_codec_parent_node(codec, &f->nodes[n].parent);
    }
}

static void codec_opaque(mls_codec_t *codec, void *object)
{
    mls_codec_opaque(codec, object);
}

static mls_view_t encode_tree(forged_welcome_t *f)
{
    mls_bytes_t nodes = { 0 }, tree = { 0 };
    if (f->tree.len > 0)
        return f->tree;
    assert_ok(mls_encode(&nodes, write_nodes, f));
    const mls_view_t view = test_keep(f->room->t, &nodes);
    assert_ok(mls_encode(&tree, codec_opaque, &view));
    return test_keep(f->room->t, &tree);
}

/* A tree that is not even built has no hash: then any will do. */
static void fit_tree_hash(forged_welcome_t *f, mls_view_t tree_data)
{
    test_context_t *t = f->room->t;
    mls_ratchet_tree_t *tree;
    mls_tree_overlay_t overlay;
    if (f->keeps_tree_hash || mls_tree_decode(&tree, t->crypto, t->suite, tree_data, 1 << 16) != MLS_OK)
        return;
    assert_ok(mls_tree_overlay_init(&overlay, tree));
    f->context.tree_hash = forge_copy(t, mls_tree_hash_root(&overlay));
    mls_tree_overlay_clear(&overlay);
    mls_ratchet_tree_free(tree);
}

static mls_view_t right_tag(const forged_welcome_t *f, mls_view_t context)
{
    test_context_t *t = f->room->t;
    mls_epoch_secrets_t secrets;
    mls_secret_t joiner = { 0 };
    mls_secret_t *tag = test_alloc(t, sizeof *tag);
    if (mls_secret_set(&joiner, f->secrets.joiner_secret) != MLS_OK)
        return mls_view(NULL, 0);
    assert_ok(mls_epoch_secrets_derive(t->crypto, t->suite, &secrets, &joiner, &f->psk_secret, context));
    assert_ok(mls_confirmation_tag(t->crypto, t->suite, tag, &secrets.confirmation_key,
                                   f->context.confirmed_transcript_hash));
    return mls_secret_view(tag);
}

static mls_view_t encode_context(const forged_welcome_t *f)
{
    /* A version that is none has no encoding: it is put in behind. */
    mls_group_context_t context = f->context;
    mls_bytes_t encoded = { 0 };
    context.version = MLS_VERSION_MLS10;
    assert_ok(mls_encode(&encoded, mls_codec_group_context, &context));
    encoded.data[1] = (uint8_t)f->context.version;
    return test_keep(f->room->t, &encoded);
}

static mls_view_t encode_extensions(const forged_welcome_t *f, mls_view_t tree)
{
    mls_extension_t items[FORGE_MAX_EXTENSIONS + 1];
    mls_extensions_t list = { items, f->num_extensions };
    mls_bytes_t encoded = { 0 };
    memcpy(items, f->extensions, f->num_extensions * sizeof *items);
    if (!f->without_tree)
        items[list.count++] = (mls_extension_t){ MLS_EXTENSION_RATCHET_TREE, tree };
    assert_ok(mls_extensions_encode(&encoded, &list));
    return test_keep(f->room->t, &encoded);
}

static mls_view_t sign_info(forged_welcome_t *f)
{
    test_context_t *t = f->room->t;
    const mls_view_t tree = encode_tree(f);
    mls_bytes_t tbs = { 0 }, signature = { 0 }, encoded = { 0 };
    fit_tree_hash(f, tree);
    mls_group_info_t info = { .context_encoded = encode_context(f),
                              .extensions = encode_extensions(f, tree),
                              .confirmation_tag = f->confirmation_tag,
                              .signer = f->signer };
    if (f->confirmation_tag.data == NULL)
        info.confirmation_tag = right_tag(f, info.context_encoded);
    assert_ok(mls_encode(&tbs, mls_codec_group_info_tbs, &info));
    info.tbs = test_keep(t, &tbs);
    assert_ok(
        mls_sign_with_label(t->crypto, t->suite, &signature, f->signature_key, "GroupInfoTBS", info.tbs));
    info.signature = test_keep(t, &signature);
    if (f->flips_signature)
        info.signature = test_flip(t, info.signature, 7);
    assert_ok(mls_encode(&encoded, mls_codec_group_info, &info));
    const mls_view_t whole = test_keep(t, &encoded);
    return forge_splice(t, whole, whole.len, 0, f->group_info_tail);
}

static mls_view_t encrypt_info(forged_welcome_t *f, mls_view_t group_info)
{
    test_context_t *t = f->room->t;
    const size_t len = group_info.len + MLS_AEAD_TAG_LEN;
    uint8_t *out = test_alloc(t, len);
    mls_secret_t joiner = { 0 }, welcome_secret = { 0 };
    mls_message_key_t key;
    assert_ok(mls_secret_set(&joiner, f->secrets.joiner_secret));
    assert_ok(mls_welcome_secret(t->crypto, t->suite, &welcome_secret, &joiner, &f->psk_secret));
    assert_ok(mls_welcome_key_nonce(t->crypto, t->suite, key.key, key.nonce, &welcome_secret));
    assert_ok(t->suite->aead->seal(t->crypto, t->suite->aead->variant, out, key.key, key.nonce,
                                   mls_view(NULL, 0), group_info));
    if (f->cuts_group_info)
        return mls_view(out, MLS_AEAD_TAG_LEN - 1);
    return f->flips_group_info ? test_flip(t, mls_view(out, len), 3) : mls_view(out, len);
}

static mls_hpke_ciphertext_t encrypt_secrets(forged_welcome_t *f, mls_view_t encrypted_info)
{
    test_context_t *t = f->room->t;
    mls_bytes_t encoded = { 0 };
    mls_hpke_info_t info;
    mls_key_package_data_t kp;
    assert_ok(mls_key_package_decode(f->key_package, &kp));
    assert_ok(mls_encode(&encoded, mls_codec_group_secrets, &f->secrets));
    mls_view_t plain = test_keep(t, &encoded);
    plain = forge_splice(t, plain, plain.len, 0, f->secrets_tail);
    const size_t kem_len = t->suite->dh->public_len, len = plain.len + MLS_AEAD_TAG_LEN;
    uint8_t *out = test_alloc(t, kem_len + len);
    assert_ok(mls_encrypt_context(t->crypto, t->suite, &info, "Welcome", encrypted_info));
    assert_ok(mls_hpke_seal(t->crypto, t->suite, out, out + kem_len, kp.init_key, &info, plain));
    out[kem_len] ^= f->flips_secrets ? 1 : 0;
    return (mls_hpke_ciphertext_t){ mls_view(out, kem_len), mls_view(out + kem_len, len) };
}

mls_view_t forge_welcome_seal(forged_welcome_t *f)
{
    mls_view_t encrypted_info = encrypt_info(f, sign_info(f));
    mls_encrypted_group_secrets_t entry = { f->new_member, encrypt_secrets(f, encrypted_info) };
    if (f->flips_context)
        encrypted_info = test_flip(f->room->t, encrypted_info, 3);
    const mls_message_t message = { .version = MLS_VERSION_MLS10,
                                    .wire_format = MLS_WIRE_FORMAT_WELCOME,
                                    .welcome = { .cipher_suite = f->cipher_suite,
                                                 .secrets = { &entry, 1 },
                                                 .encrypted_group_info = encrypted_info } };
    return forge_encode(f->room, &message);
}

/* ---- joining ------------------------------------------------------------------------------------- */

mls_status_t forge_join(forged_welcome_t *f, mls_view_t message, mls_group_t **group)
{
    mls_crypto_t *crypto = f->room->t->crypto;
    mls_welcome_t *welcome;
    mls_group_t *joined = NULL;
    mls_status_t status = mls_welcome_open(&welcome, crypto, &f->config, f->key_package, message);
    if (status == MLS_OK)
        status = mls_group_join(&joined, NULL, crypto, &f->config, welcome, mls_view(NULL, 0));
    else
        assert_null(welcome);
    assert_true((joined != NULL) == (status == MLS_OK));
    mls_welcome_free(welcome);
    if (group != NULL)
        *group = joined;
    else
        mls_group_free(joined);
    return status;
}

void assert_welcome_breaks(forged_welcome_t *f, const char *rule, mls_status_t status)
{
    test_context_t *t = f->room->t;
    mls_bytes_t before = { 0 }, after = { 0 };
    const mls_view_t welcome = forge_welcome_seal(f);
    assert_ok(mls_key_package_save(&before, f->key_package));
    t->rule[0] = '\0';
    assert_status(forge_join(f, welcome, NULL), status);
    assert_rule(t, rule, status);
    assert_ok(mls_key_package_save(&after, f->key_package));
    assert_view_equal(mls_bytes_view(&after), mls_bytes_view(&before));
    mls_bytes_clear(&before);
    mls_bytes_clear(&after);
    forge_welcome_end(f);
}

void forge_welcome_end(forged_welcome_t *f)
{
    mls_key_package_free(f->key_package);
    test_room_free(f->room);
}
