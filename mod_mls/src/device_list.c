#include "device_list.h"
#include "stanza.h"

#include <limits.h>

typedef struct reader {
    mod_mls_device_list_t *list;
    mls_arena_t *arena;
    mls_crypto_t *crypto;
    const char *account;
} reader_t;

/* Decodes an element's content; the bytes live as long as the arena. */
static mls_status_t decode(reader_t *reader, void *object, size_t size, mls_codec_fn *visit,
                           const mod_mls_xml_node_t *element)
{
    mls_bytes_t bytes;
    mls_status_t status = mod_mls_element_bytes(&bytes, element);

    if (status != MLS_OK)
        return status;
    uint8_t *copy = mls_arena_alloc(reader->arena, bytes.len);
    if (copy == NULL)
        status = MLS_ERR_NOMEM;
    else
        memcpy(copy, bytes.data, bytes.len);
    if (status == MLS_OK)
        status = mls_decode(object, size, visit, mls_view(copy, bytes.len), reader->arena);
    mls_bytes_clear(&bytes);
    return status;
}

static mod_mls_listed_device_t *find(const mod_mls_device_list_t *list, mls_view_t device_key)
{
    for (size_t i = 0; i < list->count; i++) {
        if (mls_view_equal(list->items[i].item.device_key, device_key))
            return &list->items[i];
    }
    return NULL;
}

static mls_status_t read_device(reader_t *reader, const char *item_id, const mod_mls_xml_node_t *element)
{
    mod_mls_device_list_t *list = reader->list;
    mod_mls_listed_device_t *device = &list->items[list->count];
    mls_status_t status;

    *device = (mod_mls_listed_device_t){ .set = (unsigned)list->count };
    if ((status = decode(reader, &device->item, sizeof device->item, mod_mls_codec_device_item, element)) !=
            MLS_OK ||
        (status = mod_mls_device_id(device->id, reader->crypto, device->item.device_key)) != MLS_OK)
        return status;
    if (strcmp(device->id, item_id) != 0 || !mod_mls_view_is(device->item.account, reader->account) ||
        find(list, device->item.device_key) != NULL)
        return MLS_ERR_INVALID;
    status =
        mod_mls_device_verify_signature(reader->crypto, device->item.device_key, MOD_MLS_LABEL_DEVICE,
                                        mod_mls_codec_device_item_tbs, &device->item, device->item.signature);
    if (status == MLS_OK)
        list->count++;
    return status;
}

static mls_status_t read_endorsement(reader_t *reader, const mod_mls_xml_node_t *element)
{
    mod_mls_endorsement_t e;
    mls_status_t status = decode(reader, &e, sizeof e, mod_mls_codec_endorsement, element);

    if (status != MLS_OK)
        return status;
    mod_mls_listed_device_t *from = find(reader->list, e.endorser), *to = find(reader->list, e.device_key);
    if (from == NULL || to == NULL || from->is_revoked || to->is_revoked ||
        !mod_mls_view_is(e.account, reader->account))
        return MLS_ERR_INVALID;
    status = mod_mls_device_verify_signature(reader->crypto, e.endorser, MOD_MLS_LABEL_ENDORSEMENT,
                                             mod_mls_codec_endorsement_tbs, &e, e.signature);
    const unsigned joined = to->set;
    for (size_t i = 0; status == MLS_OK && i < reader->list->count; i++) {
        if (reader->list->items[i].set == joined)
            reader->list->items[i].set = from->set;
    }
    return status;
}

static mls_status_t read_revocation(reader_t *reader, const mod_mls_xml_node_t *element)
{
    mod_mls_revocation_t r;
    mls_status_t status = decode(reader, &r, sizeof r, mod_mls_codec_revocation, element);

    if (status != MLS_OK)
        return status;
    mod_mls_listed_device_t *revoked = find(reader->list, r.device_key);
    if (revoked == NULL || find(reader->list, r.revoker) == NULL ||
        !mod_mls_view_is(r.account, reader->account))
        return MLS_ERR_INVALID;
    status = mod_mls_device_verify_signature(reader->crypto, r.revoker, MOD_MLS_LABEL_REVOCATION,
                                             mod_mls_codec_revocation_tbs, &r, r.signature);
    if (status == MLS_OK)
        revoked->is_revoked = true;
    return status;
}

/* One pass for each kind of item, since the later kinds speak of the earlier. */
static mls_status_t read_kind(reader_t *reader, const mod_mls_xml_node_t *items, const char *element)
{
    mls_status_t status = MLS_OK;

    for (const mod_mls_xml_node_t *item = mod_mls_xml_child(items, "item", NULL);
         item != NULL && (status == MLS_OK || status == MLS_ERR_NOT_FOUND || mls_status_is_input(status));
         item = mod_mls_xml_next(item, "item", NULL)) {
        const mod_mls_xml_node_t *content = mod_mls_xml_child(item, element, MOD_MLS_NAMESPACE);
        const char *id = mod_mls_xml_attribute(item, "id");
        if (content == NULL || id == NULL)
            continue;
        if (strcmp(element, "endorsement") == 0)
            status = read_endorsement(reader, content);
        else if (strcmp(element, "revocation") == 0)
            status = read_revocation(reader, content);
        else if (reader->list->count < MOD_MLS_MAX_DEVICES)
            status = read_device(reader, id, content);
    }
    return mls_status_is_input(status) ? MLS_OK : status;
}

mls_status_t mod_mls_device_list_read(mod_mls_device_list_t *out, mls_arena_t *arena, mls_crypto_t *crypto,
                                      const mod_mls_xml_node_t *items, const char *account)
{
    reader_t reader = { .list = out, .arena = arena, .crypto = crypto, .account = account };
    mls_status_t status;

    *out = (mod_mls_device_list_t){ 0 };
    if ((out->items = mls_arena_alloc(arena, (MOD_MLS_MAX_DEVICES + 1) * sizeof *out->items)) == NULL)
        return MLS_ERR_NOMEM;
    if ((status = read_kind(&reader, items, "device")) == MLS_OK &&
        (status = read_kind(&reader, items, "revocation")) == MLS_OK)
        status = read_kind(&reader, items, "endorsement");
    return status;
}

unsigned mod_mls_device_list_choose(const mod_mls_device_list_t *list)
{
    unsigned best = UINT_MAX;
    size_t best_size = 0;

    for (size_t i = 0; i < list->count; i++) {
        size_t size = 0;
        bool has_verified = false;
        for (size_t k = 0; k < list->count; k++) {
            const mod_mls_listed_device_t *device = &list->items[k];
            if (device->set == list->items[i].set && !device->is_revoked) {
                size++;
                has_verified = has_verified || device->is_verified;
            }
        }
        if (has_verified)
            return list->items[i].set;
        if (size > best_size) {
            best_size = size;
            best = list->items[i].set;
        }
    }
    return best;
}
