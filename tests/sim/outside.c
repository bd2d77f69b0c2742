#include "outside.h"

#include "client.h"

static mls_outside_options_t options_of(const sim_world_t *world, uint64_t epoch, const sim_name_t *aloud)
{
    return (mls_outside_options_t){ .group_id = mls_view_text(world->group_id.text),
                                    .epoch = epoch,
                                    .authenticated_data = mls_view_text(aloud->text) };
}

/* What comes from outside needs no outbox: nobody keeps a state for it. */
static void submit(sim_world_t *world, mls_bytes_t *message, sim_name_t aloud, const sim_proposal_t *said)
{
    sim_handshake_t *proposal =
        sim_handshake_new(world->service.head, said->sender, aloud, mls_bytes_view(message));
    mls_bytes_clear(message);
    proposal->is_public = proposal->is_from_outside = true;
    proposal->proposal = *said;
    sim_list_push(&world->service.handshakes, proposal);
    world->stats.proposals++;
    sim_note_bytes(&world->trace, mls_bytes_view(&proposal->message));
    sim_service_submit(&world->service, proposal);
}

bool sim_ask_to_join(sim_world_t *world, const sim_client_t *client)
{
    const sim_name_t aloud = sim_say_aloud(world);
    const mls_outside_options_t options = options_of(world, world->service.head->number, &aloud);
    const sim_proposal_t said = { .type = MLS_PROPOSAL_ADD,
                                  .sender = client->index,
                                  .target = client->index,
                                  .number = client->key_package_number,
                                  .key = client->key };
    mls_bytes_t message;
    mls_status_t status = mls_propose_to_join(&message, client->key_package, &options);
    if (!sim_check_ok(&world->trace, status, client->name, "ask to join"))
        return false;
    submit(world, &message, aloud, &said);
    return true;
}

static bool propose(sim_world_t *world, mls_bytes_t *out, mls_view_t private_key, uint32_t sender_index,
                    const sim_plan_t *plan, const mls_outside_options_t *options)
{
    mls_status_t status = mls_propose_external(out, world->crypto, world->suite, private_key, sender_index,
                                               &plan->specs[0], options);
    return sim_check_ok(&world->trace, status, "the warden", "propose");
}

bool sim_warden_message(sim_world_t *world, mls_bytes_t *out, mls_view_t private_key, uint32_t sender_index,
                        const sim_plan_t *plan, uint64_t epoch)
{
    const sim_name_t aloud = sim_say_aloud(world);
    const mls_outside_options_t options = options_of(world, epoch, &aloud);
    return propose(world, out, private_key, sender_index, plan, &options);
}

bool sim_warden_proposes(sim_world_t *world, const sim_plan_t *plan)
{
    const sim_name_t aloud = sim_say_aloud(world);
    const mls_outside_options_t options = options_of(world, world->service.head->number, &aloud);
    mls_bytes_t message;
    if (!propose(world, &message, mls_bytes_view(&world->warden_private_key), 0, plan, &options))
        return false;
    submit(world, &message, aloud, &plan->values[0]);
    return true;
}
