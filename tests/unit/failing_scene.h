/* failing_scene.h -- a room to fail in, and what can be tried there while one thing after the other fails. */
#ifndef TESTS_UNIT_FAILING_SCENE_H
#define TESTS_UNIT_FAILING_SCENE_H

#include "failing.h"
#include "group_support.h"

enum { NUM_MEMBERS = 5, TOPIC = 0x8001, CUSTOM = TEST_OWN_TYPE };

/* What an operation works with. */
typedef struct scene {
    test_context_t *t;
    test_room_t *room;
    mls_key_package_t *key_package, *own;
    mls_view_t message;
    mls_pending_commit_t *pending;
    mls_welcome_t *welcome;
    mls_received_t *received;
    memory_store_t memory;
} scene_t;

typedef struct operation {
    const char *name;
    void (*prepare)(scene_t *s); /* may be NULL */
    mls_status_t (*run)(scene_t *s);
    int member; /* whose state must not change when it fails; -1: nobody's */
} operation_t;

/* Runs each operation in a room of its own, with each thing failing in turn that it calls. */
void scene_run_all(test_context_t *t, const operation_t *operations, size_t count);

/* The status of a call whose result is bytes, or a group: there is one on success only. */
mls_status_t scene_bytes_result(mls_status_t status, mls_bytes_t *out);
mls_status_t scene_group_result(mls_status_t status, mls_group_t *group);

/* Steps that several operations begin with; the last two members are operations themselves. */
void scene_make_key_package(scene_t *s);
void scene_prepare_commit(scene_t *s);
void scene_prepare_group_info(scene_t *s);
void scene_prepare_welcome(scene_t *s);
mls_status_t scene_commit(scene_t *s);
mls_status_t scene_make_group_info(scene_t *s);

#endif
