/* big_group.c -- a group of a thousand members, made by one Commit: how large its messages are, and how long
 * they take.
 *
 * MLS keeps the members' keys in a binary tree. Where its inner nodes have keys, a Commit holds one small
 * ciphertext for each level of the tree. Those of a new group are blank, and there it holds one for each
 * member; every Commit fills the path from its sender's leaf to the root, and the next ones are smaller. */
#include "example.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static const mls_group_config_t CONFIG = { 0 }; /* the defaults of everything */

/* ---- a table of sizes and times --------------------------------------------------------------------- */

static double milliseconds(void)
{
    struct timespec time;
    expect(timespec_get(&time, TIME_UTC) == TIME_UTC, "there is a clock");
    return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

static void report(const char *what, size_t len, double since)
{
    printf("%-44s %9zu bytes %9.1f ms\n", what, len, milliseconds() - since);
}

/* ---- the members ------------------------------------------------------------------------------------ */

enum { NUM_MEMBERS = 1000 };

typedef struct crowd {
    mls_crypto_t *crypto; /* they may share one, as they are all on the same thread */
    mls_key_package_t *key_packages[NUM_MEMBERS];
} crowd_t;

static void gather(crowd_t *crowd)
{
    char name[32];
    for (size_t i = 0; i < NUM_MEMBERS; i++) {
        (void)snprintf(name, sizeof name, "member %zu", i);
        crowd->key_packages[i] = key_package_of(crowd->crypto, name);
    }
}

/* ---- one Commit that adds everybody ------------------------------------------------------------------ */

static mls_pending_commit_t *add_all(const crowd_t *crowd, mls_group_t *group)
{
    static mls_proposal_spec_t adds[NUM_MEMBERS - 1];
    mls_pending_commit_t *pending;
    for (size_t i = 0; i < NUM_MEMBERS - 1; i++)
        adds[i] = (mls_proposal_spec_t){ .type = MLS_PROPOSAL_ADD,
                                         .key_package = mls_key_package_message(crowd->key_packages[i + 1]) };
    const mls_commit_options_t options = { .proposals = adds,
                                           .num_proposals = NUM_MEMBERS - 1,
                                           .now = now() };
    must(mls_group_commit(group, &pending, &options), "add everybody");
    return pending;
}

static mls_group_t *create(const crowd_t *crowd, mls_bytes_t *welcome, mls_bytes_t *tree)
{
    const mls_group_info_options_t without_tree = { 0 };
    mls_group_t *group;
    must(mls_group_create(&group, crowd->crypto, &CONFIG, crowd->key_packages[0], mls_view_text("a crowd"),
                          NULL),
         "create the group");

    double since = milliseconds();
    mls_pending_commit_t *pending = add_all(crowd, group);
    mls_bytes_t commit = message_of(pending);
    report("Commit that adds everybody", commit.len, since);

    /* The tree is the same for all who join: a server can keep it, so that each Welcome need not hold it. */
    since = milliseconds();
    must(mls_pending_commit_group_info(pending, &without_tree), "describe the group");
    must(mls_pending_commit_welcome(pending, welcome, NULL, 0), "make the Welcome for all");
    report("Welcome for all", welcome->len, since);
    must(mls_pending_commit_ratchet_tree(pending, tree), "write the tree");

    follow(group, &commit);
    mls_bytes_clear(&commit);
    return group;
}

static mls_group_t *join(const crowd_t *crowd, size_t member, const mls_bytes_t *message,
                         const mls_bytes_t *tree)
{
    mls_welcome_t *welcome;
    mls_group_t *group;
    must(mls_welcome_open(&welcome, crowd->crypto, &CONFIG, crowd->key_packages[member],
                          mls_bytes_view(message)),
         "open the Welcome");
    must(mls_group_join(&group, NULL, crowd->crypto, &CONFIG, welcome, mls_bytes_view(tree)), "join");
    mls_welcome_free(welcome);
    return group;
}

/* ---- life goes on ----------------------------------------------------------------------------------- */

/* An empty Commit: the member gets new keys, and whoever has stolen the old ones is out. */
static void renew_keys(const char *what, mls_group_t *committer, mls_group_t *other)
{
    const double since = milliseconds();
    mls_pending_commit_t *pending;
    must(mls_group_commit(committer, &pending, NULL), "renew keys");
    mls_bytes_t commit = message_of(pending);
    follow(committer, &commit);
    follow(other, &commit);
    report(what, commit.len, since);
    mls_bytes_clear(&commit);
}

static void say(mls_group_t *from, mls_group_t *to, const char *text)
{
    const double since = milliseconds();
    mls_bytes_t message;
    mls_received_t *received;
    must(mls_group_encrypt(from, &message, mls_view_text(text), mls_view(NULL, 0), false), "encrypt");
    must(mls_group_receive(to, &received, mls_bytes_view(&message), now()), "decrypt");
    expect(mls_view_equal(mls_received_data(received), mls_view_text(text)), "it says what was written");
    report("message to all, encrypted and decrypted", message.len, since);
    mls_received_free(received);
    mls_bytes_clear(&message);
}

int main(void)
{
    static crowd_t crowd;
    mls_bytes_t welcome, tree;
    must(mls_crypto_new(&crowd.crypto, NULL), "make a crypto context");
    gather(&crowd);

    mls_group_t *first = create(&crowd, &welcome, &tree);
    expect(mls_group_num_members(first) == NUM_MEMBERS, "all are members");
    const double since = milliseconds();
    mls_group_t *last = join(&crowd, NUM_MEMBERS - 1, &welcome, &tree);
    report("ratchet tree, and joining with it", tree.len, since);
    expect(agree(first, last), "the first and the last have the same keys");

    renew_keys("new keys of the first, and one who follows", first, last);
    renew_keys("new keys of the last", last, first);
    expect(agree(first, last), "they still have");
    say(first, last, "Good morning, everybody!");

    mls_bytes_clear(&welcome);
    mls_bytes_clear(&tree);
    mls_group_free(first);
    mls_group_free(last);
    for (size_t i = 0; i < NUM_MEMBERS; i++)
        mls_key_package_free(crowd.key_packages[i]);
    mls_crypto_free(crowd.crypto);
    return EXIT_SUCCESS;
}
