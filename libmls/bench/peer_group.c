/* peer_group.c -- the peer has the leaf that libmls' committer has when libmls is measured, num_members / 2,
 * so that its paths are as long. libmls' member at leaf 0 makes what the peer processes, and processes what
 * the peer makes: what is not understood, or does not lead into the same epoch, does not count. */
#include "peer_group.h"

#include "must.h"
#include "pair.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct world {
    bench_peer_t *peer;
    bench_crowd_t *crowd;
    mls_group_t *group; /* of leaf 0 */
    size_t message_len; /* of decrypt_next() */
} world_t;

static const mls_commit_options_t empty_commit = { 0 };

/* ---- both sides ----------------------------------------------------------------------------------- */

/* Whether the client that is asked is in the group's epoch. */
static bool is_with(bench_peer_t *peer, const mls_group_t *group)
{
    const mls_view_t authenticator = mls_group_epoch_authenticator(group);
    char hex[2 * 64 + 1], theirs[sizeof hex];
    uint64_t epoch;
    for (size_t i = 0; i < authenticator.len && i < 64; i++)
        (void)snprintf(hex + 2 * i, 3, "%02x", authenticator.data[i]);
    if (!bench_peer_do(peer, "state"))
        return false;
    if (sscanf(peer->answer.text, "%" SCNu64 " %*u %128s", &epoch, theirs) == 2 &&
        epoch == mls_group_epoch(group) && strcmp(hex, theirs) == 0)
        return true;
    (void)snprintf(peer->answer.text, sizeof peer->answer.text, "is in another epoch than libmls");
    return false;
}

static mls_status_t receive_file(const world_t *w, const char *file, mls_received_t **out)
{
    mls_bytes_t message = bench_read_file(w->peer->folder, file);
    const mls_status_t status = mls_group_receive(w->group, out, mls_bytes_view(&message), 0);
    mls_bytes_clear(&message);
    if (status != MLS_OK)
        (void)snprintf(w->peer->answer.text, sizeof w->peer->answer.text, "libmls does not take it: %s",
                       mls_status_text(status));
    return status;
}

/* libmls takes the peer's Commit over. */
static bool follow_file(const world_t *w, const char *file, bool keep_previous)
{
    mls_received_t *received;
    if (receive_file(w, file, &received) != MLS_OK)
        return false;
    const mls_status_t status = mls_group_merge(w->group, received, keep_previous, 0);
    mls_received_free(received);
    if (status != MLS_OK)
        (void)snprintf(w->peer->answer.text, sizeof w->peer->answer.text, "libmls does not follow: %s",
                       mls_status_text(status));
    return status == MLS_OK && is_with(w->peer, w->group);
}

/* libmls makes a Commit for the peer. */
static mls_pending_commit_t *commit_to_file(const world_t *w, const mls_commit_options_t *options)
{
    mls_pending_commit_t *pending = bench_make_commit(w->group, options, NULL);
    bench_write_file(w->peer->folder, "commit", mls_pending_commit_message(pending));
    return pending;
}

/* A Commit of libmls begins an epoch that the peer can be restored to. It changes the tree as little as it
 * may: a warm one stays warm. */
static bool begin_epoch(const world_t *w)
{
    const bench_command_t process = { .name = "process", .files = { "commit" } };
    mls_pending_commit_t *pending = commit_to_file(w, &empty_commit);
    bench_follow(w->group, mls_pending_commit_message(pending));
    mls_group_settle(w->group, mls_group_epoch(w->group), 0);
    return bench_peer_ask(w->peer, &process) && is_with(w->peer, w->group) &&
           bench_peer_do(w->peer, "snapshot");
}

static bool make_key_package(bench_peer_t *peer, const char *client, mls_bytes_t *out)
{
    const bench_command_t command = { .name = "key_package", .files = { "key-package" } };
    *out = (mls_bytes_t){ 0 };
    if (!bench_peer_client(peer, client) || !bench_peer_ask(peer, &command))
        return false;
    *out = bench_read_file(peer->folder, "key-package");
    return true;
}

/* ---- Commits -------------------------------------------------------------------------------------- */

/* The peer makes a Commit; the last one of all is what libmls follows. Both go back. */
static void make(const world_t *w, bench_operation_t operation, const bench_command_t *command)
{
    const uint64_t epoch = mls_group_epoch(w->group);
    if (bench_peer_repeat(w->peer, operation, command, bench_peer_restore, NULL) &&
        !follow_file(w, "commit", true))
        bench_peer_void(w->peer, operation, w->peer->answer.text);
    bench_member_go_back(w->group, epoch);
}

/* The peer processes a Commit of libmls, always the same one. Both go back. */
static void process(const world_t *w, bench_operation_t operation, const mls_commit_options_t *options)
{
    const bench_command_t command = { .name = "process", .files = { "commit" } };
    const uint64_t epoch = mls_group_epoch(w->group);
    mls_pending_commit_t *pending = commit_to_file(w, options);
    bench_follow(w->group, mls_pending_commit_message(pending));
    if (bench_peer_repeat(w->peer, operation, &command, bench_peer_restore, NULL) &&
        !is_with(w->peer, w->group))
        bench_peer_void(w->peer, operation, w->peer->answer.text);
    bench_member_go_back(w->group, epoch);
    (void)bench_peer_do(w->peer, "restore");
}

static bool run_warm_commits(const world_t *w)
{
    const uint32_t members = w->peer->plan->members;
    char last[12];
    (void)snprintf(last, sizeof last, "%u", (unsigned)members - 1);
    const mls_view_t joiner = bench_crowd_message(w->crowd, members);
    const mls_proposal_spec_t add = { .type = MLS_PROPOSAL_ADD, .key_package = joiner };
    const mls_proposal_spec_t remove = { .type = MLS_PROPOSAL_REMOVE, .removed = members - 1 };
    const mls_commit_options_t adding = { .proposals = &add, .num_proposals = 1 },
                               removing = { .proposals = &remove, .num_proposals = 1 };
    const bench_command_t to_commit = { .name = "commit", .files = { "commit" } };
    const bench_command_t to_add = { .name = "add", .files = { "joiner", "commit", "welcome" } };
    const bench_command_t to_remove = { .name = "remove", .argument = last, .files = { "commit" } };
    bench_write_file(w->peer->folder, "joiner", joiner);
    process(w, BENCH_WARM_COMMIT_PROCESS, &empty_commit);
    make(w, BENCH_WARM_COMMIT_CREATE, &to_commit);
    if (!bench_peer_do(w->peer, "restore") || !begin_epoch(w))
        return false;
    process(w, BENCH_WARM_ADD_PROCESS, &adding);
    make(w, BENCH_WARM_ADD_CREATE, &to_add);
    if (!bench_peer_do(w->peer, "restore") || !begin_epoch(w))
        return false;
    if (members == 2) /* one cannot remove a third */
        return true;
    process(w, BENCH_WARM_REMOVE_PROCESS, &removing);
    make(w, BENCH_WARM_REMOVE_CREATE, &to_remove);
    return bench_peer_do(w->peer, "restore") && begin_epoch(w);
}

/* ---- messages ------------------------------------------------------------------------------------- */

static void encrypt(const world_t *w, bench_operation_t operation, const char *len)
{
    const bench_command_t command = { .name = "encrypt", .argument = len, .files = { "message" } };
    mls_received_t *received;
    if (!bench_peer_repeat(w->peer, operation, &command, NULL, NULL))
        return;
    if (receive_file(w, "message", &received) != MLS_OK) {
        bench_peer_void(w->peer, operation, w->peer->answer.text);
        return;
    }
    if (mls_received_data(received).len != strtoul(len, NULL, 10))
        bench_peer_void(w->peer, operation, "libmls decrypts something else");
    mls_received_free(received);
}

/* The next message of libmls. */
static bool write_message(bench_peer_t *peer, void *arg)
{
    const world_t *w = arg;
    uint8_t *data = bench_alloc(1, w->message_len);
    mls_bytes_t message;
    bench_must(
        mls_group_encrypt(w->group, &message, mls_view(data, w->message_len), mls_view(NULL, 0), false),
        "encrypt");
    bench_write_file(peer->folder, "message", mls_bytes_view(&message));
    mls_bytes_clear(&message);
    free(data);
    return true;
}

static void decrypt(world_t *w, bench_operation_t operation, const char *len)
{
    const bench_command_t command = { .name = "decrypt", .files = { "message" } };
    char told[24];
    (void)snprintf(told, sizeof told, "len=%s", len);
    w->message_len = strtoul(len, NULL, 10);
    if (bench_peer_repeat(w->peer, operation, &command, write_message, w) &&
        strstr(w->peer->answer.text, told) == NULL)
        bench_peer_void(w->peer, operation, "decrypts something else");
}

/* ---- saving and loading --------------------------------------------------------------------------- */

static bool run_storage(const world_t *w)
{
    const bench_command_t save = { .name = "save", .files = { "state" } },
                          load = { .name = "load", .files = { "state" } };
    (void)bench_peer_repeat(w->peer, BENCH_SAVE, &save, NULL, NULL);
    if (bench_peer_repeat(w->peer, BENCH_LOAD, &load, NULL, NULL) && !is_with(w->peer, w->group))
        bench_peer_void(w->peer, BENCH_LOAD, w->peer->answer.text);
    return bench_peer_do(w->peer, "restore");
}

/* ---- joining from outside ------------------------------------------------------------------------- */

static bool join_external(const world_t *w)
{
    const bench_command_t command = { .name = "join_external", .files = { "group-info", "commit" } };
    const uint64_t epoch = mls_group_epoch(w->group);
    if (!bench_peer_client(w->peer, "outsider") || !bench_peer_do(w->peer, "snapshot") ||
        !bench_peer_repeat(w->peer, BENCH_EXTERNAL_JOIN, &command, bench_peer_restore, NULL))
        return false;
    if (!follow_file(w, "commit", true))
        bench_peer_void(w->peer, BENCH_EXTERNAL_JOIN, w->peer->answer.text);
    bench_member_go_back(w->group, epoch);
    return true;
}

/* Who cannot read libmls' GroupInfo may be able to read its own. */
static void run_external_join(const world_t *w, const char *member)
{
    const bench_command_t own = { .name = "group_info", .files = { "group-info" } };
    const mls_group_info_options_t options = { .with_tree = true, .with_external_pub = true };
    const bench_plan_t *plan = w->peer->plan;
    mls_bytes_t info;
    char why[sizeof w->peer->answer.text];
    bench_must(mls_group_info(w->group, &info, &options), "make a GroupInfo");
    bench_write_file(w->peer->folder, "group-info", mls_bytes_view(&info));
    mls_bytes_clear(&info);
    if (join_external(w))
        return;
    (void)snprintf(why, sizeof why, "%s", w->peer->answer.text);
    w->peer->client = member;
    if (bench_peer_ask(w->peer, &own) && join_external(w))
        printf("peer-note %s %s 0x%04x %u by the GroupInfo of its own member, not by that of libmls: %s\n",
               w->peer->library, bench_operation_name(BENCH_EXTERNAL_JOIN), (unsigned)plan->cipher_suite,
               (unsigned)plan->members, why);
}

/* ---- a cold tree ---------------------------------------------------------------------------------- */

static void write_key_packages(const world_t *w)
{
    char folder[BENCH_PATH_SIZE], name[16];
    bench_make_folder(w->peer->folder, BENCH_PEER_KEY_PACKAGES);
    (void)bench_path(folder, w->peer->folder, BENCH_PEER_KEY_PACKAGES);
    for (uint32_t i = 1; i < w->peer->plan->members; i++) {
        (void)snprintf(name, sizeof name, "%08u", (unsigned)i); /* in the order of the leaves */
        bench_write_file(folder, name, bench_crowd_message(w->crowd, i));
    }
}

/* A member of libmls joins what the peer has made. */
static bool is_joinable(const world_t *w)
{
    const mls_group_config_t config = bench_group_config();
    mls_bytes_t message = bench_read_file(w->peer->folder, "welcome");
    mls_crypto_t *crypto = w->crowd->crypto;
    mls_welcome_t *welcome;
    mls_group_t *group = NULL;
    mls_status_t status =
        mls_welcome_open(&welcome, crypto, &config, w->crowd->key_packages[1], mls_bytes_view(&message));
    if (status == MLS_OK)
        status = mls_group_join(&group, NULL, crypto, &config, welcome, mls_view(NULL, 0));
    if (status != MLS_OK)
        (void)snprintf(w->peer->answer.text, sizeof w->peer->answer.text, "libmls cannot join: %s",
                       mls_status_text(status));
    const bool is_so = status == MLS_OK && is_with(w->peer, group);
    mls_group_free(group);
    mls_welcome_free(welcome);
    mls_bytes_clear(&message);
    return is_so;
}

static void run_create(const world_t *w)
{
    const bench_command_t command = { .name = "create",
                                      .files = { BENCH_PEER_KEY_PACKAGES, "commit", "welcome" } };
    write_key_packages(w);
    if (bench_peer_client(w->peer, "creator") && bench_peer_do(w->peer, "snapshot") &&
        bench_peer_repeat(w->peer, BENCH_CREATE, &command, bench_peer_restore, NULL) && !is_joinable(w))
        bench_peer_void(w->peer, BENCH_CREATE, w->peer->answer.text);
    bench_remove_folder(w->peer->folder, BENCH_PEER_KEY_PACKAGES);
}

/* The group is libmls', and the peer joins by its Welcome. */
static bool run_join(world_t *w)
{
    const bench_command_t join = { .name = "join", .files = { "welcome" } };
    const bench_plan_t *plan = w->peer->plan;
    bench_creation_t creation;
    mls_bytes_t guest;
    if (!make_key_package(w->peer, "cold", &guest) || !bench_peer_do(w->peer, "snapshot"))
        return false;
    bench_crowd_invite(w->crowd, plan->members / 2, guest);
    mls_key_package_t *creator = bench_key_package(w->crowd->crypto, plan->cipher_suite, 0);
    bench_create(&creation, w->crowd, creator, NULL);
    mls_key_package_free(creator);
    bench_write_file(w->peer->folder, "welcome", mls_bytes_view(&creation.welcome));
    w->group = creation.group;
    creation.group = NULL;
    bench_creation_clear(&creation);
    if (!bench_peer_repeat(w->peer, BENCH_JOIN, &join, bench_peer_restore, NULL))
        return false;
    if (is_with(w->peer, w->group))
        return bench_peer_do(w->peer, "snapshot");
    bench_peer_void(w->peer, BENCH_JOIN, w->peer->answer.text);
    return false;
}

static void run_cold(world_t *w)
{
    const bench_command_t commit = { .name = "commit", .files = { "commit" } };
    run_create(w);
    bench_peer_void_missing(w->peer, BENCH_CREATE, BENCH_CREATE);
    if (run_join(w)) {
        process(w, BENCH_COLD_COMMIT_PROCESS, &empty_commit);
        make(w, BENCH_COLD_COMMIT_CREATE, &commit);
    }
    bench_peer_void_missing(w->peer, BENCH_JOIN, BENCH_JOIN);
    bench_peer_void_missing(w->peer, BENCH_COLD_COMMIT_CREATE, BENCH_COLD_COMMIT_PROCESS);
    mls_group_free(w->group);
    w->group = NULL;
}

/* ---- a warm tree ---------------------------------------------------------------------------------- */

/* All members of a warm tree are libmls'. The peer gets the leaf of one of them, by one Commit, and commits:
 * so all have committed again. */
static bool join_warm(const world_t *w)
{
    const uint32_t leaf = w->peer->plan->members / 2;
    const bench_command_t join = { .name = "join", .files = { "welcome" } },
                          commit = { .name = "commit", .files = { "commit" } };
    mls_bytes_t guest, welcome;
    if (!make_key_package(w->peer, "warm", &guest))
        return false;
    const mls_proposal_spec_t instead[] = {
        { .type = MLS_PROPOSAL_REMOVE, .removed = leaf },
        { .type = MLS_PROPOSAL_ADD, .key_package = mls_bytes_view(&guest) },
    };
    const mls_commit_options_t options = { .proposals = instead, .num_proposals = 2 };
    mls_pending_commit_t *pending = bench_make_commit(w->group, &options, &welcome);
    bench_write_file(w->peer->folder, "welcome", mls_bytes_view(&welcome));
    bench_follow(w->group, mls_pending_commit_message(pending));
    mls_bytes_clear(&guest);
    mls_bytes_clear(&welcome);
    return bench_peer_ask(w->peer, &join) && is_with(w->peer, w->group) && bench_peer_ask(w->peer, &commit) &&
           follow_file(w, "commit", false) && begin_epoch(w);
}

static void run_warm(world_t *w)
{
    bench_pair_t pair;
    bench_pair_warm(&pair, w->crowd, w->peer->plan->seed);
    w->group = pair.processor;
    if (join_warm(w) && run_warm_commits(w)) {
        encrypt(w, BENCH_ENCRYPT_100, "100");
        decrypt(w, BENCH_DECRYPT_100, "100");
        encrypt(w, BENCH_ENCRYPT_4096, "4096");
        decrypt(w, BENCH_DECRYPT_4096, "4096");
        (void)run_storage(w);
        run_external_join(w, "warm");
    }
    bench_peer_void_missing(w->peer, BENCH_CREATE, BENCH_LOAD);
    bench_pair_clear(&pair);
}

void bench_peer_measure(bench_peer_t *peer)
{
    mls_crypto_t *crypto;
    bench_must(mls_crypto_new(&crypto, NULL), "make a crypto context");
    world_t w = { .peer = peer,
                  .crowd = bench_crowd_new(crypto, peer->plan->cipher_suite, peer->plan->members) };
    run_cold(&w);
    run_warm(&w);
    bench_crowd_free(w.crowd);
    mls_crypto_free(crypto);
}
