/* make_messages.c -- one of each struct. The case names no cipher suite, and the one of its keys and hashes
 * is one that every build has. */
#include "generate.h"
#include "make.h"
#include "party.h"
#include "welcome.h"

enum { SUITE = MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519 };

static mls_view_t some(vector_case_t *c)
{
    return random_bytes(c, 1 + random_below(c, 40));
}

/* ---- what a group sends -------------------------------------------------------------------------- */

static void put_group_state(vector_case_t *c, cJSON *json, const mls_group_t *group)
{
    const mls_group_info_options_t options = { .with_tree = true, .with_external_pub = true };
    mls_bytes_t bytes = { 0 };
    if (vector_good(c) && vector_ok(c, "mls_group_info", mls_group_info(group, &bytes, &options)))
        put_bytes(c, json, "mls_group_info", keep_bytes(c, &bytes));
    if (vector_good(c) && vector_ok(c, "ratchet_tree", mls_group_ratchet_tree(group, &bytes)))
        put_bytes(c, json, "ratchet_tree", keep_bytes(c, &bytes));
}

static void put_private_message(vector_case_t *c, cJSON *json, mls_group_t *group)
{
    mls_bytes_t bytes = { 0 };
    const mls_view_t data = some(c), aad = some(c);
    if (vector_good(c) && vector_ok(c, "private_message", mls_group_encrypt(group, &bytes, data, aad, false)))
        put_bytes(c, json, "private_message", keep_bytes(c, &bytes));
}

static void put_group(vector_case_t *c, cJSON *json, party_t *party)
{
    party_commit_t first, second;
    guest_t *host = &party->guests[0], *guest = party_invite(party);
    const mls_proposal_spec_t add = party_add(guest), update = { .type = MLS_PROPOSAL_UPDATE };
    const mls_commit_options_t adding = { .proposals = &add, .num_proposals = 1 };
    const mls_commit_options_t committing = { .handshake.as_public_message = true };
    if (!party_commit(party, &first, host, &adding, true) || !party_join(party, guest, &first))
        return;
    put_bytes(c, json, "mls_welcome", first.welcome);
    put_bytes(c, json, "mls_key_package", mls_key_package_message(guest->person));
    put_group_state(c, json, host->group);
    put_private_message(c, json, guest->group);
    put_bytes(c, json, "public_message_proposal", party_propose(party, guest, &update, true));
    if (party_commit(party, &second, host, &committing, false))
        put_bytes(c, json, "public_message_commit", second.message);
}

/* ---- structs that only have a shape -------------------------------------------------------------- */

/* No client sends application data this way (RFC 9420, Section 6.2). */
static void put_public_application(vector_case_t *c, cJSON *json)
{
    const mls_view_t group_id = some(c), aad = some(c), data = random_bytes(c, 30);
    const mls_view_t signature = random_bytes(c, 64), tag = random_bytes(c, c->suite->hash->len);
    uint8_t body[31] = { 30 };
    if (data.len == 30)
        memcpy(body + 1, data.data, 30);
    const mls_message_t message = {
        .version = MLS_VERSION_MLS10,
        .wire_format = MLS_WIRE_FORMAT_PUBLIC_MESSAGE,
        .public_message = { .content = { .wire_format = MLS_WIRE_FORMAT_PUBLIC_MESSAGE,
                                         .content = { .group_id = group_id,
                                                      .epoch = random_below(c, UINT32_MAX),
                                                      .sender = { MLS_SENDER_MEMBER, 5 },
                                                      .authenticated_data = aad,
                                                      .content_type = MLS_CONTENT_APPLICATION,
                                                      .body = mls_view(body, sizeof body) },
                                         .auth = { .signature = signature } },
                            .membership_tag = tag },
    };
    put_bytes(c, json, "public_message_application",
              keep_encoded(c, "public_message_application", mls_codec_message, &message));
}

static mls_pre_shared_key_id_t psk_id(vector_case_t *c, uint8_t type)
{
    mls_pre_shared_key_id_t out = { .type = type, .usage = MLS_PSK_USAGE_APPLICATION, .id = some(c) };
    out.psk_epoch = random_below(c, UINT32_MAX);
    out.nonce = random_bytes(c, c->suite->hash->len);
    return out;
}

static void put_group_secrets(vector_case_t *c, cJSON *json, bool has_path_secret)
{
    const mls_secret_t joiner_secret = random_secret(c), path_secret = random_secret(c);
    const mls_pre_shared_key_id_t external = psk_id(c, MLS_PSK_EXTERNAL);
    const mls_pre_shared_key_id_t resumption = psk_id(c, MLS_PSK_RESUMPTION);
    mls_pre_shared_key_id_t psks[] = { external, resumption };
    const mls_group_secrets_t secrets = { .joiner_secret = mls_secret_view(&joiner_secret),
                                          .has_path_secret = has_path_secret,
                                          .path_secret = mls_secret_view(&path_secret),
                                          .psks = { psks, 2 } };
    put_bytes(c, json, "group_secrets", keep_encoded(c, "group_secrets", mls_codec_group_secrets, &secrets));
}

/* The vectors have what a Proposal of that type selects, without the type. */
static void put_proposal(vector_case_t *c, cJSON *json, const char *field, const mls_proposal_t *proposal)
{
    const mls_view_t whole = keep_encoded(c, field, mls_codec_proposal, proposal);
    if (vector_good(c))
        put_bytes(c, json, field, mls_view(whole.data + 2, whole.len - 2));
}

static void put_proposals(vector_case_t *c, cJSON *json, const mls_key_package_t *person, uint8_t psk_type)
{
    const mls_view_t extensions = mls_view("\xf0\x01\x03\x01\x02\x03", 6); /* one, of three bytes */
    const mls_proposal_t add = { .type = MLS_PROPOSAL_ADD, .key_package_encoded = person->encoded };
    const mls_proposal_t update = { .type = MLS_PROPOSAL_UPDATE, .leaf_encoded = person_leaf(c, person) };
    const mls_proposal_t removal = { .type = MLS_PROPOSAL_REMOVE, .removed = random_below(c, UINT32_MAX) };
    const mls_proposal_t psk = { .type = MLS_PROPOSAL_PSK, .psk = psk_id(c, psk_type) };
    const mls_proposal_t reinit = { .type = MLS_PROPOSAL_REINIT,
                                    .group_id = some(c),
                                    .version = MLS_VERSION_MLS10,
                                    .cipher_suite = SUITE,
                                    .extensions = extensions };
    const mls_proposal_t external_init = { .type = MLS_PROPOSAL_EXTERNAL_INIT, .kem_output = some(c) };
    const mls_proposal_t context_extensions = { .type = MLS_PROPOSAL_GROUP_CONTEXT_EXTENSIONS,
                                                .extensions = extensions };
    put_proposal(c, json, "add_proposal", &add);
    put_proposal(c, json, "update_proposal", &update);
    put_proposal(c, json, "remove_proposal", &removal);
    put_proposal(c, json, "pre_shared_key_proposal", &psk);
    put_proposal(c, json, "re_init_proposal", &reinit);
    put_proposal(c, json, "external_init_proposal", &external_init);
    put_proposal(c, json, "group_context_extensions_proposal", &context_extensions);
}

static void put_commit(vector_case_t *c, cJSON *json, const mls_key_package_t *person)
{
    const mls_proposal_t removal = { .type = MLS_PROPOSAL_REMOVE, .removed = random_below(c, UINT32_MAX) };
    const mls_view_t reference = random_bytes(c, c->suite->hash->len), first_key = random_bytes(c, 32),
                     second_key = random_bytes(c, 32), kem_output = random_bytes(c, 32),
                     ciphertext = random_bytes(c, 48);
    mls_proposal_or_ref_t proposals[] = {
        { .type = MLS_BY_VALUE, .proposal = keep_encoded(c, "commit", mls_codec_proposal, &removal) },
        { .type = MLS_BY_REFERENCE, .reference = reference },
    };
    mls_hpke_ciphertext_t ciphertexts[] = { { kem_output, ciphertext }, { ciphertext, kem_output } };
    mls_update_path_node_t nodes[] = { { first_key, { ciphertexts, 2 } },
                                       { second_key, { ciphertexts, 1 } } };
    const mls_commit_t commit = { .proposals = { proposals, 2 },
                                  .has_path = true,
                                  .path = { .leaf_encoded = person_leaf(c, person), .nodes = { nodes, 2 } } };
    put_bytes(c, json, "commit", keep_encoded(c, "commit", mls_codec_commit, &commit));
}

static void make(vector_case_t *c, cJSON *json, size_t variant)
{
    party_t party;
    c->suite = mls_suite_find(SUITE);
    if (party_start(c, &party))
        put_group(c, json, &party);
    mls_key_package_t *person = person_new(c, "somebody");
    if (vector_good(c)) {
        put_public_application(c, json);
        put_group_secrets(c, json, variant % 2 == 0);
        put_proposals(c, json, person, variant % 2 == 0 ? MLS_PSK_EXTERNAL : MLS_PSK_RESUMPTION);
        put_commit(c, json, person);
    }
    mls_key_package_free(person);
    party_clear(&party);
}

const vector_generator_t generate_messages = { "messages", "one of each struct", false, 2, make };
