/* refused_leaf.h -- a leaf that breaks a rule, on each way it can come: in the KeyPackage of an Add, an
 * Update, the path of a Commit, and the tree of a group that is joined. */
#ifndef TESTS_RULES_REFUSED_LEAF_H
#define TESTS_RULES_REFUSED_LEAF_H

#include "forge_welcome.h"

/* What is wrong with a leaf; it is signed afterwards. */
typedef void fault_fn(test_context_t *t, mls_leaf_node_t *leaf);

typedef struct expected {
    const char *rule;
    mls_status_t status;
} expected_t;

/* A good leaf is taken; with the fault it is refused. */
void refuse_in_an_add(test_context_t *t, fault_fn *fault, expected_t expected);
void refuse_in_an_update(test_context_t *t, fault_fn *fault, expected_t expected);
void refuse_in_a_commit(test_context_t *t, fault_fn *fault, expected_t expected);
void refuse_in_a_tree(test_context_t *t, fault_fn *fault, expected_t expected);

/* Tests of these, by the ids of the rules and the words that make up their names. */
/* clang-format off */
#define REFUSED_IN_AN_ADD(ids, what, fault, rule, status)                                                     \
    static void rule_##ids##__##what##_in_an_add_is_refused(void **state)                                     \
    { refuse_in_an_add(*state, fault, (expected_t){ rule, status }); }
#define REFUSED_IN_AN_UPDATE(ids, what, fault, rule, status)                                                  \
    static void rule_##ids##__##what##_in_an_update_is_refused(void **state)                                  \
    { refuse_in_an_update(*state, fault, (expected_t){ rule, status }); }
#define REFUSED_IN_A_COMMIT(ids, what, fault, rule, status)                                                   \
    static void rule_##ids##__##what##_in_a_commit_is_refused(void **state)                                   \
    { refuse_in_a_commit(*state, fault, (expected_t){ rule, status }); }
#define REFUSED_IN_A_TREE(ids, what, fault, rule, status)                                                     \
    static void rule_##ids##__##what##_in_a_tree_is_refused(void **state)                                     \
    { refuse_in_a_tree(*state, fault, (expected_t){ rule, status }); }
#define REFUSED_EVERYWHERE(ids, what, fault, rule, status)                                                    \
    REFUSED_IN_AN_ADD(ids, what, fault, rule, status)                                                         \
    REFUSED_IN_AN_UPDATE(ids, what, fault, rule, status)                                                      \
    REFUSED_IN_A_COMMIT(ids, what, fault, rule, status)                                                       \
    REFUSED_IN_A_TREE(ids, what, fault, rule, status)
#define TESTS_EVERYWHERE(ids, what)                                                                           \
    TEST(rule_##ids##__##what##_in_an_add_is_refused), TEST(rule_##ids##__##what##_in_an_update_is_refused),  \
    TEST(rule_##ids##__##what##_in_a_commit_is_refused), TEST(rule_##ids##__##what##_in_a_tree_is_refused)
/* clang-format on */

#endif
