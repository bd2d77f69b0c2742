/* psk.c -- a pre-shared key: a secret that Alice and Bob have from elsewhere becomes part of the group's keys
 * (RFC 9420, Section 8.4).
 *
 * From then on whoever wants to read along needs that secret too: even somebody who breaks the public-key
 * algorithms of the cipher suite, or has stolen a member's private keys, and has not stolen it. Here it is
 * a secret that they have agreed on when they met; Carol, who was not there, cannot follow. */
#include "example.h"

#include <stdio.h>
#include <stdlib.h>

static const char PSK_ID[] = "from the evening by the lake";

/* What a member has from elsewhere: random bytes, at least as many as the suite's hash has. A password is
 * none: it can be guessed. */
typedef struct keyring {
    uint8_t secret[32];
    bool has_secret;
} keyring_t;

/* libmls asks for a secret by its id. It copies the bytes at once. */
static mls_status_t find_psk(void *arg, const mls_psk_id_t *id, mls_view_t *secret)
{
    const keyring_t *keyring = arg;
    if (id->is_resumption || !keyring->has_secret || !mls_view_equal(id->id, mls_view_text(PSK_ID)))
        return MLS_ERR_NOT_FOUND;
    *secret = mls_view(keyring->secret, sizeof keyring->secret);
    return MLS_OK;
}

typedef struct member {
    mls_crypto_t *crypto;
    mls_group_config_t config;
    keyring_t keyring;
    mls_key_package_t *key_package;
    mls_group_t *group;
} member_t;

static void prepare(member_t *member, const char *name)
{
    member->config = (mls_group_config_t){ .psk = find_psk, .psk_arg = &member->keyring };
    must(mls_crypto_new(&member->crypto, NULL), "make a crypto context");
    member->key_package = key_package_of(member->crypto, name);
}

static void finish(member_t *member)
{
    mls_wipe(&member->keyring, sizeof member->keyring);
    mls_group_free(member->group);
    mls_key_package_free(member->key_package);
    mls_crypto_free(member->crypto);
}

/* ---- a group of three --------------------------------------------------------------------------------- */

static void join(member_t *member, const mls_bytes_t *message)
{
    const mls_view_t tree_is_inside = { 0 };
    mls_welcome_t *welcome;
    must(mls_welcome_open(&welcome, member->crypto, &member->config, member->key_package,
                          mls_bytes_view(message)),
         "open the Welcome");
    must(mls_group_join(&member->group, NULL, member->crypto, &member->config, welcome, tree_is_inside),
         "join");
    mls_welcome_free(welcome);
}

static void meet(member_t *alice, member_t *bob, member_t *carol)
{
    const mls_proposal_spec_t adds[] = {
        { .type = MLS_PROPOSAL_ADD, .key_package = mls_key_package_message(bob->key_package) },
        { .type = MLS_PROPOSAL_ADD, .key_package = mls_key_package_message(carol->key_package) },
    };
    const mls_commit_options_t options = { .proposals = adds, .num_proposals = 2, .now = now() };
    const mls_group_info_options_t with_tree = { .with_tree = true };
    mls_pending_commit_t *pending;
    mls_bytes_t welcome;

    must(mls_group_create(&alice->group, alice->crypto, &alice->config, alice->key_package,
                          mls_view_text("three by the lake"), NULL),
         "create the group");
    must(mls_group_commit(alice->group, &pending, &options), "add the others");
    must(mls_pending_commit_group_info(pending, &with_tree), "describe the group");
    must(mls_pending_commit_welcome(pending, &welcome, NULL, 0), "make the Welcome");
    mls_bytes_t commit = message_of(pending);
    follow(alice->group, &commit);
    join(bob, &welcome);
    join(carol, &welcome);
    mls_bytes_clear(&commit);
    mls_bytes_clear(&welcome);
}

/* ---- the secret goes in ------------------------------------------------------------------------------- */

/* The Commit names the secret, and does not hold it. */
static mls_bytes_t commit_psk(member_t *member)
{
    const mls_proposal_spec_t psk = { .type = MLS_PROPOSAL_PSK, .psk = { .id = mls_view_text(PSK_ID) } };
    const mls_commit_options_t options = { .proposals = &psk, .num_proposals = 1 };
    mls_pending_commit_t *pending;
    must(mls_group_commit(member->group, &pending, &options), "commit the PSK");
    return message_of(pending);
}

static void share_secret(member_t *a, member_t *b)
{
    must(mls_crypto_random(a->crypto, a->keyring.secret, sizeof a->keyring.secret), "make a secret");
    b->keyring = a->keyring;
    a->keyring.has_secret = b->keyring.has_secret = true;
}

int main(void)
{
    member_t alice = { 0 }, bob = { 0 }, carol = { 0 };
    mls_received_t *received;
    prepare(&alice, "Alice");
    prepare(&bob, "Bob");
    prepare(&carol, "Carol");
    meet(&alice, &bob, &carol);
    share_secret(&alice, &bob);
    expect(agree(alice.group, bob.group) && agree(alice.group, carol.group), "all three are in one group");

    mls_bytes_t commit = commit_psk(&alice);
    follow(alice.group, &commit);
    follow(bob.group, &commit);
    expect(agree(alice.group, bob.group), "Alice and Bob have the same new keys");
    puts("Alice and Bob are in a new epoch, with the secret in its keys.");

    /* A refused message changes nothing: Carol may look for the secret and take the Commit again. */
    expect(mls_group_receive(carol.group, &received, mls_bytes_view(&commit), now()) == MLS_ERR_NOT_FOUND,
           "without the secret nobody can follow");
    expect(mls_group_epoch(carol.group) + 1 == mls_group_epoch(alice.group), "Carol is still where she was");
    puts("Carol cannot follow them: she does not have it.");

    carol.keyring = bob.keyring;
    follow(carol.group, &commit);
    expect(agree(alice.group, carol.group), "with the secret she can");
    puts("Bob tells her, and she follows.");

    mls_bytes_clear(&commit);
    finish(&alice);
    finish(&bob);
    finish(&carol);
    return EXIT_SUCCESS;
}
