#include "join.h"

#include "agreement.h"
#include "client.h"
#include "commit.h"
#include "send.h"

/* ---- by Welcome ---------------------------------------------------------------------------------- */

typedef struct sim_recipient {
    mls_view_t ref;
    bool is_found;
} sim_recipient_t;

static mls_status_t compare_ref(void *arg, mls_view_t ref)
{
    sim_recipient_t *recipient = arg;
    recipient->is_found = recipient->is_found || mls_view_equal(ref, recipient->ref);
    return MLS_OK;
}

/* The Welcome that names the client's key package. */
static mls_view_t find_welcome(const sim_client_t *client, const sim_handshake_t *commit)
{
    for (size_t i = 0; i < commit->num_welcomes; i++) {
        const mls_view_t welcome = mls_bytes_view(&commit->welcomes[i]);
        sim_recipient_t recipient = { .ref = mls_key_package_ref(client->key_package) };
        if (mls_welcome_recipients(welcome, compare_ref, &recipient) == MLS_OK && recipient.is_found)
            return welcome;
    }
    return mls_view(NULL, 0);
}

/* Opens a Welcome, and joins; only to see that it cannot be done. */
static bool refuses_welcome(sim_world_t *world, sim_client_t *client, const sim_handshake_t *commit,
                            mls_view_t welcome, const char *what)
{
    mls_welcome_t *opened = NULL;
    mls_group_t *group = NULL;
    mls_status_t status =
        mls_welcome_open(&opened, world->crypto, &client->config, client->key_package, welcome);
    if (status == MLS_OK)
        status = mls_group_join(&group, NULL, world->crypto, &client->config, opened,
                                mls_bytes_view(&commit->tree));
    mls_group_free(group);
    mls_welcome_free(opened);
    world->stats.noise++;
    return sim_check(&world->trace, status != MLS_OK, "%s: joins by %s", client->name, what);
}

/* A Welcome that was changed on its way opens for nobody. One that has secrets for others too may, if it was
 * theirs that were changed. */
static bool refuses_changed_welcome(sim_world_t *world, sim_client_t *client, const sim_handshake_t *commit)
{
    mls_bytes_t changed = sim_copy(find_welcome(client, commit));
    sim_damage(world, &changed);
    const bool good =
        refuses_welcome(world, client, commit, mls_bytes_view(&changed), "a Welcome that was changed");
    mls_bytes_clear(&changed);
    return good;
}

bool sim_client_join(sim_world_t *world, sim_client_t *client, mls_group_t **out,
                     const sim_handshake_t *commit)
{
    const mls_view_t bytes = find_welcome(client, commit), tree = mls_bytes_view(&commit->tree);
    sim_trace_t *trace = &world->trace;
    mls_welcome_t *welcome = NULL;
    uint32_t signer = UINT32_MAX;

    *out = NULL;
    bool good =
        sim_check(trace, bytes.len > 0, "%s: there is no Welcome", client->name) &&
        sim_check_ok(trace,
                     mls_welcome_open(&welcome, world->crypto, &client->config, client->key_package, bytes),
                     client->name, "open the Welcome") &&
        sim_check(trace,
                  mls_welcome_epoch(welcome) == commit->begins->number &&
                      mls_welcome_has_tree(welcome) == (tree.len == 0),
                  "%s: the Welcome is not the one that was made", client->name) &&
        sim_check_ok(trace, mls_group_join(out, &signer, world->crypto, &client->config, welcome, tree),
                     client->name, "join");
    mls_welcome_free(welcome);
    return good && sim_check(trace, signer == sim_epoch_leaf(commit->begins, commit->sender),
                             "%s: the Welcome is signed by leaf %u", client->name, signer);
}

/* Who cannot go back joins where it is settled. */
static bool can_join(const sim_world_t *world, const sim_client_t *client, const sim_handshake_t *commit)
{
    return client->config.keep_handshake_keys || commit->position < world->service.num_settled;
}

bool sim_client_accept_invitation(sim_world_t *world, sim_client_t *client)
{
    const sim_handshake_t *commit = sim_client_invitation(world, client);
    if (commit == NULL || !can_join(world, client, commit) ||
        (!sim_epoch_has(world->service.head, client->index) && sim_maybe(world, 50)))
        return true;
    if (commit->num_listed == 1 && sim_maybe(world, 20) && !refuses_changed_welcome(world, client, commit))
        return false;
    sim_note(&world->trace, "%s joins in epoch %u", client->name, (unsigned)commit->begins->number);
    world->stats.joins++;
    client->memory = (sim_memory_t){ .joined = commit->begins,
                                     .cursor = commit->position + 1,
                                     .num_revisions = world->service.num_revisions };
    /* The key package is used up: who joins again by the same Welcome uses the same keys again. */
    return sim_client_join(world, client, &client->group, commit) &&
           sim_client_arrive(world, client, commit->begins) &&
           (sim_maybe(world, 80) || refuses_welcome(world, client, commit, find_welcome(client, commit),
                                                    "a Welcome to where it is")) &&
           sim_client_save(world, client) && sim_client_make_key_package(world, client);
}

/* ---- by an external Commit ----------------------------------------------------------------------- */

typedef struct sim_invitation {
    mls_bytes_t group_info, tree;
} sim_invitation_t;

static bool ask_for_group_info(sim_world_t *world, const sim_client_t *member, sim_invitation_t *out)
{
    const mls_group_info_options_t options = { .with_tree = sim_maybe(world, 50),
                                               .with_external_pub = true,
                                               .grease = sim_maybe(world, 30) };
    *out = (sim_invitation_t){ 0 };
    return sim_check_ok(&world->trace, mls_group_info(member->group, &out->group_info, &options),
                        member->name, "GroupInfo") &&
           (options.with_tree ||
            sim_check_ok(&world->trace, mls_group_ratchet_tree(member->group, &out->tree), member->name,
                         "ratchet tree"));
}

static bool make_commit(sim_world_t *world, sim_client_t *client, const sim_invitation_t *invitation,
                        const sim_epoch_t *epoch, const sim_name_t *aloud, mls_pending_commit_t **commit)
{
    const sim_name_t name = sim_name("psk", ++world->num_psks);
    const mls_psk_id_t psk = { .id = mls_view_text(name.text) };
    const uint32_t former_leaf = sim_epoch_leaf(epoch, client->index);
    const mls_external_join_t options = { .group_info = mls_bytes_view(&invitation->group_info),
                                          .ratchet_tree = mls_bytes_view(&invitation->tree),
                                          .key_package = client->key_package,
                                          .resync = former_leaf != UINT32_MAX,
                                          .former_leaf = former_leaf == UINT32_MAX ? 0 : former_leaf,
                                          .psks = &psk,
                                          .num_psks = sim_maybe(world, 20) ? 1 : 0,
                                          .authenticated_data = mls_view_text(aloud->text) };
    return sim_check_ok(
        &world->trace,
        mls_group_join_external(&client->group, commit, world->crypto, &client->config, &options),
        client->name, "join by an external Commit");
}

/* A GroupInfo or a tree that was changed on its way lets nobody in. */
static bool refuses_changed_group_info(sim_world_t *world, sim_client_t *client,
                                       const sim_invitation_t *invitation)
{
    const bool changes_tree = invitation->tree.len > 0 && sim_maybe(world, 50);
    sim_invitation_t changed = { sim_copy(mls_bytes_view(&invitation->group_info)),
                                 sim_copy(mls_bytes_view(&invitation->tree)) };
    mls_bytes_t *damaged = changes_tree ? &changed.tree : &changed.group_info;
    sim_damage(world, damaged);
    const mls_external_join_t options = { .group_info = mls_bytes_view(&changed.group_info),
                                          .ratchet_tree = mls_bytes_view(&changed.tree),
                                          .key_package = client->key_package };
    mls_pending_commit_t *commit;
    mls_group_t *group;
    mls_status_t status = mls_group_join_external(&group, &commit, world->crypto, &client->config, &options);
    mls_group_free(group);
    mls_bytes_clear(&changed.group_info);
    mls_bytes_clear(&changed.tree);
    world->stats.noise++;
    return sim_check(&world->trace, status != MLS_OK, "%s: joins by a GroupInfo that was changed",
                     client->name);
}

bool sim_client_join_external(sim_world_t *world, sim_client_t *client, sim_client_t *member)
{
    sim_epoch_t *epoch = member->memory.epoch;
    const sim_name_t aloud = sim_say_aloud(world);
    mls_pending_commit_t *pending = NULL;
    sim_invitation_t invitation = { 0 };
    sim_handshake_t *commit;

    bool good = sim_client_make_key_package(world, client) &&
                ask_for_group_info(world, member, &invitation) &&
                (sim_maybe(world, 80) || refuses_changed_group_info(world, client, &invitation)) &&
                make_commit(world, client, &invitation, epoch, &aloud, &pending);
    mls_bytes_clear(&invitation.group_info);
    mls_bytes_clear(&invitation.tree);
    if (!good)
        return false;
    client->memory = (sim_memory_t){ .epoch = epoch };
    commit = sim_handshake_new(epoch, client->index, aloud, mls_pending_commit_message(pending));
    commit->is_from_outside = commit->is_public = true;
    if (!sim_client_note_commit(world, client, commit))
        return false;
    if (!sim_check(&world->trace, commit->key == client->key, "%s: joins with another key", client->name))
        return false;
    client->memory.joined = commit->begins;
    client->memory.joining = commit;
    world->stats.external_joins++;
    return sim_client_send(world, client, commit);
}
