/* group_receive.c -- taking a message in: authenticate, decrypt, and say what it is
 * (RFC 9420, Sections 6 and 12). */
#include "bytes.h"
#include "group.h"
#include "group_process.h"
#include "private_message.h"
#include "public_message.h"
#include "public_sender.h"
#include "received.h"
#include "welcome.h"

#include <stdlib.h>

/* A message on its way through the checks. */
typedef struct receiver {
    mls_group_t *group;
    mls_epoch_t *epoch; /* the message's */
    mls_view_t bytes;
    mls_arena_t arena;
    mls_message_t message;
    mls_opened_message_t opened;
    mls_ratchet_step_t step;
    bool has_step, keep_key;
    const mls_authenticated_content_t *content;
    uint64_t now;
    mls_received_t *received;
} receiver_t;

/* ---- which epoch --------------------------------------------------------------------------------- */

/* A past epoch whose time is over is unknown, even if nobody has cleared it away yet. */
static mls_past_epoch_t *find_past(const receiver_t *r, uint64_t epoch)
{
    mls_past_epoch_t *past = mls_group_past(r->group, epoch);
    const bool is_over = past != NULL && r->now > past->ended_at &&
                         r->now - past->ended_at > r->group->config.limits.past_epoch_seconds;
    return is_over ? NULL : past;
}

static mls_status_t find_epoch(receiver_t *r, mls_view_t group_id, uint64_t epoch, uint8_t content_type)
{
    const mls_group_t *group = r->group;
    mls_status_t status =
        mls_check(group->crypto, MLS_RULE_F1, mls_view_equal(group_id, mls_group_id(group)));
    if (status != MLS_OK)
        return status;
    if (epoch == mls_group_epoch(group)) {
        r->epoch = group->epoch;
        return mls_check(group->crypto, MLS_RULE_M15, group->epoch->reinit.len == 0);
    }
    mls_past_epoch_t *past = content_type == MLS_CONTENT_APPLICATION ? find_past(r, epoch) : NULL;
    r->epoch = past == NULL ? NULL : past->epoch;
    return mls_check(group->crypto, MLS_RULE_F2, past != NULL);
}

/* ---- PrivateMessage ------------------------------------------------------------------------------ */

static mls_ratchet_kind_t kind_of(uint8_t content_type)
{
    return content_type == MLS_CONTENT_APPLICATION ? MLS_RATCHET_APPLICATION : MLS_RATCHET_HANDSHAKE;
}

static mls_status_t verify(const receiver_t *r, mls_view_t signature_key)
{
    return mls_framed_content_verify(r->group->crypto, r->group->suite, r->content, signature_key,
                                     mls_bytes_view(&r->epoch->context_bytes));
}

/* Finds the key, decrypts and verifies; nothing is used up yet. */
static mls_status_t open_private(receiver_t *r, const mls_sender_data_t *sender, bool is_own)
{
    mls_group_t *group = r->group;
    const mls_private_message_t *message = &r->message.private_message;
    const mls_ratchet_kind_t kind = kind_of(message->content_type);
    const mls_tree_leaf_t *leaf = mls_group_leaf_in(group, r->epoch->context.epoch, sender->leaf_index);
    mls_status_t status;

    r->keep_key = is_own || (kind == MLS_RATCHET_HANDSHAKE && group->config.keep_handshake_keys);
    const mls_ratchet_request_t request = {
        .leaf = sender->leaf_index, .kind = kind, .generation = sender->generation, .is_kept = r->keep_key
    };
    if (kind == MLS_RATCHET_HANDSHAKE && group->config.keep_handshake_keys &&
        (status = mls_check(group->crypto, MLS_RULE_F14,
                            sender->generation < group->config.limits.forward_jump)) != MLS_OK)
        return status;
    if ((status = mls_secret_tree_step(&r->epoch->secret_tree, &r->step, group->crypto, &group->config.limits,
                                       &request)) != MLS_OK)
        return status;
    r->has_step = true;
    if ((status = mls_private_message_open(group->crypto, group->suite, &r->opened, message, sender,
                                           &r->step.key)) != MLS_OK)
        return status;
    r->content = &r->opened.content;
    return verify(r, mls_tree_leaf_signature_key(leaf));
}

/* ---- own messages -------------------------------------------------------------------------------- */

static mls_pending_commit_t *find_pending_by_bytes(const receiver_t *r)
{
    for (size_t i = 0; i < r->epoch->num_commits; i++)
        if (mls_view_equal(mls_bytes_view(&r->epoch->commits[i]->message), r->bytes))
            return r->epoch->commits[i];
    return NULL;
}

/* A member can encrypt another's signed content again: then the bytes differ, but not what was signed. */
static mls_status_t find_pending_by_content(const receiver_t *r, mls_pending_commit_t **found)
{
    mls_bytes_t encoded = { 0 };
    mls_status_t status = mls_encode(&encoded, mls_codec_authenticated_content, r->content);
    *found = NULL;
    for (size_t i = 0; status == MLS_OK && *found == NULL && i < r->epoch->num_commits; i++)
        if (mls_view_equal(mls_bytes_view(&r->epoch->commits[i]->content), mls_bytes_view(&encoded)))
            *found = r->epoch->commits[i];
    mls_bytes_clear(&encoded);
    return status;
}

static mls_status_t receive_pending(receiver_t *r, mls_pending_commit_t *pending)
{
    mls_status_t status = mls_pending_commit_stage(pending);
    if (status == MLS_OK) {
        r->received->type = MLS_RECEIVED_OWN_COMMIT;
        r->received->staged = pending->staged;
        pending->staged->refs++;
    }
    return status;
}

/* A Commit that the own leaf has signed. */
static mls_status_t receive_own_commit(receiver_t *r)
{
    mls_pending_commit_t *pending;
    mls_status_t status = find_pending_by_content(r, &pending);
    if (status == MLS_OK && pending != NULL)
        return receive_pending(r, pending);
    r->received->type = MLS_RECEIVED_OWN_UNKNOWN;
    return status;
}

/* A message of the own leaf: sent by this state, or by another copy of it. */
static mls_status_t receive_own(receiver_t *r, const mls_sender_data_t *sender)
{
    const uint8_t type = r->message.private_message.content_type;
    const bool was_sent = sender->generation < r->epoch->sent[kind_of(type)];
    const bool is_commit = type == MLS_CONTENT_COMMIT;
    mls_status_t status;

    if (was_sent && !(is_commit && r->group->config.keep_handshake_keys)) {
        r->received->type = MLS_RECEIVED_OWN_MESSAGE; /* its key is gone: what it says cannot be looked at */
        return MLS_OK;
    }
    /* Nobody else can sign for this leaf: what verifies was made by a copy of it. */
    if ((status = open_private(r, sender, true)) != MLS_OK)
        return status;
    if (is_commit)
        return receive_own_commit(r);
    r->received->type = MLS_RECEIVED_OWN_UNKNOWN;
    return MLS_OK;
}

/* ---- PublicMessage ------------------------------------------------------------------------------- */

/* Who is no member cannot encrypt, and has a policy of its own. A SelfRemove is for those to read who join by
 * an external Commit. */
static bool is_allowed_in_public(const mls_group_t *group, const mls_framed_content_t *content)
{
    mls_proposal_t proposal;
    if (!group->config.private_handshake_only || content->sender.type != MLS_SENDER_MEMBER)
        return true;
    return content->content_type == MLS_CONTENT_PROPOSAL &&
           mls_proposal_decode(&proposal, content->body) == MLS_OK &&
           proposal.type == MLS_PROPOSAL_SELF_REMOVE;
}

static mls_status_t open_public(receiver_t *r)
{
    mls_group_t *group = r->group;
    const mls_public_message_t *message = &r->message.public_message;
    const mls_framed_content_t *content = &message->content.content;
    mls_view_t signature_key;
    mls_status_t status;

    if ((status = mls_check(group->crypto, MLS_RULE_F16, is_allowed_in_public(group, content))) != MLS_OK ||
        (status = mls_check(group->crypto, MLS_RULE_F4, content->content_type != MLS_CONTENT_APPLICATION)) !=
            MLS_OK ||
        (status = mls_public_sender_check(group, content)) != MLS_OK ||
        (status = find_epoch(r, content->group_id, content->epoch, content->content_type)) != MLS_OK ||
        (status = mls_public_sender_key(group, &signature_key, &r->arena, content)) != MLS_OK)
        return status;
    if (content->sender.type == MLS_SENDER_MEMBER &&
        (status = mls_public_message_check_tag(group->crypto, group->suite, message,
                                               &r->epoch->secrets.membership_key,
                                               mls_bytes_view(&r->epoch->context_bytes))) != MLS_OK)
        return status;
    r->content = &message->content;
    return verify(r, signature_key);
}

/* ---- what it is ---------------------------------------------------------------------------------- */

/* Who is no member must not be able to keep those of members out. */
static bool has_room_for(const mls_group_t *group, const mls_sender_t *sender)
{
    const size_t max = group->config.limits.num_pending;
    return group->epoch->num_proposals < (sender->type == MLS_SENDER_MEMBER ? max : max / 2);
}

static mls_status_t receive_proposal(receiver_t *r)
{
    mls_group_t *group = r->group;
    mls_received_t *received = r->received;
    const mls_sender_t sender = r->content->content.sender;
    const mls_apply_t where = mls_group_apply(group, &group->view, &sender, 0);
    mls_bytes_t encoded = { 0 };
    mls_pending_proposal_t *pending = NULL;
    mls_status_t status;

    received->type = MLS_RECEIVED_PROPOSAL;
    if ((status = mls_encode(&encoded, mls_codec_authenticated_content, r->content)) != MLS_OK ||
        (status = mls_pending_proposal_new(&pending, group->crypto, group->suite,
                                           mls_bytes_view(&encoded))) != MLS_OK ||
        (status = mls_bytes_copy(&received->body, pending->content.content.body)) != MLS_OK ||
        (status = mls_check(group->crypto, MLS_RULE_R2,
                            r->content->wire_format == MLS_WIRE_FORMAT_PUBLIC_MESSAGE ||
                                pending->proposal.type != MLS_PROPOSAL_SELF_REMOVE)) != MLS_OK ||
        (status = mls_proposal_check(&pending->proposal, &sender, &where)) != MLS_OK)
        goto cleanup;
    if (mls_epoch_find_proposal(group->epoch, mls_secret_view(&pending->ref)) != NULL)
        goto cleanup; /* it is pending already */
    if ((status = mls_check(group->crypto, MLS_RULE_P11, has_room_for(group, &sender))) == MLS_OK &&
        (status = mls_epoch_add_proposal(group->epoch, pending)) == MLS_OK)
        pending = NULL;

cleanup:
    mls_pending_proposal_free(pending);
    mls_bytes_clear(&encoded);
    return status;
}

/* Of the current epoch: find_epoch() takes nothing but application data of others. */
static mls_status_t receive_commit(receiver_t *r)
{
    mls_received_t *received = r->received;
    if (received->sender_type == MLS_SENDER_MEMBER && received->sender == r->epoch->own_leaf)
        return receive_own_commit(r);
    received->type = MLS_RECEIVED_COMMIT;
    return mls_group_stage(r->group, &received->staged, r->content, NULL);
}

static mls_status_t receive_application(receiver_t *r)
{
    mls_view_t data;
    mls_status_t status = mls_application_data(&data, r->content->content.body);
    r->received->type = MLS_RECEIVED_APPLICATION;
    return status == MLS_OK ? mls_bytes_copy(&r->received->body, data) : status;
}

/* For whoever asks for evidence of it. */
static mls_status_t note_signature(receiver_t *r)
{
    r->received->wire_format = r->content->wire_format;
    return mls_bytes_copy(&r->received->signature, r->content->auth.signature);
}

static mls_status_t receive_content(receiver_t *r)
{
    mls_status_t status = note_signature(r);
    if (status != MLS_OK)
        return status;
    switch (r->content->content.content_type) {
    case MLS_CONTENT_APPLICATION:
        return receive_application(r);
    case MLS_CONTENT_PROPOSAL:
        return receive_proposal(r);
    default:
        return receive_commit(r);
    }
}

/* ---- the result ---------------------------------------------------------------------------------- */

/* Notes the sender, whose leaf the result keeps. */
static mls_status_t note_sender(receiver_t *r, uint32_t leaf_index, mls_view_t authenticated_data)
{
    mls_received_t *received = r->received;
    mls_tree_leaf_t *leaf = mls_group_leaf_in(r->group, r->epoch->context.epoch, leaf_index);
    const mls_tree_leaf_t *now = mls_tree_leaf(&r->group->view, leaf_index);

    received->epoch = r->epoch->context.epoch;
    received->sender_type = MLS_SENDER_MEMBER;
    received->sender = leaf_index;
    if (leaf == NULL)
        return MLS_ERR_SENDER;
    leaf->refs++;
    received->leaf = leaf;
    const mls_leaf_node_t node = mls_tree_leaf_decode(leaf);
    mls_leaf_node_info(&received->leaf_info, &node, mls_tree_leaf_encoded(leaf), leaf_index);
    received->sender_is_current =
        now != NULL && mls_view_equal(mls_tree_leaf_signature_key(now), node.signature_key);
    return mls_bytes_copy(&received->authenticated_data, authenticated_data);
}

static mls_status_t receive_private(receiver_t *r)
{
    mls_group_t *group = r->group;
    const mls_private_message_t *message = &r->message.private_message;
    mls_sender_data_t sender;
    mls_status_t status = find_epoch(r, message->group_id, message->epoch, message->content_type);

    if (status == MLS_OK)
        status = mls_check(group->crypto, MLS_RULE_F2, !group->is_joining);
    if (status != MLS_OK)
        return status;
    mls_pending_commit_t *own = find_pending_by_bytes(r);
    if (own != NULL) {
        status = note_sender(r, r->epoch->own_leaf, message->authenticated_data);
        return status == MLS_OK ? receive_pending(r, own) : status;
    }
    if ((status = mls_private_message_sender(group->crypto, group->suite, &sender, message,
                                             &r->epoch->secrets.sender_data_secret)) != MLS_OK ||
        (status = mls_check(group->crypto, MLS_RULE_F11,
                            mls_group_leaf_in(group, message->epoch, sender.leaf_index) != NULL)) != MLS_OK ||
        (status = note_sender(r, sender.leaf_index, message->authenticated_data)) != MLS_OK)
        return status;
    r->received->generation = sender.generation;
    if (sender.leaf_index == r->epoch->own_leaf)
        return receive_own(r, &sender);
    status = open_private(r, &sender, false);
    return status == MLS_OK ? receive_content(r) : status;
}

/* A sender without a leaf, or with one that comes by its Commit. */
static mls_status_t note_outsider(receiver_t *r, const mls_framed_content_t *content)
{
    mls_received_t *received = r->received;
    received->epoch = content->epoch;
    received->sender_type = content->sender.type;
    received->sender = content->sender.type == MLS_SENDER_EXTERNAL ? content->sender.index : UINT32_MAX;
    received->leaf_info.leaf_index = UINT32_MAX;
    return mls_bytes_copy(&received->authenticated_data, content->authenticated_data);
}

/* The own external Commit is known by its bytes: nobody here has its keys. */
static mls_status_t receive_own_join(receiver_t *r, mls_pending_commit_t *own)
{
    mls_status_t status = note_outsider(r, &r->message.public_message.content.content);
    if (status == MLS_OK)
        status = receive_pending(r, own);
    if (status == MLS_OK)
        r->received->sender = r->received->staged->committer;
    return status;
}

static mls_status_t receive_public(receiver_t *r)
{
    const mls_framed_content_t *content = &r->message.public_message.content.content;
    mls_pending_commit_t *own;
    mls_status_t status;

    r->epoch = r->group->epoch;
    if (r->group->is_joining && (own = find_pending_by_bytes(r)) != NULL)
        return receive_own_join(r, own);
    if ((status = mls_check(r->group->crypto, MLS_RULE_F2, !r->group->is_joining)) != MLS_OK ||
        (status = open_public(r)) != MLS_OK)
        return status;
    status = content->sender.type == MLS_SENDER_MEMBER
                 ? note_sender(r, content->sender.index, content->authenticated_data)
                 : note_outsider(r, content);
    if (status == MLS_OK)
        status = receive_content(r);
    if (status == MLS_OK && content->sender.type == MLS_SENDER_NEW_MEMBER_COMMIT)
        r->received->sender = r->received->staged->committer;
    return status;
}

static mls_status_t receive(receiver_t *r)
{
    mls_status_t status = mls_message_decode(r->group->crypto, &r->message, r->bytes,
                                             r->group->config.limits.message_len, &r->arena);
    if (status != MLS_OK)
        return status;
    switch (r->message.wire_format) {
    case MLS_WIRE_FORMAT_PRIVATE_MESSAGE:
        return receive_private(r);
    case MLS_WIRE_FORMAT_PUBLIC_MESSAGE:
        return receive_public(r);
    default:
        return MLS_ERR_ARGUMENT;
    }
}

mls_status_t mls_group_receive(mls_group_t *group, mls_received_t **out, mls_view_t message, uint64_t now)
{
    receiver_t r = { .group = group, .bytes = message, .now = now };
    mls_status_t status;

    *out = NULL;
    if (group->is_removed)
        return MLS_ERR_STATE;
    if ((r.received = calloc(1, sizeof *r.received)) == NULL)
        return MLS_ERR_NOMEM;
    r.received->group = group;
    status = receive(&r);
    /* The commit point: only a message that has proved to be genuine uses up its key. */
    if (status == MLS_OK && r.has_step)
        mls_secret_tree_take(&r.epoch->secret_tree, &r.step, r.keep_key);
    else
        mls_ratchet_step_clear(&r.step);
    mls_opened_message_clear(&r.opened);
    mls_arena_clear(&r.arena);
    if (status == MLS_OK)
        *out = r.received;
    else
        mls_received_free(r.received);
    return status;
}
