#include "messages.h"

#include "client.h"

#include <inttypes.h>
#include <stdio.h>

typedef struct text {
    char text[48];
} text_t;

static text_t text_of(const crowd_message_t *message)
{
    text_t text;
    (void)snprintf(text.text, sizeof text.text, "message %" PRIu64 " of leaf %" PRIu32, message->number,
                   message->sender_leaf);
    return text;
}

/* ---- say ----------------------------------------------------------------------------------------- */

static crowd_message_t *new_message(crowd_world_t *world)
{
    if (world->num_messages == CROWD_MAX_MESSAGES) {
        mls_bytes_clear(&world->messages[0].bytes);
        memmove(world->messages, world->messages + 1, --world->num_messages * sizeof *world->messages);
    }
    return &world->messages[world->num_messages++];
}

static bool say(crowd_world_t *world, crowd_client_t *client)
{
    crowd_message_t *message = new_message(world);
    *message = (crowd_message_t){ .epoch = world->epoch,
                                  .number = ++world->stats.messages,
                                  .sender_leaf = client->leaf,
                                  .read_by = 1u << client->slot };
    const text_t text = text_of(message);
    return sim_check_ok(&world->trace,
                        mls_group_encrypt(client->group, &message->bytes, mls_view_text(text.text),
                                          mls_view_text("beside it"), false),
                        client->name, "encrypt");
}

bool crowd_say(crowd_world_t *world, crowd_client_t *client, unsigned count)
{
    sim_note(&world->trace, "%s says %u messages", client->name, count);
    while (count-- > 0)
        if (!say(world, client))
            return false;
    return crowd_save(world, client);
}

/* ---- read ---------------------------------------------------------------------------------------- */

static bool check_message(crowd_world_t *world, const crowd_client_t *client, const crowd_message_t *message,
                          const mls_received_t *received)
{
    const text_t text = text_of(message);
    return sim_check(
        &world->trace,
        mls_received_type(received) == MLS_RECEIVED_APPLICATION &&
            mls_received_epoch(received) == message->epoch &&
            mls_received_sender(received) == message->sender_leaf &&
            mls_view_equal(mls_received_data(received), mls_view_text(text.text)) &&
            mls_view_equal(mls_received_authenticated_data(received), mls_view_text("beside it")),
        "%s: finds something else in message %u", client->name, (unsigned)message->number);
}

/* Of epochs that it was not in, or that are too long ago, a member has nothing. */
static mls_status_t expected(const crowd_world_t *world, const crowd_client_t *client,
                             const crowd_message_t *message)
{
    const uint64_t age = world->epoch - message->epoch;
    return message->epoch < client->joined || age > world->config.limits.num_past_epochs ? MLS_ERR_EPOCH
                                                                                         : MLS_OK;
}

static bool refuses_again(crowd_world_t *world, const crowd_client_t *client, const crowd_message_t *message)
{
    mls_received_t *received;
    const mls_status_t status =
        mls_group_receive(client->group, &received, mls_bytes_view(&message->bytes), world->now);
    mls_received_free(received);
    world->trace.rule = NULL;
    world->stats.replays++;
    return sim_check(&world->trace, status == MLS_ERR_GENERATION, "%s: reads message %u twice: %s",
                     client->name, (unsigned)message->number, mls_status_text(status));
}

static bool read_message(crowd_world_t *world, crowd_client_t *client, crowd_message_t *message)
{
    const mls_status_t due = expected(world, client, message);
    mls_received_t *received;
    const mls_status_t status =
        mls_group_receive(client->group, &received, mls_bytes_view(&message->bytes), world->now);
    bool good =
        sim_check(&world->trace, status == due, "%s: message %u of epoch %u, in epoch %u: %s%s%s",
                  client->name, (unsigned)message->number, (unsigned)message->epoch, (unsigned)world->epoch,
                  mls_status_text(status), world->trace.rule == NULL ? "" : ", rule ",
                  world->trace.rule == NULL ? "" : world->trace.rule) &&
        (status != MLS_OK || check_message(world, client, message, received));
    mls_received_free(received);
    message->read_by |= 1u << client->slot;
    world->trace.rule = NULL;
    world->stats.reads += status == MLS_OK;
    world->stats.late_reads += status == MLS_OK && message->epoch < world->epoch;
    world->stats.too_late += status != MLS_OK;
    return good && (status != MLS_OK || crowd_maybe(world, 80) || refuses_again(world, client, message));
}

/* Begins anywhere, and goes up or down. */
static bool read_messages(crowd_world_t *world, crowd_client_t *client, uint32_t percent)
{
    const uint32_t count = (uint32_t)world->num_messages, begin = crowd_pick(world, count + 1);
    const uint32_t step = crowd_maybe(world, 50) ? 1 : count - 1;
    bool has_read = false;
    for (uint32_t i = 0, at = begin; i < count; i++, at += step) {
        crowd_message_t *message = &world->messages[at % count];
        if ((message->read_by >> client->slot & 1) != 0 || !crowd_maybe(world, percent))
            continue;
        has_read = true;
        if (!read_message(world, client, message))
            return false;
    }
    return !has_read || crowd_save(world, client);
}

bool crowd_all_read(crowd_world_t *world, uint32_t percent)
{
    for (unsigned i = 0; i < world->num_slots; i++)
        if (crowd_is_here(world, &world->clients[i]) && !read_messages(world, &world->clients[i], percent))
            return false;
    return true;
}
