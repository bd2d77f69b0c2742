#include "noise.h"

#include "client.h"
#include "letters.h"
#include "strangers.h"

/* A kind of noise: gives the client something. False: a fault. */
typedef bool noise_fn(sim_world_t *world, sim_client_t *client);

static void *any_of(sim_world_t *world, const sim_list_t *list)
{
    return list->count == 0 ? NULL : list->items[sim_pick(world, (uint32_t)list->count)];
}

static mls_view_t any_message(sim_world_t *world, uint8_t *sender)
{
    const sim_message_t *message = any_of(world, &world->service.messages);
    const sim_handshake_t *handshake = any_of(world, &world->service.handshakes);
    if (message != NULL && (handshake == NULL || sim_maybe(world, 50))) {
        *sender = message->sender;
        return mls_bytes_view(&message->message);
    }
    *sender = handshake == NULL ? SIM_NOBODY : handshake->sender;
    return handshake == NULL ? mls_view(NULL, 0) : mls_bytes_view(&handshake->message);
}

/* ---- damage -------------------------------------------------------------------------------------- */

/* Of an own message only the envelope is looked at: its key is gone (see MLS_RECEIVED_OWN_MESSAGE). */
static bool damages(sim_world_t *world, sim_client_t *client, mls_bytes_t *message, uint8_t sender,
                    const char *what)
{
    mls_status_t status;
    const bool good =
        sender == client->index || sim_client_refuses(world, client, mls_bytes_view(message), &status, what);
    mls_bytes_clear(message);
    return good;
}

static bool flips_a_bit(sim_world_t *world, sim_client_t *client)
{
    uint8_t sender;
    mls_bytes_t message = sim_copy(any_message(world, &sender));
    if (message.len > 0)
        sim_damage(world, &message);
    return damages(world, client, &message, sender, "a message with a bit flipped");
}

static bool cuts_off(sim_world_t *world, sim_client_t *client)
{
    uint8_t sender;
    const mls_view_t whole = any_message(world, &sender);
    mls_bytes_t message = sim_copy(mls_view(whole.data, sim_pick(world, (uint32_t)whole.len + 1)));
    if (message.len == whole.len)
        mls_bytes_clear(&message);
    return damages(world, client, &message, SIM_NOBODY, "a message that was cut off");
}

static bool makes_up(sim_world_t *world, sim_client_t *client)
{
    uint8_t bytes[64];
    sim_fill(&world->choices, bytes, sizeof bytes);
    mls_bytes_t message = sim_copy(mls_view(bytes, 1 + sim_pick(world, sizeof bytes)));
    return damages(world, client, &message, SIM_NOBODY, "bytes at random");
}

/* The latest PublicMessage of a member for the client's epoch; NULL: there is none. */
static const sim_handshake_t *find_tagged(const sim_world_t *world, const sim_client_t *client)
{
    for (size_t i = world->service.handshakes.count; i > 0; i--) {
        const sim_handshake_t *handshake = world->service.handshakes.items[i - 1];
        if (handshake->is_public && !handshake->is_from_outside && handshake->epoch == client->memory.epoch)
            return handshake;
    }
    return NULL;
}

/* The membership tag is what a PublicMessage ends with (RFC 9420, Section 6.2). */
static bool forges_tag(sim_world_t *world, sim_client_t *client)
{
    const sim_handshake_t *handshake = find_tagged(world, client);
    if (handshake == NULL || client->memory.joining != NULL)
        return true;
    mls_bytes_t message = sim_copy(mls_bytes_view(&handshake->message));
    message.data[message.len - 1 - sim_pick(world, 16)] ^= (uint8_t)(1 + sim_pick(world, 255));
    const bool good = sim_client_refuses_as(world, client, mls_bytes_view(&message), MLS_ERR_TAG,
                                            "a forged membership tag");
    mls_bytes_clear(&message);
    return good;
}

/* ---- replays ------------------------------------------------------------------------------------- */

/* A client that is joining looks at no PublicMessage but its own. */
static mls_status_t status_of(const sim_client_t *client, const sim_handshake_t *handshake)
{
    const bool is_of_group = handshake->epoch->first == client->memory.epoch->first;
    return is_of_group || (handshake->is_public && client->memory.joining != NULL) ? MLS_ERR_EPOCH
                                                                                   : MLS_ERR_GROUP;
}

static bool replays_handshake(sim_world_t *world, sim_client_t *client)
{
    const sim_handshake_t *handshake = any_of(world, &world->service.handshakes);
    if (handshake == NULL || (handshake->epoch->number == client->memory.epoch->number &&
                              handshake->epoch->first == client->memory.epoch->first))
        return true;
    return sim_client_refuses_as(world, client, mls_bytes_view(&handshake->message),
                                 status_of(client, handshake), "a handshake message of another epoch");
}

/* Where the history was taken back, there was another epoch of the same number. A proposal from outside does
 * not say which one it is for. */
static bool replays_void(sim_world_t *world, sim_client_t *client)
{
    const sim_handshake_t *handshake = any_of(world, &world->service.handshakes);
    mls_status_t status;
    if (handshake == NULL || handshake->epoch == client->memory.epoch ||
        handshake->epoch->first != client->memory.epoch->first ||
        handshake->epoch->number != client->memory.epoch->number ||
        (handshake->is_from_outside && !handshake->is_commit))
        return replays_handshake(world, client);
    return sim_client_refuses(world, client, mls_bytes_view(&handshake->message), &status,
                              "a handshake message of an epoch that is void");
}

/* What has to become of a Proposal that comes again: nothing. */
static bool is_repeated_well(const sim_client_t *client, const sim_handshake_t *proposal, mls_status_t status,
                             const mls_received_t *received)
{
    if (proposal->is_public || (client->config.keep_handshake_keys && proposal->sender != client->index))
        return status == MLS_OK && mls_received_type(received) == MLS_RECEIVED_PROPOSAL;
    if (proposal->sender == client->index)
        return status == MLS_OK && mls_received_type(received) == MLS_RECEIVED_OWN_MESSAGE;
    return status == MLS_ERR_GENERATION;
}

static bool repeats_proposal(sim_world_t *world, sim_client_t *client)
{
    const sim_handshake_t *proposal = any_of(world, &world->service.log);
    mls_received_t *received;
    if (proposal == NULL || proposal->is_commit || !sim_client_is_active(client) ||
        proposal->epoch != client->memory.epoch || proposal->position >= client->memory.cursor)
        return true;
    const size_t num_pending = sim_client_num_pending(client);
    mls_status_t status =
        mls_group_receive(client->group, &received, mls_bytes_view(&proposal->message), world->now);
    const bool good = sim_check(&world->trace,
                                is_repeated_well(client, proposal, status, received) &&
                                    sim_client_num_pending(client) == num_pending,
                                "%s: a Proposal comes again: %s", client->name, mls_status_text(status));
    mls_received_free(received);
    return good;
}

static bool replays_message(sim_world_t *world, sim_client_t *client)
{
    sim_message_t *message = any_of(world, &world->service.messages);
    mls_status_t status;
    return message == NULL || sim_client_fate(world, client, message, &status) != SIM_FATE_REFUSED ||
           sim_client_read_message(world, client, message);
}

/* ---- others -------------------------------------------------------------------------------------- */

static bool says_elsewhere(sim_world_t *world, sim_client_t *client)
{
    mls_bytes_t message = { 0 };
    mls_status_t status =
        mls_group_encrypt(world->elsewhere, &message, mls_view_text("not for you"), mls_view(NULL, 0), true);
    const bool good = sim_check_ok(&world->trace, status, "a stranger", "encrypt") &&
                      sim_client_refuses_as(world, client, mls_bytes_view(&message), MLS_ERR_GROUP,
                                            "a message of another group");
    mls_bytes_clear(&message);
    return good;
}

static bool sends_what_is_no_message(sim_world_t *world, sim_client_t *client)
{
    return sim_client_refuses_as(world, client, mls_key_package_message(client->key_package),
                                 MLS_ERR_ARGUMENT, "a KeyPackage");
}

bool sim_make_noise(sim_world_t *world)
{
    static noise_fn *const kinds[] = { repeats_proposal,
                                       replays_void,
                                       flips_a_bit,
                                       cuts_off,
                                       makes_up,
                                       forges_tag,
                                       forges_tag,
                                       replays_handshake,
                                       replays_message,
                                       replays_message,
                                       says_elsewhere,
                                       sends_what_is_no_message,
                                       sim_stranger_poses_as_warden,
                                       sim_stranger_has_no_number,
                                       sim_stranger_asks_to_join,
                                       sim_warden_removes_nobody,
                                       sim_newcomer_lacks_something,
                                       sim_member_speaks_aloud };
    sim_client_t *client = &world->clients[sim_pick(world, (uint32_t)world->num_clients)];
    if (client->group == NULL)
        return true;
    world->stats.noise++;
    return kinds[sim_pick(world, sizeof kinds / sizeof *kinds)](world, client);
}
