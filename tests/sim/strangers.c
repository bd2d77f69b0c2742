#include "strangers.h"

#include "client.h"
#include "letters.h"
#include "outside.h"

/* Who is joining looks at nothing yet. */
static bool listens(const sim_client_t *client)
{
    return client->memory.joining == NULL;
}

/* ---- external senders (RFC 9420, Section 12.1.8) ------------------------------------------------- */

/* A Proposal for the client's epoch, which it has to refuse. */
static bool proposes(sim_world_t *world, sim_client_t *client, mls_view_t private_key, uint32_t sender_index,
                     const sim_plan_t *plan, mls_status_t expected, const char *what)
{
    mls_bytes_t message = { 0 };
    const bool good =
        sim_warden_message(world, &message, private_key, sender_index, plan, client->memory.epoch->number) &&
        sim_client_refuses_as(world, client, mls_bytes_view(&message), expected, what);
    mls_bytes_clear(&message);
    return good;
}

bool sim_stranger_poses_as_warden(sim_world_t *world, sim_client_t *client)
{
    mls_bytes_t private_key = { 0 }, public_key = { 0 };
    sim_plan_t plan = { 0 };
    mls_status_t status =
        mls_crypto_signature_key_pair(world->crypto, &private_key, &public_key, world->suite);
    const bool good = !listens(client) ||
                      (sim_check_ok(&world->trace, status, "a stranger", "key pair") &&
                       sim_plan_external_psk(world, &plan, client) &&
                       proposes(world, client, mls_bytes_view(&private_key), 0, &plan, MLS_ERR_SIGNATURE,
                                "a Proposal that the external sender has not signed"));
    sim_plan_clear(&plan);
    mls_bytes_clear(&private_key);
    mls_bytes_clear(&public_key);
    return good;
}

bool sim_stranger_has_no_number(sim_world_t *world, sim_client_t *client)
{
    sim_plan_t plan = { 0 };
    const bool good =
        !listens(client) || (sim_plan_external_psk(world, &plan, client) &&
                             proposes(world, client, mls_bytes_view(&world->warden_private_key), 1, &plan,
                                      MLS_ERR_SENDER, "a Proposal of an external sender that there is not"));
    sim_plan_clear(&plan);
    return good;
}

bool sim_warden_removes_nobody(sim_world_t *world, sim_client_t *client)
{
    const sim_plan_t plan = { .specs = { { .type = MLS_PROPOSAL_REMOVE, .removed = SIM_MAX_LEAVES } } };
    return !listens(client) || proposes(world, client, mls_bytes_view(&world->warden_private_key), 0, &plan,
                                        MLS_ERR_INVALID, "a Remove of nobody");
}

/* ---- newcomers ----------------------------------------------------------------------------------- */

/* Somebody with that key package asks the client's group to be added. */
static bool asks(sim_world_t *world, sim_client_t *client, const mls_key_package_params_t *params,
                 mls_status_t expected, const char *what)
{
    const sim_name_t aloud = sim_say_aloud(world);
    const mls_outside_options_t options = { .group_id = mls_view_text(world->group_id.text),
                                            .epoch = client->memory.epoch->number,
                                            .authenticated_data = mls_view_text(aloud.text) };
    mls_key_package_t *key_package = NULL;
    mls_bytes_t message = { 0 };
    mls_status_t status = mls_key_package_new(&key_package, world->crypto, params);
    if (status == MLS_OK)
        status = mls_propose_to_join(&message, key_package, &options);
    const bool good = sim_check_ok(&world->trace, status, "somebody", "ask to join") &&
                      sim_client_refuses_as(world, client, mls_bytes_view(&message), expected, what);
    mls_bytes_clear(&message);
    mls_key_package_free(key_package);
    return good;
}

static mls_key_package_params_t params_of(const sim_world_t *world, const char *name)
{
    return (mls_key_package_params_t){ .cipher_suite = world->suite,
                                       .identity = mls_view_text(name),
                                       .not_before = world->now - 3600,
                                       .not_after = world->now + 3600 };
}

/* Whether the group asks something of its members that not everybody can. */
static bool is_demanding(const sim_epoch_t *epoch)
{
    return epoch->topic != 0 || epoch->has_dictionary;
}

/* The Authentication Service does not know this name. */
bool sim_stranger_asks_to_join(sim_world_t *world, sim_client_t *client)
{
    const mls_key_package_params_t params = params_of(world, "mallory");
    return !listens(client) || is_demanding(client->memory.epoch) ||
           asks(world, client, &params, MLS_ERR_REJECTED, "an Add of somebody unknown");
}

/* A known name, but a key package of another cipher suite, or without what the group's extensions ask for. */
bool sim_newcomer_lacks_something(sim_world_t *world, sim_client_t *client)
{
    mls_key_package_params_t params = params_of(world, "c00");
    uint16_t suites[8];
    const size_t num_suites = mls_crypto_suites(suites, 8);
    if (num_suites > 1 && (!is_demanding(client->memory.epoch) || sim_maybe(world, 50)))
        params.cipher_suite = suites[0] != world->suite ? suites[0] : suites[1];
    else if (!is_demanding(client->memory.epoch))
        return true;
    return !listens(client) ||
           asks(world, client, &params, MLS_ERR_INVALID, "an Add of somebody who cannot be a member");
}

/* ---- members ------------------------------------------------------------------------------------- */

/* A Proposal as PublicMessage where all is to be encrypted: of a copy of the member's state, in the hands of
 * somebody who has forgotten that policy. */
static mls_status_t speak_aloud(sim_world_t *world, sim_client_t *member, mls_bytes_t *out)
{
    const mls_handshake_options_t options = { .as_public_message = true };
    const mls_store_t store = memory_store(&member->disk);
    mls_group_config_t config = member->config;
    mls_group_t *copy = NULL;
    sim_plan_t plan = { 0 };
    config.private_handshake_only = false;
    mls_status_t status =
        mls_group_load(&copy, world->crypto, &config, &store, mls_view_text(world->group_id.text));
    if (status == MLS_OK && sim_plan_mention(world, &plan, member))
        status = mls_group_propose(copy, out, &plan.specs[0], &options);
    mls_group_free(copy);
    sim_plan_clear(&plan);
    return status;
}

bool sim_member_speaks_aloud(sim_world_t *world, sim_client_t *client)
{
    sim_client_t *member = &world->clients[sim_pick(world, (uint32_t)world->num_clients)];
    mls_bytes_t message = { 0 };
    if (!world->is_private || !listens(client) || !sim_client_is_active(member) || member == client ||
        member->memory.epoch != client->memory.epoch)
        return true;
    const bool good =
        sim_client_save(world, member) &&
        sim_check_ok(&world->trace, speak_aloud(world, member, &message), member->name, "speak aloud") &&
        sim_client_refuses_as(world, client, mls_bytes_view(&message), MLS_ERR_REJECTED,
                              "a member's PublicMessage");
    mls_bytes_clear(&message);
    return good;
}
