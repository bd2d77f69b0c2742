#include "letters.h"

#include "client.h"
#include "host.h"

#include <stdio.h>

/* ---- saying -------------------------------------------------------------------------------------- */

static void fill_text(sim_world_t *world, mls_bytes_t *out, uint32_t max)
{
    uint8_t text[256];
    const uint32_t len = sim_pick(world, max + 1);
    sim_fill(&world->choices, text, len);
    *out = sim_copy(mls_view(text, len));
}

/* An unruly network loses messages, delays them and brings them twice. */
static void broadcast(sim_world_t *world, sim_message_t *message)
{
    for (size_t i = 0; i < world->num_clients; i++) {
        sim_client_t *client = &world->clients[i];
        if (world->is_unruly && sim_maybe(world, 8))
            continue;
        sim_client_post(world, client, message, world->is_unruly ? sim_pick(world, 25) : 0);
        if (world->is_unruly && sim_maybe(world, 8))
            sim_client_post(world, client, message, sim_pick(world, 40));
    }
}

static bool refuses_while_pending(sim_world_t *world, sim_client_t *client)
{
    mls_bytes_t message = { 0 };
    if (sim_client_num_pending(client) == 0)
        return true;
    mls_status_t status =
        mls_group_encrypt(client->group, &message, mls_view_text("x"), mls_view(NULL, 0), false);
    mls_bytes_clear(&message);
    return sim_check(&world->trace, status == MLS_ERR_STATE, "%s: encrypts although proposals wait",
                     client->name);
}

static sim_message_t *encrypt(sim_world_t *world, sim_client_t *client)
{
    sim_message_t *message = sim_alloc(sizeof *message);
    message->epoch = client->memory.epoch;
    message->sender = client->index;
    message->number = world->stats.messages + 1;
    fill_text(world, &message->data, 200);
    fill_text(world, &message->authenticated_data, 10);
    mls_status_t status = mls_group_encrypt(client->group, &message->message, mls_bytes_view(&message->data),
                                            mls_bytes_view(&message->authenticated_data), true);
    if (sim_check_ok(&world->trace, status, client->name, "encrypt"))
        return message;
    sim_message_free(message);
    return NULL;
}

bool sim_client_say(sim_world_t *world, sim_client_t *client)
{
    sim_message_t *message = refuses_while_pending(world, client) ? encrypt(world, client) : NULL;
    if (message == NULL || !sim_client_save(world, client)) {
        if (message != NULL)
            sim_message_free(message);
        return false;
    }
    if (world->is_unruly && sim_maybe(world, 4)) { /* dies with the message in its hands */
        sim_message_free(message);
        return sim_client_restart(world, client);
    }
    sim_note(&world->trace, "%s says message %u in epoch %u", client->name, message->number,
             (unsigned)message->epoch->number);
    sim_note_bytes(&world->trace, mls_bytes_view(&message->message));
    sim_list_push(&world->service.messages, message);
    world->stats.messages++;
    broadcast(world, message);
    return true;
}

/* ---- reading ------------------------------------------------------------------------------------- */

static bool has_kept(const sim_world_t *world, const sim_client_t *client, uint64_t epoch)
{
    const mls_limits_t *limits = &client->config.limits;
    return epoch == client->memory.epoch->number ||
           (epoch + limits->num_past_epochs >= mls_group_earliest_epoch(client->group) &&
            world->now - client->memory.ended_at[epoch % 32] <= limits->past_epoch_seconds);
}

sim_fate_t sim_client_fate(const sim_world_t *world, const sim_client_t *client, const sim_message_t *message,
                           mls_status_t *status)
{
    const sim_memory_t *memory = &client->memory;
    const uint64_t epoch = message->epoch->number;

    *status = memory->is_removed                              ? MLS_ERR_STATE
              : message->epoch->first != memory->epoch->first ? MLS_ERR_GROUP
                                                              : MLS_ERR_EPOCH;
    if (*status != MLS_ERR_EPOCH || memory->joining != NULL || epoch > memory->epoch->number ||
        epoch < memory->joined->number || !has_kept(world, client, epoch))
        return SIM_FATE_REFUSED;
    if (!sim_epoch_leads_to(message->epoch, memory->epoch))
        return SIM_FATE_VOID;
    if (message->sender == client->index)
        return SIM_FATE_OWN;
    *status = MLS_ERR_GENERATION;
    return (message->read_by >> client->index & 1) != 0 ? SIM_FATE_REFUSED : SIM_FATE_READ;
}

static bool check_plaintext(sim_world_t *world, const sim_client_t *client, const sim_message_t *message,
                            const mls_received_t *received)
{
    const sim_epoch_t *now = client->memory.epoch;
    const uint32_t leaf = sim_epoch_leaf(message->epoch, message->sender);
    const bool is_current = now->roster[leaf] != SIM_NOBODY && now->keys[leaf] == message->epoch->keys[leaf];

    return sim_check(&world->trace,
                     mls_received_type(received) == MLS_RECEIVED_APPLICATION &&
                         mls_view_equal(mls_received_data(received), mls_bytes_view(&message->data)) &&
                         mls_view_equal(mls_received_authenticated_data(received),
                                        mls_bytes_view(&message->authenticated_data)),
                     "%s: reads something else than message %u", client->name, message->number) &&
           sim_check(&world->trace,
                     mls_received_sender(received) == leaf &&
                         sim_client_named(mls_received_sender_leaf(received)->identity) == message->sender &&
                         mls_received_epoch(received) == message->epoch->number &&
                         mls_received_sender_is_current(received) == is_current,
                     "%s: is mistaken about who sent message %u, and when", client->name, message->number);
}

static bool take_message(sim_world_t *world, sim_client_t *client, sim_message_t *message, sim_fate_t fate)
{
    mls_received_t *received;
    mls_status_t status =
        mls_group_receive(client->group, &received, mls_bytes_view(&message->message), world->now);
    bool good = sim_check(&world->trace, status == MLS_OK, "%s: message %u of epoch %u, in epoch %u: %s",
                          client->name, message->number, (unsigned)message->epoch->number,
                          (unsigned)client->memory.epoch->number, mls_status_text(status));
    if (good && fate == SIM_FATE_OWN) {
        good = sim_check(&world->trace, mls_received_type(received) == MLS_RECEIVED_OWN_MESSAGE,
                         "%s: the own message %u comes as type %d", client->name, message->number,
                         mls_received_type(received));
    } else if (good) {
        good = check_plaintext(world, client, message, received);
        message->read_by |= 1ull << client->index;
        sim_list_push(&client->unsaved, message);
        world->stats.reads++;
        world->stats.late_reads += message->epoch != client->memory.epoch;
    }
    mls_received_free(received);
    return good;
}

bool sim_client_read_message(sim_world_t *world, sim_client_t *client, sim_message_t *message)
{
    mls_status_t expected, status;
    const sim_fate_t fate = sim_client_fate(world, client, message, &expected);
    char what[48];

    if (fate == SIM_FATE_READ || fate == SIM_FATE_OWN)
        return take_message(world, client, message, fate);
    snprintf(what, sizeof what, "message %u of epoch %u", message->number, (unsigned)message->epoch->number);
    world->stats.replays += fate == SIM_FATE_REFUSED && expected == MLS_ERR_GENERATION;
    return sim_client_refuses(world, client, mls_bytes_view(&message->message), &status, what) &&
           sim_check(&world->trace, fate == SIM_FATE_VOID || status == expected,
                     "%s: %s is refused, but as: %s", client->name, what, mls_status_text(status));
}

bool sim_client_refuses(sim_world_t *world, sim_client_t *client, mls_view_t message, mls_status_t *status,
                        const char *what)
{
    mls_received_t *received;
    if (!sim_client_save(world, client))
        return false;
    const size_t num_writes = client->disk.num_puts + client->disk.num_erases;
    *status = mls_group_receive(client->group, &received, message, world->now);
    mls_received_free(received);
    return sim_check(&world->trace, *status != MLS_OK, "%s: takes %s", client->name, what) &&
           sim_client_save(world, client) &&
           sim_check(&world->trace, client->disk.num_puts + client->disk.num_erases == num_writes,
                     "%s: refuses %s, and has changed", client->name, what);
}

bool sim_client_refuses_as(sim_world_t *world, sim_client_t *client, mls_view_t message,
                           mls_status_t expected, const char *what)
{
    mls_status_t status;
    return sim_client_refuses(world, client, message, &status, what) &&
           sim_check(&world->trace, status == (client->memory.is_removed ? MLS_ERR_STATE : expected),
                     "%s: refuses %s, but as: %s", client->name, what, mls_status_text(status));
}

/* ---- the inbox ----------------------------------------------------------------------------------- */

/* The next letter that is due; in an unruly world, any of them. */
static bool take_letter(sim_world_t *world, sim_client_t *client, sim_letter_t *out)
{
    const size_t count = client->num_letters;
    const size_t start = world->is_unruly && count > 0 ? sim_pick(world, (uint32_t)count) : 0;
    for (size_t i = 0; i < count; i++) {
        const size_t at = (start + i) % count;
        if (client->inbox[at].due > world->trace.step)
            continue;
        *out = client->inbox[at];
        for (size_t k = at; k + 1 < count; k++)
            client->inbox[k] = client->inbox[k + 1];
        client->num_letters--;
        return true;
    }
    return false;
}

/* What is of an epoch that has not begun here yet is tried, refused, and tried again later. */
bool sim_client_read_letters(sim_world_t *world, sim_client_t *client)
{
    sim_letter_t letter;
    while (client->group != NULL && take_letter(world, client, &letter)) {
        const bool is_early =
            client->memory.joining != NULL || letter.message->epoch->number > client->memory.epoch->number;
        if (!sim_client_read_message(world, client, letter.message))
            return false;
        if (is_early && letter.num_attempts < 5) {
            sim_client_post(world, client, letter.message, sim_between(&world->choices, 1, 8));
            client->inbox[client->num_letters - 1].num_attempts = letter.num_attempts + 1;
        }
    }
    return true;
}
