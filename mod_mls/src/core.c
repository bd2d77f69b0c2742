#include "core.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- time and chance ----------------------------------------------------------------------------- */

mls_status_t mod_mls_random_id(mod_mls_t *mls, char out[33])
{
    uint8_t bytes[16];
    mls_status_t status = mls_crypto_random(mls->crypto, bytes, sizeof bytes);

    out[0] = '\0';
    if (status == MLS_OK)
        mod_mls_hex(out, mls_view(bytes, sizeof bytes));
    return status;
}

uint64_t mod_mls_random_below(mod_mls_t *mls, uint64_t bound)
{
    uint64_t value;
    uint8_t bytes[8];

    if (bound == 0 || mls_crypto_random(mls->crypto, bytes, sizeof bytes) != MLS_OK)
        return 0;
    memcpy(&value, bytes, sizeof value);
    return value % bound; /* spreads load; a slight bias does no harm */
}

void mod_mls_log(mod_mls_t *mls, mod_mls_log_level_t level, const char *format, ...)
{
    char text[512];
    va_list arguments;

    if (mls->host.log == NULL)
        return;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    mls->host.log(mls->host.arg, level, text);
}

/* ---- what goes out ------------------------------------------------------------------------------- */

typedef enum effect_type { EFFECT_SEND, EFFECT_JOIN, EFFECT_PART, EFFECT_EVENT, EFFECT_SHOWN } effect_type_t;

struct mod_mls_effect {
    struct mod_mls_effect *next;
    effect_type_t type;
    const char *text; /* stanza, or room */
    size_t len;
    const char *nick;
    mod_mls_event_t event;
    int64_t message_id;
};

static mod_mls_effect_t *add_effect(mod_mls_t *mls, effect_type_t type)
{
    mod_mls_effect_t *effect = mls_arena_alloc(&mls->effect_arena, sizeof *effect);

    if (effect == NULL)
        return NULL;
    effect->type = type;
    if (mls->effects == NULL)
        mls->effects_end = &mls->effects;
    *mls->effects_end = effect;
    mls->effects_end = &effect->next;
    return effect;
}

/* A copy of a string in the effects' arena; sets *failed without memory. NULL stays NULL. */
static const char *keep(mod_mls_t *mls, const char *text, bool *failed)
{
    if (text == NULL)
        return NULL;
    size_t len = strlen(text);
    char *copy = mls_arena_alloc(&mls->effect_arena, len + 1);
    if (copy == NULL)
        *failed = true;
    else
        memcpy(copy, text, len);
    return copy;
}

mls_status_t mod_mls_send(mod_mls_t *mls, mod_mls_xml_writer_t *xml)
{
    mls_status_t status = mod_mls_xml_finish(xml);
    bool failed = false;

    if (status == MLS_OK) {
        mod_mls_effect_t *effect = add_effect(mls, EFFECT_SEND);
        if (effect != NULL) {
            effect->text = keep(mls, xml->text.data, &failed);
            effect->len = xml->text.len;
        }
        if (effect == NULL || failed)
            status = MLS_ERR_NOMEM;
    }
    mod_mls_text_clear(&xml->text);
    *xml = (mod_mls_xml_writer_t){ 0 };
    return status;
}

static mls_status_t queue_room(mod_mls_t *mls, effect_type_t type, const char *room, const char *nick)
{
    bool failed = false;
    mod_mls_effect_t *effect = add_effect(mls, type);

    if (effect == NULL)
        return MLS_ERR_NOMEM;
    effect->text = keep(mls, room, &failed);
    effect->nick = keep(mls, nick, &failed);
    return failed ? MLS_ERR_NOMEM : MLS_OK;
}

mls_status_t mod_mls_join(mod_mls_t *mls, const char *room, const char *nick)
{
    return queue_room(mls, EFFECT_JOIN, room, nick);
}

mls_status_t mod_mls_part(mod_mls_t *mls, const char *room, const char *nick)
{
    return queue_room(mls, EFFECT_PART, room, nick);
}

static void keep_message(mod_mls_t *mls, mod_mls_message_t *m, bool *failed)
{
    m->account = keep(mls, m->account, failed);
    m->device_id = keep(mls, m->device_id, failed);
    m->nick = keep(mls, m->nick, failed);
    m->text = keep(mls, m->text, failed);
    m->origin_id = keep(mls, m->origin_id, failed);
    m->stanza_id = keep(mls, m->stanza_id, failed);
}

/* Makes every string of the event one of the effects' arena. */
static void keep_event(mod_mls_t *mls, mod_mls_event_t *event, bool *failed)
{
    event->room = keep(mls, event->room, failed);
    switch (event->type) {
    case MOD_MLS_EVENT_MESSAGE:
    case MOD_MLS_EVENT_DELIVERED:
    case MOD_MLS_EVENT_UNENCRYPTED:
        keep_message(mls, &event->u.message, failed);
        break;
    case MOD_MLS_EVENT_UNREADABLE:
        event->u.unreadable.account = keep(mls, event->u.unreadable.account, failed);
        event->u.unreadable.stanza_id = keep(mls, event->u.unreadable.stanza_id, failed);
        break;
    case MOD_MLS_EVENT_INVITATION:
        event->u.invitation.inviter = keep(mls, event->u.invitation.inviter, failed);
        event->u.invitation.from = keep(mls, event->u.invitation.from, failed);
        event->u.invitation.name = keep(mls, event->u.invitation.name, failed);
        break;
    case MOD_MLS_EVENT_JOINED:
    case MOD_MLS_EVENT_EPOCH:
    case MOD_MLS_EVENT_WENT_BACK:
        event->u.epoch.authenticator = keep(mls, event->u.epoch.authenticator, failed);
        event->u.epoch.code = keep(mls, event->u.epoch.code, failed);
        break;
    case MOD_MLS_EVENT_MEMBER_ADDED:
    case MOD_MLS_EVENT_MEMBER_REMOVED:
    case MOD_MLS_EVENT_MEMBER_LEFT:
    case MOD_MLS_EVENT_MEMBER_HEARD:
    case MOD_MLS_EVENT_REMOVED:
    case MOD_MLS_EVENT_ROOM_CHANGED:
        event->u.member.account = keep(mls, event->u.member.account, failed);
        event->u.member.device_id = keep(mls, event->u.member.device_id, failed);
        event->u.member.by = keep(mls, event->u.member.by, failed);
        break;
    case MOD_MLS_EVENT_NEW_DEVICE:
        event->u.device.account = keep(mls, event->u.device.account, failed);
        event->u.device.device_id = keep(mls, event->u.device.device_id, failed);
        event->u.device.fingerprint = keep(mls, event->u.device.fingerprint, failed);
        event->u.device.label = keep(mls, event->u.device.label, failed);
        break;
    case MOD_MLS_EVENT_ROOM_UNSAFE:
    case MOD_MLS_EVENT_WARNING:
    case MOD_MLS_EVENT_ERROR:
        event->u.error.account = keep(mls, event->u.error.account, failed);
        break;
    case MOD_MLS_EVENT_READY:
    case MOD_MLS_EVENT_LEFT:
    case MOD_MLS_EVENT_ROOM_VERIFIED:
    case MOD_MLS_EVENT_PROGRESS:
        break;
    }
}

mls_status_t mod_mls_emit(mod_mls_t *mls, const mod_mls_event_t *event, int64_t message_id)
{
    bool failed = false;
    mod_mls_effect_t *effect = add_effect(mls, EFFECT_EVENT);

    if (effect == NULL)
        return MLS_ERR_NOMEM;
    effect->event = *event;
    effect->message_id = message_id;
    keep_event(mls, &effect->event, &failed);
    return failed ? MLS_ERR_NOMEM : MLS_OK;
}

mls_status_t mod_mls_replace(mod_mls_t *mls, const mod_mls_message_t *message, int64_t message_id)
{
    bool failed = false;
    mod_mls_effect_t *effect = add_effect(mls, EFFECT_SHOWN);

    if (effect == NULL)
        return MLS_ERR_NOMEM;
    effect->message_id = message_id;
    effect->event.u.message = *message;
    keep_message(mls, &effect->event.u.message, &failed);
    mls->replacement = &effect->event.u.message;
    return failed ? MLS_ERR_NOMEM : MLS_OK;
}

mls_status_t mod_mls_tell(mod_mls_t *mls, mod_mls_event_type_t type, const char *room, mod_mls_error_t code,
                          mls_status_t cause, const char *account)
{
    mod_mls_event_t event = { .type = type, .room = room };

    event.u.error = (mod_mls_error_info_t){
        .code = code, .status = cause, .account = account, .text = mod_mls_error_text(code)
    };
    return mod_mls_emit(mls, &event, 0);
}

void mod_mls_drop_effects(mod_mls_t *mls)
{
    mls->effects = NULL;
    mls->replacement = NULL;
    mls_arena_clear(&mls->effect_arena);
}

static void do_effect(mod_mls_t *mls, const mod_mls_effect_t *effect)
{
    switch (effect->type) {
    case EFFECT_SEND:
        mls->host.send(mls->host.arg, effect->text, effect->len);
        break;
    case EFFECT_JOIN:
        mls->host.join_room(mls->host.arg, effect->text, effect->nick);
        break;
    case EFFECT_PART:
        mls->host.leave_room(mls->host.arg, effect->text, effect->nick);
        break;
    case EFFECT_EVENT:
        mls->host.event(mls->host.arg, &effect->event);
        break;
    case EFFECT_SHOWN:
        break;
    }
}

/* The host has got what these effects show. If this is not stored, it gets them once more after a restart:
 * twice rather than never. */
static void note_shown(mod_mls_t *mls, const mod_mls_effect_t *effects)
{
    bool any = false;
    mls_status_t status = MLS_OK;

    for (const mod_mls_effect_t *e = effects; e != NULL; e = e->next)
        any = any || e->message_id != 0;
    if (!any || mod_mls_store_begin(mls->store) != MLS_OK)
        return;
    for (const mod_mls_effect_t *e = effects; e != NULL && status == MLS_OK; e = e->next) {
        if (e->message_id != 0)
            status = mod_mls_store_shown(mls->store, e->message_id, mls->settings.keep_text_ms > 0);
    }
    if (status == MLS_OK)
        status = mod_mls_store_commit(mls->store);
    else
        mod_mls_store_rollback(mls->store);
    if (status != MLS_OK)
        mod_mls_log(mls, MOD_MLS_LOG_WARNING, "cannot note what was shown");
}

void mod_mls_flush_effects(mod_mls_t *mls)
{
    const mod_mls_effect_t *effects = mls->effects;

    mls->effects = NULL;
    for (const mod_mls_effect_t *e = effects; e != NULL; e = e->next)
        do_effect(mls, e);
    note_shown(mls, effects);
}

/* ---- items --------------------------------------------------------------------------------------- */

void mod_mls_item_clear(mod_mls_item_t *item)
{
    free(item->stanza_id);
    mls_bytes_clear(&item->message);
    *item = (mod_mls_item_t){ 0 };
}

void mod_mls_items_clear(mod_mls_items_t *items)
{
    for (size_t i = 0; i < items->count; i++)
        mod_mls_item_clear(&items->items[i]);
    free(items->items);
    *items = (mod_mls_items_t){ 0 };
}

mls_status_t mod_mls_items_add(mod_mls_items_t *items, mod_mls_item_t *item)
{
    if ((items->count & (items->count - 1)) == 0) { /* full at every power of two */
        size_t cap = items->count == 0 ? 1 : 2 * items->count;
        mod_mls_item_t *bigger = realloc(items->items, cap * sizeof *bigger);
        if (bigger == NULL)
            return MLS_ERR_NOMEM;
        items->items = bigger;
    }
    items->items[items->count++] = *item;
    *item = (mod_mls_item_t){ 0 };
    return MLS_OK;
}

mls_status_t mod_mls_set_string(char **string, const char *value)
{
    char *copy = mod_mls_strdup(value);

    if (copy == NULL)
        return MLS_ERR_NOMEM;
    free(*string);
    *string = copy;
    return MLS_OK;
}
