#include "insider.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

insider_t insider_become(sim_client_t *client, const char *room)
{
    insider_t in = { .client = client, .room_jid = room };
    mls_group_config_t config = mod_mls_group_config(client->mls);
    in.room = mod_mls_room_find(client->mls, room);
    in.serial = client->mls->self.serial;
    config.authentication.validate = NULL;
    assert_int_equal(mls_group_load(&in.group, client->mls->crypto, &config, &client->mls->mls_store,
                                    mls_bytes_view(&in.room->group_id)),
                     MLS_OK);
    return in;
}

mls_bytes_t insider_authenticated_data(const insider_t *in)
{
    char origin_id[33];
    mls_bytes_t out;
    char *own = in->room->jid;
    assert_int_equal(mod_mls_random_id(in->client->mls, origin_id), MLS_OK);
    in->room->jid = mod_mls_strdup(in->room_jid);
    assert_int_equal(mod_mls_room_authenticated_data(in->client->mls, in->room, &out, origin_id), MLS_OK);
    free(in->room->jid);
    in->room->jid = own;
    return out;
}

mls_bytes_t insider_encrypt(insider_t *in)
{
    mls_bytes_t data = insider_authenticated_data(in), message;
    assert_int_equal(mls_group_encrypt(in->group, &message,
                                       mls_view_text("<envelope xmlns='urn:xmpp:sce:1'/>"),
                                       mls_bytes_view(&data), true),
                     MLS_OK);
    mls_bytes_clear(&data);
    return message;
}

mls_bytes_t insider_commit(insider_t *in, const mls_proposal_spec_t *specs, size_t num, mls_leaf_hook_t hook)
{
    mls_bytes_t data = insider_authenticated_data(in), out;
    mls_pending_commit_t *pending;
    const mls_commit_options_t options = { .handshake = { .authenticated_data = mls_bytes_view(&data) },
                                           .proposals = specs,
                                           .num_proposals = num,
                                           .leaf_hook = hook };
    assert_int_equal(mls_group_commit(in->group, &pending, &options), MLS_OK);
    assert_int_equal(mls_bytes_copy(&out, mls_pending_commit_message(pending)), MLS_OK);
    mls_bytes_clear(&data);
    return out;
}

mls_bytes_t insider_commit_signed(insider_t *in, const mls_proposal_spec_t *specs, size_t num)
{
    mod_mls_leaf_signer_t signer = mod_mls_own_signer(in->client->mls);
    signer.serial = &in->serial;
    signer.now = in->client->sim->now;
    return insider_commit(in, specs, num, (mls_leaf_hook_t){ mod_mls_leaf_sign, &signer });
}
