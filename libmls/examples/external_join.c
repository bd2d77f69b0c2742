/* external_join.c -- Bob joins a group that is open, without being invited, and comes back after he has lost
 * his state.
 *
 * By a Welcome one is brought in. By an external Commit (RFC 9420, Section 12.4.3.2) one comes in oneself: a
 * member publishes a GroupInfo, and whoever has it can make the Commit that adds their own leaf. Whether the
 * others take it is their policy: the configuration says whether at all, and the Authentication Service,
 * asked for each leaf, says who. */
#include "example.h"

#include <stdio.h>
#include <stdlib.h>

/* The Authentication Service: says whether a leaf may be in the group, and whether it may take the place of
 * another. Here it is a list of names; mind that a basic credential proves none of them. Its verdict must be
 * the same at every member, or the group falls apart. */
static mls_status_t is_invited(void *arg, const mls_leaf_candidate_t *candidate)
{
    static const char *const names[] = { "Alice", "Bob" };
    const mls_leaf_info_t *former = candidate->predecessor;
    const mls_view_t name = candidate->leaf.identity;
    (void)arg;
    if (former != NULL && !mls_view_equal(former->identity, name))
        return MLS_ERR_REJECTED;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (mls_view_equal(name, mls_view_text(names[i])))
            return MLS_OK;
    return MLS_ERR_REJECTED;
}

static const mls_group_config_t CONFIG = { .external_commits = true,
                                           .authentication = { .validate = is_invited } };

/* What Alice publishes. Who joins needs the tree, here inside, and external_pub, a public key of this epoch.
 * Made anew for each epoch: with an older one nobody gets in. */
static mls_bytes_t publish(const mls_group_t *group)
{
    const mls_group_info_options_t options = { .with_tree = true, .with_external_pub = true };
    mls_bytes_t group_info;
    must(mls_group_info(group, &group_info, &options), "make a GroupInfo");
    return group_info;
}

typedef struct knock {
    const char *name;
    const mls_group_config_t *config;
    const mls_bytes_t *group_info;
    bool resync; /* in place of `former_leaf`, a leaf of the same client */
    uint32_t former_leaf;
} knock_t;

/* Makes the Commit by which somebody comes in. It has no effect before the others have it: it may come too
 * late, after another Commit, and then one frees the group and begins anew with a newer GroupInfo. */
static void knock(mls_group_t **group, mls_bytes_t *commit, mls_crypto_t *crypto, const knock_t *who)
{
    mls_key_package_t *key_package = key_package_of(crypto, who->name);
    const mls_external_join_t options = { .group_info = mls_bytes_view(who->group_info),
                                          .key_package = key_package,
                                          .resync = who->resync,
                                          .former_leaf = who->former_leaf };
    mls_pending_commit_t *pending;
    must(mls_group_join_external(group, &pending, crypto, who->config, &options), "make an external Commit");
    *commit = message_of(pending);
    mls_key_package_free(key_package);
}

/* Everybody takes the Commit, and so does who made it. */
static void let_in(mls_group_t *alice, mls_group_t *bob, mls_bytes_t *commit)
{
    follow(alice, commit);
    follow(bob, commit);
    expect(agree(alice, bob), "they have the same keys");
    expect(mls_group_num_members(alice) == 2, "two are in the group");
    printf("epoch %u: Bob is at leaf %u\n", (unsigned)mls_group_epoch(alice),
           (unsigned)mls_group_own_leaf(bob));
    mls_bytes_clear(commit);
}

static mls_group_t *create(mls_crypto_t *crypto)
{
    mls_key_package_t *own = key_package_of(crypto, "Alice");
    mls_group_t *group;
    must(mls_group_create(&group, crypto, &CONFIG, own, mls_view_text("an open group"), NULL), "create");
    mls_key_package_free(own);
    return group;
}

int main(void)
{
    mls_crypto_t *crypto;
    mls_group_t *bob, *mallory;
    mls_received_t *received;
    mls_bytes_t commit;
    must(mls_crypto_new(&crypto, NULL), "make a crypto context");
    mls_group_t *alice = create(crypto);

    mls_bytes_t group_info = publish(alice);
    const knock_t first = { .name = "Bob", .config = &CONFIG, .group_info = &group_info };
    knock(&bob, &commit, crypto, &first);
    let_in(alice, bob, &commit);
    const uint32_t place = mls_group_own_leaf(bob);

    /* Bob loses his telephone. With a new one he takes his old place: the old leaf is removed by the same
     * Commit, and the Authentication Service is shown it as the `predecessor` of the new one. */
    mls_group_free(bob);
    mls_bytes_clear(&group_info);
    group_info = publish(alice);
    const knock_t again = {
        .name = "Bob", .config = &CONFIG, .group_info = &group_info, .resync = true, .former_leaf = place
    };
    knock(&bob, &commit, crypto, &again);
    let_in(alice, bob, &commit);
    expect(mls_group_own_leaf(bob) == place, "Bob is at his old place");

    /* Mallory has got hold of a GroupInfo, and her program does not ask any Authentication Service. */
    mls_bytes_clear(&group_info);
    group_info = publish(alice);
    const mls_group_config_t lax = { .external_commits = true };
    const knock_t stranger = { .name = "Mallory", .config = &lax, .group_info = &group_info };
    knock(&mallory, &commit, crypto, &stranger);
    expect(mls_group_receive(alice, &received, mls_bytes_view(&commit), now()) == MLS_ERR_REJECTED,
           "a stranger is not let in");
    expect(agree(alice, bob), "and nothing has changed");
    printf("epoch %u: Mallory stays outside\n", (unsigned)mls_group_epoch(alice));

    mls_bytes_clear(&commit);
    mls_bytes_clear(&group_info);
    mls_group_free(alice);
    mls_group_free(bob);
    mls_group_free(mallory);
    mls_crypto_free(crypto);
    return EXIT_SUCCESS;
}
