#include "publish.h"
#include "key_packages.h"
#include "stanza.h"

#include <stdlib.h>

#define NS_OWNER MOD_MLS_NS_PUBSUB "#owner"

/* The stages, in their order. A node is made and configured before anything is put into it: ejabberd takes no
 * more than two options when something is published, and both servers keep one item by default. */
enum {
    STAGE_CREATE_DEVICES,
    STAGE_CONFIGURE_DEVICES, /* where it was there already */
    STAGE_DEVICE,
    STAGE_CREATE_PACKAGES,
    STAGE_CONFIGURE_PACKAGES,
    STAGE_CHECK_INDEX, /* a server may have lost what it took */
    STAGE_PACKAGES,
    STAGE_INDEX,
    STAGE_RETRACT,
    STAGE_END
};

void mod_mls_key_package_node(char out[MOD_MLS_KEY_PACKAGE_NODE_SIZE], const char *device_id)
{
    memcpy(out, MOD_MLS_NODE_KEY_PACKAGES, sizeof MOD_MLS_NODE_KEY_PACKAGES - 1);
    memcpy(out + sizeof MOD_MLS_NODE_KEY_PACKAGES - 1, device_id, strlen(device_id) + 1);
}

/* ---- forms --------------------------------------------------------------------------------------- */

static void add_field(mod_mls_xml_writer_t *xml, const char *name, const char *type, const char *value)
{
    mod_mls_xml_open(xml, "field", NULL);
    mod_mls_xml_put(xml, "var", name);
    mod_mls_xml_put(xml, "type", type);
    mod_mls_xml_leaf(xml, "value", NULL, value);
    mod_mls_xml_close(xml);
}

/* `node` is NULL beside a <create/>, which names it. */
static void add_node_config(mod_mls_xml_writer_t *xml, const char *node, bool of_devices)
{
    mod_mls_xml_open(xml, "configure", NULL);
    mod_mls_xml_put(xml, "node", node);
    mod_mls_xml_open(xml, "x", "jabber:x:data");
    mod_mls_xml_put(xml, "type", "submit");
    add_field(xml, "FORM_TYPE", "hidden", "http://jabber.org/protocol/pubsub#node_config");
    add_field(xml, "pubsub#persist_items", NULL, "1");
    add_field(xml, "pubsub#access_model", NULL, "open");
    add_field(xml, "pubsub#max_items", NULL, of_devices ? "128" : "64");
    add_field(xml, "pubsub#send_last_published_item", NULL, "never");
    if (of_devices) /* contacts are told of a new device, and which; nobody subscribes to key packages */
        add_field(xml, "pubsub#deliver_payloads", NULL, "1");
    mod_mls_xml_close(xml);
    mod_mls_xml_close(xml);
}

static void add_publish_options(mod_mls_xml_writer_t *xml)
{
    mod_mls_xml_open(xml, "publish-options", NULL);
    mod_mls_xml_open(xml, "x", "jabber:x:data");
    mod_mls_xml_put(xml, "type", "submit");
    add_field(xml, "FORM_TYPE", "hidden", "http://jabber.org/protocol/pubsub#publish-options");
    add_field(xml, "pubsub#persist_items", NULL, "1");
    add_field(xml, "pubsub#access_model", NULL, "open");
    mod_mls_xml_close(xml);
    mod_mls_xml_close(xml);
}

/* ---- what is asked of the server ------------------------------------------------------------------ */

static mod_mls_reply_fn on_reply;

static mls_status_t begin(mod_mls_t *mls, mod_mls_request_t *request, const char *type, const char *ns)
{
    mls_status_t status = mod_mls_iq_begin(mls, request, type, NULL);

    mls->publisher.step = MOD_MLS_PUBLISH_ASKING;
    if (status == MLS_OK)
        mod_mls_xml_open(&request->xml, "pubsub", ns);
    return status;
}

static mls_status_t create_node(mod_mls_t *mls, const char *node, bool of_devices)
{
    mod_mls_request_t request;
    mls_status_t status = begin(mls, &request, "set", MOD_MLS_NS_PUBSUB);

    if (status != MLS_OK)
        return status;
    mod_mls_xml_open(&request.xml, "create", NULL);
    mod_mls_xml_put(&request.xml, "node", node);
    mod_mls_xml_close(&request.xml);
    add_node_config(&request.xml, NULL, of_devices);
    return mod_mls_iq_send(mls, &request, on_reply, 0, mls->publisher.stage, NULL);
}

static mls_status_t configure_node(mod_mls_t *mls, const char *node, bool of_devices)
{
    mod_mls_request_t request;
    mls_status_t status = begin(mls, &request, "set", NS_OWNER);

    if (status != MLS_OK)
        return status;
    add_node_config(&request.xml, node, of_devices);
    return mod_mls_iq_send(mls, &request, on_reply, 0, mls->publisher.stage, NULL);
}

/* `text` comes back with the reply. */
static mls_status_t publish_item(mod_mls_t *mls, const char *node, const char *item_id, const char *element,
                                 mls_view_t content, const char *text)
{
    mod_mls_request_t request;
    mls_status_t status = begin(mls, &request, "set", MOD_MLS_NS_PUBSUB);

    if (status != MLS_OK)
        return status;
    mod_mls_xml_open(&request.xml, "publish", NULL);
    mod_mls_xml_put(&request.xml, "node", node);
    mod_mls_xml_open(&request.xml, "item", NULL);
    mod_mls_xml_put(&request.xml, "id", item_id);
    mod_mls_xml_open(&request.xml, element, MOD_MLS_NAMESPACE);
    mod_mls_xml_add_base64(&request.xml, content);
    mod_mls_xml_close(&request.xml);
    mod_mls_xml_close(&request.xml);
    mod_mls_xml_close(&request.xml);
    add_publish_options(&request.xml);
    return mod_mls_iq_send(mls, &request, on_reply, 0, mls->publisher.stage, text);
}

static mls_status_t publish_device(mod_mls_t *mls)
{
    uint8_t signature[MOD_MLS_SIGNATURE_LEN];
    const mod_mls_device_item_t item = {
        .account = mls_view_text(mls->account),
        .device_key = mls_view(mls->self.key.public_key, MOD_MLS_DEVICE_KEY_LEN),
        .label = mls_view_text(mls->self.label),
        .created = mls->self.created,
        .updated = mls->self.created,
        .signature = mls_view(signature, sizeof signature),
    };
    mls_bytes_t encoded = { 0 };
    mls_status_t status = mod_mls_device_sign(signature, mls->crypto, &mls->self.key, MOD_MLS_LABEL_DEVICE,
                                              mod_mls_codec_device_item_tbs, &item);

    if (status == MLS_OK && (status = mls_encode(&encoded, mod_mls_codec_device_item, &item)) == MLS_OK)
        status = publish_item(mls, MOD_MLS_NODE_DEVICES, mls->self.key.id, "device", mls_bytes_view(&encoded),
                              NULL);
    mls_bytes_clear(&encoded);
    return status;
}

static mls_status_t ask_index(mod_mls_t *mls, const char *node)
{
    mod_mls_request_t request;
    mls_status_t status = begin(mls, &request, "get", MOD_MLS_NS_PUBSUB);

    if (status != MLS_OK)
        return status;
    mod_mls_xml_open(&request.xml, "items", NULL);
    mod_mls_xml_put(&request.xml, "node", node);
    mod_mls_xml_open(&request.xml, "item", NULL);
    mod_mls_xml_put(&request.xml, "id", "index");
    return mod_mls_iq_send(mls, &request, on_reply, 0, mls->publisher.stage, NULL);
}

static mls_status_t publish_index(mod_mls_t *mls, const char *node)
{
    mls_bytes_t index = { 0 };
    mls_status_t status = mod_mls_key_package_index_write(mls, &index);

    if (status == MLS_OK)
        status = publish_item(mls, node, "index", "index", mls_bytes_view(&index), NULL);
    mls_bytes_clear(&index);
    return status;
}

static mls_status_t retract_item(mod_mls_t *mls, const char *node, const char *item_id)
{
    mod_mls_request_t request;
    mls_status_t status = begin(mls, &request, "set", MOD_MLS_NS_PUBSUB);

    if (status != MLS_OK)
        return status;
    mod_mls_xml_open(&request.xml, "retract", NULL);
    mod_mls_xml_put(&request.xml, "node", node);
    mod_mls_xml_open(&request.xml, "item", NULL);
    mod_mls_xml_put(&request.xml, "id", item_id);
    return mod_mls_iq_send(mls, &request, on_reply, 0, mls->publisher.stage, item_id);
}

/* ---- one thing after the other -------------------------------------------------------------------- */

static mls_status_t next_stage(mod_mls_t *mls)
{
    mls->publisher.stage++;
    mls->publisher.step = MOD_MLS_PUBLISH_NEXT;
    return MLS_OK;
}

static mod_mls_error_t error_of(const mod_mls_publisher_t *publisher, const char *condition)
{
    if (strcmp(condition, "timeout") == 0)
        return MOD_MLS_ERROR_TIMEOUT;
    return publisher->stage <= STAGE_CONFIGURE_DEVICES ? MOD_MLS_ERROR_NO_PEP : MOD_MLS_ERROR_PUBLISH;
}

/* It is tried again from the beginning; the user is told once. */
static mls_status_t fail(mod_mls_t *mls, const char *condition)
{
    mod_mls_publisher_t *publisher = &mls->publisher;
    const mod_mls_error_t code = error_of(publisher, condition);
    const bool was_told = publisher->told == code;

    publisher->step = MOD_MLS_PUBLISH_WAITING;
    publisher->stage = STAGE_CREATE_DEVICES;
    publisher->retry_at = mls->now + mls->settings.retry_ms;
    publisher->told = code;
    mod_mls_log(mls, MOD_MLS_LOG_WARNING, "publishing failed: %s", condition);
    return was_told ? MLS_OK : mod_mls_tell(mls, MOD_MLS_EVENT_ERROR, NULL, code, MLS_OK, NULL);
}

static mls_status_t tell_progress(mod_mls_t *mls)
{
    mod_mls_publisher_t *publisher = &mls->publisher;
    mod_mls_event_t event = { .type = MOD_MLS_EVENT_PROGRESS };

    event.u.progress = (mod_mls_progress_t){ "publishing key packages", publisher->done, publisher->total };
    return mod_mls_emit(mls, &event, 0);
}

/* The first package in a state, by its place in `rows`; rows.count if there is none. */
static size_t find_state(const mod_mls_key_package_rows_t *rows, mod_mls_key_package_state_t state)
{
    size_t i = 0;
    while (i < rows->count && rows->items[i].state != state)
        i++;
    return i;
}

/* Publishes the next package that is not, or retracts the next that is used up; `*found` says if there is. */
static mls_status_t next_package(mod_mls_t *mls, bool *found, const char *node, bool retract)
{
    mls_arena_t arena = { 0 };
    mod_mls_key_package_rows_t rows;
    char id[2 * 64 + 1];
    mls_status_t status = mod_mls_store_key_packages(mls->store, &rows, &arena);
    size_t n = status != MLS_OK
                   ? 0
                   : find_state(&rows, retract ? MOD_MLS_KEY_PACKAGE_USED : MOD_MLS_KEY_PACKAGE_FRESH);

    *found = status == MLS_OK && n < rows.count;
    if (*found) {
        mod_mls_hex(id, rows.items[n].ref);
        status = retract ? retract_item(mls, node, id)
                         : publish_item(mls, node, id, "key-package", rows.items[n].message, id);
    }
    mls_arena_clear(&arena);
    return status;
}

static mls_status_t set_state(mod_mls_t *mls, const char *hex, mod_mls_key_package_state_t state,
                              uint64_t delete_at)
{
    uint8_t ref[64];
    size_t len = hex == NULL ? 0 : strlen(hex) / 2;

    if (len == 0 || len > sizeof ref || !mod_mls_unhex(ref, len, hex))
        return MLS_OK;
    return mod_mls_store_set_key_package(mls->store, mls_view(ref, len), state, delete_at);
}

/* What the server shows as the index must be what was published last; if not, all is published anew. */
static mls_status_t check_index(mod_mls_t *mls, const mod_mls_reply_t *reply)
{
    const mod_mls_xml_node_t *items =
        mod_mls_xml_child(mod_mls_xml_child(reply->iq, "pubsub", MOD_MLS_NS_PUBSUB), "items", NULL);
    const mod_mls_xml_node_t *content =
        mod_mls_xml_child(mod_mls_xml_child(items, "item", NULL), "index", MOD_MLS_NAMESPACE);
    mls_arena_t arena = { 0 };
    mod_mls_key_package_index_t index;
    mls_bytes_t bytes = { 0 };
    mls_status_t status = MLS_OK;

    bool is_ours = mod_mls_element_bytes(&bytes, content) == MLS_OK &&
                   mls_decode(&index, sizeof index, mod_mls_codec_key_package_index, mls_bytes_view(&bytes),
                              &arena) == MLS_OK &&
                   index.serial == mls->self.index_serial;
    mls_bytes_clear(&bytes);
    mls_arena_clear(&arena);
    if (!is_ours) {
        mls->self.index_is_stale = true;
        if ((status = mod_mls_store_put_account(mls->store, &mls->self)) == MLS_OK)
            status = mod_mls_store_refresh_key_packages(mls->store);
    }
    return status != MLS_OK ? status : next_stage(mls);
}

static mls_status_t on_reply(mod_mls_t *mls, const mod_mls_reply_t *reply)
{
    mod_mls_publisher_t *publisher = &mls->publisher;
    const bool conflict = strcmp(reply->condition, "conflict") == 0;
    mls_status_t status = MLS_OK;

    if (publisher->step != MOD_MLS_PUBLISH_ASKING || publisher->stage != (unsigned)reply->number)
        return MLS_OK;
    publisher->step = MOD_MLS_PUBLISH_NEXT;
    switch (publisher->stage) {
    case STAGE_CREATE_DEVICES:
    case STAGE_CREATE_PACKAGES:
        if (!reply->is_result && !conflict)
            return fail(mls, reply->condition);
        publisher->stage += reply->is_result ? 2 : 1; /* made just now: it is configured */
        return MLS_OK;
    case STAGE_CHECK_INDEX:
        return check_index(mls, reply);
    case STAGE_RETRACT: /* an item that is gone already is as good */
        return set_state(mls, reply->text, MOD_MLS_KEY_PACKAGE_RETIRED, mls->now + UINT64_C(604800000));
    default:
        break;
    }
    if (!reply->is_result)
        return fail(mls, reply->condition);
    if (publisher->stage == STAGE_PACKAGES) {
        publisher->done++;
        if ((status = set_state(mls, reply->text, MOD_MLS_KEY_PACKAGE_PUBLISHED, 0)) == MLS_OK)
            status = tell_progress(mls);
        return status;
    }
    if (publisher->stage == STAGE_INDEX) {
        mls->self.index_is_stale = false;
        if ((status = mod_mls_store_put_account(mls->store, &mls->self)) != MLS_OK)
            return status;
    }
    return next_stage(mls);
}

static mls_status_t finish(mod_mls_t *mls)
{
    const mod_mls_event_t ready = { .type = MOD_MLS_EVENT_READY };

    mls->publisher.step = MOD_MLS_PUBLISH_DONE;
    mls->publisher.told = MOD_MLS_OK;
    if (mls->publisher.was_ready)
        return MLS_OK;
    mls->publisher.was_ready = true;
    return mod_mls_emit(mls, &ready, 0);
}

static mls_status_t count_packages(mod_mls_t *mls)
{
    mls_arena_t arena = { 0 };
    mod_mls_key_package_rows_t rows;
    mls_status_t status = mod_mls_store_key_packages(mls->store, &rows, &arena);

    mls->publisher.done = mls->publisher.total = 0;
    for (size_t i = 0; status == MLS_OK && i < rows.count; i++)
        mls->publisher.total += rows.items[i].state == MOD_MLS_KEY_PACKAGE_FRESH;
    mls_arena_clear(&arena);
    return status;
}

/* Does what the stage asks for; a stage with nothing to do is passed by. */
static mls_status_t do_stage(mod_mls_t *mls, const char *packages_node)
{
    bool found;
    mls_status_t status;

    switch (mls->publisher.stage) {
    case STAGE_CREATE_DEVICES:
        return create_node(mls, MOD_MLS_NODE_DEVICES, true);
    case STAGE_CONFIGURE_DEVICES:
        return configure_node(mls, MOD_MLS_NODE_DEVICES, true);
    case STAGE_DEVICE:
        return publish_device(mls);
    case STAGE_CREATE_PACKAGES:
        return create_node(mls, packages_node, false);
    case STAGE_CONFIGURE_PACKAGES:
        return configure_node(mls, packages_node, false);
    case STAGE_CHECK_INDEX:
        return ask_index(mls, packages_node);
    case STAGE_PACKAGES:
    case STAGE_RETRACT:
        if (mls->publisher.total == 0 && (status = count_packages(mls)) != MLS_OK)
            return status;
        status = next_package(mls, &found, packages_node, mls->publisher.stage == STAGE_RETRACT);
        return status != MLS_OK || found ? status : next_stage(mls);
    case STAGE_INDEX:
        return mls->self.index_is_stale ? publish_index(mls, packages_node) : next_stage(mls);
    default:
        return finish(mls);
    }
}

mls_status_t mod_mls_publish_drive(mod_mls_t *mls)
{
    mod_mls_publisher_t *publisher = &mls->publisher;
    char node[MOD_MLS_KEY_PACKAGE_NODE_SIZE];
    mls_status_t status;

    if (!mls->is_connected)
        return MLS_OK;
    if (publisher->step == MOD_MLS_PUBLISH_WAITING && mls->now >= publisher->retry_at)
        publisher->step = MOD_MLS_PUBLISH_IDLE;
    if (publisher->step == MOD_MLS_PUBLISH_IDLE) {
        if ((status = mod_mls_key_packages_stock(mls)) != MLS_OK)
            return status;
        publisher->step = MOD_MLS_PUBLISH_NEXT;
    }
    mod_mls_key_package_node(node, mls->self.key.id);
    for (status = MLS_OK; status == MLS_OK && publisher->step == MOD_MLS_PUBLISH_NEXT;)
        status = do_stage(mls, node);
    return status;
}

/* The index goes first, so that nobody is pointed to what is about to go; then what is new, then the rest. */
void mod_mls_publish_again(mod_mls_t *mls)
{
    if (mls->publisher.step != MOD_MLS_PUBLISH_DONE)
        return;
    mls->publisher.step = MOD_MLS_PUBLISH_IDLE;
    mls->publisher.stage = STAGE_PACKAGES;
    mls->publisher.total = 0;
}
