#include "drive.h"
#include "archive.h"
#include "commit.h"
#include "create.h"
#include "discovery.h"
#include "entry.h"
#include "iq.h"
#include "outbox.h"
#include "publish.h"
#include "siblings.h"
#include "welcome.h"

mls_status_t mod_mls_room_configured(mod_mls_t *mls, mod_mls_room_t *room)
{
    mls_status_t status = MLS_OK;

    if (room->state == MOD_MLS_ROOM_CREATING)
        status = mod_mls_group_make(mls, room);
    if (!room->is_synced && room->group != NULL)
        mod_mls_archive_read_at(room, mls->now);
    return status;
}

/* Nobody is left who could commit the own leave. */
static mls_status_t leave_alone(mod_mls_t *mls, mod_mls_room_t *room)
{
    const mod_mls_event_t left = { .type = MOD_MLS_EVENT_LEFT, .room = room->jid };
    mls_status_t status;

    if ((status = mod_mls_part(mls, room->jid, room->nick)) != MLS_OK ||
        (status = mod_mls_room_end(mls, room, MOD_MLS_ROOM_LEFT)) != MLS_OK)
        return status;
    return mod_mls_emit(mls, &left, 0);
}

static mls_status_t drive_live(mod_mls_t *mls, mod_mls_room_t *room)
{
    mls_status_t status;

    if (!mod_mls_room_is_live(mls, room))
        return MLS_OK;
    if (room->state == MOD_MLS_ROOM_LEAVING && mls_group_num_members(room->group) == 1)
        return leave_alone(mls, room);
    if ((status = mod_mls_commit_drive(mls, room)) != MLS_OK)
        return status;
    return mod_mls_outbox_drive(mls, room);
}

static mls_status_t drive_room(mod_mls_t *mls, mod_mls_room_t *room)
{
    const int64_t id = room->id;
    mls_status_t status = mod_mls_entry_drive(mls, room);

    if (status != MLS_OK || (room = mod_mls_room_by_id(mls, id)) == NULL)
        return status; /* a room that could not be created is gone */
    if ((status = mod_mls_archive_drive(mls, room)) != MLS_OK)
        return status;
    return drive_live(mls, room);
}

mls_status_t mod_mls_drive(mod_mls_t *mls)
{
    mls_status_t status = mod_mls_discovery_drive(mls);

    if (status == MLS_OK)
        status = mod_mls_publish_drive(mls);
    if (status == MLS_OK)
        status = mod_mls_siblings_drive(mls);
    if (status == MLS_OK)
        status = mod_mls_own_archive_drive(mls);
    for (mod_mls_room_t *room = mls->rooms, *next; status == MLS_OK && room != NULL; room = next) {
        next = room->next;
        status = drive_room(mls, room);
    }
    return status != MLS_OK ? status : mod_mls_welcome_drive(mls);
}

static void earliest(uint64_t *at, uint64_t candidate)
{
    if (candidate != 0 && candidate < *at)
        *at = candidate;
}

uint64_t mod_mls_drive_deadline(mod_mls_t *mls)
{
    uint64_t at = mod_mls_iq_deadline(mls);

    if (!mls->is_connected)
        return UINT64_MAX;
    if (mls->publisher.step == MOD_MLS_PUBLISH_WAITING)
        earliest(&at, mls->publisher.retry_at);
    for (const mod_mls_room_t *room = mls->rooms; room != NULL; room = room->next) {
        if (!mod_mls_room_wants_in(room))
            continue;
        if (room->step == MOD_MLS_STEP_ENTERING || room->step == MOD_MLS_STEP_WAITING)
            earliest(&at, room->retry_at);
        if (room->step == MOD_MLS_STEP_CONFIGURED && !room->reader.is_active)
            earliest(&at, room->read_at);
        if (room->group != NULL)
            earliest(&at, mod_mls_commit_deadline(mls, room));
    }
    return at;
}
