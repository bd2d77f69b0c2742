/* commands.c -- what the user may ask for. Each command checks, notes the wish, and leaves the rest to
 * mod_mls_drive(). */
#include "core.h"
#include "create.h"
#include "jid.h"
#include "key_packages.h"
#include "lookup.h"
#include "room.h"
#include "session.h"
#include "welcome.h"

/* ---- refusing ------------------------------------------------------------------------------------ */

static mls_status_t refuse(mod_mls_t *mls, const char *room, mod_mls_error_t code, const char *account,
                           mls_status_t status)
{
    mls_status_t told = mod_mls_tell(mls, MOD_MLS_EVENT_ERROR, room, code, status, account);
    return told != MLS_OK ? told : status;
}

static bool is_bare(const char *jid)
{
    return jid != NULL && mod_mls_jid_is_bare(mls_view_text(jid));
}

/* Finds a room that is in use. */
static mls_status_t find_active(mod_mls_t *mls, mod_mls_room_t **out, const char *jid)
{
    *out = jid == NULL ? NULL : mod_mls_room_find(mls, jid);
    if (*out == NULL)
        return refuse(mls, jid, MOD_MLS_ERROR_NO_SUCH_ROOM, NULL, MLS_ERR_NOT_FOUND);
    const mod_mls_error_t fault = mod_mls_room_fault(*out);
    return fault == MOD_MLS_OK ? MLS_OK : refuse(mls, jid, fault, NULL, MLS_ERR_STATE);
}

/* The frame of a command that works on one room. */
typedef mls_status_t command_fn(mod_mls_t *mls, const char *room, const char *account);

static mls_status_t run(mod_mls_t *mls, command_fn *command, const char *room, const char *account)
{
    mls_status_t status = mod_mls_enter(mls);
    return status != MLS_OK ? status : mod_mls_leave(mls, command(mls, room, account));
}

/* ---- create -------------------------------------------------------------------------------------- */

static mls_status_t create(mod_mls_t *mls, const char *jid, const mod_mls_room_options_t *options)
{
    mls_bytes_t policy = { 0 };
    uint16_t suite = options == NULL ? 0 : options->cipher_suite;
    mod_mls_room_t *room;
    mls_status_t status;

    if (!is_bare(jid) || mod_mls_jid_local(jid).len == 0)
        return refuse(mls, jid, MOD_MLS_ERROR_BAD_JID, NULL, MLS_ERR_ARGUMENT);
    if (!mls->is_connected)
        return refuse(mls, jid, MOD_MLS_ERROR_NOT_CONNECTED, NULL, MLS_ERR_STATE);
    if (mod_mls_room_find(mls, jid) != NULL)
        return refuse(mls, jid, MOD_MLS_ERROR_ROOM_EXISTS, NULL, MLS_ERR_STATE);
    if ((suite == 0 && mod_mls_preferred_suites(&suite, 1) == 0) || mls_crypto_suite_name(suite) == NULL)
        return refuse(mls, jid, MOD_MLS_ERROR_INTERNAL, NULL, MLS_ERR_ARGUMENT);
    status = mod_mls_policy_from_options(&policy, jid, mls->account, options);
    if (status == MLS_ERR_MALFORMED)
        return refuse(mls, jid, MOD_MLS_ERROR_TOO_LONG, NULL, MLS_ERR_ARGUMENT);
    if (status == MLS_OK && (status = mod_mls_room_add(mls, &room, jid, MOD_MLS_ROOM_CREATING)) == MLS_OK) {
        room->cipher_suite = suite;
        room->options = policy;
        return mod_mls_room_save(mls, room);
    }
    mls_bytes_clear(&policy);
    return status;
}

mls_status_t mod_mls_room_create(mod_mls_t *mls, const char *room, const mod_mls_room_options_t *options)
{
    mls_status_t status = mod_mls_enter(mls);
    return status != MLS_OK ? status : mod_mls_leave(mls, create(mls, room, options));
}

/* ---- invite and remove --------------------------------------------------------------------------- */

static mls_status_t invite(mod_mls_t *mls, const char *jid, const char *account)
{
    mod_mls_room_t *room;
    mls_status_t status = find_active(mls, &room, jid);

    if (status != MLS_OK)
        return status;
    if (!is_bare(account))
        return refuse(mls, jid, MOD_MLS_ERROR_BAD_JID, account, MLS_ERR_ARGUMENT);
    if (mod_mls_room_num_leaves_of(room, mls_view_text(account)) > 0)
        return refuse(mls, jid, MOD_MLS_ERROR_ALREADY_MEMBER, account, MLS_ERR_STATE);
    if (!mod_mls_room_allows(mls, room, MOD_MLS_MAY_ADD))
        return refuse(mls, jid, MOD_MLS_ERROR_NOT_ALLOWED, account, MLS_ERR_STATE);
    return mod_mls_store_add_intent(mls->store, room->id, MOD_MLS_INTENT_ADD, account);
}

mls_status_t mod_mls_room_invite(mod_mls_t *mls, const char *room, const char *account)
{
    return run(mls, invite, room, account);
}

static mls_status_t cancel(mod_mls_t *mls, const char *jid, const char *account)
{
    mls_arena_t arena = { 0 };
    mod_mls_intent_rows_t rows;
    mod_mls_room_t *room;
    bool found = false;
    mls_status_t status = find_active(mls, &room, jid);

    if (status != MLS_OK)
        return status;
    status = mod_mls_store_intents(mls->store, &rows, room->id, &arena);
    for (size_t i = 0; status == MLS_OK && i < rows.count; i++) {
        if (rows.items[i].kind != MOD_MLS_INTENT_ADD || account == NULL ||
            strcmp(rows.items[i].account, account) != 0)
            continue;
        found = true;
        status = mod_mls_store_drop_intent(mls->store, rows.items[i].id);
        mod_mls_lookup_drop(room, rows.items[i].id);
    }
    mls_arena_clear(&arena);
    if (status == MLS_OK && !found)
        return refuse(mls, jid, MOD_MLS_ERROR_NO_INVITATION, account, MLS_ERR_NOT_FOUND);
    return status;
}

mls_status_t mod_mls_room_cancel(mod_mls_t *mls, const char *room, const char *account)
{
    return run(mls, cancel, room, account);
}

/* Whether an account other than `without` that has a leaf is an admin; or nobody needs to be one. */
static bool keeps_admin(const mod_mls_room_t *room, const char *without)
{
    mls_arena_t arena = { 0 };
    mod_mls_xmpp_room_t policy;
    bool keeps = false;

    if (mod_mls_room_policy(room, &policy, &arena) == MLS_OK) {
        keeps = policy.may_add == MOD_MLS_EVERYBODY && policy.may_remove == MOD_MLS_EVERYBODY &&
                policy.may_change == MOD_MLS_EVERYBODY;
        for (size_t i = 0; i < policy.admins.count; i++) {
            if (!mod_mls_view_is(policy.admins.items[i], without) &&
                mod_mls_room_num_leaves_of(room, policy.admins.items[i]) > 0)
                keeps = true;
        }
    }
    mls_arena_clear(&arena);
    return keeps;
}

static mls_status_t remove_account(mod_mls_t *mls, const char *jid, const char *account)
{
    mod_mls_room_t *room;
    mls_status_t status = find_active(mls, &room, jid);

    if (status != MLS_OK)
        return status;
    if (!is_bare(account) || strcmp(account, mls->account) == 0)
        return refuse(mls, jid, MOD_MLS_ERROR_BAD_JID, account, MLS_ERR_ARGUMENT);
    if (mod_mls_room_num_leaves_of(room, mls_view_text(account)) == 0)
        return refuse(mls, jid, MOD_MLS_ERROR_NOT_MEMBER, account, MLS_ERR_NOT_FOUND);
    if (!mod_mls_room_allows(mls, room, MOD_MLS_MAY_REMOVE))
        return refuse(mls, jid, MOD_MLS_ERROR_NOT_ALLOWED, account, MLS_ERR_STATE);
    if (!keeps_admin(room, account))
        return refuse(mls, jid, MOD_MLS_ERROR_LAST_ADMIN, account, MLS_ERR_STATE);
    return mod_mls_store_add_intent(mls->store, room->id, MOD_MLS_INTENT_REMOVE, account);
}

mls_status_t mod_mls_room_remove(mod_mls_t *mls, const char *room, const char *account)
{
    return run(mls, remove_account, room, account);
}

static mls_status_t update(mod_mls_t *mls, const char *jid, const char *account)
{
    mod_mls_room_t *room;
    mls_status_t status = find_active(mls, &room, jid);

    (void)account;
    return status != MLS_OK
               ? status
               : mod_mls_store_add_intent(mls->store, room->id, MOD_MLS_INTENT_UPDATE, mls->account);
}

mls_status_t mod_mls_room_update(mod_mls_t *mls, const char *room)
{
    return run(mls, update, room, NULL);
}

/* ---- invitations --------------------------------------------------------------------------------- */

static mls_status_t find_invitation(mod_mls_t *mls, mod_mls_room_t **out, const char *jid)
{
    *out = jid == NULL ? NULL : mod_mls_room_find(mls, jid);
    if (*out == NULL || (*out)->state != MOD_MLS_ROOM_INVITED)
        return refuse(mls, jid, MOD_MLS_ERROR_NO_INVITATION, NULL, MLS_ERR_NOT_FOUND);
    return MLS_OK;
}

static mls_status_t accept(mod_mls_t *mls, const char *jid, const char *account)
{
    mod_mls_room_t *room;
    mls_status_t status = find_invitation(mls, &room, jid);

    (void)account;
    return status != MLS_OK ? status : mod_mls_welcome_accept(mls, room);
}

mls_status_t mod_mls_room_accept(mod_mls_t *mls, const char *room)
{
    return run(mls, accept, room, NULL);
}

static mls_status_t decline(mod_mls_t *mls, const char *jid, const char *account)
{
    mod_mls_room_t *room;
    mls_status_t status = find_invitation(mls, &room, jid);

    (void)account;
    return status != MLS_OK ? status : mod_mls_room_delete(mls, room);
}

mls_status_t mod_mls_room_decline(mod_mls_t *mls, const char *room)
{
    return run(mls, decline, room, NULL);
}

/* ---- leave and forget ---------------------------------------------------------------------------- */

static mls_status_t leave(mod_mls_t *mls, const char *jid, const char *account)
{
    char origin_id[33];
    mod_mls_room_t *room;
    mls_status_t status = find_active(mls, &room, jid);

    (void)account;
    if (status != MLS_OK)
        return status;
    if (mls_group_num_members(room->group) > 1 && !keeps_admin(room, mls->account))
        return refuse(mls, jid, MOD_MLS_ERROR_LAST_ADMIN, NULL, MLS_ERR_STATE);
    room->state = MOD_MLS_ROOM_LEAVING;
    if ((status = mod_mls_random_id(mls, origin_id)) != MLS_OK ||
        (status = mod_mls_store_add_outgoing(mls->store, room->id, MOD_MLS_OUTGOING_LEAVE, origin_id, "",
                                             mls->now)) != MLS_OK)
        return status;
    return mod_mls_room_save(mls, room);
}

mls_status_t mod_mls_room_leave(mod_mls_t *mls, const char *room)
{
    return run(mls, leave, room, NULL);
}

/* What stays is one row: that this room once had a group. */
static mls_status_t forget(mod_mls_t *mls, const char *jid, const char *account)
{
    mod_mls_room_t *room = jid == NULL ? NULL : mod_mls_room_find(mls, jid);

    (void)account;
    if (room == NULL)
        return refuse(mls, jid, MOD_MLS_ERROR_NO_SUCH_ROOM, NULL, MLS_ERR_NOT_FOUND);
    if (room->state != MOD_MLS_ROOM_LEFT && room->state != MOD_MLS_ROOM_REMOVED &&
        room->state != MOD_MLS_ROOM_OUT_OF_STEP)
        return refuse(mls, jid, MOD_MLS_ERROR_NOT_READY, NULL, MLS_ERR_STATE);
    mls_status_t status = mod_mls_room_end(mls, room, MOD_MLS_ROOM_LEFT);
    if (status == MLS_OK)
        status = mod_mls_store_drop_messages(mls->store, room->id);
    return status != MLS_OK ? status : mod_mls_part(mls, room->jid, room->nick);
}

mls_status_t mod_mls_room_forget(mod_mls_t *mls, const char *room)
{
    return run(mls, forget, room, NULL);
}
