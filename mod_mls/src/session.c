#include "session.h"
#include "drive.h"
#include "iq.h"
#include "room.h"

mls_status_t mod_mls_load(mod_mls_t *mls)
{
    mls_arena_clear(&mls->self_arena);
    mls_status_t status = mod_mls_store_account(mls->store, &mls->self, &mls->self_arena);
    if (status == MLS_OK)
        status = mod_mls_device_id(mls->self.key.id, mls->crypto,
                                   mls_view(mls->self.key.public_key, MOD_MLS_DEVICE_KEY_LEN));
    return status != MLS_OK ? status : mod_mls_rooms_load(mls);
}

void mod_mls_reset_session(mod_mls_t *mls)
{
    mod_mls_iq_drop_all(mls);
    for (mod_mls_room_t *room = mls->rooms; room != NULL; room = room->next)
        mod_mls_room_reset_session(room);
    mls->publisher = (mod_mls_publisher_t){ 0 };
    mls->archive_query[0] = '\0';
    mls->archive_was_read = false;
    mls->account_was_asked = false;
    mls->own_devices_were_asked = false;
    mls->welcomes_are_out = false;
}

mls_status_t mod_mls_enter(mod_mls_t *mls)
{
    if (mls->is_broken)
        return MLS_ERR_STORE;
    mls->now = mls->host.now(mls->host.arg);
    mod_mls_drop_effects(mls);
    mls_status_t status = mod_mls_store_begin(mls->store);
    return status;
}

/* The database says what is true. What was under way begins anew, as after a lost connection. */
static void recover(mod_mls_t *mls, mls_status_t cause)
{
    mod_mls_event_t event = { .type = MOD_MLS_EVENT_ERROR };
    const mod_mls_error_t code = cause == MLS_ERR_STORE ? MOD_MLS_ERROR_STORE : MOD_MLS_ERROR_INTERNAL;

    mod_mls_log(mls, MOD_MLS_LOG_WARNING, "rolled back: %s", mls_status_text(cause));
    mod_mls_store_rollback(mls->store);
    mod_mls_drop_effects(mls);
    mod_mls_reset_session(mls);
    mls->is_broken = mod_mls_load(mls) != MLS_OK;
    event.u.error = (mod_mls_error_info_t){ .code = code, .status = cause, .text = mod_mls_error_text(code) };
    mls->host.event(mls->host.arg, &event);
}

/* What was deleted stays in the write-ahead log until that is emptied: at a new epoch, and a minute after the
 * first entry. */
static void tend_log(mod_mls_t *mls)
{
    static const uint64_t log_ms = 60 * 1000;

    const bool has_clock_jumped = mls->log_at > mls->now + log_ms;
    if (has_clock_jumped || (mls->log_at == 0 && mod_mls_store_has_log(mls->store)))
        mls->log_at = mls->now + log_ms;
    if (!mls->has_new_epoch && (mls->log_at == 0 || mls->now < mls->log_at))
        return;
    mod_mls_store_checkpoint(mls->store);
    mls->has_new_epoch = false;
    mls->log_at = mod_mls_store_has_log(mls->store) ? mls->now + log_ms : 0;
}

static void set_alarm(mod_mls_t *mls)
{
    uint64_t at = mod_mls_drive_deadline(mls);
    if (mls->log_at != 0 && mls->log_at < at)
        at = mls->log_at;
    if (at != UINT64_MAX)
        mls->host.wake_at(mls->host.arg, at);
}

/* The caller asked for something that cannot be: nothing was begun. */
static bool is_callers_fault(mls_status_t status)
{
    return status == MLS_ERR_ARGUMENT || status == MLS_ERR_STATE || status == MLS_ERR_NOT_FOUND;
}

mls_status_t mod_mls_leave(mod_mls_t *mls, mls_status_t status)
{
    mls_status_t end = status;

    if (status == MLS_OK)
        end = mod_mls_drive(mls);
    if (end == MLS_OK || (status != MLS_OK && is_callers_fault(status))) {
        mls_status_t stored = mod_mls_store_commit(mls->store);
        if (stored == MLS_OK) {
            mod_mls_flush_effects(mls);
            tend_log(mls);
            set_alarm(mls);
            return status;
        }
        end = stored;
    }
    recover(mls, end);
    return end;
}
