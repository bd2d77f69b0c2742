#include "extensions.h"

static void push(sim_extensions_t *extensions, uint16_t type, mls_view_t data)
{
    extensions->items[extensions->list.count++] = (mls_extension_t){ type, data };
}

/* What a topic asks of members; with it, that AppDataUpdates alone change what is counted. */
static mls_status_t encode_required(mls_bytes_t *out)
{
    uint16_t extensions[] = { SIM_EXTENSION_TOPIC }, proposals[] = { MLS_PROPOSAL_APP_DATA_UPDATE };
    const mls_required_capabilities_t required = { .extensions = { extensions, 1 },
                                                   .proposals = { proposals, 1 } };
    return mls_required_capabilities_encode(out, &required);
}

static mls_status_t encode_dictionary(mls_bytes_t *out, const sim_epoch_t *epoch)
{
    const sim_name_t name = sim_name("count", epoch->count);
    const mls_component_data_t entry = { SIM_COMPONENT_COUNT, mls_view_text(name.text) };
    return mls_app_data_encode(out, &entry, epoch->has_count ? 1 : 0);
}

bool sim_extensions_init(sim_world_t *world, sim_extensions_t *out, uint32_t topic, const sim_epoch_t *epoch)
{
    mls_status_t status = MLS_OK;
    *out = (sim_extensions_t){ .topic = sim_name("topic", topic) };
    out->list.items = out->items;
    push(out, MLS_EXTENSION_EXTERNAL_SENDERS, mls_bytes_view(&world->external_senders));
    if (topic != 0)
        push(out, SIM_EXTENSION_TOPIC, mls_view_text(out->topic.text));
    if (topic % 2 == 1 && (status = encode_required(&out->required)) == MLS_OK)
        push(out, MLS_EXTENSION_REQUIRED_CAPABILITIES, mls_bytes_view(&out->required));
    if (status == MLS_OK && epoch != NULL && epoch->has_dictionary &&
        (status = encode_dictionary(&out->dictionary, epoch)) == MLS_OK)
        push(out, MLS_EXTENSION_APP_DATA_DICTIONARY, mls_bytes_view(&out->dictionary));
    return sim_check_ok(&world->trace, status, "the host", "extensions");
}

void sim_extensions_clear(sim_extensions_t *extensions)
{
    mls_bytes_clear(&extensions->required);
    mls_bytes_clear(&extensions->dictionary);
}

uint32_t sim_extensions_topic(mls_view_t encoded)
{
    mls_view_t name;
    mls_status_t status = mls_extensions_find(&name, encoded, SIM_EXTENSION_TOPIC);
    return status == MLS_OK ? sim_number_in(name) : 0;
}

bool sim_extensions_agree(mls_view_t encoded, const sim_epoch_t *epoch)
{
    mls_view_t name;
    mls_status_t status = mls_app_data_find(&name, encoded, SIM_COMPONENT_COUNT);
    return sim_extensions_topic(encoded) == epoch->topic && (status == MLS_OK) == epoch->has_count &&
           (status != MLS_OK || sim_number_in(name) == epoch->count);
}
